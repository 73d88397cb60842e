"""Does a generator copy its training samples? Fakes, beside held-out reals, against their nearest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.statistics import neighbours
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import NORMAL, jackknife, wilson, wilson_effective
from multigan.errors import DataError

AROUND = 50
"""A distance is told small by the mean one to as many training samples, as in arXiv:2301.13188, section 5.1."""
UNUSUAL = 0.02
"""A copy is nearer, by half, than all but this share of the real samples."""


@dataclass(frozen=True)
class Nearest:
    """Of each query [N]: its nearest training sample and its distance, that one's from the others, and the mean around."""

    index: np.ndarray
    distance: np.ndarray
    spacing: np.ndarray
    around: np.ndarray
    """The mean distance to the 50 nearest training samples, or to all where there are fewer."""

    @property
    def ratio(self) -> np.ndarray:
        """The distance over the mean around, [N] in [0, 1]; 0 for exact copies."""
        return self.distance / np.where(self.around > 0, self.around, 1)


def nearest_training(queries: np.ndarray, train: np.ndarray, same: np.ndarray | None = None) -> Nearest:
    """The nearest of the training features [M, D] to each query [N, D]; M > 1.

    ``same`` [N] tells which training sample each query is, where the queries are training samples: the training set is
    then taken to be without that one, but with its duplicates; M > 2.
    """
    fewest = 2 if same is None else 3
    if len(train) < fewest:
        raise DataError(
            f"Memorisation is judged against {fewest} training samples or more; found {len(train)}."
        )
    k = min(AROUND, len(train) - (same is not None))
    indices, squared = neighbours.nearest(queries, train, k, same)
    index, distances = indices[:, 0], np.sqrt(squared)
    distance, around = distances[:, 0], distances.mean(axis=1)
    unique, inverse = np.unique(index, return_inverse=True)
    others, between = neighbours.nearest(train[unique], train, fewest - 1, same=unique)
    others, between = others[inverse], np.sqrt(between)[inverse]
    if same is None:
        return Nearest(index, distance, between[:, 0], around)
    return Nearest(index, distance, np.where(others[:, 0] == same, between[:, 1], between[:, 0]), around)


def nearer(one: Nearest, other: Nearest) -> Nearest:
    """Of two look-ups of the same samples, such as images and their mirror images, the nearer for each."""
    take = other.distance < one.distance
    return Nearest(
        np.where(take, other.index, one.index),
        np.where(take, other.distance, one.distance),
        np.where(take, other.spacing, one.spacing),
        np.where(take, other.around, one.around),
    )


def authenticity(nearest: Nearest) -> np.ndarray:
    """[N] bool: is a sample farther from its nearest training sample than that one is from the others?

    arXiv:2102.08921, section 4.3. Copies are not; neither are all fresh reals, so compare with those.
    """
    return nearest.distance > nearest.spacing


def estimate_authenticity(nearest: Nearest) -> Estimate:
    """The share of authentic samples; the training samples are those that they are, and are not drawn anew."""
    authentic = authenticity(nearest)
    n = len(authentic)
    _check_many(n)
    share, without = float(authentic.mean()), left_out_means(authentic, n_groups_of(n))
    return Estimate(share, without, wilson_effective(share, n, without), n, "For these training samples.")


def copy_bound(real: Nearest) -> float:
    """Below which ratio of distances a sample is a copy, from those of real samples that are none: 0 to 1/2.

    Half of the ratio that all but 2% of them exceed, those at no distance apart. Where m dimensions matter, the share of
    samples below half a small ratio is 2^-m of that below it.
    """
    apart = real.ratio[real.ratio > 0]
    return float(np.quantile(apart, UNUSUAL)) / 2 if len(apart) else 0.0


def estimate_copies(nearest: Nearest, real: Nearest) -> Estimate:
    """The share of samples that are copies of a training sample, by the distances of ``real`` samples that are none.

    A copy is a sample at no distance from a training sample, or one whose distance, over the mean distance to the 50
    training samples around (arXiv:2301.13188, section 5.1), is below ``copy_bound``.
    """
    bound, n = copy_bound(real), len(nearest.distance)
    _check_many(n)
    copied = (nearest.distance == 0) | (nearest.ratio < bound)
    interval = wilson(int(copied.sum()), n)
    note = f"{int(copied.sum()):,} of {n:,} lie nearer than {bound:.2g} of the mean distance around."
    return Estimate(float(copied.mean()), left_out_means(copied, n_groups_of(n)), interval, n, note)


def distance_ratio(fake_distances: np.ndarray, held_out_distances: np.ndarray) -> float:
    """Median distance of fakes [N] to the training samples over that of held-out reals [M]; copies: 0."""
    scale = float(np.median(held_out_distances))
    if not scale > 0:
        raise DataError(
            "Half of the held-out samples are copies of training samples, so that their distance is no scale. "
            "Give samples that are not among the training samples."
        )
    return float(np.median(fake_distances)) / scale


def estimate_distance_ratio(fake_distances: np.ndarray, held_out_distances: np.ndarray) -> Estimate:
    """The distance ratio of fakes [N] and held-out reals [M], for the training samples that they were held against."""
    n = min(len(fake_distances), len(held_out_distances))
    _check_many(n)
    value = distance_ratio(fake_distances, held_out_distances)
    fakes, held_out = (
        _left_out_medians(distances, n_groups_of(n)) for distances in (fake_distances, held_out_distances)
    )
    without = fakes / held_out
    return Estimate(value, without, jackknife(value, without, lowest=0), n, "For these training samples.")


def _left_out_medians(values: np.ndarray, n_groups: int) -> np.ndarray:
    """[G]: the median of values [N] with group g left out, to first order.

    m + (dQ/dp) (mean of the others' sides - mean of all sides), sides being -1/2 and 1/2 below and above the median m, and
    dQ/dp the slope of the quantiles within 1.96 standard errors of m. Left out exactly, a median jumps from one value to
    the next, and its jackknife errs unless groups are far larger than the root of N.
    """
    ordered, n = np.sort(np.asarray(values, np.float64)), len(values)
    middle = float(np.median(ordered))
    reach = math.ceil(NORMAL * math.sqrt(n) / 2)
    low, high = max(0, n // 2 - reach - 1), min(n - 1, (n - 1) // 2 + reach + 1)
    slope = (ordered[high] - ordered[low]) / ((high - low) / n)
    side = np.sign(values - middle) / 2
    return middle + slope * (left_out_means(side, n_groups) - side.mean())


def _check_many(n: int) -> None:
    if n < 2:
        raise DataError(f"An interval needs at least 2 samples; found {n}. Give more samples.")
