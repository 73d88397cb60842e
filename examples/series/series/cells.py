"""CSV files: their cells as text, whatever stands between them, and samples as one file of the same form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from multigan.errors import DataError
from multigan.outputs import publishing
from multigan.reading.tables import open_table
from multigan.sampling import TrainedGenerator, identity, unwritable
from multigan.writing import write_text

SUFFIXES = (".csv", ".tsv")
FILE = "samples.csv"


@dataclass(frozen=True)
class Sheet:
    """The cells of a table, as they are written."""

    names: tuple[str, ...]
    rows: list[tuple[str, ...]]
    delimiter: str = ","
    source: str = "memory"
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[str]:
        """All cells of a column."""
        place = self.names.index(name)
        return [row[place] for row in self.rows]


def read_sheet(path: Path) -> Sheet:
    """The table of a CSV or TSV file, or of the one that a folder holds; DataError where there is none or it is damaged."""
    file = _file_in(path) if path.is_dir() else path
    if file.suffix.lower() not in SUFFIXES:
        raise DataError(
            f"{file} is no CSV file; give one (.csv, or .tsv with tabs), or a folder that holds one."
        )
    table = open_table(file)
    doubled = sorted({name for name in table.columns if table.columns.count(name) > 1})
    if doubled or not all(table.columns):
        what = f"two columns {doubled[0]!r}" if doubled else "a column without a name"
        raise DataError(f"{file} has {what}; give each column a name of its own in the first row.")
    rows = []
    for row in table.rows(table.columns):
        if row.flaw:
            raise DataError(f"{file}, {row.place}: {row.flaw}; mend or remove the row.")
        if not row.blank:
            rows.append(tuple(row.values[name] for name in table.columns))
    if not rows:
        raise DataError(f"{file} has no rows below the names of its columns; add some.")
    return Sheet(table.columns, rows, table.delimiter, str(file), table.notes)


def _file_in(folder: Path) -> Path:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if len(files) != 1:
        names = ", ".join(path.name for path in files) or "none"
        raise DataError(
            f"{folder} holds {len(files)} CSV files ({names}), and one is read; name it: {folder}/FILE.csv."
        )
    return files[0]


def place_of(path: Path) -> tuple[Path, str]:
    """The folder and the name of the one file that samples go to: a path that ends in .csv or .tsv is that file."""
    return (path.parent, path.name) if path.suffix.lower() in SUFFIXES else (path, FILE)


def write_sheet(
    names: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str, path: Path, trained: TrainedGenerator
) -> Path:
    """One CSV file of samples: ``path`` itself, or samples.csv in that folder.

    ConfigError where it cannot be written, or holds something that multigan did not write. Categories are as in the
    training data, which may begin as a formula does: the table goes back to where that one came from.
    """
    folder, name = place_of(path)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    try:
        with publishing(folder, by=identity(trained.network)) as stage:
            write_text(stage.folder / name, text.getvalue())
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder / name
