"""The Vendi score: how many different samples there are, in effect."""

from __future__ import annotations

import math

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, interactions, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError

MOST = 1000
"""The score grows with n, and a Gram matrix with its square."""


def vendi_score(features: np.ndarray, q: float = 1) -> float:
    """exp(-sum_i l_i log l_i), with l_i the eigenvalues of K / n and K the cosine similarities of features [N, D].

    Of another order q > 0: (sum_i l_i^q)^(1 / (1 - q)), and 1 / max l_i for q = inf (arXiv:2310.12952). Below 1
    rare kinds of samples weigh more than their share, above 1 less, and infinity sees the commonest kind alone.
    From 1 (all alike) to N (all orthogonal). Cosines are taken about the origin, as in the paper: features that all point
    much the same way, as those of random networks do, score low, so compare scores of the same features and N only.
    Features of length 0 count as alike, and unlike all others. arXiv:2210.02410, eq. 1 and 2.
    """
    directions = _directions(features)
    return _score(_smaller_gram(directions), len(directions), q)


def estimate_vendi(features: np.ndarray, q: float = 1) -> Estimate:
    """The Vendi score of order q of features [N, D], N > 1: of the first 1,000, where there are more."""
    n = min(len(features), MOST)
    if n < 2:
        raise DataError(
            f"A Vendi score with an interval needs at least 2 samples; found {n}. Give more samples."
        )
    directions = _directions(features[:n])
    n_groups = n_groups_of(n)
    member, gram = groups(n, n_groups), _smaller_gram(directions)

    def without(*chosen: int) -> float:
        stays = ~np.isin(member, chosen)
        goes = directions[~stays]
        rest = gram[stays][:, stays] if len(gram) == n else gram - goes.T @ goes
        return _score(rest, int(stays.sum()), q)

    value, left_out = _score(gram, n, q), np.array([without(group) for group in range(n_groups)])
    pairs = pairs_of_groups(n_groups, 2 * n_groups) if n_groups > 3 else np.empty((0, 2), np.int64)
    together = interactions(value, left_out, pairs, [without(*pair) for pair in pairs])
    note = f"Of {n} samples; the score depends on their number."
    interval = jackknife(value, left_out, lowest=1, highest=n, interactions=together)
    return Estimate(value, left_out, interval, n, note, together)


def _directions(features: np.ndarray) -> np.ndarray:
    """Features [N, D] at length 1, with one more coordinate for those of length 0."""
    values = np.asarray(features, np.float64)
    if values.ndim != 2 or not len(values) or not np.isfinite(values).all():
        raise DataError(
            f"A Vendi score needs finite features [N, D] with N > 0; found {list(values.shape)}, "
            f"of which {int((~np.isfinite(values)).sum())} numbers are not finite. Look at the extractor."
        )
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    none = lengths == 0
    return np.hstack([values / np.where(none, 1, lengths), none])


def _smaller_gram(directions: np.ndarray) -> np.ndarray:
    """X X^T [N, N] or X^T X [D, D], whichever is smaller: their eigenvalues other than 0 are the same."""
    n, size = directions.shape
    return directions @ directions.T if n <= size else directions.T @ directions


def _score(gram: np.ndarray, n: int, q: float) -> float:
    """Of order q; eigenvalues that rounding has made count as 0, which a small order would make large."""
    shares = np.linalg.eigvalsh(gram) / n
    largest = shares[-1]
    shares = shares[shares > len(shares) * np.finfo(np.float64).eps * largest]
    if q == 1:
        return float(np.exp(-(shares * np.log(shares)).sum()))
    if math.isinf(q):
        return float(1 / largest)
    # over the largest, since high powers of shares alone are 0
    log_sum = math.log(((shares / largest) ** q).sum()) + q * math.log(largest)
    return math.exp(log_sum / (1 - q))
