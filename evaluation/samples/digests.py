"""What tells samples from one another: digests of their content, found once and recalled while it cannot have changed.

The digests of a folder's files are kept in ``<cache>/features/seen``, each with the size and times that its file had.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.samples import Digests
from multigan.reading.files import NOTHING, cache_root, content_digest, in_order, mark, settled
from multigan.reading.json import parse_json
from multigan.writing import private_folder, write_text


def digests_of_files(folder: Path, names: Sequence[str], prefix: str) -> Digests:
    """Digests of files by their content. ``prefix`` names the way they are read: other pixels, another digest.

    A file is read again only when its size or a time has changed since, and always if that was less than two
    seconds before it was read.
    """

    known: dict[str, list[Any]] = {}

    def digests(
        rows: Sequence[int] | np.ndarray | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Sequence[str]:
        if not known:
            known.update(_recall(folder))
        chosen = [names[row] for row in (range(len(names)) if rows is None else rows)]
        now, marks = time.time_ns(), {name: mark(folder / name) for name in chosen}
        changed = [name for name, own in marks.items() if known.get(name, ())[:3] != [*own]]
        tick = progress and (lambda done: progress(f"reading {folder}", done, len(changed)))
        contents = in_order(content_digest, [folder / name for name in changed], tick)
        fresh = {name: [*marks[name], by_name] for name, by_name in zip(changed, contents, strict=True)}
        by_name = {name: entry[3] for name, entry in (known | fresh).items()}
        lasting = {name: entry for name, entry in fresh.items() if settled(marks[name], now)}
        known.update(lasting)
        _remember(folder, lasting)
        return [
            f"{prefix}-{by_name[name] if by_name[name] != NOTHING else uuid.uuid4().hex}" for name in chosen
        ]

    return digests


def digests_of(n: int, digest: Callable[[int], str]) -> Digests:
    """Digests of ``n`` samples that stay as they are: ``digest(i)`` is called once for each, from any thread."""
    known: dict[int, str] = {}

    def digests(
        rows: Sequence[int] | np.ndarray | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Sequence[str]:
        chosen = [int(row) for row in (range(n) if rows is None else rows)]
        missing = [row for row in chosen if row not in known]
        tick = progress and (lambda done: progress("looking at contents", done, len(missing)))
        known.update(zip(missing, in_order(digest, missing, tick), strict=True))
        return [known[row] for row in chosen]

    return digests


def digests_of_texts(texts: Sequence[str]) -> Digests:
    """Digests of texts, which are found anew each time: that takes a microsecond."""

    def digests(
        rows: Sequence[int] | np.ndarray | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Sequence[str]:
        return [text_digest(texts[row]) for row in (range(len(texts)) if rows is None else rows)]

    return digests


def array_digest(array: np.ndarray, *more: object) -> str:
    """SHA-256 of an array's type, shape and values, and of what else matters."""
    digest = hashlib.sha256(repr((array.dtype.str, array.shape, *more)).encode())
    digest.update(np.ascontiguousarray(array).data)
    return f"array-{digest.hexdigest()}"


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _note(folder: Path) -> Path:
    return (
        cache_root() / "features/seen" / f"{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()}.json"
    )


def _recall(folder: Path) -> dict[str, list[Any]]:
    """Name -> [size, times, digest]; {} where nothing is known, or what is there is damaged."""
    try:
        known = parse_json(_note(folder).read_bytes())
    except (OSError, ValueError):
        return {}
    sound = isinstance(known, dict) and all(
        isinstance(entry, list) and len(entry) == 4 for entry in known.values()
    )
    return known if sound else {}


def _remember(folder: Path, fresh: dict[str, list[Any]]) -> None:
    """Keep digests for ``_recall``; if that fails the files are read again."""
    if not fresh:
        return
    note = _note(folder)
    with contextlib.suppress(OSError):
        private_folder(note.parent)
        write_text(note, json.dumps(_recall(folder) | fresh), private=True)
