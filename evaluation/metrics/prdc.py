"""Precision, recall, density and coverage: do fakes lie where reals lie, and everywhere that reals lie?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.statistics.balls import Balls, Variants, count_inside, neighbourhoods, reach
from evaluation.statistics.estimate import Estimate
from evaluation.statistics.intervals import jackknife, wilson_effective
from evaluation.statistics.neighbours import nearest
from multigan.errors import DataError


@dataclass(frozen=True)
class Neighbourhoods:
    """One value per sample; the mean of each array is the figure of its name."""

    precision: np.ndarray
    """[N] of the fakes: is it inside some real's ball?"""
    recall: np.ndarray
    """[N] of the reals: is it inside some fake's ball?"""
    density: np.ndarray
    """[N] of the fakes: the number of reals' balls that it is inside, over k."""
    coverage: np.ndarray
    """[N] of the reals: is some fake inside its ball?"""


def prdc(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Neighbourhoods:
    """Neighbourhoods of real and fake features [N, D], equal in number, N > k.

    A sample's ball reaches to its k-th nearest neighbour of its kind, itself left out; the border is inside, as in the
    papers. (The ``prdc`` package leaves it outside, which tells only where distances are equal, as with duplicates: there
    a ball of no size holds not even the copies that make it so.) Decisions are those of float64.
    Precision, recall: arXiv:1904.06991, eq. 1 and 2. Density, coverage: arXiv:2002.09797, section 3.
    """
    each = _each(real, fake, k, np.ones((len(real), 1), bool))
    return Neighbourhoods(**{name: values[:, 0] for name, values in each.items()})


def neighbour_distances(features: np.ndarray, k: int) -> np.ndarray:
    """The squared distance [N] of each sample [N, D] to its k-th nearest other sample."""
    return nearest(features, features, k, same=np.arange(len(features)))[1][:, -1]


def estimate_prdc(real: np.ndarray, fake: np.ndarray, k: int = 5) -> dict[str, Estimate]:
    """Precision, recall, density and coverage of features [N, D]; N is k + 2 or more.

    A group is left out of reals and fakes at once, and the balls reach to the k-th nearest of those that stay. Shares
    have Wilson's interval with the effective n that the jackknife tells, density has the jackknife's.
    """
    n = len(real)
    variants, estimates = Variants.of(n, k), {}
    for name, each in _each(real, fake, k, variants.kept).items():
        values = variants.means(each)
        value, without = float(values[-1]), variants.left_out(values)
        is_share = name != "density"
        interval = wilson_effective(value, n, without) if is_share else jackknife(value, without, lowest=0)
        estimates[name] = Estimate(value, without, interval, n, f"k = {k}.")
    return estimates


def _each(real: np.ndarray, fake: np.ndarray, k: int, kept: np.ndarray) -> dict[str, np.ndarray]:
    """Name of a metric -> its value for each sample [N, V], each time with those samples that ``kept`` [N, V] says."""
    if len(real) != len(fake):
        raise DataError(
            f"Compare equal numbers of samples; found {len(real)} real and {len(fake)} fake. Take a subset."
        )
    reals, fakes = (
        Balls(centres, reach(neighbourhoods(centres, k, kept), kept.shape), points, kept)
        for centres, points in ((real, fake), (fake, real))
    )
    count_inside(real, fake, [reals], [fakes])
    return {
        "precision": reals.of_point > 0,
        "recall": fakes.of_point > 0,
        "density": reals.of_point / k,
        "coverage": reals.of_ball > 0,
    }
