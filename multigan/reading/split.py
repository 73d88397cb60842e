"""Which samples are kept out of training: those that a column of their table names, or a stable share of their contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multigan.emotions import ordered
from multigan.errors import DataError
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.folders import TRAINING


def chosen_by_hash(classes: Iterable[set[str]], share: float) -> set[str]:
    """Which contents (hexadecimal digests) are held out, given those of each class.

    Held out are the digests that, read as a fraction, lie below ``share``; of a class that would vanish from
    training its largest stays there, and where nothing is left to hold out, the smallest other digest is.
    """
    classes = list(classes)
    everything = set().union(*classes)
    kept = {max(digests) for digests in classes}
    chosen = {digest for digest in everything if int(digest[:16], 16) < share * 2**64} - kept
    return chosen or set(sorted(everything - kept)[:1])


def of_equal(digests: Sequence[str], samples: Mapping[int, str]) -> list[str]:
    """The digests [N] of files, with one digest for files that hold the same sample in other bytes, such as PNG and TIFF.

    ``samples`` are digests of what is read, at the size at which it is learnt, by the file's place. They stand for the
    files of which there are several such; of all others the digest stays, and so does the side.
    """
    files: dict[str, set[str]] = {}
    for place, sample in samples.items():
        files.setdefault(sample, set()).add(digests[place])
    several = {place: sample for place, sample in samples.items() if len(files[sample]) > 1}
    return [several.get(place, digest) for place, digest in enumerate(digests)]


@dataclass(frozen=True)
class Split:
    """How the samples of some data are split; ``source``, ``one`` and ``several`` name the data, a sample and samples."""

    columns: Columns
    share: float
    """Of the contents, where no column says more."""
    chosen: tuple[bool, ...] | None
    """Which samples [N] the column of the split holds out; None where there is none."""
    source: Path
    one: str
    several: str
    where: str = ""
    """What the samples that are held out have, in words."""

    @property
    def fact(self) -> Any:
        """A JSON value that tells splits of the same samples apart."""
        return self.share if self.chosen is None else list(self.chosen)

    def contents_held_out(
        self,
        places: Sequence[int],
        names: Sequence[str],
        labels: Sequence[Any] | None,
        digests: Sequence[str],
        notes: list[str],
    ) -> set[str]:
        """The digests of the contents that are held out, of the samples at ``places`` of all [N].

        A copy of what is held out is held out too; ``notes`` are what is known so far, and get a sentence that says so.
        DataError where that leaves nothing on a side, or nothing of a class to train on.
        """
        if self.chosen is not None:
            return self._by_column(places, names, labels, digests, notes)
        classes: dict[Any, set[str]] = {}
        for place in places:
            classes.setdefault(labels[place] if labels else "", set()).add(digests[place])
        out = chosen_by_hash(classes.values(), self.share)
        if not out:
            raise DataError(
                f"The {len(places)} {self.several} in {self.source} cannot be split into training and held-out data: "
                f"that takes at least two different {self.several} of one class. Add {self.several}."
            )
        return out

    def _by_column(
        self,
        places: Sequence[int],
        names: Sequence[str],
        labels: Sequence[Any] | None,
        digests: Sequence[str],
        notes: list[str],
    ) -> set[str]:
        assert self.chosen is not None
        where, one = self.where, self.one
        out = {digests[place] for place in places if self.chosen[place]}
        trained = [place for place in places if digests[place] not in out]
        if not out or not trained:
            which = f"has {where}" if not out else f"is left for training beside those of {where}"
            remedy = f"{which}; add some, or hold out {self._others()}. {' '.join(notes)}"
            raise DataError(f"No readable {one} in {self.source} {remedy}".rstrip())
        if labels:
            lost = ordered({labels[place] for place in places} - {labels[place] for place in trained})
            if lost:
                raise DataError(
                    f"The class {lost[0]!r} in {self.source} has no {one} for training: all of it has {where}, or a copy "
                    f"that has. Add others, remove the class, or hold out {self._others()}."
                )
        copies = [names[place] for place in places if digests[place] in out and not self.chosen[place]]
        if copies:
            notes.append(f"Held out with {where}, as copies of {self.several} that are: {named(copies)}.")
        return out

    def _others(self) -> str:
        """What else can be held out."""
        by_hash = f"what a hash of the contents chooses ({self.columns.setting('split', NONE)})"
        if not self.columns.split_column:
            return by_hash
        return f"something else ({self.columns.setting('split', 'COLUMN=VALUE')}) or {by_hash}"


def split_of(
    values: Sequence[str] | None, columns: Columns, share: float, source: Path, one: str, several: str
) -> tuple[Split, tuple[str, ...]]:
    """The split of samples that have these ``values`` in the column of the split, and what to know of it.

    ``values`` are None where there is no such column; where none is asked for, they are the folders of a split, and all but
    the training one are held out. DataError where no sample is held out, or all are.
    """
    column, value = columns.split_column, columns.split_value
    of_folders = columns.split != NONE and any(value.lower() in TRAINING for value in values or ())
    if column is None and not of_folders:
        return Split(columns, share, None, source, one, several), ()
    if column is None and values is not None:
        chosen = tuple(side.lower() not in TRAINING for side in values)
        names = " or ".join(sorted({side for side, out in zip(values, chosen, strict=True) if out}))
        note = (
            f"The {sum(chosen):,} {several} in {names} are held out, and the other {len(chosen) - sum(chosen):,} are for "
            f"training ({columns.setting('split', NONE)} lets a hash of the contents choose)."
        )
        return Split(columns, share, chosen, source, one, several, f"the side {names}"), (note,)
    if values is None:
        note = (
            f"{source} has no table with a column {column!r}: what is held out ({share:g} of the {several}) is chosen by a "
            "hash of their contents."
        )
        return Split(columns, share, None, source, one, several), (note,)
    chosen = tuple(cell == value for cell in values)
    if chosen and (all(chosen) or not any(chosen)):
        who, lack = ("Every", "left to train on") if all(chosen) else ("No", "held out")
        raise DataError(
            f"{who} {one} in {source} has {column}={value} in its table, so that nothing is {lack}; the values of "
            f"{column} are {named(sorted(set(values)), 10)}. Name another ({columns.setting('split', 'COLUMN=VALUE')}), or "
            f"let a hash of the contents choose ({columns.setting('split', 'none')})."
        )
    return Split(columns, share, chosen, source, one, several, f"{column}={value}"), ()
