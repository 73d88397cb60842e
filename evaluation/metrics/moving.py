"""How clips move: how much successive frames differ, and whether what is read follows the curve that was asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evaluation.metrics.frechet import estimate_frechet
from evaluation.statistics.estimate import (
    N_GROUPS,
    Estimate,
    left_out_means,
    n_groups_of,
)
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError

LEAST_CHANGE = 0.05
"""A curve of a smaller standard deviation over time is one that stays."""
STRONG = 0.5
"""Frames that count as showing their emotion: of at least this share of the clip's highest intensity."""


def flicker(frames: np.ndarray) -> float:
    """The mean absolute difference of successive frames uint8 [T, H, W, 3], as a share of the range: in [0, 1]."""
    if len(frames) < 2:
        raise DataError(
            f"Successive frames are compared; found {len(frames)}. Give clips of at least two frames."
        )
    # one pair after another, so that a long clip takes no more memory
    pairs = zip(frames[:-1].astype(np.int16), frames[1:].astype(np.int16), strict=True)
    return float(np.mean([np.abs(second - first).mean() for first, second in pairs]) / 255)


def estimate_flicker(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The mean ``flicker`` of fakes [N] over that of real clips [M]: 1 is alike, below 1 too still, above 1 flickering."""
    n = min(len(real), len(fake))
    if n < 2 or not real.mean() > 0:
        raise DataError("Flicker is told beside real clips that move: give at least 2 a side.")
    value, n_groups = float(fake.mean(dtype=np.float64) / real.mean(dtype=np.float64)), n_groups_of(n)
    without = left_out_means(fake, n_groups) / left_out_means(real, n_groups)
    note = f"Real clips change by {100 * real.mean():.2f}% of the range a frame, these by {100 * fake.mean():.2f}%."
    return Estimate(value, without, jackknife(value, without), n, note)


def estimate_frame_frechet(real: np.ndarray, fake: np.ndarray, n_frames: int) -> Estimate:
    """The Fréchet distance of single frames, from features [N, n_frames * D] of some frames of each clip.

    The frames of a clip are in one group, so that the interval is that of clips.
    """
    n = min(len(real), len(fake)) // N_GROUPS * N_GROUPS or min(len(real), len(fake))

    def in_a_row(features: np.ndarray) -> np.ndarray:
        apart = np.asarray(features[:n]).reshape(n, n_frames, -1)
        return apart.transpose(1, 0, 2).reshape(n * n_frames, -1)

    estimate = estimate_frechet(in_a_row(real), in_a_row(fake))
    note = f"{n_frames} frames of each of {n} clips. {estimate.note}".strip()
    return Estimate(estimate.value, estimate.left_out, estimate.interval, n, note)


def strong_frames(curves: np.ndarray) -> np.ndarray:
    """bool [N, T]: frames at which an emotion is to be seen, of curves [N, T]; all of those that are not known (-1)."""
    highest = curves.max(1, keepdims=True)
    return (curves >= STRONG * highest) | (highest < 0)


def agreement(asked: np.ndarray, read: np.ndarray) -> np.ndarray:
    """[N]: the correlation over time of the intensity asked for and the strength read, both [N, T]; 0 where one stays."""
    asked, read = (values - values.mean(1, keepdims=True) for values in (asked, read))
    size = np.sqrt((asked**2).sum(1) * (read**2).sum(1))
    return np.where(size > 1e-12, (asked * read).sum(1) / np.maximum(size, 1e-12), 0.0)


def estimate_mean_of(values: np.ndarray, note: Callable[[int], str], low: float) -> Estimate:
    """The mean of one number a clip [N] in [``low``, 1]; ``note(n)`` says of what."""
    n = len(values)
    if n < 2:
        raise DataError(f"A mean needs at least 2 clips; found {n}. Give more.")
    value, without = float(values.mean()), left_out_means(values, n_groups_of(n))
    return Estimate(value, without, jackknife(value, without, lowest=low, highest=1), n, note(n))
