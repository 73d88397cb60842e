"""Names in a table that are written otherwise than on the disk: by another system, another editor, or by hand."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from multigan.reading.files import named


def _trimmed(name: str) -> str:
    return "/".join(part.strip() for part in name.split("/"))


def _slashed(name: str) -> str:
    return "/".join(part for part in _trimmed(name.replace("\\", "/")).split("/") if part != ".")


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", _slashed(name))


def _lower(name: str) -> str:
    return _composed(name).casefold()


def _without_suffix(name: str) -> str:
    return os.path.splitext(_lower(name))[0]


_WAYS: Sequence[Callable[[str], str]] = (_trimmed, _slashed, _composed, _lower, _without_suffix)
"""To look at names: without space at their ends, then also with "/" for a backslash, in one Unicode form, in any case, and
without their suffix."""


def names_on_disk(
    rows: Collection[str], files: Collection[str], title: str
) -> tuple[dict[str, str], list[str]]:
    """The file that each row of the table ``title`` means, where it has another name and one file alone can be meant.

    And notes of these, beside those that differ by space alone, and of rows that may mean several files.
    """
    present = set(files)
    missing = [row for row in rows if row not in present]
    if not missing:
        return {}, []
    known = set(rows)
    free = sorted(name for name in present if name not in known)
    meant: dict[str, str] = {}
    unclear: dict[str, list[str]] = {}
    for way in _WAYS:
        left = [row for row in missing if row not in meant and row not in unclear]
        by_key: dict[str, list[str]] = {}
        taken = set(meant.values())
        for name in free:
            if name not in taken:
                by_key.setdefault(way(name), []).append(name)
        wanted = Counter(map(way, left))
        for row in left:
            found = by_key.get(way(row), [])
            if len(found) == 1 and wanted[way(row)] == 1:
                meant[row] = found[0]
            elif found:
                unclear[row] = found
    notes = []
    others = [f"{row} is {name}" for row, name in meant.items() if _trimmed(row) != name]
    if others:
        who = "1 file is" if len(others) == 1 else f"{len(others)} files are"
        notes.append(f"{who} named otherwise in {title} than on the disk: {named(others)}.")
    if unclear:
        who = "1 name" if len(unclear) == 1 else f"{len(unclear)} names"
        which = [f"{row} ({' or '.join(found[:3])})" for row, found in unclear.items()]
        notes.append(
            f"{who} in {title} may mean another file or several, and were not matched: {named(which)}."
        )
    return meant, notes
