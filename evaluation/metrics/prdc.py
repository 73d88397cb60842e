"""Precision, recall, density and coverage: do fakes lie where reals lie, and everywhere that reals lie?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.statistics import squared_distances
from multigan.errors import DataError


@dataclass(frozen=True)
class Neighbourhoods:
    """One value a sample; the mean of each array is the figure of its name."""

    precision: np.ndarray
    """[N] of the fakes: is it inside some real's ball?"""
    recall: np.ndarray
    """[N] of the reals: is it inside some fake's ball?"""
    density: np.ndarray
    """[N] of the fakes: the number of reals' balls that it is inside, over k."""
    coverage: np.ndarray
    """[N] of the reals: is some fake inside its ball?"""


def prdc(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Neighbourhoods:
    """Neighbourhoods of real and fake features [N, D], equal in number.

    A sample's ball reaches to its k-th nearest neighbour of its kind, itself left out; the border is inside.
    Precision, recall: arXiv:1904.06991, eq. 1 and 2. Density, coverage: arXiv:2002.09797, section 3.
    """
    if len(real) != len(fake):
        raise DataError(
            f"Compare equal numbers of samples; found {len(real)} real and {len(fake)} fake. Take a subset."
        )
    real_reach, fake_reach = neighbour_distances(real, k), neighbour_distances(fake, k)
    n = len(real)
    n_balls, recall, coverage = np.zeros(n), np.zeros(n, bool), np.zeros(n, bool)
    for rows, squared in squared_distances(real, fake):
        inside_real = squared <= real_reach[rows, None]
        n_balls += inside_real.sum(axis=0)
        coverage[rows] = inside_real.any(axis=1)
        recall[rows] = (squared <= fake_reach).any(axis=1)
    return Neighbourhoods(n_balls > 0, recall, n_balls / k, coverage)


def neighbour_distances(features: np.ndarray, k: int) -> np.ndarray:
    """The squared distance [N] of each sample [N, D] to its k-th nearest other sample."""
    if len(features) <= k:
        found = f"found {len(features)}"
        raise DataError(
            f"A {k}-th nearest neighbour needs at least {k + 1} samples; {found}. Give more images."
        )
    distances = np.empty(len(features))
    for rows, squared in squared_distances(features, features):
        squared[np.arange(len(squared)), np.arange(rows.start, rows.stop)] = np.inf
        distances[rows] = np.partition(squared, k - 1, axis=1)[:, k - 1]
    # the same distance found in another block differs by rounding, and the border is inside
    return distances * (1 + 1e-9)
