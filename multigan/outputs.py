"""Which files in a folder multigan wrote: those it replaces, and a person's own it never does.

A folder that it writes results to has ``.multigan.json``: the SHA-256 of each such file, and which generator it is of. What
is not listed there, or not as it was written, is somebody's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multigan.errors import ConfigError
from multigan.reading import regular
from multigan.reading.json import parse_json
from multigan.writing import draft_folder, make_folder, write_bytes, write_text

try:
    import fcntl
except ImportError:  # of Windows: two commands that write to one folder at a time are then not kept apart
    fcntl = None

MANIFEST = ".multigan.json"
Merge = Callable[[bytes | None], bytes]
"""(what the file holds, None where there is none) -> what it is to hold."""


@dataclass
class Stage:
    """Files on their way to a folder."""

    folder: Path
    """Where they are written first; each takes its name from here."""
    merges: dict[str, Merge] = field(default_factory=dict)
    """Files that are joined to what is there, by name."""


@contextlib.contextmanager
def publishing(folder: Path, *, by: str = "", merges: Iterable[str] = ()) -> Iterator[Stage]:
    """Fill ``Stage.folder``; at the end of the block its files take their places in ``folder``, or after an error none.

    ``by`` names the generator that they are of: those of another one are not replaced. ``merges``: the names of files that
    will be joined to what is there, which are looked at first. ConfigError where a file would take the place of one
    that multigan did not write.
    """
    was_there = folder.is_dir()
    make_folder(folder)
    try:
        refuse_others(folder, merges, by)
        with draft_folder(folder) as draft:
            stage = Stage(draft)
            yield stage
            with _alone(folder):
                _take_places(folder, stage, by)
    except OSError as error:
        name = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else Path()
        if name.parent.parent == folder and name.parent.name.startswith(".multigan-"):
            error.filename = str(folder / name.name)  # what a person knows, in place of the draft
        raise
    finally:
        if not was_there:
            with contextlib.suppress(OSError):  # only where it is empty
                folder.rmdir()


def refuse_others(folder: Path, names: Iterable[str], by: str = "") -> None:
    """ConfigError where one of these files is in ``folder`` and may not be replaced: see ``publishing``."""
    known = _known(folder)
    for name in names:
        path = folder / name
        if not os.path.lexists(path):
            continue
        entry = known.get(name)
        if path.is_symlink():
            raise ConfigError(
                f"{path} is a symbolic link (to {os.readlink(path)}), and multigan neither follows nor replaces it; "
                "remove it, or choose another --out."
            )
        if not path.is_file() or entry is None or _digest(path) not in entry["sha256"]:
            raise ConfigError(
                f"{path} is not as multigan wrote it, so that it is not replaced; choose another --out, or move it away."
            )
        if entry["by"] != by:
            raise ConfigError(
                f"{path} is of another run or checkpoint, and is not replaced; choose another --out."
            )


def clear(folder: Path) -> None:
    """Remove the files in ``folder`` that multigan wrote; a person's own and what has been changed since stay."""
    for name, entry in _known(folder).items():
        path = folder / name
        with contextlib.suppress(OSError):
            if not path.is_symlink() and _digest(path) in entry["sha256"]:
                path.unlink()


def written(folder: Path) -> Collection[str]:
    """The names of the files in ``folder`` that multigan wrote."""
    return _known(folder).keys()


def _take_places(folder: Path, stage: Stage, by: str) -> None:
    for name, merge in stage.merges.items():
        refuse_others(folder, (name,), by)
        path = folder / name
        write_bytes(stage.folder / name, merge(path.read_bytes() if path.exists() else None))
    names = sorted(path.name for path in stage.folder.iterdir())
    refuse_others(folder, names, by)
    known = _known(folder)
    for name in names:
        # the old one too: a kill from here on leaves either, and both are multigan's
        before = [_digest(folder / name)] if (folder / name).exists() else []
        known[name] = {"sha256": sorted({*before, _digest(stage.folder / name)}), "by": by}
    write_text(folder / MANIFEST, json.dumps({"files": known}, indent=0) + "\n")
    tables = set(stage.merges)
    for name in sorted(names, key=lambda name: (name in tables, name)):  # what names files comes after them
        os.replace(stage.folder / name, folder / name)


def _known(folder: Path) -> dict[str, Any]:
    """Name -> its entry; {} where there is no manifest, or what is there is none."""
    path = folder / MANIFEST
    try:
        files = None if path.is_symlink() else parse_json(regular.content(path))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    if not isinstance(files, dict):
        return {}
    return {name: entry for name, entry in files.items() if _is_entry(name, entry)}


def _is_entry(name: str, entry: object) -> bool:
    return (
        name == Path(name).name
        and isinstance(entry, Mapping)
        and isinstance(entry.get("sha256"), list)
        and isinstance(entry.get("by"), str)
    )


def _digest(path: Path) -> str:
    regular.refuse_other(path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process changes the files of ``folder``, where the system has a way to."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
