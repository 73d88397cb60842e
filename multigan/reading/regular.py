"""Files of a folder that somebody else may have made: a pipe in the place of one would keep a reader waiting for ever."""

from __future__ import annotations

import errno
from pathlib import Path


def content(path: Path) -> bytes:
    """The content of a regular file; OSError for anything else."""
    refuse_other(path)
    return path.read_bytes()


def refuse_other(path: Path) -> None:
    """OSError where there is no file, or where a pipe, a device or a folder is in its place."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
