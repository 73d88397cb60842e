"""Folders that multigan wrote its results to: among data they are no data."""

from __future__ import annotations

import os
from pathlib import Path

from multigan.reading.files import named

_NO_DATA = {"__MACOSX"}
"""What archives made on a Mac hold beside the data."""
_MARKS = (
    ("run.json", "recipe.yaml"),
    ("family.json", "family.yaml"),
    ("augmentation.json", "augmentation.yaml"),
    ("report.json", ".multigan.json"),
)
"""Files that lie together in the folder of a run, of several runs, and of an evaluation."""


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is never looked at."""
    return name.startswith(".") or name in _NO_DATA


def of_multigan(folder: Path) -> bool:
    """Whether ``folder`` is that of a run, several runs or a report, or holds nothing but such folders."""
    if any(all((folder / name).is_file() for name in mark) for mark in _MARKS):
        return True
    empty = True
    with os.scandir(folder) as entries:
        for entry in entries:
            if hidden(entry.name):
                continue
            empty = False
            if not entry.is_dir(follow_symlinks=False) or not of_multigan(Path(entry.path)):
                return False
    return not empty


def found_in(folder: Path) -> str:
    """What lies in a folder without data: "nothing", or "only" these names, and what to do where they are results."""
    names = sorted(os.listdir(folder))
    if not names:
        return "nothing"
    if any((folder / name).is_dir() and of_multigan(folder / name) for name in names):
        return f"only {named(names)}, and results of multigan are passed over: give the folder samples of one run"
    return f"only {named(names)}"
