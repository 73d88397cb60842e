"""Image data: a folder of real images, or faces that the package draws, as two memory-mapped splits."""

from __future__ import annotations

import hashlib
import json
import re
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from PIL import ImageColor

from multigan.config import settings
from multigan.emotions import NAMES, ordered
from multigan.errors import DataError
from multigan.image import cache
from multigan.modality import Batch, Splits
from multigan.reading import image as reading
from multigan.reading.files import content_digest, in_order, mark, named, settled
from multigan.reading.listing import IMAGES, Listing, list_files

Progress = Callable[[str, int, int], None]


@settings
class ImageData:
    """How images are read. ``background`` lies under transparency and padding."""

    resolution: int = 32
    fit: Literal["crop", "pad"] = "pad"
    """crop: the centre square; pad: the whole picture, centred on the background."""
    background: str = "white"
    labels_column: str | None = None
    """The column of labels.csv that holds the labels; None: the first of emotion, label, class."""
    held_out: float = 0.1
    """The share of the images that is kept out of training."""
    mirror: bool = False
    """Train on the mirror image of every picture too."""
    drawn: int = 16_000
    """Faces drawn for training where no folder is given."""
    drawn_held_out: int = 2_000
    seed: int = 0
    """Of the drawn faces."""

    def __post_init__(self) -> None:
        if self.resolution not in (16, 32, 64, 128, 256, 512, 1024):
            raise ValueError(f"a resolution is a power of two from 16 to 1024, and {self.resolution} is not")
        written = re.fullmatch("#[0-9a-fA-F]{6}", self.background)
        if not written and self.background not in ImageColor.colormap:
            raise ValueError(f"a background is a colour name or #rrggbb, and {self.background!r} is neither")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is a share between 0 and 1, and {self.held_out} is not")
        if self.drawn < 1 or self.drawn_held_out < 1:
            raise ValueError("drawn and drawn_held_out are at least 1 each")


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

    def __post_init__(self) -> None:
        self.sample_shape = (3, *self.images.shape[1:3])

    def __len__(self) -> int:
        return len(self.images) * (2 if self.mirror else 1)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """float32 [N, 3, R, R] in [-1, 1], channels_last in memory, and the condition [N, C] or None."""
        rows = np.asarray(indices, dtype=np.int64)
        mirrored = (rows >= len(self.images)) & self.mirror
        pixels = self.images[np.where(mirrored, rows - len(self.images), rows)]
        if mirrored.any():
            pixels[mirrored] = pixels[mirrored, :, ::-1]
        real = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)
        return Batch(real, None if self.conditions is None else torch.from_numpy(self.conditions[rows]))


def open_images(settings: ImageData, folder: Path | None, progress: Progress) -> Splits:
    """Real images of ``folder``, or drawn faces where it is None; prepared once, then read from the cache.

    The held-out split is chosen by a hash of each file's content: names do not matter, copies land on one
    side, and a file that is added moves no other (but for the images that ``_held_out`` places by need).
    ``progress(what, done, total)`` is called while files are read or faces drawn. DataError when there is
    nothing to train on or the cache cannot be written.
    """
    if folder is None:
        key, notes = _key(_drawn_facts(settings)), ()
        entry = cache.prepared(key, partial(_draw, settings, progress))
    else:
        listing = list_files(folder, IMAGES, settings.labels_column)
        notes = listing.notes
        key, entry = _prepared(settings, listing, progress)
    train, held_out = _splits(entry, key, settings.mirror)
    return Splits(train, held_out, (*notes, *entry.table["notes"]))


def _prepared(settings: ImageData, listing: Listing, progress: Progress) -> tuple[str, cache.Entry]:
    """The cache entry of a listing and its key. Files are read only when a name, size or time has changed."""
    facts = [reading.VERSION, settings.resolution, settings.fit, settings.background, settings.held_out]
    facts += [listing.names, listing.labels, listing.intensities]
    paths, n = [listing.folder / name for name in listing.names], len(listing.names)
    now, marks = time.time_ns(), [mark(path) for path in paths]
    quick_key = _key(["quick", str(listing.folder.resolve()), *facts, marks])
    key = cache.recall(quick_key)
    entry = None if key is None else cache.find(key)
    if key is not None and entry is not None:
        return key, entry
    digests = list(in_order(content_digest, paths, lambda done: progress("reading images", done, n)))
    key = _key(["content", *facts, digests])
    entry = cache.prepared(key, partial(_read, settings, listing, digests, progress))
    if all(settled(seen, now) for seen in marks):
        cache.remember(quick_key, key)
    return key, entry


def _splits(entry: cache.Entry, key: str, mirror: bool) -> tuple[ImageArrays, ImageArrays]:
    images, table = entry.images, entry.table
    labels, names, n_train = tuple(table["labels"]), tuple(table["names"]), table["n_train"]

    def split(rows: slice, digest: str, mirror: bool) -> ImageArrays:
        copies = 1 + mirror
        conditions = classes = None
        if labels:
            classes = np.tile(np.asarray(table["columns"][rows], np.int64), copies)
            conditions = np.zeros((len(classes), len(labels)), np.float32)
            conditions[np.arange(len(classes)), classes] = np.tile(table["intensities"][rows], copies)
        held = names[rows] * copies
        return ImageArrays(images[rows], conditions, classes, labels, held, f"{key}-{digest}", mirror)

    train = split(slice(None, n_train), f"train{'-mirrored' * mirror}", mirror)
    return train, split(slice(n_train, None), "held-out", False)


def _drawn_facts(settings: ImageData) -> list[Any]:
    from multigan.image import faces

    counts = [settings.drawn, settings.drawn_held_out, settings.seed]
    return ["drawn", faces.VERSION, settings.resolution, *counts]


def _draw(settings: ImageData, progress: Progress, folder: Path) -> None:
    """Fill a cache entry with drawn faces; the first are held out, whatever the number for training."""
    from multigan.image import faces

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

    parts = _blocks(order.tolist(), settings.resolution)
    done = np.cumsum([len(rows) for rows in parts]).tolist()
    drawn = in_order(draw, parts, lambda i: progress("drawing faces", done[i - 1], n))
    cache.write(folder, drawn, (n, settings.resolution, settings.resolution, 3), table)


def _read(
    settings: ImageData, listing: Listing, digests: Sequence[str], progress: Progress, folder: Path
) -> None:
    """Fill a cache entry with the images of a listing, the training split first."""
    good, bad = _decode_all(settings, listing, progress, folder / "decoded")
    _refuse_unusable(listing, good, bad)
    labels = listing.labels or ("",) * len(listing.names)
    classes: dict[str, set[str]] = {}
    for i in good:
        classes.setdefault(labels[i], set()).add(digests[i])
    held = _held_out(classes.values(), settings.held_out)
    if not held:
        raise DataError(
            f"The {len(good)} images in {listing.folder} cannot be split into training and held-out data: "
            "that takes at least two different images of one class. Add images."
        )
    order = sorted(range(len(good)), key=lambda row: digests[good[row]] in held)
    chosen = [good[row] for row in order]
    table = {
        "labels": listing.classes,
        "names": [listing.names[i] for i in chosen],
        "columns": [listing.classes.index(labels[i]) for i in chosen] if listing.labels else [],
        "intensities": [listing.intensities[i] for i in chosen],
        "n_train": sum(digests[i] not in held for i in chosen),
        "notes": [_skipped(bad)] if bad else [],
    }
    shape = (len(good), settings.resolution, settings.resolution, 3)
    decoded = np.memmap(folder / "decoded", np.uint8, "r", shape=shape)
    cache.write(folder, (decoded[rows] for rows in _blocks(order, settings.resolution)), shape, table)
    del decoded
    (folder / "decoded").unlink()


def _decode_all(
    settings: ImageData, listing: Listing, progress: Progress, target: Path
) -> tuple[list[int], dict[str, str]]:
    """Write the pixels of what can be read to ``target``: (their places, name -> why not)."""

    def pixels(name: str) -> np.ndarray | str:
        path = listing.folder / name
        try:
            return reading.decode(path, settings.resolution, settings.fit, settings.background)
        except DataError as error:
            return str(error)

    good, bad, n = [], {}, len(listing.names)
    with target.open("wb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        results = in_order(pixels, listing.names, lambda done: progress("preparing images", done, n))
        for i, result in enumerate(results):
            if isinstance(result, str):
                bad[listing.names[i]] = result
            else:
                stream.write(result.tobytes())
                good.append(i)
    return good, bad


def _refuse_unusable(listing: Listing, good: Sequence[int], bad: dict[str, str]) -> None:
    if len(good) < 2:
        skipped = f" {_skipped(bad)}" if bad else ""
        raise DataError(
            f"{listing.folder} holds {'1 readable image' if good else 'no readable image'}, and at least 2 "
            f"are needed: looked for {reading.FORMATS_IN_WORDS} files.{skipped}"
        )
    if listing.labels is None:
        return
    label_of = dict(zip(listing.names, listing.labels, strict=True))
    lost = ordered(set(listing.labels) - {listing.labels[i] for i in good})
    if lost:
        unread = {name: reason for name, reason in bad.items() if label_of[name] == lost[0]}
        raise DataError(
            f"The class {lost[0]!r} in {listing.folder} has no readable image: looked for "
            f"{reading.FORMATS_IN_WORDS} files. {_skipped(unread)} Add images of that class or remove it."
        )


def _skipped(bad: dict[str, str]) -> str:
    count = "1 file was" if len(bad) == 1 else f"{len(bad)} files were"
    return f"{count} skipped: {named([f'{name} ({reason})' for name, reason in bad.items()])}."


def _held_out(classes: Iterable[set[str]], share: float) -> set[str]:
    """Which contents (hexadecimal digests) are held out, given those of each class.

    Held out are the digests that, read as a fraction, lie below ``share``; of a class that would vanish from
    training its largest stays there, and where nothing is left to hold out, the smallest other digest is.
    """
    classes = list(classes)
    everything = set().union(*classes)
    kept = {max(digests) for digests in classes}
    held = {digest for digest in everything if int(digest[:16], 16) < share * 2**64} - kept
    return held or set(sorted(everything - kept)[:1])


def _key(facts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _blocks(order: Sequence[int], resolution: int) -> list[np.ndarray]:
    """``order`` in parts of about 3 MB."""
    size = max(1, 2**20 // resolution**2)
    return [np.asarray(order[start : start + size]) for start in range(0, len(order), size)]
