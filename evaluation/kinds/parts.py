"""Parts that a kind of one's own can be made of: a reader of labels by nearest samples, and a mean as a metric."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.evidence import Evidence
from evaluation.extractors.protocol import Extractor, features_of
from evaluation.features.subset import Subset
from evaluation.kinds import ClassifierRecord
from evaluation.metrics.record import SAMPLES, Metric
from evaluation.samples.digests import array_digest
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife


@dataclass(frozen=True, eq=False)
class Nearest:
    """Reads a label from features by the labels of the ``k`` nearest known samples (Euclidean distance)."""

    extractor: Extractor
    known: np.ndarray
    """[M, D]."""
    labels: np.ndarray
    """[M]: numbers from 0."""
    n_labels: int
    k: int

    @property
    def name(self) -> str:
        return f"nearest-{self.extractor.name}"

    @property
    def digest(self) -> str:
        return array_digest(self.known, [self.extractor.digest, self.k, *self.labels.tolist()])

    @property
    def preprocessing(self) -> str:
        return self.extractor.preprocessing

    def prepare(self, sample: Any) -> Any:
        return self.extractor.prepare(sample)

    def forward(self, prepared: Any) -> np.ndarray:
        return self.extractor.forward(prepared)

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """[N, C]: the share of each label among the nearest."""
        own, known = np.asarray(features, np.float64), self.known.astype(np.float64)
        squares = (own**2).sum(1)[:, None] + (known**2).sum(1) - 2 * own @ known.T
        nearest = self.labels[squares.argsort(axis=1, kind="stable")[:, : self.k]]
        return np.stack([(nearest == label).mean(axis=1) for label in range(self.n_labels)], axis=1)


def nearest(extractor: Extractor, k: int = 10) -> ClassifierRecord:
    """A classifier of a kind: labels by the ``k`` nearest real samples in the features of an extractor."""

    def train(training: Subset, n_labels: int, device: Any, progress: Any) -> Nearest:
        known = features_of(extractor, training.contents)
        return Nearest(extractor, known, np.asarray(training.labels), n_labels, k)

    return ClassifierRecord(f"nearest-{extractor.name}", train)


def mean_over_samples(
    name: str,
    value: Callable[[Any], float],
    *,
    question: str,
    reading: str,
    trap: str,
    between: tuple[float, float] = (-math.inf, math.inf),
    higher_is_better: bool | None = None,
    paper: str = "",
) -> Metric:
    """A metric of a kind: the mean of ``value(sample)``, a number ``between`` two bounds."""

    def measure(evidence: Evidence) -> dict[str, Estimate]:
        values = np.array([value(sample) for sample in evidence.fake.contents], np.float64)
        mean, left_out = float(values.mean()), left_out_means(values, n_groups_of(len(values)))
        return {name: Estimate(mean, left_out, jackknife(mean, left_out, *between), len(values))}

    return Metric(name, SAMPLES, measure, higher_is_better, paper, question, reading, trap, alone=True)
