"""How clips move, by hand."""

import numpy as np
import pytest

from evaluation.metrics.frechet import frechet_distance_of
from evaluation.metrics.moving import (
    agreement,
    estimate_flicker,
    estimate_frame_frechet,
    estimate_mean_of,
    flicker,
    strong_frames,
)
from evaluation.pipeline import evaluate
from multigan.errors import DataError


def test_flicker_is_the_mean_difference_of_successive_frames():
    frames = np.zeros((3, 2, 2, 3), np.uint8)
    assert flicker(frames) == 0
    frames[1] = 51  # 0.2 up, 0.2 down
    assert flicker(frames) == pytest.approx(0.2)
    frames[2] = 51  # 0.2 up, then still
    assert flicker(frames) == pytest.approx(0.1)
    frames[1, 0] = 255  # half of the pixels 1 up and 0.8 down, the others 0.2 up and still
    assert flicker(frames) == pytest.approx((0.6 + 0.4) / 2)
    with pytest.raises(DataError, match="at least two frames"):
        flicker(frames[:1])


def test_flicker_is_told_beside_real_clips():
    real, fake = np.full(40, 0.1), np.full(40, 0.15)
    estimate = estimate_flicker(real, fake)
    assert estimate.value == pytest.approx(1.5)
    assert (estimate.interval.low, estimate.interval.high) == pytest.approx((1.5, 1.5))
    assert "Real clips change by 10.00% of the range a frame, these by 15.00%." in estimate.note
    with pytest.raises(DataError, match="real clips that move"):
        estimate_flicker(np.zeros(40), fake)


def test_flicker_of_equal_distributions_is_told_apart_in_about_five_percent_of_draws():
    drawn = np.random.default_rng(0)
    misses = 0
    for _ in range(400):
        interval = estimate_flicker(*drawn.gamma(4.0, 0.02, (2, 60))).interval
        misses += not interval.low <= 1 <= interval.high
    assert 6 <= misses <= 36  # 5% of 400 is 20, deviation 4.4


def test_frames_at_which_an_emotion_is_to_be_seen():
    curves = np.array([[0, 0.2, 0.4, 0.8], [-1, -1, -1, -1], [0.3, 0.3, 0.3, 0.3]])
    assert strong_frames(curves[[0, 2]]).tolist() == [[False, False, True, True], [True] * 4]
    assert strong_frames(curves[[1]]).all()


def test_agreement_is_the_correlation_over_time():
    asked = np.array([[0, 1, 0], [0, 0.5, 1], [0, 1, 0], [0, 1, 0]], float)
    read = np.array([[2, 4, 2], [1, 0, -1], [3, 3, 3], [1, 1, 0]], float)
    # of the last: deviations (-1, 2, -1) / 3 and (1, 1, -2) / 3: 3 / sqrt(6 * 6)
    np.testing.assert_allclose(agreement(asked, read), [1, -1, 0, 0.5], atol=1e-12)


def test_a_mean_has_the_interval_of_clips():
    values = np.random.default_rng(0).uniform(0, 1, 100)
    estimate = estimate_mean_of(values, lambda n: f"of {n}", 0)
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.interval.low < values.mean() < estimate.interval.high
    assert (estimate.n, estimate.note) == (100, "of 100")


def test_the_distance_of_frames_is_that_of_all_frames_together():
    drawn = np.random.default_rng(0)
    real, fake = drawn.normal(size=(200, 2 * 4)), drawn.normal(0.5, 1.2, (200, 2 * 4))
    estimate = estimate_frame_frechet(real, fake, 2)
    assert estimate.value == pytest.approx(
        frechet_distance_of(real.reshape(-1, 4), fake.reshape(-1, 4)), rel=1e-6
    )
    assert estimate.n == 200


def test_real_clips_that_stand_still_leave_the_other_metrics_measured():
    random = np.random.default_rng(0)
    still = np.repeat(random.integers(0, 256, (8, 1, 32, 32, 3), np.uint8), 4, 1)
    fake = random.integers(0, 256, (8, 4, 32, 32, 3), np.uint8)
    report = evaluate(still, fake, modality="video", metrics=["flicker", "KD"])
    assert {figure.name.partition("[")[0] for figure in report.figures} == {"KD"}
    assert (
        "flicker was not measured. Flicker is told beside real clips that move: give at least 2 a side."
        in report.warnings
    )
