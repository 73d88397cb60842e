"""What a command says on a terminal or into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from rich.console import Console

from evaluation.extractors.protocol import Progress
from multigan.display import Display

_WIDTH_OF_FILES = 120


def say(console: Console, sentence: str) -> None:
    """Print a sentence as it is: a path may hold brackets."""
    console.print(sentence, markup=False, highlight=False)


def console_of_files(quiet: bool = False) -> Console:
    """A console whose lines are not wrapped; where the output is a file it is as wide as COLUMNS says, or 120.

    What it prints may get lost (a closed pipe, a full disk); the work goes on.
    """
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if known else _WIDTH_OF_FILES
    return Console(file=cast(TextIO, Display()), soft_wrap=True, width=width, quiet=quiet)


@contextmanager
def progress_bar(console: Console) -> Iterator[Progress]:
    """A bar for each thing that is under way, on a terminal only."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    what = TextColumn("{task.description}", markup=False)  # a path may hold brackets
    columns = (what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def shown(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield shown
