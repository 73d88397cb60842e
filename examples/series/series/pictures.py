"""Pictures of samples for the eye: rows of a table as text, and series as curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from multigan.writing import replacing

LINE_HEIGHT, MARGIN, GAP = 18, 14, 18
MOST_ROWS = 200
MOST_LETTERS = 24
PAPER, INK, FAINT, RULE = (255, 255, 255), (30, 30, 30), (120, 120, 120), (214, 214, 210)
TONES = ((11, 103, 163), (176, 72, 10), (0, 115, 90), (147, 70, 126), (118, 98, 0), (91, 75, 176))
CURVE_WIDTH, CURVE_HEIGHT = 120, 64


def font() -> ImageFont.FreeTypeFont:
    """DejaVu Sans Mono, which matplotlib brings along."""
    import matplotlib

    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"
    return ImageFont.truetype(file, 12, layout_engine=ImageFont.Layout.BASIC)


def write_rows(names: Sequence[str], rows: Sequence[Sequence[str]], group: int, path: Path) -> None:
    """Rows of cells under the names of their columns, a thin rule after each ``group`` of rows."""
    letters = font()
    cells = [[_shortened(cell) for cell in row] for row in (names, *rows[:MOST_ROWS])]
    widths = [max(letters.getlength(cell) for cell in column) + GAP for column in zip(*cells, strict=True)]
    size = round(2 * MARGIN + sum(widths)), 2 * MARGIN + len(cells) * LINE_HEIGHT
    page = Image.new("RGB", size, PAPER)
    brush = ImageDraw.Draw(page)
    for line, row in enumerate(cells):
        y, x = MARGIN + line * LINE_HEIGHT, float(MARGIN)
        if line and (line - 1) % group == 0:
            brush.line([(MARGIN, y - 1), (size[0] - MARGIN, y - 1)], RULE)
        for cell, width in zip(row, widths, strict=True):
            brush.text((x, y), cell, INK if line else FAINT, font=letters)
            x += width
    with replacing(path) as stream:
        page.save(stream, format="PNG", optimize=True)


def _shortened(cell: str) -> str:
    return cell if len(cell) <= MOST_LETTERS else f"{cell[: MOST_LETTERS - 1]}…"


def write_curves(samples: np.ndarray, columns: int, path: Path) -> None:
    """Series [N, C, T] in [-1, 1] as small drawings, ``columns`` of them side by side, a colour for each channel."""
    n_lines = -(-len(samples) // columns)
    page = Image.new("RGB", (columns * CURVE_WIDTH, n_lines * CURVE_HEIGHT), PAPER)
    brush = ImageDraw.Draw(page)
    across = np.linspace(6, CURVE_WIDTH - 7, samples.shape[2])
    for number, series in enumerate(samples.clip(-1, 1)):
        left, top = number % columns * CURVE_WIDTH, number // columns * CURVE_HEIGHT
        brush.rectangle([left + 2, top + 2, left + CURVE_WIDTH - 3, top + CURVE_HEIGHT - 3], outline=RULE)
        for place in reversed(range(len(series))):
            down = CURVE_HEIGHT / 2 - series[place] * (CURVE_HEIGHT / 2 - 7)
            points = list(zip((left + across).tolist(), (top + down).tolist(), strict=True))
            brush.line(points, TONES[place % len(TONES)], 1)
    with replacing(path) as stream:
        page.save(stream, format="PNG", optimize=True)
