"""Clips from folders, arrays, tensors and batches of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from evaluation.kinds.video import VIDEO
from evaluation.samples import Contents, Digests, Samples
from evaluation.samples.digests import array_digest, digests_of_files
from evaluation.samples.folder import samples_of_files
from evaluation.samples.memory import batches_of, unfit
from evaluation.samples.spool import spooled
from multigan.errors import DataError
from multigan.reading.columns import column_flags
from multigan.reading.curves import curve_at
from multigan.reading.video import VERSION, ClipFiles, Video, list_clips, read_clip

ALLOWED = (
    "videos are uint8 arrays [N, T, H, W, 3], float tensors [N, 3, T, H, W] in [-1, 1], Videos, or an iterable of such "
    "batches"
)
MOST_FRAMES = 64
"""Of a clip that is measured, at even times."""
_RATE_HZ = 8.0
"""Of arrays: it is nowhere measured, and says how fast the page shows them."""


def open_folder(path: Path, labels_column: str | None, links: str | None = None) -> Samples:
    """The clips of a folder: class folders, ``labels.csv`` or flat, or folders of frames."""
    files = list_clips(path, column_flags(label=labels_column, links=links))
    listing = files.listing

    def read(row: int) -> Video:
        curve = None
        if listing.labels is not None and files.curves[row] != "1":
            curve = listing.intensities[row] * curve_at(files.curves[row], MOST_FRAMES)
        return read_clip(files.paths(row), MOST_FRAMES, curve)

    samples = samples_of_files(VIDEO, path, listing, lambda path: path, VERSION)
    return replace(samples, read=read, digests=_digests(files))


def _digests(files: ClipFiles) -> Digests:
    """Those of the files of each clip together, and of its curve."""
    every = files.every_file
    of_files = digests_of_files(every.folder, every.names, f"video{VERSION}")
    ends = np.cumsum([len(names) for names in files.files])

    def digests(rows: Any = None, progress: Any = None) -> Sequence[str]:
        chosen = range(len(files.files)) if rows is None else [int(row) for row in rows]
        places = [range(int(ends[row]) - len(files.files[row]), int(ends[row])) for row in chosen]
        each = iter(of_files([place for part in places for place in part], progress))
        return [
            "-".join([*(next(each) for _ in part), files.curves[row], f"{files.listing.intensities[row]:g}"])
            for row, part in zip(chosen, places, strict=True)
        ]

    return digests


def from_memory(videos: Any) -> Contents:
    """Clips as ``ALLOWED`` says. Floats become x * 127.5 + 128, clamped, as a saved file has them."""
    if isinstance(videos, Sequence) and videos and all(isinstance(video, Video) for video in videos):
        return Contents(len(videos), lambda row: videos[row])
    n, stored = spooled(_frames(batches_of(videos, ALLOWED)), np.uint8)
    return Contents(n, lambda row: Video(stored(row), _RATE_HZ))


def recognises(data: Any) -> bool:
    """Whether data are clips: ``Video``, or five axes."""
    return isinstance(data, Video) or (isinstance(data, (np.ndarray, Tensor)) and data.ndim == 5)


def digest(video: Video) -> str:
    """What names a clip: its frames, and the curve that it was asked for."""
    curve = None if video.curve is None else np.asarray(video.curve, np.float32).tolist()
    return array_digest(video.frames, curve)


def _frames(batches: Iterable[Any]) -> Iterator[np.ndarray]:
    """uint8 [T, H, W, 3] one by one; a batch may also be one clip without its first axis."""
    for batch in batches:
        clips = batch.frames if isinstance(batch, Video) else batch
        if isinstance(clips, Tensor):
            clips = clips if clips.ndim == 5 else clips[None]
            if clips.ndim != 5 or clips.shape[1] != 3 or not clips.is_floating_point():
                raise DataError(unfit(batch, ALLOWED))
            if not float(clips.abs().max()) <= 16:
                raise DataError(f"The videos reach {float(clips.abs().max()):g}; {ALLOWED}.")
            pixels = (clips.detach().float() * 127.5 + 128).clamp(0, 255).byte()
            clips = pixels.permute(0, 2, 3, 4, 1).cpu().numpy()
        elif isinstance(clips, np.ndarray) and clips.ndim == 4:
            clips = clips[None]
        if (
            not isinstance(clips, np.ndarray)
            or clips.dtype != np.uint8
            or clips.ndim != 5
            or clips.shape[-1] != 3
        ):
            raise DataError(unfit(batch, ALLOWED))
        yield from clips
