"""Which files of a kind a folder holds, and their labels.

Three forms are read: a ``labels.csv`` beside the files (it wins where it is present), class folders
(sub-directories named after their label, read recursively), and flat files without labels.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.files import named
from multigan.reading.image import FORMATS_IN_WORDS

TABLE = "labels.csv"
LABEL_COLUMNS = ("emotion", "label", "class")
_OTHER_SUFFIXES = {".txt", ".csv", ".md", ".json", ".html", ".db", ".ini"}
_OTHER_NAMES = {"readme", "license", "licence"}


@dataclass(frozen=True)
class Kind:
    """A kind of files: one and several of them in words, and what is looked for."""

    one: str
    several: str
    formats: str
    suffixes: frozenset[str] | None = None
    """In lower case; None where any file but a text may be one, and its content decides."""

    @property
    def looked_for(self) -> str:
        return f"{self.formats} files in class folders, beside a {TABLE}, or flat"

    def may_be(self, name: str) -> bool:
        """Whether a file of this name is looked at."""
        stem, suffix = os.path.splitext(name.lower())
        if self.suffixes is not None:
            return suffix in self.suffixes
        return suffix not in _OTHER_SUFFIXES and stem not in _OTHER_NAMES


IMAGES = Kind("image", "images", FORMATS_IN_WORDS)
AUDIO = Kind(
    "audio file",
    "audio files",
    "WAV, FLAC, OGG or MP3",
    frozenset((".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3")),
)


@dataclass(frozen=True)
class Listing:
    """Files by name (relative to ``folder``, with "/"), with a label each, or ``labels`` None for all."""

    folder: Path
    names: tuple[str, ...]
    labels: tuple[str, ...] | None
    intensities: tuple[float, ...]
    notes: tuple[str, ...]
    extra: tuple[str, ...] | None = None
    """The values of the further column that was asked for; None where there is no such column."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that occur, in the column order of a condition."""
        return ordered(set(self.labels or ()))


def list_files(
    folder: Path,
    kind: Kind,
    label_columns: str | Sequence[str] | None = None,
    extra_column: str | None = None,
) -> Listing:
    """The files that may be of a kind in ``folder``; nothing is decoded. DataError when there are none.

    Labels are in the column of ``labels.csv`` that ``label_columns`` names, and then that table has to be there, or in the
    first of several (None: of emotion, label and class). ``extra_column`` is read too, where the table has it.
    """
    label_columns = LABEL_COLUMNS if label_columns is None else label_columns
    if not folder.exists():
        raise DataError(f"There is no folder {folder}; give a folder that holds {kind.looked_for}.")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file; give a folder that holds {kind.looked_for}.")
    try:
        if (folder / TABLE).is_file():
            return _from_table(folder, kind, label_columns, extra_column)
        if isinstance(label_columns, str):
            raise DataError(
                f"labels_column is {label_columns!r} but {folder} has no {TABLE}; add it or leave it out."
            )
        return _from_folders(folder, kind)
    except OSError as error:
        raise DataError(
            f"Cannot read {error.filename}: {error.strerror}; {folder} must be readable."
        ) from error


def _from_folders(folder: Path, kind: Kind) -> Listing:
    files = _files(folder, kind)
    classes = {name.split("/")[0] for name in files if "/" in name}
    empty = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not _hidden(entry.name))
    empty = [name for name in empty if name not in classes]
    if empty and (classes or not files):
        found = f"{kind.several} in {named(sorted(classes))}" if classes else f"no {kind.one} anywhere"
        raise DataError(
            f"The class folder {folder / empty[0]} holds no {kind.one}: looked for {kind.formats} files in it "
            f"and below it, found {found}. Add {kind.several} of that class or remove the folder."
        )
    if not files:
        others = sorted(entry.name for entry in os.scandir(folder))
        found = f"only {named(others)}" if others else "nothing"
        raise DataError(f"No {kind.one} in {folder}: looked for {kind.looked_for}; found {found}.")
    if not classes:
        return Listing(folder, tuple(files), None, (1.0,) * len(files), ())
    inside = [name for name in files if "/" in name]
    loose = [name for name in files if "/" not in name]
    notes = (f"{_files_are(loose)} beside the class folders and left out: {named(loose)}.",) if loose else ()
    return Listing(folder, tuple(inside), tuple(n.split("/")[0] for n in inside), (1.0,) * len(inside), notes)


def _from_table(
    folder: Path, kind: Kind, label_columns: str | Sequence[str], extra_column: str | None
) -> Listing:
    rows = _rows(folder / TABLE, label_columns, extra_column)
    present = {name for name in rows if (folder / name).is_file()}
    missing = [name for name in rows if name not in present]
    if not present:
        raise DataError(
            f"No file that {folder / TABLE} names is there: looked for {named(missing) or 'a row'}. "
            "The file column holds paths relative to the folder."
        )
    lost = ordered({label for label, *_ in rows.values()} - {rows[name][0] for name in present})
    if lost:
        absent = [name for name in missing if rows[name][0] == lost[0]]
        raise DataError(
            f"No file of the class {lost[0]!r} that {folder / TABLE} names is there: looked for "
            f"{named(absent)}. Add the files or remove their rows."
        )
    unlisted = [name for name in _files(folder, kind) if name not in rows]
    notes = []
    if missing:
        notes.append(f"{_files_are(missing)} named in {TABLE} and missing: {named(missing)}.")
    if unlisted:
        notes.append(f"{_files_are(unlisted)} not in {TABLE} and left out: {named(unlisted)}.")
    names = tuple(sorted(present))
    labels, intensities, *extra = zip(*(rows[name] for name in names), strict=True)
    return Listing(folder, names, labels, intensities, tuple(notes), extra[0] if extra else None)


def _rows(
    table: Path, label_columns: str | Sequence[str], extra_column: str | None
) -> dict[str, tuple[Any, ...]]:
    """File name -> (label, intensity) of a labels CSV, and the value of the extra column where it has that."""
    rows: dict[str, tuple[Any, ...]] = {}
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, skipinitialspace=True)
            columns = reader.fieldnames or ()
            column = _label_column(table, columns, label_columns)
            extra = (extra_column,) if extra_column in columns else ()
            for row in reader:
                where = f"{table}, line {reader.line_num}"
                name, label = _file_name(row["file"], where), (row[column] or "").strip()
                if not label:
                    raise DataError(f"{where}: {name} has no {column}; give it one or remove the row.")
                values = ((row[name] or "").strip() for name in extra)
                found = (label, _intensity(row.get("intensity"), where), *values)
                if rows.setdefault(name, found) != found:
                    raise DataError(
                        f"{where}: {name} is {found} here and {rows[name]} above; keep one row a file."
                    )
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{table} is not a CSV file in UTF-8: {error}. Save it as comma-separated UTF-8."
        ) from error
    return rows


def _label_column(table: Path, columns: Sequence[str], asked: str | Sequence[str]) -> str:
    allowed = (asked,) if isinstance(asked, str) else asked
    for wanted in (("file",), allowed):
        if not any(name in columns for name in wanted):
            raise DataError(
                f"{table} has no column {' or '.join(map(repr, wanted))}; its comma-separated columns are "
                f"{', '.join(columns) or 'none'}. It needs 'file' and one of labels, which the settings may name."
            )
    return next(name for name in allowed if name in columns)


def _file_name(text: str | None, where: str) -> str:
    path = PurePosixPath((text or "").strip())
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise DataError(
            f"{where}: {text!r} is not a path inside the folder of the table; give a relative path."
        )
    return path.as_posix()


def _intensity(text: str | None, where: str) -> float:
    if text is None or not text.strip():
        return 1.0
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise DataError(f"{where}: the intensity is {text!r}; it must be a number from 0 to 1.")
    return value


def _files(folder: Path, kind: Kind) -> list[str]:
    """Every file below ``folder`` that is not hidden and may be of the kind, by name."""
    found = []
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _hidden(name)]
        below = Path(place).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        found += [prefix + name for name in files if not _hidden(name) and kind.may_be(name)]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error


def _hidden(name: str) -> bool:
    return name.startswith(".")


def _files_are(names: Sequence[str]) -> str:
    return "1 file is" if len(names) == 1 else f"{len(names)} files are"
