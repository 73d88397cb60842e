"""``multigan diagnose``: what the monitors of a run measured, and what that means."""

from __future__ import annotations

from pathlib import Path

import click

from recipes.commands import options


@click.command()
@click.argument("run_folder", metavar="RUN", type=options.OwnRun("diagnose a run that you trained"))
@options.plugin
def diagnose(run_folder: Path, plugins: tuple[str, ...]) -> None:
    """Say how far a run is from its equilibrium, what goes wrong in it, and what to change.

    RUN is a folder of `multigan recipe run` with training.monitors, finished or still training.
    """
    from multigan.modality import modality_of
    from multigan.runs import read_run
    from multigan.training.monitors.hook import FILE, read_records
    from recipes.console import console_of_files, say
    from recipes.diagnosis import facts_of, lines_of, refuse_unmeasured
    from recipes.settings import saved_recipe

    read_run(run_folder)  # refused where it is none
    recipe = saved_recipe(run_folder, plugins)
    records = read_records(run_folder / FILE)
    refuse_unmeasured(run_folder, records)
    console = console_of_files()
    for line in lines_of(records, facts_of(recipe, modality_of(recipe.modality, plugins))):
        say(console, line)
