"""Standard error without the lines that a C library prints there by itself."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_lock = threading.Lock()
_n_inside = 0
_held: tuple[int, IO[bytes]] | None = None
"""The descriptor of the real standard error, and what takes its place, while somebody is inside."""


@contextmanager
def without_lines(pattern: re.Pattern[bytes]) -> Iterator[None]:
    """Lines that match are dropped; what others print, from any thread, comes out when the last one has left."""
    _enter()
    try:
        yield
    finally:
        _leave(pattern)


def _enter() -> None:
    global _n_inside, _held
    with _lock:
        _n_inside += 1
        if _n_inside > 1:
            return
        try:
            if sys.stderr is not None:
                sys.stderr.flush()
            kept = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever leaves last)
            _held = os.dup(2), kept
            os.dup2(kept.fileno(), 2)
        except OSError:  # no standard error, or no place for a file: nothing is kept off then
            _held = None


def _leave(pattern: re.Pattern[bytes]) -> None:
    global _n_inside, _held
    with _lock:
        _n_inside -= 1
        if _n_inside or _held is None:
            return
        real, kept = _held
        _held = None
        os.dup2(real, 2)
        os.close(real)
        with kept:
            kept.seek(0)
            others = b"".join(line for line in kept if line.strip() and not pattern.search(line))
        while others:
            others = others[os.write(2, others) :]
