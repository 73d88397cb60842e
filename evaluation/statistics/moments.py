"""Moments of features that merge, in float64."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from multigan.errors import DataError

BLOCK_ENTRIES = 2**22


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean [D] and scatter [D, D] = sum of (x - mean)(x - mean)^T of features, in float64."""

    n: int
    mean: np.ndarray
    scatter: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """The unbiased covariance [D, D]: the scatter over n - 1."""
        if self.n < 2:
            raise DataError(f"A covariance needs at least 2 samples; found {self.n}. Give more samples.")
        return self.scatter / (self.n - 1)

    def merged(self, other: Moments) -> Moments:
        """The moments of both sets together (Chan, Golub & LeVeque 1979, eq. 2.1)."""
        n = self.n + other.n
        step = other.mean - self.mean
        scatter = self.scatter + other.scatter + np.outer(step, step) * (self.n * other.n / n)
        return Moments(n, self.mean + step * (other.n / n), scatter)

    def without(self, part: Moments) -> Moments:
        """The moments of what is left when a part of the set is taken away: the inverse of ``merged``."""
        n = self.n - part.n
        if n < 1:
            raise DataError(f"{part.n} of {self.n} samples cannot be left out; at least one must stay.")
        step = part.mean - self.mean
        scatter = self.scatter - part.scatter - np.outer(step, step) * (self.n * part.n / n)
        return Moments(n, self.mean - step * (part.n / n), scatter)


def moments(features: np.ndarray) -> Moments:
    """The moments of features [N, D], N > 0, in blocks: a memory map is never held whole."""
    if features.ndim != 2 or not len(features):
        raise DataError(f"Features are [N, D] with N > 0; found {list(features.shape)}.")
    rows = max(1, BLOCK_ENTRIES // features.shape[1])
    return streamed(features[start : start + rows] for start in range(0, len(features), rows))


def streamed(batches: Iterable[np.ndarray]) -> Moments:
    """The moments of features that come in batches [n, D], holding one batch at a time."""
    total: Moments | None = None
    for batch in batches:
        total = _moments_at_once(batch) if total is None else total.merged(_moments_at_once(batch))
    if total is None:
        raise DataError("There are no features to take moments of; give at least one batch.")
    return total


def _moments_at_once(batch: np.ndarray) -> Moments:
    mean = finite_mean(batch)
    centred = batch - mean
    return Moments(len(batch), mean, centred.T @ centred)


def finite_mean(features: np.ndarray) -> np.ndarray:
    """The mean [D] of features [N, D] in float64; DataError where one is infinite or not a number."""
    with np.errstate(invalid="ignore"):
        mean = features.mean(axis=0, dtype=np.float64)
    if not np.isfinite(mean).all():
        raise DataError("Some features are infinite or not a number; give finite features only.")
    return mean


def check_pair(real: np.ndarray, fake: np.ndarray, at_least: int, what: str) -> None:
    """DataError unless both are features [N, D] and [M, D] of enough samples for ``what``."""
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise DataError(
            f"Features are [N, D] and [M, D]; found {list(real.shape)} and {list(fake.shape)}. "
            "Give features of one extractor."
        )
    if min(len(real), len(fake)) < at_least:
        raise DataError(
            f"A {what} needs at least {at_least} samples a side here; found {len(real)} real and {len(fake)} fake. "
            "Give more samples."
        )
