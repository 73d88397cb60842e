"""The Fréchet distance in wavelet packets: how far fakes are from real images in each band, without any network."""

from __future__ import annotations

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.moments import check_pair, finite_mean
from multigan.errors import DataError

LEVEL = 4
"""That of arXiv:2312.15289, which has 256 packets."""
LARGEST = 10_000
CHUNK = 32
"""Packets that are looked at together."""
NEGLIGIBLE = 1e-12
WHAT = "Fréchet wavelet distance"


def packets(images: np.ndarray, level: int = LEVEL) -> np.ndarray:
    """The Haar wavelet packets [N, 4^L, 3 (H / 2^L) (W / 2^L)] of images [N, H, W, 3], in natural order.

    Every band of each level is split again into (a + b + c + d, a + b - c - d, a - b + c - d, a - b - c + d) / 2 of its
    2x2 blocks, so that the transform is orthonormal. Sides are multiples of 2^L.
    """
    n, height, width, _ = images.shape
    if height % 2**level or width % 2**level:
        raise DataError(
            f"Wavelet packets of level {level} are of images whose sides are multiples of {2**level}; found "
            f"{height}x{width}. Resize them."
        )
    bands = images[:, None]
    for _ in range(level):
        a, b, c, d = (bands[:, :, y::2, x::2] for y in (0, 1) for x in (0, 1))
        split = (a + b + c + d, a + b - c - d, a - b + c - d, a - b - c + d)
        bands = np.stack(split, axis=2).reshape(n, -1, *a.shape[2:]) / 2
    return bands.reshape(n, 4**level, -1)


def frechet_wavelet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The mean over packets of the Fréchet distance of their coefficients, [N, P, D] and [M, P, D]; >= 0.

    arXiv:2312.15289: each packet of all channels is a Gaussian with an unbiased covariance; images are in [0, 1]. It is
    biased upwards, the more the fewer the samples: compare at equal n.
    """
    return estimate_wavelet_distance(real, fake).value


def estimate_wavelet_distance(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The Fréchet wavelet distance of packets [N, P, D] and [M, P, D], N and M > 2, with each group left out of both.

    To first order in the covariances, and pairs of groups to second, as ``metrics.frechet.estimate_frechet`` has it.
    """
    real, fake = real[:LARGEST], fake[:LARGEST]
    check_pair(real[:, 0], fake[:, 0], 3, WHAT)
    n_packets, n_groups = real.shape[1], n_groups_of(min(len(real), len(fake)))
    value, left_out, together = 0.0, np.zeros(n_groups), np.zeros(len(pairs_of_groups(n_groups)))
    for start in range(0, n_packets, CHUNK):
        chosen = slice(start, start + CHUNK)
        one, other = (_Side(np.asarray(side[:, chosen], np.float64), n_groups) for side in (real, fake))
        found = _sums(one, other, n_groups)
        value, left_out, together = value + found[0], left_out + found[1], together + found[2]
    value, left_out, together = value / n_packets, left_out / n_packets, together / n_packets
    n, note = min(len(real), len(fake)), f"Mean over {n_packets} packets."
    interval = jackknife(value, left_out, lowest=0.0, interactions=together)
    return Estimate(value, left_out, interval, n, note, together)


class _Side:
    """Moments of packets [N, P, D]: of all samples, and of each group about the mean of all."""

    def __init__(self, packets: np.ndarray, n_groups: int) -> None:
        n = len(packets)
        member = groups(n, n_groups)
        self.mean = finite_mean(packets)
        centred = (packets - self.mean).transpose(1, 0, 2)
        self.scatters = np.stack(
            [part.transpose(0, 2, 1) @ part for part in (centred[:, member == g] for g in range(n_groups))]
        )
        self.counts = np.bincount(member, minlength=n_groups)
        self.steps = np.stack([centred[:, member == g].mean(axis=1) for g in range(n_groups)])
        self.covariance = self.scatters.sum(axis=0) / (n - 1)
        left = (n - self.counts)[:, None, None]
        counts = self.counts[:, None, None]
        self.means = self.mean - self.steps * counts / left
        """[G, P, D] without each group, and the covariance [G, P, D, D]."""
        outer = self.steps[..., :, None] * self.steps[..., None, :]
        left, counts = left[..., None], counts[..., None]
        self.covariances = (self.covariance * (n - 1) - self.scatters - counts**2 / left * outer) / (left - 1)


def _sums(real: _Side, fake: _Side, n_groups: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Of packets together: the distance, [G] the same without each group, and [P] what pairs of groups add."""
    forth, back, lengths = _roots(real.covariance, fake.covariance)
    steps = real.means - fake.means
    spread = [
        np.trace(side.covariances, axis1=2, axis2=3)
        - (side.covariances * (root @ _turned(root))).sum(axis=(2, 3))
        for side, root in ((real, forth), (fake, back))
    ]
    left_out = ((steps**2).sum(axis=2) + sum(spread)).sum(axis=1)
    step = real.mean - fake.mean
    traces = np.trace(real.covariance + fake.covariance, axis1=1, axis2=2).sum()
    value = max(0.0, float((step**2).sum() + traces - 2 * lengths.sum()))
    # what pairs of groups add: of the means, and of the covariances in the coordinates of the roots
    apart = ((steps - steps.mean(axis=0)) * (n_groups - 1)).reshape(n_groups, -1)
    sums = apart @ apart.T * 2
    moved = [
        _turned(root) @ side.scatters @ root / np.maximum(side.counts, 1)[:, None, None, None]
        for side, root in ((real, forth), (fake, back))
    ]
    gaps = moved[0] - moved[1]
    gaps -= gaps.mean(axis=0)
    total = lengths[:, :, None] + lengths[:, None, :]
    weighted = np.where(total > 0, gaps / np.where(total > 0, total, 1), 0)
    sums += weighted.reshape(n_groups, -1) @ gaps.reshape(n_groups, -1).T
    one, other = pairs_of_groups(n_groups).T
    return value, left_out, sums[one, other] * (n_groups - 1) / (n_groups * max(1, n_groups - 2))


def _roots(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Roots [P, D, D] of the maps between Gaussians with covariances [P, D, D], forth and back, and lengths [P, D].

    With S = A A^T and A^T S' A = U L^2 U^T: T = A^-T U L U^T A^-1, and T' = A U L^-1 U^T A^T. What has no overlap does not
    move.
    """
    values, axes = np.linalg.eigh(one)
    kept = values > NEGLIGIBLE * values.max(axis=1, keepdims=True)
    scale = np.sqrt(np.where(kept, values, 0))[:, None]
    factor, inverse = axes * scale, axes * np.where(kept, 1 / np.where(kept, scale[:, 0], 1), 0)[:, None]
    squares, turns = np.linalg.eigh(_turned(factor) @ other @ factor)
    kept = squares > NEGLIGIBLE * squares.max(axis=1, keepdims=True)
    lengths = np.sqrt(np.where(kept, squares, 0))
    roots = np.sqrt(lengths)[:, None]
    apart = np.where(kept, 1 / np.where(kept, roots[:, 0], 1), 0)[:, None]
    return inverse @ (turns * roots), factor @ (turns * apart), lengths


def _turned(matrices: np.ndarray) -> np.ndarray:
    return matrices.swapaxes(-1, -2)
