"""What comes of a metric: a value, the same with each group of samples left out, and an interval.

Samples arrive in random order, and the i-th of every set belongs to group i modulo the number of groups. Leaving one group
out of all sets at once gives the jackknife both its interval and, since two fakes are measured against the same reals,
the interval of a paired difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    interactions: np.ndarray | None = None
    """[P]: what pairs of groups add together, where the metric tells (``interactions``); the same pairs for every set."""

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


def pairs_of_groups(n_groups: int, most: int | None = None) -> np.ndarray:
    """[P, 2]: the pairs of different groups, or the first ``most``, in which all groups stand about equally often."""
    steps = range(1, n_groups // 2 + 1)
    pairs = [
        (g, (g + step) % n_groups)
        for step in steps
        for g in range(n_groups)
        if 2 * step < n_groups or g < step
    ]
    return np.array(pairs[:most], np.int64).reshape(-1, 2)


def interactions(
    value: float, left_out: np.ndarray, pairs: np.ndarray, without_both: Sequence[float] | np.ndarray
) -> np.ndarray | None:
    """[P]: what two groups add to the value together, from the statistic without both of each pair; None of fewer than 4.

    (g - 1) / g times g v - (g - 1) (v_i + v_j) + (g - 2) v_ij (Efron & Stein 1981, section 4), so that for a statistic that
    is a sum over pairs of groups their variance is twice its own: 0 for a mean, to which no pair adds anything.
    """
    g = len(left_out)
    if g < 4:
        return None
    one, other = left_out[pairs].T
    together = g * value - (g - 1) * (one + other) + (g - 2) * np.asarray(without_both, np.float64)
    return (g - 1) / g * together


def halves(n_groups: int) -> np.ndarray | None:
    """[G - 1, G] of 1 and -1: ways to cut the groups into halves, each pair of groups parted equally often; None but of 20.

    The rows of a Hadamard matrix but the first (Paley 1933).
    """
    if n_groups != N_GROUPS:
        return None
    prime = n_groups - 1
    squares = {step * step % prime for step in range(1, prime)}
    steps = np.arange(prime) - np.arange(prime)[:, None]
    signs = np.where(np.isin(steps % prime, list(squares)), 1, -1)
    return np.hstack([signs, np.ones((prime, 1), np.int64)])


def left_out_by_halves(value: float, cuts: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """[G]: what the value would be without each group, from the ``gaps`` [C] between the two halves of each of the ``cuts``.

    A statistic of what lies near each sample, such as a share of samples with a neighbour, changes by more than its part
    when a group is gone: the jackknife counts m times what depends on m samples. Halves are samples of their own, so
    their gap has four times the variance of the value, whatever m is. Of a mean this is the mean left out exactly, and
    the jackknife's variance of the result is the mean square of gap / 2 (McCarthy 1969).
    """
    return value - gaps @ cuts / (2 * len(cuts))


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
