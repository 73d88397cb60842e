"""Values of the metrics: by hand, closed forms, and against slow or independent code."""

import math

import numpy as np
import pytest
from scipy import linalg, stats

from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.inception_score import inception_score, split_scores
from evaluation.metrics.labels import (
    accuracy,
    confusion,
    intensity_correlation,
    rank_correlation,
    ranks,
    read_strengths,
)
from evaluation.metrics.memorisation import authenticity, distance_ratio, nearest_training
from evaluation.metrics.prdc import neighbour_distances, prdc
from evaluation.statistics import intervals, neighbours
from evaluation.statistics import moments as measured
from multigan.errors import DataError


def gaussian(n, mean, covariance):
    """Moments that are exactly those of a Gaussian, as if of n samples."""
    covariance = np.asarray(covariance, float)
    return measured.Moments(n, np.asarray(mean, float), covariance * (n - 1))


def by_sqrtm(one, other):
    root = linalg.sqrtm(one.covariance @ other.covariance)
    step = one.mean - other.mean
    return float(step @ step + np.trace(one.covariance + other.covariance - 2 * np.real(root)))


def correlated(seed, n=400, size=12):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, size)) @ random.normal(size=(size, size)) + random.normal(size=size)


def test_frechet_of_axis_aligned_gaussians():
    """Diagonal covariances commute: sum (m - m')^2 + sum (s - s')^2 = (9 + 16) + (1 + 9) = 35."""
    one = gaussian(10, [0, 0], np.diag([4.0, 1.0]))
    other = gaussian(50, [3, -4], np.diag([9.0, 16.0]))
    assert frechet_distance(one, other) == pytest.approx(35, abs=1e-12)


def test_frechet_of_rotated_gaussians():
    """S and S' share axes turned by 30 degrees, deviations (2, 1) and (5, 3): (5 - 2)^2 + (3 - 1)^2."""
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    turn = np.array([[c, -s], [s, c]])
    one, other = (gaussian(9, [1, 1], turn @ np.diag(d) @ turn.T) for d in ([4.0, 1.0], [25.0, 9.0]))
    assert frechet_distance(one, other) == pytest.approx(13, abs=1e-12)


def test_frechet_identity_and_symmetry():
    one, other = measured.moments(correlated(0)), measured.moments(correlated(1))
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(one, other) == pytest.approx(frechet_distance(other, one), rel=1e-10)
    assert frechet_distance(one, other) > 1


def test_frechet_agrees_with_sqrtm():
    one, other = measured.moments(correlated(2)), measured.moments(correlated(3, n=300))
    assert frechet_distance(one, other) == pytest.approx(by_sqrtm(one, other), rel=1e-8)


@pytest.mark.parametrize("order", [1, -1])
def test_frechet_of_singular_covariances(order):
    """Samples in a plane of 3 dimensions, against themselves scaled by 2, and against full ones."""
    flat = np.random.default_rng(4).normal(size=(200, 3)) * [1, 1, 0]
    singular, scaled = measured.moments(flat), measured.moments(2 * flat)
    expected = np.trace(singular.covariance) + singular.mean @ singular.mean  # (2 - 1)^2 of each
    assert frechet_distance(*(singular, scaled)[::order]) == pytest.approx(expected, rel=1e-9)
    # Tr (S S')^(1/2) = Tr (S^(1/2) S' S^(1/2))^(1/2) sees only the plane of S
    other = measured.moments(correlated(5, n=200, size=3))
    overlap = np.trace(np.real(linalg.sqrtm(singular.covariance[:2, :2] @ other.covariance[:2, :2])))
    step = singular.mean - other.mean
    expected = step @ step + np.trace(singular.covariance + other.covariance) - 2 * overlap
    assert frechet_distance(*(singular, other)[::order]) == pytest.approx(expected, rel=1e-6)


def test_frechet_with_fewer_samples_than_features():
    """10 samples in 40 dimensions: the overlap is the nuclear norm of the centred samples' product."""
    random = np.random.default_rng(5)
    one, other = random.normal(size=(10, 40)), random.normal(size=(10, 40)) + 1
    centred, other_centred = one - one.mean(0), other - other.mean(0)
    overlap = np.linalg.svd(centred @ other_centred.T / 9, compute_uv=False).sum()
    a, b = measured.moments(one), measured.moments(other)
    step = a.mean - b.mean
    expected = step @ step + np.trace(a.covariance) + np.trace(b.covariance) - 2 * overlap
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_moments_are_unbiased_and_merge():
    features = correlated(6, n=101).astype(np.float32)
    whole = measured.moments(features)
    np.testing.assert_allclose(whole.covariance, np.cov(features.T.astype(float), ddof=1), rtol=1e-10)
    for size in (1, 7, 50, 101):
        parts = measured.streamed(features[at : at + size] for at in range(0, 101, size))
        assert parts.n == 101
        np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-12)
        np.testing.assert_allclose(parts.covariance, whole.covariance, rtol=1e-10, atol=1e-12)


def test_moments_survive_a_large_offset():
    """In float32 a sum of squares about 1e4 would lose the variance of 1e-4."""
    features = np.random.default_rng(7).normal(scale=1e-2, size=(1000, 2)) + 1e4
    assert measured.moments(features).covariance[0, 0] == pytest.approx(features[:, 0].var(ddof=1), rel=1e-6)


def test_moments_refuse_what_has_none():
    with pytest.raises(DataError, match="at least 2 samples; found 1"):
        _ = measured.moments(np.ones((1, 3))).covariance
    with pytest.raises(DataError, match=r"\[0, 3\]"):
        measured.moments(np.ones((0, 3)))
    with pytest.raises(DataError, match="at least one batch"):
        measured.streamed([])


def test_inception_score_at_its_ends():
    assert inception_score(np.full((10, 4), 0.25)) == pytest.approx(1)
    assert inception_score(np.eye(4)[np.arange(40) % 4]) == pytest.approx(4)
    assert inception_score(np.eye(4)[np.zeros(40, int)]) == pytest.approx(1)  # sure, but always the same


def test_inception_score_by_hand():
    """p = (.9, .1), (.1, .9): each KL to (.5, .5) is .9 ln 1.8 + .1 ln .2."""
    expected = math.exp(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    assert inception_score(np.array([[0.9, 0.1], [0.1, 0.9]])) == pytest.approx(expected, rel=1e-12)


def test_inception_splits_are_shuffled():
    """Sorted by class, unshuffled splits would hold one class each and score 1."""
    sorted_by_class = np.repeat(np.eye(4), 100, axis=0)
    scores = split_scores(sorted_by_class, seed=0)
    assert len(scores) == 10
    assert scores.min() > 3.5
    np.testing.assert_array_equal(scores, split_scores(sorted_by_class, seed=0))
    assert not np.array_equal(scores, split_scores(sorted_by_class, seed=1))
    with pytest.raises(DataError, match="10 splits need as many samples; found 9"):
        split_scores(sorted_by_class[:9], seed=0)


def on_a_line(*points):
    return np.array(points, float)[:, None]


def test_prdc_by_hand():
    """k = 1. Real 0, 1, 3, 10 reach 1, 1, 2, 7; fake 0.5, 2, 2.1, 30 reach 1.5, .1, .1, 27.9.

    0.5 is within reach of 0 and 1; 2 of 1 (border) and 3; 2.1 of 3; 30 of none. Of the reals only 10 has no
    fake in reach (the nearest is 7.9 away). Recalled: 0 and 1 by 0.5, and 3 and 10 by 30 (27 and 20 away).
    """
    found = prdc(on_a_line(0, 1, 3, 10), on_a_line(0.5, 2, 2.1, 30), k=1)
    assert found.precision.tolist() == [True, True, True, False]
    assert found.density.tolist() == [2, 2, 1, 0]
    assert found.coverage.tolist() == [True, True, True, False]
    assert found.recall.tolist() == [True, True, True, True]


def test_reach_leaves_the_point_itself_out():
    np.testing.assert_allclose(neighbour_distances(on_a_line(0, 1, 3, 10), 1), [1, 1, 4, 49], rtol=1e-6)
    np.testing.assert_allclose(neighbour_distances(on_a_line(0, 1, 3, 10), 2), [9, 4, 9, 81], rtol=1e-6)


def test_prdc_of_duplicates():
    """Duplicates reach 0 at k = 1, and only an exact copy is within their reach."""
    real = np.repeat(np.random.default_rng(0).normal(size=(5, 8)) * 100, 2, axis=0)
    copies = prdc(real, real, k=1)
    assert all(getattr(copies, name).all() for name in ("precision", "recall", "coverage"))
    assert (copies.density == 2).all()
    near = prdc(real, real + 1e-3, k=1)
    assert not any(getattr(near, name).any() for name in ("precision", "coverage", "density", "recall"))


def slow_prdc(real, fake, k):
    def reach(points):
        return [sorted(np.linalg.norm(points - p, axis=1))[k] for p in points]

    reals, fakes = reach(real), reach(fake)
    far = np.array([[np.linalg.norm(r - f) for f in fake] for r in real])
    n = len(real)
    precision = [any(far[i, j] <= reals[i] for i in range(n)) for j in range(n)]
    recall = [any(far[i, j] <= fakes[j] for j in range(n)) for i in range(n)]
    density = [sum(far[i, j] <= reals[i] for i in range(n)) / k for j in range(n)]
    coverage = [any(far[i, j] <= reals[i] for j in range(n)) for i in range(n)]
    return precision, recall, density, coverage


@pytest.mark.parametrize("k", [1, 3, 5])
def test_prdc_agrees_with_the_obvious_way(k, monkeypatch):
    monkeypatch.setattr(neighbours, "TILE", 17)  # several uneven tiles
    random = np.random.default_rng(k)
    real, fake = random.normal(size=(60, 4)), random.normal(size=(60, 4)) * 0.8 + 0.5
    found, expected = prdc(real, fake, k), slow_prdc(real, fake, k)
    for held, wanted in zip(
        (found.precision, found.recall, found.density, found.coverage), expected, strict=True
    ):
        np.testing.assert_allclose(held, wanted)
    assert 0 < found.coverage.mean() < 1


def test_prdc_notices_collapse():
    random = np.random.default_rng(1)
    real, same = random.normal(size=(300, 6)), random.normal(size=(300, 6))
    collapsed = same[random.integers(0, 5, 300)] + random.normal(size=(300, 6)) * 1e-3
    healthy, sick = prdc(real, same), prdc(real, collapsed)
    assert healthy.coverage.mean() > 0.9
    assert sick.coverage.mean() < 0.2
    assert sick.recall.mean() < 0.2
    assert sick.precision.mean() > 0.5  # which precision alone would praise


def test_prdc_refuses_unequal_and_few():
    with pytest.raises(DataError, match="found 7 real and 8 fake"):
        prdc(np.zeros((7, 2)), np.zeros((8, 2)))
    with pytest.raises(DataError, match="at least 6 samples; found 5"):
        prdc(np.zeros((5, 2)), np.zeros((5, 2)))


def test_nearest_training_by_hand():
    """0.1 is nearest to 0, whose next is 1 away; 9 to 10, whose next (3) is 7 away; 3 is a copy."""
    found = nearest_training(on_a_line(0.1, 9, 3, 20), on_a_line(0, 1, 3, 10))
    assert found.index.tolist() == [0, 3, 2, 3]
    np.testing.assert_allclose(found.distance, [0.1, 1, 0, 10], atol=1e-9)
    np.testing.assert_allclose(found.spacing, [1, 7, 2, 7])
    assert authenticity(found).tolist() == [False, False, False, True]
    with pytest.raises(DataError, match="found 1"):
        nearest_training(on_a_line(0), on_a_line(0))


def test_copies_of_duplicates_are_not_authentic():
    assert authenticity(nearest_training(on_a_line(5), on_a_line(5, 5, 9))).tolist() == [False]


def test_copies_are_at_no_distance_whatever_rounding_leaves():
    train = np.random.default_rng(6).normal(loc=3, size=(200, 512)).astype(np.float32)
    assert (nearest_training(train[:50], train).distance == 0).all()


def test_distance_ratio():
    assert distance_ratio(np.array([1.0, 2, 9]), np.array([4.0, 4, 1])) == pytest.approx(0.5)
    assert distance_ratio(np.zeros(3), np.ones(3)) == 0


def test_confusion_and_accuracy_by_hand():
    counts = confusion(np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 0, 2]), 3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert accuracy(counts) == pytest.approx(4 / 6)


def test_rank_correlation_agrees_with_scipy():
    random = np.random.default_rng(2)
    one = random.integers(0, 9, 50).astype(float)  # many ties
    other = one + random.normal(size=50) * 3
    assert rank_correlation(one, other) == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-12)
    np.testing.assert_allclose(ranks(one) + 1, stats.rankdata(one))
    assert rank_correlation(one, np.ones(50)) == 0


def test_intensity_is_ranked_within_each_emotion():
    """Perfect order within both of two emotions, though one reads stronger throughout: 1; one reversed: 0."""
    asked, intensities = np.array([0, 0, 0, 1, 1, 1]), np.array([0.1, 0.5, 0.9] * 2)
    assert intensity_correlation(asked, intensities, np.array([0.7, 0.8, 0.9, 0.1, 0.2, 0.3])) == 1
    assert intensity_correlation(asked, intensities, np.array([0.7, 0.8, 0.9, 0.3, 0.2, 0.1])) == 0


def test_strengths_are_read_from_features():
    random = np.random.default_rng(3)
    labels = np.arange(400) % 2
    features = random.normal(size=(400, 5))
    intensities = np.where(labels == 0, features[:, 1], -features[:, 3])
    read = read_strengths(features[:300], labels[:300], intensities[:300], features[300:], labels[300:])
    np.testing.assert_allclose(read, intensities[300:], atol=0.1)
    assert (
        read_strengths(features[:300], labels[:300] * 0, intensities[:300], features[300:], labels[300:]) == 0
    )[labels[300:] == 1].all()


def test_wilson_interval():
    """8 of 10: (0.4902, 0.9433), as Newcombe's tables give; never of zero width."""
    interval = intervals.wilson(8, 10)
    expected = stats.binomtest(8, 10).proportion_ci(method="wilson")
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert intervals.wilson(10, 10).low == pytest.approx(0.7225, abs=1e-4)
    assert intervals.wilson(10, 10).high == 1
    assert intervals.wilson(0, 10).low == 0
    assert intervals.wilson(0, 10).high == pytest.approx(0.2775, abs=1e-4)


@pytest.mark.parametrize(
    ("degrees", "tolerance"), [(1, 1e-9), (2, 1e-9), (5, 5e-3), (9, 2e-4), (19, 1e-5), (500, 1e-9)]
)
def test_student_point(degrees, tolerance):
    assert intervals.student(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=tolerance)


def test_jackknife_of_a_mean_is_the_t_interval_of_its_groups():
    groups = np.random.default_rng(5).normal(loc=10, size=20)
    left_out = [float(np.delete(groups, g).mean()) for g in range(20)]
    interval = intervals.jackknife(float(groups.mean()), left_out)
    reference = stats.t.interval(0.95, 19, groups.mean(), stats.sem(groups))
    assert (interval.low, interval.high) == pytest.approx(reference, abs=1e-4)
