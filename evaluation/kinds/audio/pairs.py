"""How near a clip comes to the one that it should be: signal-to-noise ratio and log-spectral distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from multigan.errors import DataError
from multigan.reading.audio import Clip

MOST_DB = 100.0
"""What the ratio of equal clips counts as; it has no bound."""
WINDOW, HOP = 2048, 512
_FLOOR = 1e-8


def snr(real: Clip, fake: Clip, network: Any = None) -> float:
    """10 log10 (sum x^2 / sum (x - y)^2) in dB, within +-100; arXiv:1708.00853, section 4."""
    signal, noise = (
        float(np.square(each, dtype=np.float64).sum())
        for each in (real.waveform, real.waveform - fake.waveform)
    )
    if not noise:
        return MOST_DB
    return float(np.clip(10 * np.log10(max(signal, 1e-30) / noise), -MOST_DB, MOST_DB))


def log_spectral_distance(real: Clip, fake: Clip, network: Any = None) -> float:
    """The mean over frames of sqrt(mean over frequencies of (log10 |X|^2 - log10 |Y|^2)^2); arXiv:1708.00853, section 4.

    Frames of 2,048 samples in a Hann window every 512; 1e-8 is added to each power.
    """
    one, other = (np.log10(_powers(each.waveform) + _FLOOR) for each in (real, fake))
    return float(np.sqrt(np.square(one - other).mean(1)).mean())


def check(real: Clip, fake: Clip) -> None:
    """DataError where rates or lengths differ."""
    if (real.rate_hz, len(real.waveform)) != (fake.rate_hz, len(fake.waveform)):
        raise DataError(
            f"it has {len(fake.waveform):,} samples at {fake.rate_hz} Hz and the real one {len(real.waveform):,} at "
            f"{real.rate_hz}"
        )


def _powers(waveform: np.ndarray) -> np.ndarray:
    """[frames, frequencies]; a clip shorter than a frame is filled up with silence."""
    padded = np.pad(waveform.astype(np.float64), (0, max(0, WINDOW - len(waveform))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return np.abs(np.fft.rfft(frames * np.hanning(WINDOW + 1)[:-1])) ** 2
