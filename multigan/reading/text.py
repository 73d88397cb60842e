"""Texts of a file or folder: a line, a table's row or a JSON object each, in UTF-8.

- ``.txt``: a line is a sample.
- ``.csv``, ``.tsv``, ``.jsonl`` and ``.parquet`` (``multigan.reading.tables``): a row is a sample, and
  ``multigan.reading.choice`` says which columns are what. Quotes around a text in a TSV cell are no part of it where every
  other in it is doubled.
- A folder: its files of these kinds, which must all be of one kind (an emotions.txt or labels.txt beside tables is
  none of them), or class folders of ``.txt`` files, whose name is the label of the samples below.

Blank lines and empty texts are skipped and counted; rows that cannot be used are named and skipped.
"""

from __future__ import annotations

import os
import re
import reprlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.choice import TEXTS, Choice, choose
from multigan.reading.columns import NONE, TextColumns, intensity_column, required, split_column
from multigan.reading.files import named
from multigan.reading.folders import layout, note_of_sides, sides, wrapper
from multigan.reading.labels import FILES_OF_NAMES, label_text, look_alike, meanings
from multigan.reading.results import found_in
from multigan.reading.tables import DELIMITERS, SUFFIXES, Row, Table, open_table
from multigan.reading.utf8 import content_of, flaw_of, flaw_of_name, lines_of
from multigan.reading.walk import describes, passed_over, tree_of

KINDS = (".txt", *SUFFIXES)
KINDS_IN_WORDS = ".txt, .csv, .tsv, .jsonl or .parquet"
_CLASSES_SHOWN = 12
_FEWEST_ROWS = 10


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
    intensities: tuple[float, ...]
    """[N] in [0, 1], 1 where a row has none."""
    split: tuple[str, ...] | None = None
    """What each row has in the column of the split, "" where it has nothing; None where there is no such column."""


@dataclass(slots=True)
class _Sample:
    """A line, row or object: a text with its label and cells, or why there is none."""

    place: str
    """ "line 3"; of those that are kept "train.tsv, line 3"."""
    text: str = ""
    label: str | None = None
    flaw: str = ""
    intensity: Any = None
    split: str | None = None


def read_texts(
    path: Path,
    columns: TextColumns | None = None,
    *,
    column: str | None = None,
    label_column: str | None = None,
) -> TextTable:
    """The texts of a file or folder with one label each, or none; the notes say which column is what.

    Of texts with several labels those are kept whose labels fall into one group. ``column`` and ``label_column`` are
    ``text`` and ``label`` of the columns where these are not given. DataError where there are no texts, where it is not
    clear which columns are meant, or where labels and their names do not fit.
    """
    columns = columns or TextColumns(text=column, label=label_column)
    try:
        files, notes, tops = _files(path, columns)
        choice = choose(files[0][0], columns)
        notes += choice.notes
        samples = [(name, label, _samples(file, choice, columns, notes)) for file, name, label in files]
        kept, bad = _kept(path, samples, notes)
    except OSError as error:
        raise DataError(f"Cannot read {error.filename or path}: {error.strerror or error}.") from error
    labels, notes = _labels(path, kept, choice, columns, notes)
    places = [i for i in range(len(kept)) if labels is None or labels[i] is not None]
    kept = [kept[i] for i in places]
    scale = columns.scale()
    intensities = tuple(scale.value(sample.intensity, sample.place) for sample in kept)
    if tops is not None and columns.split is None:
        sides_of = {name: top for (_, name, _), top in zip(files, tops, strict=True)}
        for sample in kept:
            sample.split = sides_of[sample.place.rpartition(", ")[0]]
    has_split = any(sample.split is not None for sample in kept)
    return TextTable(
        tuple(sample.text for sample in kept),
        None if labels is None else tuple(labels[i] or "" for i in places),
        tuple(sample.place for sample in kept),
        bad,
        (*notes, *scale.notes),
        intensities,
        tuple(sample.split or "" for sample in kept) if has_split else None,
    )


def _kept(
    path: Path, files: list[tuple[str, str | None, Iterator[_Sample]]], notes: list[str]
) -> tuple[list[_Sample], dict[str, str]]:
    """The texts, and the places that cannot be used, with why."""
    kept: list[_Sample] = []
    bad: dict[str, str] = {}
    n_empty = 0
    for name, folder_label, samples in files:
        for sample in samples:
            sample.place = f"{name}, {sample.place}"
            if sample.flaw:
                bad[sample.place] = sample.flaw
            elif not sample.text:
                n_empty += 1
            else:
                sample.label = sample.label if folder_label is None else folder_label
                kept.append(sample)
    if not kept:
        first = next((f"; {place}: {why}" for place, why in bad.items()), "")
        raise DataError(
            f"No text in {path}: found {n_empty} empty lines or rows and {len(bad)} that cannot be used{first}. "
            f"Give a {KINDS_IN_WORDS} file, or a folder of them, with a sample a line."
        )
    if n_empty:
        notes.append(
            f"{n_empty} empty {'line or row was' if n_empty == 1 else 'lines or rows were'} skipped."
        )
    return kept, bad


def _labels(
    path: Path,
    samples: Sequence[_Sample],
    choice: Choice,
    columns: TextColumns,
    notes: list[str],
) -> tuple[list[str | None] | None, list[str]]:
    """The label of each sample, None where its labels come to several, or none at all; and the notes with what they are."""
    unlabelled = [sample.place for sample in samples if sample.label is None]
    if columns.label == NONE or unlabelled:
        if columns.label != NONE and len(unlabelled) < len(samples):
            notes = [*notes, f"Labels are left out, because some texts have none: {named(unlabelled)}."]
        return None, [f"{choice.sentence}; there are no labels.", *notes] if choice.sentence else notes
    labels, source = meanings(
        [sample.label or "" for sample in samples], [sample.place for sample in samples], path, columns
    )
    n_kept = sum(label is not None for label in labels)
    if not n_kept:
        raise DataError(
            f"Every text of {path} has labels of several classes, and a text needs one; give groups that hold them "
            f"({columns.setting('label_groups', 'FILE.json')}), or no labels ({columns.setting('label', NONE)})."
        )
    classes = ordered({label for label in labels if label is not None})
    count = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
    sentence = choice.sentence or "Labels are the names of folders"
    notes = [f"{sentence}{source}; {count}: {named(classes, _CLASSES_SHOWN)}.", *notes, *look_alike(classes)]
    if n_kept < len(labels):
        notes.append(
            f"{len(labels) - n_kept:,} of {len(labels):,} texts were left out: their labels are of several classes."
        )
    return labels, notes


_Files = tuple[list[tuple[Path, str, str | None]], list[str], tuple[str, ...] | None]
"""(file, its name, the label of its folder or None) of each, what to know of them, and the side of a split of each."""


def _files(path: Path, columns: TextColumns) -> _Files:
    if path.is_dir():
        return _in_folder(path, columns)
    if not path.exists():
        raise DataError(f"There is no {path}; give a {KINDS_IN_WORDS} file, or a folder of them.")
    if not path.is_file():
        raise DataError(f"{path} is not a regular file; give a {KINDS_IN_WORDS} file, or a folder of them.")
    if path.suffix.lower() not in KINDS:
        raise DataError(f"{path} is a {path.suffix or 'nameless'} file; {KINDS_IN_WORDS} files are read.")
    return [(path, path.name, None)], [], None


def _in_folder(folder: Path, columns: TextColumns) -> _Files:
    tree = tree_of(folder, columns, _may_be)
    names = [name for name in tree.names if _may_be(name)]
    notes = [*tree.notes]
    passed = [name for name in tree.names if not _may_be(name) and not name.endswith("_mapping.json")]
    passed = passed_over(passed, "texts", KINDS_IN_WORDS)
    about = [name for name in tree.names if describes(_last(name)) and name.lower().endswith(".txt")]
    if about:
        notes.append(f"Left out, as a file of such a name describes the data: {named(about)}.")
    prefix = wrapper(names, tree.folders, [name for name in names if not name.lower().endswith(".txt")])
    if prefix:
        folder, names = folder / prefix, [name.removeprefix(prefix) for name in names]
        notes.append(f"All texts are in the folder {prefix[:-1]}, and it is read in place of the outer one.")
    loose = [name for name in names if "/" not in name]
    inside = [name for name in names if "/" in name and name.lower().endswith(".txt")]
    if inside:
        found = layout(inside, columns, "text")
        left = [*loose, *(name for name in names if "/" in name and name not in found.names)]
        if left:
            notes.append(f"Files beside the class folders were left out: {named(left)}.")
        files = [
            (folder / name, name, label)
            for name, label in zip(found.names, found.labels or (None,) * len(found.names), strict=True)
        ]
        return files, [*notes, *found.notes, *passed], found.sides
    if not all(name.lower().endswith(".txt") for name in loose):
        loose = [name for name in loose if name.lower() not in FILES_OF_NAMES]
    copies = [name for name in loose if name.lower().endswith(".parquet")]
    if 0 < len(copies) < len(loose):  # the same tables in another form, as repositories often have them
        loose = [name for name in loose if name not in copies]
        notes.append(f"Parquet files beside other tables were left out: {named(copies)}.")
    kinds = sorted({Path(name).suffix.lower() for name in loose})
    if not kinds:
        raise DataError(
            f"No text file in {folder}: looked for {KINDS_IN_WORDS} files, or .txt files in class folders; "
            f"found {found_in(folder)}."
        )
    if len(kinds) > 1:
        raise DataError(
            f"{folder} holds text files of several kinds ({', '.join(kinds)}): {named(loose)}. Give one of them by "
            "its name, or a folder that holds one kind."
        )
    below = [name for name in names if "/" in name]
    if below:
        notes.append(f"Tables in folders below were left out: {named(below)}.")
    tops = sides([f"{Path(name).stem.partition('-')[0]}/{name}" for name in loose])
    if tops is not None:
        notes.append(note_of_sides(tops, columns, "files"))
    return [(folder / name, name, None) for name in loose], [*notes, *passed], tops


def _may_be(name: str) -> bool:
    """Whether a file of this name holds texts."""
    return os.path.splitext(name.lower())[1] in KINDS and not describes(_last(name))


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _samples(path: Path, choice: Choice, columns: TextColumns, notes: list[str]) -> Iterator[_Sample]:
    """The samples of one file; texts and labels have no space around them, and a flaw stands in for what is damaged."""
    of_lines = path.suffix.lower() == ".txt"
    for sample in _of_lines(path, columns, notes) if of_lines else _of_table(path, choice, columns, notes):
        flaw = sample.flaw or flaw_of(sample.text) or flaw_of_name(sample.label or "")
        sample.text = sample.text.strip()
        yield _Sample(sample.place, flaw=flaw) if flaw else sample


def _of_lines(path: Path, columns: TextColumns, notes: list[str]) -> Iterator[_Sample]:
    label = columns.label if columns.label_is_required else None
    intensity = None if columns.intensity == NONE else columns.intensity
    column = next((name for name in (columns.text, label, intensity) if name is not None), None)
    if column is not None:
        raise DataError(f"{path} has no columns, but the column {str(column)!r} is asked for; leave it out.")
    lines = list(lines_of(content_of(path)))
    notes += _like_a_table(path, [text for _, text in lines if text.strip()])
    return (_Sample(f"line {line}", text) for line, text in lines)


def _like_a_table(path: Path, lines: Sequence[str]) -> list[str]:
    """A note where each line has as many cells as the others, and the last holds one of a few words: labels, perhaps."""
    for mark, marks in DELIMITERS.items() if len(lines) >= _FEWEST_ROWS else ():
        counts = {line.count(mark) for line in lines}
        ends = {line.rpartition(mark)[2].strip() for line in lines}
        words = all(end and not re.search(r"\s", end) for end in ends)
        if counts != {0} and len(counts) == 1 and words and 3 * len(ends) <= len(lines):
            return [
                f"{path.name}: every line is read as one text, though {marks} may part its cells; if it is a table, name it "
                f"{path.stem}.csv."
            ]
    return []


def _of_table(path: Path, choice: Choice, columns: TextColumns, notes: list[str]) -> Iterator[_Sample]:
    table = open_table(path, numbered=choice.numbered)
    notes += table.notes
    is_empty = not table.columns and not table.open_ended
    text = "" if is_empty else required(table, choice.text or TEXTS[0], columns, "text", by_number=True)
    labels, must = choice.labels, columns.label_is_required
    if not table.open_ended and not is_empty:
        labels = _label_of(table, choice, columns, text)
        must = bool(labels)
    intensity = intensity_column(table, columns)
    split = split_column(table, columns)
    for row in table.rows({text, *labels, intensity or "", split or ""}):
        if row.flaw or row.blank:
            yield _Sample(row.place, flaw=row.flaw)
            continue
        sample = (
            _of_values(row, text, labels, must) if table.typed else _of_cells(table, row, text, *labels[:1])
        )
        beside = row.values.get(split) if split else None
        sample.intensity = row.values.get(intensity) if intensity else None
        sample.split = None if beside is None else sys.intern(str(beside).strip())
        yield sample


def _label_of(table: Table, choice: Choice, columns: TextColumns, text: str) -> tuple[str, ...]:
    """The column of a table that holds the labels, alone, or nothing."""
    if columns.label_is_required or choice.numbered:
        names = choice.labels[:1]
        return tuple(required(table, name, columns, "label", by_number=True) for name in names)
    matches = (table.matching(name) for name in choice.labels)
    return tuple(name for name in matches if name not in (None, text))[:1]


def _of_cells(table: Table, row: Row, text: str, label: str | None = None) -> _Sample:
    cell = row.values[text]
    if table.path.suffix.lower() == ".tsv":
        cell = _unquoted(cell.strip())
    if label is None or not cell.strip():
        return _Sample(row.place, cell)
    name = sys.intern(label_text(row.values[label]) or "")
    return _Sample(row.place, cell, name) if name else _Sample(row.place, flaw="it has no label")


def _unquoted(text: str) -> str:
    """What spreadsheets mean by a text in quotes with doubled quotes inside; other texts as they are."""
    inside = text[1:-1]
    quoted = len(text) > 2 and text[0] == text[-1] == '"' and '""' in inside
    return inside.replace('""', '"') if quoted and '"' not in inside.replace('""', "") else text


def _of_values(row: Row, text: str, labels: Sequence[str], must: bool) -> _Sample:
    """Of an object, or of a row with types; ``must``: without a label it cannot be used."""
    value = row.values.get(text)
    if not isinstance(value, str):
        keys = named(sorted(row.values)) if row.values else "nothing"
        return _Sample(row.place, flaw=f"it has no text under {text!r}: found {keys}")
    label = next((row.values[name] for name in labels if name in row.values and name != text), None)
    as_text = label_text(label)
    if as_text:
        return _Sample(row.place, value, as_text)
    if not value.strip() or (label is None and not must):
        return _Sample(row.place, value)
    if as_text is None:
        found = reprlib.repr(label)
        return _Sample(
            row.place, flaw=f"its label is {found}; it must be text, a whole number or a list of such"
        )
    return _Sample(row.place, flaw=f"it has no label under {' or '.join(labels)}")
