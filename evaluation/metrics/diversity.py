"""How different are samples from one another? In features, and of images by MS-SSIM and LPIPS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from evaluation.samples.checks import check_images
from evaluation.statistics.estimate import Estimate, groups, n_groups_of
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.neighbours import block_of, blocks, frame_of, lower_bounds
from multigan.errors import DataError

MOST = 10_000
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales of MS-SSIM, finest first (Wang et al. 2003, section 3.2)."""
SMALLEST = (11, 22, 44, 99, 176)
"""The smallest height and width at which 1, 2, ... scales fit."""
RADIUS = 5
LUMINANCE, CONTRAST = 0.01**2, 0.03**2
"""C_1 and C_2, for pixels in [0, 1]: what keeps SSIM finite where an image is black or flat."""
LARGEST_LPIPS = 256
BATCH = 16

Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""uint8 images [N, H, W, 3], and others -> [N]."""


class PerceptualDistance(Protocol):
    """A distance of two images that a network sees, such as LPIPS."""

    @property
    def name(self) -> str: ...

    def distance(self, first: np.ndarray, second: np.ndarray) -> np.ndarray: ...


# ---- in features ----


def pairwise_distance(features: np.ndarray) -> float:
    """The mean Euclidean distance over the distinct pairs of features [N, D], N > 1; 0 where all are alike."""
    if len(features) < 2:
        raise DataError(
            f"A distance of pairs needs at least 2 samples; found {len(features)}. Give more samples."
        )
    return float(_distance_sums(features, 1).sum()) / (len(features) * (len(features) - 1))


def estimate_pairwise_distance(features: np.ndarray) -> Estimate:
    """The mean pairwise distance of features [N, D], N > 2: of the first 10,000, where there are more."""
    features = features[:MOST]
    n, n_groups = len(features), n_groups_of(len(features))
    if n < 3:
        raise DataError(
            f"A distance of pairs with an interval needs at least 3 samples; found {n}. Give more samples."
        )
    sums = _distance_sums(features, n_groups)
    left = n - np.bincount(groups(n, n_groups))
    left_out = (sums.sum() - 2 * sums.sum(axis=1) + sums.diagonal()) / (left * (left - 1))
    value = float(sums.sum()) / (n * (n - 1))
    return Estimate(
        value, left_out, jackknife(value, left_out, lowest=0), n, f"Over all pairs of {n} samples."
    )


def _distance_sums(features: np.ndarray, n_groups: int) -> np.ndarray:
    """[G, G]: the sum of the distances from samples of one group to those of another, in float64.

    Those that are less than about a millionth of the features' lengths are lost in rounding, and count as 0.
    """
    n, size = features.shape
    frame = frame_of(features)
    belongs = torch.from_numpy(np.eye(n_groups)[groups(n, n_groups)])
    sums = np.zeros((n_groups, n_groups))
    for rows in blocks(n, size):
        one = block_of(features, rows, frame, torch.float64)
        for columns in blocks(n, size):
            if columns.start < rows.start:
                continue
            other = one if columns == rows else block_of(features, columns, frame, torch.float64)
            distances = lower_bounds(one, other).clamp_(min=0).sqrt_()
            tile = (belongs[rows].T @ distances @ belongs[columns]).numpy()
            sums += tile if columns == rows else tile + tile.T
    return sums / frame.scale


# ---- of images ----


def ms_ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """MS-SSIM [N] of pairs of uint8 images [N, H, W, 3] (Wang et al. 2003, eq. 7): 1 for the same image.

    l_M^w_M * prod_j cs_j^w_j over M scales, each half the size of the one before, negative terms as 0; means over
    channels and pixels, and borders reflected, as torchmetrics has them. Five scales need 176 pixels; smaller images
    have as many of the finest as fit (4 from 99, 3 from 44, 2 from 22, 1 from 11), with weights of the same sum: such
    values compare only with those of the same number of scales.
    """
    check_images(first, "first")
    check_images(second, "second")
    if first.shape != second.shape:
        raise DataError(
            f"Pairs have images of one size; found {list(first.shape)} and {list(second.shape)}. Resize them."
        )
    weights = WEIGHTS[: n_scales(*first.shape[1:3])]
    one, other = (
        torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 255 for images in (first, second)
    )
    similarity = torch.ones(len(first), dtype=torch.float64)
    for scale, weight in enumerate(weights):
        luminance, contrast = _similarities(one, other)
        within = (
            slice(None),
            slice(None),
            slice(RADIUS, -RADIUS),
            slice(RADIUS, -RADIUS),
        )  # nothing reflected
        term = luminance * contrast if scale == len(weights) - 1 else contrast[within]
        mean = term.mean(dim=(1, 2, 3), dtype=torch.float64).clamp(min=0)
        similarity *= mean ** (weight * sum(WEIGHTS) / sum(weights))
        one, other = F.avg_pool2d(one, 2), F.avg_pool2d(other, 2)
    return similarity.numpy()


def _similarities(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Of luminance, and of contrast and structure, at each pixel of images [N, 3, H, W] (Wang et al. 2003, eq. 1 to 5)."""
    down, across = (_window(size) for size in one.shape[2:])
    a, b, aa, bb, ab = down @ torch.stack([one, other, one * one, other * other, one * other]) @ across.T
    luminance = (2 * a * b + LUMINANCE) / (a * a + b * b + LUMINANCE)
    contrast = (2 * (ab - a * b) + CONTRAST) / (aa - a * a + bb - b * b + CONTRAST)
    return luminance, contrast


def _window(size: int) -> Tensor:
    """[size, size]: the matrix that takes Gaussian means (deviation 1.5, 11 taps) of a column, mirrored at its ends."""
    taps = np.exp(-(np.arange(-RADIUS, RADIUS + 1) ** 2) / (2 * 1.5**2))
    padded = np.pad(np.arange(size), RADIUS, mode="reflect")
    matrix = np.zeros((size, size))
    for at, tap in enumerate(taps / taps.sum()):
        np.add.at(matrix, (np.arange(size), padded[at : at + size]), tap)
    return torch.from_numpy(matrix).float()


def n_scales(height: int, width: int) -> int:
    """How many scales of MS-SSIM an image has; DataError when it is too small for one."""
    n = sum(min(height, width) >= smallest for smallest in SMALLEST)
    if not n:
        raise DataError(
            f"MS-SSIM needs images of at least {SMALLEST[0]}x{SMALLEST[0]} pixels; found {height}x{width}."
        )
    return n


def estimate_ms_ssim(
    images: Sequence[np.ndarray],
    labels: Sequence | np.ndarray | None,
    seed: int,
    n_pairs: int = 1000,
    size: tuple[int, int] | None = None,
    clusters: np.ndarray | None = None,
) -> Estimate:
    """Mean MS-SSIM of random pairs of images uint8 [H, W, 3] that share a label; higher is less diverse.

    As arXiv:1610.09585, section 4.2, measures a class: compare with real images of the same labels, sizes and number of
    scales. ``images`` are read when they are asked for: once where ``size`` is given.
    """
    mean, (height, width) = _of_pairs(images, labels, seed, n_pairs, ms_ssim, SMALLEST[-1], size, clusters)
    scales = n_scales(height, width)
    note = f"{mean.note} {scales} scale{'s' if scales > 1 else ''}."
    return Estimate(mean.value, mean.left_out, jackknife(mean.value, mean.left_out, 0, 1), mean.n, note)


def estimate_pairwise_lpips(
    images: Sequence[np.ndarray],
    labels: Sequence | np.ndarray | None,
    network: PerceptualDistance,
    seed: int,
    n_pairs: int = 1000,
    size: tuple[int, int] | None = None,
    clusters: np.ndarray | None = None,
) -> Estimate:
    """Mean LPIPS distance of random pairs of images uint8 [H, W, 3] that share a label; higher is more diverse."""
    mean, _ = _of_pairs(images, labels, seed, n_pairs, network.distance, LARGEST_LPIPS, size, clusters)
    note = f"{mean.note} {network.name}."
    return Estimate(mean.value, mean.left_out, jackknife(mean.value, mean.left_out, 0), mean.n, note)


def pairs_within(
    n: int,
    labels: Sequence | np.ndarray | None,
    n_pairs: int,
    seed: int,
    clusters: np.ndarray | None = None,
) -> np.ndarray:
    """About n_pairs distinct pairs [P, 2] of n samples that share a label, and a group: leaving that out leaves whole pairs.

    In each group and label the samples are put into a random circle, and each is paired with the next, then with the one
    after, ...: all are in about as many pairs. Samples of one of the ``clusters`` [n], which are all in one group and would
    meet too often, are no pair. DataError unless two groups have a pair.
    """
    labels = np.zeros(n, np.int64) if labels is None else np.asarray(labels)
    if len(labels) != n:
        raise DataError(f"Each sample has a label; found {n} samples and {len(labels)} labels.")
    random, n_groups = np.random.default_rng(seed), n_groups_of(n)
    by_group = []
    for group in range(n_groups):
        rows = random.permutation(np.arange(group, n, n_groups))
        circles = [rows[labels[rows] == label] for label in np.unique(labels[rows])]
        pairs, step = np.empty((0, 2), np.int64), 1
        while len(pairs) < n_pairs / n_groups and any(2 * step <= len(circle) for circle in circles):
            steps = [_steps(circle, step) for circle in circles if 2 * step <= len(circle)]
            more = random.permutation(np.concatenate(steps))
            if clusters is not None:
                more = more[clusters[more[:, 0]] != clusters[more[:, 1]]]
            pairs, step = np.concatenate([pairs, more]), step + 1
        by_group.append(pairs[: -(-n_pairs // n_groups)])
    if sum(len(pairs) > 0 for pairs in by_group) < 2:
        raise DataError(
            f"There are too few samples for pairs with the same label; found {n} with {len(np.unique(labels))} labels. "
            f"Give at least {2 * n_groups} a label."
        )
    return np.concatenate(by_group)


def _steps(circle: np.ndarray, step: int) -> np.ndarray:
    """Each with the one that many steps on; across the whole circle that is every pair twice, so half of them."""
    pairs = np.stack([circle, np.roll(circle, -step)], axis=1)
    return pairs[:step] if 2 * step == len(circle) else pairs


def _of_pairs(
    images: Sequence[np.ndarray],
    labels: Sequence | np.ndarray | None,
    seed: int,
    n_pairs: int,
    measure: Measure,
    largest: int,
    size: tuple[int, int] | None,
    clusters: np.ndarray | None,
) -> tuple[Estimate, tuple[int, int]]:
    """The mean of ``measure`` over pairs, without its interval's ends, and the size that images were brought to.

    That is ``size``, which sets that are compared must share, or the smallest of the images, and ``largest`` at most.
    """
    n, pairs = len(images), pairs_within(len(images), labels, n_pairs, seed, clusters)
    rows = [int(row) for row in np.unique(pairs)]
    smallest = size or np.min([images[row].shape[:2] for row in rows], axis=0)
    height, width = (int(min(side, largest)) for side in smallest)
    read, of_other_size = {}, False
    for row in rows:
        image = images[row]
        of_other_size |= image.shape[:2] != (height, width)
        read[row] = _resized(image, height, width)
    values = []
    for start in range(0, len(pairs), BATCH):
        first, second = (
            np.stack([read[int(row)] for row in side]) for side in pairs[start : start + BATCH].T
        )
        values.append(measure(first, second))
    value, left_out = _mean_without(np.concatenate(values), pairs[:, 0], n_groups_of(n))
    note = f"{len(pairs)} pairs{'' if labels is None else ' that share a label'}, at {height}x{width} pixels"
    note += ", by area." if of_other_size else "."
    return Estimate(value, left_out, jackknife(value, left_out), n, note), (height, width)


def _resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """A uint8 image [H, W, 3] at another size by area means, rounded."""
    check_images(image[None], "paired")
    if image.shape[:2] == (height, width):
        return image
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
    resized = F.interpolate(pixels, (height, width), mode="area")[0].permute(1, 2, 0)
    return resized.round().to(torch.uint8).numpy()


def _mean_without(values: np.ndarray, rows: np.ndarray, n_groups: int) -> tuple[float, np.ndarray]:
    """The mean of values [P] of pairs, and that without each group [G], by a row of each pair."""
    member = rows % n_groups
    sums, counts = np.bincount(member, values, n_groups), np.bincount(member, minlength=n_groups)
    return float(values.mean()), (values.sum() - sums) / (len(values) - counts)
