"""Prepared images on disk: written once, whole or not at all, and memory-mapped afterwards.

An entry is a folder ``<cache>/images/<key>`` with ``images.npy`` (uint8 [N, R, R, 3]) and ``table.json``.
It is written under a temporary name and renamed, so that a killed run leaves nothing that would be used, and
of two runs that prepare the same data at once one wins and both are right.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from multigan.errors import DataError
from multigan.reading.files import cache_root

_IMAGES = "images.npy"
_TABLE = "table.json"
_DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class Entry:
    """``images`` uint8 [N, R, R, 3], memory-mapped; ``table``: JSON values, with "names", one an image."""

    images: np.ndarray
    table: dict[str, Any]


def prepared(key: str, build: Callable[[Path], None]) -> Entry:
    """The entry ``key``; ``build(folder)`` fills it (see ``write``) the first time.

    DataError when the cache cannot be written.
    """
    entry = find(key)
    if entry is not None:
        return entry
    try:
        _publish(key, build)
    except OSError as error:
        raise DataError(
            f"Cannot write the image cache {cache_root()}: {error.strerror or error}. "
            "Set the environment variable MULTIGAN_CACHE to a folder with space that can be written."
        ) from error
    entry = find(key)
    if entry is None:
        raise DataError(f"The image cache {_images() / key} cannot be read back; remove it and start again.")
    return entry


def find(key: str) -> Entry | None:
    """The entry ``key``; None where there is none or it is damaged."""
    folder = _images() / key
    try:
        table = json.loads((folder / _TABLE).read_text(encoding="utf-8"))
        images = np.load(folder / _IMAGES, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return Entry(np.asarray(images), table) if len(images) == len(table["names"]) else None


def write(folder: Path, images: Iterable[np.ndarray], shape: tuple[int, ...], table: dict[str, Any]) -> None:
    """Fill an entry with ``shape[0]`` images, given in blocks [n, R, R, 3], and its table.

    The blocks are written as a file is, not through a memory map, where a full disk would kill the process.
    """
    with (folder / _IMAGES).open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": shape})
        for block in images:
            stream.write(np.ascontiguousarray(block, dtype=np.uint8).data)
    (folder / _TABLE).write_text(json.dumps(table), encoding="utf-8")


def recall(quick_key: str) -> str | None:
    """The content key that was found for this state of a folder's files, or None."""
    try:
        return _note(quick_key).read_text(encoding="ascii")
    except (OSError, ValueError):
        return None


def remember(quick_key: str, key: str) -> None:
    """Keep the content key for ``recall``; if that fails the next start reads the files again."""
    with contextlib.suppress(OSError):
        note = _note(quick_key)
        note.parent.mkdir(parents=True, exist_ok=True)
        draft = note.with_name(f".{note.name}-{os.getpid()}")
        draft.write_text(key, encoding="ascii")
        draft.replace(note)


def _images() -> Path:
    return cache_root() / "images"


def _note(quick_key: str) -> Path:
    return _images() / "seen" / quick_key


def _publish(key: str, build: Callable[[Path], None]) -> None:
    _images().mkdir(parents=True, exist_ok=True)
    _sweep()
    draft = _images() / f".{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        build(draft)
        if find(key) is None:
            shutil.rmtree(_images() / key, ignore_errors=True)
            draft.rename(_images() / key)
    except OSError:
        if find(key) is None:  # otherwise another run was faster, and its entry is the same
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sweep() -> None:
    """Remove drafts that killed runs left behind more than a day ago."""
    for draft in _images().glob(".*"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _DAY_S:
                shutil.rmtree(draft, ignore_errors=True)
