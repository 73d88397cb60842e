"""Prepared samples on disk: written once, whole or not at all, and memory-mapped afterwards.

An entry is a folder ``<cache>/<kind>/<key>`` with ``samples.npy`` (one row a sample) and ``table.json``, which its owner
alone can read: it holds copies of what may be private. ``table.json`` has a digest of itself and the form of the samples.
It is written under a temporary name and renamed, so that a killed run leaves nothing that would be used, and
of two runs that prepare the same data at once one wins and both are right.
"""

from __future__ import annotations

import contextlib
import hashlib
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
from numpy.typing import DTypeLike

from multigan.errors import DataError
from multigan.reading.files import cache_root, private_file, private_folder
from multigan.reading.json import parse_json

_SAMPLES = "samples.npy"
_TABLE = "table.json"
_DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class Entry:
    """``samples`` [N, ...], memory-mapped; ``table``: JSON values, with "names", one a sample."""

    samples: np.ndarray
    table: dict[str, Any]


@dataclass(frozen=True)
class Cache:
    """The entries of one kind, such as "images"."""

    kind: str

    @property
    def folder(self) -> Path:
        return cache_root() / self.kind

    def prepared(self, key: str, build: Callable[[Path], None]) -> Entry:
        """The entry ``key``; ``build(folder)`` fills it (see ``write``) the first time.

        DataError when the cache cannot be written.
        """
        entry = self.find(key)
        if entry is not None:
            return entry
        try:
            self._publish(key, build)
        except OSError as error:
            raise DataError(
                f"Cannot write the cache {cache_root()}: {error.strerror or error}. "
                "Set the environment variable MULTIGAN_CACHE to a folder with space that can be written."
            ) from error
        entry = self.find(key)
        if entry is None:
            raise DataError(f"The cache {self.folder / key} cannot be read back; remove it and start again.")
        return entry

    def find(self, key: str) -> Entry | None:
        """The entry ``key``; None where there is none or it is damaged."""
        folder = self.folder / key
        try:
            written = parse_json((folder / _TABLE).read_bytes())
            table, array = written["table"], written["array"]
            if _digest(table, array) != written["digest"]:
                return None
            samples = np.load(folder / _SAMPLES, mmap_mode="r", allow_pickle=False)
        except Exception:  # noqa: BLE001 (a damaged header is Python to numpy, and makes it raise almost anything)
            return None
        sound = [samples.dtype.str, list(samples.shape)] == array and len(samples) == len(table["names"])
        return Entry(np.asarray(samples), table) if sound else None

    def recall(self, quick_key: str) -> str | None:
        """The content key that was found for this state of a folder's files, or None."""
        try:
            return self._note(quick_key).read_text(encoding="ascii")
        except (OSError, ValueError):
            return None

    def remember(self, quick_key: str, key: str) -> None:
        """Keep the content key for ``recall``; if that fails the next start reads the files again."""
        with contextlib.suppress(OSError):
            note = self._note(quick_key)
            private_folder(note.parent)
            draft = note.with_name(f".{note.name}-{os.getpid()}")
            with private_file(draft) as stream:
                stream.write(key.encode("ascii"))
            draft.replace(note)

    def _note(self, quick_key: str) -> Path:
        return self.folder / "seen" / quick_key

    def _publish(self, key: str, build: Callable[[Path], None]) -> None:
        private_folder(self.folder)
        self._sweep()
        draft = private_folder(self.folder / f".{uuid.uuid4().hex}")
        try:
            build(draft)
            if self.find(key) is None:
                shutil.rmtree(self.folder / key, ignore_errors=True)
                draft.rename(self.folder / key)
        except OSError:
            if self.find(key) is None:  # otherwise another run was faster, and its entry is the same
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove drafts that killed runs left behind more than a day ago."""
        for draft in self.folder.glob(".*"):
            with contextlib.suppress(OSError):
                if time.time() - draft.stat().st_mtime > _DAY_S:
                    shutil.rmtree(draft, ignore_errors=True)


def write(
    folder: Path,
    blocks: Iterable[np.ndarray],
    shape: tuple[int, ...],
    dtype: DTypeLike,
    table: dict[str, Any],
) -> None:
    """Fill an entry with ``shape[0]`` samples, given in blocks [n, *shape[1:]], and its table.

    The blocks are written as a file is, not through a memory map, where a full disk would kill the process.
    """
    dtype = np.dtype(dtype)
    with private_file(folder / _SAMPLES) as stream:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, header)
        for block in blocks:
            stream.write(np.ascontiguousarray(block, dtype=dtype).data)
    array = [dtype.str, list(shape)]
    table = json.loads(json.dumps(table))
    written = {"digest": _digest(table, array), "array": array, "table": table}
    with private_file(folder / _TABLE) as stream:
        stream.write(json.dumps(written).encode())


def _digest(table: Any, array: Any) -> str:
    return hashlib.sha256(json.dumps([table, array]).encode()).hexdigest()
