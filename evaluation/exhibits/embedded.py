"""Images, audio clips and spectrograms as data URIs, small enough that a page of them stays light."""

from __future__ import annotations

import base64
import dataclasses
import functools
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from multigan.reading.audio import Clip

EXACT_SIDE = 64
"""Images no larger than this are shown pixel by pixel; larger ones ..."""
REDUCED_SIDE = 128
"""... are reduced to at most this on their longer side and compressed."""
JPEG_QUALITY = 88
MOST_SECONDS, FEWEST_SECONDS = 5.0, 1.0
PAGE_RATE_HZ = 24_000
"""Clips of a higher rate are heard at this one."""
SPECTROGRAM_COLUMNS = 240
DYNAMIC_RANGE_DB = 80.0


@dataclass(frozen=True)
class Picture:
    """An image inside the page."""

    uri: str
    width: int
    height: int


def picture(pixels: np.ndarray) -> Picture:
    """uint8 [H, W, 3] as it is where it is small, otherwise reduced."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if max(image.size) <= EXACT_SIDE:
        return _encoded(image, "png", optimize=True)
    image.thumbnail((REDUCED_SIDE, REDUCED_SIDE), Image.Resampling.LANCZOS)
    return _encoded(image, "jpeg", quality=JPEG_QUALITY, subsampling=0)


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
    from multigan.reading.audio import pcm16_wav, resampled

    if clip.rate_hz > PAGE_RATE_HZ:
        clip = dataclasses.replace(clip, waveform=resampled(clip, PAGE_RATE_HZ), rate_hz=PAGE_RATE_HZ)
    return _uri("audio/wav", pcm16_wav(clip))


def decibels(clip: Clip) -> np.ndarray:
    """The log-mel spectrogram [bands, frames] of a clip in dB, at most ``SPECTROGRAM_COLUMNS`` frames (means)."""
    from evaluation.extractors.log_mel import spectrogram

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
    return _encoded(image, "png", optimize=True)


@functools.cache
def _magma() -> list[int]:
    from matplotlib import colormaps

    return (
        (np.array([colormaps["magma"](i)[:3] for i in range(256)]) * 255).round().astype(int).ravel().tolist()
    )


def _encoded(image: Image.Image, kind: str, **options: int | bool) -> Picture:
    held = io.BytesIO()
    image.save(held, kind, **options)
    return Picture(_uri(f"image/{kind}", held.getvalue()), image.width, image.height)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
