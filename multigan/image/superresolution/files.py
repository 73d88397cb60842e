"""A person's own pictures, enlarged: each a file of its own, and a table that says how well they average back."""

from __future__ import annotations

import csv
import io
import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from multigan.errors import DataError
from multigan.image.networks.enlarging import Enlarger, reduced
from multigan.image.pixels import to_uint8
from multigan.image.tiles import by_tiles
from multigan.modality import Written
from multigan.outputs import publishing
from multigan.reading.columns import NONE, Columns
from multigan.reading.files import named
from multigan.reading.formulas import no_formula
from multigan.reading.image import read_image
from multigan.reading.listing import IMAGES, list_files
from multigan.sampling import identity, unwritable
from multigan.writing import new_file

TABLE = "enlarged.csv"
TILE = 128
"""The side in pixels of the tiles that a picture is enlarged by."""
MOST_PIXELS = 10**8
"""Of an enlarged picture."""


@dataclass(frozen=True)
class Enlarged:
    """A picture that was enlarged, and how far it is from the input once it is averaged back, in 8-bit levels."""

    file: str
    source: str
    size: tuple[int, int]
    """Width and height of the enlarged picture."""
    mean_levels: float
    """The mean absolute difference."""
    most_levels: float


def enlarge_files(trained: Any, source: Path, options: Any, seed: int, folder: Path) -> Written:
    """Enlarge a picture, or all pictures of a folder and below, into ``folder`` as PNG files with ``enlarged.csv``.

    Files that cannot be read are left out and named. DataError where none can be; ConfigError where a file would take the
    place of one that multigan did not write, so that the inputs stay as they are.
    """
    root, names = _listed(source)
    done: list[Enlarged] = []
    bad: dict[str, str] = {}
    try:
        with publishing(folder, by=identity(trained.network), merges=(TABLE,)) as stage:
            for name, written in zip(names, _written_names(names, trained.network.scale), strict=True):
                try:
                    pixels = _read(root / name, trained.network.scale)
                except DataError as error:
                    bad[name] = str(error)
                    continue
                enlarged = enlarged_pixels(trained.network, pixels)
                with new_file(stage.folder / written) as stream:
                    Image.fromarray(enlarged).save(stream, format="PNG")
                done.append(_compared(written, name, pixels, enlarged))
            if not done:
                raise DataError(f"None of the pictures in {source} can be read: {_reasons(bad)}.")
            stage.merges[TABLE] = lambda old: _with_rows(old, done)
    except OSError as error:
        raise unwritable(folder, error) from error
    return _told(done, bad, folder, trained.network.scale)


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


def _listed(source: Path) -> tuple[Path, Sequence[str]]:
    """The folder of the pictures and their names in it; DataError where there are none."""
    if source.is_file():
        return source.parent, [source.name]
    listing = list_files(source, IMAGES, Columns(label=NONE, split=NONE))
    return listing.folder, listing.names


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


def _written_names(names: Sequence[str], scale: int) -> list[str]:
    """What each picture is written as: NAME-x2.png, folders joined by "-", with its suffix where two would meet."""
    short = [os.path.splitext(name)[0].replace("/", "-") for name in names]
    lowered = [each.lower() for each in short]
    stems = [
        stem if lowered.count(stem.lower()) == 1 else PurePosixPath(name).as_posix().replace("/", "-")
        for stem, name in zip(short, names, strict=True)
    ]
    if len({stem.lower() for stem in stems}) < len(stems):
        stems = [f"{number:04d}-{stem}" for number, stem in enumerate(stems)]
    return [f"{stem}-x{scale}.png" for stem in stems]


def _compared(file: str, source: str, pixels: np.ndarray, enlarged: np.ndarray) -> Enlarged:
    levels = difference_in_levels(pixels, enlarged)
    height, width = enlarged.shape[:2]
    return Enlarged(file, source, (width, height), float(levels.mean()), float(levels.max()))


def _with_rows(old: bytes | None, done: Sequence[Enlarged]) -> bytes:
    """The content of a table with more rows; those of the same files are replaced."""
    known = {row["file"]: row for row in csv.DictReader(io.StringIO("" if old is None else old.decode()))}
    for one in done:
        row = {
            "file": one.file, "input": one.source, "width": one.size[0], "height": one.size[1],
            "mean_levels": f"{one.mean_levels:.4f}", "most_levels": f"{one.most_levels:.4f}",
        }  # fmt: skip
        known[one.file] = {key: str(no_formula(cell)) for key, cell in row.items()}
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(dict.fromkeys(key for row in known.values() for key in row)))
    writer.writeheader()
    writer.writerows(known.values())
    return table.getvalue().encode()


def _told(done: Sequence[Enlarged], bad: dict[str, str], folder: Path, scale: int) -> Written:
    mean = math.fsum(one.mean_levels for one in done) / len(done)
    most = max(one.most_levels for one in done)
    lines = [
        f"Averaged back over {scale}x{scale} pixels they differ from the inputs by {mean:.2f} of 255 levels on average, by "
        f"{most:.2f} at most ({TABLE} has each)."
    ]
    if bad:
        lines.append(f"Left out: {_reasons(bad)}.")
    sentence = f"Enlarged {len(done)} picture{'s' * (len(done) != 1)} {scale} times into {folder}."
    return Written([folder / one.file for one in done], sentence, tuple(lines))


def _reasons(bad: dict[str, str]) -> str:
    return named([f"{name} ({reason})" for name, reason in bad.items()])
