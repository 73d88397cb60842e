"""Distances between features, tile by tile: bounded in float32, decided in float64, never held as a matrix.

With u the unit roundoff, g = (D + 32) u / (1 - (D + 32) u), and centred features a and b, [D], a tile holds
|a|^2 + |b|^2 - 2 a.b to within g (|a|^2 + |b|^2): the product is off by at most about D u |a| |b| in any order of
summation (Higham 2002, eq. 3.5), and 2 |a| |b| <= |a|^2 + |b|^2; the rest covers centring, squaring and adding.
So a tile tells which pairs can matter, and only those are computed from their differences, which are 0 between copies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from multigan.errors import DataError

TILE = 1024
"""The most rows and columns of a tile."""
ENTRIES = 2**22
"""The most numbers in a block of features."""
SPARE = 5
"""How many neighbours more than asked for float32 looks for, so that it rarely leaves a doubt."""


@dataclass(frozen=True)
class Frame:
    """Where features lie and how large they are: less is lost in rounding near 0."""

    centre: np.ndarray
    """[D]"""
    scale: float
    """A power of 2, which rounds nothing."""


@dataclass(frozen=True)
class Block:
    """Rows of features in their frame, float32 or float64 [n, D]."""

    values: Tensor
    lengths: Tensor
    """|a|^2 [n], float64."""

    @property
    def margins(self) -> Tensor:
        """g |a|^2 [n]: the sum of two rows' margins bounds the error of their squared distance."""
        unit = (self.values.shape[1] + 32) * torch.finfo(self.values.dtype).eps / 2
        return self.lengths * (unit / (1 - unit))


def blocks(n: int, size: int) -> Iterator[slice]:
    """Slices that cover n rows of features [n, size]."""
    step = max(1, min(TILE, ENTRIES // size))
    for start in range(0, n, step):
        yield slice(start, min(n, start + step))


def frame_of(features: np.ndarray) -> Frame:
    """The frame of features [N, D]; DataError where they are not finite."""
    exponent = min(max(math.frexp(_largest(features))[1], -500), 500)
    return Frame(np.asarray(np.mean(features, axis=0, dtype=np.float64)), 2.0**-exponent)


def _largest(features: np.ndarray) -> float:
    largest = max(float(np.max(features)), -float(np.min(features)))
    if not math.isfinite(largest):
        raise DataError(
            "Features hold numbers that are not finite, so no distance can be found; look at the extractor."
        )
    return largest


def block_of(features: np.ndarray, rows: slice | np.ndarray, frame: Frame, dtype: torch.dtype) -> Block:
    """The rows of features [N, D] as a block."""
    values = np.subtract(features[rows], frame.centre, dtype=np.float64)
    values *= frame.scale
    lengths = torch.from_numpy(np.einsum("nd,nd->n", values, values))
    return Block(torch.from_numpy(values).to(dtype), lengths)


def lower_bounds(one: Block, other: Block) -> Tensor:
    """[n, m]: at most the squared distances, in their frame, and less than those by twice the two rows' margins."""
    dtype = one.values.dtype
    bounds = torch.addmm((other.lengths - other.margins).to(dtype), one.values, other.values.T, alpha=-2)
    return bounds.add_((one.lengths - one.margins).to(dtype)[:, None])


def squared_distances(one: Block, other: Block) -> Tensor:
    """[n, m]: in their frame, 0 or more, and off by at most the two rows' margins."""
    dtype = one.values.dtype
    squared = torch.addmm(other.lengths.to(dtype), one.values, other.values.T, alpha=-2)
    return squared.add_(one.lengths.to(dtype)[:, None]).clamp_(min=0)


def precisions() -> tuple[torch.dtype, ...]:
    """What to compute tiles in: first float32, unless the process lets it multiply in fewer bits."""
    multiplies = torch.backends.mkldnn.matmul.fp32_precision  # pyright: ignore[reportAttributeAccessIssue]
    return (torch.float32, torch.float64) if multiplies in ("none", "ieee") else (torch.float64,)


def pair_distances(one: np.ndarray, rows: np.ndarray, other: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """[P]: the squared distance of row ``rows[p]`` of one to row ``columns[p]`` of the other, from the difference."""
    squared = np.empty(len(rows))
    for part in blocks(len(rows), one.shape[1]):
        difference = np.subtract(one[rows[part]], other[columns[part]], dtype=np.float64)
        squared[part] = np.einsum("pd,pd->p", difference, difference)
    return squared


def nearest(
    queries: np.ndarray, reference: np.ndarray, k: int, same: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Indices and squared distances, both [N, k] and nearest first, of the k nearest of the reference [M, D].

    ``same`` [N] tells which of the reference each query [N, D] is: that one is left out, though not its duplicates.
    Exact, except that neighbours whose squared distances differ by less than about 1e-15 D of the features' squared
    lengths may change places. DataError unless M is large enough and all is finite.
    """
    n_others = len(reference) - (same is not None)
    if n_others < k:
        raise DataError(
            f"A {k}-th nearest neighbour needs at least {k + len(reference) - n_others} samples; found {len(reference)}. "
            "Give more samples."
        )
    _largest(queries)
    frame = frame_of(reference)
    indices, squared = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
    wanted = np.arange(len(queries))
    for dtype in precisions():
        if queries is reference and same is not None and np.array_equal(same, wanted):
            shortlist = _shortlist_within(reference, frame, k + SPARE, dtype)
        else:
            shortlist = _shortlist(queries, wanted, reference, frame, same, k + SPARE, dtype)
        indices[wanted], squared[wanted], sure = shortlist.decided(queries, wanted, reference, frame, k)
        wanted = wanted[~sure]
        if not len(wanted):
            break
    return indices, squared


@dataclass(frozen=True)
class _Shortlist:
    """The reference samples with the lowest bounds for each query, [n, width]."""

    bounds: Tensor
    """Infinite where there is none."""
    indices: Tensor

    def take(self, rows: slice, columns: slice, bounds: Tensor) -> None:
        """Consider a tile: the bounds [rows, columns]."""
        width = self.bounds.shape[1]
        lowest, at = bounds.topk(min(width, bounds.shape[1]), dim=1, largest=False, sorted=False)
        lowest = torch.cat([self.bounds[rows], lowest], dim=1)
        indices = torch.cat([self.indices[rows], at + columns.start], dim=1)
        self.bounds[rows], chosen = lowest.topk(width, dim=1, largest=False, sorted=False)
        self.indices[rows] = indices.gather(1, chosen)

    def decided(
        self, queries: np.ndarray, wanted: np.ndarray, reference: np.ndarray, frame: Frame, k: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each query: the k nearest [n, k], their squared distances, and whether none nearer was overlooked."""
        bounds, indices = self.bounds.numpy(), self.indices.numpy()
        there = np.isfinite(bounds)
        squared = np.full(bounds.shape, np.inf)
        at, _ = there.nonzero()
        squared[there] = pair_distances(queries, wanted[at], reference, indices[there])
        order = np.lexsort((indices, squared), axis=1)[:, :k]
        squared, indices = (np.take_along_axis(table, order, axis=1) for table in (squared, indices))
        # whatever was not taken lies beyond the highest bound; nothing lies nearer than 0
        reach = squared[:, -1]
        return indices, squared, (bounds.max(axis=1) >= reach * frame.scale**2) | (reach == 0)


def _empty(n: int, width: int, dtype: torch.dtype) -> _Shortlist:
    return _Shortlist(
        torch.full((n, width), math.inf, dtype=dtype), torch.zeros((n, width), dtype=torch.int64)
    )


def _shortlist(
    queries: np.ndarray,
    wanted: np.ndarray,
    reference: np.ndarray,
    frame: Frame,
    same: np.ndarray | None,
    width: int,
    dtype: torch.dtype,
) -> _Shortlist:
    """The shortlist of the wanted queries."""
    shortlist = _empty(len(wanted), width, dtype)
    for rows in blocks(len(wanted), queries.shape[1]):
        one = block_of(queries, wanted[rows], frame, dtype)
        for columns in blocks(len(reference), reference.shape[1]):
            bounds = lower_bounds(one, block_of(reference, columns, frame, dtype))
            if same is not None:
                itself = same[wanted[rows]] - columns.start
                (at,) = ((itself >= 0) & (itself < bounds.shape[1])).nonzero()
                bounds[torch.from_numpy(at), torch.from_numpy(itself[at])] = math.inf
            shortlist.take(rows, columns, bounds)
    return shortlist


def _shortlist_within(features: np.ndarray, frame: Frame, width: int, dtype: torch.dtype) -> _Shortlist:
    """The shortlist of all features among their own kind: a tile serves its rows and its columns."""
    shortlist = _empty(len(features), width, dtype)
    for rows in blocks(len(features), features.shape[1]):
        one = block_of(features, rows, frame, dtype)
        for columns in blocks(len(features), features.shape[1]):
            if columns.start == rows.start:
                shortlist.take(rows, rows, lower_bounds(one, one).fill_diagonal_(math.inf))
            elif columns.start > rows.start:
                bounds = lower_bounds(one, block_of(features, columns, frame, dtype))
                shortlist.take(rows, columns, bounds)
                shortlist.take(columns, rows, bounds.T.contiguous())
    return shortlist
