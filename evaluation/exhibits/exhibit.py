"""How samples of a kind are shown in the page of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evaluation.exhibits.markup import Html
from evaluation.figures import Example

Show = Callable[[Example, str], Html]
"""(sample, what it is in words) -> the sample in the page."""


@dataclass(frozen=True)
class Exhibit:
    """How samples of a kind are shown, and how many: nothing is fetched, and nothing runs in the page."""

    show: Callable[[Sequence[Any], int], tuple[Show, str]]
    """(contents of all samples shown, bytes that they may take) -> what shows one of them, and a note on it or ""."""
    per_label: int
    """Samples of each label and set on the page."""
    unlabelled: int
    """Samples of each set where there are no labels."""
    most: int | None = None
    """Samples among those of all labels and sets, as long as each label and set keeps one; None: all."""
    most_pairs: int | None = None
    """Closest pairs of all sets together, as long as each keeps one; None: all."""
    layout: Literal["tiles", "rows"] = "rows"
    """Side by side, for what is small; or one under another."""
    together: Callable[[Mapping[str, Sequence[Any]], Callable[[str], str]], Html] | None = None
    """(subject -> contents of all its samples that are measured, subject -> its class in the page) -> whole sets over one
    another, such as histograms; None: only single samples are shown."""


def strength(example: Example) -> str:
    """The intensity of a sample in words; "" where there is none."""
    return "" if example.intensity is None else f"intensity {example.intensity:.2f}"


def caption(example: Example, *more: str) -> str:
    """The name of a sample, its intensity and more, in one line; "" where nothing is known."""
    return " · ".join(filter(None, (example.name, strength(example), *more)))
