"""Texts of a file or folder: a line, a table's row or a JSON object each, in UTF-8.

- ``.txt``: a line is a sample.
- ``.csv`` (comma, quotes as in RFC 4180), ``.tsv`` (tab, quotes are ordinary characters, unless they surround a text
  and every other in it is doubled): a row is a sample. A column given by name means that the first row holds the names;
  by number, from 0, that there is no such row. Without either the first row must name a column "text".
- ``.jsonl``: a line is an object, and the column is its key, "text" by default.
- A folder: its files of these kinds, which must all be of one kind (an emotions.txt or labels.txt beside tables is
  none of them), or class folders of ``.txt`` files, whose name is the label of the samples below.

Labels of tables and objects come from the label column or, where a name row or key has one, from "emotion", "label" or
"class". Blank lines and empty texts are skipped and counted; rows that cannot be used are named and skipped.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from multigan.errors import DataError
from multigan.reading.files import named
from multigan.reading.listing import LABEL_COLUMNS

if TYPE_CHECKING:
    import _csv

KINDS = (".txt", ".csv", ".tsv", ".jsonl")
KINDS_IN_WORDS = ".txt, .csv, .tsv or .jsonl"
COLUMN = "text"

_Places = tuple[int, int | None, int | None]
_LONGEST_CELL = 2**31 - 1
_OTHER_NAMES = {"readme", "license", "licence"}
NAMES_OF_LABELS = ("emotions.txt", "labels.txt")
"""Files that hold the names of labels that are numbers, a line each."""


@dataclass(frozen=True)
class TextTable:
    """The texts [N] of a file or folder, without space around them."""

    texts: tuple[str, ...]
    labels: tuple[str, ...] | None
    names: tuple[str, ...]
    """Where each text stands: "train.tsv, line 3"."""
    bad: dict[str, str]
    """Where a line or row stands that cannot be used -> why."""
    notes: tuple[str, ...]
    extra: tuple[str, ...] | None = None
    """The cells of the further column that was asked for, "" where a row has none; None where there is no such column."""


@dataclass(frozen=True)
class _Row:
    """A line, row or object, from the line on that it begins in: a text, or why there is none."""

    line: int
    text: str = ""
    label: str | None = None
    flaw: str = ""
    extra: str | None = None


@dataclass(frozen=True)
class _Columns:
    """What is asked for: a column for the text and one for the label, by name or number, and any further one by name."""

    text: str | None
    label: str | None
    extra: str | None = None

    @property
    def are_numbers(self) -> bool:
        return self.text is not None and self.text.isdecimal()


def read_texts(
    path: Path, column: str | None = None, label_column: str | None = None, extra_column: str | None = None
) -> TextTable:
    """The texts of a file or folder; the module says how they are found. DataError when there are none.

    ``extra_column``, a name, is read too where names tell the columns and there is such a one.
    """
    columns = _Columns(column, label_column, extra_column)
    try:
        files, notes = _files(path)
        rows = [(name, label, list(_rows(file, columns))) for file, name, label in files]
    except OSError as error:
        raise DataError(f"Cannot read {error.filename or path}: {error.strerror or error}.") from error
    return _table(path, rows, notes)


def glimpse(path: Path, at_most: int) -> tuple[Path, list[list[str]]]:
    """The first file of ``path`` and its first rows: cells of a table, the keys of a JSON object, nothing of lines."""
    try:
        files, _ = _files(path)
        first = files[0][0]
        look = GLIMPSES.get(first.suffix.lower())
        return first, list(islice(look(first, _content(first)), at_most)) if look else []
    except OSError as error:
        raise DataError(f"Cannot read {error.filename or path}: {error.strerror or error}.") from error


def _table(path: Path, files: list[tuple[str, str | None, list[_Row]]], notes: list[str]) -> TextTable:
    found: list[tuple[str, str, str | None, str | None]] = []
    bad: dict[str, str] = {}
    n_empty = 0
    for name, folder_label, rows in files:
        for row in rows:
            place = f"{name}, line {row.line}"
            if row.flaw:
                bad[place] = row.flaw
            elif not row.text:
                n_empty += 1
            else:
                label = row.label if folder_label is None else folder_label
                found.append((row.text, place, label, row.extra))
    if not found:
        first = next((f"; {place}: {why}" for place, why in bad.items()), "")
        raise DataError(
            f"No text in {path}: found {n_empty} empty lines or rows and {len(bad)} that cannot be used{first}. "
            f"Give a {KINDS_IN_WORDS} file, or a folder of them, with a sample a line."
        )
    if n_empty:
        notes.append(
            f"{n_empty} empty {'line or row was' if n_empty == 1 else 'lines or rows were'} skipped."
        )
    texts, places, labels, extra = zip(*found, strict=True)
    unlabelled = [place for place, label in zip(places, labels, strict=True) if label is None]
    if unlabelled and len(unlabelled) < len(labels):
        notes.append(f"Labels are left out, because some texts have none: {named(unlabelled)}.")
    further = tuple(cell or "" for cell in extra) if any(cell is not None for cell in extra) else None
    return TextTable(texts, None if unlabelled else labels, places, bad, tuple(notes), further)


def _files(path: Path) -> tuple[list[tuple[Path, str, str | None]], list[str]]:
    """(file, its name, the label of its folder or None), and what to know of them."""
    if path.is_dir():
        return _in_folder(path)
    if not path.exists():
        raise DataError(f"There is no {path}; give a {KINDS_IN_WORDS} file, or a folder of them.")
    if not path.is_file():
        raise DataError(f"{path} is not a regular file; give a {KINDS_IN_WORDS} file, or a folder of them.")
    if path.suffix.lower() not in KINDS:
        raise DataError(f"{path} is a {path.suffix or 'nameless'} file; {KINDS_IN_WORDS} files are read.")
    return [(path, path.name, None)], []


def _in_folder(folder: Path) -> tuple[list[tuple[Path, str, str | None]], list[str]]:
    names = _names_in(folder)
    loose = [name for name in names if "/" not in name]
    inside = [name for name in names if "/" in name and name.lower().endswith(".txt")]
    if inside:
        notes = [f"Files beside the class folders were left out: {named(loose)}."] if loose else []
        return [(folder / name, name, name.split("/")[0]) for name in inside], notes
    if not all(name.lower().endswith(".txt") for name in loose):
        loose = [name for name in loose if name.lower() not in NAMES_OF_LABELS]
    kinds = sorted({Path(name).suffix.lower() for name in loose})
    if not kinds:
        present = sorted(entry.name for entry in os.scandir(folder))
        raise DataError(
            f"No text file in {folder}: looked for {KINDS_IN_WORDS} files, or .txt files in class folders; "
            f"found {'only ' + named(present) if present else 'nothing'}."
        )
    if len(kinds) > 1:
        raise DataError(
            f"{folder} holds text files of several kinds ({', '.join(kinds)}): {named(loose)}. Give one of them by "
            "its name, or a folder that holds one kind."
        )
    return [(folder / name, name, None) for name in loose], []


def _names_in(folder: Path) -> list[str]:
    """Every file below the folder, by its relative name, that is of one of the kinds and neither hidden nor a readme."""
    found = []
    for place, folders, files in os.walk(folder, onerror=_raised):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            stem, suffix = os.path.splitext(name.lower())
            if suffix in KINDS and stem not in _OTHER_NAMES and not name.startswith("."):
                found.append((Path(place) / name).relative_to(folder).as_posix())
    return sorted(found)


def _raised(error: OSError) -> NoReturn:
    raise error


def _rows(path: Path, columns: _Columns) -> Iterator[_Row]:
    """The rows of one file; texts and labels have no space around them, and a flaw stands in for what is damaged."""
    for row in READERS[path.suffix.lower()](path, _content(path), columns):
        flaw = row.flaw or _flaw(row.text) or _flaw(row.label or "")
        yield _Row(row.line, flaw=flaw) if flaw else replace(row, text=row.text.strip())


def _content(path: Path) -> str:
    """The content of a UTF-8 file, bytes that are not UTF-8 kept as surrogates (PEP 383)."""
    if not path.is_file():
        raise DataError(f"{path} is not a regular file; remove it.")  # opening a pipe would wait for ever
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{path} is in UTF-16; save it as UTF-8.")
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def _flaw(text: str) -> str:
    """Why a text cannot be used, or nothing."""
    if "\0" in text:
        return "it holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        if 0xDC80 <= code <= 0xDCFF:
            return f"it is not UTF-8: byte 0x{code - 0xDC00:02X} after {error.start} characters"
        return f"it holds half a surrogate pair, U+{code:04X}, after {error.start} characters"
    return ""


def _lines(content: str) -> Iterator[tuple[int, str]]:
    """Lines from 1, ended by LF, CR LF or CR and nothing else."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return enumerate(lines.split("\n") if lines else (), 1)


def _of_lines(path: Path, content: str, columns: _Columns) -> Iterator[_Row]:
    asked = columns.text if columns.text is not None else columns.label
    if asked is not None:
        raise DataError(f"{path} has no columns, but the column {asked!r} is asked for; leave it out.")
    return (_Row(line, text) for line, text in _lines(content))


def _of_csv(path: Path, content: str, columns: _Columns) -> Iterator[_Row]:
    return _of_table(path, _csv_reader(content), columns)


def _of_tsv(path: Path, content: str, columns: _Columns) -> Iterator[_Row]:
    for row in _of_table(path, _tsv_reader(content), columns):
        yield replace(row, text=_unquoted(row.text.strip()))


def _csv_reader(content: str) -> _csv.Reader:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    return csv.reader(io.StringIO(content, newline=""), strict=True)


def _tsv_reader(content: str) -> _csv.Reader:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    return csv.reader(io.StringIO(content, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)


def _unquoted(text: str) -> str:
    """What spreadsheets mean by a text in quotes with doubled quotes inside; other texts as they are."""
    inside = text[1:-1]
    quoted = len(text) > 2 and text[0] == text[-1] == '"' and '""' in inside
    return inside.replace('""', '"') if quoted and '"' not in inside.replace('""', "") else text


def _of_table(path: Path, reader: _csv.Reader, columns: _Columns) -> Iterator[_Row]:
    places: _Places | None = None
    for line, cells in _cells(path, reader):
        if isinstance(cells, str):
            yield _Row(line, flaw=cells)
        elif not any(cell.strip() for cell in cells):
            yield _Row(line)
        elif places is None:
            places = _places(path, cells, columns)
            if columns.are_numbers:
                yield _row(line, cells, places)
        else:
            yield _row(line, cells, places)


def _cells(path: Path, reader: _csv.Reader) -> Iterator[tuple[int, list[str] | str]]:
    """The line that each row begins in, and its cells or why it has none."""
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "end of data" in str(error):
                raise DataError(
                    f"{path}: a quotation mark opens in the row of line {line} and never closes; close it, or "
                    'double quotation marks that belong to the text ("").'
                ) from error
            yield line, f"it is not a row of CSV: {error}"


def _row(line: int, cells: Sequence[str], places: _Places) -> _Row:
    text, label, further = places
    last = max(text, label or 0)
    if last >= len(cells):
        return _Row(line, flaw=f"it has no column {last} (from 0): found {len(cells)} in all")
    extra = None if further is None else "".join(cells[further : further + 1]).strip()
    if label is None or not cells[text].strip():
        return _Row(line, cells[text], extra=extra)
    found = cells[label].strip()
    return _Row(line, cells[text], found, extra=extra) if found else _Row(line, flaw="it has no label")


def _places(path: Path, first: Sequence[str], columns: _Columns) -> _Places:
    """The columns of the text, of the label and of what is read beside them, from the first row."""
    shown = " | ".join(cell if len(cell) <= 40 else f"{cell[:40]}..." for cell in first[:8])
    if columns.are_numbers:
        asked = [
            int(held) if held.isdecimal() else held
            for held in (columns.text, columns.label)
            if held is not None
        ]
        if any(isinstance(held, str) or held >= len(first) for held in asked):
            raise DataError(
                f"{path}: the columns {', '.join(map(repr, asked))} are asked for, but numbers mean that there is no "
                f"row of names, and go from 0 to {len(first) - 1} here. Its first row is: {shown}"
            )
        return int(columns.text or 0), None if columns.label is None else int(columns.label), None
    header = [cell.strip() for cell in first]
    text = columns.text if columns.text is not None else COLUMN
    labels = LABEL_COLUMNS if columns.label is None else (columns.label,)
    for wanted in (text, columns.label):
        if wanted is not None and wanted not in header:
            raise DataError(
                f"{path} has no column {wanted!r}. Its first row is: {shown}. Name one of these or, where that row is "
                "no row of names, give the column's number, from 0."
            )
    label = next((header.index(name) for name in labels if name in header and name != text), None)
    return header.index(text), label, header.index(columns.extra) if columns.extra in header else None


def _of_objects(path: Path, content: str, columns: _Columns) -> Iterator[_Row]:
    for line, text in _lines(content):
        flaw = _flaw(text)
        if flaw or not text.strip():
            yield _Row(line, flaw=flaw)
        else:
            yield _object(line, text, columns)


def _object(line: int, text: str, columns: _Columns) -> _Row:
    key = columns.text if columns.text is not None else COLUMN
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _Row(line, flaw=f"it is not JSON: {error}")
    if not isinstance(held, dict) or not isinstance(held.get(key), str):
        keys = named(sorted(held)) if isinstance(held, dict) and held else f"a {type(held).__name__}"
        return _Row(line, flaw=f"it has no text under {key!r}: found {keys}")
    asked = LABEL_COLUMNS if columns.label is None else (columns.label,)
    label = next((held[name] for name in asked if name in held and name != key), None)
    extra = None if held.get(columns.extra) is None else str(held[columns.extra]).strip()
    if isinstance(label, str | int) and str(label).strip():
        return _Row(line, held[key], str(label).strip(), extra=extra)
    if not held[key].strip() or (label is None and columns.label is None):
        return _Row(line, held[key], extra=extra)
    return _Row(line, flaw=f"it has no label that is a string or number under {named(asked)}")


def _keys(path: Path, content: str) -> Iterator[list[str]]:
    """Of the first object."""
    for _, line in _lines(content):
        try:
            held = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(held, dict):
            yield list(held)
            return


def _cells_of(reader: Callable[[str], _csv.Reader]) -> Callable[[Path, str], Iterator[list[str]]]:
    def rows(path: Path, content: str) -> Iterator[list[str]]:
        for _, cells in _cells(path, reader(content)):
            if not isinstance(cells, str) and any(cell.strip() for cell in cells):
                yield [cell.strip() for cell in cells]

    return rows


GLIMPSES: dict[str, Callable[[Path, str], Iterator[list[str]]]] = {
    ".csv": _cells_of(_csv_reader),
    ".tsv": _cells_of(_tsv_reader),
    ".jsonl": _keys,
}
READERS: dict[str, Callable[[Path, str, _Columns], Iterator[_Row]]] = {
    ".txt": _of_lines,
    ".csv": _of_csv,
    ".tsv": _of_tsv,
    ".jsonl": _of_objects,
}
