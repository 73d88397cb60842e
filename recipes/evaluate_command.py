"""``multigan evaluate``: folders of samples from anywhere, or a run, in; a table, report.json and report.html out."""

from __future__ import annotations

from pathlib import Path

import click

MODALITIES = ("image", "audio", "text")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@click.command()
@click.option("--real", type=click.Path(path_type=Path), help="A folder (text: or a file) of real samples.")
@click.option("--fake", "fakes", type=click.Path(path_type=Path), multiple=True,
              help="Generated samples; give it again to compare A, B, ... with each other.")  # fmt: skip
@click.option(
    "--run", "run_folder", type=click.Path(path_type=Path), help="Measure a run of `multigan recipe run`."
)
@click.option("--modality", type=click.Choice(MODALITIES), help="What the samples are.")
@click.option("--held-out", type=click.Path(path_type=Path),
              help="Real samples that the generator never saw, for scale [default: halves of --real].")  # fmt: skip
@click.option("--metrics", help="Names, separated by commas [default: all that the samples allow].")
@click.option(
    "--features",
    help="Extractors, separated by commas; `multigan weights` lists them [default: needs no files].",
)
@click.option(
    "--weights", type=click.Path(path_type=Path), help="A file or folder that holds an extractor's weights."
)
@click.option(
    "--n", type=click.IntRange(2), default=10_000, show_default=True, help="At most so many samples of a set."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Draws the samples; splits them."
)
@click.option(
    "--labels-column", help="The column of labels.csv, or of a table of texts, that holds the labels."
)
@click.option("--text-column", help="The column of a table that holds the texts.")
@click.option("--max-bad", type=click.FloatRange(0, 1), default=0.01, show_default=True,
              help="Stop when a larger share of a set cannot be read.")  # fmt: skip
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where the report goes [default: evaluation; the run's folder].",
)
def evaluate(
    real: Path | None,
    fakes: tuple[Path, ...],
    run_folder: Path | None,
    modality: str | None,
    held_out: Path | None,
    metrics: str | None,
    features: str | None,
    weights: Path | None,
    n: int,
    seed: int,
    labels_column: str | None,
    text_column: str | None,
    max_bad: float,
    device: str,
    out: Path | None,
) -> None:
    """Measure how good generated samples are, whoever made them, and whether A is better than B."""
    from recipes.evaluation import FolderRequest, evaluate_folders, evaluate_run

    if run_folder is not None:
        if real or fakes or held_out:
            raise click.UsageError(
                "--run measures a run against its own data; leave out --real, --fake and --held-out."
            )
        evaluate_run(run_folder, out, device)
        return
    if real is None or not fakes:
        raise click.UsageError("Give --real and at least one --fake, or --run.")
    if modality is None:
        raise click.UsageError(f"Say what the samples are with --modality {'|'.join(MODALITIES)}.")
    if len(fakes) > len(LETTERS):
        raise click.UsageError(f"--fake can be given {len(LETTERS)} times; found {len(fakes)}.")
    request = FolderRequest(
        modality=modality, real=real, fakes=fakes, held_out=held_out, metrics=_names(metrics),
        features=_names(features) or (), weights=weights, n=n, seed=seed, labels_column=labels_column,
        text_column=text_column, max_bad=max_bad, device=device, out=out or Path("evaluation"),
    )  # fmt: skip
    evaluate_folders(request)


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
