"""Kernel distances with a Gaussian kernel (a radial basis function): its bandwidth is told by real samples, or fixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from evaluation.metrics.kernel import LARGEST, estimate_with_subsets
from evaluation.statistics.estimate import Estimate
from evaluation.statistics.moments import check_pair, finite_mean
from evaluation.statistics.neighbours import (
    Block,
    Frame,
    block_of,
    frame_of,
    pair_distances,
    precisions,
    squared_distances,
)
from multigan.errors import DataError

TIMES_OF_MEDIAN = 100
"""What KAD's distance is multiplied with."""
BANDWIDTH, TIMES_OF_FIXED = 10.0, 1000
"""Those of CMMD, for features of length 1."""
FOR_MEDIAN = 2_000
"""The median distance is that of the pairs of so many real samples."""


@dataclass(frozen=True)
class Gaussian:
    """exp(-|x - y|^2 / (2 s^2)) - 1 of features [N, D] and [M, D], with s the bandwidth.

    Less 1, which cancels in a distance: the kernel of a wide bandwidth is all near 1, and float32 keeps the rest.
    """

    bandwidth: float
    frame: Frame
    """Where the features lie, which rounding depends on and the kernel does not."""

    @classmethod
    def around(cls, features: np.ndarray, bandwidth: float) -> Gaussian:
        """In the frame of features [N, D]."""
        return cls(bandwidth, frame_of(features))

    def rows(self, features: np.ndarray) -> Block:
        return block_of(features, slice(None), self.frame, precisions()[0])

    def between(self, one: Block, other: Block) -> Tensor:
        squared = squared_distances(one, other)
        squared *= -1 / (2 * (self.bandwidth * self.frame.scale) ** 2)
        return squared.expm1_().double()


def median_distance(features: np.ndarray) -> float:
    """The median Euclidean distance over the pairs of the first 2,000 of features [N, D].

    Of an even number of pairs the lower of the two in the middle.
    DataError where it is 0, as where more than half of all pairs are copies.
    """
    features = features[:FOR_MEDIAN]
    if len(features) < 2:
        raise DataError(
            f"A median distance needs 2 samples or more; found {len(features)}. Give more samples."
        )
    one, other = np.triu_indices(len(features), 1)
    block = block_of(features, slice(None), frame_of(features), torch.float64)
    squared = squared_distances(block, block).numpy()[one, other]
    middle = int(np.argpartition(squared, (len(squared) - 1) // 2)[(len(squared) - 1) // 2])
    # from the difference, which is 0 between copies
    median = float(np.sqrt(pair_distances(features, one[[middle]], features, other[[middle]])[0]))
    if not median > 0:
        raise DataError(
            "Half of the pairs of real samples are copies, so that their median distance is 0 and no bandwidth. "
            "Give real samples that differ, or other features."
        )
    return median


def estimate_rbf_median(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """100 MMD^2 of features [N, D] and [M, D], without bias; the bandwidth is the median distance of the real ones.

    KAD: arXiv:2502.15602. Of the first 10,000 samples a side; groups are left out exactly, at one bandwidth.
    """
    check_pair(real, fake, 3, "kernel distance")
    real, fake = real[:LARGEST], fake[:LARGEST]
    kernel = Gaussian.around(real, median_distance(real))
    estimate, _ = estimate_with_subsets(real, fake, kernel, times=TIMES_OF_MEDIAN)
    return estimate.with_note(
        f"Bandwidth {kernel.bandwidth:.4g}, the median distance of real samples; times 100."
    )


def estimate_rbf_fixed(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """1000 MMD^2 of features [N, D] and [M, D] at length 1, without bias, in the kernel of bandwidth 10.

    CMMD: arXiv:2401.09603. (Its code keeps each sample's kernel with itself, and so is higher by 1000 times the sum, over
    both sides, of 1 / N times what the mean kernel of two samples of the side is below 1.) Of the first 10,000 samples.
    """
    check_pair(real, fake, 3, "kernel distance")
    real, fake = (_at_length_1(features[:LARGEST]) for features in (real, fake))
    estimate, _ = estimate_with_subsets(real, fake, Gaussian.around(real, BANDWIDTH), times=TIMES_OF_FIXED)
    return estimate.with_note("Features at length 1, bandwidth 10; times 1000.")


def _at_length_1(features: np.ndarray) -> np.ndarray:
    """Features [N, D] over their lengths; those of length 0 stay."""
    finite_mean(features)
    lengths = np.linalg.norm(np.asarray(features, np.float64), axis=1, keepdims=True)
    return (features / np.where(lengths > 0, lengths, 1)).astype(features.dtype)
