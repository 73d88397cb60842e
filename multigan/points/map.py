"""Maps of the plane [-1, 1]^2, drawn in a few colours: points, the discriminator's field, and where it pushes points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from multigan.writing import replacing

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIDE = 400
"""Pixels of a map's side."""
STRIP = 40
"""Pixels of the lines of text below it."""
GAP = 12
"""Pixels between maps side by side."""
N_BANDS = 12
"""Of the discriminator's field, from the surest fake to the surest real."""
_PAPER, _INK, _REAL, _FAKE, _ARROW, _LINE, _BANDS = range(7)
_MOST_FAKE, _MIDDLE, _MOST_REAL = (138, 168, 214), (246, 246, 242), (240, 190, 130)
_COLOURS = {
    _PAPER: (255, 255, 255),
    _INK: (40, 40, 40),
    _REAL: (150, 90, 20),
    _FAKE: (20, 60, 150),
    _ARROW: (190, 20, 60),
    _LINE: (200, 200, 196),
}


def _palette() -> list[int]:
    """The colours of a map, one after another: named ones, then a band each from blue (fake) to orange (real)."""
    share = np.linspace(-1, 1, N_BANDS)[:, None]
    ends = np.where(share < 0, _MOST_FAKE, _MOST_REAL)
    bands = (np.array(_MIDDLE) + np.abs(share) * (ends - np.array(_MIDDLE))).round().astype(int)
    return [value for colour in (*_COLOURS.values(), *bands.tolist()) for value in colour]


def pixels_of(points: np.ndarray) -> np.ndarray:
    """Points [N, 2] of [-1, 1]^2 -> where they are on a map, float [N, 2]: x to the right, y upwards."""
    return (np.asarray(points, np.float64) * [1, -1] + 1) / 2 * (SIDE - 1)


def blank(text_lines: int = 0) -> Image:
    """White paper for a map, with room for text below."""
    from PIL import Image

    paper = Image.new("P", (SIDE, SIDE + STRIP * bool(text_lines)), _PAPER)
    paper.putpalette(_palette())
    return paper


def draw_dots(paper: Image, points: np.ndarray, *, real: bool, size: int = 2) -> None:
    """A dot for each of the points; one that lies outside the map is left out."""
    brush, colour = _brush(paper), _REAL if real else _FAKE
    for x, y in pixels_of(points[inside(points)]).round().astype(int).tolist():
        brush.rectangle(
            [x - size // 2, y - size // 2, x - size // 2 + size - 1, y - size // 2 + size - 1], colour
        )


def inside(points: np.ndarray) -> np.ndarray:
    """bool [N]: which points lie on the map."""
    return np.abs(points).max(1) <= 1


def draw_field(paper: Image, field: np.ndarray) -> None:
    """The map in bands of colour, a thin line between any two: ``field`` [G, G] in [-1, 1], its rows from the top."""
    from PIL import Image

    whole = Image.fromarray(field.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    bands = np.clip(np.floor((np.asarray(whole) + 1) / 2 * N_BANDS), 0, N_BANDS - 1).astype(np.uint8)
    drawn = bands + np.uint8(_BANDS)
    edge = np.zeros_like(bands, bool)
    edge[:, 1:] |= bands[:, 1:] != bands[:, :-1]
    edge[1:] |= bands[1:] != bands[:-1]
    drawn[edge] = _LINE
    paper.paste(Image.fromarray(drawn), (0, 0))


def draw_arrows(paper: Image, starts: np.ndarray, steps: np.ndarray) -> None:
    """Arrows from ``starts`` [N, 2] along ``steps`` [N, 2], both in the units of the plane."""
    brush = _brush(paper)
    ends = pixels_of(starts + steps)
    for (x, y), (u, v) in zip(pixels_of(starts).tolist(), ends.tolist(), strict=True):
        brush.line([(x, y), (u, v)], _ARROW)
        length = max(float(np.hypot(u - x, v - y)), 1e-9)
        if length < 3:
            continue
        dx, dy = (u - x) / length, (v - y) / length
        for side in (1, -1):
            brush.line([(u, v), (u - 4 * dx + side * 2.5 * dy, v - 4 * dy - side * 2.5 * dx)], _ARROW)


def write_lines(paper: Image, first: str, second: str) -> None:
    """Two lines of text below the map, over whatever reached there."""
    brush = _brush(paper)
    brush.rectangle([0, SIDE, SIDE, SIDE + STRIP], _PAPER)
    for row, line in enumerate((first, second)):
        brush.text((6, SIDE + 3 + 18 * row), line, _INK, font=_font())


def write(paper: Image, path: Path) -> None:
    """A PNG file; the same bytes for the same map."""
    with replacing(path) as stream:
        paper.save(stream, format="PNG", optimize=True)


def side_by_side(frames: Sequence[Path], names: Sequence[str]) -> Image:
    """Frames (PNG files) in one row, each under its name."""
    from PIL import Image

    width, height = SIDE + GAP, SIDE + STRIP + STRIP // 2
    whole = Image.new("P", (width * len(frames) - GAP, height), _PAPER)
    whole.putpalette(_palette())
    for number, (frame, name) in enumerate(zip(frames, names, strict=True)):
        whole.paste(opened(frame), (number * width, STRIP // 2))
        _brush(whole).text((number * width + 6, 3), name, _INK, font=_font())
    return whole


def join(frames: Sequence[Image], path: Path, frame_ms: int = 120, last_ms: int = 3_000) -> None:
    """An animated GIF; it stays at the last frame for a while and begins anew."""
    times = [*[frame_ms] * (len(frames) - 1), last_ms]
    with replacing(path) as stream:
        frames[0].save(
            stream, format="GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=False
        )  # fmt: skip


def opened(frame: Path) -> Image:
    """The picture in a PNG file."""
    from PIL import Image

    with Image.open(frame) as picture:
        picture.load()
    return picture


def _brush(paper: Image) -> Any:
    from PIL import ImageDraw

    brush = ImageDraw.Draw(paper)
    brush.fontmode = "1"  # no shades between ink and paper, which the palette lacks
    return brush


@lru_cache(maxsize=1)
def _font() -> FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along."""
    import matplotlib
    from PIL import ImageFont

    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(file, 12, layout_engine=ImageFont.Layout.BASIC)
