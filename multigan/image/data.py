"""Image data: a folder of real images, or faces that the package draws, as two memory-mapped splits."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multigan.emotions import NAMES
from multigan.image.settings import ImageData
from multigan.modality import Splits
from multigan.protocols import Batch
from multigan.reading import cache, prepare
from multigan.reading import image as reading
from multigan.reading.files import in_order, values_digest
from multigan.reading.listing import IMAGES, Listing, list_files
from multigan.reading.packed import packed_files, read_packed
from multigan.reading.prepare import Progress
from multigan.reading.split import Split, of_equal, split_of
from multigan.writing import new_file

CACHE = cache.Cache("images")


@dataclass(eq=False)
class ImageArrays:
    """One split of images as arrays (see ``multigan.modality.Dataset``).

    Where ``mirror`` is set the dataset is twice as long as ``images``: sample i + n is the mirror image of
    sample i. ``names`` and ``conditions`` are as long as the dataset.
    """

    images: np.ndarray
    """uint8 [n, R, R, 3], memory-mapped."""
    conditions: np.ndarray | None
    """float32 [N, C]: one-hot of the label times intensity; None where the data has no labels."""
    classes: np.ndarray | None
    """int64 [N]: the column of each label, which a condition of intensity 0 does not tell; None without labels."""
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """Paths relative to the folder, or "drawn/joy-00012"."""
    digest: str
    """A key of the content: equal digests, equal data."""
    mirror: bool = False
    sample_shape: tuple[int, ...] = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.sample_shape = (3, *self.images.shape[1:3])
        self.n_originals = len(self.images)

    def __len__(self) -> int:
        return len(self.images) * (2 if self.mirror else 1)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """float32 [N, 3, R, R] in [-1, 1], channels_last in memory, and the condition [N, C] or None."""
        rows = np.asarray(indices, dtype=np.int64)
        mirrored = (rows >= len(self.images)) & self.mirror
        pixels = self.images[np.where(mirrored, rows - len(self.images), rows)]
        if mirrored.any():
            pixels[mirrored] = pixels[mirrored, :, ::-1]
        real = _as_samples(pixels)
        return Batch(real, None if self.conditions is None else torch.from_numpy(self.conditions[rows]))

    def original(self, index: int) -> np.ndarray:
        """uint8 [R, R, 3]."""
        return self.images[index]


def _as_samples(pixels: np.ndarray) -> torch.Tensor:
    """uint8 [N, R, R, 3] -> float32 [N, 3, R, R] in [-1, 1]."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)


def read_image_sample(path: Path, data: ImageData) -> torch.Tensor:
    """A person's picture [3, R, R], fitted to the resolution as training images are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        return _as_samples(reading.decode(path, data.resolution, data.fit, data.background)[None].copy())[0]


def open_images(settings: ImageData, folder: Path | None, progress: Progress) -> Splits:
    """Real images of ``folder``, or drawn faces where it is None; prepared once, then read from the cache.

    The held-out split is chosen by the column of ``settings.split``, or by a hash of each file's content: names do not
    matter, copies land on one side, and a file that is added moves no other (but for the images that
    ``split.chosen_by_hash`` places by need, and those that it holds in another format).
    ``progress(what, done, total)`` is called while files are read or faces drawn. DataError when there is
    nothing to train on or the cache cannot be written.
    """
    if folder is None:
        key, notes = prepare.key_of(_drawn_facts(settings)), ()
        entry = CACHE.prepared(key, partial(_draw, settings, progress))
        return splits_of(entry, key, settings.mirror)
    files = packed_files(folder)
    packed = None if files is None else read_packed(folder, files, settings)
    listing = list_files(folder, IMAGES, settings) if packed is None else packed.listing
    words = (IMAGES.one, IMAGES.several)
    split, notes = split_of(listing.split, settings, settings.held_out, folder, *words)
    facts = [reading.VERSION, settings.resolution, settings.fit, settings.background, split.fact]
    size = (settings.resolution, settings.resolution)
    if packed is None:
        decoded = partial(_decoded, settings, listing, progress)
        build = partial(fill_entry, size, listing, split, decoded)
        key, entry = prepare.prepared_files(CACHE, listing, IMAGES, facts, build, progress)
    else:
        digests = [values_digest(pixels) for pixels in packed.arrays]
        key = prepare.key_of(["packed", *facts, listing.names, listing.labels, digests])
        decoded = partial(_squared, settings, packed.arrays, progress)
        build = partial(fill_entry, size, listing, split, decoded, digests)
        entry = CACHE.prepared(prepare.name_of_entry(key), build)
    return splits_of(entry, key, settings.mirror, (*listing.notes, *notes))


def look(settings: ImageData, folder: Path | None) -> tuple[str, ...]:
    """The labels of the images that ``open_images`` would open; nothing is decoded. DataError where there are none."""
    if folder is None:
        return NAMES
    files = packed_files(folder)
    if files is not None:
        return read_packed(folder, files, settings).listing.classes
    return list_files(folder, IMAGES, settings).classes


def splits_of(entry: cache.Entry, key: str, mirror: bool, notes: Sequence[str] = ()) -> Splits:
    """The two splits of a cache entry and its key; ``mirror``: training samples and their mirror images."""
    table = entry.table
    labels, names, n_train = tuple(table["labels"]), tuple(table["names"]), table["n_train"]

    def split(rows: slice, digest: str, mirror: bool) -> ImageArrays:
        classes, conditions = prepare.conditions_of(table, rows)
        copies = 1 + mirror
        if classes is not None and conditions is not None:
            classes, conditions = np.tile(classes, copies), np.tile(conditions, (copies, 1))
        own = names[rows] * copies
        return ImageArrays(entry.samples[rows], conditions, classes, labels, own, f"{key}-{digest}", mirror)

    train = split(slice(None, n_train), f"train{'-mirrored' * mirror}", mirror)
    return Splits(train, split(slice(n_train, None), "held-out", False), (*notes, *table["notes"]))


def _drawn_facts(settings: ImageData) -> list[Any]:
    from multigan.image.drawn import faces

    counts = [settings.drawn, settings.drawn_held_out, settings.seed]
    return ["drawn", faces.VERSION, settings.resolution, *counts]


def _draw(settings: ImageData, progress: Progress, folder: Path) -> None:
    """Fill a cache entry with drawn faces; the first are held out, whatever the number for training."""
    from multigan.image.drawn import faces

    n = settings.drawn + settings.drawn_held_out
    emotions, intensities, seeds = (np.asarray(facts) for facts in faces.face_labels(n, settings.seed))
    order = np.roll(np.arange(n), -settings.drawn_held_out)
    table = {
        "labels": NAMES,
        "names": [f"drawn/{NAMES[emotions[i]]}-{i:05d}" for i in order],
        "columns": emotions[order].tolist(),
        "intensities": intensities[order].tolist(),
        "n_train": settings.drawn,
        "notes": [],
    }

    def draw(rows: np.ndarray) -> np.ndarray:
        return faces.draw_faces(settings.resolution, emotions[rows], intensities[rows], seeds[rows])

    shape = (settings.resolution, settings.resolution, 3)
    parts = prepare.blocks(order.tolist(), math.prod(shape))
    done = np.cumsum([len(rows) for rows in parts]).tolist()
    drawn = in_order(draw, parts, lambda i: progress("drawing faces", done[i - 1], n))
    cache.write(folder, drawn, (n, *shape), np.uint8, table)


Decoded = Callable[[dict[str, str]], Iterator[tuple[int, np.ndarray]]]
"""(bad) -> the place of each image that can be read, and uint8 [R, R, 3], or [n, R, R, 3] of n pieces of it; ``bad`` gets
the names of the others, and why."""


def _decoded(
    settings: ImageData, listing: Listing, progress: Progress, bad: dict[str, str]
) -> Iterator[tuple[int, np.ndarray]]:
    """The images of files."""

    def pixels(place: int) -> np.ndarray:
        path = listing.folder / listing.names[place]
        return reading.decode(path, settings.resolution, settings.fit, settings.background)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        yield from prepare.usable(listing, IMAGES, pixels, bad, progress, waiting=256)


def _squared(
    settings: ImageData, arrays: Sequence[np.ndarray], progress: Progress, bad: dict[str, str]
) -> Iterator[tuple[int, np.ndarray]]:
    """Images that lie in arrays; without threads, among which such small pieces would only be handed about."""
    for place, pixels in enumerate(arrays):
        yield place, reading.squared(pixels, settings.resolution, settings.fit, settings.background)
        if not (place + 1) % 1000 or place + 1 == len(arrays):
            progress("preparing images", place + 1, len(arrays))


def fill_entry(
    size: tuple[int, int],
    listing: Listing,
    split: Split,
    decoded: Decoded,
    digests: Sequence[str],
    folder: Path,
) -> None:
    """Fill a cache entry with the images of a listing, all of one size (height, width), the training split first."""
    bad: dict[str, str] = {}
    good: list[int] = []
    numbers: list[int] = []
    samples: dict[int, str] = {}
    with new_file(folder / "decoded") as stream:
        for place, image in decoded(bad):
            stream.write(image.tobytes())
            samples[place] = values_digest(image)
            n_pieces = 1 if image.ndim == 3 else len(image)
            good += [place] * n_pieces
            numbers += range(n_pieces)
    prepare.refuse_unusable(listing, IMAGES, sorted({*good}), bad)
    notes = [prepare.skipped(bad)] if bad else []
    digests = of_equal(digests, samples)
    out = split.contents_held_out(list(dict.fromkeys(good)), listing.names, listing.labels, digests, notes)
    order = sorted(range(len(good)), key=lambda row: digests[good[row]] in out)
    places = [good[row] for row in order]
    table = prepare.table_of(
        listing,
        places,
        names=[f"{listing.names[good[row]]}{f'#{numbers[row]}' * (numbers[row] > 0)}" for row in order],
        n_train=sum(digests[place] not in out for place in places),
        notes=notes,
    )
    shape = (len(good), *size, 3)
    pixels = np.memmap(folder / "decoded", np.uint8, "r", shape=shape)
    parts = prepare.blocks(order, math.prod(shape[1:]))
    cache.write(folder, (pixels[rows] for rows in parts), shape, np.uint8, table)
    del pixels
    (folder / "decoded").unlink()
