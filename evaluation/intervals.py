"""95% intervals: each function says what it assumes, and its ``method`` goes into the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEVEL = 0.95
NORMAL = NormalDist().inv_cdf(0.5 + LEVEL / 2)


@dataclass(frozen=True)
class Interval:
    """The ends of a 95% interval and how it was found."""

    low: float
    high: float
    method: str


def wilson(successes: int, n: int) -> Interval:
    """A proportion of n independent samples (Wilson 1927): unlike a bootstrap, never of zero width."""
    share, weight = successes / n, NORMAL**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = NORMAL * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # at 0 and 1 rounding would leave the share itself just outside
    return Interval(min(share, centre - half), max(share, centre + half), "Wilson")


def bootstrap(statistic: Callable[..., float], *samples: np.ndarray, seed: int, n: int = 1000) -> Interval:
    """Percentiles of ``statistic(*samples)`` over ``n`` redraws of each sample, along its first axis.

    Right for means, medians and rank correlations; wrong for distances that repeated samples raise (Fréchet).
    """
    random_state = np.random.default_rng(seed)
    values = [
        statistic(*(sample[random_state.integers(0, len(sample), len(sample))] for sample in samples))
        for _ in range(n)
    ]
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), f"bootstrap, {n} resamples")


def jackknife(value: float, left_out: Sequence[float]) -> Interval:
    """value -+ t se, where ``left_out`` holds the statistic without each of g equal groups of samples.

    se^2 = (g - 1) / g * sum (v_i - mean v)^2 (Efron & Stein 1981). Unlike a bootstrap it repeats no sample,
    so it does not raise a Fréchet distance. A distance is not negative: the interval is cut at zero.
    """
    values, g = np.asarray(left_out, np.float64), len(left_out)
    error = math.sqrt((g - 1) / g * float(((values - values.mean()) ** 2).sum()))
    half = student(g - 1) * error
    return Interval(max(0.0, value - half), value + half, f"jackknife, {g} groups")


def of_mean(values: Sequence[float] | np.ndarray) -> Interval:
    """mean -+ t s / sqrt(m) of m independent values, such as the scores of disjoint splits."""
    held = np.asarray(values, np.float64)
    if len(held) < 2:
        return Interval(float(held[0]), float(held[0]), "none: one split")
    half = student(len(held) - 1) * float(held.std(ddof=1)) / math.sqrt(len(held))
    return Interval(float(held.mean()) - half, float(held.mean()) + half, f"t, {len(held)} splits")


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
