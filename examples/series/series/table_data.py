"""Rows of a table as training data: from a CSV file, or drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from multigan.arrays import ArrayDataset
from multigan.config import settings
from multigan.errors import DataError
from multigan.modality import Splits
from multigan.reading.prepare import Progress
from series.cells import Sheet, read_sheet
from series.columns import Columns, Type, categories_of, label_of, types_of
from series.drawn import draw_table
from series.splitting import held_out_rows
from series.table_coding import columns_of, encode, values_of


@settings
class TableData:
    """How the columns of a table are read, or which table is drawn where no file is given."""

    label: str | None = None
    """The column of the labels; null: one called emotion, label or class; none: there is no label."""
    types: dict[str, Type] = field(default_factory=dict)
    """number, category or left-out for columns that the rules take for something else."""
    most_categories: int = 50
    """Different texts that a column of categories has at most."""
    held_out: float = 0.2
    """The share of the rows that is kept out of training, by a hash of their content."""
    drawn: int = 10_000
    """Rows of the drawn table."""
    seed: int = 0
    """Of the drawn table, and of the mode that each number is told by."""
    columns: Columns | None = None
    """Found in the data; a run keeps it."""

    def __post_init__(self) -> None:
        if self.most_categories < 2 or self.drawn < 100 or self.seed < 0:
            raise ValueError(
                "most_categories is at least 2, drawn at least 100 and seed at least 0, found "
                f"{self.most_categories}, {self.drawn} and {self.seed}"
            )
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, found {self.held_out}")


@dataclass(frozen=True, eq=False)
class Row:
    """One row as it is measured."""

    columns: Columns
    values: tuple[float | str, ...]
    """A number (NaN: missing) or a category for each of ``columns.columns``."""


@dataclass(eq=False, kw_only=True)
class TableDataset(ArrayDataset):
    """Encoded rows, and the rows themselves."""

    rows: list[Row]

    def original(self, index: int) -> Row:  # type: ignore[override]
        return self.rows[index]


def rows_of(columns: Columns, values: list[np.ndarray]) -> list[Row]:
    """The values of each column, row by row."""
    return [Row(columns, row) for row in zip(*(own.tolist() for own in values), strict=True)]


def sheet_of(data: TableData, folder: Path | None) -> Sheet:
    """The file's table, or the drawn one."""
    return draw_table(data.drawn, data.seed) if folder is None else read_sheet(folder)


def labels_of(sheet: Sheet, label: str | None, most_categories: int) -> tuple[str, ...]:
    """The labels of a table, the most frequent first; DataError for a row without one."""
    if label is None:
        return ()
    labels = categories_of(sheet, label, most_categories)
    if not all(name.strip() for name in labels):
        raise DataError(
            f"{sheet.source} has rows without a label in column {label!r}; fill them in, or remove them."
        )
    return labels


def look(data: TableData, folder: Path | None) -> tuple[str, ...]:
    """The labels; DataError where the table cannot be read."""
    sheet = sheet_of(data, folder)
    label = label_of(sheet, data.label)
    types_of(sheet, label, data.types, data.most_categories)
    return labels_of(sheet, label, data.most_categories)


def found_in(sheet: Sheet, data: TableData, lenient: bool = False) -> tuple[Columns, tuple[str, ...]]:
    """How a table is read and written, and what a person is told of that; see ``types_of``."""
    label = label_of(sheet, data.label)
    types, notes = types_of(sheet, label, data.types, data.most_categories, lenient)
    columns = columns_of(sheet, types, label, data.most_categories)
    labels = labels_of(sheet, label, data.most_categories)
    cells = [] if label is None else sheet.column(label)
    shares = tuple(cells.count(name) / len(cells) for name in labels)
    return replace(columns, labels=labels, shares=shares), (*sheet.notes, *notes)


def classes_of(sheet: Sheet, columns: Columns) -> np.ndarray | None:
    """int64 [N]: the number of each row's label; DataError for a label that the columns do not know."""
    if columns.label is None:
        return None
    if columns.label not in sheet.names:
        raise DataError(f"{sheet.source} has no column {columns.label!r}, which holds the labels.")
    cells, places = sheet.column(columns.label), {name: place for place, name in enumerate(columns.labels)}
    unknown = next((cell for cell in cells if cell not in places), None)
    if unknown is not None:
        raise DataError(f"{sheet.source} has the label {unknown!r}, which the training data did not have.")
    return np.array([places[cell] for cell in cells])


def open_table(data: TableData, folder: Path | None, progress: Progress) -> Splits:
    """Rows for training and held-out ones, encoded by what the table itself says of its columns."""
    sheet = sheet_of(data, folder)
    columns, notes = (data.columns, sheet.notes) if data.columns is not None else found_in(sheet, data)
    values, classes = values_of(sheet, columns), classes_of(sheet, columns)
    samples, rows = encode(values, columns, data.seed), rows_of(columns, values)
    contents = ["\x1f".join(row) for row in sheet.rows]
    out = held_out_rows(
        contents, [0] * len(rows) if classes is None else classes.tolist(), data.held_out, sheet.source
    )

    def split(chosen: np.ndarray) -> TableDataset:
        (places,) = chosen.nonzero()
        own = None if classes is None else classes[places]
        names = tuple(f"row {place + 1}" for place in places)
        return TableDataset(
            samples[places], columns.labels, own, names, rows=[rows[place] for place in places]
        )

    return Splits(split(~out), split(out), notes, replace(data, columns=columns))
