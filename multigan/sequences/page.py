"""Sentences for the eye: one picture to read them all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from multigan.writing import make_folder, replacing

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH, MARGIN = 960, 20
LINE_HEIGHT, GROUP_GAP = 21, 13
MOST_LINES = 3
"""Of one sentence; the rest is an ellipsis."""
MOST_SENTENCES = 500
"""Of one picture; a last line tells how many others there are."""

_FONT_SIZE, _INDENT = 15, 18
_LONGEST = 2_000
_PAPER, _INK, _FAINT, _RULE = 255, 30, 120, 208


def write_page(texts: list[str], columns: int, path: Path, footer: str = "") -> None:
    """A PNG file of sentences, one a line, in groups of ``columns`` with a thin rule between them, over a footer.

    Long sentences are wrapped, and cut after ``MOST_LINES`` lines; characters that would not show are boxes. The same bytes
    for the same sentences.
    """
    from PIL import Image, ImageDraw

    font = _font()
    shown = [_lines(text, font) for text in texts[:MOST_SENTENCES]]
    groups = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    more = len(texts) - len(shown)
    last = [f"and {more:,} more"] if more > 0 else []
    last += ["", *_lines(footer, font)] if footer else []
    n_lines = sum(map(len, shown)) + len(last)
    height = 2 * MARGIN + n_lines * LINE_HEIGHT + max(0, len(groups) - 1) * GROUP_GAP
    page = Image.new("L", (WIDTH, height), _PAPER)
    brush = ImageDraw.Draw(page)
    y = MARGIN
    for number, group in enumerate(groups):
        if number:
            middle = y + GROUP_GAP // 2
            brush.line([(MARGIN, middle), (WIDTH - MARGIN, middle)], fill=_RULE)
            y += GROUP_GAP
        for lines in group:
            for place, line in enumerate(lines):
                ink = _INK if line else _FAINT
                brush.text((MARGIN + _INDENT * (place > 0), y), line or "(empty)", fill=ink, font=font)
                y += LINE_HEIGHT
    for place, line in enumerate(last):
        brush.text((MARGIN, y + place * LINE_HEIGHT), line, fill=_FAINT, font=font)
    make_folder(path.parent)
    with replacing(path) as stream:
        page.save(stream, format="PNG", optimize=True)


@lru_cache(maxsize=1)
def _font() -> FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along: Latin, Greek, Cyrillic, Arabic and more. Laid out letter by letter."""
    import matplotlib
    from PIL import ImageFont

    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    # the other layout engine is not in every build of Pillow, and would give other bytes
    return ImageFont.truetype(file, _FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)


def _lines(text: str, font: FreeTypeFont) -> list[str]:
    """The lines of one sentence, at least one and at most ``MOST_LINES``."""
    broken = _broken(_visible(text[:_LONGEST]) + "…" * (len(text) > _LONGEST), font)
    lines = [line for line, _ in zip(broken, range(MOST_LINES + 1), strict=False)]
    if len(lines) > MOST_LINES:
        last = lines[MOST_LINES - 1]
        while last and font.getlength(f"{last}…") > _room(MOST_LINES - 1):
            last = last[:-1]
        lines[MOST_LINES - 1 :] = [f"{last.rstrip()}…"]
    return lines


def _room(place: int) -> int:
    """The width of a sentence's line in pixels; all but the first are indented."""
    return WIDTH - 2 * MARGIN - _INDENT * (place > 0)


def _broken(text: str, font: FreeTypeFont) -> Iterator[str]:
    """Lines that end between words, or within a word that is wider than a line."""
    line, place = "", 0
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= _room(place):
            line = longer
            continue
        if line:
            yield line
            place += 1
        line = word
        while font.getlength(line) > _room(place):
            end = next(n for n in range(1, len(line) + 1) if font.getlength(line[: n + 1]) > _room(place))
            yield line[:end]
            line, place = line[end:], place + 1
    yield line


def _visible(text: str) -> str:
    """A text whose control, format, private and unassigned characters, and halves of pairs, are replacement characters."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" and not c.isspace() else c
        for c in text
    )
