"""Balls around samples and what lies inside them, with all samples and with some left out, decided in float64."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from evaluation.statistics.estimate import groups, halves, left_out_by_halves, n_groups_of
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


@dataclass(frozen=True, eq=False)
class Variants:
    """All samples, and parts of them that tell how a figure of neighbourhoods scatters."""

    kept: np.ndarray
    """[N, V] bool: is the i-th of either set there? All are in the last variant."""
    cuts: np.ndarray | None
    """[C, G] of 1 and -1: the variants are first the halves of 1, then those of -1; None: each leaves out a group."""

    @classmethod
    def of(cls, n: int, k: int) -> Variants:
        """Of n samples a side with balls of k neighbours. DataError where too few are left."""
        n_groups = n_groups_of(n)
        if n - -(-n // max(1, n_groups)) <= k:
            raise DataError(
                f"Neighbourhoods with k = {k} need more than {k} samples a side when a group of them is left out; "
                f"found {n}. Give at least {k + 2}."
            )
        member, cuts = groups(n, n_groups), halves(n_groups)
        if cuts is not None and n // n_groups * (n_groups // 2) > k:
            kept = np.vstack([cuts > 0, cuts < 0])[:, member].T
        else:
            cuts, kept = None, member[:, None] != np.arange(n_groups)
        return cls(np.hstack([kept, np.ones((n, 1), bool)]), cuts)

    @property
    def sizes(self) -> np.ndarray:
        """[V]: samples in each."""
        return self.kept.sum(axis=0)

    def means(self, each: np.ndarray) -> np.ndarray:
        """[V]: the means of values [N, V] of the samples that are there."""
        return (each * self.kept).sum(axis=0) / self.sizes

    def left_out(self, values: np.ndarray) -> np.ndarray:
        """[G]: what the value of all, the last of ``values`` [V], is without each group."""
        value, without = float(values[-1]), values[:-1]
        if self.cuts is None:
            return without
        n_cuts = len(self.cuts)
        return left_out_by_halves(value, self.cuts, without[:n_cuts] - without[n_cuts:])


@dataclass(frozen=True, eq=False)
class Near:
    """Some samples and their nearest others, of which at least k are there in every variant."""

    rows: np.ndarray
    """[n]"""
    indices: np.ndarray
    """[n, K], nearest first."""
    squared: np.ndarray
    """[n, K]: squared distances."""
    kth: np.ndarray
    """[n, V]: the squared distance to the k-th that is there; any where the sample itself is not."""


@dataclass(eq=False)
class Balls:
    """Balls around features, and how many points they hold: V times, each time with other samples left out."""

    centres: np.ndarray
    """[N, D]"""
    reach: np.ndarray
    """[N, V]: squared radii."""
    points: np.ndarray
    """[N, D]"""
    kept: np.ndarray
    """[N, V] bool: is the i-th of either set there?"""
    of_point: np.ndarray = field(init=False)
    """[N, V]: the number of balls that it is inside."""
    of_ball: np.ndarray = field(init=False)
    """[N, V]: the number of points inside it."""

    def __post_init__(self) -> None:
        self.of_point, self.of_ball = np.zeros(self.kept.shape), np.zeros(self.kept.shape)

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


def count_inside(
    real: np.ndarray, fake: np.ndarray, around_reals: Sequence[Balls], around_fakes: Sequence[Balls] = ()
) -> None:
    """Count the fakes [N, D] in balls around the reals [N, D], and the reals in balls around the fakes."""
    frame = frame_of(real)

    def tile(rows: slice, columns: slice, one: Block, frame: Frame) -> None:
        other = block_of(fake, columns, frame, one.values.dtype)
        bounds = lower_bounds(one, other)
        splits = [
            *((balls, rows, columns, balls.split(rows, one, other, bounds, frame.scale)) for balls in around_reals),
            *((balls, columns, rows, balls.split(columns, other, one, bounds.T, frame.scale)) for balls in around_fakes),
        ]  # fmt: skip
        in_doubt = max(maybe.sum() for *_, (_, maybe) in splits)
        if in_doubt > CROWDED * bounds.numel() and bounds.dtype != torch.float64:
            tile(rows, columns, block_of(real, rows, frame, torch.float64), frame)
            return
        for balls, at, to, (sure, maybe) in splits:
            balls.add(at, to, sure, maybe)

    for rows in blocks(len(real), real.shape[1]):
        one = block_of(real, rows, frame, precisions()[0])
        for columns in blocks(len(fake), fake.shape[1]):
            tile(rows, columns, one, frame)


def neighbourhoods(features: np.ndarray, k: int, kept: np.ndarray) -> Iterator[Near]:
    """All samples [N, D], in parts, with enough of their neighbours for k of those that ``kept`` [N, V] says."""
    n, n_variants = kept.shape
    rows = np.arange(n)
    share = kept.mean(axis=0).min()
    many = math.ceil((k + SPARE * math.sqrt(k * (1 - share))) / share)
    width = k if n_variants == 1 else min(n - 1, max(k + SPARE, many))
    while len(rows):
        chosen = features if len(rows) == n else features[rows]
        indices, squared = nearest(chosen, features, width, same=rows)
        kth = np.where(kept[rows], _kth_kept(indices, squared, k, kept), squared[:, -1:])
        enough = np.isfinite(kth).all(axis=1)
        yield Near(rows[enough], indices[enough], squared[enough], kth[enough])
        rows = rows[~enough]
        width = min(n - 1, 2 * width)


def reach(parts: Iterable[Near], shape: tuple[int, ...]) -> np.ndarray:
    """[N, V]: the squared radii of balls to the k-th neighbours, and a little more for ties."""
    radii = np.empty(shape)
    for near in parts:
        radii[near.rows] = near.kth
    return radii * (1 + TIE)


def _kth_kept(indices: np.ndarray, squared: np.ndarray, k: int, kept: np.ndarray) -> np.ndarray:
    """[n, V]: of neighbours [n, K], nearest first, the squared distance of the k-th that is kept; infinite if too few."""
    reach = np.empty((len(indices), kept.shape[1]))
    for variant in range(kept.shape[1]):
        counts = np.cumsum(kept[indices, variant], axis=1)
        at = (counts >= k).argmax(axis=1)
        distances = np.take_along_axis(squared, at[:, None], axis=1)[:, 0]
        reach[:, variant] = np.where(counts[:, -1] >= k, distances, np.inf)
    return reach
