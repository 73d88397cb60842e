"""A sound as slices of one length: what is cut, how loud it becomes, where slices begin, and what fills them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from multigan.audio import silence
from multigan.audio.loudness import at_loudness
from multigan.audio.settings import AudioData
from multigan.errors import DataError
from multigan.reading.audio import Clip, pcm16, peak_of, resampled

VERSION = 3
"""Part of every cache key: raise it when the slices of a sound change."""
SILENT_DB = -70.0
"""A file whose peak is no higher, under full scale, is silent: there ITU-R BS.1770 hears nothing either."""


def finished(clip: Clip, data: AudioData) -> np.ndarray:
    """The sound int16 [n] at the data's rate: without the silence at its ends, resampled, at its loudness, in that order.

    DataError where it is silent, or of a lower rate than the data take.
    """
    if clip.rate_hz < data.lowest_rate_hz:
        band = f"between {clip.rate_hz / 2:,g} and {data.lowest_rate_hz / 2:,g} Hz"
        raise DataError(f"its rate is {clip.rate_hz:,} Hz, and nothing {band} can be learnt from it")
    waveform = resampled(Clip(without_silence(clip, data), clip.rate_hz), data.sample_rate_hz)
    peak = peak_of(clip.waveform)
    if peak_of(waveform) <= peak * 10 ** (SILENT_DB / 20):
        raise DataError(
            f"nothing of it is left at {data.sample_rate_hz} Hz: all lies above {data.sample_rate_hz / 2:g} Hz"
        )
    if data.loudness_lufs is not None:
        waveform = at_loudness(waveform, data.sample_rate_hz, data.loudness_lufs)
    return pcm16(waveform)


def without_silence(clip: Clip, data: AudioData) -> np.ndarray:
    """The waveform [T] of a clip without the silence at its ends, at its own rate. DataError where it is silent."""
    peak = peak_of(clip.waveform)
    if peak <= 10 ** (SILENT_DB / 20):
        level = (
            f"it peaks {-20 * np.log10(peak):.0f} dB under full scale" if peak > 0 else "all samples are 0"
        )
        raise DataError(f"it is silent: {level}")
    if data.trim_db is None:
        return clip.waveform
    if data.trim_db == "noise":
        return silence.without_noise(clip.waveform, clip.rate_hz)
    return silence.trimmed(clip.waveform, data.trim_db)


def slice_starts(n: int, data: AudioData, digest: str) -> np.ndarray:
    """Where the slices of a sound of ``n`` samples begin, int64 [k], rising.

    A sound that fits into a slice has one. One after the other: each begins ``n_samples * (1 - overlap)`` (rounded) after
    the one before, up to the first that reaches the end, which is left out where it fills less than ``shortest`` of a slice.
    Random: as many, all full, no two alike, drawn from the seed and ``digest`` (hexadecimal), that of the file's content.
    """
    length = data.length
    if n <= length or data.slices == "first":
        return np.zeros(1, np.int64)
    hop = max(1, round(length * (1 - data.overlap)))
    last = -(-(n - length) // hop)  # of the first that reaches the end
    fits = n - last * hop >= data.shortest * length
    count = last + fits
    if data.slices == "random":
        random = np.random.default_rng([data.seed, *bytes.fromhex(digest)])
        return np.sort(random.choice(n - length + 1, count, replace=False))
    return np.arange(count, dtype=np.int64) * hop


def heard(sound: np.ndarray, starts: np.ndarray, data: AudioData) -> np.ndarray:
    """Those of the slices of a sound [n] that are not silent throughout, as ``trim_db`` means it; all where it is None."""
    if data.trim_db is None:
        return starts
    if data.trim_db == "noise":
        loud = ~silence.are_noise(sound, starts, data.length, data.sample_rate_hz)
    else:
        heights = np.abs(sound.astype(np.int32))
        least = heights.max() * 10 ** (-data.trim_db / 20)
        loud = np.asarray([heights[start : start + data.length].max() > least for start in starts])
    return starts[loud] if loud.any() else starts


def cut(sound: np.ndarray, starts: Sequence[int] | np.ndarray, data: AudioData) -> np.ndarray:
    """The slices [k, n_samples] of a sound [n] that begin at ``starts``, each filled up as ``data.pad`` says."""
    return np.stack([padded(sound[start : start + data.length], data) for start in starts])


def padded(part: np.ndarray, data: AudioData) -> np.ndarray:
    """A part [n] as a slice [n_samples]: zeros after it, zeros around it (of an odd number one more after), or repeated."""
    missing = data.length - len(part)
    if not missing:
        return part
    if data.pad == "repeat":
        return np.resize(part, data.length)
    before = missing // 2 if data.pad == "centre" else 0
    return np.pad(part, (before, missing - before))


def slice_name(name: str, start: int, rate_hz: int) -> str:
    """ "a.flac", and "a.flac@1.024s" for a slice that begins so many seconds after the (trimmed) file does."""
    return f"{name}@{round(start / rate_hz, 6)}s" if start else name
