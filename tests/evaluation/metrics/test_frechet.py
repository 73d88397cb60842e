"""The Fréchet distance: closed forms, independent code, singular covariances, leaving out, extrapolating."""

import math

import numpy as np
import pytest
import torch
from scipy import linalg

from evaluation.metrics import frechet
from evaluation.metrics.frechet import (
    estimate_frechet,
    estimate_frechet_infinity,
    frechet_distance,
    frechet_distance_of,
    too_few,
)
from evaluation.statistics import intervals
from evaluation.statistics import moments as measured
from evaluation.statistics.comparison import difference
from evaluation.statistics.estimate import groups, interactions, left_out, pairs_of_groups
from multigan.errors import DataError


def whitened(random, n, size):
    """Samples whose mean is exactly 0 and unbiased covariance exactly the identity, n > size."""
    centred = random.normal(size=(n, size))
    centred -= centred.mean(axis=0)
    return np.linalg.qr(centred)[0] * math.sqrt(n - 1)


def decaying(random, n, size, power=0.7):
    return random.normal(size=(n, size)) * np.arange(1, size + 1) ** -power


def by_moments(real, fake):
    return frechet_distance(measured.moments(real), measured.moments(fake))


def by_sqrtm(real, fake):
    one, other = (np.cov(held.T.astype(float)) for held in (real, fake))
    step = real.mean(axis=0, dtype=float) - fake.mean(axis=0, dtype=float)
    return float(step @ step + np.trace(one + other) - 2 * np.trace(linalg.sqrtm(one @ other)).real)


@pytest.mark.parametrize("distance", [by_moments, frechet_distance_of])
def test_two_gaussians_in_closed_form(distance):
    """S = A A^T and S' = A D A^T do not commute, yet with A = Q diag(a), Q orthogonal, S' = Q diag(a^2 d) Q^T shares its
    axes: the distance is |m - m'|^2 + sum (a - a d^(1/2))^2 = (4 + 9) + (2 - 4)^2 + (3 - 3)^2 + (1 - 5)^2 = 33."""
    random = np.random.default_rng(0)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    real = whitened(random, 50, 3) * [2, 3, 1] @ turn.T
    fake = whitened(random, 70, 3) * [4, 3, 5] @ turn.T + [2, 0, -3]
    assert distance(real, fake) == pytest.approx(33, rel=1e-12)


def test_covariances_that_do_not_commute():
    """2 x 2: Tr M^(1/2) = (Tr M + 2 det(M)^(1/2))^(1/2). With S = diag(4, 1) and S' = [[2, 1], [1, 2]], Tr S S' = 10 and
    det S S' = 12, so the distance is 5 + 4 - 2 (10 + 2 12^(1/2))^(1/2)."""
    random = np.random.default_rng(1)
    real = whitened(random, 40, 2) * [2, 1]
    fake = whitened(random, 40, 2) @ np.linalg.cholesky([[2.0, 1], [1, 2]]).T
    expected = 9 - 2 * math.sqrt(10 + 2 * math.sqrt(12))
    assert frechet_distance_of(real, fake) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(300, 200), (20, 30), (20, 200), (200, 20), (40, 40), (41, 40)])
def test_identity_symmetry_shift_and_scale(n, m):
    """In 40 dimensions, with enough samples on both sides, on neither, on one, and at the edge."""
    random = np.random.default_rng(2)
    real, fake = decaying(random, n, 40), decaying(random, m, 40) * 1.3
    found = frechet_distance_of(real, fake)
    assert frechet_distance_of(real, real) == pytest.approx(0, abs=1e-6)
    assert frechet_distance_of(real, real[::-1]) == pytest.approx(0, abs=1e-6)
    assert found == pytest.approx(frechet_distance_of(fake, real), rel=1e-9)
    assert found == pytest.approx(by_moments(real, fake), rel=1e-7)
    assert frechet_distance_of(real * 3, fake * 3) == pytest.approx(9 * found, rel=1e-9)
    shift = random.normal(size=40)
    moved = found + shift @ shift + 2 * shift @ (fake.mean(axis=0) - real.mean(axis=0))
    assert frechet_distance_of(real, fake + shift) == pytest.approx(moved, rel=1e-9)


@pytest.mark.parametrize("n", [400, 90])
def test_parity_with_torch_fidelity_torchmetrics_and_scipy(n):
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
    from torchmetrics.image.fid import FrechetInceptionDistance

    random = np.random.default_rng(3)
    mixing = random.normal(size=(64, 64))
    real, fake = np.maximum(random.normal(size=(2, n, 64)) @ mixing, 0) * [[[1]], [[1.2]]]
    statistics = [fid_features_to_statistics(torch.from_numpy(held)) for held in (real, fake)]
    fidelity = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    network = torch.nn.Identity()
    network.num_features = 64
    metric = FrechetInceptionDistance(feature=network, normalize=True)
    for at in range(0, n, 50):
        metric.update(torch.from_numpy(real[at : at + 50]), real=True)
        metric.update(torch.from_numpy(fake[at : at + 50]), real=False)
    found = frechet_distance_of(real, fake)
    assert found == pytest.approx(fidelity, rel=1e-9)
    assert found == pytest.approx(metric.compute().item(), rel=1e-8)
    assert found == pytest.approx(by_sqrtm(real, fake), rel=1e-8)


def test_parity_where_covariances_are_singular():
    """sqrtm may turn complex there; torch-fidelity takes the real parts of eigenvalues' roots."""
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    random = np.random.default_rng(4)
    real, fake = decaying(random, 30, 64), decaying(random, 30, 64)
    statistics = [fid_features_to_statistics(torch.from_numpy(held)) for held in (real, fake)]
    fidelity = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert frechet_distance_of(real, fake) == pytest.approx(fidelity, rel=1e-5)


def test_features_that_never_fire_and_constant_features():
    random = np.random.default_rng(5)
    real, fake = decaying(random, 100, 12), decaying(random, 100, 12)
    real[:, 3] = fake[:, 3] = fake[:, 5] = 0
    rest = np.delete(real, 5, axis=1), np.delete(fake, 5, axis=1)
    alone = real[:, 5].mean() ** 2 + real[:, 5].var(ddof=1)
    expected = frechet_distance_of(*(np.delete(held, 3, axis=1) for held in rest)) + alone
    for pair in ((real, fake), (fake, real)):
        assert frechet_distance_of(*pair) == pytest.approx(expected, rel=1e-7)
        assert np.isfinite(estimate_frechet(*pair).left_out).all()
    still = np.ones((50, 12))
    spread = np.trace(np.cov(real.T)) + ((real.mean(axis=0) - 1) ** 2).sum()
    for one, other in ((still, real), (real, still)):
        assert frechet_distance_of(one, other) == pytest.approx(spread, rel=1e-12)
        assert np.isfinite(estimate_frechet(one, other).left_out).all()
    assert frechet_distance_of(still, still) == 0


def test_float32_features_far_from_zero():
    """Summed in float32, squares of about 1e6 would lose variances of about 1."""
    random = np.random.default_rng(6)
    real, fake = (random.normal(loc=1000, size=(500, 8)).astype(np.float32) for _ in range(2))
    fake += 0.5
    expected = by_sqrtm(real, fake)
    assert frechet_distance_of(real, fake) == pytest.approx(expected, rel=1e-9)
    assert estimate_frechet(real, fake).value == pytest.approx(expected, rel=1e-9)


def test_too_few_samples_are_told_of():
    assert too_few(65, 64) is None
    assert "64 samples are too few for the Fréchet distance of 64 features" in (too_few(64, 64) or "")
    assert "kernel distance" in (too_few(64, 64) or "")


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match=r"found \[5, 3\] and \[5, 4\]"):
        frechet_distance_of(np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(DataError, match="at least 2 samples a side here; found 5 real and 1 fake"):
        frechet_distance_of(np.ones((5, 3)), np.ones((1, 3)))
    with pytest.raises(DataError, match="takes more than 12 samples a side; found 11"):
        estimate_frechet_infinity(np.ones((11, 3)), np.ones((11, 3)))
    for n_features in (3, 60):  # enough samples, and too few
        features = np.ones((50, n_features))
        features[7, 1] = np.nan
        with pytest.raises(DataError, match="not a number"):
            frechet_distance_of(np.ones((50, n_features)), features)


@pytest.mark.parametrize(
    ("size", "n"), [(8, 160), (16, 40), (32, 128), (32, 320), (64, 32), (64, 60), (64, 200)]
)
@pytest.mark.parametrize("scale", [1, 1.5])
def test_leaving_out_to_first_order_follows_leaving_out_exactly(size, n, scale):
    """Never above it while no covariance is singular (duality); the same error, the same ups and downs."""
    random = np.random.default_rng(size + n)
    real, fake = decaying(random, n, size), decaying(random, n, size) * scale
    estimate = estimate_frechet(real, fake)
    exact = left_out(frechet_distance_of, real, fake, n_groups=20)
    assert estimate.value == pytest.approx(frechet_distance_of(real, fake), rel=1e-9)
    if n > 2 * size:
        assert (estimate.left_out <= exact * (1 + 1e-9)).all()
    assert np.corrcoef(estimate.left_out, exact)[0, 1] > 0.9
    assert intervals.jackknife_error(estimate.left_out) == pytest.approx(
        intervals.jackknife_error(exact), rel=0.2
    )


def test_leaving_out_is_exact_where_only_means_differ():
    """With m' far away |m - m'|^2 decides, whose change is not small and not taken to first order."""
    random = np.random.default_rng(8)
    real, fake = decaying(random, 400, 5), decaying(random, 400, 5) + 1000
    exact = left_out(frechet_distance_of, real, fake, n_groups=20)
    np.testing.assert_allclose(estimate_frechet(real, fake).left_out, exact, rtol=1e-8)


def test_the_first_order_is_the_derivative():
    """Groups of two among n samples: the error falls with the square of their weight, 2 / n."""
    random = np.random.default_rng(9)
    errors = []
    for n in (400, 3200):
        real, fake = decaying(random, n, 6), decaying(random, n, 6) * 1.7
        member = groups(n, n // 2)
        value, without, _ = frechet._distance_and_left_out(real, fake, member, member, n // 2)
        exact = np.array([frechet_distance_of(real[member != g], fake[member != g]) for g in range(100)])
        np.testing.assert_allclose(
            without[:100] - value, exact - value, atol=0.1 * np.abs(exact - value).max()
        )
        errors.append(np.abs(without[:100] - exact).mean())
    assert errors[1] < errors[0] / 32  # 64 but for chance


def test_blocks_and_memory_maps_change_nothing(tmp_path, monkeypatch):
    random = np.random.default_rng(10)
    held = [decaying(random, 203, 7).astype(np.float32), decaying(random, 190, 7).astype(np.float32)]
    whole, far = estimate_frechet(*held), estimate_frechet_infinity(*held)
    monkeypatch.setattr(frechet, "BLOCK_ENTRIES", 100)
    monkeypatch.setattr(measured, "BLOCK_ENTRIES", 100)
    mapped = []
    for name, features in zip("ab", held, strict=True):
        np.save(tmp_path / f"{name}.npy", features)
        mapped.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    np.testing.assert_allclose(estimate_frechet(*mapped).left_out, whole.left_out, rtol=1e-10)
    assert estimate_frechet(*mapped).value == pytest.approx(whole.value, rel=1e-10)
    assert estimate_frechet_infinity(*mapped).value == pytest.approx(far.value, rel=1e-9)
    assert whole.n == 190


def rejections(estimate, draw, n_draws, scale):
    """The share of draws of two equal fakes in which a paired comparison says "different"."""
    found = []
    for _ in range(n_draws):
        real, one, other = draw(), draw() * scale, draw() * scale
        first, second = estimate(real, one), estimate(real, other)
        _, interval = difference(first, second)
        found.append(not interval.low <= 0 <= interval.high)
    return np.mean(found)


@pytest.mark.parametrize(
    ("estimate", "n", "size"),
    [
        (estimate_frechet, 200, 8),
        (estimate_frechet, 40, 16),
        (estimate_frechet, 24, 48),
        (estimate_frechet_infinity, 200, 8),
        (estimate_frechet_infinity, 40, 8),
    ],
)
@pytest.mark.parametrize("scale", [1, 1.6])
def test_paired_comparison_is_calibrated(estimate, n, size, scale):
    """Fakes as real samples are, where the distance has no slope and only pairs of groups add to it, and unlike."""
    random = np.random.default_rng(11)
    assert rejections(estimate, lambda: decaying(random, n, size), 100, scale) <= 0.09


@pytest.mark.parametrize("estimate", [estimate_frechet, estimate_frechet_infinity])
def test_the_error_of_a_difference_of_equal_sets_is_that_of_repeated_draws(estimate):
    """Where all come from one distribution; without what pairs of groups add, it came out 1.4 times as large."""
    random = np.random.default_rng(14)
    gaps, squares = [], []
    for _ in range(150):
        real, one, other = (decaying(random, 300, 8) for _ in range(3))
        first, second = estimate(real, one), estimate(real, other)
        gaps.append(first.value - second.value)
        together = first.interactions - second.interactions
        squares.append(intervals.jackknife_error(first.left_out - second.left_out, together) ** 2)
    assert 0.8 < np.sqrt(np.mean(squares)) / np.std(gaps) < 1.25


def test_what_pairs_of_groups_add_is_that_of_leaving_both_out():
    random = np.random.default_rng(15)
    real, fake = decaying(random, 4000, 6), decaying(random, 4000, 6) * 1.2 + 0.1
    found, member, pairs = estimate_frechet(real, fake), groups(4000, 20), pairs_of_groups(20)
    alone = left_out(frechet_distance_of, real, fake, n_groups=20)
    both = []
    for pair in pairs:
        stays = ~np.isin(member, pair)
        both.append(frechet_distance_of(real[stays], fake[stays]))
    exact = interactions(found.value, alone, pairs, both)
    assert np.corrcoef(found.interactions, exact)[0, 1] > 0.9
    assert found.interactions.std() == pytest.approx(exact.std(), rel=0.2)


def test_the_interval_holds_a_distance_that_is_not_zero():
    """Far from equality the error is that of a smooth statistic: about 95% of intervals hold what N samples average."""
    random = np.random.default_rng(12)
    found = [
        estimate_frechet(decaying(random, 300, 6), decaying(random, 300, 6) * 2 + 0.3) for _ in range(150)
    ]
    centre = np.mean([estimate.value for estimate in found])
    held = np.mean([estimate.interval.low <= centre <= estimate.interval.high for estimate in found])
    assert 0.88 <= held <= 0.99
    errors = [intervals.jackknife_error(estimate.left_out) for estimate in found]
    assert np.mean(errors) == pytest.approx(np.std([estimate.value for estimate in found]), rel=0.25)


def test_extrapolation_takes_the_bias_out():
    """Gaussians with deviations a and 1.5 a: the distance is 0.25 sum a^2, and that of few samples far above it."""
    random = np.random.default_rng(13)
    truth = 0.25 * (np.arange(1, 33) ** -1.4).sum()
    plain, far = [], []
    for _ in range(40):
        real, fake = decaying(random, 200, 32), decaying(random, 200, 32) * 1.5
        plain.append(frechet_distance_of(real, fake))
        far.append(estimate_frechet_infinity(real, fake))
    biased, mended = np.mean(plain) - truth, np.mean([estimate.value for estimate in far]) - truth
    assert biased > 0.15
    assert abs(mended) < 0.15 * biased
    held = np.mean([estimate.interval.low <= truth <= estimate.interval.high for estimate in far])
    assert held >= 0.9


def test_extrapolation_is_the_line_through_seven_parts():
    random = np.random.default_rng(14)
    real, fake = decaying(random, 80, 4), decaying(random, 80, 4) * 2
    cuts, distances = [], []
    for n_parts in (1, 2, 4):
        for rows in np.split(np.arange(80), n_parts):
            cuts.append(n_parts / 80)
            distances.append(frechet_distance_of(real[rows], fake[rows]))
    estimate = estimate_frechet_infinity(real, fake)
    assert estimate.value == pytest.approx(np.polyfit(cuts, distances, 1)[1], rel=1e-9)
    assert estimate.note == "Extrapolated from 80, 40 and 20 samples a side."
    with pytest.raises(
        DataError, match="FD infinity of 4 features takes more than 16 samples a side; found 16"
    ):
        estimate_frechet_infinity(real[:16], fake[:16])  # a quarter of them has a singular covariance


def test_leaving_out_of_the_extrapolation_follows_leaving_out_exactly():
    random = np.random.default_rng(15)
    real, fake = decaying(random, 400, 6), decaying(random, 400, 6) * 1.5
    member = groups(400, 20)
    exact = []
    for g in range(20):
        distances, cuts = [], []
        for n_parts in (1, 2, 4):
            for rows in np.split(np.arange(400), n_parts):
                rows = rows[member[rows] != g]
                cuts.append(n_parts)
                distances.append(frechet_distance_of(real[rows], fake[rows]))
        exact.append(np.polyfit(cuts, distances, 1)[1])
    found = estimate_frechet_infinity(real, fake).left_out
    assert np.corrcoef(found, exact)[0, 1] > 0.97
    assert intervals.jackknife_error(found) == pytest.approx(intervals.jackknife_error(exact), rel=0.1)


@pytest.mark.parametrize("measure", [frechet_distance_of, estimate_frechet])
def test_of_few_samples_nothing_as_large_as_the_features_is_decomposed(measure, monkeypatch):
    """The path by singular values: with n = 150 of 768 features all matrices are of 150 rows and columns."""
    random = np.random.default_rng(16)
    real, fake = decaying(random, 150, 768), decaying(random, 150, 768)
    shapes = set()

    def watched(decompose):
        def watch(matrix, *more, **options):
            shapes.add(matrix.shape)
            return decompose(matrix, *more, **options)

        return watch

    for name in ("svd", "qr", "cholesky", "eig", "eigh", "eigvals", "eigvalsh", "inv", "pinv", "solve"):
        monkeypatch.setattr(np.linalg, name, watched(getattr(np.linalg, name)))
    measure(real, fake)
    assert shapes == {(150, 150)}
