"""Pictures and what is left of them at a half or a quarter of their size: drawn faces, or pieces of a person's pictures."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from torch import Tensor

from multigan.errors import DataError
from multigan.image.data import ImageArrays, fill_entry, look, open_images, splits_of
from multigan.image.networks.enlarging import reduced
from multigan.image.superresolution.settings import EnlargingData
from multigan.modality import Splits
from multigan.pairs import DerivedPairs
from multigan.protocols import DescribedDataset
from multigan.reading import cache, prepare
from multigan.reading import image as reading
from multigan.reading.listing import IMAGES, Listing, list_files
from multigan.reading.prepare import Progress
from multigan.reading.split import split_of

CACHE = cache.Cache("pieces")
VERSION = 1
"""Of how pieces are cut and made smaller."""


def open_pairs(settings: EnlargingData, folder: Path | None, progress: Progress) -> Splits:
    """Pieces [3, R, R] of the pictures in ``folder``, or drawn faces where it is None, each with its smaller picture.

    Pictures are held out whole: no piece of one is trained on. Those that are smaller than a piece are left out, and a note
    says so. DataError where nothing is left to train on.
    """
    splits = _pieces(settings, folder, progress)
    side = settings.resolution // settings.scale

    def paired(images: DescribedDataset) -> DerivedPairs:
        assert isinstance(images, ImageArrays)
        digest = f"{images.digest}-reduced-{settings.scale}-v{VERSION}"
        derive = partial(made_smaller, scale=settings.scale)
        return DerivedPairs(images, derive, (3, side, side), digest)

    return Splits(paired(splits.train), paired(splits.held_out), splits.notes)


def made_smaller(images: Tensor, scale: int) -> Tensor:
    """[N, C, H, W] -> [N, C, H/scale, W/scale] in [-1, 1]: means over blocks, rounded to 8 bits as a file of them is."""
    levels = (
        images * 127.5 + 127.5
    ).round()  # whole numbers: a mean halfway between two is rounded alike everywhere
    return reduced(levels, scale).round() / 127.5 - 1


def look_at(settings: EnlargingData, folder: Path | None) -> tuple[str, ...]:
    """The labels of the pictures, nothing decoded; DataError where there are none."""
    if folder is None:
        return look(settings.faces(), None)
    return list_files(folder, IMAGES, settings.columns()).classes


def _pieces(settings: EnlargingData, folder: Path | None, progress: Progress) -> Splits:
    if folder is None:
        return open_images(settings.faces(), None, progress)
    columns = settings.columns()
    listing = list_files(folder, IMAGES, columns)
    words = (IMAGES.one, IMAGES.several)
    split, notes = split_of(listing.split, columns, settings.held_out, folder, *words)
    facts = [reading.VERSION, VERSION, settings.resolution, settings.pieces, settings.background, split.fact]

    def build(digests: Sequence[str], folder: Path) -> None:
        decoded = partial(_decoded, settings, listing, digests, progress)
        fill_entry((settings.resolution, settings.resolution), listing, split, decoded, digests, folder)

    key, entry = prepare.prepared_files(CACHE, listing, IMAGES, facts, build, progress)
    return splits_of(entry, key, settings.mirror, (*listing.notes, *notes))


def _decoded(
    settings: EnlargingData, listing: Listing, digests: Sequence[str], progress: Progress, bad: dict[str, str]
) -> Iterator[tuple[int, np.ndarray]]:
    def pieces(place: int) -> np.ndarray:
        picture = reading.read_image(listing.folder / listing.names[place], settings.background)
        return cut(picture, settings.resolution, settings.pieces, int(digests[place][:16], 16))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        yield from prepare.usable(listing, IMAGES, pieces, bad, progress, waiting=8)


def cut(picture: np.ndarray, side: int, most: int, seed: int) -> np.ndarray:
    """At most ``most`` pieces [n, side, side, 3] of a picture [H, W, 3] that do not overlap, their places drawn by ``seed``.

    DataError for a picture that is smaller than one.
    """
    height, width = picture.shape[:2]
    rows, columns = height // side, width // side
    if not rows or not columns:
        raise DataError(
            f"it has {width}x{height} pixels, and pieces of {side}x{side} are cut (data.resolution)"
        )
    drawn = np.random.default_rng(seed)
    top, left = (int(drawn.integers(n + 1)) for n in (height - rows * side, width - columns * side))
    cells = drawn.permutation(rows * columns)[:most]
    corners = [(top + side * int(cell // columns), left + side * int(cell % columns)) for cell in cells]
    return np.stack([picture[y : y + side, x : x + side] for y, x in corners])
