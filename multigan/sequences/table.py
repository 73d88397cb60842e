"""Generated sequences as one table, which ``multigan evaluate`` reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from multigan.reading.formulas import no_formula
from multigan.sampling import unwritable

FILE = "samples.tsv"


def write_table(folder: Path, columns: Iterable[object], rows: Iterable[Iterable[object]]) -> Path:
    """``folder``/samples.tsv with a row of names; ConfigError where it cannot be written."""
    path = folder / FILE
    lines = [_line(columns), *map(_line, rows)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8", newline="")
    except OSError as error:
        raise unwritable(folder, error) from error
    return path


def _line(cells: Iterable[object]) -> str:
    """A row of a TSV file, which has no way to quote: what would end a cell becomes a space."""
    return "\t".join(plain(str(no_formula(cell))) for cell in cells) + "\n"


def plain(text: str) -> str:
    """Without control characters, so that a table can hold it and a terminal show it."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text)
