"""``multigan training``: trainings in the background, which outlive the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from multigan.errors import ConfigError, for_terminal
from recipes.commands import options

_run = click.argument(
    "run_folder", metavar="RUN", type=options.OwnRun("`training` is of runs that you train")
)


@click.group()
def training() -> None:
    """Train in the background: start, look, stop and resume; each outlives the terminal."""


@training.command()
@click.argument("recipe_or_file")
@options.settings
@options.preset
@click.option("--data", type=options.Place(), help="A folder of real samples, as of `multigan recipe run`.")
@click.option("--out", type=options.Place(), help="The run folder [default: runs/NAME, numbered].")
@options.plugin
def start(
    recipe_or_file: str,
    sets: tuple[str, ...],
    preset: str | None,
    data: Path | None,
    out: Path | None,
    plugins: tuple[str, ...],
) -> None:
    """Start `multigan recipe run` and come back at once."""
    from recipes import trainings
    from recipes.request import RunRequest

    folder = trainings.start(RunRequest(recipe_or_file, sets, preset, data, out, plugins=plugins))
    click.echo(for_terminal(f"Training into {folder}. It goes on without this terminal:"))
    click.echo(for_terminal(f"  multigan training show {folder}"))
    click.echo(for_terminal(f"  multigan training stop {folder}"))


@training.command("list")
@click.argument("root", type=options.Place(), default="runs")
def list_trainings(root: Path) -> None:
    """All runs in the folder ROOT (runs), the newest first, and what became of each."""
    from recipes.trainings import trainings

    each = trainings(root)
    width = max((len(str(one.folder)) for one in each), default=0)
    for one in each:
        click.echo(for_terminal(f"{one.folder!s:<{width}}  {one.in_words()}"))
    if not each:
        click.echo(for_terminal(f"There is no run in {root}."))


@training.command()
@_run
@options.plugin
def show(run_folder: Path, plugins: tuple[str, ...]) -> None:
    """How far a training is, and what it said last."""
    from multigan.modality import modality_of
    from multigan.training.monitors.hook import FILE, read_records
    from recipes.diagnosis import facts_of, lines_of
    from recipes.settings import saved_recipe
    from recipes.trainings import training_of

    if not run_folder.is_dir():
        raise ConfigError(f"There is no folder {run_folder}; `multigan training list` names those there are.")
    one = training_of(run_folder)
    click.echo(for_terminal(f"{run_folder}: {one.in_words()}"))
    if one.said:
        click.echo(for_terminal(f"It said last: {one.said}"))
    records = read_records(run_folder / FILE)
    if records:
        recipe = saved_recipe(run_folder, plugins)
        for line in lines_of(records, facts_of(recipe, modality_of(recipe.modality, plugins))):
            click.echo(for_terminal(line))


@training.command()
@_run
def stop(run_folder: Path) -> None:
    """Let a training save a checkpoint and end, as Ctrl-C does."""
    from recipes import trainings

    trainings.stop(run_folder)
    click.echo(
        for_terminal(f"Asked it to save and stop. It goes on with: multigan training resume {run_folder}")
    )


@training.command()
@_run
@options.settings
@options.plugin
def resume(run_folder: Path, sets: tuple[str, ...], plugins: tuple[str, ...]) -> None:
    """Go on with a training that was stopped, from its last checkpoint."""
    from recipes import trainings

    trainings.resume(run_folder, sets, plugins)
    click.echo(for_terminal(f"Goes on in {run_folder}."))


@training.command(hidden=True)
@_run
@click.argument("words", nargs=-1)
def keep(run_folder: Path, words: tuple[str, ...]) -> None:
    """Run and record one training, which `start` and `resume` begin by this."""
    from recipes import trainings

    sys.exit(trainings.keep(run_folder, words))
