"""95% intervals: each function says what it assumes, and its ``method`` goes into the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEVEL = 0.95
INDEPENDENT = "Wilson"
"""The method of an interval that takes samples as independent."""
NORMAL = NormalDist().inv_cdf(0.5 + LEVEL / 2)


@dataclass(frozen=True)
class Interval:
    """The ends of a 95% interval and how it was found."""

    low: float
    high: float
    method: str


def wilson(successes: float, n: float) -> Interval:
    """A proportion of n independent samples (Wilson 1927): unlike a bootstrap, never of zero width."""
    share, weight = successes / n, NORMAL**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = NORMAL * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # at 0 and 1 rounding would leave the share itself just outside, or the ends
    return Interval(max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)), INDEPENDENT)


def jackknife(
    value: float,
    left_out: Sequence[float] | np.ndarray,
    lowest: float = -math.inf,
    highest: float = math.inf,
    interactions: np.ndarray | None = None,
) -> Interval:
    """value -+ t se, where ``left_out`` holds the statistic without each of g equal groups of samples.

    se is ``jackknife_error``. Unlike a bootstrap it repeats no sample, so it does not raise a Fréchet distance. The
    interval is cut at the ``lowest`` and ``highest`` possible value.
    """
    half = student(len(left_out) - 1) * jackknife_error(left_out, interactions)
    low, high = max(lowest, value - half), min(highest, value + half)
    return Interval(low, high, f"jackknife, {len(left_out)} groups")


def jackknife_error(left_out: Sequence[float] | np.ndarray, interactions: np.ndarray | None = None) -> float:
    """The jackknife's standard error from the statistic without each of g groups.

    se^2 = (g - 1) / g * sum (v_i - mean v)^2 (Efron & Stein 1981). That counts once what single groups add, and twice what
    pairs of them add together, which is all there is where a distance is near its least. With the ``interactions`` of
    pairs (``statistics.estimate.interactions``), whose variance q is twice that part, what is left of se^2 beyond q, and
    beyond half of the noise of se^2 that q makes, is of single groups: max(se^2 - q (1 + (2 (g - 1))^(-1/2)), 0) + q / 2.
    """
    values, g = np.asarray(left_out, np.float64), len(left_out)
    variance = (g - 1) / g * float(((values - values.mean()) ** 2).sum())
    if interactions is not None:
        together = float(np.var(interactions))
        variance = max(variance - together * (1 + 1 / math.sqrt(2 * (g - 1))), 0.0) + together / 2
    return math.sqrt(variance)


def wilson_effective(share: float, n: int, left_out: Sequence[float] | np.ndarray) -> Interval:
    """Wilson's interval with as many samples as the jackknife's error of the share tells of, n at most.

    Samples that share neighbours, or a reference that was drawn too, tell less than n independent ones would:
    n_effective = share (1 - share) / se^2. At 0 and 1, where no error can be told, it is n.
    """
    error = jackknife_error(left_out)
    spread = share * (1 - share)
    effective = n if error == 0 or spread == 0 else min(n, max(1.0, spread / error**2))
    interval = wilson(share * effective, effective)
    return Interval(interval.low, interval.high, f"Wilson, effective n {effective:.0f} by jackknife")


def student(degrees: int) -> float:
    """The 97.5% point of Student's t: exact for 1 and 2, else by Abramowitz & Stegun 26.7.5."""
    if degrees == 1:
        return math.tan(math.pi * LEVEL / 2)
    if degrees == 2:
        return LEVEL * math.sqrt(2 / (1 - LEVEL**2))
    z, v = NORMAL, degrees
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / v ** (power + 1) for power, term in enumerate(terms))
