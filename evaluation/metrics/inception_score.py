"""The inception score: sure about each sample, and varied over all of them."""

from __future__ import annotations

import numpy as np

from multigan.errors import DataError


def inception_score(probabilities: np.ndarray) -> float:
    """exp(E_x KL(p(y|x) || p(y))) of class probabilities [N, C]; from 1 to C. arXiv:1606.03498, section 4."""
    given = np.asarray(probabilities, np.float64)
    marginal = given.mean(axis=0)
    ratio = np.divide(given, marginal, out=np.ones_like(given), where=given > 0)
    return float(np.exp((given * np.log(ratio)).sum(axis=1).mean()))


def split_scores(probabilities: np.ndarray, seed: int, n_splits: int = 10) -> np.ndarray:
    """The score of each of ``n_splits`` splits of probabilities [N, C], shuffled by ``seed``."""
    if len(probabilities) < n_splits:
        raise DataError(
            f"{n_splits} splits need as many samples; found {len(probabilities)}. Give more images."
        )
    order = np.random.default_rng(seed).permutation(len(probabilities))
    return np.array([inception_score(probabilities[part]) for part in np.array_split(order, n_splits)])
