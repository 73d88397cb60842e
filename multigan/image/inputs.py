"""A person's own pictures, which stay as they are, through a network: results are new files, and a table names them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from multigan.errors import DataError
from multigan.outputs import publishing
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.formulas import no_formula
from multigan.reading.listing import IMAGES, list_files
from multigan.sampling import identity, unwritable
from multigan.writing import new_file

Row = dict[str, object]
Make = Callable[[Path, Row], np.ndarray]
"""(path of a picture, its row of the table) -> uint8 [H, W, 3], and the row gets what there is to know; DataError where it
cannot be read."""


def made_of_files(
    trained: Any, source: Path, folder: Path, suffix: str, table: str, make: Make
) -> tuple[list[Row], dict[str, str]]:
    """``make`` of a picture, or of all pictures of a folder and below, as PNG files NAME-``suffix``.png in ``folder``.

    Gives the rows of what was written, which begin with the columns file and input and are merged into ``table`` in the
    same folder; and the names of the pictures that could not be read, with the reasons. DataError where none can be;
    ConfigError where a file would take the place of one that multigan did not write.
    """
    root, names = _listed(source)
    rows: list[Row] = []
    bad: dict[str, str] = {}
    try:
        with publishing(folder, by=identity(trained.network), merges=(table,)) as stage:
            for name, written in zip(names, _written_names(names, suffix), strict=True):
                row: Row = {"file": written, "input": name}
                try:
                    pixels = make(root / name, row)
                except DataError as error:
                    bad[name] = str(error)
                    continue
                with new_file(stage.folder / written) as stream:
                    Image.fromarray(pixels).save(stream, format="PNG")
                rows.append(row)
            if not rows:
                raise DataError(f"None of the pictures in {source} can be read: {reasons(bad)}.")
            stage.merges[table] = lambda old: _with_rows(old, rows)
    except OSError as error:
        raise unwritable(folder, error) from error
    return rows, bad


def reasons(bad: Mapping[str, str]) -> str:
    """Names of files, and why each was left out."""
    return named([f"{name} ({reason})" for name, reason in bad.items()])


def _listed(source: Path) -> tuple[Path, Sequence[str]]:
    """The folder of the pictures and their names in it; DataError where there are none."""
    if source.is_file():
        return source.parent, [source.name]
    listing = list_files(source, IMAGES, Columns(label=NONE, split=NONE))
    return listing.folder, listing.names


def _written_names(names: Sequence[str], suffix: str) -> list[str]:
    """What each picture is written as: NAME-suffix.png, folders joined by "-", with its ending where two would meet."""
    short = [os.path.splitext(name)[0].replace("/", "-") for name in names]
    lowered = [each.lower() for each in short]
    stems = [
        stem if lowered.count(stem.lower()) == 1 else PurePosixPath(name).as_posix().replace("/", "-")
        for stem, name in zip(short, names, strict=True)
    ]
    if len({stem.lower() for stem in stems}) < len(stems):
        stems = [f"{number:04d}-{stem}" for number, stem in enumerate(stems)]
    return [f"{stem}-{suffix}.png" for stem in stems]


def _with_rows(old: bytes | None, rows: Sequence[Row]) -> bytes:
    """The content of a table with more rows; those of the same files are replaced."""
    known = {row["file"]: row for row in csv.DictReader(io.StringIO("" if old is None else old.decode()))}
    for row in rows:
        known[str(row["file"])] = {key: str(no_formula(cell)) for key, cell in row.items()}
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(dict.fromkeys(key for row in known.values() for key in row)))
    writer.writeheader()
    writer.writerows(known.values())
    return table.getvalue().encode()
