"""What a command says on a terminal or into a file."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from evaluation.extractors.protocol import Progress
from multigan.display import Display
from multigan.emotions import ordered
from multigan.errors import for_terminal
from multigan.reading.files import named

if TYPE_CHECKING:
    from multigan.modality import Splits

_WIDTH_OF_FILES = 120
_LABELS_SHOWN = 40


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


def label_counts(labels: Iterable[str] | None) -> str:
    """How many samples have each label, in words: "3 labels: joy 20, anger 18, calm 2"."""
    counts = Counter(labels or ())
    n_unreadable = counts.pop("", 0)
    if not counts:
        return "no labels"
    each = named([f"{label} {counts[label]:,}" for label in ordered(set(counts))], _LABELS_SHOWN)
    unreadable = f", and {n_unreadable:,} that cannot be read" if n_unreadable else ""
    return f"{len(counts)} label{'s' * (len(counts) > 1)}: {each}{unreadable}"


def say_labels(console: Console, splits: Splits) -> None:
    """Print how many samples of each side of a split have each label; mirror images do not count."""
    for name, data in (("Training", splits.train), ("Held-out", splits.held_out)):
        classes = data.classes
        labels = None if classes is None else [data.labels[number] for number in classes[: data.n_originals]]
        say(console, f"{name} samples: {data.n_originals:,}, {label_counts(labels)}")
    present = set(labels or ())
    lacking = [label for label in splits.held_out.labels if label not in present]
    if present and lacking:
        say(
            console,
            f"Note: no held-out sample is labelled {named(lacking, _LABELS_SHOWN)}: what is measured beside held-out "
            "samples says nothing of these.",
        )


def console_of_files(quiet: bool = False) -> Console:
    """A console whose lines are not wrapped; where the output is a file it is as wide as COLUMNS says, or 120.

    What it prints may get lost (a closed pipe, a full disk); the work goes on.
    """
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if known else _WIDTH_OF_FILES
    return _Console(file=cast(TextIO, Display()), soft_wrap=True, width=width, quiet=quiet)


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
