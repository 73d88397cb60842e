"""The words and numbers that the terminal and the page share."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from evaluation.figures import HELD_OUT, Difference, Figure, Report
from multigan.pretrained.weights import NOT_THERE

BETTER = {True: "higher", False: "lower", None: ""}
MOST_DECIMALS = 6


def measured(report: Report) -> tuple[str, ...]:
    """The sets of fakes and, where anything of theirs was measured, real samples after some treatment, and as they are."""
    every = (*report.subjects, *beside_fakes(report))
    held_out = HELD_OUT in report.confusions or any(figure.subject == HELD_OUT for figure in report.figures)
    return (*every, HELD_OUT) if held_out else every


def beside_fakes(report: Report) -> tuple[str, ...]:
    """What else was measured, but for the held-out real samples as they are."""
    known = (*report.subjects, HELD_OUT)
    return tuple(dict.fromkeys(figure.subject for figure in report.figures if figure.subject not in known))


def cautions(report: Report) -> tuple[str, ...]:
    """The warnings of a report, without those that only say that optional weights are not there."""
    return tuple(warning for warning in report.warnings if NOT_THERE not in warning)


def without_weights(report: Report) -> str:
    """One sentence: which metrics were left out because optional weights are not there; "" where none was."""
    found = [re.match(rf"(.+) was not measured\. (\S+) {NOT_THERE}", warning) for warning in report.warnings]
    metrics = {match[1]: match[2] for match in found if match}
    if not metrics:
        return ""
    named = listed(f"{metric} ({weights})" for metric, weights in metrics.items())
    command = " ".join(["multigan weights", *dict.fromkeys(metrics.values())])
    return f"Not measured, because optional weights are not there: {named}; `{command}` says what to fetch."


MOST_PAIRS = 6
"""Pairs of sets that are compared row by row; of more, those with the first set."""


def pairs_of(report: Report) -> list[tuple[str, str]]:
    """The pairs of sets whose differences are shown."""
    pairs = list(dict.fromkeys((row.first, row.second) for row in report.differences))
    return pairs if len(pairs) <= MOST_PAIRS else [pair for pair in pairs if report.subjects[0] in pair]


def by_name(figures: Iterable[Figure]) -> dict[str, dict[str, Figure]]:
    """Name of a figure -> subject -> figure, in the order given."""
    table: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        table.setdefault(figure.name, {})[figure.subject] = figure
    return table


def with_interval(value: float, low: float, high: float) -> tuple[str, str]:
    """A value, and its interval in brackets ("" where it has no width), with two digits of the interval's width."""
    width = high - low
    if not math.isfinite(width):
        return number(value), f"[{number(low)}, {number(high)}]"
    if width <= 0:
        return number(value), ""
    decimals = 1 - math.floor(math.log10(width))
    if decimals > MOST_DECIMALS:
        return f"{value:.3g}", f"[{low:.3g}, {high:.3g}]"
    shown = (_signed_zero(f"{one:,.{max(0, decimals)}f}") for one in (value, low, high))
    value_shown, low_shown, high_shown = shown
    return value_shown, f"[{low_shown}, {high_shown}]"


def number(value: float) -> str:
    """A number alone, to four digits, thousands by commas."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("infinite" if value > 0 else "-infinite")
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _signed_zero(shown: str) -> str:
    return shown.lstrip("-") if shown.strip("-0.,") == "" else shown


def counts(numbers: Iterable[int]) -> str:
    """The different counts in words: "1,000", or "800 to 1,000"; "" where there are none."""
    known = sorted({n for n in numbers if n})
    if not known:
        return ""
    return f"{known[0]:,}" if len(known) == 1 else f"{known[0]:,} to {known[-1]:,}"


def listed(words: Iterable[str]) -> str:
    """ "A", "A and B" or "A, B and C"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def told(difference: Difference) -> bool:
    """Whether the interval leaves out zero."""
    return difference.low > 0 or difference.high < 0


def tally(differences: Iterable[Difference]) -> str:
    """One sentence: how often each verdict was reached."""
    verdicts = Counter(difference.verdict for difference in differences)
    parts = [f"{verdict} in {n}" for verdict, n in verdicts.most_common()]
    figures = "figure" if verdicts.total() == 1 else "figures"
    return f"Of {verdicts.total()} compared {figures}: {'; '.join(parts)}."
