"""Evidence -> estimates by the name of their metric: what the catalogue's records are measured by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.evidence import Evidence, Neighbours
from evaluation.figures import HELD_OUT
from evaluation.metrics import diversity, memorisation
from evaluation.metrics import labels as emotion
from evaluation.metrics.frechet import (
    estimate_frechet,
    estimate_frechet_infinity,
    frechet_distance_of,
)
from evaluation.metrics.inception_score import estimate_inception_score
from evaluation.metrics.kernel import estimate_kernel
from evaluation.metrics.prdc import estimate_prdc
from evaluation.metrics.vendi import estimate_vendi
from evaluation.statistics.estimate import Estimate, n_groups_of
from evaluation.statistics.intervals import Interval
from multigan.errors import MultiganError
from multigan.registry import Registry

Estimates = dict[str, Estimate]
MOST_NEIGHBOURS = 10_000
"""Precision, recall, density, coverage and the kernel distance look at as many samples of a set."""


class UnmeasuredError(MultiganError):
    """A metric that cannot be measured here; the message says why and what to do."""


def _frechet(seen: Evidence) -> Estimates:
    real, fake = seen.real_features, seen.fake_features
    found = estimate_frechet(real, fake)
    note = [found.note]
    if seen.subject != HELD_OUT and 0 < seen.n_scale < len(fake):
        at_scale = frechet_distance_of(real[: seen.n_scale], fake[: seen.n_scale])
        note.append(f"At n = {seen.n_scale}, where the figure of real samples is: {at_scale:.4g}.")
    return {"FD": replace(found, note=" ".join(filter(None, note)))}


def _frechet_infinity(seen: Evidence) -> Estimates:
    return {"FD infinity": estimate_frechet_infinity(seen.real_features, seen.fake_features)}


def _kernel(seen: Evidence) -> Estimates:
    real, fake = seen.real_features[:MOST_NEIGHBOURS], seen.fake_features[:MOST_NEIGHBOURS]
    return {"KD": estimate_kernel(real, fake, seen.options.seed)}


def _prdc(seen: Evidence) -> Estimates:
    return estimate_prdc(seen.real_features[:MOST_NEIGHBOURS], seen.fake_features[:MOST_NEIGHBOURS])


def _inception_score(seen: Evidence) -> Estimates:
    extractor: Any = seen.extractor
    probabilities = extractor.probabilities_of(np.asarray(seen.fake_features))
    return {"classifier score": estimate_inception_score(probabilities, seen.options.seed)}


def _vendi(seen: Evidence) -> Estimates:
    return {"Vendi score": estimate_vendi(seen.fake_features)}


def _pairwise(seen: Evidence) -> Estimates:
    return {"pairwise distance": diversity.estimate_pairwise_distance(seen.fake_features)}


def _accuracy(seen: Evidence) -> Estimates:
    asked, probabilities = _judged(seen)
    found = emotion.estimate_accuracy(asked, probabilities.argmax(axis=1), seen.n_labels)
    n_labels = seen.n_labels
    if seen.subject != HELD_OUT:
        chance = 1 / n_labels
        same = np.full(n_groups_of(len(asked)), chance)
        note = f"Guessing among {n_labels} labels."
        found["chance accuracy"] = Estimate(chance, same, Interval(chance, chance, "none: exact"), 0, note)
    return found


def _calibration(seen: Evidence) -> Estimates:
    asked, probabilities = _judged(seen)
    return {"calibration error": emotion.estimate_calibration(probabilities, asked)}


def _intensity(seen: Evidence) -> Estimates:
    known, fake, judge = seen.known, seen.fake, seen.judge
    asked, intensities = fake.labels, fake.intensities
    if asked is None or intensities is None:
        return {}
    features = fake.features[judge.features]
    if known is not None and known.labels is not None and known.intensities is not None:
        trained = known.features[judge.features]
        strengths = emotion.strengths_read(trained, known.labels, known.intensities, features, asked)
        note = "Strength: ridge regression from the features to the intensities of real samples."
    else:
        strengths = judge.probabilities_of(features)[np.arange(len(asked)), asked]
        note = "Strength: the probability of the emotion asked for."
    found = emotion.estimate_intensity(asked, intensities, strengths)
    return {"intensity correlation": replace(found, note=f"{note} {found.note}".strip())}


def _judged(seen: Evidence) -> tuple[np.ndarray, np.ndarray]:
    assert seen.fake.labels is not None
    return seen.fake.labels, seen.judge.probabilities_of(seen.fake.features[seen.judge.features])


def nearest_of(neighbours: Neighbours, subject: str, features: np.ndarray) -> memorisation.Nearest:
    """The training samples nearest to a set of fakes, or to real samples; looked up once."""
    if subject not in neighbours.found:
        same = neighbours.same if subject == HELD_OUT else None
        found = memorisation.nearest_training(features, neighbours.training, same)
        if subject in neighbours.mirrored:
            turned = memorisation.nearest_training(neighbours.mirrored[subject], neighbours.training, same)
            found = memorisation.nearer(found, turned)
        neighbours.found[subject] = found
    return neighbours.found[subject]


def _authenticity(seen: Evidence) -> Estimates:
    return {"authenticity": memorisation.estimate_authenticity(_nearest(seen, seen.subject))}


def _distance_ratio(seen: Evidence) -> Estimates:
    if seen.subject == HELD_OUT:
        return {}
    fakes, real = (_nearest(seen, subject).distance for subject in (seen.subject, HELD_OUT))
    return {"nearest distance ratio": memorisation.estimate_distance_ratio(fakes, real)}


def _nearest(seen: Evidence, subject: str) -> memorisation.Nearest:
    assert seen.neighbours is not None
    features = seen.neighbours.real if subject == HELD_OUT else seen.fake_features
    return nearest_of(seen.neighbours, subject, features)


MEASURES: Registry[Callable[[Evidence], Estimates]] = Registry(
    "measure",
    {
        "accuracy": _accuracy,
        "calibration": _calibration,
        "intensity": _intensity,
        "frechet": _frechet,
        "frechet_infinity": _frechet_infinity,
        "kernel": _kernel,
        "inception_score": _inception_score,
        "prdc": _prdc,
        "vendi": _vendi,
        "pairwise": _pairwise,
        "authenticity": _authenticity,
        "distance_ratio": _distance_ratio,
        "ms_ssim": "evaluation.sample_measures:ms_ssim",
        "lpips": "evaluation.sample_measures:lpips",
        "d_self": "evaluation.sample_measures:d_self",
        "d_train": "evaluation.sample_measures:d_train",
        "spectral_diversity": "evaluation.sample_measures:spectral_diversity",
        "audio_checks": "evaluation.sample_measures:audio_checks",
        "bleu": "evaluation.sample_measures:bleu",
        "self_bleu": "evaluation.sample_measures:self_bleu",
        "distinct": "evaluation.sample_measures:distinct",
        "mauve": "evaluation.sample_measures:mauve",
        "perplexity": "evaluation.sample_measures:perplexity",
        "copies": "evaluation.sample_measures:copies",
        "nll_oracle": "evaluation.sample_measures:nll_oracle",
        "longest_overlap": "evaluation.sample_measures:longest_overlap",
    },
)
