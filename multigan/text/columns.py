"""Which column of a table is the text and which the label when nobody says, and what labels that are numbers mean."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.files import named
from multigan.reading.listing import LABEL_COLUMNS
from multigan.reading.text import NAMES_OF_LABELS, TextTable, glimpse, read_texts
from multigan.text.settings import TextData

NO_LABELS = "none"
INTENSITY = "intensity"
_ROWS = 2_000
"""So many are looked at."""
_SEVERAL = re.compile(r"\d+(?:\s*,\s*\d+)*")
_NAME = re.compile(r"[A-Za-z_][\w.\-]*")
_LONGEST_LABEL = 40
_CLASSES_SHOWN = 12


@dataclass(frozen=True)
class Columns:
    """Of the text and of the label, as ``read_texts`` takes them; None: there is no such column, or it finds it."""

    text: str | None
    label: str | None
    sentence: str = ""
    """What was found, for a person, up to the labels' names."""


def read_labelled(path: Path, settings: TextData) -> TextTable:
    """The texts of a file or folder with one label each, or none; the notes say which column is what.

    Of texts with several labels those are kept whose labels fall into one group. DataError where it is not clear which
    columns are meant, or where labels and their names do not fit.
    """
    columns = columns_of(path, settings)
    table = read_texts(path, columns.text, columns.label, INTENSITY)
    notes = list(table.notes)
    if settings.label_column == NO_LABELS or table.labels is None:
        if columns.sentence:
            notes.insert(0, f"{columns.sentence}; there are no labels.")
        return replace(table, labels=None, notes=tuple(notes))
    labels, source = _classes(table.labels, table.names, path, settings)
    kept = [place for place, label in enumerate(labels) if label is not None]
    if not kept:
        raise DataError(
            f"Every text of {path} has labels of several classes, and a text needs one; give groups that hold them "
            "(--set data.label_groups=FILE.json), or no labels (--set data.label_column=none)."
        )
    classes = ordered({label for label in labels if label is not None})
    count = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
    notes.insert(
        0,
        f"{columns.sentence or 'Labels are the names of folders'}{source}; {count}: {named(classes, _CLASSES_SHOWN)}.",
    )
    if len(kept) < len(labels):
        notes.append(
            f"{len(labels) - len(kept):,} of {len(labels):,} texts were left out: their labels are of several classes."
        )

    def of(values: Sequence[str | None]) -> tuple[str, ...]:
        return tuple(values[place] or "" for place in kept)

    extra = None if table.extra is None else of(table.extra)
    return replace(
        table,
        texts=of(table.texts),
        labels=of(labels),
        names=of(table.names),
        extra=extra,
        notes=tuple(notes),
    )


def columns_of(path: Path, settings: TextData) -> Columns:
    """What the settings say; where they do not, what a row of names or the cells tell."""
    file, rows = glimpse(path, _ROWS)
    text, label = settings.text_column, settings.label_column
    asked = None if label == NO_LABELS else label
    if not rows:
        return Columns(text, asked)
    has_names = file.suffix.lower() == ".jsonl"
    if any(column is not None and column.isdecimal() for column in (text, asked)) and not has_names:
        return _by_number(file, rows, text, label)
    by_name = _first_of(TEXT_COLUMNS, rows[0])
    if has_names or text is not None or asked is not None or by_name is not None:
        chosen = text or by_name
        if chosen is None:
            raise _unclear(file, rows[0], "text")
        found = asked or _first_of(LABEL_COLUMNS, [name for name in rows[0] if name != chosen])
        return Columns(
            chosen, asked if has_names else found, _sentence(file, repr(chosen), found and repr(found))
        )
    return _by_number(file, rows, None, label)


def _by_number(file: Path, rows: list[list[str]], text: str | None, label: str | None) -> Columns:
    """Columns of a table without a row of names."""
    cells = list(zip(*(row for row in rows if len(row) == len(rows[0])), strict=True))
    chosen = text if text is not None else str(_text_place(file, cells, label))
    if label is None:
        place = _label_place(file, cells, chosen)
        found = None if place is None else str(place)
    else:
        found = None if label == NO_LABELS else label
    if text is None and label is None and _may_be_names(cells, found):
        raise _unclear(file, rows[0], "text")
    return Columns(chosen, found, _sentence(file, chosen, found))


def _text_place(file: Path, cells: Sequence[tuple[str, ...]], label: str | None) -> int:
    """The column of the longest cells, most of which have spaces; DataError where another comes near."""
    means = {}
    for place, column in enumerate(cells):
        spaced = sum(" " in cell for cell in column)
        if str(place) != label and (2 * spaced >= len(column) or len(cells) == 1):
            means[place] = sum(map(len, column)) / len(column)
    first, second = (*sorted(means, key=lambda place: -means[place]), None, None)[:2]
    if first is None or (second is not None and 2 * means[second] > means[first]):
        raise _unclear(file, [column[0] for column in cells], "text")
    return first


def _label_place(file: Path, cells: Sequence[tuple[str, ...]], text: str) -> int | None:
    """The column of few different short cells, words or whole numbers; DataError where there are two."""
    found = []
    for place, column in enumerate(cells):
        several = all(_SEVERAL.fullmatch(cell) for cell in column)
        prose = 2 * sum(" " in cell for cell in column) >= len(column) and not several
        values = {part.strip() for cell in column for part in (cell.split(",") if several else (cell,))}
        short = all(0 < len(value) <= _LONGEST_LABEL for value in values)
        words = several or not any(_is_number(value) for value in values)
        if str(place) != text and short and words and not prose and 3 * len(values) <= len(column):
            found.append((place, len(values)))
    places = [place for place, n_values in found if n_values > 1] or [place for place, _ in found]
    if len(places) > 1:
        raise _unclear(file, [column[0] for column in cells], "label")
    return places[0] if places else None


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
    return next((cell for name in wanted for cell in row if cell.lower() == name), None)


def _sentence(file: Path, text: str, label: str | None) -> str:
    kind = "key" if file.suffix.lower() == ".jsonl" else "column"
    return f"{file.name}: the text is {kind} {text}" + (f" and the label {kind} {label}" if label else "")


def _unclear(file: Path, first: Sequence[str], what: str) -> DataError:
    shown = " | ".join(cell if len(cell) <= 40 else f"{cell[:40]}..." for cell in first[:8])
    otherwise = f", or {NO_LABELS} for no labels" if what == "label" else ""
    if file.suffix.lower() == ".jsonl":
        return DataError(
            f"{file}: which key holds the {what} is not clear. The keys of its first object are: {shown}. Name one with "
            f"--set data.{what}_column=KEY."
        )
    return DataError(
        f"{file}: which column holds the {what} is not clear. Its first row is: {shown}. Say it by name where that row "
        f"holds names (--set data.{what}_column=NAME), or by number, from 0, where it does not "
        f"(--set data.{what}_column=0){otherwise}."
    )


def _classes(
    labels: Sequence[str], places: Sequence[str], path: Path, settings: TextData
) -> tuple[list[str | None], str]:
    """The class of each row's labels, None where they are of several; and where their names are from, in words."""
    folder = path if path.is_dir() else path.parent
    source, given = "", [(label,) for label in labels]
    if all(_SEVERAL.fullmatch(label) for label in labels):
        given = [tuple(part.strip() for part in label.split(",")) for label in labels]
        file = _names_file(folder, settings)
        if file is not None:
            given, source = _with_names(given, places, file), f", with the names of {file.name}"
    elif settings.label_names is not None:
        raise DataError(
            f"The labels of {path} are no numbers from 0 (the first is {labels[0]!r}) that {settings.label_names} could "
            "name; leave data.label_names out, or name another column (--set data.label_column=...)."
        )
    known = {name for names in given for name in names}
    groups = _groups(folder, known, settings)
    if groups is not None:
        file, group_of = groups
        given = [tuple(group_of.get(name, name) for name in names) for names in given]
        source += f", in the groups of {file.name}"
    return [names[0] if len(set(names)) == 1 else None for names in given], source


def _names_file(folder: Path, settings: TextData) -> Path | None:
    if settings.label_names is not None:
        return Path(settings.label_names)
    return next((folder / name for name in NAMES_OF_LABELS if (folder / name).is_file()), None)


def _with_names(given: Sequence[tuple[str, ...]], places: Sequence[str], file: Path) -> list[tuple[str, ...]]:
    names = [line.strip() for line in _read(file, "data.label_names").splitlines()]
    while names and not names[-1]:
        names.pop()
    for numbers, place in zip(given, places, strict=True):
        if max(map(int, numbers)) >= len(names):
            raise DataError(
                f"{place} has the label {max(numbers, key=int)}, but {file} names {len(names)}, from 0. Give the file that "
                "names all (--set data.label_names=FILE)."
            )
    return [tuple(names[int(number)] for number in numbers) for numbers in given]


def _groups(folder: Path, known: set[str], settings: TextData) -> tuple[Path, dict[str, str]] | None:
    """The file of groups and the group of each label in one; beside the data only a file that has a known label counts."""
    if settings.label_groups == NO_LABELS:
        return None
    if settings.label_groups is not None:
        file = Path(settings.label_groups)
        found = [(file, _group_of(file))]
        if not known & found[0][1].keys():
            raise DataError(
                f"{file} holds none of the labels of the data, which are {named(ordered(known))}; give groups of these, or "
                "none (--set data.label_groups=none)."
            )
    else:
        found = [(file, _group_of(file)) for file in sorted(folder.glob("*_mapping.json"))]
        found = [(file, group_of) for file, group_of in found if known & group_of.keys()]
    if len(found) > 1:
        raise DataError(
            f"{folder} holds several files of groups ({named([file.name for file, _ in found])}); say which is meant "
            "(--set data.label_groups=FILE), or none."
        )
    return found[0] if found else None


def _group_of(file: Path) -> dict[str, str]:
    """Label -> group."""
    try:
        groups = json.loads(_read(file, "data.label_groups"))
    except ValueError as error:
        raise DataError(
            f"{file} is not JSON: {error}; give groups of labels as {_GROUPS_IN_WORDS}."
        ) from error
    lists = list(groups.values()) if isinstance(groups, dict) else [None]
    if not all(isinstance(held, list) and all(isinstance(name, str) for name in held) for held in lists):
        raise DataError(
            f"{file} holds no groups of labels; give {_GROUPS_IN_WORDS}, or none as data.label_groups."
        )
    group_of: dict[str, str] = {}
    for group, names in groups.items():
        for name in names:
            if group_of.setdefault(name, group) != group:
                raise DataError(
                    f"{file} has the label {name!r} in the groups {group_of[name]!r} and {group!r}; keep it in one."
                )
    return group_of


def _read(file: Path, setting: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"Cannot read {file}: {reason}; give another file as {setting}.") from error


_GROUPS_IN_WORDS = '{"group": ["label", ...], ...}'
TEXT_COLUMNS = (
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
