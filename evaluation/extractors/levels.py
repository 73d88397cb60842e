"""Levels of each sample as features, so that samples are read once for all that looks at them, and levels are cached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from evaluation.metrics.levels import image_levels, sound_levels
from multigan.reading.audio import Clip


class ImageLevels:
    """``image-levels-v1``: the levels of an image's finest detail and of its noise, its height and its width [4]."""

    name = "image-levels-v1"
    preprocessing = "none; levels of 2x2 Haar details in dB: mean square, median; height, width; v1"
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: np.ndarray) -> np.ndarray:
        """float32 [4] of an image uint8 [H, W, 3]."""
        return np.array([*image_levels(sample), *sample.shape[:2]], np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, 4]."""
        return np.stack(prepared)


class SoundLevels:
    """``sound-levels-v1``: the high-frequency energy and the noise floor of a clip, and its rate [3]."""

    name = "sound-levels-v1"
    preprocessing = "none; level of the upper octave and of the quietest tenth in dB, rate in Hz; v1"
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: Clip) -> np.ndarray:
        """float32 [3] of a clip."""
        return np.array([*sound_levels(sample), sample.rate_hz], np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, 3]."""
        return np.stack(prepared)


def load_image_levels(device: torch.device, files: Mapping[str, Path]) -> ImageLevels:
    """It is computed on the CPU and has no files."""
    return ImageLevels()


def load_sound_levels(device: torch.device, files: Mapping[str, Path]) -> SoundLevels:
    """It is computed on the CPU and has no files."""
    return SoundLevels()
