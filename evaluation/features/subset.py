"""Samples of a set that were drawn and read, with their features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from evaluation.samples import Samples


@dataclass(frozen=True, eq=False)
class Subset:
    """Samples that could be read, in random order, with what is known of each."""

    samples: Samples
    rows: np.ndarray
    """[n]: their places in ``samples``."""
    features: dict[str, np.ndarray]
    """Extractor -> features [n, D]."""
    labels: np.ndarray | None = None
    """[n]: numbers of the reference's labels."""
    intensities: np.ndarray | None = None
    clusters: np.ndarray | None = None
    """[n]: samples with the same number are near-copies, or stand at such places; None where there are none."""

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def contents(self) -> tuple[Any, ...]:
        """All samples, read: for texts, which are small."""
        return tuple(self.samples.read(int(row)) for row in self.rows)

    def part(self, chosen: slice | np.ndarray) -> Subset:
        """Some of them."""
        features = {name: rows[chosen] for name, rows in self.features.items()}
        labels = None if self.labels is None else self.labels[chosen]
        intensities = None if self.intensities is None else self.intensities[chosen]
        clusters = None if self.clusters is None else self.clusters[chosen]
        return replace(
            self,
            rows=self.rows[chosen],
            features=features,
            labels=labels,
            intensities=intensities,
            clusters=clusters,
        )
