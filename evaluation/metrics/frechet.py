"""The Fréchet distance of two sets of features, each taken as a Gaussian."""

from __future__ import annotations

import math

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, n_groups_of, pairs_of_groups
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.moments import BLOCK_ENTRIES, Moments, check_pair, finite_mean, moments
from multigan.errors import DataError

WHAT = "Fréchet distance"
PARTS = (1, 2, 4)
"""Into how many disjoint parts the samples are cut, for the extrapolation to infinitely many."""


def frechet_distance(one: Moments, other: Moments) -> float:
    """|m - m'|^2 + Tr(S + S' - 2 (S S')^(1/2)); >= 0, in squared units of the features; unbiased covariances.

    arXiv:1706.08500, eq. 6. With S = R R^T, the eigenvalues of S S' are those of the symmetric R^T S' R, so
    the trace of the root is the sum of their square roots and never complex. R is S's Cholesky factor or,
    where S is singular, its eigenvectors times the roots of its eigenvalues. The distance is biased upwards,
    the more the fewer the samples: compare at equal N.
    """
    # fewer samples have the lower rank, and then R^T S' R has no zeros whose rounding would have a root
    fewer, more = (one, other) if one.n <= other.n else (other, one)
    covariance, other_covariance = fewer.covariance, more.covariance
    factor = _factor(covariance)
    eigenvalues = np.linalg.eigvalsh(factor.T @ other_covariance @ factor)
    overlap = np.sqrt(np.clip(eigenvalues, 0, None)).sum()
    step = one.mean - other.mean
    distance = step @ step + np.trace(covariance) + np.trace(other_covariance) - 2 * overlap
    return max(0.0, float(distance))


def frechet_distance_of(real: np.ndarray, fake: np.ndarray) -> float:
    """``frechet_distance`` of features [N, D] and [M, D].

    With fewer samples than features on both sides it needs no covariance: of the centred features X [N, D] and
    Y [M, D], Tr (S S')^(1/2) is the sum of the singular values of X Y^T [N, M] over ((N - 1)(M - 1))^(1/2).
    """
    check_pair(real, fake, 2, WHAT)
    if not _few(real, fake):
        return frechet_distance(moments(real), moments(fake))
    centred, other = _centred(real), _centred(fake)
    overlap = np.linalg.svd(_product(centred, other), compute_uv=False).sum()
    return _distance_of_centred(real, fake, centred, other, float(overlap))


def estimate_frechet(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The Fréchet distance of features [N, D] and [M, D], N and M > 2, with each group left out of both sides.

    The interval is the jackknife's; it tells of the scatter from draw to draw at this N and not of the bias, which
    falls as 1 / N. Groups are left out to first order (``_distance_and_left_out``): one decomposition in all.
    """
    n_groups = n_groups_of(min(len(real), len(fake)))
    value, left_out, together = _distance_and_left_out(
        real, fake, groups(len(real), n_groups), groups(len(fake), n_groups), n_groups
    )
    interval = jackknife(value, left_out, lowest=0.0, interactions=together)
    return Estimate(value, left_out, interval, min(len(real), len(fake)), interactions=together)


def estimate_frechet_infinity(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The Fréchet distance extrapolated to infinitely many samples on both sides; it may fall below 0.

    Of features [N, D] and [M, D], N and M >= 12, whose rows are in random order: FD(N / k) = FD_inf + c k / N by least
    squares (arXiv:1911.07023, section 3) over the seven disjoint parts of N / k rows, k = 1, 2, 4. Both sides are cut
    alike, unlike there, because real samples bias the distance as fakes do. The extrapolation is a fixed sum of
    seven distances, so the jackknife of that sum holds the noise of sampling and of extrapolating at once.
    """
    n, n_features = min(len(real), len(fake)), real.shape[1]
    if n // max(PARTS) <= n_features:  # where covariances are singular the distance is no line in 1 / N
        raise DataError(
            f"FD infinity of {n_features} features takes more than {max(PARTS) * n_features} samples a side; found {n}. "
            "Take more, or read the kernel distance, which has no bias."
        )
    check_pair(real, fake, 3 * max(PARTS), WHAT)
    n_groups = n_groups_of(n)
    members = groups(len(real), n_groups), groups(len(fake), n_groups)
    cuts, values, left_out, together = [], [], [], []
    for n_parts in PARTS:
        for part in range(n_parts):
            rows, fake_rows = (_part(len(features), part, n_parts) for features in (real, fake))
            found = _distance_and_left_out(
                real[rows], fake[fake_rows], members[0][rows], members[1][fake_rows], n_groups
            )
            cuts.append(n_parts)
            for each, one in zip((values, left_out, together), found, strict=True):
                each.append(one)
    # the first row of the pseudo-inverse takes the seven distances to the line's height at k = 0
    weights = np.linalg.pinv(np.stack([np.ones(len(cuts)), cuts], axis=1))[0]
    value, without = float(weights @ values), weights @ np.array(left_out)
    # in parts with less than a sample a group what two groups add is no more than noise
    both = weights @ np.array(together) if n // max(PARTS) >= n_groups else None
    note = f"Extrapolated from {n}, {n // 2} and {n // max(PARTS)} samples a side."
    return Estimate(value, without, jackknife(value, without, interactions=both), n, note, both)


def too_few(n: int, n_features: int) -> str | None:
    """A warning where n samples leave the covariance of the features singular, else None."""
    if n > n_features:
        return None
    return (
        f"{n} samples are too few for the Fréchet distance of {n_features} features: the covariance is singular and the "
        "distance far too high. Compare at equal n only, take more samples, or use the kernel distance, which has no bias."
    )


def _distance_and_left_out(
    real: np.ndarray, fake: np.ndarray, real_member: np.ndarray, fake_member: np.ndarray, n_groups: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """The distance, [G] the same with each group left out of both sides, and [P] what pairs of groups add together.

    To first order in the covariances: the overlap h = Tr (S S')^(1/2) has the derivatives T / 2 by S and T' / 2 by S', where
    T is the map that takes the real Gaussian to the fake one and T' the map back, and Tr T S = Tr T' S' = h. So, with the
    maps of all samples and the means and covariances of those that stay, FD ~ |m - m'|^2 + Tr (I - T) S + Tr (I - T') S'.
    As I - T and I - T' are potentials of the transport problem that the distance solves, this is at most the exact value.
    Means are exact.
    """
    check_pair(real, fake, 3, WHAT)
    value, forth, back, lengths = _few_maps(real, fake) if _few(real, fake) else _maps(real, fake)
    means, spread = _left_out_of_one(real, forth, real_member, n_groups)
    fake_means, fake_spread = _left_out_of_one(fake, back, fake_member, n_groups)
    steps = means - fake_means
    together = _interactions((real, forth, real_member), (fake, back, fake_member), lengths, steps)
    return value, (steps**2).sum(axis=1) + spread + fake_spread, together


def _interactions(
    one: tuple[np.ndarray, np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray, np.ndarray],
    lengths: np.ndarray,
    steps: np.ndarray,
) -> np.ndarray:
    """[P]: what pairs of groups add to the distance together, to second order.

    Each side's features, the root of its map and its groups. In the coordinates of the roots both covariances are L,
    diagonal, and where they become L + E and L + E' the distance gains sum_ij (E - E')_ij^2 / (2 (l_i + l_j)): each pair of
    groups adds that of its two matrices, and the product of its means' ``steps`` [G, D].
    """
    n_groups = len(steps)
    centred = (steps - steps.mean(axis=0)) * (n_groups - 1)
    sums = centred @ centred.T * 2
    sides = []
    for features, root, member in (one, other):
        moved = (features - finite_mean(features)) @ root
        sides.append([moved[member == group] for group in range(n_groups)])
    step = max(1, BLOCK_ENTRIES // max(1, len(lengths) * n_groups))
    for start in range(0, len(lengths), step):
        rows = slice(start, start + step)
        matrices = np.stack([
            mine[:, rows].T @ mine / max(1, len(mine)) - theirs[:, rows].T @ theirs / max(1, len(theirs))
            for mine, theirs in zip(*sides, strict=True)
        ])  # fmt: skip
        matrices -= matrices.mean(axis=0)
        weighted = matrices / (lengths[rows, None] + lengths)
        sums += np.tensordot(weighted, matrices, ((1, 2), (1, 2)))
    first, second = pairs_of_groups(n_groups).T
    return sums[first, second] * (n_groups - 1) / (n_groups * max(1, n_groups - 2))


def _left_out_of_one(
    features: np.ndarray, root: np.ndarray, member: np.ndarray, n_groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Without each group: the mean [G, D], and Tr (I - T) S [G], where T = root root^T, root [D, R]."""
    n, mean = len(features), finite_mean(features)
    sums, squares = np.zeros((n_groups, features.shape[1])), np.zeros(n_groups)
    counts = np.bincount(member, minlength=n_groups)
    rows = max(1, BLOCK_ENTRIES // features.shape[1])
    for start in range(0, n, rows):
        centred = features[start : start + rows] - mean
        inside = member[start : start + rows]
        squares += np.bincount(inside, _potential(centred, root), n_groups)
        sums += (np.arange(n_groups)[:, None] == inside) @ centred
    # with d the group's mean less the mean of all, and c of n samples gone, the mean moves by -c d / (n - c)
    # and the scatter loses the group's scatter about the mean of all, and c^2 / (n - c) d d^T
    steps = sums / np.maximum(counts, 1)[:, None]
    left = n - counts
    spread = squares.sum() - squares - counts**2 / left * _potential(steps, root)
    return mean - sums / left[:, None], spread / (left - 1)


def _potential(centred: np.ndarray, root: np.ndarray) -> np.ndarray:
    """x^T (I - root root^T) x [N] of each row x."""
    moved = centred @ root
    return np.einsum("nd,nd->n", centred, centred) - np.einsum("nr,nr->n", moved, moved)


def _maps(real: np.ndarray, fake: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """The distance, and roots [D, R] of T = root root^T that moves the real Gaussian, and of T' that moves the fake; L [R].

    With S = A A^T and A^T S' A = U L^2 U^T: T = A^-T U L U^T A^-1, and T' = A U L^-1 U^T A^T.
    """
    one, other = moments(real), moments(fake)
    fewer, more = (one, other) if one.n <= other.n else (other, one)
    factor = _factor(fewer.covariance)
    squares, axes = _positive(factor.T @ more.covariance @ factor)
    lengths = np.sqrt(squares)
    stretched, of_more = axes * np.sqrt(lengths), factor @ (axes / np.sqrt(lengths))
    if factor.shape[0] == factor.shape[1]:
        of_fewer = np.linalg.solve(factor.T, stretched)
    else:  # eigenvectors, so the columns are orthogonal
        of_fewer = factor @ (stretched / (factor**2).sum(axis=0)[:, None])
    step = one.mean - other.mean
    spread = np.trace(one.covariance) + np.trace(other.covariance)
    value = max(0.0, float(step @ step + spread - 2 * lengths.sum()))
    forth, back = (of_fewer, of_more) if fewer is one else (of_more, of_fewer)
    return value, forth, back, lengths


def _few_maps(real: np.ndarray, fake: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """As ``_maps``, with fewer samples than features on both sides: from X Y^T = U L V^T of the centred features.

    T = Y^T V L^-1 V^T Y and T' = X^T U L^-1 U^T X, here of features over (N - 1)^(1/2). What has no overlap does not move.
    """
    centred, other = _centred(real), _centred(fake)
    left, lengths, right = np.linalg.svd(_product(centred, other), full_matrices=False)
    kept = lengths > len(lengths) * np.finfo(np.float64).eps * lengths[0]
    value = _distance_of_centred(real, fake, centred, other, float(lengths.sum()))
    roots = np.sqrt(lengths[kept])
    forth = other.T @ (right[kept].T / roots) / math.sqrt(len(fake) - 1)
    back = centred.T @ (left[:, kept] / roots) / math.sqrt(len(real) - 1)
    return value, forth, back, lengths[kept]


def _distance_of_centred(
    real: np.ndarray, fake: np.ndarray, centred: np.ndarray, other: np.ndarray, overlap: float
) -> float:
    step = real.mean(axis=0, dtype=np.float64) - fake.mean(axis=0, dtype=np.float64)
    spread = (centred**2).sum() / (len(centred) - 1) + (other**2).sum() / (len(other) - 1)
    return max(0.0, float(step @ step + spread - 2 * overlap))


def _product(centred: np.ndarray, other: np.ndarray) -> np.ndarray:
    return centred @ other.T / math.sqrt((len(centred) - 1) * (len(other) - 1))


def _centred(features: np.ndarray) -> np.ndarray:
    return features - finite_mean(features)


def _few(real: np.ndarray, fake: np.ndarray) -> bool:
    return max(len(real), len(fake)) < real.shape[1]


def _part(n: int, part: int, n_parts: int) -> slice:
    return slice(part * n // n_parts, (part + 1) * n // n_parts)


def _factor(covariance: np.ndarray) -> np.ndarray:
    """R [D, rank] with R R^T = the covariance [D, D]."""
    negligible = len(covariance) * np.finfo(np.float64).eps
    try:
        factor = np.linalg.cholesky(covariance)
        if factor.diagonal().min() ** 2 > negligible * covariance.diagonal().max():
            return factor
    except np.linalg.LinAlgError:
        pass
    eigenvalues, vectors = _positive(covariance)
    return vectors * np.sqrt(eigenvalues)


def _positive(symmetric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The eigenvalues [R] of a matrix [D, D] that rounding has not made, and their vectors [D, R]."""
    eigenvalues, vectors = np.linalg.eigh(symmetric)
    kept = eigenvalues > len(symmetric) * np.finfo(np.float64).eps * eigenvalues.max(initial=0.0)
    return eigenvalues[kept], vectors[:, kept]
