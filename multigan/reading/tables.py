"""Tables as rows, read alike where they hold the labels of files and where they hold texts.

- ``.csv`` (comma, quotes as in RFC 4180), ``.tsv`` (tab, quotes are ordinary characters): a row is a row, and the first that
  is not blank holds the names of the columns, unless the columns are asked for by number. Where another of
  ``DELIMITERS`` stands between the cells it is found (``_delimiter``), and a note says so. A row has as many cells as the
  first, or it has a flaw.
- ``.jsonl``: a line is an object, and its keys are the columns.
- ``.parquet``, where pyarrow is installed. In both 1.0 is 1, as what wrote them may have made fractions of whole numbers.
"""

from __future__ import annotations

import csv
import importlib
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multigan.errors import DataError
from multigan.reading.budget import DECODED_BYTES, in_words
from multigan.reading.formulas import is_written, plain_cell
from multigan.reading.json import parse_json
from multigan.reading.utf8 import content_of, flaw_of, lines_of, refuse_large

if TYPE_CHECKING:
    import _csv

_LONGEST_CELL = 2**31 - 1
_LOOKED_AT = 2_000
"""So many rows tell the delimiter."""
DELIMITERS: Mapping[str, str] = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
_OWN = {".csv": ",", ".tsv": "\t"}
_DECLARED = "sep="
"""How spreadsheets name the delimiter in a first line."""
_FEWEST_INSIDE = 2
_ROWS_AT_ONCE, _ROW_BYTES = 1_024, 256
"""Of a Parquet file: how many rows are decoded at once, and what each takes beside its texts."""
_WHOLE = re.compile(r"(-?\d+)\.0+")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Row:
    """One row: its values by column, as far as it has them, or why it has none."""

    place: str
    """ "line 3", where it begins; of a Parquet file "row 3"."""
    values: Mapping[str, Any]
    flaw: str = ""
    blank: bool = False


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
    notes: tuple[str, ...] = ()
    delimiter: str = ","
    """What stands between the cells of a table of cells."""

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
    a delimiter are no part of the next cell, so that a quotation mark may follow.
    """
    suffix = path.suffix.lower()
    if suffix in _OWN:
        return _of_cells(_Cells.of(path, spaced), numbered)
    if suffix == ".jsonl":
        return _of_objects(path, content_of(path))
    if suffix == ".parquet":
        return _of_parquet(path)
    raise DataError(f"{path} is a {path.suffix or 'nameless'} file; tables are {', '.join(SUFFIXES)} files.")


def first_rows(path: Path, at_most: int) -> list[list[str]]:
    """The first rows of a table of cells, without space around these, names or not; of others the columns' names alone."""
    if path.suffix.lower() not in _OWN:
        return [list(columns)] if (columns := open_table(path).columns) else []
    rows = (
        [cell.strip() for cell in row] for _, _, row in _Cells.of(path).rows() if not isinstance(row, str)
    )
    return list(islice((row for row in rows if any(row)), at_most))


@dataclass(frozen=True)
class _Cells:
    """The content of a table of cells, and how it is cut into them."""

    path: Path
    content: str
    delimiter: str
    spaced: bool = False
    """Whether spaces after a delimiter are no part of the next cell."""

    @classmethod
    def of(cls, path: Path, spaced: bool = False) -> _Cells:
        content, own = content_of(path), _OWN[path.suffix.lower()]
        first, _, rest = content.partition("\n")
        declared = first.strip().strip('"')
        if declared[: len(_DECLARED)] == _DECLARED and declared[len(_DECLARED) :] in DELIMITERS:
            return cls(path, f"\n{rest}", declared[len(_DECLARED) :], spaced)
        plain = cls(path, content, own, spaced)
        return replace(plain, delimiter=_delimiter(plain))

    def rows(self) -> Iterator[tuple[int, int, list[str] | str]]:
        """The first and the last line of each row, and its cells or why it has none."""
        reader = self._reader(self.content)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._refuse_open_quotation(error, line, reader.line_num)
                yield line, line, f"it is not a row of CSV: {error}"
                continue
            yield line, reader.line_num, cells

    def widths(self) -> list[int]:
        """How many cells each of the first rows has, 0 where it is none."""
        rows = (row for _, _, row in self.rows() if not _is_blank(row) or isinstance(row, str))
        widths = (0 if isinstance(row, str) else len(row) for row in rows)
        try:
            return list(islice(widths, _LOOKED_AT))
        except DataError:  # of the quotation marks of another delimiter
            return [0]

    def runs_on(self, row: list[str]) -> bool:
        """Whether lines within a cell of a row look like rows: a quotation mark opens that was not meant to.

        They have as many cells, and in some column only such as other rows have there.
        """
        for cell in row:
            inside = [line.split(self.delimiter) for line in cell.splitlines()[1:-1]]
            if len(inside) < _FEWEST_INSIDE or {len(cells) for cells in inside} != {len(row)} or len(row) < 2:
                continue
            others = [other for _, _, other in self.rows() if isinstance(other, list)]
            others = [other for other in others if len(other) == len(row) and other != row]
            for inner, outer in zip(zip(*inside, strict=True), zip(*others, strict=True), strict=False):
                if {value.strip() for value in inner} <= {value.strip() for value in outer}:
                    return True
        return False

    def _reader(self, content: str) -> _csv.Reader:
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
        lines = _lines(content)
        if self.path.suffix.lower() == ".tsv" and self.delimiter == "\t":
            return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=self.spaced)

    def _refuse_open_quotation(self, error: csv.Error, first: int, last: int) -> None:
        """DataError where a quotation mark took more than its row: what it swallowed is lost otherwise."""
        never = "end of data" in str(error)
        if never or last > first:
            end = (
                "never closes"
                if never
                else f"closes within line {last}, so that {last - first + 1} lines are one row"
            )
            raise DataError(
                f"{self.path}: a quotation mark opens in the row of line {first} and {end}; close it, or "
                'double quotation marks that belong to the text ("").'
            ) from error


def _lines(content: str) -> Iterator[str]:
    """Lines with their ends; ``io.StringIO`` would hold four bytes of every character."""
    start = 0
    for end in _LINE_END.finditer(content):
        yield content[start : end.end()]
        start = end.end()
    if start < len(content):
        yield content[start:]


def _delimiter(cells: _Cells) -> str:
    """What stands between the cells: that of the file's kind where it cuts all first rows into as many cells as the first of
    them, else the only other one that does, else that of the kind or, where that cuts nothing, the only one that cuts names
    and most rows.

    DataError where several may be meant.
    """
    own = cells.delimiter
    own_widths = cells.widths()
    if not own_widths or (own_widths[0] > 1 and len(set(own_widths)) == 1):
        return own
    others = {mark: replace(cells, delimiter=mark).widths() for mark in DELIMITERS if mark != own}
    others = {mark: widths for mark, widths in others.items() if widths and widths[0] > 1}
    regular = [mark for mark, widths in others.items() if len(widths) > 1 and len(set(widths)) == 1]
    if not regular and own_widths[0] < 2:
        most = [mark for mark, (first, *rest) in others.items() if 2 * rest.count(first) >= len(rest)]
        regular = [mark for mark in most if _are_names(replace(cells, delimiter=mark))]
    if len(regular) > 1:
        raise DataError(
            f"{cells.path}: {' or '.join(DELIMITERS[mark] for mark in regular)} may stand between its cells; save it with "
            "commas as .csv, or with tabs as .tsv."
        )
    return regular[0] if regular else own


def _are_names(cells: _Cells) -> bool:
    """Whether the first row could hold names: short cells, none of them prose."""
    first = next((row for _, _, row in cells.rows() if not _is_blank(row)), [])
    return all(0 < len(cell.strip()) <= 40 and cell.strip().count(" ") < 3 for cell in first)


def _of_cells(cells: _Cells, numbered: bool) -> Table:
    first: Sequence[str] = next((row for _, _, row in cells.rows() if not _is_blank(row)), [])
    if numbered:
        width = Counter(width for width in cells.widths() if width).most_common(1)[0][0] if first else 0
        names = tuple(map(str, range(width)))
    else:
        names = tuple(cell.strip() for cell in first)
        width = len(names) - next((n for n, name in enumerate(reversed(names)) if name), len(names))
    than = "most rows have" if numbered else "the row of names has"

    def rows(_: Collection[str]) -> Iterator[Row]:
        above, written = not numbered, is_written(names)
        for line, last, row in cells.rows():
            place = f"line {line}"
            if isinstance(row, str):
                yield Row(place, {}, flaw=row)
            elif _is_blank(row):
                yield Row(place, {}, blank=True)
            elif above:
                above = False
            elif len(row) < width or any(cell.strip() for cell in row[width:]):
                yield Row(
                    place,
                    {},
                    flaw=f"{_n_cells(len(row))}, and {than} {width}{_remedy(cells, len(row) > width)}",
                )
            elif cells.runs_on(row):
                flaw = f"it runs to line {last}, over lines that look like rows: close the quotation mark that opens in it"
                yield Row(place, {}, flaw=flaw)
            else:
                row = [plain_cell(cell) for cell in row] if written else row
                yield Row(place, dict(zip(names, row, strict=False)))

    own = cells.delimiter == _OWN[cells.path.suffix.lower()]
    notes = () if own else (f"{cells.path.name}: {DELIMITERS[cells.delimiter]} stand between its cells.",)
    return Table(cells.path, names, rows, numbered=numbered, notes=notes, delimiter=cells.delimiter)


def _n_cells(n: int) -> str:
    return "it has 1 cell" if n == 1 else f"it has {n} cells"


def _remedy(cells: _Cells, too_many: bool) -> str:
    mark = DELIMITERS[cells.delimiter]
    if not too_many:
        return ""
    if cells.path.suffix.lower() == ".tsv" and cells.delimiter == "\t":
        return f" (take {mark} out of its texts)"
    return f" (put quotation marks around a text with {mark})"


def _is_blank(cells: list[str] | str) -> bool:
    return isinstance(cells, str) or not any(cell.strip() for cell in cells)


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
        if isinstance(value, dict):
            yield Row(place, {name: plain(each) for name, each in value.items()})
        else:
            yield Row(place, {}, f"it is no JSON object: found a {type(value).__name__}")


def _of_parquet(path: Path) -> Table:
    """DataError where pyarrow is not installed, which is none of multigan's dependencies."""
    try:
        parquet, errors = importlib.import_module("pyarrow.parquet"), importlib.import_module("pyarrow.lib")
    except ImportError as error:
        raise DataError(
            f"{path} is a Parquet file, and reading it takes pyarrow, which is not installed: run `pip install pyarrow`, or "
            "save the table as CSV."
        ) from error
    refuse_large(path)
    try:
        schema = parquet.read_schema(path)
        texts = [field.name for field in schema if str(field.type) in ("string", "large_string")]
        file = parquet.ParquetFile(path, read_dictionary=texts)  # a text that is repeated is decoded once
    except (errors.ArrowException, OSError) as error:
        raise DataError(f"{path} is not a Parquet file: {error}; save it again, or as CSV.") from error

    def rows(columns: Collection[str]) -> Iterator[Row]:
        number = n_bytes = 0
        names = [name for name in schema.names if name in columns]
        try:
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=names):
                for at in range(batch.num_rows):
                    values = {name: batch.column(name)[at].as_py() for name in names}
                    number += 1
                    n_bytes += _ROW_BYTES + sum(map(len, filter(_has_length, values.values())))
                    if n_bytes > DECODED_BYTES:
                        raise DataError(
                            f"{path} takes more than {in_words(DECODED_BYTES)} of memory, and that is reached at row "
                            f"{number}; split it."
                        )
                    yield Row(f"row {number}", {name: plain(value) for name, value in values.items()})
        except (errors.ArrowException, OSError) as error:
            raise DataError(
                f"{path} is damaged after row {number}: {error}; save it again, or as CSV."
            ) from error

    return Table(path, tuple(schema.names), rows, typed=True)


def _has_length(value: Any) -> bool:
    return isinstance(value, str | list | dict)


def plain(value: Any) -> Any:
    """A value without what pandas made of it for the sake of a gap: 1.0 is 1, in a list too, and NaN is None."""
    if isinstance(value, list):
        # deeper ones are refused as they are
        return [part if isinstance(part, list) else plain(part) for part in value]
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value


def whole(cell: str) -> str:
    """A cell without space around it, and a whole number in it as rows with types have it: "1.0" is "1"."""
    number = _WHOLE.fullmatch(cell.strip())
    return cell.strip() if number is None else number[1]


SUFFIXES = (*_OWN, ".jsonl", ".parquet")
