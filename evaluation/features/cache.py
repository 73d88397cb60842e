"""Features on disk by content: what an extractor once made of a sample is found again, whatever file holds it now.

Each pass over new samples adds one entry to ``<cache>/features/<extractor>``: ``<id>.npy`` (float32 [n, D]) and, written
last, ``<id>.json`` with the digest of each sample and a checksum of its row; ``<id>.bad.json`` has the samples that cannot
be used. Entries never change, so that processes need no locks. Of more than ``LIMIT_BYTES`` the least lately used go.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.extractors.protocol import Extractor
from multigan.reading.files import cache_root
from multigan.reading.json import parse_json
from multigan.writing import private_folder, replacing, sweep, write_text

VERSION = 1
"""Part of every key: raise it when an entry's form changes."""
LIMIT_BYTES = 10 * 10**9
_DAY_S = 86_400
_KEY = re.compile(r"^[0-9a-f]{64}$")
_FILE = re.compile(r"^[0-9a-f]{32}(?:\.bad)?\.(?:json|npy)$")
"""The names of what this module writes."""
_DAMAGE = (Exception,)
"""A damaged header is Python to numpy, and makes it raise almost anything."""


@dataclass(frozen=True, eq=False)
class Lookup:
    """Where the features of n samples are: row ``row[i]`` of ``entries[entry[i]]``, or nowhere where entry[i] is -1."""

    entries: list[np.ndarray]
    entry: np.ndarray
    row: np.ndarray
    bad: dict[int, str]
    """Sample -> why it cannot be used."""


def key_of(extractor: Extractor) -> str:
    """What names an extractor's features: its name, weights and preprocessing."""
    facts = [VERSION, extractor.name, extractor.digest, extractor.preprocessing]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def nothing(n: int) -> Lookup:
    """Nothing about n samples."""
    return Lookup([], np.full(n, -1), np.zeros(n, np.int64), {})


def find(key: str, digests: Sequence[str]) -> Lookup:
    """What is known of samples by their digests; damaged entries are removed and count as nothing."""
    lookup, places = nothing(len(digests)), {}
    for place, digest in enumerate(digests):
        places.setdefault(digest, []).append(place)
    for path in _listed(_root() / key, "*.json"):
        if path.name.endswith(".bad.json"):
            _find_bad(path, places, lookup)
        else:
            _find_features(path, places, lookup)
    return lookup


def store(key: str, digests: Sequence[str], features: np.ndarray) -> None:
    """Keep features float32 [n, D]; a cache that cannot be written costs time, not the result."""
    if not len(digests):
        return
    index = {"digests": list(digests), "sums": [zlib.crc32(row) for row in features]}
    name = uuid.uuid4().hex
    with contextlib.suppress(OSError):
        private_folder(_root() / key)
        with replacing(_root() / key / f"{name}.npy", private=True) as stream:
            np.save(stream, features, allow_pickle=False)
        write_text(_root() / key / f"{name}.json", json.dumps(index), private=True)
        prune()


def store_bad(key: str, reasons: Mapping[str, str]) -> None:
    """Keep why samples, by their digests, cannot be used."""
    if reasons:
        with contextlib.suppress(OSError):
            private_folder(_root() / key)
            write_text(
                _root() / key / f"{uuid.uuid4().hex}.bad.json", json.dumps(dict(reasons)), private=True
            )


def prune() -> None:
    """Remove the least lately used entries beyond ``LIMIT_BYTES``, and after a day what killed processes left."""
    entries: dict[Path, list[Path]] = {}
    for path in _listed(_root(), "*/*"):
        if _KEY.match(path.parent.name) and _FILE.match(path.name):  # nobody else's
            entries.setdefault(path.parent / path.name.split(".")[0], []).append(path)
    for folder in {path.parent for path in entries}:
        sweep(folder)
    aged = []
    for paths in entries.values():
        with contextlib.suppress(OSError):
            facts = [path.stat() for path in paths]
            used = max(fact.st_mtime for fact in facts)
            whole = any(path.suffix == ".json" for path in paths)
            if whole:
                aged.append((used, sum(fact.st_size for fact in facts), paths))
            elif time.time() - used > _DAY_S:
                _remove(paths)
    total = sum(size for _, size, _ in aged)
    for _, size, paths in sorted(aged):
        if total <= LIMIT_BYTES:
            break
        _remove(paths)
        total -= size


def _root() -> Path:
    return cache_root() / "features"


def _find_features(path: Path, places: Mapping[str, list[int]], lookup: Lookup) -> None:
    """Add the rows of an entry that are wanted and not found yet; each is checked against its sum."""
    data = path.with_suffix(".npy")
    try:
        index = parse_json(path.read_bytes())
        wanted = [
            (row, places[digest])
            for row, digest in enumerate(index["digests"])
            if digest in places and lookup.entry[places[digest][0]] < 0
        ]
        if not wanted:
            return
        features, sums = np.asarray(np.load(data, mmap_mode="c", allow_pickle=False)), index["sums"]
        sound = features.dtype == np.float32 and features.ndim == 2 and len(features) == len(sums)
        if not sound or any(zlib.crc32(features[row]) != sums[row] for row, _ in wanted):
            raise ValueError("damaged")
    except _DAMAGE:
        _remove((path, data))
        return
    for row, among in wanted:
        lookup.entry[among], lookup.row[among] = len(lookup.entries), row
    lookup.entries.append(features)
    _touch(path)


def _find_bad(path: Path, places: Mapping[str, list[int]], lookup: Lookup) -> None:
    try:
        reasons = parse_json(path.read_bytes())
        known = {
            place: str(reasons[digest]) for digest in reasons if digest in places for place in places[digest]
        }
    except _DAMAGE:
        _remove((path,))
        return
    lookup.bad.update(known)
    if known:
        _touch(path)


def _touch(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(path)


def _listed(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(path for path in folder.glob(pattern) if pattern != "*.json" or path.name[0] != ".")
    except OSError:
        return []


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
