"""What reads the labels of samples: class probabilities from features, of its own or of another extractor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.extractors.protocol import ClassifyingExtractor, Extractor


@dataclass(frozen=True, eq=False)
class LabelClassifier:
    """Class probabilities of samples from features that ``extractor`` gives, or that are there already."""

    name: str
    digest: str
    features: str
    """The extractor whose features it reads."""
    probabilities_of: Callable[[np.ndarray], np.ndarray]
    """Features [N, D] -> probabilities float64 [N, C]."""
    extractor: Extractor | None = None
    """Set where the features are its own."""


def with_own_features(classifier: ClassifyingExtractor) -> LabelClassifier:
    """A classifier that reads the features that it gives itself, such as those of images, sounds or texts."""
    return LabelClassifier(
        classifier.name, classifier.digest, classifier.name, classifier.probabilities_of, classifier
    )
