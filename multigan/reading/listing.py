"""Which files of a kind a folder holds, and their labels.

Three forms are read: a table beside the files, class folders (sub-directories named after their label, read recursively),
and flat files without labels. The table is the first of ``TABLES`` that is there, or one of ``METADATA`` in every folder
that holds files. Where it has labels, it says which files there are; where it has none, class folders do, and it says what
else it knows of them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.columns import NONE, Columns, shown
from multigan.reading.files import named
from multigan.reading.filetable import METADATA, TABLES, FileTable, open_file_table
from multigan.reading.image import FORMATS_IN_WORDS

TABLES_IN_WORDS = "labels.csv or other such table"
_OTHER_SUFFIXES = {".txt", ".csv", ".tsv", ".md", ".json", ".jsonl", ".parquet", ".html", ".db", ".ini"}
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
        return f"{self.formats} files in class folders, beside a {TABLES[0]}, or flat"

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
    split: tuple[str, ...] | None = None
    """What each file has in the column of the split, "" where it has nothing; None where there is no such column."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that occur, in the column order of a condition."""
        return ordered(set(self.labels or ()))


def list_files(folder: Path, kind: Kind, columns: Columns | str | None = None) -> Listing:
    """The files that may be of a kind in ``folder``; nothing is decoded. DataError when there are none.

    ``columns`` say what the columns of a table beside them mean; a string is the column of the labels alone.
    """
    columns = columns if isinstance(columns, Columns) else Columns(label=columns)
    if not folder.exists():
        raise DataError(f"There is no folder {folder}; give a folder that holds {kind.looked_for}.")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file; give a folder that holds {kind.looked_for}.")
    try:
        names = _names(folder)
        files = [name for name in names if kind.may_be(name.rpartition("/")[2])]
        table, notes = _table(folder, names, files, kind, columns)
        if table is None:
            _refuse_columns(folder, columns)
        elif table.label is not None or columns.label == NONE:
            return _from_table(folder, files, table, notes)
        else:
            notes += _labels_elsewhere(folder, files, table, columns)
        if columns.label == NONE:
            return _flat(folder, files, kind, notes)
        return _from_folders(folder, files, kind, table, notes)
    except OSError as error:
        raise DataError(
            f"Cannot read {error.filename}: {error.strerror}; {folder} must be readable."
        ) from error


def _table(
    folder: Path, names: Sequence[str], files: Sequence[str], kind: Kind, columns: Columns
) -> tuple[FileTable | None, list[str]]:
    """The table that is read, if any, and what to know of the others."""
    noun, notes = kind.one.split()[0], []
    beside = [name for name in TABLES if (folder / name).is_file()]
    for name in beside:
        table = open_file_table(folder, [name], noun, columns)
        if table is not None:
            others = [other for other in beside if other != name]
            if others:
                notes = [
                    f"The table that is read is {name}; beside it {named(others)} {_is(others)} left out."
                ]
            return table, [*notes, *table.notes]
    if beside:
        notes.append(f"{named(beside)} {_is(beside)} left out: no column is named file or file_name.")
        return None, notes
    tables = _tables_below(names)
    if not tables or columns.label == NONE:
        return None, notes
    uncovered = [name for name in files if not _is_below(name, tables)]
    table = None if uncovered else open_file_table(folder, list(tables.values()), noun, columns)
    if table is not None:
        return table, [*notes, *table.notes]
    why = (
        f"{uncovered[0]} has none above it"
        if uncovered
        else "no column of files and one of labels is in each"
    )
    return None, [*notes, f"{named(list(tables.values()))} {_is(tables)} left out: {why}."]


def _tables_below(names: Sequence[str]) -> dict[str, str]:
    """Folder -> the first of its ``METADATA`` tables."""
    tables: dict[str, str] = {}
    for base in METADATA:
        for name in names:
            folder, _, last = name.rpartition("/")
            if folder and last == base:
                tables.setdefault(folder, name)
    return dict(sorted(tables.items()))


def _is_below(name: str, folders: Collection[str]) -> bool:
    return any(str(parent) in folders for parent in PurePosixPath(name).parents)


def _refuse_columns(folder: Path, columns: Columns) -> None:
    """DataError where a certain column is asked for, and there is no table."""
    asked_for = {"label": columns.wanted_labels[0] if columns.label_is_required else None}
    asked_for["intensity"] = None if columns.intensity in (None, NONE) else str(columns.intensity)
    for setting, name in asked_for.items():
        if name is not None:
            raise DataError(
                f"The {setting} is to be in a column {name!r}, but {folder} has no {TABLES_IN_WORDS}; add one, or leave out "
                f"{columns.setting(setting, name)}."
            )


def _labels_elsewhere(folder: Path, files: Sequence[str], table: FileTable, columns: Columns) -> list[str]:
    """Notes where a table has no labels and class folders do; DataError where nothing does and the table should."""
    wanted = " or ".join(map(repr, columns.wanted_labels))
    lacks = f"no column {wanted}; its columns are {shown(table.columns)}"
    another = f"{columns.setting('label', 'NAME')} names one of these"
    if any("/" in name for name in files):
        missing = [name for name in table.rows if not (folder / name).is_file()]
        return [
            f"{table.title} has {lacks}: labels are the names of the class folders ({another}).",
            *(
                [f"{_files_are(missing)} named in {table.title} and missing: {named(missing)}."]
                if missing
                else []
            ),
        ]
    if table.title in METADATA:
        return [f"{table.title} has {lacks}: there are no labels ({another})."]
    raise DataError(
        f"{folder / table.title} has {lacks}. Name one of these ({columns.setting('label', 'NAME')}), or leave labels out "
        f"({columns.setting('label', NONE)})."
    )


def _flat(folder: Path, files: Sequence[str], kind: Kind, notes: Sequence[str]) -> Listing:
    if not files:
        others = sorted(entry.name for entry in os.scandir(folder))
        present = f"only {named(others)}" if others else "nothing"
        raise DataError(f"No {kind.one} in {folder}: looked for {kind.looked_for}; found {present}.")
    return Listing(folder, tuple(files), None, (1.0,) * len(files), tuple(notes))


def _from_folders(
    folder: Path, files: Sequence[str], kind: Kind, table: FileTable | None, notes: Sequence[str]
) -> Listing:
    """Of class folders, or flat; ``table``: what is said of some files beside their labels."""
    classes = {name.split("/")[0] for name in files if "/" in name}
    empty = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not _hidden(entry.name))
    empty = [name for name in empty if name not in classes]
    if empty and (classes or not files):
        others = f"{kind.several} in {named(sorted(classes))}" if classes else f"no {kind.one} anywhere"
        raise DataError(
            f"The class folder {folder / empty[0]} holds no {kind.one}: looked for {kind.formats} files in it "
            f"and below it, found {others}. Add {kind.several} of that class or remove the folder."
        )
    if not classes:
        return _flat(folder, files, kind, notes)
    inside = tuple(name for name in files if "/" in name)
    loose = [name for name in files if "/" not in name]
    if loose:
        notes = [*notes, f"{_files_are(loose)} beside the class folders and left out: {named(loose)}."]
    labels = tuple(name.split("/")[0] for name in inside)
    rows = {} if table is None else table.rows
    intensities = tuple(rows[name].intensity if name in rows else 1.0 for name in inside)
    split = tuple(rows[name].split or "" if name in rows else "" for name in inside)
    has_split = table is not None and table.has_split
    return Listing(folder, inside, labels, intensities, tuple(notes), split if has_split else None)


def _from_table(folder: Path, files: Sequence[str], table: FileTable, notes: Sequence[str]) -> Listing:
    """The files that the table names; with labels where it has a column of them."""
    rows = table.rows
    present = {name for name in rows if (folder / name).is_file()}
    missing = [name for name in rows if name not in present]
    if not present:
        raise DataError(
            f"No file that {folder / table.title} names is there: looked for {named(missing) or 'a row'}. "
            "The file column holds paths relative to the folder."
        )
    lost = ordered({str(row.label) for row in rows.values()} - {str(rows[name].label) for name in present})
    if lost:
        absent = [name for name in missing if rows[name].label == lost[0]]
        raise DataError(
            f"No file of the class {lost[0]!r} that {folder / table.title} names is there: looked for "
            f"{named(absent)}. Add the files or remove their rows."
        )
    unlisted = [name for name in files if name not in rows]
    notes = list(notes)
    if missing:
        notes.append(f"{_files_are(missing)} named in {table.title} and missing: {named(missing)}.")
    if unlisted:
        notes.append(f"{_files_are(unlisted)} not in {table.title} and left out: {named(unlisted)}.")
    names = tuple(sorted(present))
    return Listing(
        folder,
        names,
        None if table.label is None else tuple(str(rows[name].label) for name in names),
        tuple(rows[name].intensity for name in names),
        tuple(notes),
        tuple(rows[name].split or "" for name in names) if table.has_split else None,
    )


def _names(folder: Path) -> list[str]:
    """Every file below ``folder`` that is not hidden, by name."""
    names = []
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _hidden(name)]
        below = Path(place).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        names += [prefix + name for name in files if not _hidden(name)]
    return sorted(names)


def _raise(error: OSError) -> None:
    raise error


def _hidden(name: str) -> bool:
    return name.startswith(".")


def _files_are(names: Sequence[str]) -> str:
    return "1 file is" if len(names) == 1 else f"{len(names)} files are"


def _is(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"
