"""MAUVE: the area under the frontier of two divergences between texts that were put in the same clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, interactions, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError

ENOUGH = 5_000
SCALE = 5.0
N_MIXTURES = 25
EXPLAINED_VARIANCE = 0.9
SAMPLES_PER_CLUSTER = 10
N_CLUSTERINGS = 5
HIGHEST_ITERATIONS = 500
BLOCK_ENTRIES = 2**22


@dataclass(frozen=True, eq=False)
class Clustered:
    """The cluster of each real [N] and each fake [M], of ``n_clusters``."""

    real: np.ndarray
    fake: np.ndarray
    n_clusters: int

    def histogram(self, labels: np.ndarray) -> np.ndarray:
        """The share [K] of each cluster in labels [N]."""
        return np.bincount(labels, minlength=self.n_clusters) / len(labels)


def frontier(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """The divergence curve [27, 2] of two histograms [K]: (exp(-c KL(q|r)), exp(-c KL(p|r))), r = w p + (1 - w) q.

    arXiv:2102.01454, eq. 1 and 2: p the real, q the fake histogram, c = 5, w in 25 even steps within (0, 1), and the
    two ends (1, 0) and (0, 1) of the axes, where KL is infinite.
    """
    mixtures = np.linspace(1e-6, 1 - 1e-6, N_MIXTURES)[:, None]
    mixed = mixtures * real + (1 - mixtures) * fake
    curve = np.exp(-SCALE * np.stack([_divergence(fake, mixed), _divergence(real, mixed)], axis=1))
    return np.concatenate(([[1.0, 0.0]], curve, [[0.0, 1.0]]))


def mauve_of(real: np.ndarray, fake: np.ndarray) -> float:
    """MAUVE in (0, 1] of the reals' and the fakes' histograms [K] over the same clusters; 1 where they are equal.

    The area under ``frontier``, by trapezia, averaged over both axes as the authors' package does.
    """
    x, y = frontier(real, fake).T
    # along the curve x falls and y rises, so that points of equal x need no sorting
    below, beside = -np.diff(x) * (y[1:] + y[:-1]) / 2, np.diff(y) * (x[1:] + x[:-1]) / 2
    return float(below.sum() + beside.sum()) / 2


def clusterings(real: np.ndarray, fake: np.ndarray, seed: int = 0) -> list[Clustered]:
    """Reals [N, D] and fakes [M, D] in min(N, M) / 10 common clusters, five times.

    As in arXiv:2102.01454, appendix C: rows to unit length, principal axes of both sets until 90% of the variance is
    explained, then k-means from random rows.
    """
    n = min(len(real), len(fake))
    if n < 2 * SAMPLES_PER_CLUSTER:
        raise DataError(
            f"MAUVE needs at least {2 * SAMPLES_PER_CLUSTER} samples a side, and wants about {ENOUGH:,}; found "
            f"{len(real)} real and {len(fake)} fake. Give more."
        )
    values = _principal(_unit_rows(np.concatenate((real, fake), dtype=np.float64)))
    n_clusters = round(n / SAMPLES_PER_CLUSTER)
    random_state = np.random.default_rng(seed)
    labels = [_k_means(values, n_clusters, random_state) for _ in range(N_CLUSTERINGS)]
    return [Clustered(clusters[: len(real)], clusters[len(real) :], n_clusters) for clusters in labels]


def mauve(real: np.ndarray, fake: np.ndarray, seed: int = 0) -> float:
    """MAUVE of real [N, D] and fake [M, D] features: the mean over five clusterings; it depends on features and N.

    The authors keep the tightest of five clusterings. Their mean has the same expectation and less than half the
    noise, which is what a comparison of two generators suffers from.
    """
    values = [
        mauve_of(one.histogram(one.real), one.histogram(one.fake)) for one in clusterings(real, fake, seed)
    ]
    return float(np.mean(values))


def estimate_mauve(real: np.ndarray, fake: np.ndarray, seed: int = 0) -> Estimate:
    """MAUVE with the jackknife's interval; the clusters stay as they are when a group is left out of the histograms."""
    clustered, n = clusterings(real, fake, seed), min(len(real), len(fake))
    n_groups = n_groups_of(n)
    tables = [
        tuple(_counts_by_group(labels, one.n_clusters, n_groups) for labels in (one.real, one.fake))
        for one in clustered
    ]

    def without(*chosen: int) -> float:
        values = [
            mauve_of(*(_shares(counts.sum(axis=0) - counts[list(chosen)].sum(axis=0)) for counts in sides))
            for sides in tables
        ]
        return float(np.mean(values))

    value, left_out = without(), np.array([without(group) for group in range(n_groups)])
    pairs = pairs_of_groups(n_groups, 3 * n_groups)
    together = interactions(value, left_out, pairs, [without(*pair) for pair in pairs])
    note = f"mean over {N_CLUSTERINGS} clusterings in {clustered[0].n_clusters:,}."
    if n < ENOUGH:
        note += f" MAUVE wants about {ENOUGH:,} samples a side; with {n:,} compare it at this n only."
    interval = jackknife(value, left_out, lowest=0, highest=1, interactions=together)
    return Estimate(value, left_out, interval, len(fake), note, together)


def _counts_by_group(labels: np.ndarray, n_clusters: int, n_groups: int) -> np.ndarray:
    """[G, K]: how many of the samples with these clusters [N] each group has in each."""
    cell = groups(len(labels), n_groups) * n_clusters + labels
    return np.bincount(cell, minlength=n_groups * n_clusters).reshape(n_groups, n_clusters)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum()


def _divergence(one: np.ndarray, mixed: np.ndarray) -> np.ndarray:
    """KL(one | r) in nats for each row r of mixtures [W, K], which are positive wherever ``one`` [K] is."""
    there = one > 0
    return (one[there] * np.log(one[there] / mixed[:, there])).sum(axis=1)


def _unit_rows(values: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(lengths == 0, 1, lengths)


def _principal(values: np.ndarray) -> np.ndarray:
    """float32 [N, d]: values [N, D] on the fewest principal axes that explain 90% of the variance."""
    centred = values - values.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances, axes = np.clip(variances[::-1], 0, None), axes[:, ::-1]
    if not variances.sum():
        return centred[:, :1].astype(np.float32)
    explained = np.cumsum(variances) / variances.sum()
    return (centred @ axes[:, : int(np.argmax(explained >= EXPLAINED_VARIANCE)) + 1]).astype(np.float32)


def _k_means(values: np.ndarray, n_clusters: int, random_state: np.random.Generator) -> np.ndarray:
    """The cluster [N] of each row [N, d] when none moves any more (Lloyd 1982), from random rows as centres."""
    centres = values[random_state.permutation(len(values))[:n_clusters]]
    labels, squared = _nearest(values, centres)
    for _ in range(HIGHEST_ITERATIONS):
        counts = np.bincount(labels, minlength=n_clusters)
        filled = counts > 0
        by_label = values[np.argsort(labels, kind="stable")]
        starts = (np.cumsum(counts) - counts)[filled]
        centres = np.empty_like(centres)
        centres[filled] = np.add.reduceat(by_label, starts, axis=0) / counts[filled, None]
        # a centre that lost its rows goes where rows are farthest from theirs
        centres[~filled] = values[np.argsort(-squared, kind="stable")[: np.count_nonzero(~filled)]]
        before, (labels, squared) = labels, _nearest(values, centres)
        if np.array_equal(before, labels):
            break
    return labels


def _nearest(values: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre of each row [N, d], and the squared distance [N] to it."""
    offsets = np.einsum("kd,kd->k", centres, centres)
    labels, squared = np.empty(len(values), np.int64), np.empty(len(values), np.float32)
    rows = max(1, BLOCK_ENTRIES // len(centres))
    for start in range(0, len(values), rows):
        block = values[start : start + rows]
        distance = block @ centres.T
        distance *= -2
        distance += offsets
        labels[start : start + rows] = nearest = distance.argmin(axis=1)
        squared[start : start + rows] = distance[np.arange(len(block)), nearest]
    return labels, np.maximum(squared + np.einsum("nd,nd->n", values, values), 0)
