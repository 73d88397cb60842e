"""What folders mean: a single one around the data, a split, or labels; and where that cannot be told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from multigan.emotions import NAMES, ordered
from multigan.errors import DataError
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named

TRAINING = {"train", "training", "train_set"}
_SIDES = {
    *TRAINING,
    *("test", "testing", "val", "valid", "validation", "dev", "eval", "evaluation"),
    *("test_set", "val_set", "valid_set", "validation_set"),
    *("publictest", "privatetest"),  # of FER2013
}
_SPEAKER = re.compile(
    r"(?:actor|actress|speaker|spk|singer|subject|subj|person|participant|user|voice|sub)[ _-]?\d+|(?:id|p)\d{3,}",
    re.I,
)
_RAVDESS = re.compile(r"(?:\d\d-){6}\d\d")
_EMOTIONS = {
    *NAMES,
    *(
        "happy",
        "happiness",
        "sad",
        "angry",
        "fearful",
        "afraid",
        "surprised",
        "disgusted",
        "contempt",
        "boredom",
    ),
}


@dataclass(frozen=True)
class Layout:
    """Files in folders: ``names`` with a label each, or None for all, and the side of a split of each, or None."""

    names: tuple[str, ...]
    labels: tuple[str, ...] | None
    sides: tuple[str, ...] | None
    loose: tuple[str, ...]
    """Files beside the class folders."""
    notes: tuple[str, ...] = ()


def wrapper(names: Sequence[str], folders: Sequence[str], tables: Sequence[str]) -> str:
    """The folders, each the only one in that before it, that lie around the files ``names``; "" or ending with "/".

    ``folders`` are all folders that there are, ``tables`` files that say what others are. A folder that holds files
    itself, and no table, is a class.
    """
    with_table = {table[: table.rfind("/") + 1] for table in tables}
    prefix = ""
    while True:
        here = _directly(folders, prefix)
        if len(here) != 1 or not names or prefix in with_table or _directly(names, prefix):
            return prefix
        inside = f"{here[0]}/"
        if inside not in with_table and _directly(names, inside):
            return prefix
        prefix = inside


def _directly(names: Sequence[str], prefix: str) -> list[str]:
    """Those of the names that lie in the folder ``prefix`` itself."""
    return [name for name in names if name.startswith(prefix) and "/" not in name[len(prefix) :]]


def sides(names: Sequence[str]) -> tuple[str, ...] | None:
    """The folder of each file where the outermost ones are the sides of a split: train, and test or validation."""
    tops = [name.split("/")[0] for name in names if "/" in name]
    lower = {top.lower() for top in tops}
    is_split = len(tops) == len(names) and len(lower) > 1 and lower <= _SIDES and bool(lower & TRAINING)
    return tuple(tops) if is_split else None


def note_of_sides(tops: Sequence[str], columns: Columns, what: str = "folders") -> str:
    """What is said of folders that make a split, or would where ``columns`` ask for no other."""
    which = f"The {what} {' and '.join(sorted(set(tops)))}"
    if columns.split is None:
        return f"{which} are taken for the sides of a split."
    return f"{which} are put together, and none of them is held out as a whole."


def layout(names: Sequence[str], columns: Columns, one: str) -> Layout:
    """Class folders, those below the sides of a split (``train`` and ``test``), or flat files; ``one``: what one is called.

    DataError where the folders may mean something else than labels.
    """
    tops = sides(names)
    if tops is None:
        return _classes(names, columns, one)
    parts = {}
    for top in sorted(set(tops)):
        inside = [name.removeprefix(f"{top}/") for name in names if name.startswith(f"{top}/")]
        parts[top] = _classes(inside, columns, one)
    notes = dict.fromkeys(
        (note_of_sides(tops, columns), *(note for part in parts.values() for note in part.notes))
    )
    if all(part.labels is None for part in parts.values()):
        return Layout(tuple(names), None, tops, (), tuple(notes))
    _refuse_different(parts)
    rows = [
        (f"{top}/{name}", label, top)
        for top, part in parts.items()
        for name, label in zip(part.names, part.labels or (), strict=False)
    ]
    loose = tuple(f"{top}/{name}" for top, part in parts.items() for name in part.loose)
    kept, labels, of_rows = zip(*sorted(rows), strict=True)
    return Layout(kept, labels, of_rows, loose, tuple(notes))


def _refuse_different(parts: Mapping[str, Layout]) -> None:
    """DataError where a side of a split has no class folder in common with training."""
    classes = {top: set(part.labels or ()) for top, part in parts.items()}
    training = set().union(*(labels for top, labels in classes.items() if top.lower() in TRAINING))
    for top, labels in classes.items():
        if not labels & training:
            raise DataError(
                f"The folders {' and '.join(parts)} look like the sides of a split, but {top} holds "
                f"{_folders(labels)} and training {_folders(training)}. Give them the same class folders, say the labels in "
                "a labels.csv, or give the training folder alone."
            )


def _folders(labels: set[str]) -> str:
    return f"the folders {named(ordered(labels))}" if labels else "no class folder"


def _classes(names: Sequence[str], columns: Columns, one: str) -> Layout:
    inside = tuple(name for name in names if "/" in name)
    if not inside:
        return Layout(tuple(names), None, None, ())
    loose = tuple(name for name in names if "/" not in name)
    labels = tuple(name.split("/")[0].strip() for name in inside)
    notes = [] if columns.label == NONE else _refuse_unclear(inside, columns, one)
    return Layout(inside, labels, None, loose, tuple(notes))


def _refuse_unclear(names: Sequence[str], columns: Columns, one: str) -> list[str]:
    """DataError where class folders look like speakers or hold folders of emotions; a note where all hold the same ones."""
    inner: dict[str, set[str]] = {}
    for name in names:
        top, *below = name.split("/")
        inner.setdefault(top, set()).update(below[:1] if len(below) > 1 else ())
    if len(inner) < 2:
        return []
    tops, within = sorted(inner), sorted(set().union(*inner.values()))
    if any(top.strip().lower() in _EMOTIONS for top in tops):
        return []
    emotions = [name for name in within if name.strip().lower() in _EMOTIONS]
    speakers = all(_SPEAKER.fullmatch(top) for top in tops)
    if speakers or len(emotions) > 1:
        what = "look like speakers" if speakers else f"hold folders such as {named(emotions, 3)}"
        hint = ""
        stem = names[0].rpartition("/")[2].rpartition(".")[0]
        if _RAVDESS.fullmatch(stem):
            hint = f" Names such as {stem} are RAVDESS's, whose third number is the emotion."
        raise DataError(
            f"Which folders are labels is not clear: {named(tops, 3)} would be, but {what}.{hint} Say the label of each "
            f"{one} in a labels.csv with the columns file and emotion, or use none ({columns.setting('label', NONE)})."
        )
    common = set.intersection(*inner.values())
    if len(common) > 1:
        return [
            f"The labels are the names of the outer folders ({named(tops, 3)}), each of which holds the folders "
            f"{named(sorted(common), 3)}; if those are the labels, say so in a labels.csv."
        ]
    return []
