"""``multigan compare``: reports that are there, side by side."""

from __future__ import annotations

from pathlib import Path

import click

from recipes.commands import options


@click.command()
@click.argument(
    "places",
    metavar="RUN_OR_EVALUATION...",
    nargs=-1,
    required=True,
    type=options.OwnRun("its figures are on its page of the hub"),
)
@click.option("--verbose", is_flag=True, help="All figures [default: those that lead].")
def compare(places: tuple[Path, ...], verbose: bool) -> None:
    """Show two to four reports side by side: of runs, or of folders that `multigan evaluate` wrote to."""
    from rich.table import Table
    from rich.text import Text

    from recipes.comparing import columns_of, direction, in_words, names_shown, notes, real_column
    from recipes.console import console_of_files, say

    columns = columns_of(places)
    real, console = real_column(columns), console_of_files()
    table = Table(box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for name in (*(column.name for column in columns), *(["held-out real"] if real else [])):
        table.add_column(Text(name), justify="right", overflow="fold")
    for name in names_shown(columns, verbose):
        better = direction(columns, name)
        cells = [*(column.cell(name) for column in columns), *([in_words(real.get(name))] if real else [])]
        table.add_row(
            Text(f"{name} ({better})" if better else name),
            *(Text(cell.replace(" [", "\n[")) for cell in cells),
        )
    console.print(table)
    for note in notes(columns):
        say(console, note)
