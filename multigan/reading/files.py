"""Files that are read once and known again: where caches lie, what tells a file, and many read at once in order."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from multigan.errors import DataError

if TYPE_CHECKING:
    import numpy as np

A = TypeVar("A")
B = TypeVar("B")
Mark = tuple[int, int, int]
NOTHING = hashlib.sha256().hexdigest()
"""The digest of an empty file, and of one that cannot be read."""
_WAITING = 256
_SETTLED_NS = 2_000_000_000
"""A file changed less than this before it was read may change again without its time changing."""


def cache_root() -> Path:
    """$MULTIGAN_CACHE, else $XDG_CACHE_HOME/multigan, else ~/.cache/multigan; DataError where there is no home folder."""
    chosen = os.environ.get("MULTIGAN_CACHE")
    if chosen:
        return expanded(Path(chosen))
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else expanded(Path("~/.cache"))) / "multigan"


def expanded(path: Path) -> Path:
    """A path with the home folder for "~"; DataError where there is none."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise DataError(
            f"There is no home folder for {path}: set the environment variable HOME, or MULTIGAN_CACHE to a folder for "
            "prepared data."
        ) from error


def named(items: Sequence[str], at_most: int = 5) -> str:
    """The first few items, and how many more there are."""
    shown = ", ".join(item.encode("utf-8", "backslashreplace").decode() for item in items[:at_most])
    return shown if len(items) <= at_most else f"{shown} and {len(items) - at_most} more"


def mark(path: Path) -> Mark:
    """Size and times of a file; the last is that of a change of any kind, which cannot be set back."""
    try:
        state = path.stat()
    except OSError:
        return (-1, 0, 0)
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


def settled(before: Mark, now_ns: int) -> bool:
    """Whether a file that had the mark ``before`` at the time ``now_ns`` shows any later change by another mark."""
    return max(before[1:]) < now_ns - _SETTLED_NS


def content_digest(path: Path) -> str:
    """SHA-256 of a file's content; ``NOTHING`` where it cannot be read (reading it as a sample tells why)."""
    if not path.is_file():
        return NOTHING
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return NOTHING


def values_digest(values: np.ndarray) -> str:
    """SHA-256 of the values of an array, whatever file they came from."""
    return hashlib.sha256(values.tobytes()).hexdigest()


def in_order(
    function: Callable[[A], B],
    items: Iterable[A],
    tick: Callable[[int], None] | None = None,
    *,
    threads: int | None = None,
    waiting: int = _WAITING,
) -> Generator[B, None, None]:
    """``function`` of every item, in order, by as many threads as there are cores; at most ``waiting`` run ahead.

    What ``function`` raises is raised at its turn. Close the iterator to stop early: it then waits only for what runs.
    ``tick(n)`` is called when the n-th result has been dealt with.
    """
    pool = ThreadPoolExecutor(threads or os.cpu_count())
    ahead: deque[Future[B]] = deque()

    def results() -> Iterator[B]:
        for item in items:
            if len(ahead) == waiting:
                yield ahead.popleft().result()
            ahead.append(pool.submit(function, item))
        while ahead:
            yield ahead.popleft().result()

    try:
        for n, result in enumerate(results(), 1):
            yield result
            if tick:
                tick(n)
    finally:
        pool.shutdown(cancel_futures=True)
