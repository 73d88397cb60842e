"""Cartoon faces that the package draws itself: its embedded data for images with an emotion and an intensity.

A face is a pure function of (seed, emotion, intensity, resolution). The seed gives who it is (``_identity``),
the emotion and the intensity how it looks (``EXPRESSIONS``); the picture is the same at every resolution.
Lengths are in head coordinates: the head is about the disc of radius 0.85, x points right and y down.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from multigan.chance import mix
from multigan.emotions import NAMES
from multigan.errors import DataError
from multigan.image.drawn.painting import Canvas, Face, Floats, colours, paint

Integers = NDArray[np.int64]

VERSION = 1
"""Names the drawing: any change of a pixel raises it, and caches are keyed by it."""

MINIMUM_RESOLUTION = 16
INTENSITY_RANGE = (0.5, 1.0)
CHUNK_PIXELS = 2**16
STRENGTH_POWER = 0.75
"""The expression moves by intensity to this power, so that half an intensity is already legible."""


@dataclass(frozen=True, kw_only=True)
class Expression:
    """How an emotion looks at full intensity; the defaults are the neutral face."""

    mouth_width: float = 0.34
    mouth_lift: float = 0.0  # how far the corners are above the middle
    mouth_upper: float = 0.02  # how far the upper lip bows up
    mouth_lower: float = 0.02  # how far the lower lip bows down
    mouth_power: float = 3.0  # 2 is an ellipse, 8 almost a rectangle
    mouth_wave: float = 0.0
    mouth_skew: float = 0.0  # one corner up, the other down
    mouth_y: float = 0.45
    teeth: float = 0.0  # the share of the opening that is teeth
    gritted: float = 0.0
    tongue: float = 0.0
    tongue_out: float = 0.0
    eye_size: float = 1.0
    eye_upper: float = 1.0  # the upper lid's bow: 1 open, 0 flat, -1 shut downwards
    eye_lower: float = 1.0  # the lower lid's: 1 open, 0 flat, -1 pushed up
    eye_line: float = 0.0
    lid: float = -1.35  # the height of a straight upper lid, in eye heights; -1 touches the eye
    lid_slope: float = 0.0  # positive: down towards the nose
    squint: float = 0.0  # shuts one eye more than the other
    iris: float = 1.0
    gaze: float = 0.0
    brow_lift: float = 0.0
    brow_slope: float = 0.0  # positive: down towards the nose
    brow_arch: float = 0.06
    brow_thickness: float = 1.0
    brow_skew: float = 0.0
    blush: float = 0.0
    tears: float = 0.0
    wrinkles: float = 0.0
    tint: float = 0.0  # a flush that falls from the forehead to the chin
    tint_colour: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """How faces of a batch are moved from where their seeds have them, each [N]: what a film of a face changes.

    Lengths and angles are added; ``blink`` is the share, from 0 to 1, by which the upper lid is down on the lower one.
    """

    rotation: Floats
    shift_x: Floats
    shift_y: Floats
    yaw: Floats
    pitch: Floats
    blink: Floats

    def part(self, rows: slice) -> Movement:
        """Of some of the faces."""
        return Movement(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def apply(self, face: Face) -> None:
        """Move the faces of a batch."""
        for name in ("rotation", "shift_x", "shift_y", "yaw", "pitch"):
            setattr(face, name, getattr(face, name) + getattr(self, name).astype(np.float32)[:, None, None])
        shut = self.blink.astype(np.float32)[:, None, None]
        face.eye_upper = face.eye_upper - shut * (face.eye_upper + face.eye_lower)
        face.eye_line = face.eye_line + shut * (np.maximum(face.eye_line, 0.03) - face.eye_line)


NEUTRAL = Expression()
EXPRESSIONS: dict[str, Expression] = {
    "joy": Expression(
        mouth_width=0.52, mouth_lift=0.16, mouth_upper=0.0, mouth_lower=0.4, mouth_power=2.2, mouth_y=0.31,
        teeth=0.42, tongue=1.0, eye_upper=0.95, eye_lower=-0.8, eye_line=0.04, brow_lift=0.06, brow_arch=0.1,
        blush=0.75, tint=0.3, tint_colour=(1.0, 0.85, 0.25),
    ),
    "sadness": Expression(
        mouth_width=0.36, mouth_lift=-0.25, mouth_upper=0.05, mouth_lower=0.03, mouth_y=0.46, mouth_power=2.5,
        lid=-0.35, lid_slope=-0.6, iris=1.15, gaze=0.25, brow_lift=0.06, brow_slope=-0.55, brow_arch=0.04,
        tears=1.0, tint=0.85, tint_colour=(0.4, 0.6, 1.0),
    ),
    "anger": Expression(
        mouth_width=0.46, mouth_lift=-0.07, mouth_upper=0.17, mouth_lower=0.17, mouth_power=7.0, mouth_y=0.48,
        teeth=1.0, gritted=1.0, lid=-0.2, lid_slope=0.75, eye_lower=0.7, iris=0.7, brow_lift=-0.13,
        brow_slope=0.62, brow_arch=0.0, brow_thickness=1.7, tint=0.9, tint_colour=(0.93, 0.16, 0.1),
    ),
    "fear": Expression(
        mouth_width=0.44, mouth_lift=-0.04, mouth_upper=0.1, mouth_lower=0.1, mouth_wave=0.08,
        mouth_power=5.0, mouth_y=0.52, eye_size=1.2, iris=0.5, brow_lift=0.14, brow_slope=-0.5, brow_arch=0.0,
        brow_thickness=1.0, tint=0.9, tint_colour=(0.7, 0.6, 0.95),
    ),
    "surprise": Expression(
        mouth_width=0.2, mouth_upper=0.25, mouth_lower=0.25, mouth_power=2.0, mouth_y=0.5, tongue=0.7,
        eye_size=1.2, iris=0.85, brow_lift=0.17, brow_arch=0.14, tint=0.3, tint_colour=(1.0, 0.75, 0.45),
    ),
    "disgust": Expression(
        mouth_width=0.38, mouth_lift=-0.1, mouth_upper=0.12, mouth_lower=0.08, mouth_skew=0.07, mouth_y=0.42,
        mouth_power=2.5, tongue_out=1.0, lid=-0.3, lid_slope=0.25, eye_lower=0.35, squint=0.28, iris=0.75,
        brow_lift=-0.08, brow_slope=0.22, brow_skew=0.16, brow_thickness=1.2, wrinkles=1.0, tint=0.8,
        tint_colour=(0.45, 0.74, 0.18),
    ),
    "calm": Expression(
        mouth_width=0.28, mouth_lift=0.13, mouth_upper=0.01, mouth_lower=0.03, mouth_power=2.5,
        eye_upper=-0.7, eye_lower=0.8, eye_line=0.035, brow_lift=0.02, brow_arch=0.09, blush=0.3, tint=0.5,
        tint_colour=(0.6, 0.9, 0.86),
    ),
    "neutral": NEUTRAL,
}  # fmt: skip

YELLOW = (1.0, 0.82, 0.22)
SKINS = colours(
    YELLOW, YELLOW, YELLOW, YELLOW, (1.0, 0.86, 0.74), (0.96, 0.76, 0.58), (0.82, 0.58, 0.38),
    (0.68, 0.45, 0.29), (0.54, 0.35, 0.23), (1.0, 0.62, 0.72), (0.55, 0.78, 0.98), (0.62, 0.88, 0.6),
    (0.76, 0.66, 0.95), (1.0, 0.64, 0.36),
)  # fmt: skip
HAIRS = colours(
    (0.16, 0.11, 0.1), (0.36, 0.2, 0.11), (0.85, 0.6, 0.2), (0.78, 0.28, 0.12), (0.92, 0.92, 0.95),
    (0.9, 0.25, 0.5), (0.2, 0.5, 0.85), (0.15, 0.62, 0.5),
)  # fmt: skip
BACKGROUNDS = colours(
    (0.98, 0.95, 0.88), (0.72, 0.88, 0.97), (0.98, 0.78, 0.74), (0.75, 0.92, 0.78), (0.86, 0.8, 0.97),
    (0.36, 0.45, 0.66), (0.27, 0.55, 0.55), (0.98, 0.88, 0.55), (0.62, 0.36, 0.47), (0.3, 0.3, 0.36),
)  # fmt: skip
IRISES = colours((0.35, 0.2, 0.1), (0.15, 0.4, 0.75), (0.2, 0.55, 0.3), (0.45, 0.3, 0.65), (0.2, 0.2, 0.22))
OUTLINES = colours((0.13, 0.09, 0.1), (0.25, 0.12, 0.08), (0.1, 0.12, 0.27), (0.22, 0.1, 0.27))
STYLES = np.array(
    ["bald", "bald", "crop", "crop", "spikes", "buns", "afro", "long", "beanie", "cat", "bear"]
)  # fmt: skip
SCENES = np.array(["flat", "gradient", "two_tone", "dots"])


def hashed(seeds: Integers, name: str) -> NDArray[np.uint64]:
    """64 random bits for each seed and name; the same on every machine and under every version of numpy."""
    salt = mix(np.array([zlib.crc32(name.encode()) + 1], np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return mix(mix(seeds.astype(np.int64).view(np.uint64)) + salt)


def uniform(seeds: Integers, name: str, low: float = 0.0, high: float = 1.0) -> Floats:
    """One number in [low, high) for each seed and name, [N, 1, 1]."""
    unit = (hashed(seeds, name) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (low + (high - low) * unit).astype(np.float32)[:, None, None]


def _identity(seeds: Integers) -> Face:
    """Who a face is: everything that the seed decides."""

    def number(name: str, low: float, high: float) -> Floats:
        return uniform(seeds, name, low, high)

    def often(name: str, chance: float) -> Floats:
        return (uniform(seeds, name) < chance).astype(np.float32)

    def pick(name: str, table: np.ndarray) -> np.ndarray:
        return table[(hashed(seeds, name) % np.uint64(len(table))).astype(np.intp)]

    return Face(
        rotation=number("rotation", -0.16, 0.16), scale=number("scale", 0.96, 1.08),
        shift_x=number("shift x", -0.06, 0.06), shift_y=number("shift y", 0.02, 0.1),
        yaw=number("yaw", -0.09, 0.09), pitch=number("pitch", -0.03, 0.03),
        mirror=np.sign(number("mirror", -1.0, 1.0)),
        head_width=number("head width", 0.76, 0.87), head_height=number("head height", 0.8, 0.87),
        head_power=number("head power", 1.95, 3.2), egg=number("egg", -0.1, 0.12),
        line=number("line", 0.03, 0.05), outline_colour=pick("outline", OUTLINES), skin=pick("skin", SKINS),
        hair_colour=pick("hair", HAIRS), iris_colour=pick("iris", IRISES),
        style=pick("style", STYLES), scene=pick("scene", SCENES),
        back=pick("back", BACKGROUNDS), front=pick("front", BACKGROUNDS),
        scene_angle=number("scene angle", 0.0, 2 * np.pi), light=number("light", -2.4, -0.7),
        eye_x=number("eye x", 0.33, 0.38), eye_y=number("eye y", -0.06, 0.0),
        eye_width=number("eye width", 0.2, 0.235), eye_height=number("eye height", 0.22, 0.27),
        brow_bold=number("brow", 0.055, 0.075), mouth_scale=number("mouth", 0.92, 1.08),
        cheeks=often("cheeks", 0.25), freckles=often("freckles", 0.12), glasses=often("glasses", 0.08),
    )  # fmt: skip


def _faces(emotions: np.ndarray, strength: Floats, seeds: Integers) -> Face:
    """Identity and expression together; an expression moves from the neutral one by ``strength`` [N]."""
    face = _identity(seeds)
    shown = [EXPRESSIONS[name] for name in NAMES]
    for field in fields(Expression):
        values = np.asarray([getattr(e, field.name) for e in shown], np.float32)[emotions]
        if values.ndim == 2:
            setattr(face, field.name, values[:, :, None, None])
            continue
        neutral = np.float32(getattr(NEUTRAL, field.name))
        setattr(face, field.name, (neutral + strength * (values - neutral))[:, None, None])
    return face


def _check(resolution: int, emotions: np.ndarray, intensities: np.ndarray, seeds: np.ndarray) -> None:
    if resolution < MINIMUM_RESOLUTION:
        raise DataError(
            f"faces cannot be drawn at a resolution of {resolution}: use {MINIMUM_RESOLUTION} pixels or more"
        )
    if not emotions.shape == intensities.shape == seeds.shape or emotions.ndim != 1:
        raise DataError(
            "faces need as many emotions, intensities and seeds, in one dimension each; "
            f"found shapes {emotions.shape}, {intensities.shape} and {seeds.shape}"
        )
    if emotions.dtype.kind not in "iu" or seeds.dtype.kind not in "iu":
        raise DataError(
            f"emotions and seeds of faces are whole numbers; found {emotions.dtype} and {seeds.dtype}"
        )
    wrong = emotions[(emotions < 0) | (emotions >= len(NAMES))]
    if len(wrong):
        raise DataError(
            f"no emotion has the index {wrong[0]}: use 0 to {len(NAMES) - 1} ({', '.join(NAMES)})"
        )
    wrong = intensities[~((intensities >= 0) & (intensities <= 1))]
    if len(wrong):
        raise DataError(f"an intensity is {wrong[0]:g}: give numbers from 0 (hardly shown) to 1 (extreme)")


def _draw(resolution: int, face: Face) -> NDArray[np.uint8]:
    centres = (np.arange(resolution, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / resolution) - 1
    n = len(face.skin)
    shape = (n, resolution, resolution)
    canvas = Canvas(
        pixels=np.empty((n, 3, resolution, resolution), np.float32),
        x=np.broadcast_to(centres[None, None, :], shape),
        y=np.broadcast_to(centres[None, :, None], shape),
        pixel=np.full((n, 1, 1), 2 / resolution, np.float32),
    )
    paint(canvas, face)
    return (np.clip(canvas.pixels, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8).transpose(0, 2, 3, 1)


def draw_faces(
    resolution: int,
    emotions: np.ndarray,
    intensities: np.ndarray,
    seeds: np.ndarray,
    movement: Movement | None = None,
) -> NDArray[np.uint8]:
    """Draw faces, uint8 [N, resolution, resolution, 3].

    ``emotions`` [N] are indices into ``multigan.emotions.NAMES``, ``intensities`` [N] lie in [0, 1] and
    ``seeds`` [N] are any integers. Each face depends on its own seed, emotion, intensity and ``movement`` only
    (None: it stays as its seed has it). Beyond the result, memory does not grow with N. Raises DataError for a
    resolution under 16, an unknown emotion, or an intensity out of range.
    """
    emotions, intensities, seeds = np.asarray(emotions), np.asarray(intensities), np.asarray(seeds)
    _check(resolution, emotions, intensities, seeds)
    pictures = np.empty((len(seeds), resolution, resolution, 3), np.uint8)
    n = max(1, CHUNK_PIXELS // resolution**2)
    for start in range(0, len(seeds), n):
        chunk = slice(start, start + n)
        strength = intensities[chunk].astype(np.float32) ** STRENGTH_POWER
        face = _faces(emotions[chunk], strength, seeds[chunk].astype(np.int64))
        if movement is not None:
            movement.part(chunk).apply(face)
        pictures[chunk] = _draw(resolution, face)
    return pictures


def face_labels(n: int, seed: int) -> tuple[Integers, Floats, Integers]:
    """Emotions, intensities and seeds [n] of a data set; a shorter one with the same seed is its beginning.

    Every run of eight holds each emotion once; intensities are uniform in ``INTENSITY_RANGE``.
    """
    if n < 0:
        raise DataError(f"{n} faces cannot be labelled: ask for 0 or more")
    size = len(NAMES)
    stream = hashed(np.array([seed], np.int64), "stream").view(np.int64)
    rows = stream + np.arange(-(-n // size) * size, dtype=np.int64)
    emotions = np.argsort(hashed(rows, "order").reshape(-1, size), axis=1).reshape(-1)[:n].astype(np.int64)
    intensities = uniform(rows, "intensity", *INTENSITY_RANGE)[:n, 0, 0]
    return emotions, intensities, (hashed(rows, "seed")[:n] >> np.uint64(1)).astype(np.int64)
