"""A person's own files, which stay as they are, through a network: results are new files, and a table names them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from multigan.errors import DataError
from multigan.outputs import publishing, written
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.formulas import no_formula
from multigan.reading.listing import Kind, list_files
from multigan.sampling import identity, unwritable
from multigan.writing import new_file

Row = dict[str, object]
Make = Callable[[Path, Row], bytes]
"""(path of a file, its row of the table) -> the new file, and the row gets what there is to know; DataError where it cannot
be read."""


def made_of_files(
    trained: Any, source: Path, kind: Kind, folder: Path, ending: str, table: str, make: Make
) -> tuple[list[Row], dict[str, str]]:
    """``make`` of a file, or of all files of a ``kind`` in a folder and below, as files NAME-``ending`` in ``folder``.

    Gives the rows of what was written, which begin with the columns file and input and are merged into ``table`` in the
    same folder; and the names of the files that could not be read, with the reasons. DataError where none can be;
    ConfigError where a file would take the place of one that multigan did not write.
    """
    root, names = _listed(source, kind, folder)
    rows: list[Row] = []
    bad: dict[str, str] = {}
    try:
        with publishing(folder, by=identity(trained.network), merges=(table,)) as stage:
            for name, result in zip(names, _written_names(names, ending), strict=True):
                row: Row = {"file": result, "input": name}
                try:
                    content = make(root / name, row)
                except DataError as error:
                    bad[name] = str(error)
                    continue
                with new_file(stage.folder / result) as stream:
                    stream.write(content)
                rows.append(row)
            if not rows:
                raise DataError(f"None of the {kind.several} in {source} can be read: {reasons(bad)}.")
            stage.merges[table] = lambda old: _with_rows(old, rows)
    except OSError as error:
        raise unwritable(folder, error) from error
    return rows, bad


def reasons(bad: Mapping[str, str]) -> str:
    """Names of files, and why each was left out."""
    return named([f"{name} ({reason})" for name, reason in bad.items()])


def _listed(source: Path, kind: Kind, results: Path) -> tuple[Path, Sequence[str]]:
    """The folder of the files and their names in it, without earlier results among them; DataError where there are none."""
    if source.is_file():
        return source.parent, [source.name]
    listing = list_files(source, kind, Columns(label=NONE, split=NONE))
    own = {results.resolve() / name for name in written(results)}
    names = [name for name in listing.names if (listing.folder / name).resolve() not in own]
    if not names:
        raise DataError(
            f"All {kind.several} in {source} are results that were written there; choose another --out to go on from these."
        )
    return listing.folder, names


def _written_names(names: Sequence[str], ending: str) -> list[str]:
    """What each file is written as: NAME-ending, folders joined by "-", with its ending where two would meet."""
    short = [os.path.splitext(name)[0].replace("/", "-") for name in names]
    lowered = [each.lower() for each in short]
    stems = [
        stem if lowered.count(stem.lower()) == 1 else PurePosixPath(name).as_posix().replace("/", "-")
        for stem, name in zip(short, names, strict=True)
    ]
    if len({stem.lower() for stem in stems}) < len(stems):
        stems = [f"{number:04d}-{stem}" for number, stem in enumerate(stems)]
    return [f"{stem}-{ending}" for stem in stems]


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
