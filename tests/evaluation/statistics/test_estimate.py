"""Estimates and their intervals: groups, closed forms of the jackknife, and shares that never get a width of zero."""

import math

import numpy as np
import pytest
from scipy import stats

from evaluation.statistics.estimate import (
    N_GROUPS,
    groups,
    halves,
    interactions,
    left_out,
    left_out_by_halves,
    left_out_means,
    n_groups_of,
    pairs_of_groups,
)
from evaluation.statistics.intervals import jackknife, jackknife_error, wilson, wilson_effective


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (7, 7), (19, 19), (20, 20), (21, 20), (10_000, 20)])
def test_there_are_twenty_groups_or_as_many_as_samples(n, expected):
    assert n_groups_of(n) == expected
    sizes = np.bincount(groups(n, expected))
    assert len(sizes) == expected
    assert sizes.max() - sizes.min() <= 1
    assert groups(n, expected)[: expected + 1].tolist() == [i % expected for i in range(min(n, expected + 1))]


def test_left_out_by_hand():
    """Groups of 5 samples in 2: samples 0, 2, 4 and 1, 3. Without the first 1 and 3 remain: the mean of 2 and 8 is 5."""
    values = np.array([1.0, 2, 4, 8, 16])
    assert left_out(np.mean, values, n_groups=2).tolist() == [5, 7]
    assert left_out_means(values, 2).tolist() == [5, 7]


def test_the_same_group_is_left_out_of_every_set():
    """mean(a) - mean(b), also of sets of different sizes."""
    a, b = np.arange(6.0), np.arange(0.0, 80, 10)
    found = left_out(lambda one, other: one.mean() - other.mean(), a, b, n_groups=3)
    expected = [np.mean([1, 2, 4, 5]) - np.mean([10, 20, 40, 50, 70])]
    assert found[0] == pytest.approx(expected[0])
    assert len(found) == 3


@pytest.mark.parametrize("n", [20, 37, 400])
def test_left_out_means_are_those_of_left_out(n):
    values = np.random.default_rng(n).normal(size=n)
    np.testing.assert_allclose(left_out_means(values, N_GROUPS), left_out(np.mean, values, n_groups=N_GROUPS))


def test_the_jackknife_of_a_mean_is_its_standard_error():
    """With a group a sample, (n - 1)/n sum (v_i - mean v)^2 = s^2 / n exactly; of four numbers by hand: s^2 = 20/3."""
    values = np.array([1.0, 3, 5, 7])
    assert jackknife_error(left_out_means(values, 4)) == pytest.approx(math.sqrt(20 / 3 / 4), rel=1e-14)
    many = np.random.default_rng(0).normal(size=50)
    assert jackknife_error(left_out_means(many, 50)) == pytest.approx(stats.sem(many), rel=1e-12)


def test_the_jackknife_of_equal_groups_is_that_of_their_means():
    values = np.random.default_rng(1).normal(loc=3, size=200)
    by_group = [values[g::20].mean() for g in range(20)]
    found = jackknife(values.mean(), left_out_means(values, 20))
    expected = stats.t.interval(0.95, 19, np.mean(by_group), stats.sem(by_group))
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-5)
    assert found.method == "jackknife, 20 groups"


def test_the_jackknife_of_a_square_by_hand():
    """(mean of 0, 2, 4)^2 = 4; left out 9, 4, 1: se^2 = 2/3 (169 + 4 + 121) / 9 = 196/9, se = 14/3; t of 2 degrees 4.303."""
    values = np.array([0.0, 2, 4])
    without = left_out(lambda held: held.mean() ** 2, values, n_groups=3)
    assert without.tolist() == [9, 4, 1]
    half = stats.t.ppf(0.975, 2) * 14 / 3
    found = jackknife(4, without)
    assert (found.low, found.high) == pytest.approx((4 - half, 4 + half), rel=1e-9)
    cut = jackknife(4, without, lowest=0, highest=10)
    assert (cut.low, cut.high) == (0, 10)


def test_a_constant_has_an_interval_of_no_width():
    found = jackknife(2.5, np.full(20, 2.5))
    assert (found.low, found.high) == (2.5, 2.5)


def share_of(values, n_groups=20):
    values = np.asarray(values, float)
    return wilson_effective(values.mean(), len(values), left_out_means(values, n_groups))


def test_a_share_of_independent_samples_has_about_the_interval_of_wilson():
    """The jackknife of independent 0s and 1s tells of about n samples, and never of more than n."""
    values = np.random.default_rng(2).random(2_000) < 0.3
    effective = [
        wilson_effective(held.mean(), 2_000, left_out_means(held, 20))
        for held in (np.random.default_rng(seed).permutation(values) for seed in range(40))
    ]
    plain = wilson(values.sum(), 2_000)
    widths = np.array([found.high - found.low for found in effective]) / (plain.high - plain.low)
    assert widths.min() == pytest.approx(1)
    assert 1 < widths.mean() < 1.15


def test_samples_that_come_in_groups_tell_of_fewer():
    """Whole groups of 0s or 1s: the effective n is about the number of groups, and so is Wilson's."""
    values = np.repeat([[0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1]], 100, axis=0).ravel()
    found = share_of(values)
    effective = 0.25 / jackknife_error(left_out_means(values, 20)) ** 2
    assert effective == pytest.approx(19, rel=1e-9)  # 20 groups: s^2 / 20 with s^2 = 20/19 x 1/4
    expected = wilson(0.5 * effective, effective)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.method == "Wilson, effective n 19 by jackknife"


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_at_its_end_has_the_width_that_n_tells(share):
    found, expected = share_of(np.full(50, share)), wilson(50 * share, 50)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.low <= share <= found.high
    assert found.high - found.low > 0.05


def test_one_sample_is_the_least_that_a_share_tells_of():
    """An error beyond any that shares can have: the widest interval, and still within 0 and 1."""
    found = wilson_effective(0.5, 100, np.array([0.0, 1] * 10))
    expected = wilson(0.5, 1)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert 0 < found.low < 0.5 < found.high < 1


def test_wilson_takes_parts_of_a_sample():
    """Between those of whole samples; against the roots of (p - share)^2 = z^2 p (1 - p) / n."""
    found = wilson(2.5, 7.5)
    z, n, share = stats.norm.ppf(0.975), 7.5, 1 / 3
    roots = sorted(np.roots([1 + z * z / n, -(2 * share + z * z / n), share * share]))
    assert (found.low, found.high) == pytest.approx(tuple(roots), rel=1e-12)


# ---- what pairs of groups add, and halves ----


@pytest.mark.parametrize("n", [2, 3, 4, 7, 20])
def test_every_pair_of_groups_stands_once(n):
    pairs = pairs_of_groups(n)
    assert len({frozenset(pair) for pair in pairs.tolist()}) == len(pairs) == n * (n - 1) // 2
    counts = np.bincount(pairs_of_groups(20, 60).ravel())
    assert (counts == 6).all()


def without_pairs(statistic, values, pairs):
    return [statistic(np.delete(values, pair)) for pair in pairs]


def test_no_pair_adds_to_a_mean_and_a_square_adds_its_products():
    """Of (mean of 1, 3, 5, 7)^2 = 16 without 1 and 3: 4 x 16 - 3 (25 + (13 / 3)^2) + 2 x 36, times 3 / 4: by hand 3.5."""
    values, pairs = np.array([1.0, 3, 5, 7]), pairs_of_groups(4)
    mean = interactions(4.0, left_out_means(values, 4), pairs, without_pairs(np.mean, values, pairs))
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    square = interactions(
        16.0,
        left_out_means(values, 4) ** 2,
        pairs,
        [each**2 for each in without_pairs(np.mean, values, pairs)],
    )
    first = pairs.tolist().index([0, 1])
    assert square[first] == pytest.approx(3.5)
    assert interactions(1.0, np.ones(3), pairs_of_groups(3), np.ones(3)) is None


def test_the_error_of_what_only_pairs_add_is_not_told_twice():
    """The mean product x_i . x_j, i != j, of 20 vectors [30] around 0 has the variance 2 x 30 / (20 x 19)."""
    random, plain, mended, pairs = np.random.default_rng(5), [], [], pairs_of_groups(20)
    for _ in range(300):
        vectors = random.normal(size=(20, 30))
        products = vectors @ vectors.T
        np.fill_diagonal(products, 0)
        rows, one, other = products.sum(axis=0), *pairs.T
        value, alone = rows.sum() / (20 * 19), (rows.sum() - 2 * rows) / (19 * 18)
        both = (rows.sum() - 2 * (rows[one] + rows[other] - products[one, other])) / (18 * 17)
        together = interactions(value, alone, pairs, both)
        plain.append(jackknife_error(alone) ** 2)
        mended.append(jackknife_error(alone, together) ** 2)
    true = 2 * 30 / (20 * 19)
    assert np.mean(plain) == pytest.approx(2 * true, rel=0.15)
    assert np.mean(mended) == pytest.approx(1.15 * true, rel=0.15)


def test_halves_part_each_two_groups_equally_often():
    cuts = halves(20)
    assert cuts.shape == (19, 20)
    assert (cuts.sum(axis=1) == 0).all()
    np.testing.assert_array_equal(cuts @ cuts.T, 20 * np.eye(19))
    assert halves(19) is None


def test_a_mean_by_halves_is_the_mean_left_out():
    values, cuts = np.random.default_rng(6).normal(size=20), halves(20)
    gaps = np.array([values[cut > 0].mean() - values[cut < 0].mean() for cut in cuts])
    np.testing.assert_allclose(
        left_out_by_halves(values.mean(), cuts, gaps), left_out_means(values, 20), rtol=1e-12
    )
    error = jackknife_error(left_out_by_halves(values.mean(), cuts, gaps))
    assert error**2 == pytest.approx(np.mean((gaps / 2) ** 2), rel=1e-12)
