"""Points as samples: arrays in memory, looked at as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from evaluation.samples import Contents
from multigan.errors import DataError


class Coordinates:
    """The points themselves as features [N, 2]."""

    name, digest, preprocessing = "coordinates", "none", "x and y as they are; v1"

    def prepare(self, sample: Any) -> np.ndarray:
        """float32 [2]."""
        return np.asarray(sample, np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, 2]."""
        return np.stack(prepared)


def coordinates(device: torch.device, files: Mapping[str, Path]) -> Coordinates:
    """It needs neither."""
    return Coordinates()


def from_memory(points: Any) -> Contents:
    """An array of finite numbers [N, 2]; DataError for anything else."""
    array = np.asarray(points)
    if array.ndim != 2 or array.shape[1] != 2 or not np.issubdtype(array.dtype, np.number):
        raise DataError(f"Points are an array of numbers [N, 2]; found {array.dtype} {list(array.shape)}.")
    if not np.isfinite(array).all():
        raise DataError("Points are finite numbers; found some that are not. Leave those rows out.")
    return Contents(len(array), array.__getitem__)
