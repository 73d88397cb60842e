"""The Fréchet distance of two sets of features, each taken as a Gaussian."""

from __future__ import annotations

import numpy as np

from evaluation.statistics import Moments


def frechet_distance(one: Moments, other: Moments) -> float:
    """|m - m'|^2 + Tr(S + S' - 2 (S S')^(1/2)); >= 0, in squared units of the features; unbiased covariances.

    arXiv:1706.08500, eq. 6. With S = R R^T, the eigenvalues of S S' are those of the symmetric R^T S' R, so
    the trace of the root is the sum of their square roots and never complex. R is S's Cholesky factor or,
    where S is singular, its eigenvectors times the roots of its eigenvalues. The distance is biased upwards,
    the more the fewer the samples: compare at equal N.
    """
    covariance, other_covariance = one.covariance, other.covariance
    factor = _factor(covariance)
    eigenvalues = np.linalg.eigvalsh(factor.T @ other_covariance @ factor)
    overlap = np.sqrt(np.clip(eigenvalues, 0, None)).sum()
    step = one.mean - other.mean
    distance = step @ step + np.trace(covariance) + np.trace(other_covariance) - 2 * overlap
    return max(0.0, float(distance))


def _factor(covariance: np.ndarray) -> np.ndarray:
    """R [D, rank] with R R^T = the covariance [D, D]."""
    negligible = len(covariance) * np.finfo(np.float64).eps
    try:
        factor = np.linalg.cholesky(covariance)
        if factor.diagonal().min() ** 2 > negligible * covariance.diagonal().max():
            return factor
    except np.linalg.LinAlgError:
        pass
    eigenvalues, vectors = np.linalg.eigh(covariance)
    kept = eigenvalues > negligible * max(eigenvalues[-1], 0.0)
    return vectors[:, kept] * np.sqrt(eigenvalues[kept])
