"""A person's own pictures, translated: each a file of its own, and a table of them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from multigan.errors import ConfigError
from multigan.image.pixels import png, to_uint8
from multigan.image.translation.lines import line_drawing
from multigan.image.translation.settings import TranslatedSampling
from multigan.image.translation.unpaired import EMOTIONS, with_planes
from multigan.inputs import Row, made_of_files, reasons
from multigan.modality import Written
from multigan.reading.image import decode
from multigan.reading.listing import IMAGES
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
    data, condition = trained.data, _condition(trained, options)

    def make(path: Path, row: Row) -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
            pixels = decode(path, data.resolution, data.fit, data.background)
        given = torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None].float().div_(127.5).sub_(1)
        given = with_planes(line_drawing(given) if options.lines else given, condition)
        row |= {"width": data.resolution, "height": data.resolution, "lines": options.lines}
        row |= {} if options.label is None else {"label": options.label, "intensity": options.intensity}
        made = generate(trained.network, latents(trained.network, seed, [0]), given)
        return png(to_uint8(made)[0].numpy())

    suffix = "translated" if options.label is None else options.label
    rows, bad = made_of_files(trained, source, IMAGES, folder, f"{suffix}.png", TABLE, make)
    lines = (f"Left out: {reasons(bad)}.",) if bad else ()
    n, side = len(rows), data.resolution
    sentence = (
        f"Translated {n} picture{'s' * (n != 1)} at {side}x{side} pixels into {folder} ({TABLE} names them)."
    )
    return Written([folder / str(row["file"]) for row in rows], sentence, lines)


def _condition(trained: Any, options: TranslatedSampling) -> Tensor | None:
    """[1, L]: the label that is asked for times the intensity; None of a run without labels. ConfigError for another."""
    labelled = trained.facts.condition_tensor[0] > 3
    if not labelled and options.label is None:
        return None
    if not labelled:
        raise ConfigError("This run was trained without labels: leave --set label out.")
    if options.label not in EMOTIONS:
        raise ConfigError(
            f"This run changes faces to an emotion, and the one asked for is {options.label or 'none'}: add --set "
            f"label=NAME, one of {', '.join(EMOTIONS)}."
        )
    return torch.tensor([[options.intensity * (name == options.label) for name in EMOTIONS]])
