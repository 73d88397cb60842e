"""``multigan compose``: its options."""

from __future__ import annotations

import json
from pathlib import Path

import click

from multigan.errors import ConfigError, for_terminal
from recipes.commands import options

ROLES = ("image", "audio", "text")
MOST = 100
SAMPLES, STEPS = 12, 6


@click.command()
@click.option("--image", type=options.Run(), metavar="RUN", help="A run that makes images.")
@click.option("--audio", type=options.Run(), metavar="RUN", help="A run that makes sounds.")
@click.option("--text", type=options.Run(), metavar="RUN", help="A run that makes texts.")
@click.option("--emotion", help="An emotion that all runs have, or a mix such as joy:0.7,surprise:0.3.")
@options.valence
@options.arousal
@options.intensity("How strong the emotion is; of a ladder the last step.")
@click.option(
    "--n",
    type=click.IntRange(1, MOST),
    help=f"Samples of each run, or steps of a ladder [default: {SAMPLES}, or {STEPS} steps].",
)
@click.option(
    "--ladder", is_flag=True, help="Rising intensities from 0, one step at a time, with a stop button."
)
@click.option(
    "--agreement",
    type=click.IntRange(1, options.LARGEST),
    metavar="N",
    help="Also read N samples of each run: how often all are read as one emotion, in PAGE.json.",
)
@options.seed
@click.option("--out", type=options.Place(), default="scene.html", show_default=True, help="The page.")
@options.device
@options.plugin
def compose(
    image: Path | None,
    audio: Path | None,
    text: Path | None,
    emotion: str | None,
    valence: float | None,
    arousal: float | None,
    intensity: float,
    n: int | None,
    ladder: bool,
    agreement: int | None,
    seed: int,
    out: Path,
    device: str,
    plugins: tuple[str, ...],
) -> None:
    """One page of images, sounds and texts for the same emotion and intensity, from one to three runs."""
    from evaluation.report.wording import listed
    from multigan.outputs import publishing
    from multigan.sampling import load_generator
    from multigan.training.assemble import choose_device
    from multigan.writing import write_text
    from recipes.publish import refuse_unwritable
    from recipes.scene.agreement import in_a_sentence, measured_agreement
    from recipes.scene.draw import Asked, part_of
    from recipes.scene.page import ladder_page, scene_page

    runs = {role: run for role, run in zip(ROLES, (image, audio, text), strict=True) if run is not None}
    n = n or (STEPS if ladder else SAMPLES)
    _refuse_unmade(runs, emotion is None and valence is None and arousal is None, ladder, n, intensity, out)
    table = out.with_suffix(".json")
    refuse_unwritable(out.parent, (out.name, *([table.name] if agreement else [])))
    levels = [intensity * step / (n - 1) for step in range(n)] if ladder else [intensity] * n
    asked, chosen = Asked(emotion, valence, arousal, seed), choose_device(device)
    trained = {role: load_generator(run, chosen, plugins) for role, run in runs.items()}
    parts = [part_of(role, runs[role], one, asked, levels) for role, one in trained.items()]
    page = ladder_page(parts, levels) if ladder else scene_page(parts, intensity)
    told = None
    if agreement:
        told = measured_agreement(runs, trained, asked, intensity, agreement)
    with publishing(out.parent) as stage:
        write_text(stage.folder / out.name, page)
        if told is not None:
            write_text(stage.folder / table.name, json.dumps(told, indent=2) + "\n")
    nouns = [(part.kind.singular if n == 1 else part.kind.noun, part.emotion) for part in parts]
    made = listed([f"{n} {noun} ({emotion})" for noun, emotion in nouns])
    click.echo(for_terminal(f"Wrote {made} to {out}."))
    if told is not None:
        click.echo(for_terminal(f"{in_a_sentence(told)} {table} has it."))


def _refuse_unmade(
    runs: dict[str, Path], nothing_asked: bool, ladder: bool, n: int, intensity: float, out: Path
) -> None:
    """ConfigError for what no page could be made of."""
    if not runs:
        raise ConfigError(
            "There is no run to compose a scene of: give --image, --audio or --text, or several."
        )
    if nothing_asked:
        raise ConfigError(
            "A scene is of one emotion: add --emotion NAME, a mix such as --emotion joy:0.7,surprise:0.3, or --valence and "
            "--arousal."
        )
    if ladder and (n < 2 or not intensity):
        raise ConfigError(
            "A ladder rises in 2 steps or more from 0 to --intensity: give a larger --n or --intensity."
        )
    if out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--out is a page and its name ends in .html, found {out.name!r}.")
