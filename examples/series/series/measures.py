"""How alike two sets of columns are: pure functions, each with the same without each group of rows.

Rows of a set belong to groups by their place (``evaluation.statistics.estimate``), so that the jackknife gives intervals.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from evaluation.evidence import Evidence
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT
from evaluation.metrics.labels import balanced_accuracy, confusion
from evaluation.statistics.estimate import Estimate, groups, left_out, n_groups_of
from evaluation.statistics.intervals import jackknife

RIDGE = 1e-2
N_HIDDEN = 192
"""Random units of the classifier that is trained on one set and tested on another."""


def kolmogorov_smirnov(real: np.ndarray, fake: np.ndarray) -> float:
    """The largest difference of two distribution functions, in [0, 1], of finite numbers [N] and [M], N, M > 0."""
    places = np.concatenate([real, fake])
    below = [np.searchsorted(np.sort(side), places, side="right") / len(side) for side in (real, fake)]
    return float(np.abs(below[0] - below[1]).max())


def number_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Kolmogorov-Smirnov of the numbers, or the difference of the shares that are missing (NaN) if that is larger."""
    absent = [np.isnan(side) for side in (real, fake)]
    apart = abs(float(absent[0].mean() - absent[1].mean()))
    there = [side[~gone] for side, gone in zip((real, fake), absent, strict=True)]
    if not all(map(len, there)):
        return 1.0 if any(map(len, there)) else 0.0
    return max(apart, kolmogorov_smirnov(*there))


def total_variation(real: np.ndarray, fake: np.ndarray) -> float:
    """Half the sum of the differences of shares, in [0, 1], of two sets of categories [N] and [M]."""
    names, codes = np.unique(np.concatenate([real, fake]).astype(str), return_inverse=True)
    shares = [np.bincount(side, minlength=len(names)) / len(side) for side in np.split(codes, [len(real)])]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def estimate_columns(
    names: Sequence[str], distances: Sequence, real: Sequence[np.ndarray], fake: Sequence[np.ndarray]
) -> tuple[Estimate, Estimate]:
    """The mean and the largest distance over columns: ``distances[c]`` of ``real[c]`` [N] and ``fake[c]`` [M]."""
    n = min(len(real[0]), len(fake[0]))
    n_groups = n_groups_of(n)
    values = np.array([d(a, b) for d, a, b in zip(distances, real, fake, strict=True)])
    without = np.stack(
        [left_out(d, a, b, n_groups=n_groups) for d, a, b in zip(distances, real, fake, strict=True)]
    )
    order = np.argsort(-values, kind="stable")
    note = "; ".join(f"{names[place]} {values[place]:.3f}" for place in order[:12]) + "."
    return estimates_over(values, without, n, note)


def estimates_over(values: np.ndarray, without: np.ndarray, n: int, note: str) -> tuple[Estimate, Estimate]:
    """The mean and the largest of values [C] in [0, 1], whose ``without`` is [C, G]."""
    mean, without_mean = float(values.mean()), without.mean(0)
    worst, without_worst = float(values.max()), without.max(0)
    return (
        Estimate(mean, without_mean, jackknife(mean, without_mean, 0, 1), n, note),
        Estimate(worst, without_worst, jackknife(worst, without_worst, 0, 1), n, note),
    )


# ---- pairs of columns ----


def scores_of(values: np.ndarray, categories: Sequence[str] | None) -> np.ndarray:
    """[N, k]: what a column's associations are computed from: ranks in [-1/2, 1/2] of numbers, or the one-hot of categories.

    A missing number stands in the middle; a category that is not among ``categories`` is 0 throughout.
    """
    if categories is not None:
        return (np.asarray(values, object)[:, None] == np.array(categories, object)).astype(np.float64)
    there = np.isfinite(values)
    ranks = np.zeros(len(values))
    if there.any():
        _, place, counts = np.unique(values[there], return_inverse=True, return_counts=True)
        ranks[there] = (np.cumsum(counts) - (counts + 1) / 2)[place] / there.sum() - 0.5 + 0.5 / there.sum()
    return ranks[:, None]


def associations(moments: np.ndarray, n: float, parts: Sequence[slice]) -> np.ndarray:
    """[P, P]: how each pair of columns hangs together, from sums of products of their scores [D, D] and of n rows.

    ``moments`` has a last row of plain sums. Spearman's rho of two numbers, Cramér's V of two categories, the correlation
    ratio of a number and a category; 0 where a column is constant.
    """
    products, sums = moments[:-1, :-1] / n, moments[-1, :-1] / n
    table = np.zeros((len(parts), len(parts)))
    for i, one in enumerate(parts):
        for j, other in enumerate(parts[:i]):
            table[i, j] = table[j, i] = _association(products, sums, one, other)
    return table


def _association(products: np.ndarray, sums: np.ndarray, one: slice, other: slice) -> float:
    centred = products[one, other] - np.outer(sums[one], sums[other])
    spreads = [np.diag(products)[part] - sums[part] ** 2 for part in (one, other)]
    widths = [part.stop - part.start for part in (one, other)]
    if 1 in widths and widths != [1, 1]:
        number, category = (0, 1) if widths[0] == 1 else (1, 0)
        shares = sums[(one, other)[category]]
        explained = float(((centred.ravel() ** 2)[shares > 0] / shares[shares > 0]).sum())
        spread = float(spreads[number][0])
        return min(1.0, np.sqrt(explained / spread)) if spread > 1e-12 else 0.0
    if widths == [1, 1]:
        spread = float(np.sqrt(spreads[0][0] * spreads[1][0]))
        return float(centred[0, 0]) / spread if spread > 1e-12 else 0.0
    expected = np.outer(sums[one], sums[other])
    there = expected > 0
    fewest = min(int((sums[part] > 0).sum()) for part in (one, other))
    square = float((centred[there] ** 2 / expected[there]).sum())
    return min(1.0, float(np.sqrt(square / (fewest - 1)))) if fewest > 1 else 0.0


def association_tables(scores: Sequence[np.ndarray], n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Associations [P, P] of columns with these scores, and the same without each group [G, P, P]."""
    ends = np.cumsum([0, *(own.shape[1] for own in scores)])
    parts = [slice(int(a), int(b)) for a, b in itertools.pairwise(ends)]
    whole = np.concatenate([*scores, np.ones((len(scores[0]), 1))], axis=1)
    member = groups(len(whole), n_groups)
    moments = np.stack([whole[member == g].T @ whole[member == g] for g in range(n_groups)])
    total = moments.sum(0)
    without = [associations(total - own, (total - own)[-1, -1], parts) for own in moments]
    return associations(total, len(whole), parts), np.stack(without)


def estimate_associations(
    names: Sequence[str], real: Sequence[np.ndarray], fake: Sequence[np.ndarray]
) -> tuple[Estimate, Estimate]:
    """The mean and the largest |difference| of the associations of all pairs of two columns or more, given their scores."""
    n = min(len(real[0]), len(fake[0]))
    n_groups = n_groups_of(n)
    (one, one_without), (other, other_without) = (association_tables(side, n_groups) for side in (real, fake))
    rows, columns = np.tril_indices(len(names), -1)
    values = np.abs(one - other)[rows, columns]
    without = np.abs(one_without - other_without)[:, rows, columns].T
    told = [
        f"{names[j]} and {names[i]}: real {one[i, j]:.2f}, here {other[i, j]:.2f}"
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    order = np.argsort(-values, kind="stable")[:6]
    mean, worst = estimates_over(values / 2, without / 2, n, "; ".join(told[place] for place in order) + ".")
    return doubled(mean), doubled(worst)


def doubled(estimate: Estimate) -> Estimate:
    """A difference of associations, in [0, 2], of its half."""
    value, without = 2 * estimate.value, 2 * estimate.left_out
    return Estimate(value, without, jackknife(value, without, 0, 2), estimate.n, estimate.note)


# ---- trained on one set, tested on another ----


def training_and_test(evidence: Evidence) -> tuple[Subset, Subset] | None:
    """Generated samples and held-out real ones, where there are some; for scale, real ones and others.

    Held-out samples that went through something are not tested on themselves. None where either side has no labels.
    """
    training, test = evidence.fake, evidence.held_out or evidence.real
    if evidence.subject == HELD_OUT:
        training, test = evidence.real, evidence.fake
    elif not any(training is one for one in evidence.sets):
        test = evidence.real
    unlabelled = training.labels is None or test.labels is None or evidence.n_labels < 2
    return None if unlabelled else (training, test)


def estimate_trained_elsewhere(
    training: np.ndarray,
    labels: np.ndarray,
    test: np.ndarray,
    test_labels: np.ndarray,
    n_labels: int,
    seed: int,
) -> Estimate:
    """The balanced accuracy in [0, 1] on ``test`` features [M, D] of a classifier trained on ``training`` [N, D].

    Train on synthetic, test on real (arXiv:1706.02633, section 4.1). Ridge regression of the labels, which weigh the
    same, on the features and on random rectified units of them; groups are left out of both sets.
    """
    n_groups = n_groups_of(min(len(training), len(test)))
    inputs, tested = _units(training, training, seed), _units(training, test, seed)
    weights = 1 / np.maximum(np.bincount(labels, minlength=n_labels), 1)[labels]
    targets = np.eye(n_labels)[labels]
    member, tested_member = groups(len(inputs), n_groups), groups(len(tested), n_groups)
    parts = [member == g for g in range(n_groups)]
    squares = np.stack([(inputs[part].T * weights[part]) @ inputs[part] for part in parts])
    products = np.stack([(inputs[part].T * weights[part]) @ targets[part] for part in parts])

    def score(square: np.ndarray, product: np.ndarray, kept: np.ndarray) -> float:
        penalty = RIDGE * np.trace(square) / len(square) * np.eye(len(square))
        read = (tested[kept] @ np.linalg.solve(square + penalty, product)).argmax(1)
        return balanced_accuracy(confusion(test_labels[kept], read, n_labels))

    whole_square, whole_product = squares.sum(0), products.sum(0)
    value = score(whole_square, whole_product, np.ones(len(tested), bool))
    without = np.array(
        [
            score(whole_square - squares[g], whole_product - products[g], tested_member != g)
            for g in range(n_groups)
        ]
    )
    note = f"Trained on {len(training):,}, tested on {len(test):,}; guessing gives {1 / n_labels:.3f}."
    return Estimate(value, without, jackknife(value, without, 0, 1), len(test), note)


def _units(training: np.ndarray, features: np.ndarray, seed: int) -> np.ndarray:
    """[N, 1 + D + H]: 1, the features at the deviation of the training ones, and random rectified units of them."""
    mean, deviation = training.mean(0), training.std(0)
    kept = deviation > 1e-9
    scaled = np.clip((features[:, kept] - mean[kept]) / deviation[kept], -4, 4).astype(np.float64)
    random = np.random.default_rng((seed, 3))
    weights = random.normal(0, 1 / np.sqrt(max(1, int(kept.sum()))), (int(kept.sum()), N_HIDDEN))
    hidden = np.maximum(scaled @ weights + random.normal(0, 0.5, N_HIDDEN), 0)
    return np.concatenate([np.ones((len(features), 1)), scaled, hidden], axis=1)
