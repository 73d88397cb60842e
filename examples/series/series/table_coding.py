"""Rows of a table <-> samples [C, 1 + K]: of each column a number within a mode, and which mode or category it is.

Mode-specific normalisation (arXiv:1907.00503, section 4.2): a number x of the mode with mean m and deviation s is the pair
of (x - m) / (4 s), within [-1, 1], and the one-hot of the mode, which is drawn by how likely each is. A category is 0 and
its one-hot; a missing number 0 and the last slot of its column. Columns with fewer slots than the most leave the others 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from multigan.errors import DataError
from series.cells import Sheet
from series.columns import CATEGORY, LEFT_OUT, Column, Columns, Type, categories_of
from series.modes import modes_of, responsibilities
from series.numbers import numbers_in

WIDTHS = 4.0
"""Deviations from the middle of a mode to its ends."""


def columns_of(sheet: Sheet, types: dict[str, Type], label: str | None, most_categories: int) -> Columns:
    """How the table is read and written from now on."""
    columns = []
    for name in (name for name, type_ in types.items() if type_ != LEFT_OUT):
        if types[name] == CATEGORY:
            columns.append(Column(name=name, categories=categories_of(sheet, name, most_categories)))
            continue
        numbers = numbers_in(sheet.column(name), sheet.delimiter)
        assert numbers is not None
        values = np.array([numbers.read(cell) for cell in sheet.column(name)])
        there = values[np.isfinite(values)]
        mean, deviation = float(there.mean()), float(there.std()) or 1.0
        columns.append(
            Column(name=name, numbers=numbers, mean=mean, deviation=deviation, modes=modes_of(there))
        )
    names = tuple(name for name in sheet.names if name == label or types[name] != LEFT_OUT)
    return Columns(names=names, delimiter=sheet.delimiter, columns=tuple(columns), label=label)


def values_of(sheet: Sheet, columns: Columns) -> list[np.ndarray]:
    """The cells of each column: float64 [N] of numbers, NaN where one is missing; object [N] of categories.

    DataError for a column that is not there, and a cell that its column cannot hold.
    """
    missing = [column.name for column in columns.columns if column.name not in sheet.names]
    if missing:
        raise DataError(
            f"{sheet.source} has no column {missing[0]!r}; its columns are {', '.join(sheet.names)}."
        )
    return [_values(sheet, column) for column in columns.columns]


def _values(sheet: Sheet, column: Column) -> np.ndarray:
    cells = sheet.column(column.name)
    if column.numbers is None:
        return np.array(cells, object)
    try:
        return np.array([column.numbers.read(cell) for cell in cells])
    except ValueError as error:
        raise DataError(
            f"{sheet.source}: column {column.name!r} holds something else than numbers ({error}); mend those rows."
        ) from error


def encode(values: Sequence[np.ndarray], columns: Columns, seed: int) -> np.ndarray:
    """float32 [N, C, 1 + K] of the values of each column; the mode of a number is drawn by the seed.

    DataError for a category, or a missing number, that the columns do not know.
    """
    samples = np.zeros((len(values[0]), len(columns.columns), 1 + columns.n_slots), np.float32)
    for place, (column, own) in enumerate(zip(columns.columns, values, strict=True)):
        alpha, slot = _coded(column, own, np.random.default_rng((seed, place)))
        samples[:, place, 0] = alpha
        samples[np.arange(len(slot)), place, 1 + slot] = 1
    return samples


def _coded(column: Column, values: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    if column.numbers is None:
        places = {category: place for place, category in enumerate(column.categories)}
        unknown = next((value for value in values if value not in places), None)
        if unknown is not None:
            raise DataError(
                f"Column {column.name!r} holds {unknown!r}, which the training data did not have."
            )
        return np.zeros(len(values)), np.array([places[value] for value in values])
    there = np.isfinite(values)
    if column.numbers.missing is None and not there.all():
        raise DataError(f"Column {column.name!r} lacks a number, and none was missing in the training data.")
    ready = np.where(there, values, column.modes[0][0])
    likely = responsibilities(ready, column.modes).cumsum(1)
    slot = np.minimum((likely < random.random((len(ready), 1))).sum(1), len(column.modes) - 1)
    mean, deviation = np.array(column.modes)[slot].T
    alpha = np.clip((ready - mean) / (WIDTHS * deviation), -1, 1)
    return np.where(there, alpha, 0), np.where(there, slot, len(column.modes))


def decode(samples: np.ndarray, columns: Columns) -> list[np.ndarray]:
    """The values of each column, as ``values_of`` gives them, of samples [N, C, 1 + K]; numbers as they are written."""
    return [_decoded(column, samples[:, place]) for place, column in enumerate(columns.columns)]


def _decoded(column: Column, samples: np.ndarray) -> np.ndarray:
    slot = samples[:, 1 : 1 + column.n_slots].argmax(1)
    if column.numbers is None:
        return np.array(column.categories, object)[slot]
    missing = slot == len(column.modes)
    mean, deviation = np.array(column.modes)[np.where(missing, 0, slot)].T
    values = mean + WIDTHS * deviation * np.clip(samples[:, 0].astype(np.float64), -1, 1)
    written = [column.numbers.write(value) for value in values]
    return np.where(missing, np.nan, [column.numbers.read(cell) for cell in written])
