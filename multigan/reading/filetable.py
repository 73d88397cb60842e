"""The table beside files: which one is read, and what it says of each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from multigan.errors import DataError
from multigan.reading.columns import (
    Columns,
    intensity_column,
    label_column,
    others_like_labels,
    shown,
    split_column,
)
from multigan.reading.files import named
from multigan.reading.intensities import Scale
from multigan.reading.labels import label_text
from multigan.reading.tables import SUFFIXES, Row, Table, open_table
from multigan.reading.utf8 import flaw_of_name

METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
"""Of Hugging Face's imagefolder and audiofolder, in any folder that holds files."""
TABLES = (*(f"labels{suffix}" for suffix in SUFFIXES), *METADATA)
"""Beside the files; the first that is there is read."""
FILES = ("file", "file_name", "filename", "path")
"""Names of the column of the files, relative to the folder of the table; the first that it has is taken."""


@dataclass(frozen=True)
class FileRow:
    """What a table says of a file."""

    label: str | None
    intensity: float
    split: str | None

    def __str__(self) -> str:
        beside = () if self.split is None else (self.split,)
        return str((self.label, self.intensity, *beside))


@dataclass(frozen=True)
class FileTable:
    """The rows of a table, or of one in each of several folders, by the name of the file relative to the whole folder."""

    title: str
    """ "labels.csv", or "a/metadata.csv and 1 more"."""
    rows: dict[str, FileRow]
    columns: tuple[str, ...]
    label: str | None
    """The column of the labels."""
    has_split: bool
    notes: tuple[str, ...]


def open_file_table(folder: Path, names: Sequence[str], noun: str, columns: Columns) -> FileTable | None:
    """The table of this name in ``folder``, or those of several in the folders below, for files of the kind ``noun``.

    None where a ``METADATA`` table has no column of files, or one below none of labels: it is of something else. DataError
    where another table has no column of files, where a row cannot be used, or a column that is asked for is not there.
    """
    tables = {name: _with_all_columns(open_table(folder / name, spaced=True)) for name in names}
    files = {name: _file_column(table, noun) for name, table in tables.items()}
    nameless = next((name for name, column in files.items() if column is None), None)
    if nameless in METADATA or (nameless is not None and _are_below(names)):
        return None
    if nameless is not None:
        raise DataError(
            f"{folder / nameless} has no column {' or '.join(map(repr, FILES))}; its columns are "
            f"{shown(tables[nameless].columns)}. It needs one, and one of labels."
        )
    labels = {name: label_column(table, columns) for name, table in tables.items()}
    if _are_below(names) and None in labels.values():
        return None
    rows: dict[str, FileRow] = {}
    splits, scale = [], columns.scale()
    for name, table in tables.items():
        split = split_column(table, columns)
        reader = _Reader(str(files[name]), labels[name], intensity_column(table, columns), split, scale)
        prefix = name.rpartition("/")[0]
        for row in table.rows(reader.looked_at):
            if row.blank:
                continue
            where = f"{table.path}, {row.place}"
            file, value = reader.read(row, where)
            file = f"{prefix}/{file}" if prefix else file
            if rows.setdefault(file, value) != value:
                raise DataError(
                    f"{where}: {file} is {value} here and {rows[file]} above; keep one row a file."
                )
        splits.append(split)
    first = tables[names[0]]
    title = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    label = labels[names[0]]
    marks = dict.fromkeys(note for table in tables.values() for note in table.notes)
    notes = (*marks, *_named_otherwise(title, label, first.columns, columns), *scale.notes)
    return FileTable(title, rows, first.columns, label, any(splits), notes)


def _are_below(names: Sequence[str]) -> bool:
    return "/" in names[0]


def _with_all_columns(table: Table) -> Table:
    """Of JSON objects, the keys of all."""
    if not table.open_ended:
        return table
    rows = list(table.rows(()))
    names = dict.fromkeys(name for row in rows for name in row.values)
    return replace(table, columns=tuple(names), rows=lambda _: iter(rows), open_ended=False)


def _file_column(table: Table, noun: str) -> str | None:
    """The column of the files: ``FILES``, that of their kind ("image_file_name"), or the only one named so."""
    for name in (*FILES, f"{noun}_file_name"):
        column = table.matching(name)
        if column is not None:
            return column
    others = [name for name in table.columns if name.lower().endswith("_file_name")]
    if len(others) > 1:
        raise DataError(
            f"{table.path} names files in several columns ({named(others)}), and none of them says {noun}; name the one "
            f"that is meant file_name."
        )
    return others[0] if others else None


def _named_otherwise(
    title: str, label: str | None, names: Sequence[str], columns: Columns
) -> tuple[str, ...]:
    """A note where nobody wrote the name of the column that holds the labels: Hugging Face's tables, capitals; and where
    other columns, by their ``names``, may hold labels too."""
    if label is None:
        return ()
    others = others_like_labels([name for name in names if name != label], columns)
    if title == TABLES[0] and label in columns.wanted_labels:
        return others
    return (f"{title}: the label is column {label!r}.", *others)


@dataclass(frozen=True)
class _Reader:
    """Reads rows by the columns of one table; None: there is no such column."""

    file: str
    label: str | None
    intensity: str | None
    split: str | None
    scale: Scale

    @property
    def looked_at(self) -> set[str]:
        return {name for name in (self.file, self.label, self.intensity, self.split) if name is not None}

    def read(self, row: Row, where: str) -> tuple[str, FileRow]:
        """The name of a file and what is said of it; DataError where the row cannot be used."""
        flaw = row.flaw or next(
            filter(None, (flaw_of_name(str(row.values.get(name))) for name in self.looked_at)), ""
        )
        if flaw:
            remedy = "save the table as UTF-8, or mend" if "UTF-8" in flaw else "mend"
            raise DataError(f"{where}: {flaw}; {remedy} or remove the row.")
        file = _file_name(row.values.get(self.file), where)
        label = None if self.label is None else self._label(row.values.get(self.label), file, where)
        intensity = 1.0 if self.intensity is None else self.scale.value(row.values.get(self.intensity), where)
        split = None if self.split is None else _text(row.values.get(self.split))
        return file, FileRow(label, intensity, split)

    def _label(self, value: Any, file: str, where: str) -> str:
        label = label_text(value)
        if label is None:
            raise DataError(
                f"{where}: the {self.label} of {file} is {value!r}; it must be text, a whole number or a list of such."
            )
        if not label:
            raise DataError(f"{where}: {file} has no {self.label}; give it one or remove the row.")
        return label


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _file_name(value: Any, where: str) -> str:
    path = PurePosixPath(value if isinstance(value, str) and value.strip() else "")
    parts = [part.strip() for part in path.as_posix().replace("\\", "/").split("/")]
    if not path.parts or not parts[0] or ".." in parts:
        raise DataError(
            f"{where}: {value!r} is not a path inside the folder of the table; give a relative path."
        )
    return path.as_posix()
