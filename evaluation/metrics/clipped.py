"""Clipped density and clipped coverage: which share of the fakes is good, and which share of them would cover as much?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.statistics.balls import Balls, Near, Variants, count_inside, neighbourhoods, reach
from evaluation.statistics.estimate import Estimate
from evaluation.statistics.intervals import Interval, jackknife, wilson
from multigan.errors import DataError


def clipped_density(real: np.ndarray, fake: np.ndarray, k: int = 5) -> float:
    """Which share of the fakes [N, D] lies among the reals [N, D] as these do among themselves, 0 to 1; N > k.

    The mean over fakes of min(1, number of balls around reals that it is inside / k), over the same of the reals (each
    without its own ball), and 1 at most. A ball reaches to the k-th nearest other real, or as far as the median ball
    where that is less: outliers have no large balls, and crowds count once. arXiv:2507.01761.
    """
    return min(1.0, float(_scores(real, fake, k, _everything(real))["clipped density"][-1]))


def clipped_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5) -> float:
    """Which share of as many fakes as reals, were it fresh reals, would cover what the fakes [N, D] cover, 0 to 1; N > k.

    The mean over reals [N, D] of min(k, number of fakes in its ball) / k, taken through the inverse of
    ``covered_by_good``; a ball reaches to the k-th nearest other real. arXiv:2507.01761.
    """
    return min(1.0, float(_scores(real, fake, k, _everything(real))["clipped coverage"][-1]))


def covered_by_good(n: int, k: int) -> np.ndarray:
    """[n + 1]: E min(k, J) / k of J out of m = 0 ... n fresh reals in the ball of one of n reals.

    The ball to the k-th nearest of n - 1 others holds a share of the distribution that is Beta(k, n - k), whatever that
    is, so J is beta-binomial. (The authors' code has 0 for m < k, where this is m / n.)
    """
    if n <= k:
        raise DataError(
            f"A ball to the {k}-th neighbour needs more than {k} samples; found {n}. Give more samples."
        )
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, 2 * n)))])
    m = np.arange(n + 1)
    lacking = np.zeros(n + 1)
    for j in range(k):
        some = m[j:]
        log_share = log_factorial[some] - log_factorial[j] - log_factorial[some - j]
        log_share += (
            log_factorial[k + j - 1] + log_factorial[n - k + some - j - 1] - log_factorial[n + some - 1]
        )
        log_share -= log_factorial[k - 1] + log_factorial[n - k - 1] - log_factorial[n - 1]
        lacking[j:] += (k - j) * np.exp(log_share)
    return 1 - lacking / k


def estimate_clipped(real: np.ndarray, fake: np.ndarray, k: int = 5) -> dict[str, Estimate]:
    """Clipped density and clipped coverage of features [N, D]; N is k + 2 or more.

    As for precision and its kin the groups are cut into halves, each of which has its own balls and calibration. The
    interval is the jackknife's about the score before it is cut at 1, and no narrower than Wilson's of N samples.
    """
    n = len(real)
    variants, estimates = Variants.of(n, k), {}
    for name, scores in _scores(real, fake, k, variants).items():
        value, without = min(1.0, float(scores[-1])), variants.left_out(scores)
        around, fewest = jackknife(float(scores[-1]), without, lowest=0), wilson(value * n, n)
        high = min(1.0, max(around.high, fewest.high))
        interval = Interval(min(around.low, fewest.low), high, around.method)
        note = f"k = {k}." if scores[-1] <= 1 else f"k = {k}. Cut at 1 from {scores[-1]:.3f}."
        estimates[name] = Estimate(value, without, interval, n, note)
    return estimates


def _everything(features: np.ndarray) -> Variants:
    return Variants(np.ones((len(features), 1), bool), None)


def _scores(real: np.ndarray, fake: np.ndarray, k: int, variants: Variants) -> dict[str, np.ndarray]:
    """Name -> the score of each of the variants [V], which is above 1 where fakes do better than reals are expected to."""
    if len(real) != len(fake):
        raise DataError(
            f"Compare equal numbers of samples; found {len(real)} real and {len(fake)} fake. Take a subset."
        )
    kept = variants.kept
    parts = list(neighbourhoods(real, k, kept))
    radii = reach(parts, kept.shape)
    medians = [np.median(radii[there, variant]) for variant, there in enumerate(kept.T)]
    clipped = np.minimum(radii, medians)
    within, whole = Balls(real, clipped, fake, kept), Balls(real, radii, fake, kept)
    count_inside(real, fake, [within, whole])
    own = variants.means(np.minimum(_own_counts(parts, clipped, kept), k))
    density = variants.means(np.minimum(within.of_point, k)) / own
    covered = variants.means(np.minimum(whole.of_ball, k)) / k
    curves = {int(size): covered_by_good(int(size), k) for size in variants.sizes}
    shares = [
        _share_of_good(value, curves[int(size)]) for value, size in zip(covered, variants.sizes, strict=True)
    ]
    return {"clipped density": density, "clipped coverage": np.array(shares)}


def _own_counts(parts: Sequence[Near], clipped: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """[N, V]: in how many balls of other reals each real is, of squared radii ``clipped`` [N, V]."""
    counts = np.zeros(kept.shape)
    for near in parts:
        for variant, there in enumerate(kept.T):
            inside = near.squared <= clipped[near.rows, variant, None]
            inside &= there[near.indices] & there[near.rows, None]
            counts[:, variant] += np.bincount(near.indices[inside], minlength=len(kept))
    return counts


def _share_of_good(covered: float, curve: np.ndarray) -> float:
    """m / n for which ``curve`` [n + 1] is ``covered``; beyond its end as steep as there."""
    n = len(curve) - 1
    if covered <= curve[-1]:
        return float(np.interp(covered, curve, np.arange(n + 1))) / n
    return 1 + float((covered - curve[-1]) / (curve[-1] - curve[-2])) / n
