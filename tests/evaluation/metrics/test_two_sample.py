"""The classifier two-sample test: closed forms, what it notices, and that equal sets are at chance within its interval."""

import math

import numpy as np
import pytest

from evaluation.metrics.two_sample import estimate_two_sample
from evaluation.statistics.comparison import difference
from multigan.errors import DataError


def normal(n, seed, size=4, shift=0.0, spread=1.0):
    return np.random.default_rng(seed).normal(shift, spread, (n, size))


def test_accuracy_of_two_gaussians_is_that_of_the_best_classifier():
    """N(0, 1) and N(d, 1) on one of four axes: the best threshold is right with a probability of Phi(d / 2)."""
    for shift in (1.0, 2.0):
        real, fake = normal(2000, 0), normal(2000, 1)
        fake[:, 2] += shift
        best = (1 + math.erf(shift / 2 / math.sqrt(2))) / 2
        found = estimate_two_sample(real, fake, 0)
        assert found.value == pytest.approx(best, abs=0.02)
        assert found.interval.low < best < found.interval.high
        assert found.n == 2000


def test_other_spreads_are_told_where_means_are_equal():
    assert estimate_two_sample(normal(300, 0), normal(300, 1, spread=2), 0).interval.low > 0.6
    apart = estimate_two_sample(normal(100, 0), normal(100, 1, shift=50), 0)
    assert apart.value == 1
    assert 0.9 < apart.interval.low < apart.interval.high == 1


def test_noise_in_many_features_is_told_with_fewer_samples_than_features():
    real, fake = normal(60, 0, size=300), normal(60, 1, size=300, spread=1.3)
    assert estimate_two_sample(real, fake, 0).interval.low > 0.5


def test_no_sample_is_told_by_a_model_that_saw_it():
    """As many axes as samples: a model that saw them would be right in all, and this one is at chance."""
    found = [
        estimate_two_sample(normal(40, seed, size=200), normal(40, 99 + seed, size=200), 0)
        for seed in range(20)
    ]
    assert np.mean([one.value for one in found]) == pytest.approx(0.5, abs=0.06)


def test_equal_sets_are_at_chance_within_the_interval():
    """93 to 97% of 200 draws, give or take the noise of 200; and two equal sets differ in about 5%."""
    holds, same = [], []
    for seed in range(200):
        real, one, other = (normal(60, [seed, place], 6) for place in range(3))
        first, second = (estimate_two_sample(real, fake, seed) for fake in (one, other))
        holds.append(first.interval.low <= 0.5 <= first.interval.high)
        gap = difference(first, second)[1]
        same.append(gap.low <= 0 <= gap.high)
    assert 0.91 <= np.mean(holds) <= 0.99
    assert 0.91 <= np.mean(same) <= 0.99


def test_binomial_intervals_would_be_too_narrow():
    """Models share training samples: the effective n is well below the 2 n answers."""
    found = estimate_two_sample(normal(200, 0, 16), normal(200, 1, 16), 0)
    effective = int(found.interval.method.split("effective n ")[1].split()[0])
    assert 130 < effective < 360


def test_samples_that_stand_in_groups_tell_less():
    """Twenty fakes, each ten times in one group: the interval is wider than that of 200 fakes."""
    real, fake = normal(200, 0), np.tile(normal(20, 1), (10, 1)) + 0.5
    plain, grouped = (estimate_two_sample(real, fake, 0, clustered) for clustered in (False, True))
    assert grouped.value == plain.value
    widths = [one.interval.high - one.interval.low for one in (plain, grouped)]
    assert widths[1] > 1.15 * widths[0]


def test_what_cannot_be_told_apart_is_refused():
    with pytest.raises(DataError, match="at least 10 samples a side here; found 9 real and 20 fake"):
        estimate_two_sample(normal(9, 0), normal(20, 1), 0)
    with pytest.raises(DataError, match="All features are the same"):
        estimate_two_sample(np.ones((20, 3)), np.ones((20, 3)), 0)
