"""How a voice speaks: pitch, energy and rate of sounds whose are known."""

import numpy as np
import pytest

from evaluation.metrics.prosody import PROSODY, pitches_of, prosody
from multigan.reading.audio import Clip

RATE_HZ = 8000


def voice(hz, seconds, level=0.5):
    """A tone with harmonics, as a larynx makes: float32 [T]."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (level * sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3)) / 2).astype(np.float32)


def silence(seconds):
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def told(*parts, rate_hz=RATE_HZ):
    return dict(zip(PROSODY, prosody(Clip(np.concatenate(parts), rate_hz)), strict=True))


@pytest.mark.parametrize("hz", [80, 150, 233.5, 400])
def test_the_pitch_of_a_voice_is_its_fundamental(hz):
    own = told(voice(hz, 0.8))
    assert own["pitch"] == pytest.approx(hz, rel=0.005)
    assert own["pitch_spread"] < 0.2
    assert own["voiced_share"] > 0.9


def test_a_missing_fundamental_is_heard_all_the_same():
    t = np.arange(RATE_HZ) / RATE_HZ
    harmonics = sum(np.sin(2 * np.pi * 120 * k * t) for k in (2, 3, 4, 5)).astype(np.float32) / 8
    assert told(harmonics)["pitch"] == pytest.approx(120, rel=0.005)


def test_the_spread_is_in_semitones_and_the_mean_geometric():
    """As long at 100 Hz as an octave above it: mean 141 Hz, deviation 6 semitones."""
    own = told(voice(100, 0.6), voice(200, 0.6))
    assert own["pitch"] == pytest.approx(100 * 2**0.5, rel=0.03)
    assert own["pitch_spread"] == pytest.approx(6, abs=0.3)


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE_HZ).astype(np.float32)
    own = told(noise)
    assert (own["voiced_share"], np.isnan(own["pitch"]), own["speaking_rate"]) == (0, True, 0)
    assert np.isnan(prosody(Clip(silence(0.5), RATE_HZ))).all()


@pytest.mark.parametrize("n", [1, 3, 6])
def test_the_rate_counts_syllables_from_the_first_to_the_last(n):
    """n syllables of 0.15 s, 0.1 s apart: they take 0.25 n - 0.1 s, and frames reach some 20 ms beyond both ends."""
    syllables = [part for _ in range(n) for part in (voice(150, 0.15), silence(0.1))]
    own = told(silence(0.5), *syllables, silence(0.7))
    assert own["speaking_rate"] == pytest.approx(n / (0.25 * n - 0.1 + 0.03), rel=0.05)


def test_a_syllable_without_a_voice_is_none():
    noise = np.random.default_rng(0).normal(0, 0.2, round(0.15 * RATE_HZ)).astype(np.float32)
    spoken = told(voice(150, 0.15), silence(0.1), noise, silence(0.1), voice(150, 0.15))
    assert spoken["speaking_rate"] == pytest.approx(2 / 0.68, rel=0.05)


def test_the_energy_spread_is_that_of_levels_in_decibels():
    """Half at one level and half 12 dB under it deviate by 6 dB."""
    own = told(voice(150, 1.0), voice(150, 1.0, 0.5 * 10 ** (-12 / 20)))
    assert own["energy_spread"] == pytest.approx(6, abs=0.5)
    assert told(voice(150, 1.0))["energy_spread"] < 1.5


def test_loudness_moves_nothing():
    parts = voice(130, 0.3), silence(0.1), voice(170, 0.3)
    loud, soft = told(*parts), told(*(part / 100 for part in parts))
    assert loud == pytest.approx(soft, rel=1e-3)


def test_frames_without_a_period_have_nan():
    frames = np.stack([voice(200, 0.1)[:266], np.random.default_rng(0).normal(0, 1, 266)])
    pitch = pitches_of(frames, RATE_HZ)
    assert pitch[0] == pytest.approx(200, rel=0.01)
    assert np.isnan(pitch[1])
