"""Features of audio that need no download: statistics of a log-mel spectrogram, and the spectrogram itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from multigan.reading.audio import Clip, resampled

RATE_HZ = 16_000
WINDOW = 1024
HOP = 256
N_BANDS = 64
BAND_RANGE_HZ = (40.0, 8000.0)
FLOOR_DB = -80.0
MIDDLE_DB, UNIT_DB = -40.0, 20.0
N_FRAMES = 64
_BLOCK = 4096

_SPECTROGRAM = (
    f"{RATE_HZ} Hz mono, Hann windows of {WINDOW} samples every {HOP}, power in {N_BANDS} triangular HTK mel bands from "
    f"{BAND_RANGE_HZ[0]:.0f} to {BAND_RANGE_HZ[1]:.0f} Hz, in dB under a full-scale sine, not below {FLOOR_DB:.0f}"
)


def spectrogram(clip: Clip) -> np.ndarray:
    """The log-mel spectrogram float32 [64, frames] in dB, frames >= 1; 0 dB is a full-scale sine, -80 dB the floor.

    16 kHz; frames of 1,024 samples (64 ms) every 256 (16 ms), as many as cover the clip: the last is filled with zeros,
    so a clip shorter than one window makes one frame. L = 10 log10(max(M |F(w x)|^2, 1e-8)), where w
    is a Hann window over half its sum, so that a sine of amplitude 1 peaks at 1, and M [64, 513] are triangles of
    height 1 that lie evenly on the HTK mel scale, 2595 log10(1 + f / 700), from 40 to 8,000 Hz.
    """
    waveform = resampled(clip, RATE_HZ)
    n_frames = max(1, 1 + -(-(len(waveform) - WINDOW) // HOP))
    padded = np.zeros((n_frames - 1) * HOP + WINDOW, np.float32)
    padded[: len(waveform)] = waveform
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    # a clip of half an hour would take gigabytes at once
    return np.concatenate([_levels(frames[n : n + _BLOCK]) for n in range(0, n_frames, _BLOCK)], axis=1)


class LogMel:
    """``log-mel-v1``: how loud each band is, how it moves, and where in the clip: 4 x 64 statistics over the frames.

    Of each band's level, (dB + 40) / 20: its mean; its standard deviation; the root mean square of its steps from frame
    to frame; and its mean over the second half minus that over the first, which tells a decay from an attack. The
    middle of the range lies at 0, so that directions and cubes of features tell clips apart. A clip of one frame has
    zeros for the last three; silence is -2 and zeros.
    """

    name = "log-mel-v1"
    preprocessing = (
        f"{_SPECTROGRAM}; of each band, (dB + 40) / 20: mean over time, deviation, RMS step, "
        "second half minus first; v1"
    )
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: Clip) -> np.ndarray:
        """The features float32 [256] of a clip."""
        levels = (spectrogram(sample).astype(np.float64) - MIDDLE_DB) / UNIT_DB
        half = levels.shape[1] // 2
        if half == 0:
            return np.concatenate([levels[:, 0], np.zeros(3 * N_BANDS)]).astype(np.float32)
        steps = np.sqrt((np.diff(levels) ** 2).mean(axis=1))
        turn = levels[:, -half:].mean(axis=1) - levels[:, :half].mean(axis=1)
        return np.concatenate([levels.mean(axis=1), levels.std(axis=1), steps, turn]).astype(np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, 256]."""
        return np.stack(prepared)


class LogMelFrames:
    """``log-mel-frames-v1``: the spectrogram of a clip's first second, laid out flat: what |D|self and |D|train compare.

    The first 64 frames (1.07 s), time by time; what lies beyond the end of a shorter clip is the floor. WaveGAN
    (arXiv:1802.04208) compares 128 bands in 128 frames of its 16,384 samples: distances here have another scale than its.
    """

    name = "log-mel-frames-v1"
    preprocessing = f"{_SPECTROGRAM}; the first {N_FRAMES} frames, the floor beyond a clip's end; v1"
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: Clip) -> np.ndarray:
        """The features float32 [4096] of a clip."""
        levels = spectrogram(sample)[:, :N_FRAMES]
        flat = np.full((N_FRAMES, N_BANDS), FLOOR_DB, np.float32)
        flat[: levels.shape[1]] = levels.T
        return flat.ravel()

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, 4096]."""
        return np.stack(prepared)


def mean_spectra(features: np.ndarray) -> np.ndarray:
    """The mean level in dB of each band [N, 64] out of ``log-mel-v1`` features [N, 256]."""
    return features[:, :N_BANDS] * UNIT_DB + MIDDLE_DB


def load_log_mel(device: torch.device, files: Mapping[str, Path]) -> LogMel:
    """It is computed on the CPU and has no files."""
    return LogMel()


def load_log_mel_frames(device: torch.device, files: Mapping[str, Path]) -> LogMelFrames:
    """It is computed on the CPU and has no files."""
    return LogMelFrames()


def _levels(frames: np.ndarray) -> np.ndarray:
    """dB float32 [64, F] of frames [F, 1024]."""
    transformed = np.fft.rfft(frames * _window())
    power = (transformed.real**2 + transformed.imag**2) @ _bands().T
    levels = 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))
    return np.maximum(levels, FLOOR_DB).T.astype(np.float32)  # rounding left it just under


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """A periodic Hann window [1024] over half its sum."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return (window / (window.sum() / 2)).astype(np.float32)


@lru_cache(maxsize=1)
def _bands() -> np.ndarray:
    """The mel triangles [64, 513]."""
    low, high = (2595 * np.log10(1 + edge / 700) for edge in BAND_RANGE_HZ)
    edges = 700 * (10 ** (np.linspace(low, high, N_BANDS + 2) / 2595) - 1)
    frequencies = np.arange(WINDOW // 2 + 1) * RATE_HZ / WINDOW
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
