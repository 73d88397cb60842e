"""Generated sequences as one table, which ``multigan evaluate`` reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from multigan.outputs import publishing
from multigan.reading.formulas import no_formula
from multigan.sampling import TrainedGenerator, identity, unwritable

FILE, TEXT = "samples.tsv", "text"


def write_table(
    folder: Path, columns: Sequence[str], rows: Iterable[Iterable[object]], trained: TrainedGenerator
) -> Path:
    """``folder``/samples.tsv with a row of names; rows that an earlier call wrote stay, without duplicates.

    What tells rows apart is every column but the text. ConfigError where it cannot be written, or is somebody's own or of
    another generator.
    """
    cells = [dict(zip(columns, (plain(str(no_formula(cell))) for cell in row), strict=True)) for row in rows]
    try:
        with publishing(folder, by=identity(trained.network), merges=(FILE,)) as stage:
            stage.merges[FILE] = lambda old: _with_rows(old, columns, cells)
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder / FILE


def _with_rows(old: bytes | None, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """The content of a table with more rows; those that differ in the text alone are replaced where they stand."""
    names, *lines = [line.split("\t") for line in (old or b"").decode().split("\n")[:-1]] or [list(columns)]
    known = [dict(zip(names, line, strict=True)) for line in lines]
    table = {tuple(sorted(row.items() - {(TEXT, row[TEXT])})): row for row in (*known, *rows)}
    every = dict.fromkeys((*names, *columns))
    whole = [every, *([row.get(name, "") for name in every] for row in table.values())]
    return "".join("\t".join(line) + "\n" for line in whole).encode()


def plain(text: str) -> str:
    """Without control characters, so that a table (which has no way to quote) can hold it and a terminal show it."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text)
