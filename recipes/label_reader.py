"""What reads the labels of a run's samples: the classifier that the evaluation trains on the run's training samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.extractors.protocol import Progress, features_of
from evaluation.features.subset import Subset
from evaluation.kinds import Kind
from multigan.errors import ConfigError
from multigan.runs import data_of
from multigan.sampling import TrainedGenerator
from recipes.measure import real_samples

Readings = list[str | None]
"""The label that each sample is read as; None where there is no sample."""


class LabelReader:
    """The classifier of a run's labels, trained on its training samples, or the one that a report of the run has trained."""

    def __init__(
        self, kind: Kind, run_folder: Path, trained: TrainedGenerator, progress: Progress | None
    ) -> None:
        record = kind.classifier
        if record is None:
            raise ConfigError(f"There is nothing that reads the labels of {kind.noun}.")
        folder = data_of(run_folder)
        silent: Progress = progress or (lambda *told: None)
        splits = trained.modality.open_data(trained.data, folder, silent)
        train, self._held_out = splits.train, splits.held_out
        samples = real_samples(trained.modality.kind, train, "training samples of the run")
        assert train.classes is not None
        rows = np.arange(train.n_originals)
        subset = Subset(samples, rows, {}, train.classes[rows], samples.intensities)
        device = next(trained.network.parameters()).device
        self._classifier = record.train(subset, len(train.labels), device, progress)
        self.labels: tuple[str, ...] = tuple(train.labels)

    def probabilities(self, media: Sequence[Any]) -> np.ndarray:
        """[N, C] of N samples as the evaluation takes them: how probable each label is."""
        return self._classifier.probabilities_of(features_of(self._classifier, media))

    def read(self, media: Sequence[Any]) -> Readings:
        """The label of each sample."""
        there = [row for row, one in enumerate(media) if one is not None]
        readings: Readings = [None] * len(media)
        if there:
            numbers = self.probabilities([media[row] for row in there]).argmax(1)
            for row, number in zip(there, numbers, strict=True):
                readings[row] = self.labels[int(number)]
        return readings

    def held_out(self, label: str, intensity: float, n: int, order: np.random.Generator) -> list[Any]:
        """Up to n held-out samples of a label, those of the nearest intensities; none of a mix."""
        data = self._held_out
        if label not in data.labels or data.classes is None or data.conditions is None:
            return []
        rows = np.flatnonzero(data.classes[: data.n_originals] == data.labels.index(label))
        distance = np.abs(data.conditions[rows].max(1) - intensity)
        return [
            data.original(int(row))
            for row in order.permutation(rows[np.argsort(distance, kind="stable")][:n])
        ]
