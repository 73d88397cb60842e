"""The modes that the numbers of a column gather around: a mixture of Gaussians, whose number the data choose."""

from __future__ import annotations

import numpy as np

MOST_MODES = 8
LARGEST = 20_000
"""As many numbers tell the modes."""
N_STEPS = 60
NARROWEST = 1e-3
"""Of a mode's deviation, as a share of the range: many equal numbers would make it 0."""


def modes_of(values: np.ndarray, most: int = MOST_MODES) -> tuple[tuple[float, float], ...]:
    """Means and standard deviations of the mixture of 1 to ``most`` Gaussians with the least BIC (Schwarz 1978).

    Of finite numbers [N]. CTGAN (arXiv:1907.00503, section 4.2) takes a variational mixture for the same purpose.
    """
    values = np.sort(np.asarray(values, np.float64))
    if len(values) > LARGEST:
        values = values[np.linspace(0, len(values) - 1, LARGEST).round().astype(int)]
    reach = float(values[-1] - values[0])
    if reach == 0:
        return ((float(values[0]), 1.0),)
    scaled = (values - values[0]) / reach
    fits = [_fit(scaled, n) for n in range(1, min(most, len(np.unique(scaled))) + 1)]
    _, mean, deviation = min(fits, key=lambda fit: fit[0])
    order = np.argsort(mean)
    return tuple((float(values[0] + reach * mean[k]), float(reach * deviation[k])) for k in order)


def responsibilities(values: np.ndarray, modes: tuple[tuple[float, float], ...]) -> np.ndarray:
    """[N, K]: how likely each number is of each of equally likely modes."""
    mean, deviation = np.array(modes).T
    return _posterior(np.asarray(values, np.float64), np.full(len(mean), 1 / len(mean)), mean, deviation)[0]


def _fit(values: np.ndarray, n: int) -> tuple[float, np.ndarray, np.ndarray]:
    """(BIC, means [n], deviations [n]) by expectation maximisation from equal parts of the sorted values."""
    parts = np.array_split(values, n)
    mean = np.array([part.mean() for part in parts])
    deviation = np.maximum([part.std() for part in parts], NARROWEST)
    weight, likelihood = np.full(n, 1 / n), 0.0
    for _ in range(N_STEPS):
        posterior, likelihood = _posterior(values, weight, mean, deviation)
        total = posterior.sum(0) + 1e-12
        weight, mean = total / len(values), posterior.T @ values / total
        spread = (posterior * (values[:, None] - mean) ** 2).sum(0) / total
        deviation = np.maximum(np.sqrt(spread), NARROWEST)
    return (3 * n - 1) * np.log(len(values)) - 2 * likelihood, mean, deviation


def _posterior(
    values: np.ndarray, weight: np.ndarray, mean: np.ndarray, deviation: np.ndarray
) -> tuple[np.ndarray, float]:
    """[N, K] of each mode given each value, and the log-likelihood of all values."""
    distance = (values[:, None] - mean) / deviation
    logs = np.log(weight + 1e-300) - np.log(deviation) - 0.5 * distance**2 - 0.5 * np.log(2 * np.pi)
    highest = logs.max(1, keepdims=True)
    shares = np.exp(logs - highest)
    total = shares.sum(1, keepdims=True)
    return shares / total, float((highest + np.log(total)).sum())
