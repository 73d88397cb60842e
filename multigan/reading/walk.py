"""Every file below a folder, links among them: those that stay inside it, and where that is allowed those that leave it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from multigan.errors import DataError
from multigan.reading.columns import FOLLOW, Columns
from multigan.reading.files import named
from multigan.reading.results import hidden, of_multigan

_DESCRIPTIONS = {"readme", "license", "licence"}
_OF_DESCRIPTIONS = {"", ".txt", ".md", ".rst"}
"""Suffixes that descriptions have: a picture may be called license.png."""


def describes(name: str) -> bool:
    """Whether a file of this name speaks of the data, and is none of them."""
    stem, suffix = os.path.splitext(name.lower())
    return stem in _DESCRIPTIONS and suffix in _OF_DESCRIPTIONS


@dataclass(frozen=True)
class Tree:
    """All files and folders below a folder that are not hidden, by name (relative, with "/"), and what to know of links."""

    names: tuple[str, ...]
    folders: tuple[str, ...]
    notes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    """Files in folders whose names begin with a dot, which are in none of the others."""

    def below(self, prefix: str) -> Tree:
        """What lies below the folder ``prefix`` ("a/b/")."""
        names, folders = (
            tuple(name[len(prefix) :] for name in names if name.startswith(prefix))
            for names in (self.names, self.folders)
        )
        return Tree(names, folders, self.notes, self.unseen)


def tree_of(folder: Path, columns: Columns, wanted: Callable[[str], bool]) -> Tree:
    """Everything below ``folder``; linked folders are followed, and a folder that lies above a link to it is not.

    Folders that multigan wrote results to are passed over, such as those of runs whose data are the folder they began in.

    ``wanted`` says whether a file of some last name is of interest. DataError for a link to such a file, or to a folder,
    that leads out of ``folder`` where ``columns.links`` does not allow it.
    """
    root = folder.resolve()
    names: list[str] = []
    folders: list[str] = []
    passed: list[str] = []
    results: list[str] = []
    unseen: list[str] = []
    reached: set[Path] = set()
    waiting: list[tuple[Path, str, tuple[Path, ...]]] = [(folder, "", (root,))]
    while waiting:
        place, prefix, above = waiting.pop()
        for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
            if hidden(entry.name):
                unseen += _inside(entry, prefix)
                continue
            name, is_folder = prefix + entry.name, entry.is_dir()
            path = above[-1] / entry.name if is_folder else folder
            if entry.is_symlink() and (is_folder or wanted(entry.name)):
                path = (above[-1] / entry.name).resolve()
                refuse_outside(folder, name, path, columns)
                if is_folder and (path in above or path in reached):
                    passed.append(name)
                    continue
                reached.add(path)
            if is_folder and of_multigan(place / entry.name):
                results.append(name)
            elif is_folder:
                folders.append(name)
                waiting.append((place / entry.name, f"{name}/", (*above, path)))
            else:
                names.append(name)
    notes = []
    if passed:
        who = "1 link is" if len(passed) == 1 else f"{len(passed)} links are"
        notes.append(
            f"{who} passed over, to a folder above or one that another link leads to: {named(sorted(passed))}."
        )
    if results:
        notes.append(f"Passed over, as results of multigan and no data: {named(sorted(results))}.")
    unseen = [name for name in unseen if (folder / name).parent.resolve() not in reached]
    return Tree(tuple(sorted(names)), tuple(sorted(folders)), tuple(notes), tuple(sorted(unseen)))


def _inside(entry: os.DirEntry[str], prefix: str) -> list[str]:
    """The files that lie in a folder whose name begins with a dot itself, and not below it."""
    if not entry.name.startswith(".") or not entry.is_dir():
        return []
    try:
        with os.scandir(entry.path) as inside:
            return [
                f"{prefix}{entry.name}/{one.name}" for one in inside if not hidden(one.name) and one.is_file()
            ]
    except OSError:
        return []


def refuse_outside(folder: Path, name: str, target: Path, columns: Columns) -> None:
    """DataError where ``target``, what a name below ``folder`` comes to, lies outside and may not."""
    if columns.links != FOLLOW and os.path.lexists(target) and not target.is_relative_to(folder.resolve()):
        raise DataError(
            f"{folder / name} is a link that leads out of {folder}, to {target}. If that is meant, say so with "
            f"{columns.setting('links', FOLLOW)}; or put the files themselves there."
        )


def passed_over(names: Iterable[str], what: str, formats: str, known: Collection[str] = ()) -> list[str]:
    """A note of how many files of which suffix are no ``what``; descriptions and files of ``known`` names do not count."""
    last = [name.rpartition("/")[2] for name in names]
    suffixes = Counter(
        os.path.splitext(name.lower())[1] for name in last if name not in known and not describes(name)
    )
    if not suffixes:
        return []
    return [f"Passed over, as no {what} that are read ({formats}): {counted(suffixes)}."]


def counted(suffixes: Counter[str]) -> str:
    """ "15 .m4a, 1 .txt"."""
    order = sorted(suffixes.items(), key=lambda item: (-item[1], item[0]))
    return named([f"{n:,} {suffix or 'without a suffix'}" for suffix, n in order], 10)
