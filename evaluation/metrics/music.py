"""How music goes: its tempo and key, and how clear both are, from a clip alone, without a network."""

from __future__ import annotations

import numpy as np

from multigan.reading.audio import Clip

MUSIC = ("tempo", "beat_clarity", "key_clarity", "major")
"""Columns of ``music``."""
SLOWEST, FASTEST = 50.0, 200.0
"""Beats per minute."""
PREFERRED = 120.0
"""Of tempi that are multiples of each other the one nearest to this is taken ..."""
OCTAVES = 1.0
"""... as a Gaussian of this deviation weighs them."""
LOWEST_HZ, HIGHEST_HZ = 60.0, 2_000.0
"""What tells a key."""
_WINDOW_S = 0.25
_RANGE_DB = 50.0
"""What is softer beside the loudest band of a clip makes no beat."""
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each semitone above the tonic fits (Krumhansl & Kessler 1982, doi:10.1037/0033-295X.89.4.334)."""
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def music(clip: Clip, levels: np.ndarray, hop_s: float, repeats: bool = False) -> np.ndarray:
    """float64 [4] of a clip: ``MUSIC``, nan where it has nothing to tell it by; ``repeats``: its end joins its beginning.

    ``levels`` [B, F] are those of its bands in dB, every ``hop_s``, of a clip that repeats those of one turn among others.
    tempo: beats per minute, and beat clarity: the autocorrelation of onsets at a beat's distance, from 0 to 1 (Lartillot et
    al. 2008, Multi-feature modeling of pulse clarity, ISMIR); key clarity: the correlation of the clip's pitch classes with
    the profile of the key that fits best; major: 1 where that key is, 0 where it is minor.
    """
    tempo, clear = tempo_of(onsets(levels), hop_s, repeats)
    key = key_of(pitch_classes(clip))
    if key is None:
        return np.array([tempo, clear, np.nan, np.nan])
    return np.array([tempo, clear, key[2], float(key[1])])


def onsets(levels: np.ndarray) -> np.ndarray:
    """[F]: how much the levels [B, F] of bands rise from frame to frame in dB, averaged over bands; the first has 0."""
    heard = np.maximum(levels, levels.max() - _RANGE_DB).astype(np.float64)
    return np.maximum(np.diff(heard, axis=1, prepend=heard[:, :1]), 0).mean(0)


def tempo_of(rises: np.ndarray, hop_s: float, repeats: bool = False) -> tuple[float, float]:
    """(beats per minute, clarity from 0 to 1) of onsets [F], one every ``hop_s``.

    nan where there are none, or too few for a slow beat.
    """
    own = rises - rises.mean()
    n, power = len(own), float(own @ own)
    shortest, longest = 60 / FASTEST / hop_s, min(60 / SLOWEST / hop_s, n - 2 if repeats else n / 2)
    if power <= 1e-12 or longest <= shortest + 1:
        return np.nan, np.nan
    size = n if repeats else 2 * n
    lagged = np.fft.irfft(np.abs(np.fft.rfft(own, size)) ** 2, size)[:n] / power
    if not repeats:
        lagged *= n / np.arange(n, 0, -1)
    lags = np.arange(int(np.ceil(shortest)), int(longest) + 1)
    weights = np.exp(-0.5 * (np.log2(60 / (lags * hop_s) / PREFERRED) / OCTAVES) ** 2)
    best = int(lags[(lagged[lags] * weights).argmax()])
    before, at, after = (lagged[best + shift] for shift in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = (before - after) / (2 * bend) if bend < 0 else 0.0
    return 60 / ((best + float(np.clip(shift, -0.5, 0.5))) * hop_s), float(np.clip(at, 0, 1))


def pitch_classes(clip: Clip) -> np.ndarray:
    """[12] from C on: the sum of magnitudes at the peaks of spectra of 0.25 s, 60 to 2,000 Hz, each at its nearest note."""
    size = round(clip.rate_hz * _WINDOW_S)
    padded = np.pad(clip.waveform, (0, max(0, size - len(clip.waveform))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: max(1, size // 2)]
    magnitudes = np.abs(np.fft.rfft(frames * np.hanning(size), 4 * size))
    hz = np.arange(magnitudes.shape[1]) * clip.rate_hz / (4 * size)
    inner = magnitudes[:, 1:-1]
    peaks = (inner > magnitudes[:, :-2]) & (inner >= magnitudes[:, 2:])
    peaks &= inner >= 0.05 * magnitudes.max(1, keepdims=True)
    peaks &= (hz[1:-1] >= LOWEST_HZ) & (hz[1:-1] <= HIGHEST_HZ)
    notes = np.round(12 * np.log2(np.maximum(hz[1:-1], 1) / 261.6256)).astype(np.int64) % 12
    return np.bincount(notes, (inner * peaks).sum(0), minlength=12)


def key_of(classes: np.ndarray) -> tuple[int, bool, float] | None:
    """(tonic from C on, whether it is major, correlation) of the key whose profile fits pitch classes [12] best.

    None where all classes are alike.
    """
    if np.ptp(classes) <= 1e-9 * max(1.0, float(np.abs(classes).max())):
        return None
    fits = [
        (float(np.corrcoef(classes, np.roll(profile, tonic))[0, 1]), tonic, major)
        for major, profile in ((True, MAJOR), (False, MINOR))
        for tonic in range(12)
    ]
    fit, tonic, major = max(fits, key=lambda each: each[0])
    return tonic, major, fit
