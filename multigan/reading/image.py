"""One image file of any common kind as RGB pixels: at its own size, or square."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from multigan.errors import DataError
from multigan.reading.budget import DECODING

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""What is tried, and nothing else: some of Pillow's other readers start external programs."""
FORMATS_IN_WORDS = "PNG, JPEG, WebP, GIF, BMP, TIFF or PPM"
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm"}
)
"""Of the files of these formats, in lower case."""
_BEGINNINGS = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    *(b"P%d" % n for n in range(1, 7)),
)
VERSION = 2
"""Part of every cache key: raise it when the pixels made from a file change."""

_BITS_PER_SAMPLE, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
"""Tags of TIFF, and a value of the second: the least number is white."""
_Bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)
BYTES_A_PIXEL = 12
"""What decoding takes at its height: a pixel is 4 bytes in Pillow, and at most three pictures are there at a time."""
BYTES_A_WEBP_PIXEL = 16
"""Its decoder keeps the frame before."""
MAX_SCANS = 256
"""Of a progressive JPEG, each of which is a pass over the whole picture; encoders write about ten."""
_BAND = 2**20
"""So many pixels are made opaque at a time."""
_SMALLER = "make it smaller"


def is_meant(path: Path) -> bool:
    """Whether a file's suffix or its first bytes are those of an image, be it whole or not."""
    if path.suffix.lower() in SUFFIXES:
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return start.startswith(_BEGINNINGS) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def decode(path: Path, resolution: int, fit: str, background: str) -> np.ndarray:
    """The first frame of an image file, uint8 [R, R, 3].

    EXIF orientation is applied, grey of 12 or 16 bits scaled to 8, transparency composited on ``background``;
    only then is the picture resized with antialiasing: ``fit`` "crop" takes the centre square, "pad" keeps
    the whole picture, centred on ``background``. DataError with the reason when the file cannot be used.
    """
    with opened(path) as image:
        enough = (2 * resolution, 2 * resolution)
        image.draft(None, enough)  # a large JPEG is decoded at a half, a quarter or an eighth of its size
        ImageOps.exif_transpose(image, in_place=True)
        return np.asarray(_square(_opaque(image, background), resolution, fit, background))


def squared(pixels: np.ndarray, resolution: int, fit: str, background: str) -> np.ndarray:
    """Pixels that are there already, uint8 [H, W], [H, W, 3] or [H, W, 4], as ``decode`` makes them: uint8 [R, R, 3]."""
    image = _opaque(Image.fromarray(pixels), background)
    return np.asarray(_square(image, resolution, fit, background))


def opaque(pixels: np.ndarray, background: str = "white") -> np.ndarray:
    """Pixels that are there already, uint8 [H, W], [H, W, 3] or [H, W, 4], as ``read_image`` makes them: uint8 [H, W, 3]."""
    return np.array(_opaque(Image.fromarray(pixels), background))


def read_image(path: Path, background: str = "white") -> np.ndarray:
    """The first frame of an image file at its own size, uint8 [H, W, 3].

    As ``decode``: EXIF orientation is applied, grey of 12 or 16 bits scaled to 8, transparency composited on
    ``background``; nothing is resized. DataError with the reason when the file cannot be used.
    """
    with opened(path) as image:
        ImageOps.exif_transpose(image, in_place=True)
        pixels = np.empty((image.height, image.width, 3), np.uint8)
        for top, band in _opaque_bands(image, background):
            pixels[top : top + band.height] = np.asarray(band)
        return pixels


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """An image file; whatever goes wrong with it, here or in the body, becomes a DataError with the reason.

    The body runs within the budget of what is decoded (``multigan.reading.budget``).
    """
    if not path.is_file():
        raise DataError("it is not a regular file")  # opening a pipe would wait for ever
    try:
        with Image.open(path, formats=FORMATS) as image, DECODING.taken(_bytes_of(image, path), _SMALLER):
            _refuse_unstated(image)
            yield image
    except DataError:
        raise
    except _Bomb as error:
        limit = f"{DECODING.n_bytes // BYTES_A_PIXEL:,}"
        raise DataError(f"it has more than {limit} pixels, the most that are decoded: {_SMALLER}") from error
    except Image.UnidentifiedImageError as error:
        what = "it is empty" if path.stat().st_size == 0 else f"it is not a {FORMATS_IN_WORDS} image"
        raise DataError(what) from error
    except OSError as error:
        raise DataError(error.strerror or f"it is damaged: {error}") from error
    except MemoryError as error:
        raise DataError(f"there is not enough memory to decode it: {_SMALLER}") from error
    except Exception as error:  # on damaged files Pillow's readers raise almost anything
        raise DataError(f"it is damaged: {error or type(error).__name__}") from error


def _bytes_of(image: Image.Image, path: Path) -> int:
    """What decoding an image takes, as its header says; DataError where a small file makes for endless work."""
    n_pixels = image.width * image.height
    if image.info.get("progressive"):
        n_scans = path.read_bytes().count(b"\xff\xda")
        if n_scans > MAX_SCANS:
            raise DataError(
                f"it is a JPEG of {n_scans} scans, and at most {MAX_SCANS} are read; save it anew"
            )
    tags: Any = getattr(image, "tag_v2", {})  # of TIFF, whose tiles are decoded whole
    sides = [tags.get(tag) for tag in _TILE_SIDES]
    if all(isinstance(side, int) for side in sides):
        n_pixels = max(n_pixels, math.prod(sides))
    return (BYTES_A_WEBP_PIXEL if image.format == "WEBP" else BYTES_A_PIXEL) * n_pixels


_TILE_SIDES = (322, 323)
"""TIFF's TileWidth and TileLength."""


def _refuse_unstated(image: Image.Image) -> None:
    """DataError where nothing says which numbers are black and white."""
    if image.mode == "F":
        raise DataError("its pixels are floating-point numbers, whose range is not stated")
    if image.mode == "I" and image.format == "TIFF":  # a PPM has this mode too, scaled to 16 bits
        raise DataError(
            "its pixels are whole numbers of 32 bits or with a sign, whose range is not stated; save it with 8 or 16 bits"
        )


def _opaque(image: Image.Image, background: str) -> Image.Image:
    """``image`` as RGB, its transparency composited on ``background``."""
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    whole = Image.new("RGB", image.size)
    for top, band in _opaque_bands(image, background):
        whole.paste(band, (0, top))
    return whole


def _opaque_bands(image: Image.Image, background: str) -> Iterator[tuple[int, Image.Image]]:
    """``image`` as RGB in bands, each with the row it begins in, so that working copies stay small."""
    tags = getattr(image, "tag_v2", {})  # of TIFF; a band has none
    highest, inverted = (
        2 ** tags.get(_BITS_PER_SAMPLE, (16,))[0] - 1,
        tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
    )
    height = max(1, _BAND // max(1, image.width))
    for top in range(0, image.height, height):
        band = image.crop((0, top, image.width, min(image.height, top + height)))
        if band.mode.startswith("I"):
            band = _eight_bit(band, highest, inverted)
        if band.has_transparency_data:
            base = Image.new("RGBA", band.size, background)
            band = Image.alpha_composite(base, band.convert("RGBA"))
        yield top, band.convert("RGB")


def _eight_bit(image: Image.Image, highest: int, inverted: bool) -> Image.Image:
    """Grey of numbers up to ``highest`` as grey of 8 bits, rounded, so that the highest becomes 255; Pillow itself clips.

    ``inverted``: the highest is black.
    """
    values = np.asarray(image).astype(np.int64)
    eight = np.clip((values * 255 + highest // 2) // highest, 0, 255).astype(np.uint8)
    grey = Image.fromarray(255 - eight if inverted else eight)
    clear = image.info.get("transparency")
    if clear is not None:
        grey.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return grey


def _square(image: Image.Image, resolution: int, fit: str, background: str) -> Image.Image:
    width, height = image.size
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return _resize(image.crop((left, top, left + side, top + side)), (resolution, resolution))
    scale = resolution / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    square = Image.new("RGB", (resolution, resolution), background)
    square.paste(_resize(image, size), ((resolution - size[0]) // 2, (resolution - size[1]) // 2))
    return square


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
