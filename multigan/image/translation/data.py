"""Pairs of pictures: drawn faces and their line drawings, or a person's: folders A and B, or two side by side in a file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from multigan.errors import DataError
from multigan.image.data import ImageArrays, fill_entry, look, open_images, splits_of
from multigan.image.translation.lines import VERSION as LINES_VERSION
from multigan.image.translation.lines import line_drawing
from multigan.image.translation.settings import PairData
from multigan.image.translation.unpaired import EMOTIONS, open_unpaired
from multigan.modality import Splits
from multigan.pairs import DerivedPairs, GivenPairs
from multigan.protocols import DescribedDataset
from multigan.reading import cache, prepare
from multigan.reading import image as reading
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.listing import IMAGES, Listing, list_files
from multigan.reading.prepare import Progress
from multigan.reading.split import split_of

CACHE = cache.Cache("pairs")
VERSION = 1
"""Of how pairs are read."""
FOLDERS = ("A", "B")


@dataclass(frozen=True)
class PairFiles:
    """Pairs of a folder: the place of each in two listings, or twice in one where both pictures lie side by side."""

    given: Listing
    made: Listing
    notes: tuple[str, ...]

    @property
    def side_by_side(self) -> bool:
        """Whether one file holds both pictures."""
        return self.given is self.made


def open_pairs(settings: PairData, folder: Path | None, progress: Progress) -> Splits:
    """Pictures [3, R, R] of ``folder``, each with the picture [3, R, R] that it is to be made of.

    Where it is None: drawn faces and their line drawings. Of unpaired pictures it is some other one, with planes of a label
    (``UnpairedPictures``). Copies of a picture that is to be made land on one side of the split. DataError where nothing is
    left to train on.
    """
    if settings.given == "unpaired":
        return open_unpaired(settings, folder, progress)
    if folder is None or settings.given == "lines":
        splits = open_images(settings.images(), folder, progress)
        return Splits(_with_lines(splits.train), _with_lines(splits.held_out), splits.notes)
    files = pair_files(settings, folder)
    made, n = files.made, len(files.made.names)
    words = ("pair", "pairs")
    split, notes = split_of(made.split, settings.columns(), settings.held_out, folder, *words)
    facts = [
        reading.VERSION, VERSION, settings.resolution, settings.direction, settings.fit, settings.background, split.fact
    ]  # fmt: skip

    def build(digests: Sequence[str], entry: Path) -> None:
        decoded = partial(_decoded, settings, files, progress)
        fill_entry((2 * settings.resolution, settings.resolution), made, split, decoded, digests[:n], entry)

    key, entry = prepare.prepared_files(CACHE, _all_files(files, folder), IMAGES, facts, build, progress)
    both = splits_of(entry, key, settings.mirror, (*files.notes, *notes))
    return Splits(_halved(both.train), _halved(both.held_out), both.notes)


def look_at(settings: PairData, folder: Path | None) -> tuple[str, ...]:
    """The labels of the pictures, nothing decoded; DataError where there are none."""
    if settings.given == "unpaired":
        return EMOTIONS if folder is None else ()
    if folder is None or settings.given == "lines":
        return look(settings.images(), folder)
    return pair_files(settings, folder).made.classes


def pair_files(settings: PairData, folder: Path) -> PairFiles:
    """The pairs of a folder; DataError where it holds A without B or B without A, or no picture has a partner."""
    here = [name for name in FOLDERS if (folder / name).is_dir()]
    if len(here) == 1:
        (missing,) = set(FOLDERS) - set(here)
        raise DataError(
            f"{folder} has a folder {here[0]} and no folder {missing}: pairs lie in both, under the same names. Add it, or "
            "give pictures that lie side by side in one file, or data.given=lines."
        )
    if not here:
        listing = list_files(folder, IMAGES, settings.columns())
        left = "left" if settings.direction == "AtoB" else "right"
        note = (
            f"There are no folders A and B in {folder}: each picture is read as two side by side, and the {left} half is "
            "what is given (data.direction)."
        )
        return PairFiles(listing, listing, (*listing.notes, note))
    first, second = (
        list_files(folder / name, IMAGES, columns)
        for name, columns in zip(FOLDERS, (settings.columns(), Columns(label=NONE, split=NONE)), strict=True)
    )
    return _matched(folder, first, second, settings.direction)


def halves(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The left and the right picture [H, W/2, 3] of two side by side [H, W, 3]; DataError for an odd width."""
    height, width = pixels.shape[:2]
    if width % 2:
        raise DataError(f"it has {width}x{height} pixels, and two pictures side by side have an even width")
    return pixels[:, : width // 2], pixels[:, width // 2 :]


def _with_lines(data: DescribedDataset) -> DerivedPairs:
    assert isinstance(data, ImageArrays)  # as ``open_images`` gives them
    return DerivedPairs(data, line_drawing, data.sample_shape, f"{data.digest}-lines-v{LINES_VERSION}")


def _halved(data: DescribedDataset) -> GivenPairs:
    """What is to be made lies above what is given."""
    assert isinstance(data, ImageArrays)  # as ``splits_of`` gives them
    side = data.images.shape[2]
    made, given = (replace(data, images=data.images[:, rows]) for rows in (slice(0, side), slice(side, None)))
    return GivenPairs(made, given, f"{data.digest}-pairs-v{VERSION}")


def _matched(folder: Path, first: Listing, second: Listing, direction: str) -> PairFiles:
    """Pictures of A and B that have the same name, or the same but for what follows the last full stop."""
    pairs = _partners(first.names, second.names)
    rows = [[pair[side] for pair in pairs] for side in (0, 1)]
    paired = {_stem(first.names[row]) for row in rows[0]}
    left: dict[bool, list[str]] = {False: [], True: []}
    for name, listing, kept in zip(FOLDERS, (first, second), rows, strict=True):
        for row in sorted({*range(len(listing.names))} - {*kept}):
            left[_stem(listing.names[row]) in paired].append(f"{name}/{listing.names[row]}")
    if not pairs:
        raise DataError(
            f"No picture in {folder / 'A'} has one of the same name in {folder / 'B'}: found {named(left[False])}. Give the "
            "two pictures of a pair the same name."
        )
    notes = (*first.notes, *second.notes)
    if left[False]:
        notes += (f"Left out, as nothing in the other folder has the same name: {named(left[False])}.",)
    if left[True]:
        notes += (f"Left out, as another of that name, with another suffix, is paired: {named(left[True])}.",)
    split = None if first.split is None else tuple(first.split[row] for row in rows[0])
    listings = [
        replace(
            listing,
            names=tuple(listing.names[row] for row in kept),
            labels=None,
            intensities=(1.0,) * len(kept),
            split=split,
        )
        for listing, kept in zip((first, second), rows, strict=True)
    ]
    given, made = listings if direction == "AtoB" else reversed(listings)
    return PairFiles(given, made, notes)


def _partners(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the two pictures of each pair: of one name, else the first of names that differ in the suffix."""
    places = {name: place for place, name in enumerate(second)}
    pairs = {place: places[name] for place, name in enumerate(first) if name in places}
    done = {_stem(first[place]) for place in pairs}
    by_stem = {_stem(name): place for place, name in reversed([*enumerate(second)])}
    for place, name in enumerate(first):
        stem = _stem(name)
        if stem in by_stem and stem not in done:
            pairs[place] = by_stem[stem]
            done.add(stem)
    return sorted(pairs.items())


def _stem(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()


def _all_files(files: PairFiles, folder: Path) -> Listing:
    """Every file, those of what is to be made first, for the key of the prepared pairs."""
    if files.side_by_side:
        return files.made
    names = [
        (listing.folder / name).relative_to(folder).as_posix()
        for listing in (files.made, files.given)
        for name in listing.names
    ]
    return Listing(folder, tuple(names), None, (1.0,) * len(names), ())


def _decoded(
    settings: PairData, files: PairFiles, progress: Progress, bad: dict[str, str]
) -> Iterator[tuple[int, np.ndarray]]:
    """Each pair as one picture [2R, R, 3], what is to be made above what is given."""
    how = (settings.resolution, settings.fit, settings.background)

    def pair(place: int) -> np.ndarray:
        path = files.made.folder / files.made.names[place]
        if files.side_by_side:
            parts = halves(reading.read_image(path, settings.background))
            given, made = parts if settings.direction == "AtoB" else reversed(parts)
            return np.concatenate([reading.squared(each, *how) for each in (made, given)])
        name = files.given.names[place]
        try:
            given = reading.decode(files.given.folder / name, *how)
        except DataError as error:
            raise DataError(f"its partner {name}: {error}") from error
        return np.concatenate([reading.decode(path, *how), given])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        yield from prepare.usable(files.made, IMAGES, pair, bad, progress, waiting=64)
