"""One image file of any common kind as RGB pixels: at its own size, or square."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from multigan.errors import DataError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""What is tried, and nothing else: some of Pillow's other readers start external programs."""
FORMATS_IN_WORDS = "PNG, JPEG, WebP, GIF, BMP, TIFF or PPM"
VERSION = 2
"""Part of every cache key: raise it when the pixels made from a file change."""

_BITS_PER_SAMPLE, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
"""Tags of TIFF, and a value of the second: the least number is white."""
_Bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def decode(path: Path, resolution: int, fit: str, background: str) -> np.ndarray:
    """The first frame of an image file, uint8 [R, R, 3].

    EXIF orientation is applied, grey of 12 or 16 bits scaled to 8, transparency composited on ``background``;
    only then is the picture resized with antialiasing: ``fit`` "crop" takes the centre square, "pad" keeps
    the whole picture, centred on ``background``. DataError with the reason when the file cannot be used.
    """
    with _opened(path) as image:
        enough = (2 * resolution, 2 * resolution)
        image.draft(None, enough)  # a large JPEG is decoded at a half, a quarter or an eighth of its size
        ImageOps.exif_transpose(image, in_place=True)
        return np.asarray(_square(_opaque(image, background), resolution, fit, background))


def read_image(path: Path, background: str = "white") -> np.ndarray:
    """The first frame of an image file at its own size, uint8 [H, W, 3].

    As ``decode``: EXIF orientation is applied, grey of 12 or 16 bits scaled to 8, transparency composited on
    ``background``; nothing is resized. DataError with the reason when the file cannot be used.
    """
    with _opened(path) as image:
        ImageOps.exif_transpose(image, in_place=True)
        return np.array(_opaque(image, background))


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image file; whatever goes wrong with it, here or in the body, becomes a DataError with the reason."""
    if not path.is_file():
        raise DataError("it is not a regular file")  # opening a pipe would wait for ever
    try:
        with Image.open(path, formats=FORMATS) as image:
            limit = Image.MAX_IMAGE_PIXELS
            if limit is not None and image.width * image.height > limit:
                raise DataError(_too_large())
            _refuse_unstated(image)
            yield image
    except DataError:
        raise
    except _Bomb as error:
        raise DataError(_too_large()) from error
    except Image.UnidentifiedImageError as error:
        what = "it is empty" if path.stat().st_size == 0 else f"it is not a {FORMATS_IN_WORDS} image"
        raise DataError(what) from error
    except OSError as error:
        raise DataError(error.strerror or f"it is damaged: {error}") from error
    except Exception as error:  # on damaged files Pillow's readers raise almost anything
        raise DataError(f"it is damaged: {error or type(error).__name__}") from error


def _too_large() -> str:
    return f"it has more than {Image.MAX_IMAGE_PIXELS} pixels, the limit against decompression bombs"


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
    if image.mode.startswith("I"):
        image = _eight_bit(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    base = Image.new("RGBA", image.size, background)
    return Image.alpha_composite(base, image.convert("RGBA")).convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 bits (of a TIFF also 12) as grey of 8, rounded, so that the highest becomes 255; Pillow itself clips."""
    values, tags = np.asarray(image).astype(np.int64), getattr(image, "tag_v2", {})
    highest = 2 ** tags.get(_BITS_PER_SAMPLE, (16,))[0] - 1
    eight = np.clip((values * 255 + highest // 2) // highest, 0, 255).astype(np.uint8)
    grey = Image.fromarray(255 - eight if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else eight)
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
