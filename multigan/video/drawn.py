"""Clips of cartoon faces that the package draws itself: an emotion comes and goes, eyes blink, the head moves a little.

A clip is a pure function of (seed, emotion, curve of intensity, number of frames, resolution); who it shows and how its
pictures are painted is that of ``multigan.image.drawn``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from multigan.image.drawn.faces import Movement, draw_faces, face_labels, hashed, uniform
from multigan.image.drawn.painting import Floats

Integers = NDArray[np.int64]

VERSION = 1
"""Names the drawing: any change of a pixel raises it, and caches are keyed by it."""

_FORMS = np.array(["pulse", "pulse", "pulse", "rise", "fall", "wander", "stay"])
"""Of curves of intensity, as often as they stand here."""


def clip_labels(n: int, n_frames: int, seed: int) -> tuple[Integers, Floats, Integers]:
    """Emotions [n], curves of intensity [n, n_frames] and seeds [n]; a shorter set with the same seed is its beginning.

    Every run of eight holds each emotion once. The curves' highest values lie in [0.5, 1].
    """
    emotions, peaks, seeds = face_labels(n, seed)
    return emotions, curves(peaks, seeds, n_frames), seeds


def curves(peaks: Floats, seeds: Integers, n_frames: int) -> Floats:
    """Curves of intensity [N, n_frames] in [0, 1] with these highest values [N], smooth everywhere.

    By the seed one is a pulse (onset, apex and offset of an expression, in the words of Ekman & Friesen's FACS, 1978), a
    rise, a fall, a way through four random places, or it stays where it is.
    """
    time = np.linspace(0, 1, n_frames)[None]
    form = _FORMS[(hashed(seeds, "form") % np.uint64(len(_FORMS))).astype(np.intp)][:, None]

    def number(name: str, low: float, high: float) -> Floats:
        return uniform(seeds, f"curve {name}", low, high)[:, :, 0].astype(np.float64)

    begin, rise = number("begin", 0.0, 0.3), number("rise", 0.2, 0.4)
    hold, fall = number("hold", 0.05, 0.25), number("fall", 0.2, 0.4)
    onset = _smooth((time - begin) / rise)
    offset = 1 - _smooth((time - begin - rise - hold) / fall)
    places = np.stack([number(f"place {i}", 0.0, 1.0) for i in range(4)], -1)
    wander = _through(places[:, 0], time)
    shapes = {
        "pulse": onset * offset, "rise": onset, "fall": 1 - _smooth((time - begin) / fall),
        "wander": wander, "stay": np.ones_like(onset),
    }  # fmt: skip
    shape = np.select([form == name for name in shapes], list(shapes.values()))
    low = np.where(form == "stay", 0.0, number("low", 0.0, 0.12))
    shape = low + (1 - low) * shape / shape.max(1, keepdims=True)
    return (np.asarray(peaks)[:, None] * shape).astype(np.float32)


def _smooth(share: Floats) -> Floats:
    """0 before 0, 1 after 1, and 3 s^2 - 2 s^3 between."""
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _through(places: Floats, time: Floats) -> Floats:
    """Smooth curves [N, T] through places [N, K] at even times."""
    at = time * (places.shape[1] - 1)
    before = np.clip(np.floor(at), 0, places.shape[1] - 2).astype(np.intp)
    share = _smooth(at - before)
    rows = np.arange(len(places))[:, None]
    return places[rows, before] * (1 - share) + places[rows, before + 1] * share


def movement(seeds: Integers, n_frames: int, rate_hz: float = 8.0) -> Movement:
    """How the heads move and the eyes blink in clips [N] of ``n_frames`` pictures, each [N * n_frames].

    Two slow waves in each direction; in seven of ten clips one blink of about 0.35 s.
    """
    seconds = np.arange(n_frames)[None] / rate_hz
    length = n_frames / rate_hz

    def number(name: str, low: float, high: float) -> Floats:
        return uniform(seeds, f"move {name}", low, high)[:, :, 0].astype(np.float64)

    def sway(name: str, extent: float) -> Floats:
        waves = 0.0
        for i, (low, high) in enumerate(((0.15, 0.4), (0.4, 0.8))):
            phase, pace = number(f"{name} phase {i}", 0, 2 * np.pi), number(f"{name} pace {i}", low, high)
            waves = waves + (0.7 - 0.35 * i) * np.sin(2 * np.pi * pace * seconds + phase)
        return (number(f"{name} extent", 0.2, 1.0) * extent * waves).reshape(-1)

    middle = number("blink", 0.1 * length, 0.9 * length)
    blinks = number("blinks", 0, 1) < 0.7
    blink = np.where(blinks, np.clip(1.6 * (1 - np.abs(seconds - middle) / 0.25), 0, 1), 0)
    return Movement(
        rotation=sway("rotation", 0.07), shift_x=sway("shift x", 0.05), shift_y=sway("shift y", 0.03),
        yaw=sway("yaw", 0.08), pitch=sway("pitch", 0.04), blink=blink.reshape(-1),
    )  # fmt: skip


def draw_clips(
    resolution: int, emotions: np.ndarray, curves: np.ndarray, seeds: np.ndarray
) -> NDArray[np.uint8]:
    """Draw clips, uint8 [N, T, resolution, resolution, 3].

    ``emotions`` [N] are indices into ``multigan.emotions.NAMES``, ``curves`` [N, T] are intensities in [0, 1] at each
    picture, ``seeds`` [N] any integers. Each clip depends on its own seed, emotion and curve only. DataError as
    ``multigan.image.drawn.faces.draw_faces`` raises it.
    """
    n, n_frames = curves.shape
    emotions, seeds = np.asarray(emotions), np.asarray(seeds, np.int64)
    frames = draw_faces(
        resolution, np.repeat(emotions, n_frames), curves.reshape(-1), np.repeat(seeds, n_frames),
        movement(seeds, n_frames),
    )  # fmt: skip
    return frames.reshape(n, n_frames, resolution, resolution, 3)
