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
def locked(folder: Path, option: str = "--out") -> Iterator[None]:
    """Hold the lock of ``folder``, which has to be there and which ``option`` names. ConfigError where another process does.

    A file system that knows no locks (some network drives) gives none, and the block goes on without.
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
            _take(handle)
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


def _holder(handle: int) -> str:
    """Whose lock it is, as far as the file tells."""
    with contextlib.suppress(OSError, ValueError):
        os.lseek(handle, 0, os.SEEK_SET)
        return f" (process {int(os.read(handle, 32))})"
    return ""


try:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

except ImportError:  # Windows
    import msvcrt

    def _take(handle: int) -> None:
        """One byte far beyond the content, so that the file can still be read."""
        os.lseek(handle, 2**30, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
