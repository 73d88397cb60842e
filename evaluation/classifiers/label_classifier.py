"""Who reads the emotion of a sample: a classifier that was trained on the labelled real samples."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import torch

from evaluation.classifiers.images import EmotionClassifier, cached_classifier
from evaluation.classifiers.sounds import Levels, SoundClassifier, cached_sound_classifier, n_frames_for
from evaluation.classifiers.texts import TextClassifier, cached_text_classifier
from evaluation.extractors.image_tensors import prepared
from evaluation.extractors.log_mel import N_BANDS, spectrogram
from evaluation.extractors.protocol import Classifies, Extractor, Progress
from evaluation.features.featurise import featurise
from evaluation.features.subset import Seen
from multigan.reading.files import cache_root

RESOLUTIONS = (32, 64)
"""Images are brought to the larger one, or to the smaller where they are no larger."""
LOOKED_AT = 500
"""So many clips tell the length that all are brought to."""

Contents = TypeVar("Contents", np.ndarray, list[str])


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


def of_classifier(classifier: Classifies) -> Judge:
    """The judge that a classifier of images, sounds or texts is."""
    return Judge(classifier.name, classifier.digest, classifier.name, classifier.probabilities_of, classifier)


def judge_of(
    training: Seen, n_labels: int, device: torch.device | str, progress: Progress | None = None
) -> Judge:
    """A network trained on labelled real samples, or recalled where the same ones have trained one before."""
    assert training.labels is not None
    return of_classifier(_NETWORKS[training.samples.modality](training, n_labels, device, progress))


def _image_classifier(
    training: Seen, n_labels: int, device: torch.device | str, progress: Progress | None
) -> EmotionClassifier:
    digest, images, labels = _content(training, _squares, progress)
    folder = cache_root() / "classifiers"
    return cached_classifier(folder, digest, images, labels, n_labels, device=device, progress=progress)


def _sound_classifier(
    training: Seen, n_labels: int, device: torch.device | str, progress: Progress | None
) -> SoundClassifier:
    digest, spectrograms, labels = _content(training, _spectrograms, progress)
    folder = cache_root() / "classifiers"
    return cached_sound_classifier(
        folder, digest, spectrograms, labels, n_labels, device=device, progress=progress
    )


def _text_classifier(
    training: Seen, n_labels: int, device: torch.device | str, progress: Progress | None
) -> TextClassifier:
    digest, texts, labels = _content(training, _texts, progress)
    intensities = training.intensities
    if intensities is not None:
        intensities = intensities[np.argsort(training.rows)]
    folder = cache_root() / "classifiers"
    return cached_text_classifier(
        folder, digest, texts, labels, n_labels, intensities, device=device, progress=progress
    )


def _content(
    training: Seen, read: Callable[[Seen, np.ndarray, Progress | None], Contents], progress: Progress | None
) -> tuple[str, Callable[[], Contents], np.ndarray]:
    """(what names them, a function that reads them, their labels): samples in the order of their names.

    So that the same files train the same classifier whatever the seed drew first.
    """
    assert training.labels is not None
    order = np.argsort(training.rows)
    rows, labels = training.rows[order], training.labels[order]
    content = training.samples.digests
    if content is None:
        held = read(training, rows, progress)
        named, contents = [hashlib.sha256(_bytes(held)).hexdigest()], lambda: held
    else:
        named, contents = content(rows, progress), partial(read, training, rows, progress)
    digest = hashlib.sha256("\n".join([*named, labels.tobytes().hex()]).encode()).hexdigest()
    return digest, contents, labels


def _bytes(contents: np.ndarray | list[str]) -> bytes:
    return json.dumps(contents).encode() if isinstance(contents, list) else contents.tobytes()


def _squares(training: Seen, rows: np.ndarray, progress: Progress | None) -> np.ndarray:
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


def _spectrograms(training: Seen, rows: np.ndarray, progress: Progress | None) -> np.ndarray:
    """float32 [N, 64, F], memory-mapped: the clips as the classifier hears them, all of one length."""
    some = rows[:: -(-len(rows) // LOOKED_AT)]
    lengths = [spectrogram(training.samples.read(int(row))).shape[1] for row in some]
    levels = Levels(n_frames_for(lengths))
    # the trained classifier is kept, so that these are not wanted again
    found = featurise(training.samples, rows, [levels], max_bad=0, cache=False, progress=progress)
    return found.features[levels.name].reshape(len(rows), N_BANDS, -1)


def _texts(training: Seen, rows: np.ndarray, progress: Progress | None) -> list[str]:
    return [training.samples.read(int(row)) for row in rows]


_NETWORKS: dict[str, Callable[[Seen, int, torch.device | str, Progress | None], Classifies]] = {
    "image": _image_classifier,
    "audio": _sound_classifier,
    "text": _text_classifier,
}
