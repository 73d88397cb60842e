"""What the labels of a table mean: names of labels that are numbers, and groups of labels."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.columns import NONE, TextColumns
from multigan.reading.files import named
from multigan.reading.json import parse_json
from multigan.reading.tables import whole

FILES_OF_NAMES = ("emotions.txt", "labels.txt")
"""Files that hold the names of labels that are numbers, a line each."""
_NUMBERS = re.compile(r"\d+(?:\s*,\s*\d+)*")
_LIST = re.compile(r"[\[{](.*)[\]}]", re.DOTALL)
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_GROUPS_IN_WORDS = '{"group": ["label", ...], ...}'


def meanings(
    labels: Sequence[str], places: Sequence[str], path: Path, columns: TextColumns
) -> tuple[list[str | None], str]:
    """The one label that each row's labels come to, None where they come to several; and where names are from, in words.

    ``places`` say where each row stands. DataError where labels and their names do not fit.
    """
    folder = path if path.is_dir() else path.parent
    source, names_of = "", several(labels)
    if all(name.isdecimal() for names in names_of for name in names):
        file = _file_of_names(folder, columns)
        if file is not None:
            names_of, source = (
                _with_names(names_of, places, file, columns),
                f", with the names of {file.name}",
            )
    elif columns.label_names is not None:
        raise DataError(
            f"The labels of {path} are no numbers from 0 (the first is {labels[0]!r}) that {columns.label_names} could "
            f"name; leave data.label_names out, or name another column ({columns.setting('label', 'NAME')})."
        )
    known = {name for names in names_of for name in names}
    groups = _groups(folder, known, columns)
    if groups is not None:
        file, group_of = groups
        names_of = [tuple(group_of.get(name, name) for name in names) for names in names_of]
        source += f", in the groups of {file.name}"
    return [names[0] if len(set(names)) == 1 else None for names in names_of], source


def label_text(value: Any) -> str | None:
    """A label as a cell would hold it, "" where there is none; None for what is neither text, a whole number nor a list.

    A whole number in a cell is the same as one with a type: 1.0 is 1.
    """
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str | int) for part in value):
        return json.dumps(value, ensure_ascii=False)
    return whole(str(value)) if isinstance(value, str | int) else None


def several(labels: Sequence[str]) -> list[tuple[str, ...]]:
    """The labels that each cell names: "[0 1]", "[0, 1]", "['a', 'b']" and "a|b" name two, "[]" none.

    So does "0,1" where all are numbers, and "a, b" (or with ; / & +) where "a" and "b" are labels of other rows.
    """
    known, are_numbers = set(labels), all(_NUMBERS.fullmatch(label) for label in labels)
    parts = {label: _parts(label, known, are_numbers) for label in known}
    return [parts[label] for label in labels]


def _parts(label: str, known: set[str], are_numbers: bool) -> tuple[str, ...]:
    whole = _LIST.fullmatch(label)
    if whole is not None:
        inside = whole[1].strip()
        quoted = [one or other for one, other in _QUOTED.findall(inside)]
        marks = re.compile(r"[,;|]") if re.search(r"[,;|]", inside) else re.compile(r"\s+")
        return tuple(part for part in quoted or map(str.strip, marks.split(inside)) if part)
    if "|" in label.strip("|"):
        return tuple(part.strip() for part in label.split("|") if part.strip())
    for mark in ",;/&+":
        parts = tuple(part.strip() for part in label.split(mark))
        if len(parts) > 1 and ((mark == "," and are_numbers) or known.issuperset(parts)):
            return parts
    return (label,)


_GAPS = {"nan", "na", "n/a", "null", "none", "unknown", "?", "-", "<na>"}
"""What programs write where there is no value."""


def look_alike(labels: Collection[str]) -> list[str]:
    """Notes where labels differ in case, Unicode form, marks between words or a plural only, or look like none."""
    alike: dict[str, list[str]] = {}
    for label in sorted(set(labels)):
        key = re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", label).casefold()).strip() or label
        key = key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key
        alike.setdefault(key, []).append(label)
    groups = [" and ".join(map(repr, group)) for group in alike.values() if len(group) > 1]
    gaps = (
        [label for label in sorted(set(labels)) if label.casefold() in _GAPS] if len(set(labels)) > 1 else []
    )
    notes = []
    if groups:
        notes.append(
            f"Labels that differ in case, form or plural only are taken for different ones: {named(groups)}. Write them "
            "alike if they mean the same."
        )
    if gaps:
        notes.append(
            f"Taken for labels: {named(list(map(repr, gaps)))}; where that stands for none, remove those rows or files."
        )
    return notes


def _file_of_names(folder: Path, columns: TextColumns) -> Path | None:
    if columns.label_names is not None:
        return Path(columns.label_names)
    return next((folder / name for name in FILES_OF_NAMES if (folder / name).is_file()), None)


def _with_names(
    numbers_of: Sequence[tuple[str, ...]], places: Sequence[str], file: Path, columns: TextColumns
) -> list[tuple[str, ...]]:
    names = [line.strip() for line in _read(file, "data.label_names").splitlines()]
    while names and not names[-1]:
        names.pop()
    for numbers, place in zip(numbers_of, places, strict=True):
        if max(map(int, numbers), default=-1) >= len(names):
            raise DataError(
                f"{place} has the label {max(numbers, key=int)}, but {file} names {len(names)}, from 0. Give the file that "
                f"names all ({columns.setting('label_names', 'FILE')})."
            )
    return [tuple(names[int(number)] for number in numbers) for numbers in numbers_of]


def _groups(folder: Path, known: set[str], columns: TextColumns) -> tuple[Path, dict[str, str]] | None:
    """The file of groups and the group of each label in one; beside the data only a file that has a known label counts."""
    if columns.label_groups == NONE:
        return None
    if columns.label_groups is not None:
        file = Path(columns.label_groups)
        group_of = _group_of(file)
        if not known & group_of.keys():
            raise DataError(
                f"{file} holds none of the labels of the data, which are {named(ordered(known))}; give groups of these, or "
                f"none ({columns.setting('label_groups', NONE)})."
            )
        return file, group_of
    files = [(file, _group_of(file)) for file in sorted(folder.glob("*_mapping.json"))]
    files = [(file, group_of) for file, group_of in files if known & group_of.keys()]
    if len(files) > 1:
        raise DataError(
            f"{folder} holds several files of groups ({named([file.name for file, _ in files])}); say which is meant "
            f"({columns.setting('label_groups', 'FILE')}), or none."
        )
    return files[0] if files else None


def _group_of(file: Path) -> dict[str, str]:
    """Label -> group."""
    try:
        groups = parse_json(_read(file, "data.label_groups"))
    except ValueError as error:
        raise DataError(
            f"{file} is not JSON: {error}; give groups of labels as {_GROUPS_IN_WORDS}."
        ) from error
    lists = list(groups.values()) if isinstance(groups, dict) else [None]
    if not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in lists):
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
