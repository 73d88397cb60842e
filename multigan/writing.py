"""How multigan writes files: each is made anew under a name of its own and then takes its place, whole or not at all.

A folder may have come from somebody else. So a new file is made by this process alone (no link in its place is followed),
under a name that nobody can foresee, and takes the place of a link rather than of what the link leads to.
No other module opens a file to write; a test looks for that.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from multigan.errors import ConfigError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The numbers of the errors that a full disk gives."""
_DRAFT = re.compile(r"^\.multigan-[0-9a-f]{32}\.partial$")
_DAY_S = 86_400
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def new_file(path: Path, *, private: bool = False) -> BinaryIO:
    """A file that is not there yet, open for writing; FileExistsError where anything is, be it a link to nowhere.

    ``private``: its owner alone can read it.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o600 if private else 0o666)
    return os.fdopen(handle, "wb")


@contextlib.contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file ``path`` at the end of the block; an error leaves what was there.

    OSErrors of writing name ``path``. The folder has to be there. ``private``: its owner alone can read it.
    """
    draft = draft_beside(path)
    try:
        with new_file(draft, private=private) as stream:
            yield stream
        os.replace(draft, path)
    except OSError as error:
        if error.filename in (None, str(draft)):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()


def write_bytes(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a small file, which is on the disk before it takes its place; ``private``: its owner alone can read it."""
    with replacing(path, private=private) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """``write_bytes`` of UTF-8."""
    write_bytes(path, text.encode(), private=private)


def append_line(path: Path, line: str) -> None:
    """Add a line to a log, which may be new; OSError where a link is in its place, or what is no file."""
    with growing(path) as stream:
        stream.write(f"{line}\n".encode())


@contextlib.contextmanager
def growing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file that is added to at its end, or begun anew by ``truncate(0)``; OSError as of ``append_line``.

    OSErrors of writing name ``path``. ``private``: a new one is its owner's alone.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_WAIT | _NO_FOLLOW  # a pipe would wait for a reader
    try:
        with os.fdopen(os.open(path, flags, 0o600 if private else 0o666), "ab") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError(errno.ENXIO, "")
            yield stream
    except OSError as error:
        error.filename = str(path)
        if path.is_symlink():
            error.strerror = "it is a symbolic link, and none is followed"
        elif error.errno == errno.ENXIO:
            error.strerror = "it is no regular file"
        raise


def settle(draft: Path, path: Path) -> None:
    """A finished file that lies in the folder of ``path`` takes its place."""
    os.replace(draft, path)


# ---- folders ----


def make_folder(folder: Path, within: Path | None = None) -> None:
    """Make a folder to write to, with those above it.

    ``within``: a folder that a person named, which ``folder`` lies in: ConfigError where a symbolic link leads out of it.
    """
    if within is not None:
        refuse_links(folder, within)
    folder.mkdir(parents=True, exist_ok=True)


def private_folder(folder: Path) -> Path:
    """Make a folder that its owner alone can look into, and its parents with it where they are not there."""
    absent = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(absent):
        path.mkdir(mode=0o700, exist_ok=True)
    return folder


def refuse_links(folder: Path, within: Path) -> None:
    """ConfigError where a part of ``folder`` below ``within`` is a symbolic link."""
    place = within
    for part in folder.relative_to(within).parts:
        place = place / part
        if place.is_symlink():
            raise ConfigError(
                f"{place} is a symbolic link (to {os.readlink(place)}), and multigan follows none to write inside "
                f"{within}; put a real folder in its place, or remove it."
            )


def draft_beside(path: Path) -> Path:
    """A name beside ``path`` that nobody can foresee, for what is going to take its place (see ``sweep``)."""
    return path.with_name(f".multigan-{secrets.token_hex(16)}.partial")


@contextlib.contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """A new folder inside ``folder``, of this process alone, which is gone after the block."""
    sweep(folder)
    draft = draft_beside(folder / "draft")
    draft.mkdir(mode=0o700)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove the drafts that killed processes left in ``folder`` more than a day ago, and nothing else."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _DRAFT.match(path.name):
                with contextlib.suppress(OSError):
                    if time.time() - path.lstat().st_mtime > _DAY_S:
                        remove(path)


def remove(path: Path) -> None:
    """Remove a file, a link (not what it leads to) or a folder, where it is there and that can be done."""
    with contextlib.suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)
