"""Is A better than B? The difference, its interval from groups left out of both, and the words for it."""

import numpy as np
import pytest
from scipy import stats

from evaluation.statistics.comparison import UNDECIDED, compare, difference, verdict
from evaluation.statistics.estimate import Estimate, left_out_means
from evaluation.statistics.intervals import Interval, jackknife


def estimate(values, n_groups=20):
    """Of a mean, as a metric would give it."""
    values = np.asarray(values, float)
    without = left_out_means(values, n_groups)
    return Estimate(float(values.mean()), without, jackknife(float(values.mean()), without), len(values))


def test_the_difference_is_a_paired_t_test_of_the_groups():
    """Of means of equal groups the interval is that of scipy's paired test; noise that both share cancels."""
    random = np.random.default_rng(0)
    shared = random.normal(scale=50, size=400)
    first, second = shared + random.normal(size=400) + 0.3, shared + random.normal(size=400)
    gap, interval = difference(estimate(first), estimate(second))
    groups = np.array([[held[g::20].mean() for g in range(20)] for held in (first, second)])
    expected = stats.ttest_rel(*groups).confidence_interval(0.95)
    assert gap == pytest.approx(first.mean() - second.mean())
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-4)
    alone = estimate(first).interval
    assert interval.high - interval.low < 0.1 * (alone.high - alone.low)


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "words"),
    [
        (0.1, 0.2, True, "A is better"),
        (0.1, 0.2, False, "B is better"),
        (-0.2, -0.1, True, "B is better"),
        (-0.2, -0.1, False, "A is better"),
        (0.1, 0.2, None, "A is higher"),
        (-0.2, -0.1, None, "B is higher"),
        (-0.1, 0.2, True, UNDECIDED),
        (0.0, 0.2, True, UNDECIDED),  # zero at its end is inside
        (-0.2, 0.0, None, UNDECIDED),
        (0.0, 0.0, False, UNDECIDED),
    ],
)
def test_the_words_for_an_interval(low, high, higher_is_better, words):
    assert verdict(Interval(low, high, ""), higher_is_better, "A", "B") == words


def test_the_words_are_plain():
    assert UNDECIDED == "no difference can be told at this n"


def test_every_pair_in_every_figure_that_both_have():
    random = np.random.default_rng(1)
    held = {
        ("FD", name): estimate(random.normal(loc, 0.1, 100)) for name, loc in (("A", 1), ("B", 5), ("C", 1))
    }
    held["accuracy", "A"] = estimate(random.normal(1, 0.1, 60))
    held["accuracy", "C"] = estimate(random.normal(0, 0.1, 100))
    held["chance", "A"] = held["chance", "B"] = Estimate(0.5, np.full(20, 0.5), Interval(0.5, 0.5, ""), 0)
    held["few", "A"], held["few", "B"] = estimate(np.arange(100.0)), estimate(np.arange(10.0), n_groups=10)
    better = {"FD": False, "accuracy": True, "chance": None, "few": True}
    found = compare(held, ["A", "B", "C"], better)
    assert [(d.figure, d.first, d.second) for d in found] == [
        ("FD", "A", "B"), ("FD", "A", "C"), ("FD", "B", "C"), ("accuracy", "A", "C"),
    ]  # fmt: skip
    assert [d.verdict for d in found[:3:2]] == ["A is better", "C is better"]
    assert found[0].difference == pytest.approx(-4, abs=0.1)
    assert found[0].low < found[0].difference < found[0].high
    assert (found[3].verdict, found[3].n) == ("A is better", 60)


def test_one_set_is_compared_with_none():
    assert compare({("FD", "A"): estimate(np.arange(30.0))}, ["A"], {"FD": False}) == ()


def test_equal_means_come_out_as_different_about_once_in_twenty():
    """4,000 comparisons of two equal sets of 100 samples beside noise that both share: within 4 deviations of 5%."""
    random = np.random.default_rng(2)
    different = 0
    for _ in range(4_000):
        shared = random.exponential(size=100)
        one, other = (estimate(random.exponential(size=100) + shared) for _ in range(2))
        _, interval = difference(one, other)
        different += not interval.low <= 0 <= interval.high
    assert abs(different / 4_000 - 0.05) < 4 * (0.05 * 0.95 / 4_000) ** 0.5
