"""Does a generator copy its training images? Fakes, beside held-out reals, against their nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.statistics import squared_distances
from multigan.errors import DataError


@dataclass(frozen=True)
class Nearest:
    """Of each query [N]: its nearest training sample, its distance, and that one's from the others."""

    index: np.ndarray
    distance: np.ndarray
    spacing: np.ndarray


def nearest_training(queries: np.ndarray, train: np.ndarray) -> Nearest:
    """The nearest of the training features [M, D] to each query [N, D]; M > 1."""
    if len(train) < 2:
        raise DataError(f"Memorisation is judged against 2 training samples or more; found {len(train)}.")
    index, distance = np.empty(len(queries), np.int64), np.empty(len(queries))
    for rows, squared in squared_distances(queries, train):
        index[rows] = squared.argmin(axis=1)
        distance[rows] = squared.min(axis=1)
    found, inverse = np.unique(index, return_inverse=True)
    spacing = np.empty(len(found))
    for rows, squared in squared_distances(train[found], train):
        squared[np.arange(len(squared)), found[rows]] = np.inf
        spacing[rows] = squared.min(axis=1)
    return Nearest(index, np.sqrt(distance), np.sqrt(spacing)[inverse])


def nearer(one: Nearest, other: Nearest) -> Nearest:
    """Of two look-ups of the same samples, such as images and their mirror images, the nearer for each."""
    take = other.distance < one.distance
    return Nearest(
        np.where(take, other.index, one.index),
        np.where(take, other.distance, one.distance),
        np.where(take, other.spacing, one.spacing),
    )


def authenticity(nearest: Nearest) -> np.ndarray:
    """[N] bool: is a sample farther from its nearest training sample than that one is from the others?

    arXiv:2102.08921, section 4.3. Copies are not; neither are all fresh reals, so compare with those.
    """
    return nearest.distance > nearest.spacing


def distance_ratio(fake_distances: np.ndarray, held_out_distances: np.ndarray) -> float:
    """Median distance of fakes [N] to the training samples over that of held-out reals [M]; copies: 0."""
    scale = max(float(np.median(held_out_distances)), np.finfo(np.float64).tiny)
    return float(np.median(fake_distances)) / scale
