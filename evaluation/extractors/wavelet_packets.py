"""Wavelet packets of an image as features: no network, and every band of the spectrum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from evaluation.extractors.image_tensors import prepared
from evaluation.metrics.wavelet import LEVEL, packets
from evaluation.samples.checks import check_images

RESOLUTION = 32


class WaveletPackets:
    """``wavelet-packets-v1``: the 256 Haar packets of 12 numbers of an image at 32x32 pixels, in [0, 1], laid out flat."""

    name = "wavelet-packets-v1"
    preprocessing = (
        f"area means to {RESOLUTION}x{RESOLUTION}; x / 255; Haar wavelet packets of level {LEVEL}; v1"
    )
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: np.ndarray) -> np.ndarray:
        """float32 [3072] of an image uint8 [H, W, 3]."""
        check_images(sample[None], "given")
        pixels = prepared(sample[None], RESOLUTION, torch.device("cpu")).permute(0, 2, 3, 1).numpy()
        return packets((pixels + 1) / 2).reshape(-1).astype(np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, 3072]."""
        return np.stack(prepared)


def packets_of(features: np.ndarray) -> np.ndarray:
    """The packets [N, 256, 12] out of ``wavelet-packets-v1`` features [N, 3072]."""
    return features.reshape(len(features), 4**LEVEL, -1)


def load(device: torch.device, files: Mapping[str, Path]) -> WaveletPackets:
    """It is computed on the CPU and has no files."""
    return WaveletPackets()
