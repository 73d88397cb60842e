"""``multigan sample``: its options."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--n",
    type=click.IntRange(1),
    default=16,
    show_default=True,
    help="How many samples (for each emotion asked).",
)
@click.option(
    "--emotion", "emotions", multiple=True, help="An emotion of the run; repeatable [default: every one]."
)
@click.option(
    "--intensity",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="How strong the emotion is.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same files."
)
@click.option("--truncation", type=click.FloatRange(0), default=1.0, show_default=True,
              help="Below 1 draws towards the emotion's mean: safer and less varied.")  # fmt: skip
@click.option(
    "--duration", "duration_s", type=float, metavar="SECONDS",
    help="Of sounds: as long as this; samples run into each other where one is too short.",
)  # fmt: skip
@click.option("--loop", is_flag=True, help="Of sounds: the end runs into the beginning, without a seam.")
@click.option(
    "--normalise", metavar="LEVEL",
    help="Of sounds: a loudness such as -16LUFS, or a peak such as 'peak' or 'peak -1dB'.",
)  # fmt: skip
@click.option(
    "--format", "file_format", type=click.Choice(["wav", "flac"]), help="Of sounds: the files [default: wav]."
)
@click.option(
    "--temperature", type=float, help="Of texts: below 1, the likely words more often [default: 1]."
)
@click.option(
    "--top-p", type=float, help="Of texts: only the likeliest words, of so much probability [default: 1]."
)
@click.option(
    "--filter", "filter_name", metavar="NAME",
    help="Of texts: the safety filter; none, a lexicon's file, or module:attribute [default: default].",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Where files go [default: RUN/samples-SEED].")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True
)
def sample(
    run_folder: Path,
    n: int,
    emotions: tuple[str, ...],
    intensity: float,
    seed: int,
    truncation: float,
    duration_s: float | None,
    loop: bool,
    normalise: str | None,
    file_format: str | None,
    temperature: float | None,
    top_p: float | None,
    filter_name: str | None,
    out: Path | None,
    device: str,
) -> None:
    """Draw samples from a trained run."""
    from multigan.sampling import load_generator
    from multigan.training.assemble import choose_device
    from recipes.pictures import SampleRequest, write_samples
    from recipes.texts import text_options, write_texts

    trained = load_generator(run_folder, choose_device(device))
    sounds = None
    if duration_s is not None or loop or normalise is not None or file_format is not None:
        from recipes.sounds import sound_files

        sounds = sound_files(trained, duration_s, loop, normalise, file_format)
    texts = text_options(trained, temperature, top_p, filter_name)
    folder = out or run_folder / f"samples-{seed}"
    asked = dict.fromkeys(emotions or trained.facts.labels)
    request = SampleRequest(n, tuple(asked), intensity, truncation, seed)
    if texts is not None:
        written = write_texts(trained, request, texts, folder)
        for emotion, sentences in written.texts.items():
            click.echo(
                "".join(
                    f"{line}\n"
                    for line in ([emotion] if emotion else []) + [f"  {text}" for text in sentences]
                )
            )
        click.echo(f"{written.sentence} (checkpoint {trained.checkpoint.name})")
        return
    paths = write_samples(trained, request, folder, sounds)
    click.echo(
        f"Wrote {len(paths)} samples and labels.csv to {folder} (checkpoint {trained.checkpoint.name})."
    )
