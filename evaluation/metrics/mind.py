"""MIND (Monge Inception Distance on Inception features): how far samples must be moved, along directions of the features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from evaluation.statistics.estimate import Estimate, groups, interactions, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.moments import check_pair
from evaluation.statistics.neighbours import block_of, blocks, frame_of, precisions
from multigan.errors import DataError

N_DIRECTIONS, SEED = 1000, 2020
"""Those of torch-fidelity."""
LARGEST = 50_000
"""How many samples of each side ``estimate_mind`` looks at: the projections of all are held, 4 KB a sample."""
AT_ONCE = 500_000
"""About as many values are sorted at once, so that they stay near the processor."""
N_PAIRS_OF_EACH = 2
"""Pairs of groups that are left out, as a multiple of the number of groups."""


def mind(real: np.ndarray, fake: np.ndarray, n_directions: int = N_DIRECTIONS, seed: int = SEED) -> float:
    """3 D times the mean, over random directions u, of the squared Wasserstein distance of u.x and u.y.

    Of features x and y [N, D], equal in number, N > 0: in one dimension that distance is the mean square of the
    differences of sorted values. So two Gaussians that differ in their means alone are 3 |m - m'|^2 apart, and the bias of
    few samples falls as 1 / N. ``n_directions`` are drawn by ``seed`` as torch-fidelity draws them; a float32 product takes
    features about the mean of the real ones. arXiv:2605.06797.
    """
    _check(real, fake, at_least=1)
    total = 0.0
    for one, other in _projections(real, fake, n_directions, seed):
        total += _squares(np.sort(one, axis=1), np.sort(other, axis=1))
    return 3 * real.shape[1] / n_directions * total / len(real)


def estimate_mind(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """MIND of features [N, D], N > 2, with each group left out of both sides exactly: of the first 50,000 samples a side.

    The directions are the same for all sets. The interval is the jackknife's, which tells nothing of the bias.
    """
    real, fake = real[:LARGEST], fake[:LARGEST]
    _check(real, fake, at_least=3)
    n, n_groups = len(real), n_groups_of(len(real))
    pairs = (
        pairs_of_groups(n_groups, N_PAIRS_OF_EACH * n_groups) if n_groups > 3 else np.empty((0, 2), np.int64)
    )
    without = [(), *((group,) for group in range(n_groups)), *map(tuple, pairs)]
    member = groups(n, n_groups).astype(np.int8)
    totals = np.zeros(len(without))
    for one, other in _projections(real, fake, N_DIRECTIONS, SEED):
        sides = [_with_members(values, member) for values in (one, other)]
        for place, chosen in enumerate(without):
            totals[place] += _squares(*(_left(*side, chosen) for side in sides))
    sizes = np.array([n - np.isin(member, chosen).sum() for chosen in without])
    values = 3 * real.shape[1] / N_DIRECTIONS * totals / sizes
    value, left_out = float(values[0]), values[1 : n_groups + 1]
    together = interactions(value, left_out, pairs, values[n_groups + 1 :])
    interval = jackknife(value, left_out, lowest=0, interactions=together)
    return Estimate(value, left_out, interval, n, f"Along {N_DIRECTIONS} directions.", together)


def _projections(
    real: np.ndarray, fake: np.ndarray, n_directions: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Both sides' values [m, N] along some of the directions, about the mean of the real features."""
    frame, dtype = frame_of(real), precisions()[0]
    directions = torch.randn(n_directions, real.shape[1], generator=torch.Generator().manual_seed(seed))
    directions = (directions / directions.norm(dim=1, keepdim=True).clamp_min(1e-12)).to(dtype)
    sides = []
    for features in (real, fake):
        values = torch.empty((n_directions, len(features)), dtype=dtype)
        for rows in blocks(len(features), features.shape[1]):
            values[:, rows] = directions @ block_of(features, rows, frame, dtype).values.T
        sides.append((values / frame.scale).numpy())
    step = max(1, AT_ONCE // len(real))
    for start in range(0, n_directions, step):
        one, other = (values[start : start + step] for values in sides)
        yield one, other


def _with_members(values: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values [m, N] in order, and the group of each."""
    order = np.argsort(values, axis=1)
    return np.take_along_axis(values, order, axis=1), member[order]


def _left(values: np.ndarray, member: np.ndarray, without: tuple[int, ...]) -> np.ndarray:
    """Sorted values [m, N] without those of some groups: as many in each row."""
    if not without:
        return values
    stays = member != without[0]
    for group in without[1:]:
        stays &= member != group
    return values[stays].reshape(len(values), -1)


def _squares(one: np.ndarray, other: np.ndarray) -> float:
    """The sum of the squared differences [m, N], added up in float64."""
    difference = one - other
    return float(np.square(difference, out=difference).sum(dtype=np.float64))


def _check(real: np.ndarray, fake: np.ndarray, at_least: int) -> None:
    check_pair(real, fake, at_least, "distance of sorted values")
    if len(real) != len(fake):
        raise DataError(
            f"Compare equal numbers of samples; found {len(real)} real and {len(fake)} fake. Take a subset."
        )
    frame_of(fake)
