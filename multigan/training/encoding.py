"""Real samples as the networks see them, where a generator has a representation of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from multigan.protocols import Batch, Dataset, Representation

FITTED_ON = 2048
"""Samples that a representation takes what it must know of the data from, ..."""
FITTED_VALUES = 2**25
"""... or fewer, of as many values together (but 32 at least): long sounds would fill the memory."""


class Encoded:
    """A data set whose samples are encoded when they are drawn, on the device that trains."""

    def __init__(self, data: Dataset, representation: Representation, device: torch.device) -> None:
        self._data, self._representation, self._device = data, representation, device
        self.labels, self.sample_shape = data.labels, tuple(representation.shape)

    def __len__(self) -> int:
        return len(self._data)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """Encoded samples [N, *shape] and their condition, on the device."""
        batch = self._data.batch(indices).to(self._device)
        with torch.no_grad():
            return Batch(self._representation.encode(batch.real), batch.condition)


def fitted(representation: Representation, data: Dataset, seed: int, device: torch.device) -> Encoded:
    """The data set encoded, by a representation that is fitted to some of its samples, drawn by ``seed``."""
    rows = np.random.default_rng((seed, 0)).permutation(len(data))
    rows = rows[: min(FITTED_ON, max(32, FITTED_VALUES // math.prod(data.sample_shape)))]
    representation.fit(data.batch(rows).to(device).real)
    return Encoded(data, representation, device)
