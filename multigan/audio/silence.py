"""Where a sound is silent: far under its peak, or where nothing but the steady noise of its own recording is heard."""

from __future__ import annotations

import numpy as np

from multigan.reading.audio import peak_of

DEEPEST_DB = 60.0
"""So much under the loud parts nothing is heard, steady or not."""
BLOCK_S = 0.02
"""Levels are of stretches so long."""
_LOUD_S = 0.1
"""The loud level is the one that so much of a sound reaches: a click alone does not count."""
_UNDER_LOUD_DB = 15.0
"""Noise of a recording lies so far under the loud level at least; what is louder, as rain is throughout, is the sound."""
_END_S = 0.3
"""Noise at an end is as long as this at least: longer than any consonant."""
_STEADY_DB = 4.0
"""How far the level of steady noise goes up."""
_FADE_DB = 2.0
"""What rises by more from its outer half to its inner one fades in (or out, at an end)."""
_KEPT_S = 0.04
"""What is kept of the noise beside a sound, whose onset may be softer than it."""


def trimmed(waveform: np.ndarray, trim_db: float) -> np.ndarray:
    """The waveform [T] from its first sample over peak - ``trim_db`` to its last."""
    level = peak_of(waveform) * 10 ** (-trim_db / 20)
    loud = (waveform > level) | (waveform < -level)
    return waveform[loud.argmax() : len(loud) - loud[::-1].argmax()]


def without_noise(waveform: np.ndarray, rate_hz: int) -> np.ndarray:
    """The waveform [T] without what is 60 dB under its peak at its ends, and then without steady noise there.

    Noise at an end is 0.3 s or more that are 15 dB under the loud level, and what goes on beside it no more than 4 dB over
    it. What rises towards the sound is a fade and stays, as do 40 ms beside the sound.
    """
    waveform = trimmed(waveform, DEEPEST_DB)
    levels = _levels(waveform, rate_hz)
    ends = [max(0, _noise(side) - round(_KEPT_S / BLOCK_S)) for side in (levels, levels[::-1])]
    size = _block(rate_hz)
    stop = (len(levels) - ends[1]) * size if ends[1] else len(waveform)
    return waveform[ends[0] * size : stop]


def are_noise(sound: np.ndarray, starts: np.ndarray, length: int, rate_hz: int) -> np.ndarray:
    """bool [k]: whether the slices of a sound [T] hold nothing but steady noise, 15 dB under its loud level or more."""
    levels, size = _levels(sound, rate_hz), _block(rate_hz)
    if not len(levels):
        return np.zeros(len(starts), bool)
    loud = _loud(levels)
    within = [levels[-(-start // size) : (start + length) // size] for start in starts.tolist()]
    # a last part that is shorter than a block is as the block before it
    return np.asarray([_is_noise(part if len(part) else levels[-1:], loud) for part in within])


def _block(rate_hz: int) -> int:
    return round(BLOCK_S * rate_hz)


def _levels(sound: np.ndarray, rate_hz: int) -> np.ndarray:
    """dB [B] of each whole block of a sound [T] without its mean, no lower than 60 dB under the loud level."""
    size = _block(rate_hz)
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    if not len(blocks):
        return np.empty(0)
    power = np.einsum("ij,ij->i", blocks, blocks, dtype=np.float64) / size
    power -= blocks.mean(1, dtype=np.float64) ** 2
    levels = 10 * np.log10(np.maximum(power, 1e-20))
    return np.maximum(levels, _loud(levels) - DEEPEST_DB)


def _loud(levels: np.ndarray) -> float:
    return float(np.sort(levels)[-min(round(_LOUD_S / BLOCK_S), len(levels))])


def _is_noise(levels: np.ndarray, loud: float) -> bool:
    return levels.max() <= min(loud - _UNDER_LOUD_DB, np.median(levels) + _STEADY_DB)


def _noise(levels: np.ndarray) -> int:
    """How many of the first blocks are steady noise."""
    n = round(_END_S / BLOCK_S)
    if len(levels) <= n or not _is_noise(levels[:n], _loud(levels)):
        return 0
    end = int((levels > levels[:n].max() + _STEADY_DB).argmax())  # there are some: the loud ones
    outer, inner = levels[: end // 2], levels[end - end // 2 : end]
    return 0 if inner.mean() - outer.mean() > _FADE_DB else end
