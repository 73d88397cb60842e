"""The kernel distance (KID on Inception features): a squared maximum mean discrepancy, without bias at any n."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from evaluation.statistics.estimate import Estimate, groups, interactions, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.moments import check_pair, finite_mean

LARGEST = 10_000
"""How many samples of each side ``estimate_kernel`` looks at: its time grows with their square."""
N_SUBSETS, SUBSET_SIZE = 100, 1000
BLOCK_ROWS = 1024


class Kernel(Protocol):
    """A kernel between features, which come to it in blocks of rows [n, D]."""

    def rows(self, features: np.ndarray) -> Any:
        """A block as the kernel takes it."""
        ...

    def between(self, one: Any, other: Any) -> Tensor:
        """[n, m] float64, of two blocks; less any constant, which cancels in a distance without bias."""
        ...


class Cubic:
    """(x.y / D + 1)^3 of features [N, D] and [M, D], in float64."""

    def rows(self, features: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(features, np.float64))

    def between(self, one: Tensor, other: Tensor) -> Tensor:
        linear = one @ other.T
        linear /= one.shape[1]
        linear += 1
        cubed = linear * linear  # a power of 3 takes thirty times as long
        cubed *= linear
        return cubed


CUBIC = Cubic()


def kernel_distance(real: np.ndarray, fake: np.ndarray, kernel: Kernel = CUBIC) -> float:
    """MMD^2 of features [N, D] and [M, D] under k(x, y) = (x.y / D + 1)^3; it has no bias, so it may fall below 0.

    sum_{i != j} k(x_i, x_j) / (N (N - 1)) + sum_{i != j} k(y_i, y_j) / (M (M - 1)) - 2 sum_{i, j} k(x_i, y_j) / (N M):
    arXiv:1801.01401, eq. 4 and section 4. Every pair of samples is used, in blocks of constant memory.
    """
    _check(real, fake, at_least=2)
    weights = np.ones((len(real), 1)), np.ones((len(fake), 1))
    return float(KernelSums.of(real, fake, weights[0], weights[1], kernel).distances()[0])


def subset_distances(
    real: np.ndarray,
    fake: np.ndarray,
    n_subsets: int = N_SUBSETS,
    subset_size: int = SUBSET_SIZE,
    seed: int = 2020,
) -> np.ndarray:
    """``kernel_distance`` [S] of random subsets, drawn as torch-fidelity draws them (its own seed is 2020).

    Subsets share samples, so their spread is neither the error of their mean nor that of all samples.
    """
    _check(real, fake, at_least=max(2, subset_size))
    subsets = _drawn(len(real), len(fake), n_subsets, subset_size, seed)
    if len(real) * len(fake) > n_subsets * subset_size**2:
        return np.array([kernel_distance(real[rows], fake[others]) for rows, others in subsets])
    # one pass over all pairs of samples costs less than one a subset
    return KernelSums.of(real, fake, *_indicators(subsets, len(real), len(fake)), CUBIC).distances()


def estimate_kernel(real: np.ndarray, fake: np.ndarray, seed: int) -> Estimate:
    """The kernel distance over all pairs of the first 10,000 samples per side, with the jackknife's interval.

    Groups are left out of both sides exactly, from the kernel's sums over pairs of groups. The note has the mean and
    the standard deviation over 100 subsets of 1,000, drawn by ``seed``: the form in which it is often printed.
    """
    real, fake = real[:LARGEST], fake[:LARGEST]
    n, subsets = min(len(real), len(fake)), []
    if n > SUBSET_SIZE:
        subsets = _drawn(len(real), len(fake), N_SUBSETS, SUBSET_SIZE, seed)
    estimate, spread = estimate_with_subsets(real, fake, CUBIC, subsets)
    if not subsets:
        return estimate
    return estimate.with_note(
        f"Over {N_SUBSETS} subsets of {SUBSET_SIZE} the mean is {spread.mean():.4g}, "
        f"the standard deviation {spread.std():.2g}."
    )


def estimate_with_subsets(
    real: np.ndarray,
    fake: np.ndarray,
    kernel: Kernel,
    subsets: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    times: float = 1,
) -> tuple[Estimate, np.ndarray]:
    """``times`` the distance over all pairs of features [N, D] and [M, D], and that of each of the subsets [S] of rows.

    Groups are left out of both sides exactly, from the kernel's sums over pairs of groups.
    """
    _check(real, fake, at_least=3)
    n = min(len(real), len(fake))
    n_groups = n_groups_of(n)
    weights, other_weights = (np.eye(n_groups)[groups(len(features), n_groups)] for features in (real, fake))
    if subsets:
        chosen, others = _indicators(list(subsets), len(real), len(fake))
        weights, other_weights = np.hstack([weights, chosen]), np.hstack([other_weights, others])
    sums = KernelSums.of(real, fake, weights, other_weights, kernel)
    spread = times * sums.part(slice(n_groups, None)).distances()
    pairs = pairs_of_groups(n_groups) if n_groups > 3 else np.empty((0, 2), np.int64)
    alone = np.eye(n_groups)
    all_and_without = np.vstack([np.ones(n_groups), 1 - alone, 1 - alone[pairs].sum(axis=1)])
    values = times * sums.part(slice(n_groups)).combined(all_and_without).distances()
    value, left_out, without_both = float(values[0]), values[1 : n_groups + 1], values[n_groups + 1 :]
    together = interactions(value, left_out, pairs, without_both)
    interval = jackknife(value, left_out, interactions=together)
    return Estimate(value, left_out, interval, n, f"All pairs of {n} samples a side.", together), spread


@dataclass(frozen=True, eq=False)
class KernelSums:
    """Sums of the kernel over pairs of unequal samples, between C parts of the real and of the fake samples."""

    n_real: np.ndarray
    """[C]: samples in each part."""
    n_fake: np.ndarray
    real: np.ndarray
    """[C, C]: of pairs with one sample in each of two parts."""
    fake: np.ndarray
    cross: np.ndarray

    @classmethod
    def of(
        cls,
        real: np.ndarray,
        fake: np.ndarray,
        weights: np.ndarray,
        other_weights: np.ndarray,
        kernel: Kernel,
    ) -> KernelSums:
        """From 0 or 1 for each sample and part: weights [N, C] and [M, C]."""
        return cls(
            weights.sum(axis=0),
            other_weights.sum(axis=0),
            _within(real, weights, kernel),
            _within(fake, other_weights, kernel),
            _between(real, fake, weights, other_weights, kernel),
        )

    def distances(self) -> np.ndarray:
        """[C]: the distance of each part's real samples to its fake ones."""
        n, m = self.n_real, self.n_fake
        real, fake, cross = (np.diagonal(sums) for sums in (self.real, self.fake, self.cross))
        return real / (n * (n - 1)) + fake / (m * (m - 1)) - 2 * cross / (n * m)

    def part(self, chosen: slice) -> KernelSums:
        """The chosen parts only."""
        pairs = (sums[chosen, chosen] for sums in (self.real, self.fake, self.cross))
        return KernelSums(self.n_real[chosen], self.n_fake[chosen], *pairs)

    def combined(self, mixture: np.ndarray) -> KernelSums:
        """Parts that are sums of disjoint ones: mixture [K, C] of 0 and 1."""
        pairs = (mixture @ sums @ mixture.T for sums in (self.real, self.fake, self.cross))
        return KernelSums(mixture @ self.n_real, mixture @ self.n_fake, *pairs)


def _within(features: np.ndarray, weights: np.ndarray, kernel: Kernel) -> np.ndarray:
    """weights^T K weights [C, C], K being the kernel between features [N, D] with its diagonal set to 0."""
    parts, total = torch.from_numpy(weights), np.zeros((weights.shape[1],) * 2)
    for rows in _blocks(features):
        one = kernel.rows(features[rows])
        for columns in _blocks(features, rows.start):
            itself = columns.start == rows.start
            values = kernel.between(one, one if itself else kernel.rows(features[columns]))
            if itself:
                values.fill_diagonal_(0)
            # in torch throughout: threads of numpy's products, which wait busily, would take the cores from its own
            sums = (parts[rows].T @ (values @ parts[columns])).numpy()
            total += sums if itself else sums + sums.T
    return total


def _between(
    one: np.ndarray, other: np.ndarray, weights: np.ndarray, other_weights: np.ndarray, kernel: Kernel
) -> np.ndarray:
    """weights^T K other_weights [C, C], K being the kernel between features [N, D] and [M, D]."""
    parts, others = torch.from_numpy(weights), torch.from_numpy(other_weights)
    total = np.zeros((weights.shape[1], other_weights.shape[1]))
    for rows in _blocks(one):
        block = kernel.rows(one[rows])
        for columns in _blocks(other):
            values = kernel.between(block, kernel.rows(other[columns]))
            total += (parts[rows].T @ (values @ others[columns])).numpy()
    return total


def _blocks(features: np.ndarray, start: int = 0) -> Iterator[slice]:
    """Slices of rows from row ``start`` on."""
    for first in range(start, len(features), BLOCK_ROWS):
        yield slice(first, min(len(features), first + BLOCK_ROWS))


def _drawn(
    n: int, m: int, n_subsets: int, subset_size: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The rows of each subset on both sides, without repeats, in torch-fidelity's order of drawing."""
    state = np.random.RandomState(seed)
    return [
        (state.choice(n, subset_size, replace=False), state.choice(m, subset_size, replace=False))
        for _ in range(n_subsets)
    ]


def _indicators(
    subsets: list[tuple[np.ndarray, np.ndarray]], n: int, m: int
) -> tuple[np.ndarray, np.ndarray]:
    """[N, S] and [M, S]: 1 where a sample is in a subset."""
    chosen, others = np.zeros((n, len(subsets))), np.zeros((m, len(subsets)))
    for subset, (rows, other_rows) in enumerate(subsets):
        chosen[rows, subset] = others[other_rows, subset] = 1
    return chosen, others


def _check(real: np.ndarray, fake: np.ndarray, at_least: int) -> None:
    check_pair(real, fake, at_least, "kernel distance")
    for features in (real, fake):
        finite_mean(features)
