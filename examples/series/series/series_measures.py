"""What is measured of series alone: channels, changes, correlations, and training on one set and testing on another."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from evaluation.evidence import Estimates, Evidence
from evaluation.features.subset import Subset
from evaluation.statistics.estimate import left_out_means, n_groups_of
from series.measures import (
    doubled,
    estimate_columns,
    estimate_trained_elsewhere,
    estimates_over,
    kolmogorov_smirnov,
    training_and_test,
)
from series.series_features import Summary, autocorrelation, correlation

MOST_LAGS = 4
"""Correlations between channels are looked at up to so many steps apart, either way."""


def step_distances(evidence: Evidence) -> Estimates:
    """Kolmogorov-Smirnov of the numbers of each channel, and of their changes from step to step."""
    real, fake = _values(evidence.real), _values(evidence.fake)
    names = _names(evidence)
    parts = [(name, side) for name in names for side in ("", " (changes)")]

    def of(values: np.ndarray) -> list[np.ndarray]:
        return [part for own in values.transpose(1, 0, 2) for part in (own, np.diff(own))]

    def distance(one: np.ndarray, other: np.ndarray) -> float:
        return kolmogorov_smirnov(one.ravel(), other.ravel())

    told = [name + side for name, side in parts]
    mean, worst = estimate_columns(told, [distance] * len(told), of(real), of(fake))
    return {"channel distance": mean, "worst channel distance": worst}


def correlation_differences(evidence: Evidence) -> Estimates:
    """Mean autocorrelations of each channel, and correlations of each pair of channels at several lags."""
    names = _names(evidence)
    one, other = (_correlations(_values(side)) for side in (evidence.real, evidence.fake))
    told = [*names, *(f"{a} and {b}" for a, b in combinations(names, 2))]
    n = min(len(evidence.real), len(evidence.fake))
    values = np.array([np.abs(a.mean(0) - b.mean(0)).mean() for a, b in zip(one, other, strict=True)])
    without = np.stack([_without(a, b, n_groups_of(n)) for a, b in zip(one, other, strict=True)])
    order = np.argsort(-values, kind="stable")
    note = "; ".join(f"{told[place]} {values[place]:.3f}" for place in order[:12]) + "."
    mean, worst = estimates_over(values / 2, without / 2, n, note)
    return {"correlation difference": doubled(mean), "worst correlation difference": doubled(worst)}


def trained_elsewhere(evidence: Evidence) -> Estimates:
    """A classifier of labels that is trained on these series, or for scale on real ones, and tested on other real ones."""
    sides = training_and_test(evidence)
    if sides is None:
        return {}
    (inputs, tested), (labels, asked) = map(_features, sides), (np.asarray(side.labels) for side in sides)
    estimate = estimate_trained_elsewhere(
        inputs, labels, tested, asked, evidence.n_labels, evidence.options.seed
    )
    return {"train here, test on real": estimate}


def _correlations(values: np.ndarray) -> list[np.ndarray]:
    """For each channel and each pair of them, [N, L] of series [N, C, T]."""
    channels = list(values.transpose(1, 0, 2))
    lags = range(min(MOST_LAGS, values.shape[2] // 4) + 1)
    pairs = [
        np.stack([correlation(x, y, lag) for x, y in ((a, b), (b, a)) for lag in lags], 1)
        for a, b in combinations(channels, 2)
    ]
    return [autocorrelation(own)[:, 1:] for own in channels] + pairs


def _without(one: np.ndarray, other: np.ndarray, n_groups: int) -> np.ndarray:
    """[G]: the mean difference of the means of columns [N, L] without each group."""
    sides = [np.stack([left_out_means(column, n_groups) for column in side.T], 1) for side in (one, other)]
    return np.abs(sides[0] - sides[1]).mean(1)


def _values(subset: Subset) -> np.ndarray:
    """float64 [N, C, T]."""
    return np.stack([one.values for one in subset.contents])


def _names(evidence: Evidence) -> list[str]:
    return [one.name for one in evidence.real.contents[0].channels.channels]


def _features(subset: Subset) -> np.ndarray:
    extractor = Summary()
    if extractor.name in subset.features:
        return np.asarray(subset.features[extractor.name], np.float64)
    return extractor.forward([extractor.prepare(one) for one in subset.contents]).astype(np.float64)
