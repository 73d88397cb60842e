"""Images in, a report out: each extractor runs once, then every metric that the data allow."""

from __future__ import annotations

import functools
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from evaluation.catalogue import METRICS
from evaluation.extractors import Extractor, Progress, check_images
from evaluation.extractors.emotion_classifier import EmotionClassifier, train_classifier
from evaluation.extractors.random_features import RandomFeatures
from evaluation.intervals import Interval, bootstrap, jackknife, of_mean, wilson
from evaluation.metrics.emotion import accuracy, confusion, intensity_correlation, strengths_read
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.inception_score import split_scores
from evaluation.metrics.memorisation import authenticity, distance_ratio, nearer, nearest_training
from evaluation.metrics.prdc import prdc
from evaluation.report import GENERATED, HELD_OUT, ClosestPair, Figure, Report
from evaluation.statistics import Moments, moments
from multigan.errors import DataError

N_NEIGHBOURS = 5
FEWEST = N_NEIGHBOURS + 1
N_SPLITS = 10
N_GROUPS = 20
N_CLOSEST = 16
BATCH = 256


@dataclass(frozen=True)
class _Images:
    """One set: uint8 [N, H, W, 3], labels [N] and intensities [N] where known, and which are measured."""

    pixels: np.ndarray
    labels: np.ndarray | None
    intensities: np.ndarray | None
    drawn: np.ndarray

    @property
    def drawn_labels(self) -> np.ndarray | None:
        return None if self.labels is None else np.asarray(self.labels)[self.drawn]

    @property
    def drawn_intensities(self) -> np.ndarray | None:
        """None also where all are the same, which nothing can correlate with."""
        if self.intensities is None:
            return None
        values = np.asarray(self.intensities, np.float64)[self.drawn]
        return values if np.ptp(values) > 0 else None


@dataclass(frozen=True)
class _Seen:
    """Features float32 [N, D] in one extractor: of training images, and of each subject's drawn images."""

    extractor: Extractor
    train: np.ndarray
    subjects: dict[str, np.ndarray]
    seed: int

    def figure(
        self, metric: str, subject: str, value: float, interval: Interval, n: int, note: str = ""
    ) -> Figure:
        record, through = METRICS[metric], self.extractor.name
        note = f"Interval: {interval.method}. {note}".strip()
        name, better = record.named(through), record.higher_is_better
        return Figure(name, value, interval.low, interval.high, n, self.seed, better, through, note, subject)

    def pairs(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """For each subject, equal numbers of training features and of its own."""
        found = {}
        for subject, features in self.subjects.items():
            n = min(len(features), len(self.train))
            found[subject] = self.train[_draw(len(self.train), n, [self.seed, 1])], features[:n]
        return found


def evaluate_images(
    real_train: np.ndarray,
    real_train_labels: np.ndarray | None,
    held_out: np.ndarray,
    held_out_labels: np.ndarray | None,
    fake: np.ndarray,
    fake_labels: np.ndarray | None,
    *,
    labels: Sequence[str],
    real_train_intensities: np.ndarray | None = None,
    held_out_intensities: np.ndarray | None = None,
    fake_intensities: np.ndarray | None = None,
    classifier: EmotionClassifier | None = None,
    mirrored: bool = False,
    seed: int = 0,
    device: torch.device | str = "cpu",
    max_samples: int = 5_000,
    progress: Progress | None = None,
) -> Report:
    """Measure generated images against real training images, with held-out real images beside them for scale.

    Images are uint8 [N, H, W, 3], memory-mapped or not; labels int [N] number the names in ``labels``; with
    () nothing that needs labels is measured. Intensities [N] are in [0, 1]. Without a ``classifier`` one is
    trained on the training images. At most ``max_samples`` of a set are measured, drawn by ``seed``, but
    memorisation looks through all training images; with ``mirrored``, for a generator that was trained on mirror
    images too, also for the mirror image of each sample, since a mirrored copy is a copy. DataError where something
    does not fit or is too few.
    """
    measured = functools.partial(_set, len(labels), max_samples, seed)
    train = measured("training", real_train, real_train_labels, real_train_intensities)
    subjects = {GENERATED: measured(GENERATED, fake, fake_labels, fake_intensities)}
    notes = []
    if len(held_out) >= FEWEST:
        subjects[HELD_OUT] = measured(HELD_OUT, held_out, held_out_labels, held_out_intensities)
    else:
        notes.append(f"There are {len(held_out)} held-out images; {FEWEST} are needed for figures of them.")
    if labels and classifier is None:
        classifier = _trained(train, len(labels), seed, device, progress)
    everything = np.arange(len(real_train))
    random_features = _seen(RandomFeatures(device), train, everything, subjects, seed, progress)
    figures: list[Figure] = []
    counts: dict[str, np.ndarray] = {}
    if labels and classifier is not None:
        seen = _seen(classifier, train, train.drawn, subjects, seed, progress)
        counts = _confusions(seen, classifier, subjects, len(labels))
        figures += _accuracies(seen, counts)
        figures += _intensities(seen, classifier, train, subjects)
        figures += _frechet(seen) + _inception_scores(seen, classifier) + _prdc(seen)
    memorisation, closest = _memorisation(random_features, subjects, mirrored)
    figures += ([] if labels else _frechet(random_features)) + _prdc(random_features) + memorisation
    extractors = [random_features.extractor, *([classifier] if labels and classifier else [])]
    sizes = {"training": real_train, HELD_OUT: held_out, GENERATED: fake}
    facts = {"seed": seed, "device": str(device), "notes": notes, **_facts(sizes, extractors)}
    read, held_out_read = _rows(counts.get(GENERATED)), _rows(counts.get(HELD_OUT))
    return Report(tuple(figures), tuple(labels), read, held_out_read, closest, facts)


def _set(
    n_classes: int,
    max_samples: int,
    seed: int,
    what: str,
    pixels: np.ndarray,
    labels: np.ndarray | None,
    intensities: np.ndarray | None,
) -> _Images:
    check_images(pixels, what)
    if len(pixels) < FEWEST:
        raise DataError(f"There are {len(pixels)} {what} images; an evaluation needs {FEWEST} or more.")
    for values, kind in ((labels, "labels"), (intensities, "intensities")):
        if values is not None and np.shape(values) != (len(pixels),):
            found = list(np.shape(values))
            raise DataError(f"The {what} {kind} are {found}; give one for each of {len(pixels)} images.")
    if n_classes and labels is not None and (np.min(labels) < 0 or np.max(labels) >= n_classes):
        found = f"{np.min(labels)} to {np.max(labels)}"
        raise DataError(
            f"The {what} labels are {found}; with {n_classes} names they are 0 to {n_classes - 1}."
        )
    drawn = _draw(len(pixels), max_samples, [seed, *what.encode()])
    return _Images(pixels, labels, intensities, drawn)


def _draw(n: int, at_most: int, seed: Sequence[int]) -> np.ndarray:
    return np.random.default_rng(seed).permutation(n)[:at_most]


def _trained(
    train: _Images, n_classes: int, seed: int, device: torch.device | str, progress: Progress | None
) -> EmotionClassifier:
    if train.labels is None:
        raise DataError(
            "The training images have no labels, so no classifier of emotions can be trained; "
            "give their labels, a classifier, or labels=()."
        )
    return train_classifier(train.pixels, train.labels, n_classes, seed, device, progress)


def _seen(
    extractor: Extractor,
    train: _Images,
    train_index: np.ndarray,
    subjects: dict[str, _Images],
    seed: int,
    progress: Progress | None,
) -> _Seen:
    total = len(train_index) + sum(len(images.drawn) for images in subjects.values())
    done = 0

    def features(pixels: np.ndarray, index: np.ndarray) -> np.ndarray:
        nonlocal done
        parts = []
        for start in range(0, len(index), BATCH):
            parts.append(extractor.features(pixels[index[start : start + BATCH]]))
            done += len(parts[-1])
            if progress:
                progress(f"features: {extractor.name}", done, total)
        return np.concatenate(parts)

    of_subjects = {subject: features(images.pixels, images.drawn) for subject, images in subjects.items()}
    return _Seen(extractor, features(train.pixels, train_index), of_subjects, seed)


def _confusions(
    seen: _Seen, classifier: EmotionClassifier, subjects: dict[str, _Images], n_classes: int
) -> dict[str, np.ndarray]:
    counts = {}
    for subject, images in subjects.items():
        if images.drawn_labels is not None:
            read = classifier.probabilities_of(seen.subjects[subject]).argmax(axis=1)
            counts[subject] = confusion(images.drawn_labels, read, n_classes)
    return counts


def _accuracies(seen: _Seen, counts: dict[str, np.ndarray]) -> list[Figure]:
    figures = []
    for subject, matrix in counts.items():
        n, right = int(matrix.sum()), int(np.trace(matrix))
        note = f"Always answering the commonest label would be right for {matrix.sum(axis=1).max() / n:.3f}."
        figures.append(seen.figure("emotion accuracy", subject, accuracy(matrix), wilson(right, n), n, note))
    if GENERATED in counts:
        n_classes = len(counts[GENERATED])
        exact = Interval(1 / n_classes, 1 / n_classes, "none: exact")
        note = f"Guessing among {n_classes} emotions."
        figures.append(seen.figure("chance accuracy", GENERATED, 1 / n_classes, exact, 0, note))
    return figures


def _intensities(
    seen: _Seen, classifier: EmotionClassifier, train: _Images, subjects: dict[str, _Images]
) -> list[Figure]:
    figures = []
    for subject, images in subjects.items():
        asked, intensities = images.drawn_labels, images.drawn_intensities
        if asked is None or intensities is None:
            continue
        features, known = seen.subjects[subject], train.drawn_intensities
        if train.drawn_labels is not None and known is not None:
            strengths = strengths_read(seen.train, train.drawn_labels, known, features, asked)
            note = "Strength: ridge regression from the features to the intensities of training images."
        else:
            strengths = classifier.probabilities_of(features)[np.arange(len(asked)), asked]
            note = "Strength: the probability of the emotion asked for."
        value = intensity_correlation(asked, intensities, strengths)
        together = functools.partial(_correlation, asked, intensities, strengths)
        interval = bootstrap(together, np.arange(len(asked)), seed=seen.seed)
        figures.append(seen.figure("intensity correlation", subject, value, interval, len(asked), note))
    return figures


def _correlation(
    asked: np.ndarray, intensities: np.ndarray, strengths: np.ndarray, chosen: np.ndarray
) -> float:
    return intensity_correlation(asked[chosen], intensities[chosen], strengths[chosen])


def _frechet(seen: _Seen) -> list[Figure]:
    figures = []
    pairs = seen.pairs()
    fewest = min(len(features) for _, features in pairs.values())
    for subject, (real, features) in pairs.items():
        n, reference = len(features), moments(real)
        groups = [moments(part) for part in np.array_split(features, min(N_GROUPS, n))]
        left_out = [
            frechet_distance(reference, functools.reduce(Moments.merged, groups[:g] + groups[g + 1 :]))
            for g in range(len(groups))
        ]
        value = frechet_distance(reference, moments(features))
        note = f"The {n} training images compared with are taken as fixed."
        if n > fewest:
            at_fewest = frechet_distance(moments(real[:fewest]), moments(features[:fewest]))
            note += f" At n = {fewest}, where the other figure is: {at_fewest:.4g}."
        figures.append(seen.figure("FD", subject, value, jackknife(value, left_out), n, note))
    return figures


def _inception_scores(seen: _Seen, classifier: EmotionClassifier) -> list[Figure]:
    figures = []
    for subject, features in seen.subjects.items():
        n = len(features)
        scores = split_scores(classifier.probabilities_of(features), seen.seed, min(N_SPLITS, n))
        note = f"Mean over splits; their standard deviation is {scores.std():.3g}."
        figures.append(seen.figure("IS", subject, float(scores.mean()), of_mean(scores), n, note))
    return figures


def _prdc(seen: _Seen) -> list[Figure]:
    figures = []
    for subject, (real, features) in seen.pairs().items():
        n, found = len(features), prdc(real, features, N_NEIGHBOURS)
        note = f"k = {N_NEIGHBOURS}; every other image taken as fixed."
        for metric in ("precision", "recall", "coverage"):
            inside = getattr(found, metric)
            interval = wilson(int(inside.sum()), n)
            figures.append(seen.figure(metric, subject, float(inside.mean()), interval, n, note))
        interval = bootstrap(np.mean, found.density, seed=seen.seed)
        figures.append(seen.figure("density", subject, float(found.density.mean()), interval, n, note))
    return figures


def _memorisation(
    seen: _Seen, subjects: dict[str, _Images], mirrored: bool
) -> tuple[list[Figure], tuple[ClosestPair, ...]]:
    found = {subject: nearest_training(features, seen.train) for subject, features in seen.subjects.items()}
    if mirrored:
        for subject, images in subjects.items():
            turned = seen.extractor.features(images.pixels[images.drawn][:, :, ::-1])
            found[subject] = nearer(found[subject], nearest_training(turned, seen.train))
    drawn = subjects[GENERATED].drawn
    figures = []
    for subject, nearest in found.items():
        own = authenticity(nearest)
        n, interval = len(own), wilson(int(own.sum()), len(own))
        note = "Copies are not authentic; of fresh real images some are not either."
        figures.append(seen.figure("authenticity", subject, float(own.mean()), interval, n, note))
    fakes = found[GENERATED]
    if HELD_OUT in found:
        both = fakes.distance, found[HELD_OUT].distance
        interval = bootstrap(distance_ratio, *both, seed=seen.seed)
        note = (
            f"Near 1: as far from training images as {len(both[1])} held-out ones are; copies bring it to 0."
        )
        name = "nearest distance ratio"
        figures.append(seen.figure(name, GENERATED, distance_ratio(*both), interval, len(both[0]), note))
    order = np.argsort(fakes.distance, kind="stable")[:N_CLOSEST]
    closest = (ClosestPair(int(drawn[i]), int(fakes.index[i]), float(fakes.distance[i])) for i in order)
    return figures, tuple(closest)


def _rows(counts: np.ndarray | None) -> tuple[tuple[int, ...], ...] | None:
    return None if counts is None else tuple(tuple(int(count) for count in row) for row in counts)


def _facts(images: dict[str, np.ndarray], extractors: Sequence[Extractor]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "n": {what: len(pixels) for what, pixels in images.items()},
        "image_shape": {what: list(pixels.shape[1:]) for what, pixels in images.items()},
        "extractors": {extractor.name: extractor.digest for extractor in extractors},
    }
