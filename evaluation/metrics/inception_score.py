"""The inception score: sure about each sample, and varied over all of them."""

from __future__ import annotations

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError

N_SPLITS = 10


def inception_score(probabilities: np.ndarray) -> float:
    """exp(E_x KL(p(y|x) || p(y))) of class probabilities [N, C]; from 1 to C. arXiv:1606.03498, section 4."""
    conditional = np.asarray(probabilities, np.float64)
    marginal = conditional.mean(axis=0)
    ratio = np.divide(conditional, marginal, out=np.ones_like(conditional), where=conditional > 0)
    return float(np.exp((conditional * np.log(ratio)).sum(axis=1).mean()))


def split_scores(probabilities: np.ndarray, seed: int, n_splits: int = N_SPLITS) -> np.ndarray:
    """The score of each of ``n_splits`` splits of probabilities [N, C], shuffled by ``seed``.

    Shuffle and splits are torch-fidelity's (its own seed is 2020); fewer samples a split lower the score.
    """
    split = _split_of_each(len(probabilities), seed, n_splits)
    return np.array([inception_score(probabilities[split == part]) for part in range(n_splits)])


def estimate_inception_score(probabilities: np.ndarray, seed: int) -> Estimate:
    """The mean of the scores of 10 splits (fewer where there are fewer samples) of probabilities [N, C], N > 1.

    KL averages to H(mean p) - mean H(p), H being the entropy, so the sums of p and of H(p) over each group within each
    split leave any group out exactly. Splits stay as they were drawn; the interval is the jackknife's over groups.
    """
    n, n_classes = probabilities.shape
    n_splits, n_groups = min(N_SPLITS, n), n_groups_of(n)
    conditional = np.asarray(probabilities, np.float64)
    cell = _split_of_each(n, seed, n_splits) * n_groups + groups(n, n_groups)
    counts = np.bincount(cell, minlength=n_splits * n_groups).reshape(n_splits, n_groups)
    sums = np.zeros((n_splits * n_groups, n_classes))
    np.add.at(sums, cell, conditional)
    sums = sums.reshape(n_splits, n_groups, n_classes)
    entropies = np.bincount(cell, _entropy(conditional), n_splits * n_groups).reshape(n_splits, n_groups)

    scores = _scores(sums.sum(axis=1), entropies.sum(axis=1), counts.sum(axis=1))
    left_out = [
        _scores(*(table.sum(axis=1) - table[:, g] for table in (sums, entropies, counts))).mean()
        for g in range(n_groups)
    ]
    value = float(scores.mean())
    note = (
        f"Mean over {n_splits} splits of about {n // n_splits} samples, their standard deviation {scores.std():.3g}; "
        "it grows with the samples in a split, so compare at equal n."
    )
    interval = jackknife(value, left_out, lowest=1.0, highest=n_classes)
    return Estimate(value, np.array(left_out), interval, n, note)


def _scores(sums: np.ndarray, entropies: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The scores of the splits that have samples: from sums [S, C] of p, sums [S] of H(p) and counts [S]."""
    nonempty = counts > 0
    n = counts[nonempty]
    return np.exp(_entropy(sums[nonempty] / n[:, None]) - entropies[nonempty] / n)


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    """-sum p log p [N] of probabilities [N, C]."""
    logs = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    return -(probabilities * logs).sum(axis=1)


def _split_of_each(n: int, seed: int, n_splits: int) -> np.ndarray:
    """The split [N] of each sample: shuffled by numpy's older generator, then cut at i n // n_splits."""
    if n < max(2, n_splits):
        raise DataError(f"{max(2, n_splits)} splits need as many samples; found {n}. Give more samples.")
    split = np.empty(n, np.int64)
    edges = np.arange(n_splits + 1) * n // n_splits
    split[np.random.RandomState(seed).permutation(n)] = np.repeat(np.arange(n_splits), np.diff(edges))
    return split
