"""A person's own pictures, translated: each a file of its own, and a table of them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multigan.image.inputs import Row, made_of_files, reasons
from multigan.image.pixels import to_uint8
from multigan.image.translation.lines import line_drawing
from multigan.image.translation.settings import TranslatedSampling
from multigan.modality import Written
from multigan.reading.image import decode
from multigan.sampling import generate, latents

TABLE = "translated.csv"


def translate_files(
    trained: Any, source: Path, options: TranslatedSampling, seed: int, folder: Path
) -> Written:
    """Translate a picture, or all pictures of a folder and below, into ``folder`` as PNG files with ``translated.csv``.

    Each is brought to the size of the run's pictures first, and with ``options.lines`` made a line drawing. Files that
    cannot be read are left out and named. DataError where none can be; ConfigError where a file would take the place of one
    that multigan did not write.
    """
    data = trained.data

    def make(path: Path, row: Row) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
            pixels = decode(path, data.resolution, data.fit, data.background)
        given = torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None].float().div_(127.5).sub_(1)
        given = line_drawing(given) if options.lines else given
        row |= {"width": data.resolution, "height": data.resolution, "lines": options.lines}
        return to_uint8(generate(trained.network, latents(trained.network, seed, [0]), given))[0].numpy()

    rows, bad = made_of_files(trained, source, folder, "translated", TABLE, make)
    lines = (f"Left out: {reasons(bad)}.",) if bad else ()
    n, side = len(rows), data.resolution
    sentence = (
        f"Translated {n} picture{'s' * (n != 1)} at {side}x{side} pixels into {folder} ({TABLE} names them)."
    )
    return Written([folder / str(row["file"]) for row in rows], sentence, lines)
