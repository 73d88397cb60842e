"""Silence by hand: what of a sound is the noise of its recording, and what only looks like it."""

import numpy as np
import pytest

from multigan.audio.silence import are_noise, trimmed, without_noise

RATE = 8_000


def tone(seconds, db=0.0, rate_hz=RATE):
    """A tone of amplitude 0.5, so many dB softer."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return 0.5 * 10 ** (db / 20) * np.sin(2 * np.pi * 440 * times)


def noise(seconds, db, seed=0, rate_hz=RATE):
    """White noise, its deviation so many dB under the amplitude of the tone."""
    return 0.5 * 10 ** (db / 20) * np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))


def joined(*parts):
    return np.concatenate(parts).astype(np.float32)


def cuts(sound, rate_hz=RATE):
    """Seconds cut at the beginning and at the end."""
    kept = without_noise(sound, rate_hz)
    before = (kept.__array_interface__["data"][0] - sound.__array_interface__["data"][0]) // 4
    return before / rate_hz, (len(sound) - before - len(kept)) / rate_hz


@pytest.mark.parametrize("rate_hz", [1_000, 8_000, 44_100])
@pytest.mark.parametrize("db", [-30, -50])
def test_noise_at_both_ends_is_cut(db, rate_hz):
    sound = joined(noise(2.5, db, rate_hz=rate_hz))
    sound[rate_hz : rate_hz + round(0.5 * rate_hz)] += tone(0.5, rate_hz=rate_hz).astype(np.float32)
    before, after = cuts(sound, rate_hz)
    assert 0.94 <= before <= 1  # 40 ms beside the sound stay, and what is left of a block of 20 ms
    assert 0.94 <= after <= 1
    if db == -50:  # which 60 dB under the peak do not reach
        assert len(trimmed(sound, 60.0)) == pytest.approx(len(sound), abs=0.05 * rate_hz)


def test_each_end_has_its_own_noise_and_one_may_have_none():
    sound = joined(noise(1, -50), tone(0.5), noise(0.6, -30))
    before, after = cuts(sound)
    assert 0.94 <= before <= 1
    assert 0.54 <= after <= 0.6
    before, after = cuts(joined(tone(0.5), noise(1, -50)))
    assert before <= 0.001  # the first sample of a sine is 0
    assert 0.94 <= after <= 1


def test_digital_silence_is_cut_and_then_the_noise_beside_it():
    before, after = cuts(joined(np.zeros(3_000), noise(0.5, -45), tone(0.5), noise(0.5, -45), np.zeros(700)))
    assert 3_000 / RATE + 0.44 <= before <= 3_000 / RATE + 0.5
    assert 700 / RATE + 0.44 <= after <= 700 / RATE + 0.5


def test_an_offset_is_no_sound():
    sound = joined(noise(2.5, -50)) + np.float32(0.05)
    sound[RATE : RATE + RATE // 2] += tone(0.5).astype(np.float32)
    before, after = cuts(sound)
    assert 0.94 <= before <= 1
    assert 0.94 <= after <= 1


@pytest.mark.parametrize("onset_db", [-30, -40])
def test_a_quiet_onset_over_the_noise_stays(onset_db):
    sound = joined(noise(1, -60), tone(0.2, onset_db), tone(0.5), tone(0.3, onset_db), noise(1, -60))
    before, after = cuts(sound)
    assert 0.94 <= before <= 1
    assert 0.94 <= after <= 1


def test_a_soft_consonant_at_the_edge_of_a_tight_clip_stays():
    sound = joined(noise(0.2, -35), tone(0.5), noise(0.2, -35, seed=1))
    assert np.array_equal(without_noise(sound, RATE), sound)


def swelling(seconds):
    """Amplitudes that rise and fall by 12 dB in all, every two seconds."""
    return 10 ** (0.3 * np.sin(np.pi * np.arange(round(seconds * RATE)) / RATE))


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(4, -20), id="rain"),
        pytest.param(noise(6, -20) * swelling(6), id="waves"),
        pytest.param(joined(noise(2, -25), noise(1, -12, seed=1), noise(2, -25)), id="rain and a gust"),
        pytest.param(joined(tone(1, -12), tone(2), tone(1, -12)), id="a softer beginning and end"),
        pytest.param(tone(1), id="a tone"),
        pytest.param(tone(0.01), id="shorter than a block"),
    ],
)
def test_what_sounds_throughout_stays(sound):
    sound = joined(sound)
    whole = trimmed(sound, 60.0)
    assert len(whole) >= len(sound) - 10
    assert np.array_equal(without_noise(sound, RATE), whole)


@pytest.mark.parametrize("seconds", [0.5, 2.0, 8.0])
def test_fades_stay(seconds):
    n = round(seconds * RATE)
    for fade in (np.linspace(1, 0.002, n), 10 ** np.linspace(0, -2.7, n)):  # straight, and by 54 dB evenly
        chord = (tone(seconds) + tone(seconds, -6)[::-1]) * fade
        for sound in (joined(tone(1), chord), joined(chord[::-1], tone(1))):
            assert np.array_equal(without_noise(sound, RATE), trimmed(sound, 60.0))


def test_slices_of_noise_and_of_silence_are_told_from_soft_sound():
    parts = [
        tone(0.5),
        noise(0.5, -45),
        tone(0.5, -20),
        np.zeros(4_000),
        tone(0.5) * np.linspace(0.2, 0.001, 4_000),
    ]
    sound = joined(*parts)
    starts = np.arange(len(parts)) * 4_000
    # a soft tone is as steady as noise: it is so soft, and so long, that it is taken for it
    assert are_noise(sound, starts, 4_000, RATE).tolist() == [False, True, True, True, False]
    assert are_noise(sound, starts, 8_000, RATE).tolist() == [False, False, False, False, False]
    rain = joined(noise(2, -10))
    assert not are_noise(rain, np.arange(4) * 4_000, 4_000, RATE).any()
    assert not are_noise(rain[:100], np.zeros(1, np.int64), 4_000, RATE).any()


def test_slices_of_whole_numbers_are_told_as_those_of_shares():
    sound = joined(tone(0.5), noise(1, -45))
    whole = np.rint(sound * 2**15).astype(np.int16)
    starts = np.array([0, 4_000, 11_990])
    for each in (sound, whole):
        assert are_noise(each, starts, 4_000, RATE).tolist() == [False, True, True]
