"""The Vendi score: closed forms, parity with scipy, its interval, and that collapse is noticed."""

import numpy as np
import pytest
from scipy import linalg, stats

from evaluation.metrics.vendi import MOST, estimate_vendi, vendi_score
from evaluation.statistics.estimate import groups, n_groups_of
from multigan.errors import DataError


def by_scipy(features):
    """exp of the entropy of the eigenvalues of the whole cosine kernel over n."""
    directions = features / np.linalg.norm(features, axis=1, keepdims=True)
    shares = linalg.eigh(directions @ directions.T / len(features), eigvals_only=True)
    return np.exp(stats.entropy(shares.clip(0)))


def test_at_its_ends_and_of_clusters():
    """Alike: 1. n orthogonal rows: n. m orthogonal directions, equally often, at any lengths: m."""
    assert vendi_score(np.ones((30, 4))) == pytest.approx(1, abs=1e-10)
    assert vendi_score(np.diag(np.arange(1.0, 13))) == pytest.approx(12, rel=1e-10)
    clusters = np.eye(8)[np.arange(40) % 5] * np.random.default_rng(0).uniform(1, 9, (40, 1))
    assert vendi_score(clusters) == pytest.approx(5, rel=1e-10)
    assert vendi_score(clusters[:, :5]) == pytest.approx(5, rel=1e-10)


def test_of_unequal_clusters_by_hand():
    """Shares 3/4 and 1/4: exp(3/4 ln 4/3 + 1/4 ln 4)."""
    expected = np.exp(0.75 * np.log(4 / 3) + 0.25 * np.log(4))
    assert vendi_score(np.eye(2)[[0, 0, 0, 1]]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [5, 300])
def test_scipy_agrees_with_more_samples_than_features_and_fewer(size):
    features = np.random.default_rng(1).normal(0.2, 1, (60, size)).astype(np.float32)
    assert vendi_score(features) == pytest.approx(by_scipy(features.astype(float)), rel=1e-9)


@pytest.mark.parametrize("size", [5, 300])
def test_leaving_a_group_out_is_computing_without_it(size):
    features = np.random.default_rng(2).normal(size=(63, size))
    found, member = estimate_vendi(features), groups(63, n_groups_of(63))
    assert found.value == pytest.approx(vendi_score(features), rel=1e-12)
    expected = [vendi_score(features[member != g]) for g in range(n_groups_of(63))]
    np.testing.assert_allclose(found.left_out, expected, rtol=1e-9)
    assert found.interval.low < found.value < found.interval.high


def test_only_the_first_thousand_are_scored():
    features = np.random.default_rng(3).normal(size=(MOST + 200, 6))
    found = estimate_vendi(features)
    assert found.n == MOST
    assert "1000 samples" in found.note
    assert found.value == pytest.approx(vendi_score(features[:MOST]), rel=1e-12)


def test_of_other_orders_by_hand():
    """Shares 1/2, 1/4, 1/4: (sum of roots)^2, 1 / sum of squares, 1 / the largest; m equal shares are m at any order."""
    features = np.eye(3)[[0, 0, 1, 2]]
    assert vendi_score(features, 0.5) == pytest.approx((np.sqrt(0.5) + 1) ** 2, rel=1e-12)
    assert vendi_score(features, 2) == pytest.approx(1 / (1 / 4 + 2 / 16), rel=1e-12)
    assert vendi_score(features, np.inf) == pytest.approx(2, rel=1e-12)
    orthogonal = np.linalg.qr(np.random.default_rng(0).normal(size=(300, 5)))[0].T
    clusters = orthogonal[np.arange(40) % 5]
    for q in (0.01, 0.5, 1, 2, 1e4, np.inf):
        assert vendi_score(clusters, q) == pytest.approx(5, rel=1e-9)


@pytest.mark.parametrize("size", [5, 300])
def test_the_order_has_the_closed_forms_of_the_kernel(size):
    """Order 2 is n^2 over the squared norm of K; and a higher order is never a higher score."""
    features = np.random.default_rng(5).normal(0.2, 1, (60, size))
    directions = features / np.linalg.norm(features, axis=1, keepdims=True)
    kernel = directions @ directions.T
    assert vendi_score(features, 2) == pytest.approx(60**2 / (kernel**2).sum(), rel=1e-10)
    assert vendi_score(features, np.inf) == pytest.approx(60 / np.linalg.norm(kernel, 2), rel=1e-10)
    scores = [vendi_score(features, q) for q in (0.1, 0.5, 0.999999, 1, 1.000001, 2, 7, np.inf)]
    assert scores == sorted(scores, reverse=True)
    assert scores[2] == pytest.approx(scores[3], rel=1e-5)
    found, member = estimate_vendi(features, 2), groups(60, n_groups_of(60))
    expected = [vendi_score(features[member != g], 2) for g in range(n_groups_of(60))]
    np.testing.assert_allclose(found.left_out, expected, rtol=1e-9)


def test_samples_without_a_direction_are_alike():
    """Two empty samples and two others, orthogonal: shares 1/2, 1/4, 1/4."""
    assert vendi_score(np.array([[0.0, 0], [0, 0], [1, 0], [0, 1]])) == pytest.approx(np.exp(1.5 * np.log(2)))


def test_collapse_is_noticed_beyond_the_intervals():
    random = np.random.default_rng(4)
    good = random.normal(size=(400, 20))
    collapsed = good[random.integers(0, 6, 400)] + random.normal(size=(400, 20)) * 0.05
    healthy, sick = estimate_vendi(good), estimate_vendi(collapsed)
    assert sick.interval.high < healthy.interval.low
    assert sick.value < 7 < healthy.value


def test_equal_distributions_are_rarely_told_apart():
    differ = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        first, second = (estimate_vendi(random.normal(0.3, 1, (80, 6))) for _ in range(2))
        without = first.left_out - second.left_out
        error = np.sqrt(19 / 20 * ((without - without.mean()) ** 2).sum())
        differ += abs(first.value - second.value) > stats.t.ppf(0.975, 19) * error
    assert differ <= 18


def test_broken_or_too_few_features_are_refused():
    with pytest.raises(DataError, match="2 numbers are not finite"):
        vendi_score(np.array([[1.0, np.nan], [np.inf, 2]]))
    with pytest.raises(DataError, match=r"\[0, 3\]"):
        vendi_score(np.ones((0, 3)))
    with pytest.raises(DataError, match="at least 2 samples; found 1"):
        estimate_vendi(np.ones((1, 3)))
