"""What comes of a metric: a value, the same with each group of samples left out, and an interval.

Samples arrive in random order, and the i-th of every set belongs to group i modulo the number of groups. Leaving one group
out of all sets at once gives the jackknife both its interval and, since two fakes are measured against the same reals,
the interval of a paired difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.statistics.intervals import Interval

N_GROUPS = 20


@dataclass(frozen=True, eq=False)
class Estimate:
    """A metric's value from n samples a side."""

    value: float
    left_out: np.ndarray
    """[G]: the value without group g of every set, float64."""
    interval: Interval
    n: int
    note: str = ""
    """What else a reader must know; one or two sentences, or nothing."""

    def with_note(self, more: str) -> Estimate:
        """The same with more in its note, which begins with a capital letter."""
        note = f"{self.note} {more}".strip()
        return replace(self, note=note[0].upper() + note[1:])


def n_groups_of(n: int) -> int:
    """How many groups n samples make: 20, or fewer where there are fewer samples."""
    return min(N_GROUPS, n)


def groups(n: int, n_groups: int) -> np.ndarray:
    """The group [n] of each sample."""
    return np.arange(n) % n_groups


def left_out(statistic: Callable[..., float], *sets: np.ndarray, n_groups: int) -> np.ndarray:
    """[G]: ``statistic(*sets)`` with group g left out of every set, along the first axis."""
    return np.array(
        [statistic(*(values[groups(len(values), n_groups) != g] for values in sets)) for g in range(n_groups)]
    )


def left_out_means(values: np.ndarray, n_groups: int) -> np.ndarray:
    """[G]: the mean of values [N] with group g left out."""
    values = np.asarray(values, np.float64)
    member = groups(len(values), n_groups)
    sums = np.bincount(member, values, n_groups)
    return (values.sum() - sums) / (len(values) - np.bincount(member, minlength=n_groups))
