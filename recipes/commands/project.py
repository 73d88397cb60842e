"""``multigan project``: its options."""

from __future__ import annotations

from pathlib import Path

import click

from multigan.errors import for_terminal
from recipes.commands import options


@click.command()
@click.argument("run_folder", metavar="RUN", type=options.Run())
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=options.Place())
@click.option(
    "--emotion", help="The emotion that the files show [default: what the run's label reader reads]."
)
@click.option(
    "--space",
    type=click.Choice(["w", "w+"]),
    default="w+",
    show_default=True,
    help="One style for each layer (w+), which comes nearer, or one for all.",
)
@click.option(
    "--steps", type=click.IntRange(1, 100_000), default=400, show_default=True, help="Of the search."
)
@options.seed
@click.option(
    "--out",
    type=options.Place(),
    help="Where files go [default: RUN/projected; of hf:user/name NAME-projected here].",
)
@options.device
@options.plugin
def project(
    run_folder: Path,
    files: tuple[Path, ...],
    emotion: str | None,
    space: str,
    steps: int,
    seed: int,
    out: Path | None,
    device: str,
    plugins: tuple[str, ...],
) -> None:
    """Find the styles that a run makes pictures or sounds of your own of, to change them by `multigan sample --projected`.

    Each FILE becomes NAME.safetensors and NAME.json (its styles, and how near they come), NAME-reconstruction, and a picture
    NAME-strip.png: the original, its reconstruction, and that with each emotion of the run.
    """
    from multigan.projecting import Search
    from multigan.sampling import load_generator
    from multigan.training.assemble import choose_device
    from recipes.hub.fetch import place_of
    from recipes.projections import project_files

    trained = load_generator(run_folder, choose_device(device), plugins)
    out = out or place_of(run_folder, "projected")
    search = Search(steps, "w+" if space == "w+" else "w", seed)
    for line in project_files(trained, run_folder, files, emotion, search, out):
        click.echo(for_terminal(line))
