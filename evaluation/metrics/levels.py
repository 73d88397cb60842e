"""How much noise is in a sample, or how little detail: levels in dB, and how far those of fakes lie from real ones."""

from __future__ import annotations

import numpy as np

from evaluation.samples.checks import check_images
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError
from multigan.reading.audio import Clip

ROUNDING = 255.0**-2 / 12
"""The variance that 8 bits leave in a pixel of [0, 1]: what an image without any detail counts as, -58.9 dB."""
NORMAL_MEDIAN = 0.6745
"""The median of |x| of a normal x of deviation 1."""
INAUDIBLE = 1e-8
"""The power that silence counts as, -80 dB under a square wave of full scale."""
WINDOW, HOP = 512, 256
QUIET = 0.1
"""The share of frames that lie under a clip's noise floor."""


def image_levels(image: np.ndarray) -> tuple[float, float]:
    """The level of the finest detail of an image uint8 [H, W, 3] and that of its noise, in dB.

    Of the three Haar details of every 2x2 block of pixels in [0, 1] (a - b + c - d, a + b - c - d and a - b - c + d,
    halved), in each channel: 10 log10 of the mean square of all; and 20 log10 of the median of the last one's size
    over 0.6745, which edges hardly move (Donoho & Johnstone 1994, section 4.2). White noise of deviation s has 20 log10 s
    in both. A flat image has -58.9 dB.
    """
    check_images(image[None], "measured")
    a, b, c, d = (
        image[y : len(image) - 1 + y, x : image.shape[1] - 1 + x].astype(np.float32) / 255
        for y in (0, 1)
        for x in (0, 1)
    )
    if not a.size:
        a = b = c = d = np.zeros(1, np.float32)
    details = (a - b + c - d, a + b - c - d, a - b - c + d)
    power = np.mean([np.mean(np.square(one), dtype=np.float64) for one in details]) / 4
    noise = (float(np.median(np.abs(details[-1]))) / 2 / NORMAL_MEDIAN) ** 2
    return float(10 * np.log10(power + ROUNDING)), float(10 * np.log10(noise + ROUNDING))


def sound_levels(clip: Clip) -> tuple[float, float]:
    """The high-frequency energy and the noise floor of a clip, in dB.

    The mean power over time in the upper octave, from a quarter to half of the clip's own rate; and the power that the
    quietest tenth of its frames stays under. Frames are Hann windows of 512 samples every 256; white noise of deviation s
    has 20 log10 s - 3 and about 20 log10 s. Silence has -80 dB in both.
    """
    n_frames = max(1, 1 + -(-(len(clip.waveform) - WINDOW) // HOP))
    padded = np.zeros((n_frames - 1) * HOP + WINDOW, np.float32)
    padded[: len(clip.waveform)] = clip.waveform
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    total, high = np.empty(n_frames), np.empty(n_frames)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    for start in range(0, n_frames, 4096):
        rows = slice(start, start + 4096)
        power = np.abs(np.fft.rfft(frames[rows] * window)) ** 2 / (WINDOW * np.square(window).sum())
        power[:, 1:-1] *= 2  # those of negative frequencies
        total[rows], high[rows] = power[:, 1:].sum(axis=1), power[:, WINDOW // 4 :].sum(axis=1)
    levels = high.mean(), np.quantile(total, QUIET)
    return float(10 * np.log10(levels[0] + INAUDIBLE)), float(10 * np.log10(levels[1] + INAUDIBLE))


def estimate_level_above_real(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The mean level of fakes [N] less that of real samples [M], in dB."""
    n = min(len(real), len(fake))
    if n < 2:
        raise DataError(f"Levels need at least 2 samples a side; found {n}. Give more samples.")
    value, n_groups = float(fake.mean(dtype=np.float64) - real.mean(dtype=np.float64)), n_groups_of(n)
    without = left_out_means(fake, n_groups) - left_out_means(real, n_groups)
    note = f"Real samples have {real.mean():.1f} dB, these {fake.mean():.1f} dB."
    return Estimate(value, without, jackknife(value, without), n, note)
