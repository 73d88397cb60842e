"""Parts that a kind of one's own can be made of, and the kind that they make of samples which are arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from evaluation.evidence import Evidence
from evaluation.exhibits.embedded import embedded_picture
from evaluation.exhibits.exhibit import Exhibit, Show
from evaluation.exhibits.markup import Html, element
from evaluation.extractors.protocol import Extractor, features_of
from evaluation.extractors.record import ExtractorRecord
from evaluation.features.subset import Subset
from evaluation.figures import Example
from evaluation.kinds import ClassifierRecord, Kind
from evaluation.metrics.record import SAMPLES, Metric
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import array_digest
from evaluation.samples.folder import samples_of_files
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.reading import listing
from multigan.reading.columns import ColumnFlags
from multigan.reading.prepare import guarded


@dataclass(frozen=True, eq=False)
class Computed:
    """Features without weights: what a function makes of a sample."""

    name: str
    preprocessing: str
    """What is computed, in a line with a version: it names the features in the cache, so that a change needs another one."""
    of: Callable[[Any], Any]
    """A sample -> its D features, safe to call from several threads."""
    digest: str = "none"

    def prepare(self, sample: Any) -> np.ndarray:
        return np.asarray(self.of(sample), np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack(prepared)


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


def kind_of_arrays(
    name: str,
    *,
    files: listing.Kind,
    read: Callable[[Path], np.ndarray],
    features: Extractor,
    picture: Callable[[np.ndarray], Image.Image],
    metrics: Sequence[Metric] = (),
    version: int = 1,
) -> Kind:
    """A kind of samples that are arrays, each of which has a file of its own or is in memory.

    ``read(path)`` gives the sample of a file, and any error of it means that the file cannot be used; ``version`` names the
    way files are read, so that a change needs another one. Samples have the names of ``files`` in sentences and are shown as
    ``picture(sample)``. Labels are read by the nearest real samples in the ``features``, which need no files. The
    ``metrics`` lead a report.
    """

    def open_folder(path: Path, labels_column: str | None) -> Samples:
        found = listing.list_files(path, files, ColumnFlags(label=labels_column))
        return samples_of_files(kind, path, found, guarded(read), version)

    kind = Kind(
        name=name,
        singular=files.one,
        noun=files.several,
        extractors=(
            ExtractorRecord(
                features.name, lambda device, files: features, preprocessing=features.preprocessing
            ),
        ),
        default_features=features.name,
        exhibit=Exhibit(_shown_as(picture), per_label=8, unlabelled=16, layout="tiles"),
        digest=lambda sample: array_digest(np.asarray(sample)),
        open_folder=open_folder,
        from_memory=lambda samples: Contents(len(samples), lambda row: np.asarray(samples[row])),
        metrics=tuple(metrics),
        leading=tuple(metric.name for metric in metrics),
        classifier=nearest(features),
    )
    return kind


def _shown_as(
    picture: Callable[[np.ndarray], Image.Image],
) -> Callable[[Sequence[Any], int], tuple[Show, str]]:
    """An exhibit's ``show`` of a picture for each sample, inside the page."""

    def drawing(example: Example, words: str) -> Html:
        one = embedded_picture(picture(np.asarray(example.content)), "png")
        return element("img", src=one.uri, width=one.width, height=one.height, alt=words, title=words)

    return lambda samples, n_bytes: (drawing, "")
