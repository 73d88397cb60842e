"""Evidence -> estimates by the name of their metric: what the metrics of every kind are computed by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.evidence import MOST_NEIGHBOURS, Estimates, Evidence
from evaluation.figures import HELD_OUT
from evaluation.metrics import diversity, memorisation
from evaluation.metrics.clipped import estimate_clipped
from evaluation.metrics.frechet import (
    estimate_frechet,
    estimate_frechet_infinity,
    frechet_distance_of,
)
from evaluation.metrics.inception_score import estimate_inception_score
from evaluation.metrics.kernel import estimate_kernel
from evaluation.metrics.labels import (
    estimate_accuracy,
    estimate_calibration,
    estimate_intensity,
    read_strengths,
)
from evaluation.metrics.mind import estimate_mind
from evaluation.metrics.prdc import estimate_prdc
from evaluation.metrics.rbf import estimate_rbf_median
from evaluation.metrics.two_sample import estimate_two_sample
from evaluation.metrics.vendi import estimate_vendi
from evaluation.statistics.estimate import Estimate, n_groups_of
from evaluation.statistics.intervals import Interval


def frechet(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features, evidence.fake_features
    estimate = estimate_frechet(real, fake)
    note = [estimate.note]
    if evidence.subject != HELD_OUT and 0 < evidence.n_scale < len(fake):
        at_scale = frechet_distance_of(real[: evidence.n_scale], fake[: evidence.n_scale])
        note.append(f"At n = {evidence.n_scale}, where the figure of real samples is: {at_scale:.4g}.")
    return {"FD": replace(estimate, note=" ".join(filter(None, note)))}


def frechet_infinity(evidence: Evidence) -> Estimates:
    return {"FD infinity": estimate_frechet_infinity(evidence.real_features, evidence.fake_features)}


def kernel(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_NEIGHBOURS], evidence.fake_features[:MOST_NEIGHBOURS]
    return {"KD": estimate_kernel(real, fake, evidence.options.seed)}


def kernel_rbf_median(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_NEIGHBOURS], evidence.fake_features[:MOST_NEIGHBOURS]
    return {"KD rbf-median": estimate_rbf_median(real, fake)}


def mind(evidence: Evidence) -> Estimates:
    return {"MIND": estimate_mind(evidence.real_features, evidence.fake_features)}


def prdc(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_NEIGHBOURS], evidence.fake_features[:MOST_NEIGHBOURS]
    return estimate_prdc(real, fake, evidence.k)


def clipped(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_NEIGHBOURS], evidence.fake_features[:MOST_NEIGHBOURS]
    return estimate_clipped(real, fake, evidence.k)


def two_sample(evidence: Evidence) -> Estimates:
    clustered = evidence.fake.clusters is not None
    real, fake = np.asarray(evidence.real_features), np.asarray(evidence.fake_features)
    return {"C2ST": estimate_two_sample(real, fake, evidence.options.seed, clustered)}


def inception_score(evidence: Evidence) -> Estimates:
    extractor: Any = evidence.extractor
    probabilities = extractor.probabilities_of(np.asarray(evidence.fake_features))
    return {"classifier score": estimate_inception_score(probabilities, evidence.options.seed)}


def vendi(evidence: Evidence) -> Estimates:
    return {"Vendi score": estimate_vendi(evidence.fake_features, evidence.q)}


def pairwise(evidence: Evidence) -> Estimates:
    return {"pairwise distance": diversity.estimate_pairwise_distance(evidence.fake_features)}


def accuracy(evidence: Evidence) -> Estimates:
    labels, probabilities = _classified(evidence)
    n_labels = evidence.n_labels
    estimates = estimate_accuracy(labels, probabilities.argmax(axis=1), n_labels)
    if evidence.subject != HELD_OUT:
        chance = 1 / n_labels
        same = np.full(n_groups_of(len(labels)), chance)
        note = f"Guessing among {n_labels} labels."
        exact = Interval(chance, chance, "none: exact")
        estimates["chance accuracy"] = Estimate(chance, same, exact, 0, note)
    return estimates


def calibration(evidence: Evidence) -> Estimates:
    labels, probabilities = _classified(evidence)
    return {"calibration error": estimate_calibration(probabilities, labels)}


def intensity(evidence: Evidence) -> Estimates:
    known, fake, classifier = evidence.known, evidence.fake, evidence.classifier
    labels, intensities = fake.labels, fake.intensities
    if classifier is None or labels is None or intensities is None:
        return {}
    features = fake.features[classifier.features]
    if known is not None and known.labels is not None and known.intensities is not None:
        trained = known.features[classifier.features]
        strengths = read_strengths(trained, known.labels, known.intensities, features, labels)
        note = "Strength: ridge regression from the features to the intensities of real samples."
    else:
        strengths = classifier.probabilities_of(features)[np.arange(len(labels)), labels]
        note = "Strength: the probability of the emotion asked for."
    estimate = estimate_intensity(labels, intensities, strengths)
    return {"intensity correlation": replace(estimate, note=f"{note} {estimate.note}".strip())}


def authenticity(evidence: Evidence) -> Estimates:
    return {"authenticity": memorisation.estimate_authenticity(_nearest(evidence, evidence.subject))}


def copies(evidence: Evidence) -> Estimates:
    samples, real = (_nearest(evidence, subject) for subject in (evidence.subject, HELD_OUT))
    return {"copies": memorisation.estimate_copies(samples, real)}


def distance_ratio(evidence: Evidence) -> Estimates:
    if evidence.subject == HELD_OUT:
        return {}
    fakes, real = (_nearest(evidence, subject).distance for subject in (evidence.subject, HELD_OUT))
    return {"nearest distance ratio": memorisation.estimate_distance_ratio(fakes, real)}


def _classified(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """The labels asked for [N], and the probabilities of each label as they are read [N, C]."""
    classifier, fake = evidence.classifier, evidence.fake
    assert classifier is not None
    assert fake.labels is not None
    return fake.labels, classifier.probabilities_of(fake.features[classifier.features])


def _nearest(evidence: Evidence, subject: str) -> memorisation.Nearest:
    assert evidence.neighbours is not None
    features = evidence.neighbours.real if subject == HELD_OUT else evidence.fake_features
    return evidence.neighbours.nearest(subject, features)
