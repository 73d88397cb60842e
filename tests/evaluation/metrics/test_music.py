"""Tempo, beats and keys of sounds in which they are known."""

import numpy as np
import pytest

from evaluation.extractors.log_mel import HOP, spectrogram
from evaluation.metrics.music import (
    MAJOR,
    MINOR,
    MUSIC,
    key_of,
    onsets,
    pitch_classes,
    tempo_of,
)
from multigan.audio.drawn import loops
from multigan.reading.audio import Clip
from recipes.reports.music import measured

RATE_HZ = 16_000
HOP_S = HOP / RATE_HZ


def beats(per_minute, seconds, seed=0):
    """Short noises on every beat, the first at 0: float32 [T]."""
    random = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE_HZ), np.float32)
    for beat in range(int(seconds * per_minute / 60)):
        start = round(beat * 60 / per_minute * RATE_HZ)
        part = sound[start : start + 800]
        part += (0.5 * random.standard_normal(len(part)) * np.linspace(1, 0, 800)[: len(part)]).astype(
            np.float32
        )
    return sound


def chord(*semitones, seconds=1.0):
    """Notes so many semitones above middle C, with harmonics."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    notes = [261.6256 * 2 ** (each / 12) for each in semitones]
    return sum(0.1 / k * np.sin(2 * np.pi * k * hz * t) for hz in notes for k in (1, 2)).astype(np.float32)


@pytest.mark.parametrize("per_minute", [75, 100, 120, 150])
def test_the_tempo_is_that_of_the_beats(per_minute):
    tempo, clarity = tempo_of(onsets(spectrogram(Clip(beats(per_minute, 8), RATE_HZ))), HOP_S)
    assert tempo == pytest.approx(per_minute, rel=0.02)
    assert clarity > 0.6


def test_a_loop_of_two_seconds_is_heard_again_and_again():
    sound = loops.draw(RATE_HZ, 32_768, "anger", 1.0, 3)
    beats_per_minute = 60 * loops.n_beats(loops.MOODS["anger"], 2.048) / 2.048
    tempo, clarity, *_ = measured(Clip(sound, RATE_HZ), True)
    assert tempo == pytest.approx(beats_per_minute, rel=0.02)
    assert clarity > 0.6


def test_noise_and_tones_have_no_clear_beat():
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * RATE_HZ).astype(np.float32)
    assert tempo_of(onsets(spectrogram(Clip(noise, RATE_HZ))), HOP_S)[1] < 0.3
    assert np.isnan(measured(Clip(np.zeros(RATE_HZ, np.float32), RATE_HZ), False)).all()


def test_pitch_classes_are_those_of_the_notes():
    classes = pitch_classes(Clip(chord(0, 4, 7), RATE_HZ))
    assert set(np.argsort(classes)[-3:]) == {0, 4, 7}
    assert classes[[1, 2, 3, 5, 6, 8, 9, 10, 11]].sum() < 0.1 * classes.sum()


@pytest.mark.parametrize(("tonic", "third", "major"), [(0, 4, True), (9, 3, False), (2, 4, True)])
def test_the_key_is_that_of_a_cadence(tonic, third, major):
    """Tonic, subdominant and dominant (major in both modes) and the tonic again."""
    triad = tonic, tonic + third, tonic + 7
    chords = [triad, (tonic + 5, tonic + 5 + third, tonic + 12), (tonic + 7, tonic + 11, tonic + 14), triad]
    key = key_of(pitch_classes(Clip(np.concatenate([chord(*notes) for notes in chords]), RATE_HZ)))
    assert key is not None
    assert key[:2] == (tonic, major)
    assert key[2] > 0.7


@pytest.mark.parametrize(("profile", "major"), [(MAJOR, True), (MINOR, False)])
def test_a_profile_fits_its_own_key(profile, major):
    tonic, is_major, fit = key_of(np.roll(profile, 5))
    assert (tonic, is_major, fit) == (5, major, pytest.approx(1))
    assert key_of(np.ones(12)) is None


def test_the_columns_are_what_they_are_called():
    own = dict(zip(MUSIC, measured(Clip(chord(0, 4, 7, seconds=4), RATE_HZ), False), strict=True))
    assert own["major"] == 1
    assert own["key_clarity"] > 0.7
