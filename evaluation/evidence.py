"""What a metric may look at: one set of samples beside the reference, through one extractor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evaluation.extractors.protocol import Extractor
from evaluation.features.subset import Seen


@dataclass(frozen=True, eq=False)
class Neighbours:
    """What memorisation is judged by: features of all training samples, and of real samples for scale."""

    training: np.ndarray
    """[M, D]."""
    real: np.ndarray
    """[n, D] of real samples that are not training samples, or that are the training samples ``same``."""
    same: np.ndarray | None
    """[n]: which training samples the real ones are, and so are left out of their own look-up."""
    mirrored: dict[str, np.ndarray]
    """Subject -> features [n, D] of the mirror images of its samples, where the generator saw mirror images too."""
    found: dict[str, Any] = field(default_factory=dict)
    """Subject -> its ``Nearest``, once it has been looked up."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """``fake``, which is a set of fakes or of held-out reals, beside as many ``real`` samples."""

    subject: str
    real: Seen
    fake: Seen
    training: Seen
    """All real samples that a fake might copy."""
    extractor: Extractor | None
    """None for metrics that look at the samples themselves."""
    judge: Any = None
    """A ``Judge`` of emotions, and labelled real samples that it was trained on."""
    known: Seen | None = None
    n_labels: int = 0
    neighbours: Neighbours | None = None
    n_scale: int = 0
    """How many samples the figures of real data, shown for scale, are of."""
    sets: tuple[Seen, ...] = ()
    """All sets of the evaluation: what is to be compared must be treated alike."""
    models: dict[str, Any] = field(default_factory=dict)
    """Networks that single metrics have loaded, for all subjects."""
    options: Any = None
    """The ``Options`` of the evaluation."""

    @property
    def real_features(self) -> np.ndarray:
        return self.real.features[self._name]

    @property
    def fake_features(self) -> np.ndarray:
        return self.fake.features[self._name]

    @property
    def _name(self) -> str:
        assert self.extractor is not None
        return self.extractor.name
