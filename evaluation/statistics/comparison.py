"""Is A really better than B? Both are measured against the same real samples, so what those do to both cancels."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from evaluation.figures import Difference
from evaluation.statistics.estimate import Estimate
from evaluation.statistics.intervals import Interval, jackknife

UNDECIDED = "no difference can be told at this n"


def difference(first: Estimate, second: Estimate) -> tuple[float, Interval]:
    """first - second and its 95% interval: a jackknife that leaves the same groups out of all sets at once.

    Of two equal distributions about one comparison in 20 comes out as different.
    """
    gap, together = first.value - second.value, None
    if first.interactions is not None and second.interactions is not None:
        together = first.interactions - second.interactions
    left_out = np.asarray(first.left_out) - np.asarray(second.left_out)
    return gap, jackknife(gap, left_out, interactions=together)


def verdict(interval: Interval, higher_is_better: bool | None, first: str, second: str) -> str:
    """The plain words for the interval of first - second; zero inside it says nothing either way."""
    if interval.low <= 0 <= interval.high:
        return UNDECIDED
    larger, smaller = (first, second) if interval.low > 0 else (second, first)
    if higher_is_better is None:
        return f"{larger} is higher"
    return f"{larger if higher_is_better else smaller} is better"


def compare(
    estimates: Mapping[tuple[str, str], Estimate],
    subjects: Sequence[str],
    better: Mapping[str, bool | None],
) -> tuple[Difference, ...]:
    """Every pair of subjects in every figure that both have; ``estimates`` are by (figure, subject)."""
    differences = []
    for name, (first, second) in itertools.product(better, itertools.combinations(subjects, 2)):
        one, other = estimates.get((name, first)), estimates.get((name, second))
        if one is None or other is None or not one.n or len(one.left_out) != len(other.left_out):
            continue
        gap, interval = difference(one, other)
        words = verdict(interval, better[name], first, second)
        n = min(one.n, other.n)
        differences.append(Difference(name, first, second, gap, interval.low, interval.high, n, words))
    return tuple(differences)
