"""Series as features: numbers that say what a series is like, whatever its phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from series.series_data import Recording

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
LAGS = (1, 2, 4, 8)
N_BANDS = 6
ENDS = 4
"""Parts of a series whose means are features: where it rises and falls."""


def autocorrelation(values: np.ndarray) -> np.ndarray:
    """[N, L] of series [N, T] at lags 0 to T / 4, each around its own mean; 0 where a series is constant."""
    centred = values - values.mean(1, keepdims=True)
    n = values.shape[1]
    spread = (centred**2).mean(1)
    safe = np.where(spread > 1e-12, spread, 1)
    lags = range(n // 4 + 1)
    products = np.stack([(centred[:, : n - lag] * centred[:, lag:]).sum(1) / n for lag in lags], 1)
    return products / safe[:, None] * (spread > 1e-12)[:, None]


def summary_of(values: np.ndarray) -> np.ndarray:
    """float64 [N, D] of series [N, C, T] at mean 0 and deviation 1 over the data.

    Of each channel: quantiles of its numbers and of their changes, means of its quarters, logarithms of its power in 6
    bands, and autocorrelations; of each pair of channels their correlation, at once and 3 steps later.
    """
    parts = []
    for channel in values.transpose(1, 0, 2):
        changes = np.diff(channel)
        power = np.abs(np.fft.rfft(channel - channel.mean(1, keepdims=True)))[:, 1:] ** 2 / channel.shape[1]
        bands = [band.mean(1) for band in np.array_split(power, N_BANDS, axis=1)]
        own = autocorrelation(channel)
        parts += [*np.quantile(channel, SHARES, axis=1), *np.quantile(changes, SHARES, axis=1)]
        parts += [part.mean(1) for part in np.array_split(channel, ENDS, axis=1)]
        parts += [np.log10(band + 1e-4) for band in bands]
        parts += [own[:, min(lag, own.shape[1] - 1)] for lag in LAGS]
    for one, other in combinations(range(values.shape[1]), 2):
        parts += [correlation(values[:, one], values[:, other], lag) for lag in (0, 3)]
    return np.stack(parts, 1)


def correlation(one: np.ndarray, other: np.ndarray, lag: int) -> np.ndarray:
    """[N]: of each series [N, T] with another ``lag`` steps later; 0 where one is constant."""
    one, other = one[:, : one.shape[1] - lag], other[:, lag:]
    a, b = (side - side.mean(1, keepdims=True) for side in (one, other))
    size = np.sqrt((a**2).sum(1) * (b**2).sum(1))
    return np.where(size > 1e-9, (a * b).sum(1) / np.where(size > 1e-9, size, 1), 0)


class Summary:
    """``summary_of`` as features [N, D]."""

    name, digest, preprocessing = "summary", "none", "levels, changes, spectra and correlations; v1"

    def prepare(self, sample: Any) -> np.ndarray:
        """float64 [C, T] of a ``Recording`` at mean 0 and deviation 1 over the data."""
        recording: Recording = sample
        scale = [(one.mean, one.deviation) for one in recording.channels.channels]
        mean, deviation = np.array(scale).T[:, :, None]
        return (recording.values - mean) / deviation

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, D]."""
        return summary_of(np.stack(prepared)).astype(np.float32)


def summary(device: Any, files: Mapping[str, Path]) -> Summary:
    """It needs neither."""
    return Summary()
