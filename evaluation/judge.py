"""Who reads the emotion of a sample: a classifier that was trained on the labelled real samples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from evaluation.evidence import Seen
from evaluation.extractors import Extractor, Progress, prepared
from evaluation.extractors.emotion_classifier import EmotionClassifier, cached_classifier
from evaluation.extractors.linear_classifier import cached_linear_classifier
from multigan.reading.files import cache_root

RESOLUTIONS = (32, 64)
"""Images are brought to the larger one, or to the smaller where they are no larger."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Class probabilities of samples from features that ``extractor`` gives, or that are there already."""

    name: str
    digest: str
    features: str
    """The extractor whose features it reads."""
    probabilities_of: Callable[[np.ndarray], np.ndarray]
    """Features [N, D] -> probabilities float64 [N, C]."""
    extractor: Extractor | None = None
    """Set where the features are its own."""


def of_classifier(classifier: EmotionClassifier) -> Judge:
    """The judge that an image classifier is."""
    return Judge(classifier.name, classifier.digest, classifier.name, classifier.probabilities_of, classifier)


def judge_of(
    training: Seen,
    n_labels: int,
    features: Extractor,
    seed: int,
    device: torch.device | str,
    progress: Progress | None = None,
) -> Judge:
    """A judge trained on labelled real samples, or recalled where the same ones have trained one before."""
    assert training.labels is not None
    if training.samples.modality == "image":
        return of_classifier(_image_classifier(training, n_labels, device, progress))
    classifier = cached_linear_classifier(
        cache_root() / "classifiers",
        features,
        training.features[features.name],
        training.labels,
        n_labels,
        seed,
    )
    return Judge(classifier.name, classifier.digest, features.name, classifier.probabilities_of)


def _image_classifier(
    training: Seen, n_labels: int, device: torch.device | str, progress: Progress | None
) -> EmotionClassifier:
    assert training.labels is not None
    # in the order of their names, so that the same files train the same classifier whatever the seed drew first
    order = np.argsort(training.rows)
    rows, labels = training.rows[order], training.labels[order]
    content = training.samples.digests
    if content is None:
        images = _squares(training, rows, progress)
        named = [hashlib.sha256(images.tobytes()).hexdigest()]
    else:
        images, named = partial(_squares, training, rows, progress), content(rows, progress)
    digest = hashlib.sha256("\n".join([*named, labels.tobytes().hex()]).encode()).hexdigest()
    return cached_classifier(
        cache_root() / "classifiers", digest, images, labels, n_labels, device=device, progress=progress
    )


def _squares(training: Seen, rows: Sequence[int] | np.ndarray, progress: Progress | None) -> np.ndarray:
    """uint8 [N, R, R, 3]: the images as the classifier sees them."""
    resolution, cpu = RESOLUTIONS[0], torch.device("cpu")
    first = training.samples.read(int(rows[0]))
    if min(first.shape[:2]) > RESOLUTIONS[0]:
        resolution = RESOLUTIONS[1]
    images = np.empty((len(rows), resolution, resolution, 3), np.uint8)
    for place, row in enumerate(rows):
        seen = prepared(training.samples.read(int(row))[None], resolution, cpu)[0]
        images[place] = (seen * 127.5 + 128).clamp(0, 255).byte().permute(1, 2, 0).numpy()
        if progress:
            progress("reading images for the classifier", place + 1, len(rows))
    return images
