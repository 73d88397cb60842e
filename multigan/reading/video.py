"""Clips of moving pictures from files: GIF, WebP, and video files through PyAV; or folders whose pictures are the frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from multigan.errors import DataError
from multigan.reading import image as pictures
from multigan.reading.columns import Columns
from multigan.reading.curves import written
from multigan.reading.filetable import TABLES
from multigan.reading.listing import IMAGES, Kind, Listing, list_files
from multigan.reading.results import hidden, of_multigan
from multigan.reading.tables import open_table

VERSION = 1
"""Part of every cache key: raise it when the pixels made from a file change."""
ANIMATIONS = frozenset({".gif", ".webp"})
FILMS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi"})
FORMATS_IN_WORDS = "GIF, WebP, MP4, MOV, WebM, MKV or AVI"
CLIPS = Kind("clip", "clips", FORMATS_IN_WORDS, ANIMATIONS | FILMS)
_FRAMES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".ppm"})
CURVE = "curve"
"""The column of a table beside clips that says how their intensity moves."""
NO_PYAV = (
    "video files are read and written through PyAV, which is not installed: pip install 'multigan[video]' (or give clips as "
    "GIF or WebP)"
)
USUAL_MS = 100
"""How long a frame is shown that does not say so."""
MOST_FRAMES = 10_000
"""Of a file that is read."""
LONGEST_SIDE = 256
"""Of a frame that is measured: whole clips are in memory, and features look at fewer pixels."""


@dataclass(frozen=True, eq=False)
class Video:
    """A clip: frames uint8 [T, H, W, 3], ``rate_hz`` a second, and where it is known the intensity [T] asked for at each."""

    frames: np.ndarray
    rate_hz: float
    curve: np.ndarray | None = None


@dataclass(frozen=True)
class ClipFiles:
    """Clips and the files that each is made of: one, or a folder's pictures in the order of their names."""

    listing: Listing
    """Its names are those of files, or of folders."""
    files: tuple[tuple[str, ...], ...]
    """Of each clip, relative to the listing's folder."""
    curves: tuple[str, ...]
    """Of each clip, "1" where nobody says otherwise."""

    @property
    def every_file(self) -> Listing:
        """All files in a row, with the labels of their clips."""
        owners = [i for i, names in enumerate(self.files) for _ in names]
        labels, split = self.listing.labels, self.listing.split
        return replace(
            self.listing,
            names=tuple(name for names in self.files for name in names),
            labels=None if labels is None else tuple(labels[i] for i in owners),
            intensities=tuple(self.listing.intensities[i] for i in owners),
            split=None if split is None else tuple(split[i] for i in owners),
        )

    def paths(self, place: int) -> list[Path]:
        """The files of a clip."""
        return [self.listing.folder / name for name in self.files[place]]


def list_clips(folder: Path, columns: Columns | str | None = None) -> ClipFiles:
    """The clips in ``folder``; nothing is decoded. DataError when there are none.

    Files are listed as images and sounds are (``multigan.reading.listing``). Where there is none, folders of at least two
    pictures are clips, and the folder above such a folder names its label, where there is one below ``folder``.
    """
    if folder.is_dir() and not _holds(folder, CLIPS.may_be):
        frames = _frame_folders(folder, columns)
        if frames is not None:
            return frames
    listing = list_files(folder, CLIPS, columns)
    written_curves = _curves_beside(listing.folder)
    curves = tuple(written_curves.get(name, "1") for name in listing.names)
    return ClipFiles(listing, tuple((name,) for name in listing.names), curves)


def _holds(folder: Path, wanted: Callable[[str], bool]) -> bool:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not hidden(name) and not of_multigan(Path(place, name))]
        if any(wanted(name) and not hidden(name) for name in names):
            return True
    return False


def _frame_folders(folder: Path, columns: Columns | str | None) -> ClipFiles | None:
    """The clips of folders of pictures; None where there is no folder with two."""
    if not _holds(folder, lambda name: os.path.splitext(name.lower())[1] in _FRAMES):
        return None
    listing = list_files(folder, IMAGES, columns)
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(listing.names):
        groups.setdefault(str(PurePosixPath(name).parent), []).append(place)
    groups = {name: places for name, places in groups.items() if len(places) > 1 and name != "."}
    if not groups:
        return None
    firsts = [places[0] for places in groups.values()]
    above = [PurePosixPath(name).parent.name for name in groups]
    labels = tuple(above) if all(above) else None
    files = tuple(tuple(sorted(listing.names[place] for place in places)) for places in groups.values())
    note = f"Each of {len(groups):,} folders of pictures is a clip."
    own = replace(
        listing,
        names=tuple(groups),
        labels=labels,
        intensities=tuple(listing.intensities[place] for place in firsts),
        notes=(*listing.notes, note),
        split=None if listing.split is None else tuple(listing.split[place] for place in firsts),
    )
    return ClipFiles(own, files, ("1",) * len(groups))


def _curves_beside(folder: Path) -> dict[str, str]:
    """File -> its curve, by columns ``file`` and ``curve`` of a table beside the clips; DataError for what is no curve."""
    path = next((folder / name for name in TABLES if (folder / name).is_file()), None)
    table = None if path is None else open_table(path, spaced=True)
    if table is None or table.matching(CURVE) is None or table.matching("file") is None:
        return {}
    file, curve = str(table.matching("file")), str(table.matching(CURVE))
    curves = {}
    for row in table.rows((file, curve)):
        text = str(row.values.get(curve) or "").strip()
        if text:
            try:
                curves[str(row.values.get(file))] = written(text)
            except DataError as error:
                raise DataError(f"{path}, {row.place}: {error}") from error
    return curves


# ---- one clip ----


def decode(paths: Sequence[Path], n_frames: int, resolution: int, fit: str, background: str) -> np.ndarray:
    """``n_frames`` square frames of a clip, evenly spaced in time from its first to its last: uint8 [T, R, R, 3].

    Each is treated as a still picture is (``multigan.reading.image.decode``). DataError with the reason where the file
    cannot be used, or has a single frame.
    """

    def square(pixels: np.ndarray) -> np.ndarray:
        return pictures.squared(pixels, resolution, fit, background)

    return _frames(paths, n_frames, square, background)[0]


def read_clip(paths: Sequence[Path], most: int, curve: np.ndarray | None = None) -> Video:
    """A clip with all of its frames or ``most``, evenly spaced in time; ``curve`` is passed on.

    Frames have their own size, or ``LONGEST_SIDE`` on the longer side where they are larger.
    """
    frames, seconds = _frames(paths, None, _reduced, "white", most)
    return Video(frames, len(frames) / seconds if seconds else 1000 / USUAL_MS, curve)


def _reduced(pixels: np.ndarray) -> np.ndarray:
    if max(pixels.shape[:2]) <= LONGEST_SIDE:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _frames(
    paths: Sequence[Path],
    n_frames: int | None,
    square: Callable[[np.ndarray], np.ndarray],
    background: str,
    most: int = MOST_FRAMES,
) -> tuple[np.ndarray, float]:
    """Frames at even times, and how many seconds the clip takes."""
    if len(paths) > 1:
        lengths = [float(USUAL_MS)] * len(paths)
        chosen = even(lengths, n_frames or min(most, len(paths)))
        kept = {i: square(pictures.read_image(paths[i], background)) for i in {*chosen}}
    else:
        with _reader(paths[0]) as source:
            lengths = source.lengths_ms()
            if len(lengths) < 2:
                raise DataError("it has one frame, and a clip has at least two")
            chosen = even(lengths, n_frames or min(most, len(lengths)))
            kept = {i: square(pixels) for i, pixels in source.pixels({*chosen}, background)}
    shapes = {frame.shape for frame in kept.values()}
    if len(shapes) > 1 or {*chosen} - {*kept}:
        raise DataError(
            "its frames differ in size" if len(shapes) > 1 else "it is damaged: it ends too early"
        )
    return np.stack([kept[i] for i in chosen]), sum(lengths) / 1000


def even(lengths: Sequence[float], n: int) -> list[int]:
    """Which frame is shown at each of n even times, the first in the first frame and the last in the last.

    Frames are shown for ``lengths`` each. Times are the middles of the first and of the last frame, and even between.
    """
    ends = np.cumsum(np.asarray(lengths, np.float64))
    times = np.linspace(lengths[0] / 2, ends[-1] - lengths[-1] / 2, n)
    return np.minimum(np.searchsorted(ends, times, side="right"), len(lengths) - 1).tolist()


def _reader(path: Path) -> Any:
    suffix = path.suffix.lower()
    if suffix in ANIMATIONS:
        return _Animation(path)
    from multigan.reading.films import Film

    return Film(path)


class _Animation:
    """A GIF or WebP file, as Pillow reads it."""

    def __init__(self, path: Path) -> None:
        self._context = pictures.opened(path)

    def __enter__(self) -> _Animation:
        self._image: Any = self._context.__enter__()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._context.__exit__(*error)

    def lengths_ms(self) -> list[float]:
        """How long each frame is shown."""
        n = getattr(self._image, "n_frames", 1)
        if n > MOST_FRAMES:
            raise DataError(f"it has {n:,} frames, and at most {MOST_FRAMES:,} are read; cut it")
        lengths = []
        for i in range(n):
            self._image.seek(i)
            if self._image.format == "WEBP":
                self._image.load()  # which alone tells how long a frame is
            lengths.append(float(self._image.info.get("duration") or USUAL_MS))
        return lengths

    def pixels(self, wanted: set[int], background: str) -> Any:
        """The wanted frames, each with its number: uint8 [H, W, 3]."""
        for i in sorted(wanted):
            self._image.seek(i)
            frame: Image.Image = self._image.convert("RGBA")
            base = Image.new("RGBA", frame.size, background)
            yield i, np.asarray(Image.alpha_composite(base, frame).convert("RGB"))
