"""What a command says on a terminal or into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from evaluation.extractors.protocol import Progress
from multigan.errors import for_terminal

_WIDTH_OF_FILES = 120


class _Console(Console):
    """Whatever is printed on it, no text steers the terminal; rich's own commands do."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            lines = segment.text.split("\n")
            safe = segment if segment.control else Segment("\n".join(map(for_terminal, lines)), segment.style)
            yield safe


def say(console: Console, sentence: str) -> None:
    """Print a sentence as it is, on one line: a path may hold brackets, and a name what steers a terminal."""
    console.print(for_terminal(sentence), markup=False, highlight=False)


def console_of_files(quiet: bool = False) -> Console:
    """A console whose lines are not wrapped; where the output is a file it is as wide as COLUMNS says, or 120."""
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return _Console(soft_wrap=True, width=None if known else _WIDTH_OF_FILES, quiet=quiet)


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
                tasks[what] = bars.add_task(for_terminal(what), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield shown
