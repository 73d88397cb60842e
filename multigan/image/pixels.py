"""Images as numbers of networks and as pixels of files, and files and sheets of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from multigan.writing import make_folder, replacing


def to_uint8(samples: Tensor) -> Tensor:
    """[N, C, H, W] in [-1, 1] -> uint8 [N, H, W, C], rounded as a saved file is: x * 127.5 + 128, clamped."""
    return (samples.float() * 127.5 + 128).clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().cpu()


def png(pixels: np.ndarray) -> bytes:
    """A PNG file of uint8 [H, W, C]."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def write_images(samples: Tensor, paths: Sequence[Path], data: Any) -> None:
    """Write each sample as a PNG file."""
    for pixels, path in zip(to_uint8(samples).numpy(), paths, strict=True):
        with replacing(path) as stream:
            stream.write(png(pixels))


def write_grid(samples: Tensor, columns: int, path: Path, data: Any) -> None:
    """All samples in one picture, row by row, small ones enlarged so that a person sees them."""
    pixels = to_uint8(samples)
    n, height, width, channels = pixels.shape
    rows = -(-n // columns)
    canvas = pixels.new_full((rows * columns, height, width, channels), 255)
    canvas[:n] = pixels
    sheet = canvas.reshape(rows, columns, height, width, channels).transpose(1, 2)
    picture = Image.fromarray(sheet.reshape(rows * height, columns * width, channels).numpy())
    scale = max(1, 64 // height)
    enlarged = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    make_folder(path.parent)
    with replacing(path) as stream:
        enlarged.save(stream, format="PNG")
