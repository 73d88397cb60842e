"""Which columns of a table of texts are taken: those that the settings name, or that a row of names or the cells tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from multigan.errors import DataError
from multigan.reading.columns import INTENSITY, NONE, TextColumns, others_like_labels
from multigan.reading.files import named
from multigan.reading.tables import SUFFIXES, first_rows, matching

_ROWS = 2_000
"""So many are looked at."""
_SEVERAL = re.compile(r"\d+(?:\s*,\s*\d+)*")
_NAME = re.compile(r"[A-Za-z_][\w.\-]*")
_LONGEST_LABEL = 40
_MARKS = ({"0", "1"}, {"0.0", "1.0"}, {"false", "true"})
_NAMES_ALWAYS = (".jsonl", ".parquet")
"""Tables whose columns always have names."""


@dataclass(frozen=True)
class Choice:
    """The columns of the texts and of the labels, by name, or by number where no row holds names."""

    text: str | None
    """None: of a file without columns."""
    labels: tuple[str, ...]
    """The first that a table has, or an object, holds its label; () where labels are not used."""
    numbered: bool = False
    """Whether no row holds names."""
    sentence: str = ""
    """What was chosen, for a person, up to the labels' names."""
    notes: tuple[str, ...] = ()
    """What was not."""


def choose(file: Path, columns: TextColumns) -> Choice:
    """The columns of a file of texts; DataError where it is not clear which are meant."""
    rows = first_rows(file, _ROWS) if file.suffix.lower() in SUFFIXES else []
    text = None if columns.text is None else str(columns.text)
    label = columns.wanted_labels[0] if columns.label_is_required else None
    if not rows:
        return Choice(text, columns.wanted_labels)
    always = file.suffix.lower() in _NAMES_ALWAYS
    if not always and any(name is not None and name.isdecimal() for name in (text, label)):
        return _by_number(file, rows, text, columns)
    by_name = _first_of(TEXTS, rows[0])
    if not (always or text is not None or label is not None or by_name is not None):
        return _by_number(file, rows, None, columns)
    text = text or by_name
    if text is None:
        raise _unclear(file, rows[0], "text", columns)
    text = matching(rows[0], text) or text
    label = label or _first_of(columns.wanted_labels, [name for name in rows[0] if name != text])
    others = () if columns.label_is_required else columns.wanted_labels
    labels = tuple(dict.fromkeys((*((label,) if label else ()), *others)))
    sentence = _sentence(file, repr(text), label and repr(label))
    return Choice(text, labels, sentence=sentence, notes=_not_taken(rows, text, label, columns))


def _not_taken(
    rows: Sequence[Sequence[str]], text: str, label: str | None, columns: TextColumns
) -> tuple[str, ...]:
    """Notes on columns that may hold labels and were not taken for them."""
    if columns.label == NONE or columns.label_is_required:
        return ()
    asked_for = (text, label, columns.split_column, columns.intensity)
    asked_for = {str(name).lower() for name in asked_for if name is not None} | {INTENSITY}
    others = [name for name in rows[0] if name and name.lower() not in asked_for]
    if label is not None:
        return others_like_labels(others, columns)
    marks = [name for name in others if _is_of_marks(rows, name)]
    notes = []
    if len(marks) > 1:
        others = [name for name in others if name not in marks]
        notes.append(
            f"The columns {named(marks)} hold 0 and 1 (or false and true) alone, as those of a label each do, and were "
            "not taken: write the label of each row into one column, such as label."
        )
    if others:
        notes.append(
            f"Columns that were not taken: {named(others, 10)}; {columns.setting('label', 'NAME')} takes one of them for "
            "the labels."
        )
    return tuple(notes)


def _is_of_marks(rows: Sequence[Sequence[str]], name: str) -> bool:
    """Whether a column says only whether its name is the label."""
    place = rows[0].index(name)
    return {row[place].lower() for row in rows[1:] if len(row) > place} in _MARKS


def _by_number(file: Path, rows: list[list[str]], text: str | None, columns: TextColumns) -> Choice:
    """Columns of a table without a row of names."""
    cells = list(zip(*(row for row in rows if len(row) == len(rows[0])), strict=True))
    label = columns.wanted_labels[0] if columns.label_is_required else None
    chosen = text if text is not None else str(_text_place(file, cells, label, columns))
    is_open = label is None and columns.label != NONE
    if is_open:
        label = _label_place(file, cells, chosen, columns)
    if text is None and is_open and _may_be_names(cells, label):
        raise _unclear(file, rows[0], "text", columns)
    return Choice(chosen, () if label is None else (label,), True, _sentence(file, chosen, label))


def _text_place(file: Path, cells: Sequence[tuple[str, ...]], label: str | None, columns: TextColumns) -> int:
    """The column of the longest cells, most of which have spaces; DataError where another comes near."""
    means = {}
    for place, column in enumerate(cells):
        spaced = sum(" " in cell for cell in column)
        if str(place) != label and (2 * spaced >= len(column) or len(cells) == 1):
            means[place] = sum(map(len, column)) / len(column)
    first, second = (*sorted(means, key=lambda place: -means[place]), None, None)[:2]
    if first is None or (second is not None and 2 * means[second] > means[first]):
        raise _unclear(file, [column[0] for column in cells], "text", columns)
    return first


def _label_place(file: Path, cells: Sequence[tuple[str, ...]], text: str, columns: TextColumns) -> str | None:
    """The column of few different short cells, words or whole numbers; DataError where there are two."""
    candidates = []
    for place, column in enumerate(cells):
        several = all(_SEVERAL.fullmatch(cell) for cell in column)
        prose = 2 * sum(" " in cell for cell in column) >= len(column) and not several
        values = {part.strip() for cell in column for part in (cell.split(",") if several else (cell,))}
        short = all(0 < len(value) <= _LONGEST_LABEL for value in values)
        words = several or not any(_is_number(value) for value in values)
        if str(place) != text and short and words and not prose and 3 * len(values) <= len(column):
            candidates.append((place, len(values)))
    places = [place for place, n_values in candidates if n_values > 1] or [place for place, _ in candidates]
    if len(places) > 1:
        raise _unclear(file, [column[0] for column in cells], "label", columns)
    return str(places[0]) if places else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _may_be_names(cells: Sequence[tuple[str, ...]], label: str | None) -> bool:
    """Whether the first row could be names of columns: words, and not a label that other rows have."""
    if not all(_NAME.fullmatch(column[0]) for column in cells):
        return False
    return label is None or cells[int(label)][0] not in cells[int(label)][1:]


def _first_of(wanted: Sequence[str], row: Sequence[str]) -> str | None:
    """The cell that names the column wanted most, in upper or lower case; None too where a cell is a number."""
    if any(_is_number(cell) for cell in row):
        return None
    return next((cell for name in wanted if (cell := matching(row, name)) is not None), None)


def _sentence(file: Path, text: str, label: str | None) -> str:
    kind = "key" if file.suffix.lower() == ".jsonl" else "column"
    return f"{file.name}: the text is {kind} {text}" + (f" and the label {kind} {label}" if label else "")


def _unclear(file: Path, first: Sequence[str], what: str, columns: TextColumns) -> DataError:
    shown = " | ".join(cell if len(cell) <= 40 else f"{cell[:40]}..." for cell in first[:8])
    otherwise = f", or {NONE} for no labels" if what == "label" else ""
    if file.suffix.lower() in _NAMES_ALWAYS:
        kind, where = (
            ("key", "keys of its first object") if file.suffix.lower() == ".jsonl" else ("column", "columns")
        )
        return DataError(
            f"{file}: which {kind} holds the {what} is not clear. The {where} are: {shown}. Name one with "
            f"{columns.setting(what, 'NAME')}."
        )
    return DataError(
        f"{file}: which column holds the {what} is not clear. Its first row is: {shown}. Say it by name where that row "
        f"holds names ({columns.setting(what, 'NAME')}), or by number, from 0, where it does not "
        f"({columns.setting(what, '0')}){otherwise}."
    )


TEXTS = (
    "text",
    "sentence",
    "utterance",
    "caption",
    "comment",
    "content",
    "message",
    "answer_text",
    "response",
    "answer",
    "review",
    "tweet",
    "post",
    "body",
    "question_text",
    "question",
)
"""Names of columns of texts; the first that a table has is taken."""
