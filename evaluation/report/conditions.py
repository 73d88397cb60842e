"""Conditions on figures, such as "emotion accuracy < 0.9", by which a test of somebody's own fails."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from evaluation.figures import Figure, Report
from evaluation.report.leading import base
from evaluation.report.wording import listed, with_interval
from multigan.errors import ConfigError
from multigan.registry import unknown_name

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_FORM = re.compile(r"\s*(.+?)\s*(<=|>=|<|>)\s*(\S+)\s*")
EXAMPLE = "'emotion accuracy < 0.9'"


@dataclass(frozen=True)
class Condition:
    """A figure, how it is compared, and with what."""

    figure: str
    """Its name, with or without the features in brackets."""
    comparison: str
    limit: float

    def __str__(self) -> str:
        return f"{self.figure} {self.comparison} {self.limit:g}"

    def holds_for(self, figure: Figure) -> bool:
        """Whether the value meets the condition; one that is not a number meets each."""
        return math.isnan(figure.value) or _COMPARE[self.comparison](figure.value, self.limit)


@dataclass(frozen=True)
class Outcome:
    """What came of a condition for one set of fakes."""

    condition: Condition
    figure: Figure
    met: bool
    sentence: str


def condition(text: str) -> Condition:
    """The condition that a text such as "recall[dinov2] <= 0.5" states; ConfigError where it states none."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ConfigError(
            f"{text!r} is no condition: write a figure, one of <, <=, >, >= and a number, such as {EXAMPLE}."
        )
    name, comparison, limit = found.groups()
    try:
        value = float(limit)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigError(
            f"{limit!r} in {text!r} is no number to compare with; write one, such as {EXAMPLE}."
        )
    return Condition(name, comparison, value)


def refuse_unknown(conditions: Collection[Condition], known: Collection[str]) -> None:
    """ConfigError, with a near match, for a condition on a figure that cannot come; before anything is measured.

    ``known`` are names without features.
    """
    lower = {name.lower() for name in known}
    for each in conditions:
        if base(each.figure).lower() not in lower:
            raise ConfigError(unknown_name("figure", base(each.figure), list(known)))


def outcomes(report: Report, conditions: Collection[Condition]) -> tuple[Outcome, ...]:
    """What came of each condition for each set of fakes.

    ConfigError where no such figure was measured, and where a name without features is that of several figures.
    """
    return tuple(
        _outcome(report, each, figure) for each in conditions for figure in _figures(report, each.figure)
    )


def _figures(report: Report, asked: str) -> list[Figure]:
    of_fakes = [figure for figure in report.figures if figure.subject in report.subjects]
    names = dict.fromkeys(figure.name for figure in of_fakes)
    exact = [name for name in names if name.lower() == asked.lower()]
    found = exact or [name for name in names if base(name).lower() == asked.lower()]
    if not found:
        raise ConfigError(unknown_name("figure among those that were measured", asked, list(names)))
    if len(found) > 1:
        raise ConfigError(f"{asked!r} was measured in several features; say which: {listed(found)}.")
    return [figure for figure in of_fakes if figure.name == found[0]]


def _outcome(report: Report, condition: Condition, figure: Figure) -> Outcome:
    met = condition.holds_for(figure)
    _, interval = with_interval(figure.value, figure.low, figure.high)
    of = f" of {figure.subject}" if len(report.subjects) > 1 else ""
    both = interval and figure.low <= condition.limit <= figure.high
    told = f", and its 95% interval {interval} holds {condition.limit:g} too" if both else ""
    told = told or (f", 95% interval {interval}" if interval else "")
    words = "Failed" if met else "Passed"
    sentence = f"{words} ({condition}): {figure.name}{of} is {figure.value:.6g}{told}."
    return Outcome(condition, figure, met, sentence)
