"""Checks of clips, spectral diversity and the WaveGAN paper's distances: by hand, by brute force, and what they notice."""

import numpy as np
import pytest

from evaluation.extractors.log_mel import LogMel, LogMelFrames, mean_spectra
from evaluation.extractors.protocol import features_of
from evaluation.metrics.audio import (
    CHECKS,
    checks,
    estimate_clipped_clips,
    estimate_dc_offset,
    estimate_self_distance,
    estimate_silent_clips,
    estimate_spectral_diversity,
    estimate_train_distance,
    self_distances,
    spectral_diversity,
    train_distances,
)
from evaluation.statistics.estimate import Estimate, left_out, n_groups_of
from evaluation.statistics.intervals import jackknife_error, student
from multigan.errors import DataError
from multigan.reading.audio import Clip

RATE_HZ = 16_000


def checked(waveform, rate_hz=RATE_HZ):
    return dict(zip(CHECKS, checks(Clip(np.asarray(waveform, np.float32), rate_hz)), strict=True))


def sounds(n, seed=0, seconds=0.5):
    """Decaying tones of random pitch and loudness."""
    random_state = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitches, loudness = 200 * 2 ** (3 * random_state.random(n)), 0.2 + 0.6 * random_state.random(n)
    return [
        (loud * np.sin(2 * np.pi * pitch * times) * np.exp(-3 * times)).astype(np.float32)
        for pitch, loud in zip(pitches, loudness, strict=True)
    ]


def all_checked(waveforms):
    return np.stack([checks(Clip(np.asarray(held, np.float32), RATE_HZ)) for held in waveforms])


def apart(one: Estimate, other: Estimate) -> bool:
    return one.interval.low > other.interval.high or other.interval.low > one.interval.high


# ---- checks of one clip ----


def test_checks_of_a_square_wave_and_a_sine():
    square = checked(np.tile([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0], 400))
    assert square == pytest.approx({"silence": 0, "clipping": 1, "dc_offset": 0, "peak": 1, "rms_dbfs": 0})
    sine = checked(0.5 * np.sin(2 * np.pi * 100 * np.arange(RATE_HZ) / RATE_HZ))
    assert sine["rms_dbfs"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=1e-4)
    assert (sine["clipping"], sine["silence"]) == (0, 0)
    assert sine["peak"] == pytest.approx(0.5, abs=1e-6)


def test_silence_is_counted_by_frames_of_20_ms():
    waveform = np.zeros(320 * 4 + 10)
    waveform[:320] = 0.1
    waveform[320:640] = 1.1e-3  # just over -60 dBFS
    waveform[640:960] = 0.9e-3  # just under it
    waveform[-10:] = 0.1  # the last, shorter frame
    assert checked(waveform)["silence"] == pytest.approx(2 / 5)
    assert checked(np.zeros(100)) == {
        "silence": 1,
        "clipping": 0,
        "dc_offset": 0,
        "peak": 0,
        "rms_dbfs": -120,
    }
    assert checked([0.5])["silence"] == 0


def test_clipping_is_counted_in_runs_of_3():
    waveform = np.zeros(100)
    waveform[:2] = 1  # two samples: peaks
    waveform[10:13] = -1  # three, at the other end
    waveform[50:54] = [1, -1, 1.2, 0.9991]
    waveform[60:64] = 0.998
    waveform[97:] = 1  # up to the end
    assert checked(waveform)["clipping"] == pytest.approx((3 + 4 + 3) / 100)


def test_an_offset_is_told_from_sound():
    assert checked(np.full(1000, -0.25))["dc_offset"] == 0.25
    assert checked(np.tile([0.5, -0.5], 500))["dc_offset"] == 0


# ---- checks of many clips ----


def test_shares_and_means_by_hand():
    table = np.zeros((40, 5))
    table[:10, 0] = 0.95
    table[10:20, 0] = 0.94
    table[:4, 1] = 0.002
    table[:, 2] = np.arange(40) / 100
    silent, clipped, offset = (
        estimate_silent_clips(table),
        estimate_clipped_clips(table),
        estimate_dc_offset(table),
    )
    assert (silent.value, clipped.value) == (0.25, 0.1)
    assert offset.value == pytest.approx(0.195)
    assert silent.n == 40
    assert len(silent.left_out) == 20
    assert silent.left_out[0] == pytest.approx(9 / 38)
    # the interval of a mean is Student's, but for groups of 2 in place of 40 single values
    pairs = table[:20, 2] / 2 + table[20:, 2] / 2
    half = student(19) * pairs.std(ddof=1) / np.sqrt(20)
    assert offset.interval.high - offset.value == pytest.approx(half)


@pytest.mark.parametrize(
    ("estimate", "spoil"),
    [
        (estimate_silent_clips, lambda waveform: waveform * 1e-5),
        (estimate_clipped_clips, lambda waveform: np.clip(5 * waveform, -1, 1)),
        (estimate_dc_offset, lambda waveform: waveform + 0.05),
    ],
)
def test_spoilt_clips_are_noticed_beyond_the_interval(estimate, spoil):
    good, spoilt = sounds(40, 1), sounds(40, 2)
    spoilt = [spoil(held) if i % 4 == 0 else held for i, held in enumerate(spoilt)]
    healthy, ill = estimate(all_checked(good)), estimate(all_checked(spoilt))
    assert healthy.interval.low <= healthy.value <= healthy.interval.high
    assert ill.interval.low > healthy.interval.high


# ---- diversity and distances ----


def test_spectral_diversity_by_hand():
    # deviations of [0, 2, 4] and [1, 1, 1] with N - 1: 2 and 0
    assert spectral_diversity(np.array([[0.0, 1], [2, 1], [4, 1]])) == pytest.approx(1)
    assert spectral_diversity(np.full((5, 3), -80.0)) == 0


@pytest.mark.parametrize("n", [3, 19, 20, 53])
def test_spectral_diversity_without_each_group(n):
    spectra = 1000 + np.random.default_rng(0).standard_normal((n, 7)).astype(np.float32)
    found = estimate_spectral_diversity(spectra)
    expected = left_out(spectral_diversity, spectra, n_groups=n_groups_of(n))
    assert np.allclose(found.left_out, expected, rtol=1e-10)
    assert found.value == spectral_diversity(spectra)


def brute_self(features):
    distances = np.linalg.norm(features[:, None] - features, axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)


def brute_train(fake, train):
    return np.linalg.norm(fake[:, None] - train, axis=2).min(axis=1)


@pytest.mark.parametrize(("n", "m"), [(3, 4), (25, 25), (60, 90)])
def test_distances_and_left_out_groups_by_brute_force(n, m):
    random_state = np.random.default_rng(n)
    fake, train = random_state.standard_normal((n, 4)), random_state.standard_normal((m, 4))
    assert np.allclose(self_distances(fake), brute_self(fake))
    assert np.allclose(train_distances(fake, train), brute_train(fake, train))
    own, to_train = estimate_self_distance(fake), estimate_train_distance(fake, train)
    groups = n_groups_of(n)
    assert np.allclose(own.left_out, left_out(lambda held: brute_self(held).mean(), fake, n_groups=groups))
    expected = left_out(lambda one, other: brute_train(one, other).mean(), fake, train, n_groups=groups)
    assert np.allclose(to_train.left_out, expected)
    assert own.value == pytest.approx(brute_self(fake).mean())
    assert to_train.value == pytest.approx(brute_train(fake, train).mean())


def test_distances_on_a_line_by_hand():
    line = np.array([[0.0], [1], [3], [7]])
    assert self_distances(line).tolist() == pytest.approx([1, 1, 2, 4])
    assert train_distances(np.array([[2.5], [7]]), line).tolist() == pytest.approx([0.5, 0])


def test_a_repeated_clip_is_noticed():
    varied, collapsed = sounds(60, 1), [sounds(1, 2)[0]] * 60
    frames, features = (
        [
            features_of(extractor, [Clip(held, RATE_HZ) for held in held_set])
            for held_set in (varied, collapsed)
        ]
        for extractor in (LogMelFrames(), LogMel())
    )
    own, collapsed_own = map(estimate_self_distance, frames)
    diversity, collapsed_diversity = (estimate_spectral_diversity(mean_spectra(held)) for held in features)
    assert (collapsed_own.value, collapsed_diversity.value) == (0, 0)
    assert apart(own, collapsed_own)
    assert apart(diversity, collapsed_diversity)


def test_copies_of_training_clips_are_noticed():
    train, fresh, held_out = (
        features_of(LogMelFrames(), [Clip(held, RATE_HZ) for held in sounds(80, seed)]) for seed in (1, 2, 3)
    )
    copies, new, scale = (estimate_train_distance(held, train) for held in (train[::-1], fresh, held_out))
    assert copies.value == 0
    assert apart(copies, scale)
    assert not apart(new, scale)


def test_equal_distributions_seldom_come_out_different():
    random_state = np.random.default_rng(0)
    estimates = {
        "self": lambda fake, train: estimate_self_distance(fake),
        "train": estimate_train_distance,
        "diversity": lambda fake, train: estimate_spectral_diversity(fake),
    }
    rejected = dict.fromkeys(estimates, 0)
    for _ in range(200):
        one, other, train = (random_state.standard_normal((40, 4)) for _ in range(3))
        for name, estimate in estimates.items():
            a, b = estimate(one, train), estimate(other, train)
            error = jackknife_error(a.left_out - b.left_out)
            rejected[name] += abs(a.value - b.value) > student(19) * error
    assert all(count / 200 <= 0.09 for count in rejected.values()), rejected


@pytest.mark.parametrize(
    ("call", "least"),
    [
        (lambda: estimate_self_distance(np.zeros((2, 3))), "3 clips; found 2"),
        (lambda: estimate_train_distance(np.zeros((5, 3)), np.zeros((1, 3))), "2 clips; found 1"),
        (lambda: spectral_diversity(np.zeros((1, 3))), "2 clips; found 1"),
        (lambda: estimate_spectral_diversity(np.zeros((2, 3))), "3 clips; found 2"),
    ],
)
def test_too_few_clips_are_refused(call, least):
    with pytest.raises(DataError, match=least):
        call()
