"""Tables as rows, read alike where they hold the labels of files and where they hold texts.

- ``.csv`` (comma, quotes as in RFC 4180), ``.tsv`` (tab, quotes are ordinary characters): a row is a row, and the first that
  is not blank holds the names of the columns, unless the columns are asked for by number.
- ``.jsonl``: a line is an object, and its keys are the columns.
- ``.parquet``, where pyarrow is installed.
"""

from __future__ import annotations

import csv
import importlib
import io
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multigan.errors import DataError
from multigan.reading.formulas import is_written, plain_cell
from multigan.reading.json import parse_json
from multigan.reading.utf8 import content_of, flaw_of, lines_of

if TYPE_CHECKING:
    import _csv

_LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True)
class Row:
    """One row: its values by column, as far as it has them, or why it has none."""

    place: str
    """ "line 3", where it begins; of a Parquet file "row 3"."""
    values: Mapping[str, Any]
    flaw: str = ""
    blank: bool = False
    width: int = 0
    """How many cells it has, of tables of cells."""


@dataclass(frozen=True)
class Table:
    """A table that has been opened."""

    path: Path
    columns: tuple[str, ...]
    """Their names, without space around them; "0", "1", ... where no row holds names; of objects the keys of the first."""
    rows: Callable[[Collection[str]], Iterator[Row]]
    """(the columns that are looked at) -> every row below the names; other columns may be left out."""
    typed: bool = False
    """Whether values are of JSON's types; otherwise they are text."""
    open_ended: bool = False
    """Whether a row may have columns beyond those that ``columns`` names."""
    numbered: bool = False
    """Whether no row holds names."""

    def matching(self, name: str) -> str | None:
        """The column of this name, else the first that differs in case only; DataError where two have the same name."""
        column = matching(self.columns, name)
        if column is not None and self.columns.count(column) > 1:
            raise DataError(
                f"{self.path} has {self.columns.count(column)} columns {column!r}, and one is looked for; rename the others."
            )
        return column


def matching(columns: Collection[str], name: str) -> str | None:
    """``name`` where it is a column, else the first column that differs in case only; None where there is none."""
    if name in columns:
        return name
    return next((column for column in columns if column.lower() == name.lower()), None)


def open_table(path: Path, *, numbered: bool = False, spaced: bool = False) -> Table:
    """The table of a file; DataError where its kind is unknown or it is no table at all.

    ``numbered``: the rows of a CSV or TSV file hold no names, and the columns are "0", "1", ...; ``spaced``: spaces after
    a comma are no part of the next cell, so that a quotation mark may follow.
    """
    suffix = path.suffix.lower()
    if suffix in _READERS:
        return _of_cells(path, partial(_READERS[suffix], content_of(path), spaced), numbered)
    if suffix == ".jsonl":
        return _of_objects(path, content_of(path))
    if suffix == ".parquet":
        return _of_parquet(path)
    raise DataError(f"{path} is a {path.suffix or 'nameless'} file; tables are {', '.join(SUFFIXES)} files.")


def first_rows(path: Path, at_most: int) -> list[list[str]]:
    """The first rows of a table of cells, without space around these, names or not; of others the columns' names alone."""
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        return [list(columns)] if (columns := open_table(path).columns) else []
    cells = _cells(path, _READERS[suffix](content_of(path), False))
    rows = ([cell.strip() for cell in row] for _, row in cells if not isinstance(row, str))
    return list(islice((row for row in rows if any(row)), at_most))


def _csv_reader(content: str, spaced: bool) -> _csv.Reader:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    return csv.reader(io.StringIO(content, newline=""), strict=True, skipinitialspace=spaced)


def _tsv_reader(content: str, spaced: bool) -> _csv.Reader:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    return csv.reader(io.StringIO(content, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)


def _of_cells(path: Path, reader: Callable[[], _csv.Reader], numbered: bool) -> Table:
    first: list[str] = next((row for _, row in _cells(path, reader()) if not _is_blank(row)), [])  # type: ignore[assignment]
    names = tuple(map(str, range(len(first)))) if numbered else tuple(cell.strip() for cell in first)

    def rows(_: Collection[str]) -> Iterator[Row]:
        above, written = not numbered, is_written(names)
        for line, cells in _cells(path, reader()):
            place = f"line {line}"
            if isinstance(cells, str):
                yield Row(place, {}, flaw=cells)
            elif _is_blank(cells):
                yield Row(place, {}, blank=True)
            elif above:
                above = False
            else:
                cells = [plain_cell(cell) for cell in cells] if written else cells
                yield Row(place, dict(zip(names, cells, strict=False)), width=len(cells))

    return Table(path, names, rows, numbered=numbered)


def _is_blank(cells: list[str] | str) -> bool:
    return isinstance(cells, str) or not any(cell.strip() for cell in cells)


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


def _of_objects(path: Path, content: str) -> Table:
    rows = partial(_objects, content)
    columns = next((tuple(row.values) for row in rows(()) if row.values), ())
    return Table(path, columns, rows, typed=True, open_ended=True)


def _objects(content: str, _: Collection[str]) -> Iterator[Row]:
    for line, text in lines_of(content):
        place, flaw = f"line {line}", flaw_of(text)
        if flaw or not text.strip():
            yield Row(place, {}, flaw, blank=not flaw)
            continue
        try:
            value = parse_json(text)
        except ValueError as error:
            yield Row(place, {}, f"it is not JSON: {error}")
            continue
        is_object = isinstance(value, dict)
        yield Row(
            place,
            value if is_object else {},
            "" if is_object else f"it is no JSON object: found a {type(value).__name__}",
        )


def _of_parquet(path: Path) -> Table:
    """DataError where pyarrow is not installed, which is none of multigan's dependencies."""
    try:
        parquet, errors = importlib.import_module("pyarrow.parquet"), importlib.import_module("pyarrow.lib")
    except ImportError as error:
        raise DataError(
            f"{path} is a Parquet file, and reading it takes pyarrow, which is not installed: run `pip install pyarrow`, or "
            "save the table as CSV."
        ) from error
    try:
        file = parquet.ParquetFile(path)
    except (errors.ArrowException, OSError) as error:
        raise DataError(f"{path} is not a Parquet file: {error}; save it again, or as CSV.") from error

    def rows(columns: Collection[str]) -> Iterator[Row]:
        number = 0
        try:
            for batch in file.iter_batches(
                columns=[name for name in file.schema_arrow.names if name in columns]
            ):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(f"row {number}", {name: _plain(value) for name, value in values.items()})
        except (errors.ArrowException, OSError) as error:
            raise DataError(
                f"{path} is damaged after row {number}: {error}; save it again, or as CSV."
            ) from error

    return Table(path, tuple(file.schema_arrow.names), rows, typed=True)


def _plain(value: Any) -> Any:
    """A value as JSON would hold it: whole numbers that pandas made fractions for the sake of a gap are whole again."""
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value


_READERS: dict[str, Callable[[str, bool], _csv.Reader]] = {".csv": _csv_reader, ".tsv": _tsv_reader}
SUFFIXES = (*_READERS, ".jsonl", ".parquet")
