"""Prepared samples on disk: written once, whole or not at all, and memory-mapped afterwards.

An entry is a folder ``<cache>/<kind>/<key>`` with ``samples.npy`` (one row a sample), ``table.json``, and ``sums.json``,
with which both are compared each time they are opened: a damaged entry is prepared anew. Its owner alone can read it: it
holds copies of what may be private.
It is written under a temporary name and renamed, so that a killed run leaves nothing that would be used, and
of two runs that prepare the same data at once one wins and both are right.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from multigan.errors import DataError
from multigan.reading.files import cache_root, in_order
from multigan.reading.json import parse_json
from multigan.writing import draft_folder, new_file, private_folder, remove, write_text

_SAMPLES = "samples.npy"
_TABLE = "table.json"
_SUMS = "sums.json"
_BLOCK_BYTES = 2**22


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
            text = (folder / _TABLE).read_bytes()
            if [zlib.crc32(text), _sums_of(folder / _SAMPLES)] != parse_json((folder / _SUMS).read_bytes()):
                return None
            table = parse_json(text)
            samples = np.load(folder / _SAMPLES, mmap_mode="r", allow_pickle=False)
            return Entry(np.asarray(samples), table) if len(samples) == len(table["names"]) else None
        except Exception:  # noqa: BLE001 (a damaged header is Python to numpy, and makes it raise almost anything)
            return None

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
            write_text(note, key, private=True)

    def _note(self, quick_key: str) -> Path:
        return self.folder / "seen" / quick_key

    def _publish(self, key: str, build: Callable[[Path], None]) -> None:
        private_folder(self.folder)
        try:
            with draft_folder(self.folder) as draft:
                build(draft)
                if self.find(key) is None:
                    remove(self.folder / key)
                    draft.rename(self.folder / key)
        except OSError:
            if self.find(key) is None:  # otherwise another run was faster, and its entry is the same
                raise


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
    with new_file(folder / _SAMPLES, private=True) as stream:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, header)
        for block in blocks:
            stream.write(np.ascontiguousarray(block, dtype=dtype).data)
    text = json.dumps(table)
    write_text(folder / _TABLE, text, private=True)
    sums = [zlib.crc32(text.encode()), _sums_of(folder / _SAMPLES)]
    write_text(folder / _SUMS, json.dumps(sums), private=True)


def _sums_of(path: Path) -> list[int]:
    """A checksum of each block of a file; several threads take about as long as reading does."""

    def block_sum(start: int) -> int:
        with path.open("rb", buffering=0) as stream:
            stream.seek(start)
            return zlib.crc32(stream.read(_BLOCK_BYTES))

    starts = range(0, path.stat().st_size, _BLOCK_BYTES)
    return list(in_order(block_sum, starts) if len(starts) > 1 else map(block_sum, starts))
