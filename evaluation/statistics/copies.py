"""Near-copies within one set: samples that are not independent, which the jackknife has to leave out together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.statistics.estimate import n_groups_of
from evaluation.statistics.neighbours import nearest

AROUND = 8
"""Near is told by the distance to this neighbour: groups of near-copies are found up to this size."""
NEAR = 1 / 3
"""Near-copies lie within this share of that distance, and nearer than a share ``UNUSUAL`` of the real samples."""
UNUSUAL = 0.02
MORE = 0.1
"""By how much the share of near-copies must exceed that of the real samples."""
FEWEST = 40
"""Among fewer samples none are looked for."""


@dataclass(frozen=True)
class Usual:
    """How near the nearest of independent samples lie: what near-copies are told by."""

    bound: float
    """Nearer is a near-copy: a distance over that to the ``AROUND``-th neighbour."""
    share: float
    """Of real samples that are as near."""


def usual(real: np.ndarray) -> Usual | None:
    """Of real features [n, D]; None where there are too few to tell, or all are copies.

    A share ``UNUSUAL`` of independent samples is as near, whatever their number, scale and dimension.
    """
    if len(real) < FEWEST:
        return None
    _, ratios = _ratios(real)
    apart = ratios[:, 0][ratios[:, 0] > 0]
    if not len(apart):
        return None
    bound = min(NEAR, float(np.quantile(apart, UNUSUAL)))
    return Usual(bound, float((ratios[:, 0] < bound).mean()))


def links(features: np.ndarray, beside: Usual | None) -> np.ndarray:
    """[E, 2]: the pairs of near-copies in features [n, D]; none where they are about as many as among real samples."""
    nothing, n = np.empty((0, 2), np.int64), len(features)
    if beside is None or n < FEWEST:
        return nothing
    at, ratios = _ratios(features)
    near = ratios < beside.bound
    if near[:, 0].mean() <= beside.share + max(MORE, 4 * math.sqrt(UNUSUAL / n)):
        return nothing
    rows, columns = near.nonzero()
    return np.stack([rows, at[rows, columns]], axis=1)


def _ratios(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others [n, K] of each sample, and their distances over that of the last; 0 for copies."""
    indices, squared = nearest(features, features, AROUND, same=np.arange(len(features)))
    scale = np.where(squared[:, -1:] > 0, squared[:, -1:], 1)
    return indices, np.sqrt(squared / scale)


def clusters(n: int, pairs: np.ndarray) -> np.ndarray:
    """[n]: the first sample of each one's cluster, where ``pairs`` [E, 2] belong together."""
    first = np.arange(n)
    one, other = pairs.T
    while True:
        before = first.copy()
        np.minimum.at(first, one, first[other])
        np.minimum.at(first, other, first[one])
        first = first[first]
        if np.array_equal(before, first):
            return first


def effective_n(cluster: np.ndarray) -> float:
    """How many independent samples clusters [n] of equal ones are worth: n^2 over the sum of the squares of their sizes."""
    sizes = np.bincount(cluster)
    return float(len(cluster) ** 2 / (sizes.astype(float) ** 2).sum())


def kept_together(cluster: np.ndarray) -> np.ndarray:
    """[n]: an order in which each cluster is in one group (``statistics.estimate.groups``), but for those at their ends."""
    n = len(cluster)
    n_groups, order, start = n_groups_of(n), np.empty(n, np.int64), 0
    by_cluster = np.argsort(cluster, kind="stable")
    for group in range(n_groups):
        size = len(range(group, n, n_groups))
        order[group::n_groups] = by_cluster[start : start + size]
        start += size
    return order


def joint_clusters(n: int, of_sets: Sequence[np.ndarray]) -> np.ndarray:
    """[n]: clusters of places of which samples of any set are near-copies, from the links of each set."""
    return clusters(n, np.concatenate([np.empty((0, 2), np.int64), *of_sets]))
