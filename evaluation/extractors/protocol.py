"""What turns samples into features: an extractor has a name, a digest of its weights, and features of each sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

Progress = Callable[[str, int, int], None]
"""``progress(what, done, total)``."""


class Extractor(Protocol):
    """Turns samples of one kind into features float32 [N, D].

    ``prepare`` does what is done to one sample alone (resizing, resampling, a spectrogram) and is safe to call from
    several threads; ``forward`` takes prepared samples to features [N, D]. A row does not depend on its neighbours.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str:
        """sha256 of the weights, or of the constants where there are none."""
        ...

    @property
    def preprocessing(self) -> str:
        """What is done to a sample before the network, in one line, and a version: it is part of a cache's key."""
        ...

    def prepare(self, sample: Any) -> Any: ...

    def forward(self, prepared: Sequence[Any]) -> np.ndarray: ...


class ClassifyingExtractor(Extractor, Protocol):
    """An extractor whose features also give class probabilities [N, C] (float64, rows sum to 1)."""

    def probabilities_of(self, features: np.ndarray) -> np.ndarray: ...


def features_of(extractor: Extractor, samples: Sequence[Any] | np.ndarray, batch: int = 64) -> np.ndarray:
    """Features float32 [N, D] of samples in memory, N > 0."""
    starts = range(0, len(samples), batch)
    prepared = ([extractor.prepare(sample) for sample in samples[start : start + batch]] for start in starts)
    return np.concatenate([extractor.forward(part) for part in prepared])
