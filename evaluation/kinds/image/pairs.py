"""How near an image comes to the one that it should be: PSNR, SSIM and distances of two images uint8 [H, W, 3]."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from multigan.errors import DataError

SAME_DB = 100.0
"""What the PSNR of equal images counts as; it has no bound."""
SMALLEST = 11
"""The window of SSIM."""


def psnr(real: np.ndarray, fake: np.ndarray, network: Any = None) -> float:
    """10 log10 (1 / mean square of the difference) in dB, of pixels in [0, 1]; 100 of equal images."""
    return min(SAME_DB, float(peak_signal_noise_ratio(_tensor(fake), _tensor(real), data_range=1.0)))


def ssim(real: np.ndarray, fake: np.ndarray, network: Any = None) -> float:
    """The structural similarity (Wang et al. 2004) with a Gaussian window of 11 pixels, 1 of equal images."""
    if min(real.shape[:2]) < SMALLEST:
        raise DataError(
            f"SSIM needs images of {SMALLEST} pixels a side; found {real.shape[0]}x{real.shape[1]}"
        )
    # in float32 the variance of a bright flat area is lost, and equal images have less than 1
    images = _tensor(fake).double(), _tensor(real).double()
    return float(structural_similarity_index_measure(*images, data_range=1.0))  # type: ignore[arg-type]


def seen_distance(real: np.ndarray, fake: np.ndarray, network: Any) -> float:
    """The distance that a network sees, LPIPS (arXiv:1801.03924) or one of its form: 0 of equal images."""
    return float(network.distance(real[None], fake[None])[0])


def check(real: np.ndarray, fake: np.ndarray) -> None:
    """DataError where the sizes differ."""
    if real.shape != fake.shape:
        raise DataError(
            f"it has {fake.shape[0]}x{fake.shape[1]} pixels and the real one {real.shape[0]}x{real.shape[1]}"
        )


def _tensor(image: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
