"""Images from folders, arrays, tensors and batches of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluation.kinds.image import IMAGE
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import array_digest, digests_of
from evaluation.samples.folder import samples_of_files
from evaluation.samples.memory import batches_of, unfit
from evaluation.samples.spool import spooled
from multigan.errors import DataError
from multigan.reading.columns import column_flags
from multigan.reading.image import opaque
from multigan.reading.listing import IMAGES, list_files
from multigan.reading.packed import Packed, packed_files, read_packed

ALLOWED = (
    "images are uint8 arrays [N, H, W, 3], uint8 tensors [N, 3, H, W] or float tensors [N, 3, H, W] in [-1, 1] "
    "(one channel instead of 3 is grey), or an iterable of such batches"
)
_FAR = 16.0
"""Generators overshoot [-1, 1]; what goes further was meant in 0..255."""


def open_folder(path: Path, labels_column: str | None, links: str | None = None) -> Samples:
    """The images of a folder: class folders, ``labels.csv`` or flat; or those of MNIST's idx files and of numpy's."""
    from multigan.reading.image import VERSION, read_image

    columns = column_flags(label=labels_column, links=links)
    files = packed_files(path)
    if files is not None:
        return _of_arrays(path, read_packed(path, files, columns))
    return samples_of_files(IMAGE, path, list_files(path, IMAGES, columns), read_image, VERSION)


def _of_arrays(path: Path, packed: Packed) -> Samples:
    listing = packed.listing

    def read(row: int) -> np.ndarray:
        return opaque(packed.arrays[row])

    digests = digests_of(len(listing.names), lambda row: array_digest(read(row)))
    return Samples(
        IMAGE, listing.names, read, listing.labels, digests=digests, source=str(path), notes=listing.notes
    )


def from_memory(images: Any) -> Contents:
    """Images as ``ALLOWED`` says. Floats become x * 127.5 + 128, clamped, as a saved file has them.

    Arrays are held as they are, memory-mapped ones too; all else goes through a temporary file.
    """
    if isinstance(images, np.ndarray):
        _check_pixels(images, 4)
        return Contents(len(images), lambda row: _rgb(images[row]))
    n, stored = spooled(_pixels(batches_of(images, ALLOWED)), np.uint8)
    return Contents(n, lambda row: _rgb(stored(row)))


def recognises(data: Any) -> bool:
    """Whether data are images: four axes, or three of which the second is no channel of sound."""
    if not isinstance(data, (np.ndarray, Tensor)):
        return False
    return data.ndim == 4 or (data.ndim == 3 and data.shape[1] != 1)


def mirrored(image: np.ndarray) -> np.ndarray:
    """The mirror image of an image [H, W, 3]."""
    return np.ascontiguousarray(image[:, ::-1])


def _pixels(batches: Iterable[Any]) -> Iterator[np.ndarray]:
    """uint8 [H, W, C] one by one; a batch may also be one image without its first axis."""
    lowest = highest = 0.0
    for batch in batches:
        if isinstance(batch, Tensor):
            if batch.is_floating_point() and batch.numel():
                ends = torch.aminmax(batch.detach())
                lowest, highest = min(lowest, float(ends.min)), max(highest, float(ends.max))
            yield from _quantised(batch if batch.ndim == 4 else batch[None])
        elif isinstance(batch, np.ndarray):
            images = batch if batch.ndim == 4 else batch[None]
            _check_pixels(images, 4)
            yield from images
        else:
            raise DataError(unfit(batch, ALLOWED))
    if lowest == 0 and 0 < highest <= 1:
        raise DataError(
            f"No value of the images is below 0 (the largest is {highest:g}): they seem to be in [0, 1], and floats must be "
            "in [-1, 1]. Give x * 2 - 1, or uint8."
        )


def _quantised(images: Tensor) -> np.ndarray:
    """Tensor [N, C, H, W] -> uint8 [N, H, W, C]; floats in [-1, 1] as x * 127.5 + 128, clamped."""
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.numel():
        raise DataError(unfit(images, ALLOWED))
    if images.is_floating_point():
        images = images.detach().float()
        extent = float(images.abs().max())
        if not extent <= _FAR:
            raise DataError(f"The images reach {extent:g}, and floats must be in [-1, 1]; {ALLOWED}.")
        images = (images * 127.5 + 128).clamp(0, 255).to(torch.uint8)
    elif images.dtype != torch.uint8:
        raise DataError(unfit(images, ALLOWED))
    return images.permute(0, 2, 3, 1).cpu().numpy()


def _check_pixels(images: np.ndarray, ndim: int) -> None:
    if images.dtype != np.uint8 or images.ndim != ndim or images.shape[-1] not in (1, 3) or not images.size:
        raise DataError(unfit(images, ALLOWED))


def _rgb(image: np.ndarray) -> np.ndarray:
    """A copy [H, W, 3] of an image [H, W, 1] or [H, W, 3]."""
    return np.array(np.broadcast_to(image, (*image.shape[:2], 3)), order="C")
