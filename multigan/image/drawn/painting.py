"""How faces are painted: signed distances, a canvas for a batch of pictures, and the layers of a face.

All is float32 and vectorised over the batch: a number of each face has the shape [N, 1, 1], a colour
[N, 3, 1, 1] in [0, 1], a curve [N, K]. Lengths are in units of the half canvas; x points right and y down.
A signed distance is negative inside its shape, and turns into the share of a pixel that the shape covers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Face = SimpleNamespace
"""The numbers and colours of every face of a batch; ``multigan.image.drawn.faces`` makes it."""


def colours(*table: tuple[float, float, float]) -> Floats:
    """A table of colours, [N, 3, 1, 1]."""
    return np.asarray(table, np.float32)[:, :, None, None]


def _row(*values: float) -> Floats:
    return np.asarray(values, np.float32)[None]


WHITE, MOUTH, TONGUE = colours((1, 1, 1)), colours((0.42, 0.07, 0.1)), colours((0.94, 0.4, 0.44))
TEAR, BLUSH = colours((0.35, 0.72, 1)), colours((1, 0.36, 0.36))

_ANGLES = np.linspace(0.0, np.pi, 16, dtype=np.float32)
_ALONG, _ROUND = -np.cos(_ANGLES)[None], np.sin(_ANGLES)[None]
_PLACES = np.linspace(-1.0, 1.0, 7, dtype=np.float32)[None]


@dataclass
class Canvas:
    """Pictures under the brush.

    ``pixels`` [N, 3, H, W]; the coordinates ``x``, ``y`` [N, H, W] of their centres; ``pixel`` [N, 1, 1], the
    width of one in those coordinates.
    """

    pixels: Floats
    x: Floats
    y: Floats
    pixel: Floats

    def cover(self, distance: Floats) -> Floats:
        """The share of each pixel inside a shape, in [0, 1], from the signed distance of its centre."""
        return np.clip(0.5 - distance / self.pixel, 0.0, 1.0)

    def paint(self, mask: Floats, colour: Floats) -> None:
        """Blend a colour, or an image [N, 3, H, W], over the pixels: p + mask * (colour - p)."""
        change = colour - self.pixels
        change *= mask[:, None]
        self.pixels += change

    def take(self, rows: NDArray[np.intp]) -> Canvas:
        """A copy that holds some of the pictures."""
        return Canvas(self.pixels[rows], self.x[rows], self.y[rows], self.pixel[rows])

    def window(self, x: Floats, y: Floats, width: Floats | float, height: Floats | float) -> Canvas:
        """The rectangle of pixels (a view, the same for all pictures) that holds every given box.

        Boxes are centred at (x, y) and reach ``width`` and ``height`` to each side, in shape coordinates.
        """
        inside = (np.abs(self.x - x) <= width + self.pixel) & (np.abs(self.y - y) <= height + self.pixel)
        rows = np.flatnonzero(inside.any(axis=(0, 2)))
        columns = np.flatnonzero(inside.any(axis=(0, 1)))
        if not len(rows):
            rows = columns = np.zeros(1, np.intp)
        down, across = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        return Canvas(
            self.pixels[:, :, down, across], self.x[:, down, across], self.y[:, down, across], self.pixel
        )


def ellipse(
    x: Floats, y: Floats, width: Floats | float, height: Floats | float, power: Floats | float = 2.0
) -> Floats:
    """Distance to |x/width|^power + |y/height|^power = 1, to first order (f / |grad f|)."""
    x, y = np.abs(x) / width + 1e-6, np.abs(y) / height + 1e-6
    round_shape = isinstance(power, float) and power == 2.0
    x_low, y_low = (x, y) if round_shape else (x ** (power - 1.0), y ** (power - 1.0))
    total = x_low * x + y_low * y
    radius = total ** (1.0 / power)
    slope = radius / total * np.sqrt((x_low / width) ** 2 + (y_low / height) ** 2)
    return (radius - 1.0) / slope


def _to_segment(x: Floats, y: Floats, ends: tuple[Floats, Floats, Floats, Floats]) -> tuple[Floats, Floats]:
    """The squared distance to a segment, and where along it (0 to 1) its nearest point is."""
    start_x, start_y, end_x, end_y = ends
    along_x, along_y = end_x - start_x, end_y - start_y
    x, y = x - start_x, y - start_y
    place = x * along_x
    place += y * along_y
    place /= along_x * along_x + along_y * along_y + np.float32(1e-9)
    np.clip(place, 0.0, 1.0, out=place)
    x -= place * along_x
    y -= place * along_y
    x *= x
    y *= y
    x += y
    return x, place


def stroke(x: Floats, y: Floats, xs: Floats, ys: Floats, radii: Floats) -> Floats:
    """Distance to a round brush drawn along points [N, K] whose radius [N, K] changes from point to point."""
    nearest = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf, np.float32)
    columns = [a[:, :, None, None] for a in np.broadcast_arrays(xs, ys, radii)]
    for i in range(xs.shape[1] - 1):
        (start_x, end_x), (start_y, end_y), (first, last) = ((c[:, i], c[:, i + 1]) for c in columns)
        squared, place = _to_segment(x, y, (start_x, start_y, end_x, end_y))
        np.minimum(nearest, np.sqrt(squared) - (first + place * (last - first)), out=nearest)
    return nearest


def polygon(x: Floats, y: Floats, xs: Floats, ys: Floats) -> Floats:
    """Signed distance to closed polygons with corners [N, K]."""
    nearest = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf, np.float32)
    outside = np.ones(nearest.shape, bool)
    corner_x, corner_y = xs[:, :, None, None], ys[:, :, None, None]
    for i in range(xs.shape[1]):
        ends = (corner_x[:, i - 1], corner_y[:, i - 1], corner_x[:, i], corner_y[:, i])
        np.minimum(nearest, _to_segment(x, y, ends)[0], out=nearest)
        below_start, above_end = y >= ends[1], y < ends[3]
        left = (ends[2] - ends[0]) * (y - ends[1]) > (ends[3] - ends[1]) * (x - ends[0])
        outside ^= (below_start == above_end) & (above_end == left)
    distance = np.sqrt(nearest, out=nearest)
    return np.where(outside, distance, -distance)


def _those(canvas: Canvas, face: Face, present: NDArray[np.bool_]) -> Iterator[tuple[Canvas, Face]]:
    """The faces that have a layer, if any: once, to be painted in a loop's body and put back after it."""
    rows = np.flatnonzero(present)
    if len(rows):
        some = canvas.take(rows)
        yield some, Face(**{name: values[rows] for name, values in vars(face).items()})
        canvas.pixels[rows] = some.pixels


def _scene(canvas: Canvas, face: Face) -> None:
    """The background, in canvas coordinates."""
    x, y = canvas.x, canvas.y
    along = x * np.cos(face.scene_angle) + y * np.sin(face.scene_angle)
    dots = np.hypot((x + face.scene_angle) % 0.8 - 0.4, y % 0.8 - 0.4) - 0.24
    soft = np.clip(0.5 - dots / 0.12, 0.0, 1.0) * 0.6
    masks = {"gradient": np.clip(0.5 + along / 2, 0.0, 1.0), "two_tone": canvas.cover(along), "dots": soft}
    scene = face.scene[:, None, None]
    mask = np.select([scene == name for name in masks], list(masks.values()), 0.0)
    canvas.pixels[:] = face.back
    canvas.paint(mask, face.front)


def _posed(canvas: Canvas, face: Face) -> Canvas:
    """The same pixels in head coordinates."""
    x, y = canvas.x - face.shift_x, canvas.y - face.shift_y
    cosine, sine = np.cos(face.rotation) / face.scale, np.sin(face.rotation) / face.scale
    return Canvas(canvas.pixels, x * cosine + y * sine, y * cosine - x * sine, canvas.pixel / face.scale)


def _outlined(canvas: Canvas, distance: Floats, colour: Floats, face: Face) -> None:
    canvas.paint(canvas.cover(distance - face.line), face.outline_colour)
    canvas.paint(canvas.cover(distance + face.line), colour)


def _head_distance(canvas: Canvas, face: Face, grow: float = 0.0, rise: float = 0.0) -> Floats:
    width = face.head_width * (1.0 + face.egg * canvas.y) + grow
    return ellipse(canvas.x, canvas.y + rise, width, face.head_height + grow, face.head_power)


def _ears(canvas: Canvas, face: Face) -> Floats:
    side, size = np.abs(canvas.x), 0.28
    return ellipse(side - 0.6, canvas.y + face.head_height * 0.8, size, size)


def _pointed_ears(canvas: Canvas, face: Face) -> Floats:
    xs, ys = _row(0.74, 0.5), _row(-1.0, -0.5)
    return stroke(np.abs(canvas.x), canvas.y, xs, ys, _row(0.03, 0.27))


def _buns(canvas: Canvas, face: Face) -> Floats:
    return np.hypot(np.abs(canvas.x) - 0.55, canvas.y + face.head_height * 0.85) - 0.32


def _afro(canvas: Canvas, face: Face) -> Floats:
    return ellipse(canvas.x, canvas.y + 0.25, 1.02, 0.85)


def _long_hair(canvas: Canvas, face: Face) -> Floats:
    return ellipse(canvas.x, canvas.y - 0.1, 0.99, 1.08, 3.0)


def _fringe(canvas: Canvas, face: Face) -> Floats:
    hairline = -0.69 + 0.2 * (canvas.x - 0.2 * face.mirror) ** 2
    return np.maximum(_head_distance(canvas, face, 0.03, 0.09), canvas.y - hairline)


def _spikes(canvas: Canvas, face: Face) -> Floats:
    angles = np.linspace(-0.9, 0.9, 11, dtype=np.float32)
    reach = np.where(np.arange(11) % 2 == 1, 1.12, 0.86).astype(np.float32)
    xs = np.concatenate([reach * np.sin(angles), _row(0.3, -0.3)[0]]) * face.head_width[:, :, 0] / 0.85
    ys = np.concatenate([-reach * np.cos(angles), _row(-0.7, -0.7)[0]]) * face.head_height[:, :, 0] / 0.85
    return polygon(canvas.x, canvas.y, xs, ys)


def _cap(canvas: Canvas, face: Face) -> Floats:
    return np.maximum(_head_distance(canvas, face, 0.04, 0.1), canvas.y + 0.66)


def _behind(canvas: Canvas, face: Face) -> None:
    """What the head hides in part: long hair, an afro, buns, ears."""
    for style, shape in BEHIND.items():
        for some, those in _those(canvas, face, face.style == style):
            ears = 0.95 * (those.skin + 0.7 * those.tint[:, None] * (those.tint_colour - those.skin))
            _outlined(
                some, shape(some, those), ears if style in ("cat", "bear") else those.hair_colour, those
            )


def _head(canvas: Canvas, face: Face) -> None:
    """The head with its flush, shading, highlight, cheeks and freckles."""
    distance = _head_distance(canvas, face)
    canvas.paint(canvas.cover(distance - face.line), face.outline_colour)
    flush = face.tint * np.clip(0.62 - 0.55 * canvas.y, 0.25, 1.0)
    skin = face.skin + flush[:, None] * (face.tint_colour - face.skin)
    lit = canvas.x * np.cos(face.light) + canvas.y * np.sin(face.light)
    skin *= (1.0 + 0.13 * lit)[:, None]
    skin += np.clip(lit - 0.35, 0.0, 1.0)[:, None] * 0.3
    inside = canvas.cover(distance + face.line)
    canvas.paint(inside, np.clip(skin, 0.0, 1.0))
    across = np.abs(canvas.x - face.yaw)
    cheek = ellipse(across - 0.55, canvas.y - 0.24, 0.2, 0.15)
    rosy = np.maximum(face.blush, 0.4 * face.cheeks)
    canvas.paint(inside * rosy * np.clip(0.5 - cheek / 0.12, 0.0, 1.0), BLUSH)
    for x, y in ((0.43, 0.22), (0.6, 0.19), (0.52, 0.33)):
        spot = np.hypot(across - x, canvas.y - y) - 0.04
        canvas.paint(canvas.cover(spot) * face.freckles * 0.45, face.outline_colour)


def _on_top(canvas: Canvas, face: Face) -> None:
    """Hair or a hat over the forehead; it never reaches the eyes."""
    for style, shape in ON_TOP.items():
        for some, those in _those(canvas, face, face.style == style):
            distance = shape(some, those)
            _outlined(some, distance, those.hair_colour, those)
            if style == "beanie":
                band = np.maximum(distance, -some.y - 0.78)
                some.paint(some.cover(band + those.line), np.clip(those.hair_colour + 0.3, 0.0, 1.0))


def _mouth(canvas: Canvas, face: Face) -> None:
    """One outline between two lips; teeth and tongue are clipped to it."""
    width = (face.mouth_width * face.mouth_scale)[:, :, 0]
    bow = (1.0 - np.abs(_ALONG) ** face.mouth_power[:, :, 0]) ** 0.5
    middle = -face.mouth_lift[:, :, 0] * (_ALONG**2 - 0.4) + (face.mouth_skew * face.mirror)[:, :, 0] * _ALONG
    middle = middle + face.mouth_wave[:, :, 0] * np.cos(_ALONG * 2.0 * np.pi)
    lower = middle + face.mouth_lower[:, :, 0] * bow
    xs = np.concatenate([width * _ALONG, (width * _ALONG)[:, ::-1]], 1)
    ys = np.concatenate([middle - face.mouth_upper[:, :, 0] * bow, lower[:, ::-1]], 1)
    x, y = 1.1 * face.yaw, face.mouth_y + face.pitch
    part = canvas.window(x, y, width[:, :, None] + 0.1, np.abs(ys).max(1)[:, None, None] + 0.12)
    x, y = part.x - x, part.y - y
    distance = polygon(x, y, xs, ys)
    part.paint(part.cover(distance - face.line * 1.3), face.outline_colour)
    inside = part.cover(distance + 0.01)
    part.paint(inside, MOUTH)
    depth = face.mouth_lower + 0.02
    tongue = ellipse(x, y - depth * 1.02, 0.7 * face.mouth_width, 0.5 * depth)
    part.paint(inside * part.cover(tongue) * face.tongue, TONGUE)
    bottom = -face.mouth_upper + face.teeth * (face.mouth_upper + face.mouth_lower) * 1.02
    lift = face.mouth_lift * ((x / face.mouth_width) ** 2 - 0.4)
    teeth = y - np.where(face.gritted > 0, 1.0, bottom) + lift
    part.paint(inside * part.cover(teeth) * np.minimum(1.0, face.teeth * 3.0), WHITE)
    columns = np.abs((x / face.mouth_width * 2.0) % 1.0 - 0.5) * face.mouth_width / 2.0
    gaps = np.minimum(columns, np.abs(y - 0.02))
    part.paint(inside * part.cover(gaps - 0.022) * face.gritted, face.outline_colour)


def _tongue_out(canvas: Canvas, face: Face) -> None:
    length = face.tongue_out
    x, y = 1.1 * face.yaw - 0.06 * face.mirror, face.mouth_y + face.pitch
    part = canvas.window(x, y + 0.15, 0.25, 0.4)
    ends = np.concatenate([y + 0.03 + 0 * length, y + 0.03 + 0.22 * length], 1)[:, :, 0]
    radius = 0.06 + 0.12 * length[:, :, 0]
    distance = stroke(part.x - x, part.y, np.zeros_like(ends), ends, np.concatenate([radius, radius], 1))
    distance = np.maximum(distance, y - part.y)
    _outlined(part, distance, TONGUE, face)
    crease = stroke(part.x - x, part.y, np.zeros_like(ends), ends, np.full_like(ends, 0.018))
    part.paint(part.cover(crease), TONGUE * 0.7)


def _eye(canvas: Canvas, face: Face, side: float) -> None:
    """One eye: an outline between two lids; iris, pupil and sparkle are clipped to it."""
    near = 1.0 - 0.8 * side * face.yaw
    width, height = (face.eye_width * face.eye_size * near), (face.eye_height * face.eye_size * near)
    x, y = side * face.eye_x + face.yaw, face.eye_y + face.pitch
    shut = face.squint * (side * face.mirror > 0)
    top = -(face.eye_upper - shut)[:, :, 0] * _ROUND
    bottom = (face.eye_lower - shut)[:, :, 0] * _ROUND
    lid = face.lid[:, :, 0] - side * face.lid_slope[:, :, 0] * _ALONG
    top = np.minimum(np.maximum(top, lid), bottom)
    xs = width[:, :, 0] * np.concatenate([_ALONG, _ALONG[:, ::-1]], 1)
    ys = height[:, :, 0] * np.concatenate([top, bottom[:, ::-1]], 1)
    part = canvas.window(x, y, width + 0.12, height + 0.12)
    across, down = part.x - x, part.y - y
    distance = polygon(across, down, xs, ys)
    part.paint(part.cover(distance - face.line - face.eye_line), face.outline_colour)
    inside = part.cover(distance + face.eye_line)
    part.paint(inside, WHITE)
    radius = 0.62 * face.iris * face.eye_width
    across, down = across - 0.6 * face.yaw, down - face.gaze * face.eye_height
    reach = np.hypot(across, down)
    part.paint(inside * part.cover(reach - radius), face.iris_colour)
    part.paint(inside * part.cover(reach - 0.62 * radius), face.outline_colour * 0.5)
    sparkle = np.hypot(across + 0.35 * radius, down + 0.4 * radius) - 0.3 * radius
    part.paint(inside * part.cover(sparkle), WHITE)


def _brow(canvas: Canvas, face: Face, side: float) -> None:
    """A thick tapered stroke over the eye."""
    uneven = face.brow_skew * (0.35 - 0.65 * side * face.mirror)
    x = side * (face.eye_x + 0.01) + face.yaw
    y = face.eye_y + face.pitch - face.eye_height - 0.13 - face.brow_lift - uneven
    outward = side * _PLACES
    xs = 0.24 * _PLACES + np.zeros_like(x[:, :, 0])
    ys = -face.brow_slope[:, :, 0] * 0.24 * outward - face.brow_arch[:, :, 0] * (1.0 - _PLACES**2)
    radii = (face.brow_bold * face.brow_thickness)[:, :, 0] * (1.0 - 0.15 * outward)
    part = canvas.window(x, y, 0.4, 0.4)
    part.paint(part.cover(stroke(part.x - x, part.y - y, xs, ys, radii)), face.outline_colour)


def _nose(canvas: Canvas, face: Face) -> None:
    """A soft nose, and the wrinkles that disgust pulls over it."""
    x, y = 1.4 * face.yaw, 0.18 + face.pitch
    part = canvas.window(x, y - 0.08, 0.3, 0.3)
    bump = ellipse(part.x - x, part.y - y, 0.1, 0.075)
    part.paint(part.cover(bump) * 0.35, face.outline_colour)
    for height in (0.1, 0.22):
        xs, ys = _row(-0.11, 0.0, 0.11), _row(-0.05, 0.0, -0.05) - height
        fold = stroke(part.x - x, part.y - y, xs, ys, _row(0.032))
        part.paint(part.cover(fold) * face.wrinkles * 0.7, face.outline_colour)


def _glasses(canvas: Canvas, face: Face) -> None:
    """Bold frames, painted before the features so that they hide none."""
    x, y = np.abs(canvas.x - face.yaw) - face.eye_x, canvas.y - face.eye_y - face.pitch
    width, height = face.eye_width * face.eye_size + 0.1, face.eye_height * face.eye_size + 0.1
    frame = ellipse(x, y, width, height, 3.0)
    canvas.paint(canvas.cover(frame) * 0.3, WHITE)
    bridge = np.maximum(np.abs(y + 0.05), np.abs(canvas.x - face.yaw) - 0.2)
    canvas.paint(canvas.cover(np.minimum(np.abs(frame), bridge) - 0.04), face.hair_colour * 0.8)


def _tears(canvas: Canvas, face: Face) -> None:
    """Big drops under both eyes; they grow and fall with the intensity."""
    for side in (-1.0, 1.0):
        x, y = side * (face.eye_x + 0.1) + face.yaw, face.eye_y + face.eye_height + face.pitch
        size = face.tears * (1.0 if side > 0 else 0.8)
        part = canvas.window(x, y + 0.2, 0.25, 0.4)
        ends = np.concatenate([y - 0.06 + 0 * size, y + 0.06 + 0.16 * size], 1)[:, :, 0]
        radii = np.concatenate([0.01 + 0 * size, 0.155 * size], 1)[:, :, 0]
        distance = stroke(part.x - x, part.y, np.zeros_like(ends), ends, radii)
        part.paint(part.cover(distance - 0.6 * face.line), face.outline_colour * 0.5 + TEAR * 0.3)
        part.paint(part.cover(distance), TEAR)
        shine = np.hypot(part.x - x + 0.04, part.y - ends[:, 1, None, None]) - 0.035 * size
        part.paint(part.cover(shine), WHITE)


def paint(canvas: Canvas, face: Face) -> None:
    """Paint every layer of the faces, from the back to the front."""
    _scene(canvas, face)
    head = _posed(canvas, face)
    _behind(head, face)
    _head(head, face)
    _on_top(head, face)
    _nose(head, face)
    for some, those in _those(head, face, face.glasses > 0):
        _glasses(some, those)
    _mouth(head, face)
    for side in (-1.0, 1.0):
        _eye(head, face, side)
    for some, those in _those(head, face, face.tongue_out > 0):
        _tongue_out(some, those)
    for some, those in _those(head, face, face.tears > 0):
        _tears(some, those)
    for side in (-1.0, 1.0):
        _brow(head, face, side)


Shape = Callable[[Canvas, Face], Floats]
BEHIND: dict[str, Shape] = {
    "afro": _afro, "long": _long_hair, "buns": _buns, "bear": _ears, "cat": _pointed_ears,
}  # fmt: skip
ON_TOP: dict[str, Shape] = {
    "crop": _fringe, "afro": _fringe, "long": _fringe, "buns": _fringe, "spikes": _spikes, "beanie": _cap,
}  # fmt: skip
