"""How a voice speaks: its pitch, its energy and its rate, from a clip alone, without a network.

The pitch is YIN's (de Cheveigné & Kawahara 2002, doi:10.1121/1.1458024, sections II.A to II.E); the rate counts syllable
nuclei (de Jong & Wempe 2009, doi:10.3758/BRM.41.2.385): peaks of the intensity that a dip of 2 dB parts and that are voiced.
"""

from __future__ import annotations

import numpy as np

from multigan.reading.audio import Clip

PROSODY = ("pitch", "pitch_spread", "voiced_share", "energy_spread", "speaking_rate")
"""Columns of ``prosody``."""
LOWEST_HZ, HIGHEST_HZ = 60.0, 500.0
HOP_S = 0.01
UNDER_LOUD_DB = 25.0
"""What is softer beside the loud parts is no speech."""
DIP_DB = 2.0
"""Between two syllables the intensity falls by as much."""
_LOUD_FRAMES = 10
"""The loud level is one that so many frames reach: a click alone does not count."""
_APERIODIC = 0.2
"""A frame whose normalised difference falls under this has a pitch."""
_SMOOTHED_FRAMES = 5
_BLOCK = 512


def prosody(clip: Clip) -> np.ndarray:
    """float64 [5] of a clip: ``PROSODY``, nan where it has nothing to tell it by.

    pitch: the geometric mean over voiced frames in Hz, 60 to 500; its spread: their standard deviation in semitones; voiced
    share of the frames that are no silence; energy spread: the standard deviation of these frames' levels in dB; speaking
    rate: syllable nuclei per second from the first of these frames to the last.
    """
    frames, hop = _frames(clip)
    levels = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
    loud = np.sort(levels)[-min(_LOUD_FRAMES, len(levels))]
    active = (levels >= loud - UNDER_LOUD_DB) & (levels > -90)
    if not active.any():
        return np.full(len(PROSODY), np.nan)
    pitches = np.full(len(frames), np.nan)
    pitches[active] = pitches_of(frames[active], clip.rate_hz)
    voiced = np.isfinite(pitches)
    semitones = 12 * np.log2(pitches[voiced])
    places = np.flatnonzero(active)
    seconds = (places[-1] - places[0] + 1) * hop / clip.rate_hz
    return np.array([
        2 ** (semitones.mean() / 12) if len(semitones) else np.nan,
        semitones.std() if len(semitones) > 1 else np.nan,
        voiced.sum() / active.sum(),
        levels[active].std(),
        _n_nuclei(levels, loud, voiced) / seconds,
    ])  # fmt: skip


def pitches_of(frames: np.ndarray, rate_hz: int) -> np.ndarray:
    """Hz [F] of frames [F, S], nan where a frame is not periodic.

    The first minimum under 0.2 of d'(t) = d(t) t / sum_{u <= t} d(u), where d(t) = sum_j (x_j - x_{j+t})^2 over half a
    frame, refined by a parabola through it and its neighbours.
    """
    return np.concatenate([
        _pitches(frames[start : start + _BLOCK], rate_hz) for start in range(0, len(frames), _BLOCK)
    ])  # fmt: skip


def _frames(clip: Clip) -> tuple[np.ndarray, int]:
    """[F, S] of two of the longest periods, one every 10 ms, silence beyond the clip's ends; and the hop in samples."""
    size, hop = 2 * int(np.ceil(clip.rate_hz / LOWEST_HZ)), max(1, round(clip.rate_hz * HOP_S))
    padded = np.pad(clip.waveform, (size // 2, size))
    n = max(1, len(clip.waveform) // hop)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:n], hop


def _pitches(frames: np.ndarray, rate_hz: int) -> np.ndarray:
    frames = np.asarray(frames, np.float64)
    n, size = frames.shape
    half = size // 2
    spectra = np.fft.rfft(frames)
    head = np.fft.rfft(frames[:, :half], size)
    lagged = np.fft.irfft(head.conj() * spectra, size)[:, :half]
    energy = np.concatenate([np.zeros((n, 1)), np.cumsum(frames**2, axis=1)], axis=1)
    own = energy[:, half : 2 * half] - energy[:, :half]
    difference = np.maximum(own[:, :1] + own - 2 * lagged, 0)
    lags = np.arange(half)
    sums = np.cumsum(difference, axis=1)
    normal = np.where(sums > 0, difference * lags / np.maximum(sums, 1e-300), 1.0)
    inner = normal[:, 1:-1]
    minima = (inner <= normal[:, :-2]) & (inner < normal[:, 2:]) & (inner < _APERIODIC)
    shortest = int(rate_hz / HIGHEST_HZ)
    minima[:, : max(0, shortest - 1)] = False
    place = minima.argmax(1) + 1
    rows = np.arange(n)
    before, at, after = (normal[rows, place + shift] for shift in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend > 0, (before - after) / (2 * np.where(bend > 0, bend, 1.0)), 0.0)
    return np.where(minima.any(1), rate_hz / (place + shift), np.nan)


def _n_nuclei(levels: np.ndarray, loud: float, voiced: np.ndarray) -> int:
    kernel = np.ones(_SMOOTHED_FRAMES) / _SMOOTHED_FRAMES
    floor = loud - 2 * UNDER_LOUD_DB
    edge = np.full(_SMOOTHED_FRAMES, floor)
    contour = np.convolve(np.concatenate([edge, np.maximum(levels, floor), edge]), kernel, "same")
    near = np.convolve(voiced, np.ones(_SMOOTHED_FRAMES), "same") > _SMOOTHED_FRAMES / 2
    places = [place - _SMOOTHED_FRAMES for place in _peaks(contour) if contour[place] >= loud - UNDER_LOUD_DB]
    return int(near[np.clip(places, 0, len(levels) - 1)].sum()) if places else 0


def _peaks(contour: np.ndarray) -> list[int]:
    """Where a contour is highest between two dips of ``DIP_DB``; two peaks of one height are one unless a dip parts them."""
    peaks, highest, lowest, rising = [], 0, 0, True
    for place, level in enumerate(contour):
        if rising and level > contour[highest]:
            highest = place
        elif rising and level <= contour[highest] - DIP_DB:
            peaks.append(highest)
            lowest, rising = place, False
        elif not rising and level < contour[lowest]:
            lowest = place
        elif not rising and level >= contour[lowest] + DIP_DB:
            highest, rising = place, True
    return peaks
