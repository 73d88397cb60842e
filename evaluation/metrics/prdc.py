"""Precision, recall, density and coverage: do fakes lie where reals lie, and everywhere that reals lie?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from evaluation.statistics.estimate import Estimate, groups, halves, left_out_by_halves, n_groups_of
from evaluation.statistics.intervals import jackknife, wilson_effective
from evaluation.statistics.neighbours import (
    Block,
    Frame,
    block_of,
    blocks,
    frame_of,
    lower_bounds,
    nearest,
    pair_distances,
    precisions,
)
from multigan.errors import DataError

TIE = 1e-9
"""Squared distances that differ by less than this share of themselves are alike: on the border, which is inside."""
SPARE = 6
"""How many neighbours beyond the k-th are found, so that k are nearly always left without a group of samples."""
CROWDED = 1 / 8
"""With more than this share of a tile's pairs in doubt, the tile is computed in float64."""


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
    n_groups = n_groups_of(n)
    if n - -(-n // max(1, n_groups)) <= k:
        raise DataError(
            f"Precision and recall with k = {k} need more than {k} samples a side when a group of them is left out; "
            f"found {n}. Give at least {k + 2}."
        )
    member, cuts = groups(n, n_groups), halves(n_groups)
    if cuts is not None and n // n_groups * (n_groups // 2) > k:
        kept = np.vstack([cuts > 0, cuts < 0])[:, member].T
    else:
        cuts, kept = None, member[:, None] != np.arange(n_groups)
    kept = np.hstack([kept, np.ones((n, 1), bool)])
    sizes = kept.sum(axis=0)
    estimates = {}
    for name, each in _each(real, fake, k, kept).items():
        values = (each * kept).sum(axis=0) / sizes
        value, without = float(values[-1]), values[:-1]
        if cuts is not None:
            without = left_out_by_halves(value, cuts, without[: len(cuts)] - without[len(cuts) :])
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
        _Balls(centres, _reach(centres, k, kept), points, kept, np.zeros(kept.shape), np.zeros(kept.shape))
        for centres, points in ((real, fake), (fake, real))
    )
    frame = frame_of(real)
    for rows in blocks(len(real), real.shape[1]):
        one = block_of(real, rows, frame, precisions()[0])
        for columns in blocks(len(fake), fake.shape[1]):
            _count(reals, fakes, rows, columns, one, frame)
    return {
        "precision": reals.of_point > 0,
        "recall": fakes.of_point > 0,
        "density": reals.of_point / k,
        "coverage": reals.of_ball > 0,
    }


@dataclass(frozen=True, eq=False)
class _Balls:
    """Balls around features, and how many points they hold: V times, each time with other samples left out."""

    centres: np.ndarray
    """[N, D]"""
    reach: np.ndarray
    """[N, V]: squared radii."""
    points: np.ndarray
    """[N, D]"""
    kept: np.ndarray
    """[N, V] bool: is the i-th of either set there?"""
    of_point: np.ndarray
    """[N, V]: the number of balls that it is inside."""
    of_ball: np.ndarray
    """[N, V]: the number of points inside it."""

    def split(
        self, rows: slice, one: Block, other: Block, bounds: Tensor, scale: float
    ) -> tuple[Tensor, Tensor]:
        """[n, m] bool: which points of a tile are inside at every radius, and of which that is in doubt."""
        reach, dtype = self.reach[rows] * scale**2, bounds.dtype
        largest, smallest = (torch.from_numpy(ends) for ends in (reach.max(axis=1), reach.min(axis=1)))
        sure = bounds + (2 * other.margins).to(dtype) <= (smallest - 2 * one.margins).to(dtype)[:, None]
        return sure, (bounds <= largest.to(dtype)[:, None]) & ~sure

    def add(self, rows: slice, columns: slice, sure: Tensor, maybe: Tensor) -> None:
        """Count the points of a tile."""
        if sure.any():
            inside = sure.float()  # whole numbers below 2^24
            kept_rows, kept_columns = (torch.from_numpy(self.kept[at]).float() for at in (rows, columns))
            self.of_point[columns] += (inside.T @ kept_rows).numpy() * self.kept[columns]
            self.of_ball[rows] += (inside @ kept_columns).numpy() * self.kept[rows]
        pairs = maybe.nonzero().numpy() + np.array([rows.start, columns.start])
        for part in blocks(len(pairs), self.centres.shape[1]):
            at, to = pairs[part].T
            squared = pair_distances(self.centres, at, self.points, to)
            inside = (squared[:, None] <= self.reach[at]) & self.kept[at] & self.kept[to]
            _add_rows(self.of_point, to, inside)
            _add_rows(self.of_ball, at, inside)


def _add_rows(total: np.ndarray, rows: np.ndarray, values: np.ndarray) -> None:
    """total[rows[p]] += values[p] for every p; ``np.add.at`` takes several times as long."""
    if len(rows):
        order = np.argsort(rows, kind="stable")
        unique, starts = np.unique(rows[order], return_index=True)
        total[unique] += np.add.reduceat(values[order], starts, axis=0, dtype=total.dtype)


def _count(reals: _Balls, fakes: _Balls, rows: slice, columns: slice, one: Block, frame: Frame) -> None:
    """Count the pairs of a tile of reals, which are also given as a block, and fakes."""
    other = block_of(fakes.centres, columns, frame, one.values.dtype)
    bounds = lower_bounds(one, other)
    of_reals = reals.split(rows, one, other, bounds, frame.scale)
    of_fakes = fakes.split(columns, other, one, bounds.T, frame.scale)
    in_doubt = max(of_reals[1].sum(), of_fakes[1].sum())
    if in_doubt > CROWDED * bounds.numel() and bounds.dtype != torch.float64:
        _count(reals, fakes, rows, columns, block_of(reals.centres, rows, frame, torch.float64), frame)
        return
    reals.add(rows, columns, *of_reals)
    fakes.add(columns, rows, *of_fakes)


def _reach(features: np.ndarray, k: int, kept: np.ndarray) -> np.ndarray:
    """[N, V]: the squared distance to the k-th nearest of those that are kept, and a little more for ties."""
    n, n_variants = kept.shape
    rows, reach = np.arange(n), np.empty(kept.shape)
    share = kept.mean(axis=0).min()
    many = math.ceil((k + SPARE * math.sqrt(k * (1 - share))) / share)
    width = k if n_variants == 1 else min(n - 1, max(k + SPARE, many))
    while len(rows):
        chosen = features if len(rows) == n else features[rows]
        squared = _kth_kept(*nearest(chosen, features, width, same=rows), k, kept)
        # a sample that is left out has no ball: any radius does
        reach[rows] = np.where(kept[rows], squared, squared[:, -1:])
        rows = rows[np.isinf(reach[rows]).any(axis=1)]
        width = min(n - 1, 2 * width)
    return reach * (1 + TIE)


def _kth_kept(indices: np.ndarray, squared: np.ndarray, k: int, kept: np.ndarray) -> np.ndarray:
    """[n, V]: of neighbours [n, K], nearest first, the squared distance of the k-th that is kept; infinite if too few."""
    reach = np.empty((len(indices), kept.shape[1]))
    for variant in range(kept.shape[1]):
        counts = np.cumsum(kept[indices, variant], axis=1)
        at = (counts >= k).argmax(axis=1)
        distances = np.take_along_axis(squared, at[:, None], axis=1)[:, 0]
        reach[:, variant] = np.where(counts[:, -1] >= k, distances, np.inf)
    return reach
