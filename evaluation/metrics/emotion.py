"""How well an emotion that was asked for comes through, as a classifier of real images reads it."""

from __future__ import annotations

import numpy as np

from evaluation.statistics import ranks


def confusion(asked: np.ndarray, read: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts [C, C]: the row is the emotion asked for, the column the one that was read."""
    pairs = np.asarray(asked, np.int64) * n_classes + np.asarray(read, np.int64)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def accuracy(counts: np.ndarray) -> float:
    """The share of a confusion matrix [C, C] that is on its diagonal."""
    return float(np.trace(counts) / counts.sum())


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rho of two series [N], ties sharing their mean rank; 0 where a series is constant."""
    a, b = (held - held.mean() for held in (ranks(one), ranks(other)))
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0 else 0.0


def intensity_correlation(asked: np.ndarray, intensities: np.ndarray, strengths: np.ndarray) -> float:
    """Spearman's rho of intensity asked for and strength read [N], averaged over emotions by their samples.

    Taken within each emotion, because some emotions read more strongly than others at any intensity.
    """
    total = 0.0
    for emotion in np.unique(asked):
        chosen = asked == emotion
        total += chosen.sum() * rank_correlation(intensities[chosen], strengths[chosen])
    return float(total / len(asked))


def strengths_read(
    train: np.ndarray, labels: np.ndarray, intensities: np.ndarray, features: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """How strong the emotion asked for looks [N] in features [N, D]: by ridge regression, one an emotion.

    It learns intensities [M] from the features [M, D] of real training images of the same emotion, with a
    penalty of 0.01 on standardised features. A class without two training images reads 0.
    """
    read = np.zeros(len(features))
    for emotion in np.unique(asked):
        rows, chosen = labels == emotion, asked == emotion
        if rows.sum() < 2:
            continue
        known, target = train[rows].astype(np.float64), intensities[rows].astype(np.float64)
        mean, scale = known.mean(axis=0), known.std(axis=0) + 1e-6
        known = (known - mean) / scale
        gram = known.T @ known / len(known) + 0.01 * np.eye(known.shape[1])
        weights = np.linalg.solve(gram, known.T @ (target - target.mean()) / len(known))
        read[chosen] = (features[chosen] - mean) / scale @ weights + target.mean()
    return read
