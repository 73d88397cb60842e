"""A person's own pictures, enlarged: each a file of its own, and a table that says how well they average back."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from multigan.errors import DataError
from multigan.image.networks.enlarging import Enlarger, reduced
from multigan.image.pixels import png, to_uint8
from multigan.image.tiles import by_tiles
from multigan.inputs import Row, made_of_files, reasons
from multigan.modality import Written
from multigan.reading.image import read_image
from multigan.reading.listing import IMAGES

TABLE = "enlarged.csv"
TILE = 128
"""The side in pixels of the tiles that a picture is enlarged by."""
MOST_PIXELS = 10**8
"""Of an enlarged picture."""


def enlarge_files(trained: Any, source: Path, options: Any, seed: int, folder: Path) -> Written:
    """Enlarge a picture, or all pictures of a folder and below, into ``folder`` as PNG files with ``enlarged.csv``.

    The table says how far each is from its input once it is averaged back, in 8-bit levels. Files that cannot be read are
    left out and named. DataError where none can be; ConfigError where a file would take the place of one that multigan did
    not write, so that the inputs stay as they are.
    """
    scale = trained.network.scale
    apart: list[tuple[float, float]] = []

    def make(path: Path, row: Row) -> bytes:
        pixels = _read(path, scale)
        enlarged = enlarged_pixels(trained.network, pixels)
        levels = difference_in_levels(pixels, enlarged)
        apart.append((float(levels.mean()), float(levels.max())))
        row |= {
            "width": enlarged.shape[1], "height": enlarged.shape[0],
            "mean_levels": f"{apart[-1][0]:.4f}", "most_levels": f"{apart[-1][1]:.4f}",
        }  # fmt: skip
        return png(enlarged)

    rows, bad = made_of_files(trained, source, IMAGES, folder, f"x{scale}.png", TABLE, make)
    return _told(rows, apart, bad, folder, scale)


def enlarged_pixels(network: Enlarger, pixels: np.ndarray, tile: int = TILE) -> np.ndarray:
    """uint8 [H, W, 3] -> uint8 [H scale, W scale, 3]."""
    device = next(network.parameters()).device
    picture = torch.from_numpy(pixels).permute(2, 0, 1)[None].float().div_(127.5).sub_(1).to(device)
    latent = network.latent(1).to(device)

    def enlarge(part: Tensor) -> Tensor:
        return network(latent, part)

    return to_uint8(by_tiles(enlarge, picture, network.scale, network.reach, tile))[0].numpy()


def difference_in_levels(pixels: np.ndarray, enlarged: np.ndarray) -> np.ndarray:
    """|means over blocks of the enlarged picture - the picture| [H, W, 3], in 8-bit levels."""
    scale = enlarged.shape[0] // pixels.shape[0]
    back = reduced(torch.from_numpy(enlarged).permute(2, 0, 1)[None].double(), scale)[0].permute(1, 2, 0)
    return np.abs(back.numpy() - pixels)


def _read(path: Path, scale: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
        pixels = read_image(path)
    height, width = pixels.shape[:2]
    if height * width * scale**2 > MOST_PIXELS:
        raise DataError(
            f"it has {width}x{height} pixels and would have {width * scale:,}x{height * scale:,}, and at most "
            f"{MOST_PIXELS:,} are written: cut it"
        )
    return pixels


def _told(
    rows: Sequence[Row],
    apart: Sequence[tuple[float, float]],
    bad: Mapping[str, str],
    folder: Path,
    scale: int,
) -> Written:
    mean = math.fsum(mean for mean, _ in apart) / len(apart)
    most = max(most for _, most in apart)
    lines = [
        f"Averaged back over {scale}x{scale} pixels they differ from the inputs by {mean:.2f} of 255 levels on average, by "
        f"{most:.2f} at most ({TABLE} has each)."
    ]
    if bad:
        lines.append(f"Left out: {reasons(bad)}.")
    sentence = f"Enlarged {len(rows)} picture{'s' * (len(rows) != 1)} {scale} times into {folder}."
    return Written([folder / str(row["file"]) for row in rows], sentence, tuple(lines))
