"""What a metric may look at: one set of samples beside the reference, through one extractor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from evaluation.classifiers.label_classifier import LabelClassifier
from evaluation.extractors.protocol import Extractor
from evaluation.extractors.record import ExtractorRecord, load_model
from evaluation.features.featurise import featurise
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT
from evaluation.metrics.memorisation import Nearest, nearer, nearest_training
from evaluation.metrics.record import USUAL_K, USUAL_Q
from evaluation.options import Options
from evaluation.statistics.estimate import Estimate
from multigan.errors import ConfigError, MultiganError
from multigan.pretrained.weights import own_place

Estimates = dict[str, Estimate]
"""Metric -> its value with an interval."""
MOST_NEIGHBOURS = 10_000
"""What takes time with the square of the number of samples looks at as many of a set."""


class UnmeasuredError(MultiganError):
    """A metric that cannot be measured here; the message says why and what to do."""


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
    known: dict[str, Nearest] = field(default_factory=dict)
    """Subject -> the training samples nearest to its own, once they have been looked up."""

    def nearest(self, subject: str, features: np.ndarray) -> Nearest:
        """The training samples nearest to a set with features [n, D], be it fakes or real samples; looked up once."""
        if subject not in self.known:
            same = self.same if subject == HELD_OUT else None
            nearest = nearest_training(features, self.training, same)
            if subject in self.mirrored:
                nearest = nearer(nearest, nearest_training(self.mirrored[subject], self.training, same))
            self.known[subject] = nearest
        return self.known[subject]


@dataclass(frozen=True, eq=False)
class Evidence:
    """``fake``, which is a set of fakes or of held-out reals, beside as many ``real`` samples."""

    subject: str
    real: Subset
    fake: Subset
    training: Subset
    """All real samples that a fake might copy."""
    extractor: Extractor | None
    """None for metrics that look at the samples themselves."""
    classifier: LabelClassifier | None = None
    known: Subset | None = None
    """Labelled real samples that the classifier was trained on."""
    n_labels: int = 0
    neighbours: Neighbours | None = None
    n_scale: int = 0
    """How many samples the figures of real data, shown for scale, are of."""
    held_out: Subset | None = None
    """Real samples that no generator saw, where there are some."""
    sets: tuple[Subset, ...] = ()
    """All sets of the evaluation: what is to be compared must be treated alike."""
    models: dict[str, Any] = field(default_factory=dict)
    """Networks that single metrics have loaded, for all subjects."""
    options: Options = field(default_factory=Options)
    k: int = USUAL_K
    """How many neighbours metrics of neighbourhoods look at."""
    q: float = USUAL_Q
    """The order of metrics of effective numbers."""

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

    def model(self, record: ExtractorRecord, metric: str) -> Any:
        """A network that a metric needs, loaded once; UnmeasuredError where its files are not there."""
        try:
            if record.name not in self.models:
                device = torch.device(self.options.device)
                weights = own_place(record, self.options.weights)
                self.models[record.name] = load_model(record, device, weights)
            return self.models[record.name]
        except ConfigError as error:
            raise UnmeasuredError(f"{metric} was not measured. {error}") from error

    def features_by(self, model: Extractor, subset: Subset) -> np.ndarray:
        """Features float64 [n, D] of a set by a network that few metrics need, computed when one is measured, and kept."""
        if model.name not in subset.features:
            table = featurise(subset.samples, subset.rows, [model], max_bad=0, cache=self.options.cache)
            subset.features[model.name] = table.features[model.name]
        return np.asarray(subset.features[model.name], np.float64)
