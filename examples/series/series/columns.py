"""What the columns of a table hold: numbers, categories, or nothing that is learnt; found by stated rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from multigan.config import settings
from multigan.errors import DataError
from multigan.reading.columns import LABELS, NONE
from multigan.reading.files import named
from multigan.reading.tables import DELIMITERS
from multigan.registry import unknown_name
from series.cells import Sheet
from series.numbers import Numbers, are_dates, numbers_in

NUMBER, CATEGORY, LEFT_OUT = "number", "category", "left-out"
Type = Literal["number", "category", "left-out"]
FEW_WHOLE_NUMBERS = 10
"""Whole numbers with at most as many different values are categories."""


@settings
class Column:
    """A column that is learnt: of numbers and the modes that they gather around, or of categories."""

    name: str
    numbers: Numbers | None = None
    """None of a column of categories."""
    mean: float = 0.0
    deviation: float = 1.0
    """Of all numbers of the training data."""
    modes: tuple[tuple[float, float], ...] = ()
    """Mean and standard deviation of each Gaussian of the numbers (``series.modes``)."""
    categories: tuple[str, ...] = ()
    """As they are written, the most frequent first."""

    def __post_init__(self) -> None:
        if bool(self.modes) != (self.numbers is not None) or bool(self.categories) == bool(self.modes):
            raise ValueError(
                f"column {self.name!r} has numbers with modes, or categories, and one of the two"
            )
        if not self.deviation > 0 or not all(deviation > 0 for _, deviation in self.modes):
            raise ValueError(f"deviations of column {self.name!r} are above 0")

    @property
    def n_slots(self) -> int:
        """One for each mode or category, and one for missing numbers."""
        missing = self.numbers is not None and self.numbers.missing is not None
        return len(self.modes) + len(self.categories) + missing


@settings
class Columns:
    """How a table is read and written: what a run keeps of the table that it was trained on."""

    names: tuple[str, ...]
    """Of all columns that are written, in their order."""
    delimiter: str
    columns: tuple[Column, ...]
    """Without that of the labels."""
    label: str | None = None
    labels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    """Of the rows, for each label."""

    def __post_init__(self) -> None:
        refuse_unwritable(self.delimiter, self.labels, self.shares)
        if not self.columns or not {*self.names} == {column.name for column in self.columns} | {
            *filter(None, [self.label])
        }:
            raise ValueError("names are those of the columns and of the label, and there is a column")

    @property
    def n_slots(self) -> int:
        """K: the most slots of a column."""
        return max(column.n_slots for column in self.columns)


def refuse_unwritable(delimiter: str, labels: Sequence[str], shares: Sequence[float]) -> None:
    """ValueError for what stands between no cells, and where labels have not one share each."""
    if (
        delimiter not in DELIMITERS
        or len(labels) != len(shares)
        or not all(0 < share <= 1 for share in shares)
    ):
        raise ValueError(
            f"delimiter is one of {', '.join(map(repr, DELIMITERS))} and each label has a share above 0, found "
            f"{delimiter!r}, {len(labels)} labels and {len(shares)} shares"
        )


def label_of(sheet: Sheet, wanted: str | None) -> str | None:
    """The column of the labels: the one that is asked for, else emotion, label or class; None where there is none."""
    if wanted == NONE:
        return None
    if wanted is not None:
        if wanted not in sheet.names:
            raise DataError(
                f"{sheet.source}: {unknown_name('column', wanted, [*sheet.names])} Set data.label."
            )
        return wanted
    return next((name for name in sheet.names if name.lower() in LABELS), None)


def types_of(
    sheet: Sheet, label: str | None, wanted: Mapping[str, Type], most_categories: int, lenient: bool = False
) -> tuple[dict[str, Type], tuple[str, ...]]:
    """What each column is taken for, but that of the labels, and a note that says so.

    In this order: what ``wanted`` says; numbers where every cell is a number or missing, unless they are whole numbers with
    at most 10 different values; categories where there are at most ``most_categories`` different ones. DataError for dates
    and for other texts, which are none of these; where it is ``lenient`` they are left out.
    """
    for name in wanted:
        if name not in sheet.names:
            raise DataError(f"{sheet.source}: data.types: {unknown_name('column', name, [*sheet.names])}")
    names = [name for name in sheet.names if name != label]
    types: dict[str, Type] = {
        name: wanted.get(name) or _type_of(sheet, name, most_categories, lenient) for name in names
    }
    for name, type_ in types.items():
        if type_ == NUMBER and numbers_in(sheet.column(name), sheet.delimiter) is None:
            raise DataError(
                f"{sheet.source}: column {name!r} has cells that are no numbers, and data.types says number."
            )
    if all(type_ == LEFT_OUT for type_ in types.values()):
        raise DataError(f"{sheet.source} has no column to learn beside the label; add one.")
    parts = []
    for type_, words in ((NUMBER, "numbers"), (CATEGORY, "categories"), (LEFT_OUT, "left out")):
        own = [name for name in names if types[name] == type_]
        parts += [f"{words}: {named(own, 30)}"] if own else []
    end = f"; the label is {label!r}" if label else "; there is no label (--set data.label=COLUMN)"
    return types, (
        f"Columns taken as {'; '.join(parts)}{end}. --set data.types.COLUMN=number|category|left-out changes it.",
    )


def _type_of(sheet: Sheet, name: str, most_categories: int, lenient: bool) -> Type:
    cells = sheet.column(name)
    numbers, n_different = numbers_in(cells, sheet.delimiter), len(set(cells))
    if numbers is not None:
        few = numbers.decimals == 0 and n_different <= FEW_WHOLE_NUMBERS
        return CATEGORY if few else NUMBER
    if lenient and (are_dates(cells) or n_different > most_categories):
        return LEFT_OUT
    remedy = f"leave it out (--set 'data.types.{name}=left-out')"
    if are_dates(cells):
        raise DataError(
            f"{sheet.source}: column {name!r} holds dates or times, which are not learnt; turn them into numbers, such as "
            f"days since the first, or {remedy}."
        )
    if n_different > most_categories:
        raise DataError(
            f"{sheet.source}: column {name!r} has {n_different:,} different texts in {len(cells):,} rows, and a column of "
            f"categories has at most {most_categories} (data.most_categories); {remedy}."
        )
    return CATEGORY


def categories_of(sheet: Sheet, name: str, most: int) -> tuple[str, ...]:
    """The different cells of a column, the most frequent first; DataError for more than ``most``."""
    counts = Counter(sheet.column(name))
    if len(counts) > most:
        raise DataError(
            f"{sheet.source}: column {name!r} has {len(counts):,} different cells, and at most {most} are categories "
            "(data.most_categories); say --set data.types.COLUMN=number, or left-out."
        )
    return tuple(sorted(counts, key=lambda cell: (-counts[cell], cell)))
