"""Checks of each clip as features, so that clips are read once for all that looks at them, and checks are cached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from evaluation.metrics.audio import CHECKS, checks
from multigan.reading.audio import Clip

NAME = "audio-checks-v1"


class AudioChecks:
    """``audio-checks-v1``: silence, clipping, offset, peak and loudness [5] of a clip (``evaluation.metrics.audio``)."""

    name = NAME
    preprocessing = f"none; {', '.join(CHECKS)}; v1"
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: Clip) -> np.ndarray:
        """The checks float32 [5] of a clip."""
        return checks(sample).astype(np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Checks float32 [N, 5]."""
        return np.stack(prepared)


def load(device: torch.device, files: Mapping[str, Path]) -> AudioChecks:
    """It is computed on the CPU and has no files."""
    return AudioChecks()
