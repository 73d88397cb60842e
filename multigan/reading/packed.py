"""Images that lie together in files of arrays: MNIST's idx files, numpy's .npy, and .npz files such as CIFAR-10's."""

from __future__ import annotations

import gzip
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from multigan.errors import DataError
from multigan.reading.budget import DECODING, in_words
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.image import SUFFIXES
from multigan.reading.labels import label_text
from multigan.reading.listing import Listing, refuse_columns
from multigan.reading.results import hidden, of_multigan
from multigan.reading.tables import plain

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
        return [place] if place.suffix.lower() in _NUMPYS else None
    try:
        entries = sorted(entry for entry in place.iterdir() if not hidden(entry.name))
        entries = [entry for entry in entries if not (entry.is_dir() and of_multigan(entry))]
        if any(entry.is_dir() or entry.suffix.lower() in SUFFIXES for entry in entries):
            return None
    except OSError:
        return None  # a listing says why
    packed = [entry for entry in entries if entry.suffix.lower() in _NUMPYS or _stem(entry).endswith(_IMAGES)]
    return [entry for entry in packed if entry.suffix != ".gz" or not entry.with_suffix("").is_file()] or None


@dataclass(frozen=True, eq=False)
class Packed:
    """Images [N] and what is known of them; names are made of the file's and the image's number."""

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
    for path, name in zip(files, _names(files), strict=True):
        try:
            images, own = _READERS.get(path.suffix.lower(), _read_idx)(path, columns)
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(f"{path} is damaged: {error}. Fetch or write it again.") from error
        arrays += list(images)
        names += [f"{name}/{row:05d}" for row in range(len(images))]
        sides += ["train" if "train" in name.lower() else name] * len(images)
        labels += own or []
        if own is None:
            unlabelled.append(path.name)
    if unlabelled and labels:
        raise DataError(
            f"{named(unlabelled)} in {folder} has no labels, and other files have; add them, or leave all labels out "
            f"({columns.setting('label', NONE)})."
        )
    known = tuple(labels) if labels else None
    is_split = columns.split is None and "train" in sides and len(set(sides)) > 1
    split = tuple(sides) if is_split else None
    return Packed(
        Listing(place, tuple(names), known, (1.0,) * len(names), _notes(place, files), split), arrays
    )


def _notes(place: Path, files: Sequence[Path]) -> tuple[str, ...]:
    notes = [f"Images are read from {named([path.name for path in files])}."]
    unnamed = [path.name for path in files if path.suffix.lower() == ".npz" and "images" not in _sizes(path)]
    if unnamed:
        notes.append(
            f"In {named(unnamed)} arrays have no names: arr_0 is taken for images, arr_1 for their labels."
        )
    if place.is_dir():
        used = {path.name for path in files} | {_labels_of(path).name for path in files}
        left = {path.name for path in place.iterdir() if not hidden(path.name)} - used
        twins = {name for name in left if name.endswith(".gz") and name.removesuffix(".gz") in used}
        if twins:
            notes.append(f"Left out, as the same files are there unpacked: {named(sorted(twins))}.")
        if left - twins:
            notes.append(f"Beside them and left out: {named(sorted(left - twins))}.")
    return tuple(notes)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz")


def _names(files: Sequence[Path]) -> list[str]:
    """What images of each file are called by: its name without what says its kind, or the whole where that is another's."""
    short = [
        (path.stem if path.suffix.lower() in _NUMPYS else _stem(path).removesuffix(_IMAGES)).strip("-_. ")
        or "images"
        for path in files
    ]
    return [name if short.count(name) == 1 else path.name for name, path in zip(short, files, strict=True)]


def _labels_of(path: Path) -> Path:
    """The file of labels beside one of images, which may be packed where that is not, or the other way round."""
    same = path.with_name(path.name.replace(_IMAGES, _LABELS))
    other = same.with_suffix("") if same.suffix == ".gz" else same.with_name(f"{same.name}.gz")
    return other if other.is_file() and not same.is_file() else same


# ---- idx ----


def _read_idx(path: Path, columns: Columns) -> tuple[np.ndarray, list[str] | None]:
    images = _idx_array(path, 3)
    beside = _labels_of(path)
    if columns.label == NONE or not beside.is_file():
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


def _read_npy(path: Path, _: Columns) -> tuple[np.ndarray, None]:
    with path.open("rb") as stream:
        _refuse_objects(path, stream, "images")
    mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    if not _are_images(mapped):
        raise DataError(f"{path} has {mapped.dtype} {list(mapped.shape)}; needed: {_NPY_IN_WORDS}.")
    with _within(path, mapped.nbytes):
        return np.array(mapped), None


def _read_npz(path: Path, columns: Columns) -> tuple[np.ndarray, list[str] | None]:
    sizes = _sizes(path)
    names = dict(_NAMES if "images" in sizes else _UNNAMED)
    if columns.label == NONE:
        names = {"images": names["images"]}
    with zipfile.ZipFile(path) as archive:
        for what, name in names.items():
            if name in sizes:
                with archive.open(f"{name}.npy") as stream:
                    _refuse_objects(path, stream, what)
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
    values = _plain_values(path, "labels", labels)
    if classes is not None:
        outside = [value for value in values if not isinstance(value, int) or not 0 <= value < len(classes)]
        if outside:
            raise DataError(
                f"{path}: label {outside[0]!r} is no number below {len(classes)}, as many as classes has."
            )
        meant = _plain_values(path, "classes", classes)
        values = [meant[value] for value in values]
    texts = [label_text(value) for value in values]
    if not all(texts):
        row = [bool(text) for text in texts].index(False)
        raise DataError(
            f"{path}: image {row} has the label {labels.ravel()[row].item()!r}; a label is text or a whole number. Give it "
            f"such a one, or leave labels out ({columns.setting('label', NONE)})."
        )
    return images, [text or "" for text in texts]


def _plain_values(path: Path, what: str, values: np.ndarray) -> list[Any]:
    """The values of labels or classes, bytes as the text that they are in UTF-8."""
    if values.dtype.kind != "S":
        return [plain(value) for value in values.ravel().tolist()]
    try:
        return [value.decode() for value in values.ravel().tolist()]
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: {what} are bytes, and {error.object!r} is no UTF-8; save them as text "
            f"(np.char.decode({what}, ENCODING))."
        ) from error


def _refuse_objects(path: Path, stream: IO[bytes], what: str) -> None:
    """DataError where the array that begins here holds Python objects: to read those may run code."""
    one = np.lib.format.read_magic(stream) == (1, 0)
    header = np.lib.format.read_array_header_1_0 if one else np.lib.format.read_array_header_2_0
    if header(stream)[2].hasobject:
        instead = (
            "uint8 images of one size (np.stack(images).astype(np.uint8))"
            if what == "images"
            else f"text ({what}.astype(str))"
        )
        raise DataError(f"{path}: {what} are Python objects, which are not read; save them as {instead}.")


def _are_images(values: np.ndarray) -> bool:
    """Whether values are uint8 [N, H, W] or [N, H, W, 3 or 4], and no single image [H, W, 3 or 4]."""
    colours = values.shape[-1:] in ((3,), (4,))
    return (
        values.dtype == np.uint8 and (values.ndim == 4 if colours else values.ndim == 3) and values.size > 0
    )


_READERS: dict[str, Callable[[Path, Columns], tuple[np.ndarray, list[str] | None]]] = {
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
