"""Samples as small pictures, row by row on one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from multigan.writing import replacing


def tiled(picture: Callable[[np.ndarray], Image.Image]) -> Callable[[Tensor, int, Path, Any], None]:
    """The ``preview`` of a modality: ``picture(sample)`` of each sample on one PNG, row by row, each in a tile of its own.

    A tile has the size of the largest picture.
    """

    def preview(samples: Tensor, columns: int, path: Path, data: Any) -> None:
        pictures = [picture(sample) for sample in samples.numpy()]
        width, height = (max(one.size[axis] for one in pictures) for axis in (0, 1))
        page = Image.new("RGB", (columns * width, -(-len(pictures) // columns) * height), "white")
        for number, one in enumerate(pictures):
            page.paste(one, (number % columns * width, number // columns * height))
        with replacing(path) as stream:
            page.save(stream, "PNG")

    return preview
