"""Images as tensors, for extractors and classifiers that see them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

BATCH = 256


def prepared(images: np.ndarray, resolution: int, device: torch.device) -> Tensor:
    """uint8 images [N, H, W, 3] as float32 [N, 3, R, R] in [-1, 1]: x / 127.5 - 1, resized by area means."""
    # a copy, because torch warns of arrays that it must not write to, such as a read-only memory map
    pixels = torch.from_numpy(np.array(images, order="C")).to(device).permute(0, 3, 1, 2)
    scaled = (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    if scaled.shape[2:] == (resolution, resolution):
        return scaled
    return F.interpolate(scaled, (resolution, resolution), mode="area")


def extracted(
    images: np.ndarray, resolution: int, device: torch.device, forward: Callable[[Tensor], Tensor]
) -> np.ndarray:
    """Features float32 [N, D] of images [N, H, W, 3], batch by batch: a memory map is never held whole."""
    with torch.inference_mode():
        parts = [
            forward(prepared(images[start : start + BATCH], resolution, device)).float().cpu().numpy()
            for start in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts)
