"""How sounds are shown in the page: a spectrogram, and the loudest part to be heard, of a size that keeps the page light."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from evaluation.exhibits.embedded import Picture, data_uri, embedded_picture
from evaluation.exhibits.exhibit import Show, caption
from evaluation.exhibits.markup import Html, element
from evaluation.extractors.log_mel import spectrogram
from evaluation.figures import Example
from multigan.reading.audio import Clip, pcm16_wav, resampled

MOST_SECONDS, FEWEST_SECONDS = 5.0, 1.0
PAGE_RATE_HZ = 24_000
"""Clips of a higher rate are heard at this one."""
SPECTROGRAM_COLUMNS = 240
DYNAMIC_RANGE_DB = 80.0


def show(clips: Sequence[Clip], n_bytes: int) -> tuple[Show, str]:
    """How one of the clips is shown, where all of them may take so many bytes before base64, and a note on that."""
    seconds = seconds_shown(clips, n_bytes)
    bands = {id(clip): decibels(loudest(clip, seconds)[1]) for clip in clips}
    highest = max((float(levels.max()) for levels in bands.values()), default=0.0)

    def shown(example: Example, words: str) -> Html:
        start, clip = loudest(example.content, seconds)
        made = spectrogram_picture(bands[id(example.content)], highest)
        heard, whole = (len(part.waveform) / part.rate_hz for part in (clip, example.content))
        length = (
            f"{whole:.1f} s" if heard == whole else f"{start:.1f} to {start + heard:.1f} of {whole:.1f} s"
        )
        return element(
            "figure",
            element("img", src=made.uri, alt=f"Spectrogram: {words}", width=made.width, height=made.height),
            element("audio", controls=True, preload="metadata", src=sound(clip), aria_label=words),
            element("figcaption", caption(example, length, f"{clip.rate_hz:,} Hz")),
            class_="clip",
        )

    return shown, _note(clips, seconds)


def _note(clips: Sequence[Clip], seconds: float) -> str:
    cut = any(len(clip.waveform) > seconds * clip.rate_hz for clip in clips)
    note = f"Of each clip the loudest {seconds:.1f} s are on this page. " if cut else ""
    if any(clip.rate_hz > PAGE_RATE_HZ for clip in clips):
        note += f"Clips of a higher rate are heard at {PAGE_RATE_HZ:,} Hz. "
    return note + (
        "Spectrograms are log-mel, low pitches at the bottom, time from left to right; each as wide as "
        f"its box; colours run from {DYNAMIC_RANGE_DB:.0f} dB below the loudest place of all shown here."
    )


def seconds_shown(clips: Sequence[Clip], n_bytes: int) -> float:
    """How much of each clip fits into a number of bytes: 5 s, or less where there are many, but never under 1 s."""
    bytes_a_second = 2 * sum(min(clip.rate_hz, PAGE_RATE_HZ) for clip in clips)
    fitting = math.floor(10 * n_bytes / max(1, bytes_a_second)) / 10
    return min(MOST_SECONDS, max(FEWEST_SECONDS, fitting))


def loudest(clip: Clip, seconds: float) -> tuple[float, Clip]:
    """Where the loudest part of so many seconds begins, in seconds, and that part."""
    n = max(1, round(seconds * clip.rate_hz))
    if len(clip.waveform) <= n:
        return 0.0, clip
    power = np.cumsum(np.concatenate([[0], np.asarray(clip.waveform, np.float64) ** 2]))
    step = max(1, clip.rate_hz // 10)
    starts = np.arange(0, len(clip.waveform) - n + 1, step)
    start = int(starts[np.argmax(power[starts + n] - power[starts])])
    return start / clip.rate_hz, dataclasses.replace(clip, waveform=clip.waveform[start : start + n])


def sound(clip: Clip) -> str:
    """A clip as the data URI of a WAV file: 16 bits, at most ``PAGE_RATE_HZ``."""
    if clip.rate_hz > PAGE_RATE_HZ:
        clip = dataclasses.replace(clip, waveform=resampled(clip, PAGE_RATE_HZ), rate_hz=PAGE_RATE_HZ)
    return data_uri("audio/wav", pcm16_wav(clip))


def decibels(clip: Clip) -> np.ndarray:
    """The log-mel spectrogram [bands, frames] of a clip in dB, at most ``SPECTROGRAM_COLUMNS`` frames (means)."""
    bands = np.asarray(spectrogram(clip), np.float64)
    n = bands.shape[1]
    if n <= SPECTROGRAM_COLUMNS:
        return bands
    edges = np.linspace(0, n, SPECTROGRAM_COLUMNS + 1).astype(int)
    return np.add.reduceat(bands, edges[:-1], axis=1) / np.diff(edges)


def spectrogram_picture(bands: np.ndarray, loudest: float) -> Picture:
    """dB values [bands, frames], low pitches at the bottom, from ``loudest`` down 80 dB in the colours of magma."""
    share = np.clip(1 + (bands - loudest) / DYNAMIC_RANGE_DB, 0, 1)
    image = Image.fromarray(np.ascontiguousarray(np.round(share[::-1] * 255).astype(np.uint8)))
    image.putpalette(_magma())
    return embedded_picture(image, "png", optimize=True)


@functools.cache
def _magma() -> list[int]:
    from matplotlib import colormaps

    return (
        (np.array([colormaps["magma"](i)[:3] for i in range(256)]) * 255).round().astype(int).ravel().tolist()
    )
