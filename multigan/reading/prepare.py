"""Files as data: prepared once and found again by content, and what is said of those left out."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.cache import Cache, Entry
from multigan.reading.files import content_digest, in_order, mark, named, settled
from multigan.reading.listing import Kind, Listing
from multigan.reading.walk import counted

A = TypeVar("A")
Progress = Callable[[str, int, int], None]
"""(what, done, total)."""
_NAMED = 5
"""So many files that are left out for one reason are named one by one."""


def key_of(facts: Sequence[Any]) -> str:
    """A name for JSON values: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def name_of_entry(key: str) -> str:
    """Under which name the cache holds data of a key: entries from before equal samples shared a side are made anew."""
    return key_of([key, "equal samples on one side"])


def prepared_files(
    cache: Cache,
    listing: Listing,
    kind: Kind,
    facts: Sequence[Any],
    build: Callable[[Sequence[str], Path], None],
    progress: Progress,
) -> tuple[str, Entry]:
    """The cache entry of a listing and its key. Files are read only when a name, size or time has changed.

    ``facts`` are the JSON values, beside the listing's own, that the entry depends on; ``build(digests, folder)`` fills
    it from the files, given a digest of the content of each.
    """
    facts = [*facts, listing.names, listing.labels, listing.intensities]
    paths, n = [listing.folder / name for name in listing.names], len(listing.names)
    now, marks = time.time_ns(), [mark(path) for path in paths]
    quick_key = key_of(["quick", str(listing.folder.resolve()), *facts, marks])
    key = cache.recall(quick_key)
    entry = None if key is None else cache.find(name_of_entry(key))
    if key is not None and entry is not None:
        return key, entry
    digests = list(in_order(content_digest, paths, lambda done: progress(f"reading {kind.several}", done, n)))
    key = key_of(["content", *facts, digests])
    entry = cache.prepared(name_of_entry(key), lambda folder: build(digests, folder))
    if all(settled(each, now) for each in marks):
        cache.remember(quick_key, key)
    return key, entry


def guarded(read: Callable[[Path], A]) -> Callable[[Path], A]:
    """``read(path)`` of code from outside, whose every error is a DataError: one odd file then ends no run."""

    def guarded_read(path: Path) -> A:
        try:
            return read(path)
        except (DataError, MemoryError):
            raise
        except Exception as error:  # code of a person's own may fail in any way
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise DataError(f"{path.name} cannot be read ({reason})") from error

    return guarded_read


def usable(
    listing: Listing,
    kind: Kind,
    make: Callable[[int], A],
    bad: dict[str, str],
    progress: Progress,
    *,
    waiting: int,
) -> Iterator[tuple[int, A]]:
    """``make(place)`` of every file of a listing, in order, where it raises no DataError; ``bad``: the others, and why."""

    def made(place: int) -> A | DataError:
        try:
            return make(place)
        except DataError as error:
            return error

    def tick(done: int) -> None:
        progress(f"preparing {kind.several}", done, n)

    n = len(listing.names)
    for place, result in enumerate(in_order(made, range(n), tick, waiting=waiting)):
        if isinstance(result, DataError):
            bad[listing.names[place]] = str(result)
        else:
            yield place, result


def refuse_unusable(listing: Listing, kind: Kind, good: Sequence[int], bad: Mapping[str, str]) -> None:
    """DataError where fewer than two files, or none of a class, could be read."""
    if len(good) < 2:
        reasons = f" {skipped(bad)}" if bad else ""
        raise DataError(
            f"{listing.folder} holds {'1' if good else 'no'} readable {kind.one}, and at least 2 "
            f"are needed: looked for {kind.formats} files.{reasons}"
        )
    if listing.labels is None:
        return
    label_of = dict(zip(listing.names, listing.labels, strict=True))
    lost = ordered(set(listing.labels) - {listing.labels[i] for i in good})
    if lost:
        unread = {name: reason for name, reason in bad.items() if label_of[name] == lost[0]}
        raise DataError(
            f"The class {lost[0]!r} in {listing.folder} has no readable {kind.one}: looked for "
            f"{kind.formats} files. {skipped(unread)} Add {kind.several} of that class or remove it."
        )


def skipped(bad: Mapping[str, str]) -> str:
    """Which files were left out, and why; many for one reason are counted by their suffix."""
    reasons: dict[str, list[str]] = {}
    for name, reason in bad.items():
        reasons.setdefault(reason, []).append(name)
    items: list[str] = []
    for reason, names in reasons.items():
        if len(names) > _NAMED:
            kinds = counted(Counter(os.path.splitext(name.lower())[1] for name in names))
            items.append(f"{kinds} such as {names[0]} ({reason})")
        else:
            items += [f"{name} ({reason})" for name in names]
    count = "1 file was" if len(bad) == 1 else f"{len(bad):,} files were"
    return f"{count} skipped: {named(items)}."


def table_of(
    listing: Listing, places: Sequence[int], names: Sequence[str], n_train: int, notes: Sequence[str]
) -> dict[str, Any]:
    """The table of a cache entry whose samples, ``n_train`` for training first, are of the files at ``places``."""
    classes = listing.classes
    column = {label: number for number, label in enumerate(classes)}
    return {
        "labels": classes,
        "names": list(names),
        "columns": [column[listing.labels[i]] for i in places] if listing.labels else [],
        "intensities": [listing.intensities[i] for i in places],
        "n_train": n_train,
        "notes": list(notes),
    }


def conditions_of(table: Mapping[str, Any], rows: slice) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Of some rows of a table: int64 [N], the column of each label, and float32 [N, C], one-hot times intensity."""
    if not table["labels"]:
        return None, None
    classes = np.asarray(table["columns"][rows], np.int64)
    conditions = np.zeros((len(classes), len(table["labels"])), np.float32)
    conditions[np.arange(len(classes)), classes] = table["intensities"][rows]
    return classes, conditions


def blocks(order: Sequence[int], row_bytes: int) -> list[np.ndarray]:
    """``order`` in parts of about 3 MB."""
    size = max(1, 3 * 2**20 // row_bytes)
    return [np.asarray(order[start : start + size]) for start in range(0, len(order), size)]
