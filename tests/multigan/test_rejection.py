"""Discriminator rejection sampling: probabilities by hand, calibration against a known answer."""

import math

import numpy as np
import pytest

from multigan.errors import ConfigError
from multigan.rejection import Acceptance, acceptance, calibration, sigmoid


def test_without_gamma_a_sample_is_accepted_with_its_ratio_over_the_largest():
    ratios = np.array([0.5, 1.0, 2.0, 4.0])
    chances = Acceptance(1.0, 0.0, math.log(4), 0.0).probability(np.log(ratios))
    assert chances == pytest.approx(ratios / 4, abs=1e-6)


def test_gamma_moves_all_log_odds_alike():
    chances = Acceptance(1.0, 0.0, math.log(4), 2.0).probability(np.log([1.0, 2.0]))
    assert chances == pytest.approx([sigmoid(math.log(1 / 3) - 2), sigmoid(0 - 2)])


def test_logits_are_calibrated_before_anything_else():
    plain = Acceptance(1.0, 0.0, 1.0, 0.5).probability(np.array([-1.0, 0.5]))
    assert Acceptance(2.0, 3.0, 1.0, 0.5).probability(np.array([-2.0, -1.25])) == pytest.approx(plain)


def test_a_logit_over_the_largest_counts_as_it():
    chances = Acceptance(1.0, 0.0, 1.0, 0.0)
    assert chances.probability(np.array([7.0])) == chances.probability(np.array([1.0])) > 0.999


def test_rejection_makes_data_of_the_generator():
    # four points, the generator's shares even, the data's not: shares of what is accepted are the data's
    data = np.array([0.4, 0.3, 0.2, 0.1])
    logits = np.log(data / 0.25)
    chances = Acceptance(1.0, 0.0, logits.max(), 0.0).probability(logits)
    kept = 0.25 * chances / (0.25 * chances).sum()
    assert kept == pytest.approx(data, abs=1e-6)


def test_log_odds_of_two_gaussians_are_a_line():
    # N(1, 1) against N(-1, 1): log p / g = 2 x; logits are half of that and 3 more
    random = np.random.default_rng(0)
    real, fake = random.normal(1, 1, 40_000), random.normal(-1, 1, 40_000)
    slope, offset = calibration(real + 3, fake + 3)
    assert slope == pytest.approx(2, abs=0.06)
    assert offset == pytest.approx(-6, abs=0.2)


def test_sides_that_are_wholly_parted_have_an_answer():
    slope, offset = calibration(np.linspace(5, 6, 50), np.linspace(-6, -5, 50))
    assert math.isfinite(slope)
    assert slope > 0
    assert abs(offset) < 1e-3


def test_gamma_is_a_percentile_of_what_is_generated():
    random = np.random.default_rng(0)
    real, fake = random.normal(1, 1, 2_000), random.normal(-1, 1, 2_000)
    chances = acceptance(real, fake, percentile=80).probability(fake)
    assert np.mean(chances < 0.5) == pytest.approx(0.8, abs=1e-3)
    assert np.mean(acceptance(real, fake, percentile=50).probability(fake)) > chances.mean()


def test_logits_that_tell_nothing_reject_at_random():
    chances = acceptance(np.linspace(-2, 0, 100), np.linspace(0, 2, 100), 80).probability(
        np.array([-1.0, 1.0])
    )
    assert chances == pytest.approx([0.5, 0.5])


def test_logits_that_are_not_finite_are_refused():
    with pytest.raises(ConfigError, match="logits are not finite"):
        acceptance(np.array([0.0, np.nan]), np.zeros(2), 80)
