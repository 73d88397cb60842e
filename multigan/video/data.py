"""Video data: a folder of real clips, or clips of faces that the package draws, as two memory-mapped splits."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multigan.emotions import NAMES
from multigan.modality import Splits
from multigan.protocols import Batch
from multigan.reading import cache, prepare
from multigan.reading import video as reading
from multigan.reading.curves import curve_at
from multigan.reading.files import in_order, values_digest
from multigan.reading.prepare import Progress
from multigan.reading.split import Split, of_equal, split_of
from multigan.reading.video import CLIPS, ClipFiles, Video, list_clips
from multigan.video.settings import VideoData
from multigan.writing import new_file

CACHE = cache.Cache("videos")
_WAITING = 16


@dataclass(eq=False)
class VideoArrays:
    """One split of clips as arrays (see ``multigan.protocols.DescribedDataset``)."""

    clips: np.ndarray
    """uint8 [N, T, R, R, 3], memory-mapped."""
    conditions: np.ndarray | None
    """float32 [N, T, C]: one-hot of the label times the intensity at each frame; None where the data has no labels."""
    classes: np.ndarray | None
    """int64 [N]: the column of each label; None without labels."""
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """Paths relative to the folder, or "drawn/joy-00012"."""
    digest: str
    """A key of the content: equal digests, equal data."""
    rate_hz: float
    sample_shape: tuple[int, ...] = field(init=False)
    condition_shape: tuple[int, ...] = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_originals, n_frames, height, width, _ = self.clips.shape
        self.sample_shape = (3, n_frames, height, width)
        self.condition_shape = (n_frames, len(self.labels)) if self.labels else ()

    def __len__(self) -> int:
        return self.n_originals

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """float32 [N, 3, T, R, R] in [-1, 1], and the condition [N, T, C] or None."""
        rows = np.asarray(indices, dtype=np.int64)
        real = torch.from_numpy(self.clips[rows]).permute(0, 4, 1, 2, 3).to(torch.float32)
        real = real.contiguous().div_(127.5).sub_(1)
        return Batch(real, None if self.conditions is None else torch.from_numpy(self.conditions[rows]))

    def original(self, index: int) -> Video:
        """The clip, with the curve of its intensity where it has a label."""
        curve = None if self.conditions is None else self.conditions[index].max(1)
        return Video(np.asarray(self.clips[index]), self.rate_hz, curve)


def open_videos(settings: VideoData, folder: Path | None, progress: Progress) -> Splits:
    """Real clips of ``folder``, or drawn faces where it is None; prepared once, then read from the cache.

    The held-out split is chosen as that of images is (``multigan.image.data.open_images``). ``progress(what, done, total)``
    is called while files are read or clips drawn. DataError when there is nothing to train on or the cache cannot be
    written.
    """
    if folder is None:
        key, notes = prepare.key_of(_drawn_facts(settings)), ()
        entry = CACHE.prepared(key, partial(_draw, settings, progress))
        return Splits(*_splits(settings, entry, key), notes)
    files = list_clips(folder, settings)
    listing, words = files.listing, (CLIPS.one, CLIPS.several)
    split, notes = split_of(listing.split, settings, settings.held_out, folder, *words)
    facts = [
        reading.VERSION,
        settings.frames,
        settings.resolution,
        settings.fit,
        settings.background,
        split.fact,
    ]
    facts += [files.files, files.curves]
    build = partial(_read, settings, files, split, progress)
    key, entry = prepare.prepared_files(CACHE, files.every_file, CLIPS, facts, build, progress)
    return Splits(*_splits(settings, entry, key), (*listing.notes, *notes, *entry.table["notes"]))


def look(settings: VideoData, folder: Path | None) -> tuple[str, ...]:
    """The labels of the clips that ``open_videos`` would open; nothing is decoded. DataError where there are none."""
    return NAMES if folder is None else list_clips(folder, settings).listing.classes


def _splits(settings: VideoData, entry: cache.Entry, key: str) -> tuple[VideoArrays, VideoArrays]:
    table = entry.table
    labels, names, n_train = tuple(table["labels"]), tuple(table["names"]), table["n_train"]
    curves = np.asarray(table["curves"], np.float32)

    def split(rows: slice, digest: str) -> VideoArrays:
        classes, conditions = prepare.conditions_of(table, rows)
        if conditions is not None:
            conditions = (conditions > 0)[:, None] * curves[rows, :, None]
        own = f"{key}-{digest}"
        return VideoArrays(
            entry.samples[rows], conditions, classes, labels, names[rows], own, settings.rate_hz
        )

    return split(slice(None, n_train), "train"), split(slice(n_train, None), "held-out")


def _drawn_facts(settings: VideoData) -> list[Any]:
    from multigan.image.drawn import faces
    from multigan.video import drawn

    counts = [settings.drawn, settings.drawn_held_out, settings.seed]
    return ["drawn", faces.VERSION, drawn.VERSION, settings.frames, settings.resolution, *counts]


def _draw(settings: VideoData, progress: Progress, folder: Path) -> None:
    """Fill a cache entry with drawn clips; the first are held out, whatever the number for training."""
    from multigan.video import drawn

    n = settings.drawn + settings.drawn_held_out
    emotions, curves, seeds = drawn.clip_labels(n, settings.frames, settings.seed)
    order = np.roll(np.arange(n), -settings.drawn_held_out)
    table = {
        "labels": NAMES,
        "names": [f"drawn/{NAMES[emotions[i]]}-{i:05d}" for i in order],
        "columns": emotions[order].tolist(),
        "intensities": [1.0] * n,
        "curves": curves[order].tolist(),
        "n_train": settings.drawn,
        "notes": [],
    }

    def draw(rows: np.ndarray) -> np.ndarray:
        return drawn.draw_clips(settings.resolution, emotions[rows], curves[rows], seeds[rows])

    shape = (settings.frames, settings.resolution, settings.resolution, 3)
    parts = prepare.blocks(order.tolist(), math.prod(shape))
    done = np.cumsum([len(rows) for rows in parts]).tolist()
    made = in_order(draw, parts, lambda i: progress("drawing clips", done[i - 1], n), waiting=_WAITING)
    cache.write(folder, made, (n, *shape), np.uint8, table)


def _read(
    settings: VideoData,
    files: ClipFiles,
    split: Split,
    progress: Progress,
    of_files: Sequence[str],
    folder: Path,
) -> None:
    """Fill a cache entry with the clips of a listing, the training split first; ``of_files``: the digest of every file."""
    listing = files.listing
    by_name = dict(zip(files.every_file.names, of_files, strict=True))
    digests = [
        hashlib.sha256("\n".join(by_name[name] for name in names).encode()).hexdigest()
        for names in files.files
    ]
    bad: dict[str, str] = {}
    good: list[int] = []
    samples: dict[int, str] = {}

    def decoded(place: int) -> np.ndarray:
        return reading.decode(
            files.paths(place), settings.frames, settings.resolution, settings.fit, settings.background
        )

    with new_file(folder / "decoded") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        for place, clip in prepare.usable(listing, CLIPS, decoded, bad, progress, waiting=_WAITING):
            stream.write(clip.tobytes())
            samples[place] = values_digest(clip)
            good.append(place)
    prepare.refuse_unusable(listing, CLIPS, good, bad)
    notes = [prepare.skipped(bad)] if bad else []
    digests = of_equal(digests, samples)
    out = split.contents_held_out(good, listing.names, listing.labels, digests, notes)
    order = sorted(range(len(good)), key=lambda row: digests[good[row]] in out)
    places = [good[row] for row in order]
    table = prepare.table_of(
        listing,
        places,
        names=[listing.names[place] for place in places],
        n_train=sum(digests[place] not in out for place in places),
        notes=notes,
    )
    table["intensities"] = [1.0] * len(places)
    table["curves"] = [
        (listing.intensities[place] * curve_at(files.curves[place], settings.frames)).tolist()
        for place in places
    ]
    shape = (len(good), settings.frames, settings.resolution, settings.resolution, 3)
    pixels = np.memmap(folder / "decoded", np.uint8, "r", shape=shape)
    parts = prepare.blocks(order, math.prod(shape[1:]))
    cache.write(folder, (pixels[rows] for rows in parts), shape, np.uint8, table)
    del pixels
    (folder / "decoded").unlink()
