"""A folder that one process at a time may work in; the lock dies with its process, however that ends."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from multigan.errors import ConfigError

FILE = ".lock"
"""Stays in the folder: removing it would let two processes lock two files of that name."""
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


@contextlib.contextmanager
def locked(folder: Path, option: str = "--out", *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of ``folder``, which has to be there and which ``option`` names. ConfigError where another process does.

    ``wait``: until that one lets go, for what takes a moment. A file system that knows no locks (some network drives) gives
    none, and the block goes on without.
    """
    path = folder / FILE
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o666)
    except OSError as error:
        raise ConfigError(
            f"Cannot write to {folder}: {error.strerror} ({path}). Choose another {option}."
        ) from error
    try:
        try:
            _take(handle, wait)
        except OSError as error:
            if error.errno in _TAKEN:
                raise ConfigError(
                    f"Another multigan{_holder(handle)} is at work in {folder}; wait until it ends or stop it, or choose "
                    f"another {option}."
                ) from error
        else:
            with contextlib.suppress(OSError):  # a full disk: the lock holds without a name
                os.ftruncate(handle, 0)
                os.lseek(handle, 0, os.SEEK_SET)
                os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)  # which lets go of the lock


def at_work(folder: Path) -> int | None:
    """The process that has the lock of ``folder``; None where nobody has.

    The lock is tried only where the process that the file names is there, so that none that begins meanwhile is refused.
    """
    try:
        handle = os.open(folder / FILE, os.O_RDWR | _NO_FOLLOW)
    except OSError:
        return None
    process = _named(handle)
    try:
        if process is None or not _is_there(process):
            return None
        _take(handle)
    except OSError as error:
        return process if error.errno in _TAKEN else None
    else:
        return None
    finally:
        os.close(handle)


def _is_there(process: int) -> bool:
    if os.name == "nt":
        return True  # signal 0 would end it there; the lock tells
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _holder(handle: int) -> str:
    """Whose lock it is, as far as the file tells."""
    process = _named(handle)
    return "" if process is None else f" (process {process})"


def _named(handle: int) -> int | None:
    """The process that the file names."""
    with contextlib.suppress(OSError, ValueError):
        os.lseek(handle, 0, os.SEEK_SET)
        process = int(os.read(handle, 32))
        return process if process > 0 else None
    return None


try:
    import fcntl

    def _take(handle: int, wait: bool = False) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))

except ImportError:  # Windows
    import msvcrt

    def _take(handle: int, wait: bool = False) -> None:
        """One byte far beyond the content, so that the file can still be read; ``wait``: ten seconds at most."""
        os.lseek(handle, 2**30, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
