"""MiFID (memorisation-informed FID on Inception features): a Fréchet distance that fakes near to real samples pay for."""

from __future__ import annotations

import numpy as np

from evaluation.metrics.frechet import WHAT, estimate_frechet, frechet_distance_of
from evaluation.statistics.estimate import Estimate, groups, interactions, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.moments import check_pair, finite_mean

THRESHOLD = 0.1
"""Fakes that are on average nearer than this to a real sample pay."""
LEAST = 1e-14
"""What keeps the distance of copies from being divided by 0."""
BLOCK_ROWS = 256


def memorisation_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The mean over fakes [M, D] of the least 1 - |cosine| to one of the reals [N, D], from 0 (copies) to 1.

    Features of length 0 are at distance 1 from all. arXiv:2106.03062.
    """
    check_pair(real, fake, 1, "memorisation distance")
    return float(1 - _similarities(real, fake, np.zeros(len(real), np.int64), 1).mean())


def mifid(real: np.ndarray, fake: np.ndarray) -> float:
    """The Fréchet distance over the memorisation distance, where that is below 0.1; else as it is.

    Of features [N, D] and [M, D]. The threshold is that of the competition of arXiv:2106.03062 (Kaggle's Generative Dog
    Images), which was chosen for Inception features. torchmetrics has the same, but takes the mean over the set that it is
    given as the real one, of distances to the other.
    """
    distance = memorisation_distance(real, fake)
    return frechet_distance_of(real, fake) / _penalty(distance, distance < THRESHOLD)


def estimate_mifid(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """MiFID of features [N, D] and [M, D], N and M > 2, with each group left out of both sides.

    As the Fréchet distance leaves it out, and the memorisation distance exactly. Whether fakes pay is told by all of them.
    """
    check_pair(real, fake, 3, WHAT)
    frechet = estimate_frechet(real, fake)
    n_groups = n_groups_of(frechet.n)
    members = groups(len(real), n_groups), groups(len(fake), n_groups)
    nearest = _similarities(real, fake, members[0], n_groups)

    def distance(*without: int) -> float:
        left = np.delete(nearest[~np.isin(members[1], without)], without, axis=1)
        return 1 - float(left.max(axis=1).mean())

    mean = distance()
    pays = mean < THRESHOLD
    note = f"Mean distance to the nearest real sample {mean:.3g}, "
    if not pays:
        return frechet.with_note(note + f"not below {THRESHOLD}: as the Fréchet distance.")
    value = frechet.value / _penalty(mean, pays)
    left_out = frechet.left_out / [_penalty(distance(group), pays) for group in range(n_groups)]
    together, pairs = None, pairs_of_groups(n_groups)
    if frechet.interactions is not None and n_groups > 3:
        both = _without_both(frechet, pairs) / [_penalty(distance(*pair), pays) for pair in pairs]
        together = interactions(value, left_out, pairs, both)
    interval = jackknife(value, left_out, lowest=0, interactions=together)
    return Estimate(
        value, left_out, interval, frechet.n, note + f"below {THRESHOLD}: divided by it.", together
    )


def _penalty(distance: float, pays: bool) -> float:
    return distance + LEAST if pays else 1.0


def _without_both(estimate: Estimate, pairs: np.ndarray) -> np.ndarray:
    """[P]: the value without both groups of each pair: the inverse of ``statistics.estimate.interactions``."""
    assert estimate.interactions is not None
    g, (one, other) = len(estimate.left_out), estimate.left_out[pairs].T
    return (g / (g - 1) * estimate.interactions - g * estimate.value + (g - 1) * (one + other)) / (g - 2)


def _similarities(real: np.ndarray, fake: np.ndarray, member: np.ndarray, n_groups: int) -> np.ndarray:
    """[M, G]: the largest |cosine| of each fake with the reals of each group, at most 1."""
    order = np.argsort(member, kind="stable")
    starts = np.searchsorted(member[order], np.arange(n_groups))
    directions = _directions(real)[order]
    nearest = np.empty((len(fake), n_groups))
    for start in range(0, len(fake), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        cosines = np.abs(_directions(fake[rows]) @ directions.T)
        nearest[rows] = np.maximum.reduceat(cosines, starts, axis=1)
    return np.minimum(nearest, 1)


def _directions(features: np.ndarray) -> np.ndarray:
    """Features [N, D] at length 1 in float64; those of length 0 stay."""
    finite_mean(features)
    values = np.asarray(features, np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(lengths > 0, lengths, 1)
