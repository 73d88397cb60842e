"""Texts from files, folders and tables, and from memory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluation.kinds.text import TEXT
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import digests_of_texts
from evaluation.samples.memory import batches_of, unfit
from multigan.errors import DataError

ALLOWED = "texts are a sequence of str, or an iterable of such batches"


def open_folder(
    path: Path, labels_column: str | None, text_column: str | None = None, links: str | None = None
) -> Samples:
    """Texts, and after them those that cannot be read: they count among the bad samples as other files do.

    ``text_column`` names the column of the texts in CSV, TSV and JSONL.
    """
    from multigan.reading.columns import NONE, column_flags
    from multigan.reading.text import read_texts

    if path.suffix.lower() == ".txt":  # the columns are of the tables beside which it is measured
        text_column = labels_column = None
    table = read_texts(path, column_flags(text=text_column, label=labels_column, intensity=NONE, links=links))
    texts, unusable = table.texts, tuple(table.bad.items())

    def read(row: int) -> str:
        if row < len(texts):
            return texts[row]
        raise DataError(unusable[row - len(texts)][1])

    names = [*table.names, *table.bad]
    labels = None if table.labels is None else [*table.labels, *[""] * len(unusable)]
    digests = digests_of_texts([*texts, *(f"not read {item}" for item in unusable)])
    folder = path if path.is_dir() else path.parent
    return Samples(TEXT, names, read, labels, None, digests, str(path), folder, tuple(table.notes))


def from_memory(texts: Any) -> Contents:
    """Texts as ``ALLOWED`` says; they are held in memory."""
    contents: list[str] = []
    for item in batches_of(texts, ALLOWED):
        batch = [item] if isinstance(item, str) else item
        if not isinstance(batch, Iterable) or isinstance(batch, bytes):
            raise DataError(unfit(item, ALLOWED))
        for text in batch:
            if not isinstance(text, str):
                raise DataError(unfit(text, ALLOWED))
            contents.append(str(text))
    return Contents(len(contents), contents.__getitem__, digests_of_texts(contents))


def recognises(data: Any) -> bool:
    """Whether data are a text."""
    return isinstance(data, str)
