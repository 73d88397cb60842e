"""Which files of a kind a folder holds, and their labels.

Three forms are read: a table beside the files, class folders (sub-directories named after their label, read recursively),
and flat files without labels. The table is the first of ``TABLES`` that is there, or one of ``METADATA`` in every folder
that holds files. Where it has labels, it says which files there are; where it has none, class folders do, and it says what
else it knows of them. Folders around the data are stepped through, and ``train`` beside ``test`` is a split
(``multigan.reading.folders``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.audio import FORMATS_IN_WORDS as SOUNDS_IN_WORDS
from multigan.reading.audio import SUFFIXES as SOUND_SUFFIXES
from multigan.reading.columns import NONE, Columns, shown
from multigan.reading.files import named
from multigan.reading.filetable import FILES, METADATA, TABLES, FileTable, open_file_table
from multigan.reading.folders import Layout, layout, note_of_sides, sides, wrapper
from multigan.reading.image import FORMATS_IN_WORDS, is_meant
from multigan.reading.labels import look_alike, several
from multigan.reading.naming import names_on_disk
from multigan.reading.results import found_in
from multigan.reading.walk import Tree, counted, describes, passed_over, refuse_outside, tree_of

TABLES_IN_WORDS = "labels.csv or other such table"
_OTHER_SUFFIXES = {".txt", ".csv", ".tsv", ".md", ".json", ".jsonl", ".parquet", ".html", ".db", ".ini"}


@dataclass(frozen=True)
class Kind:
    """A kind of files: one and several of them in words, and what is looked for."""

    one: str
    several: str
    formats: str
    suffixes: frozenset[str] | None = None
    """In lower case; None where any file but a text may be one, and its content decides."""
    is_meant: Callable[[Path], bool] | None = None
    """Where content decides: whether a file is one, or was to be one and is damaged."""

    @property
    def looked_for(self) -> str:
        return f"{self.formats} files in class folders, beside a {TABLES[0]}, or flat"

    def may_be(self, name: str) -> bool:
        """Whether a file of this name is looked at."""
        suffix = os.path.splitext(name.lower())[1]
        if self.suffixes is not None:
            return suffix in self.suffixes and os.path.basename(name).lower() not in TABLES
        return suffix not in _OTHER_SUFFIXES and not describes(name)

    def has(self, folder: Path, name: str) -> bool:
        """Whether the file ``name`` (relative to ``folder``, with "/") is one, or was to be one."""
        return self.may_be(_last(name)) and (self.is_meant is None or self.is_meant(folder / name))


IMAGES = Kind("image", "images", FORMATS_IN_WORDS, is_meant=is_meant)
AUDIO = Kind(
    "audio file",
    "audio files",
    SOUNDS_IN_WORDS,
    frozenset(SOUND_SUFFIXES),
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
    """What each file has in the column of the split, "" where it has nothing; None where there is no such column.
    Where none is asked for, the folders that are the sides of a split."""

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
        tree = tree_of(folder, columns, kind.may_be)
        listing = _listing(folder, tree, kind, columns)
    except OSError as error:
        raise DataError(
            f"Cannot read {error.filename}: {error.strerror}; {folder} must be readable."
        ) from error
    prefix = "" if listing.folder == folder else f"{listing.folder.relative_to(folder).as_posix()}/"
    read = {prefix + name for name in listing.names}
    left = [name for name in tree.names if name not in read and not kind.has(folder, name)]
    passed = passed_over(left, kind.several, kind.formats, TABLES)
    unseen = {name.rpartition("/")[0] for name in tree.unseen if kind.has(folder, name)}
    if unseen:
        passed.append(
            f"Passed over, as folders whose names begin with a dot are hidden ones: {named(sorted(unseen))}. Rename what is "
            "data."
        )
    return replace(listing, notes=(*listing.notes, *look_alike(listing.classes), *passed))


def _listing(folder: Path, tree: Tree, kind: Kind, columns: Columns) -> Listing:
    notes = list(tree.notes)
    files = [name for name in tree.names if kind.has(folder, name)]
    prefix = wrapper(files, tree.folders, [name for name in tree.names if _last(name) in TABLES])
    if prefix:
        folder, tree = folder / prefix, tree.below(prefix)
        files = [name.removeprefix(prefix) for name in files]
        notes.append(
            f"All {kind.several} are in the folder {prefix[:-1]}, and it is read in place of the outer one."
        )
    table, more = _table(folder, tree.names, files, kind, columns)
    notes += more
    if table is not None:
        on_disk = [name for name in tree.names if _last(name) not in TABLES]
        meant, more = names_on_disk(table.rows, on_disk, table.title)
        table = replace(table, rows={meant.get(name, name): row for name, row in table.rows.items()})
        notes += more
    if table is None:
        refuse_columns(folder, columns)
    elif table.label is not None or columns.label == NONE:
        return _from_table(folder, files, kind, table, columns, notes)
    else:
        notes += _labels_elsewhere(folder, files, table, columns)
    if table is not None and table.label is None and not _has_classes(files):
        listing = _flat(folder, files, kind, notes)
        return _with_sides(_with_rows(listing, table), columns)
    if columns.label == NONE:
        return _with_sides(_flat(folder, files, kind, notes), columns)
    return _from_folders(folder, tree, files, kind, table, columns, notes)


def _with_sides(listing: Listing, columns: Columns) -> Listing:
    """With the folders that are the sides of a split, where no column is asked for."""
    split = sides(listing.names) if columns.split is None and listing.split is None else None
    if split is None:
        return listing
    return replace(listing, split=split, notes=(*listing.notes, note_of_sides(split, columns)))


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
        notes.append(f"{named(beside)} {_is(beside)} left out: no column is named {' or '.join(FILES)}.")
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


def refuse_columns(folder: Path, columns: Columns) -> None:
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
    if _has_classes(files):
        missing = [name for name in table.rows if not (folder / name).is_file()]
        return [
            f"{table.title} has {lacks}: labels are the names of the class folders ({another}).",
            *(
                [f"{_files_are(missing)} named in {table.title} and missing: {named(missing)}."]
                if missing
                else []
            ),
        ]
    single = "".join(f", and the folder {name} is no label" for name in _folders(files))
    if table.title in METADATA:
        return [f"{table.title} has {lacks}: there are no labels ({another}){single}."]
    raise DataError(
        f"{folder / table.title} has {lacks}{single}. Name one of these ({columns.setting('label', 'NAME')}), or leave "
        f"labels out ({columns.setting('label', NONE)})."
    )


def _has_classes(files: Sequence[str]) -> bool:
    """Whether files lie in several folders: beside a table, a single one is where the files are, and no label."""
    return len(_folders(files)) > 1


def _folders(files: Sequence[str]) -> set[str]:
    return {name.split("/")[0] for name in files if "/" in name}


def _flat(folder: Path, files: Sequence[str], kind: Kind, notes: Sequence[str]) -> Listing:
    if not files:
        raise DataError(f"No {kind.one} in {folder}: looked for {kind.looked_for}; found {found_in(folder)}.")
    return Listing(folder, tuple(files), None, (1.0,) * len(files), tuple(notes))


def _from_folders(
    folder: Path,
    tree: Tree,
    files: Sequence[str],
    kind: Kind,
    table: FileTable | None,
    columns: Columns,
    notes: Sequence[str],
) -> Listing:
    """Of class folders, or flat; ``table``: what is said of some files beside their labels."""
    found = layout(files, columns, kind.one)
    _refuse_empty(folder, tree, files, found, kind)
    notes = [*notes, *found.notes]
    use_sides = found.sides is not None and columns.split is None
    if found.labels is None:
        flat = _flat(folder, files, kind, notes)
        return replace(flat, split=found.sides if use_sides else None)
    if found.loose:
        notes.append(
            f"{_files_are(found.loose)} beside the class folders and left out: {named(found.loose)}."
        )
    n, split = len(found.names), found.sides if use_sides else None
    listing = Listing(folder, found.names, found.labels, (1.0,) * n, tuple(notes), split)
    return listing if table is None else _with_rows(listing, table)


def _with_rows(listing: Listing, table: FileTable) -> Listing:
    """With the intensities and the split that a table says; a file without a row has full intensity and no side."""
    rows = table.rows
    intensities = tuple(rows[name].intensity if name in rows else 1.0 for name in listing.names)
    split = listing.split
    if table.has_split:
        split = tuple(rows[name].split or "" if name in rows else "" for name in listing.names)
    return replace(listing, intensities=intensities, split=split)


def _refuse_empty(folder: Path, tree: Tree, files: Sequence[str], found: Layout, kind: Kind) -> None:
    """DataError for a class folder without a file of the kind, where there are others or no files beside it."""
    depth = 0 if found.sides is None else 1
    classes = {"/".join(name.split("/")[: depth + 1]) for name in found.names if name.count("/") > depth}
    if found.labels is None:
        classes = set() if files else classes
    empty = [name for name in tree.folders if name.count("/") == depth and name not in classes]
    if not empty or (files and not classes):
        return
    suffixes = Counter(
        os.path.splitext(name.lower())[1] for name in tree.names if name.startswith(f"{empty[0]}/")
    )
    holds = f" (it holds {counted(suffixes)})" if suffixes else ""
    others = f"{kind.several} in {named(sorted(classes))}" if classes else f"no {kind.one} anywhere"
    raise DataError(
        f"The class folder {folder / empty[0]} holds no {kind.one}{holds}: looked for {kind.formats} files in it "
        f"and below it, found {others}. Add {kind.several} of that class or remove the folder."
    )


def _from_table(
    folder: Path, files: Sequence[str], kind: Kind, table: FileTable, columns: Columns, notes: Sequence[str]
) -> Listing:
    """The files that the table names; with labels where it has a column of them."""
    rows = table.rows
    present = {name for name in rows if (folder / name).is_file()}
    missing = [name for name in rows if name not in present]
    if not present:
        raise DataError(
            f"No file that {folder / table.title} names is there: looked for {named(missing) or 'a row'}, and found "
            f"{named(files) or f'no {kind.one}'}. The file column holds paths relative to the folder."
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
    names = sorted(present)
    listed = set(files)  # of which the links are known
    for name in names:
        if name not in listed:
            refuse_outside(folder, name, (folder / name).resolve(), columns)
    labels = None
    if table.label is not None:
        names, labels = _of_one_label(
            folder, names, [str(rows[name].label) for name in names], table, columns, notes
        )
    listing = Listing(
        folder,
        tuple(names),
        labels,
        tuple(rows[name].intensity for name in names),
        tuple(notes),
        tuple(rows[name].split or "" for name in names) if table.has_split else None,
    )
    return _with_sides(listing, columns)


def _of_one_label(
    folder: Path, names: list[str], labels: list[str], table: FileTable, columns: Columns, notes: list[str]
) -> tuple[list[str], tuple[str, ...]]:
    """The files with one label each; DataError where none has."""
    sets = [set(parts) for parts in several(labels)]
    kept = [(name, *parts) for name, parts in zip(names, sets, strict=True) if len(parts) == 1]
    if not kept:
        raise DataError(
            f"Every file in {folder / table.title} has several labels, such as {labels[0]!r}, and a file needs one; name "
            f"another column ({columns.setting('label', 'NAME')}), or leave labels out ({columns.setting('label', NONE)})."
        )
    if len(kept) < len(names):
        first = next(label for label, parts in zip(labels, sets, strict=True) if len(parts) != 1)
        notes.append(
            f"{len(names) - len(kept):,} of {len(names):,} files were left out: they have several labels, such as {first!r}."
        )
    return [name for name, _ in kept], tuple(label for _, label in kept)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _files_are(names: Sequence[str]) -> str:
    return "1 file is" if len(names) == 1 else f"{len(names)} files are"


def _is(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"
