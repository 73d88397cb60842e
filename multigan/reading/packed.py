"""Images that lie together in files of arrays: MNIST's idx files, numpy's .npy, and .npz files such as CIFAR-10's."""

from __future__ import annotations

import gzip
import math
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from multigan.errors import DataError
from multigan.reading.budget import DECODING, in_words
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.image import SUFFIXES
from multigan.reading.listing import Listing, refuse_columns
from multigan.reading.results import hidden, of_multigan

_IMAGES, _LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
_UNSIGNED_BYTES = 8
_SMALLER = "give a file with fewer images"
_NPZ_IN_WORDS = (
    "images or arr_0 (uint8 [N, H, W] or [N, H, W, 3]), and of labels labels or arr_1 ([N], words or numbers) "
    "and classes"
)
_NPY_IN_WORDS = (
    "uint8 [N, H, W] or [N, H, W, 3]; labels go with their images into one .npz file: "
    "np.savez(file, images=..., labels=...)"
)
_NUMPYS = (".npz", ".npy")
_NAMES = {"images": "images", "labels": "labels", "classes": "classes"}
_UNNAMED = {"images": "arr_0", "labels": "arr_1"}
"""What numpy calls arrays that are saved without a name, as samples of diffusion models are."""


def packed_files(place: Path) -> list[Path] | None:
    """The files of arrays at ``place``, one .npz or .npy file, or a folder of them.

    None where images are to be files of their own: a folder that holds folders or pictures is read as one of pictures.
    """
    if place.is_file():
        return [place] if place.suffix in _NUMPYS else None
    try:
        entries = sorted(entry for entry in place.iterdir() if not hidden(entry.name))
        entries = [entry for entry in entries if not (entry.is_dir() and of_multigan(entry))]
        if any(entry.is_dir() or entry.suffix.lower() in SUFFIXES for entry in entries):
            return None
    except OSError:
        return None  # a listing says why
    return [entry for entry in entries if entry.suffix in _NUMPYS or _stem(entry).endswith(_IMAGES)] or None


@dataclass(frozen=True, eq=False)
class Packed:
    """Images [N] and what is known of them; names are made of a file's side and the image's number."""

    listing: Listing
    arrays: Sequence[np.ndarray]
    """uint8 [H, W] or [H, W, 3], one an image."""


def read_packed(place: Path, files: Sequence[Path], columns: Columns) -> Packed:
    """The images of these files, at their own size. DataError where one is not what it should be."""
    folder = place if place.is_dir() else place.parent
    refuse_columns(place, columns)
    arrays: list[np.ndarray] = []
    labels: list[str] = []
    names: list[str] = []
    sides: list[str] = []
    unlabelled = []
    for path in files:
        try:
            images, own = _READERS.get(path.suffix, _read_idx)(path)
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
            raise DataError(f"{path} is damaged: {error}. Fetch or write it again.") from error
        side = _side(path)
        arrays += list(images)
        names += [f"{side}/{row:05d}" for row in range(len(images))]
        sides += [side] * len(images)
        labels += own or []
        if own is None:
            unlabelled.append(path.name)
    if unlabelled and labels and columns.label != NONE:
        raise DataError(
            f"{named(unlabelled)} in {folder} has no labels, and other files have; add them, or leave all labels out "
            f"({columns.setting('label', NONE)})."
        )
    known = tuple(labels) if labels and columns.label != NONE else None
    split = tuple(sides) if "train" in sides and len(set(sides)) > 1 else None
    return Packed(
        Listing(place, tuple(names), known, (1.0,) * len(names), _notes(place, files), split), arrays
    )


def _notes(place: Path, files: Sequence[Path]) -> tuple[str, ...]:
    notes = [f"Images are read from {named([path.name for path in files])}."]
    unnamed = [path.name for path in files if path.suffix == ".npz" and "images" not in _sizes(path)]
    if unnamed:
        notes.append(
            f"In {named(unnamed)} arrays have no names: arr_0 is taken for images, arr_1 for their labels."
        )
    if place.is_dir():
        used = {path.name for path in files} | {_labels_of(path).name for path in files}
        left = sorted(
            path.name for path in place.iterdir() if path.name not in used and not hidden(path.name)
        )
        notes += [f"Beside them and left out: {named(left)}."] if left else []
    return tuple(notes)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz")


def _side(path: Path) -> str:
    """ "train" where the name has that in it, else what the name begins with."""
    name = path.stem if path.suffix in _NUMPYS else _stem(path).removesuffix(_IMAGES)
    name = name.strip("-_. ") or "images"
    return "train" if "train" in name.lower() else name


def _labels_of(path: Path) -> Path:
    return path.with_name(path.name.replace(_IMAGES, _LABELS))


# ---- idx ----


def _read_idx(path: Path) -> tuple[np.ndarray, list[str] | None]:
    images = _idx_array(path, 3)
    beside = _labels_of(path)
    if not beside.is_file():
        return images, None
    labels = _idx_array(beside, 1)
    _same_number(path, len(images), len(labels))
    return images, [str(label) for label in labels.tolist()]


def _idx_array(path: Path, n_axes: int) -> np.ndarray:
    """An idx file: two zeros, the type (8: unsigned bytes), the number of axes, their lengths (32 bits, big-endian), and
    values."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        header = stream.read(4 + 4 * n_axes)
        if len(header) < 4 + 4 * n_axes or header[:4] != bytes((0, 0, _UNSIGNED_BYTES, n_axes)):
            raise DataError(
                f"{path} is no idx file of unsigned bytes with {n_axes} axes: it begins with {header[:4].hex(' ')}, and "
                f"00 00 08 {n_axes:02x} is expected."
            )
        shape = struct.unpack(f">{n_axes}I", header[4:])
        with _within(path, math.prod(shape)):
            content = stream.read(math.prod(shape) + 1)
    if len(content) != math.prod(shape):
        raise DataError(
            f"{path} is damaged: its header says {math.prod(shape):,} bytes, and it has "
            f"{'more' if len(content) > math.prod(shape) else f'{len(content):,}'}. Fetch it again."
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


# ---- numpy ----


def _read_npy(path: Path) -> tuple[np.ndarray, None]:
    mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    if not _are_images(mapped):
        raise DataError(f"{path} has {mapped.dtype} {list(mapped.shape)}; needed: {_NPY_IN_WORDS}.")
    with _within(path, mapped.nbytes):
        return np.array(mapped), None


def _read_npz(path: Path) -> tuple[np.ndarray, list[str] | None]:
    sizes = _sizes(path)
    names = dict(_NAMES if "images" in sizes else _UNNAMED)
    n_bytes = sum(size for name, size in sizes.items() if name in names.values())
    with _within(path, n_bytes), np.load(path, allow_pickle=False) as file:
        arrays: dict[str, Any] = {what: file[name] for what, name in names.items() if name in file.files}
    images = arrays.get("images")
    if images is None or not _are_images(images):
        found = "no images" if images is None else f"images of {images.dtype} {list(images.shape)}"
        raise DataError(f"{path} has {found} (arrays: {named(sorted(sizes))}); needed: {_NPZ_IN_WORDS}.")
    labels, classes = arrays.get("labels"), arrays.get("classes")
    if labels is None:
        return images, None
    _same_number(path, len(images), labels.size)
    values = labels.ravel().tolist()
    if classes is not None:
        outside = [value for value in values if not isinstance(value, int) or not 0 <= value < len(classes)]
        if outside:
            raise DataError(
                f"{path}: label {outside[0]!r} is no number below {len(classes)}, as many as classes has."
            )
        values = [classes[value] for value in values]
    return images, [str(value) for value in values]


def _are_images(values: np.ndarray) -> bool:
    """Whether values are uint8 [N, H, W] or [N, H, W, 3 or 4], and no single image [H, W, 3 or 4]."""
    colours = values.shape[-1:] in ((3,), (4,))
    return (
        values.dtype == np.uint8 and (values.ndim == 4 if colours else values.ndim == 3) and values.size > 0
    )


_READERS: dict[str, Callable[[Path], tuple[np.ndarray, list[str] | None]]] = {
    ".npz": _read_npz,
    ".npy": _read_npy,
}


def _sizes(path: Path) -> dict[str, int]:
    """Array of an .npz file -> its bytes."""
    with zipfile.ZipFile(path) as archive:
        return {item.filename.removesuffix(".npy"): item.file_size for item in archive.infolist()}


def _same_number(path: Path, n_images: int, n_labels: int) -> None:
    if n_images != n_labels:
        raise DataError(
            f"{path} holds {n_images:,} images and {n_labels:,} labels; give one label for each image."
        )


@contextmanager
def _within(path: Path, n_bytes: int) -> Iterator[None]:
    """DataError where that is more than is decoded; memory of the budget for the body."""
    if n_bytes > DECODING.n_bytes:
        raise DataError(
            f"{path} holds {in_words(n_bytes)} of values, and at most {in_words(DECODING.n_bytes)} are read: {_SMALLER}."
        )
    with DECODING.taken(n_bytes, _SMALLER):
        yield
