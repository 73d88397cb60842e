"""Which column of a table is what: the settings that say it, and what is taken where they do not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from multigan.errors import ConfigError, DataError
from multigan.reading.intensities import Scale
from multigan.reading.tables import Table

NONE = "none"
"""In place of a column: it is not used."""
INSIDE, FOLLOW = "inside", "follow"
"""Which links are followed: those that stay inside the data's folder, or all."""
LABELS = ("emotion", "label", "class")
"""Names of columns of labels; the first that a table has is taken."""
_LIKE_LABELS = {
    *LABELS,
    *(
        "labels",
        "emotions",
        "classes",
        "mood",
        "sentiment",
        "affect",
        "feeling",
        "category",
        "target",
        "topic",
    ),
}
"""Names of columns that may hold labels too."""
INTENSITY = "intensity"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns of a table mean; the data settings of every modality begin with these fields.

    A column goes by its name, in upper or lower case, or by its number from 0 where no row of the table holds names.
    """

    label: str | int | list[str] | None = None
    """The column of the labels, or several of which the first that the table has is taken; None: emotion, label or class;
    "none": labels are not used."""
    intensity: str | int | None = None
    """The column of the intensities; None: one named intensity, where there is one; "none": intensities are not used."""
    intensity_values: dict[str, float] | None = None
    """What intensities that are words mean, each a number from 0 to 1; other words mean what
    ``multigan.reading.intensities.WORDS`` says."""
    split: str | None = None
    """COLUMN=VALUE: the rows that are kept out of training, where the table has that column. None or "none": ``held_out``
    of the samples are, by a hash of their content, or those outside the folder train where folders say so."""
    links: Literal["inside", "follow"] = "inside"
    """Which links in the data's folder are followed: those that stay inside it, or all."""

    RENAMED: ClassVar[Mapping[str, str]] = {
        "labels_column": "label",
        "label_columns": "label",
        "label_column": "label",
        "held_out_where": "split",
    }
    """Names that settings had before -> the names that they have now."""

    def __post_init__(self) -> None:
        if self.label == []:
            raise ValueError("label names at least one column, or is none")
        if self.split not in (None, NONE) and not re.fullmatch(r"[^=]*[^=\s][^=]*=.*", self.split or ""):
            raise ValueError(f"split is COLUMN=VALUE or none, found {self.split!r}")
        for word, value in (self.intensity_values or {}).items():
            if not 0 <= value <= 1:
                raise ValueError(f"intensity_values are numbers from 0 to 1, found {value} for {word!r}")

    @property
    def wanted_labels(self) -> tuple[str, ...]:
        """The columns that may hold the labels, the first first; () where labels are not used."""
        if self.label == NONE:
            return ()
        if self.label is None or isinstance(self.label, list):
            return LABELS if self.label is None else tuple(self.label)
        return (str(self.label),)

    @property
    def label_is_required(self) -> bool:
        """Whether one certain column is to hold the labels."""
        return self.label is not None and self.label != NONE and not isinstance(self.label, list)

    @property
    def split_column(self) -> str | None:
        """The column that says which rows are held out."""
        return None if self.split in (None, NONE) else str(self.split).partition("=")[0].strip()

    @property
    def split_value(self) -> str:
        """What a row that is held out has there."""
        return "" if self.split is None else self.split.partition("=")[2].strip()

    def scale(self) -> Scale:
        """What reads the intensities of these columns."""
        return Scale(self.intensity_values, self.setting)

    def setting(self, name: str, value: str) -> str:
        """How a person gives a column another value, for messages."""
        return f"--set data.{name}={value}"


@dataclass(frozen=True, kw_only=True)
class TextColumns(Columns):
    """What the columns of a table of texts mean."""

    text: str | int | None = None
    """The column of the texts; None: it is looked for (``multigan.reading.choice``)."""
    label_names: str | None = None
    """A file with a name a line for labels that are numbers from 0; None: an emotions.txt or labels.txt beside the data."""
    label_groups: str | None = None
    """A JSON file {group: [label, ...]} that makes groups of labels; None: a *_mapping.json beside the data; "none": no."""

    RENAMED: ClassVar[Mapping[str, str]] = {**Columns.RENAMED, "text_column": "text"}


@dataclass(frozen=True, kw_only=True)
class ColumnFlags(TextColumns):
    """The same for ``multigan evaluate``, which has flags for the columns of labels and texts, and for links, alone."""

    def setting(self, name: str, value: str) -> str:
        flags = {
            "label": f"--labels-column {value}",
            "text": f"--text-column {value}",
            "links": f"--links {value}",
        }
        beside = {
            "label_names": "an emotions.txt beside them",
            "label_groups": "one *_mapping.json beside them",
            "intensity": "by taking the column away" if value == NONE else "by calling it intensity",
            "intensity_values": "in the table",
        }
        return flags.get(name) or beside.get(name) or f"--{name} {value}"


def column_flags(*, links: str | None = None, **columns: Any) -> ColumnFlags:
    """The flags that are given; ConfigError for links that are neither "inside" nor "follow"."""
    if links not in (None, INSIDE, FOLLOW):
        raise ConfigError(f"links is {INSIDE} or {FOLLOW}, found {links!r}.")
    return ColumnFlags(**columns, links=FOLLOW if links == FOLLOW else INSIDE)


def label_column(table: Table, columns: Columns) -> str | None:
    """The column of a table that holds the labels; None where there is none or labels are not used.

    DataError where one certain column is asked for and not there.
    """
    if columns.label_is_required:
        return required(table, columns.wanted_labels[0], columns, "label")
    names = (table.matching(name) for name in columns.wanted_labels)
    return next((name for name in names if name is not None), None)


def others_like_labels(names: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """A note where names of columns beside that of the labels say that they hold labels too."""
    others = [name for name in names if name.lower() in _LIKE_LABELS]
    if not others or columns.label == NONE or columns.label_is_required:
        return ()
    return (
        f"Columns that may hold labels too and were not taken: {shown(others)} ({columns.setting('label', 'NAME')} takes "
        "another).",
    )


def intensity_column(table: Table, columns: Columns) -> str | None:
    """The column of a table that holds the intensities; DataError where one is asked for and not there."""
    if columns.intensity == NONE:
        return None
    if columns.intensity is not None:
        return required(table, str(columns.intensity), columns, "intensity")
    return table.matching(INTENSITY) or (INTENSITY if table.open_ended else None)


def split_column(table: Table, columns: Columns) -> str | None:
    """The column of a table that says which rows are held out; None where there is none."""
    name = columns.split_column
    if name is None:
        return None
    return table.matching(name) or (name if table.open_ended else None)


def required(table: Table, name: str, columns: Columns, setting: str, *, by_number: bool = False) -> str:
    """The column of this name; DataError where a table that has no columns beyond those it names lacks it.

    ``by_number``: a number, from 0, is understood too, and means that no row holds names.
    """
    column = table.matching(name)
    if column is not None or table.open_ended:
        return column or name
    if table.numbered:
        raise DataError(
            f"{table.path} has no column {name}: numbers mean that no row of it holds names, and go from 0 to "
            f"{len(table.columns) - 1} here. Give another ({columns.setting(setting, 'NUMBER')})."
        )
    otherwise = " or, where its first row holds no names, give its number, from 0," if by_number else ""
    raise DataError(
        f"{table.path} has no column {name!r}; its columns are {shown(table.columns)}. Name one of these{otherwise} "
        f"({columns.setting(setting, 'NAME')})."
    )


def shown(columns: Sequence[str]) -> str:
    """The names of columns, or the cells of a first row, for messages."""
    cells = [cell if len(cell) <= 40 else f"{cell[:40]}..." for cell in columns[:12]]
    more = f" and {len(columns) - 12} more" if len(columns) > 12 else ""
    return (", ".join(cells) or "none") + more
