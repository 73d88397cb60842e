"""Can a classifier tell fakes from real samples that it was not trained on?"""

from __future__ import annotations

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, left_out_means, n_groups_of
from evaluation.statistics.intervals import Interval, jackknife_error, wilson
from evaluation.statistics.moments import check_pair, finite_mean
from multigan.errors import DataError

N_FOLDS = 5
LARGEST = 10_000
"""How many samples of each side are looked at."""
MOST_AXES = 256
SAMPLES_AN_AXIS = 4
"""Of each side: fewer make the classifier learn them by heart."""
RIDGE = 0.01
REACH = 4.0
"""Inputs beyond so many deviations count as that many: one outlier does not decide."""
N_PERMUTATIONS = 100
WHAT = "classifier two-sample test"


def estimate_two_sample(real: np.ndarray, fake: np.ndarray, seed: int, clustered: bool = False) -> Estimate:
    """The accuracy in [0, 1] with which real samples and fakes are told apart by a classifier that did not see them.

    arXiv:1610.06545, section 3, with cross-fitting: features [N, D] of each side, of which the first n count, are cut
    into 5 folds, and each is told by a ridge regression of the labels -1 and 1 on the others. It sees the leading
    principal axes of all samples together (256 at most, and n / 4), scaled to deviation 1, and their squares: it tells
    other means and other spreads. Half is chance.

    The models share training samples, so the accuracy scatters more than 2 n independent answers do: how much, a
    hundred permutations of the labels tell, and Wilson's interval has the effective n that they imply. Where
    samples are ``clustered``, in whole groups, the jackknife's error counts if it is larger.
    """
    check_pair(real, fake, 2 * N_FOLDS, WHAT)
    n = min(len(real), len(fake), LARGEST)
    real, fake = real[:n], fake[:n]
    n_groups = n_groups_of(n)
    fold = groups(n, n_groups) % N_FOLDS
    inputs = _inputs(np.concatenate([real, fake]), max(1, min(MOST_AXES, n // SAMPLES_AN_AXIS)))
    random = np.random.default_rng(seed)
    labels = np.repeat([[1.0], [-1.0]], n, axis=0)
    right = _right(inputs, np.concatenate([labels, _permuted(fold, random)], axis=1), np.tile(fold, 2))
    by_chance = right[:, 1:].mean(axis=0)
    effective = min(2 * n, 0.25 / max(float(((by_chance - 0.5) ** 2).mean()), 0.125 / n))
    both = (right[:n, 0] + right[n:, 0]) / 2
    value = float(both.mean())
    wider = (2 * n / effective) ** 0.5
    without = value + wider * (left_out_means(both, n_groups) - value)
    error = jackknife_error(without)
    if clustered and error > 0:
        effective = min(effective, max(1.0, value * (1 - value) / error**2))
    interval = wilson(value * effective, effective)
    note = f"Half is chance; told apart by {inputs.shape[1] - 1} numbers, {N_FOLDS} folds."
    method = f"Wilson, effective n {effective:.0f} by permutations"
    return Estimate(value, without, Interval(interval.low, interval.high, method), n, note)


def _inputs(both: np.ndarray, n_axes: int) -> np.ndarray:
    """[N, 1 + 2 K]: 1, the principal components of features [N, D] at deviation 1, and their squares, without labels."""
    centred = both - finite_mean(both)
    if centred.shape[1] <= len(centred):
        values, axes = np.linalg.eigh(centred.T @ centred / len(centred))
        components = centred @ axes[:, ::-1][:, :n_axes]
        values = values[::-1][:n_axes]
    else:
        values, axes = np.linalg.eigh(centred @ centred.T / len(centred))
        values = values[::-1][:n_axes]
        components = axes[:, ::-1][:, :n_axes] * np.sqrt(len(centred) * np.maximum(values, 0))
    kept = values > 1e-10 * max(values[0], 0)
    if not kept.any():
        raise DataError("All features are the same, so nothing can be told apart; look at the extractor.")
    scaled = components[:, kept] / np.sqrt(values[kept])
    squares = (scaled**2 - 1) / np.sqrt(2)
    inputs = np.concatenate([np.ones((len(both), 1)), scaled, squares], axis=1)
    return np.clip(inputs, -REACH, REACH)


def _permuted(fold: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Labels -1 and 1 [2 n, 100] in random orders, as many of each in every fold."""
    labels = np.empty((2 * len(fold), N_PERMUTATIONS))
    for number in range(N_FOLDS):
        (inside,) = np.tile(fold == number, 2).nonzero()
        values = np.repeat([[1.0], [-1.0]], len(inside) // 2, axis=0)
        labels[inside] = random.permuted(np.tile(values, N_PERMUTATIONS), axis=0)
    return labels


def _right(inputs: np.ndarray, labels: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """[N, L]: whether each sample is told rightly, for each column of labels [N, L], by a model of the other folds."""
    parts = [fold == number for number in range(N_FOLDS)]
    squares = [inputs[part].T @ inputs[part] for part in parts]
    products = [inputs[part].T @ labels[part] for part in parts]
    penalty = RIDGE * len(inputs) * np.eye(inputs.shape[1])
    right = np.empty(labels.shape)
    for part, square, product in zip(parts, squares, products, strict=True):
        weights = np.linalg.solve(sum(squares) - square + penalty, sum(products) - product)
        answers = inputs[part] @ weights * labels[part]
        right[part] = (answers > 0) + 0.5 * (answers == 0)
    return right
