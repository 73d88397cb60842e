"""Sounds as a person gets them: joined, cut, looped, at a level, in a file."""

from __future__ import annotations

import numpy as np
import pytest

from multigan.audio.finishing import (
    Finish,
    Normalise,
    crossfaded,
    finished,
    in_step,
    joined,
    looped,
    n_parts,
    of_duration,
    parse_normalise,
    write_clip,
)
from multigan.audio.loudness import loudness_lufs
from multigan.errors import ConfigError, DataError
from multigan.reading.audio import read_clip

RATE_HZ = 1_000


def noise(n_samples, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, n_samples).astype(np.float32)


def test_unlike_sounds_are_crossfaded_with_equal_power():
    """The gains of six samples are the cosines and sines of 7.5, 22.5, ... degrees; white noise keeps its power."""
    leaving, coming = np.array([1, 0, 0, 0, 1, 0]), np.array([0, 0, 0, 1, 0, 0])
    degrees = np.radians([7.5, 22.5, 37.5, 52.5, 67.5, 82.5])
    expected = np.cos(degrees) * leaving + np.sin(degrees) * coming
    assert crossfaded(leaving.astype(np.float32), coming.astype(np.float32)) == pytest.approx(expected)
    white = [noise(200_000, seed) for seed in (1, 2)]
    power = np.square(crossfaded(*white)).reshape(10, -1).mean(axis=1)
    assert power == pytest.approx(np.full(10, 1 / 12), rel=0.02)


def test_like_sounds_are_crossfaded_with_equal_gain():
    tone = np.sin(np.arange(100) / 5).astype(np.float32)
    assert crossfaded(tone, tone) == pytest.approx(tone, abs=1e-6)
    assert crossfaded(tone, 3 * tone)[[0, -1]] == pytest.approx(tone[[0, -1]] * [1, 3], abs=0.02)


def test_opposite_sounds_are_crossfaded_as_unlike_ones():
    """Their sum is nothing in the middle, and no gain would mend that."""
    ones = np.ones(1, np.float32)
    assert crossfaded(ones, -ones) == pytest.approx([0.0], abs=1e-7)
    assert crossfaded(ones[:0], ones[:0]).shape == (0,)
    assert crossfaded(0 * ones, ones) == pytest.approx([np.sqrt(0.5)])


def test_parts_run_into_each_other():
    parts = [np.full(10, value, np.float32) for value in (0.25, 0.5, 0.0)]
    whole = joined(parts, RATE_HZ, 0.004)
    assert whole.shape == (3 * 10 - 2 * 4,)
    assert whole.dtype == np.float32
    assert whole[:6] == pytest.approx(np.full(6, 0.25))
    assert whole[10:12] == pytest.approx(np.full(2, 0.5))
    fade = np.radians([11.25, 33.75, 56.25, 78.75])
    alike = (0.25 * np.cos(fade) + 0.5 * np.sin(fade)) / (np.cos(fade) + np.sin(fade))
    assert whole[6:10] == pytest.approx(alike)
    assert whole[12:16] == pytest.approx(0.5 * np.cos(fade))
    assert not whole[16:].any()


def test_a_crossfade_takes_at_most_half_a_part():
    assert len(joined([noise(10), noise(10), noise(11)], RATE_HZ, 1.0)) == 31 - 2 * 5
    assert len(joined([noise(10), noise(10)], RATE_HZ, 0.0)) == 20
    assert np.array_equal(joined([noise(10)], RATE_HZ, 1.0), noise(10))
    with pytest.raises(DataError, match="at least one"):
        joined([], RATE_HZ, 0.1)


def test_a_cut_fades_out():
    ones = np.ones(100, np.float32)
    cut = of_duration(ones, 50, RATE_HZ)
    assert cut.shape == (50,)
    assert np.array_equal(cut[:35], ones[:35])
    assert cut[42] == pytest.approx(0.5)  # the middle of the 15 samples that 15 ms are
    assert (np.diff(cut[34:]) < 0).all()
    assert cut[-1] == pytest.approx(0.5 - 0.5 * np.cos(np.pi / 30))
    assert np.array_equal(ones, np.ones(100))
    assert len(of_duration(ones, 3, RATE_HZ)) == 3


def test_what_is_not_cut_does_not_fade():
    assert np.array_equal(of_duration(noise(100), 100, RATE_HZ), noise(100))
    with pytest.raises(DataError, match="101 samples were asked of a sound that has 100"):
        of_duration(noise(100), 101, RATE_HZ)


@pytest.mark.parametrize("frequency_hz", [3.3, 7.77, 20.5])
def test_a_loop_goes_on_as_it_went(frequency_hz):
    """Over its seam the sound steps and bends no more than within: no click."""
    rate_hz = 8_000
    tone = np.sin(2 * np.pi * frequency_hz * np.arange(rate_hz) / rate_hz + 0.4).astype(np.float32)
    loop = looped(tone, rate_hz, 0.1)
    assert len(loop) == 7_200
    assert np.array_equal(loop[800:], tone[800:7_200])
    twice = np.concatenate([loop, loop])
    seam = slice(len(loop) - 3, len(loop) + 2)
    largest = 2 * np.pi * frequency_hz / rate_hz
    assert np.abs(np.diff(twice))[seam].max() <= largest * 1.5
    assert np.abs(np.diff(tone, append=tone[:1])).max() > 10 * largest  # which the sound itself does not do


def test_a_loop_begins_with_what_came_after_its_end():
    waveform = noise(100)
    loop = looped(waveform, RATE_HZ, 0.02)
    fade = crossfaded(waveform[80:], waveform[:20])
    assert np.array_equal(loop, np.concatenate([fade, waveform[20:80]]))
    assert np.array_equal(looped(waveform, RATE_HZ, 0.0), waveform)
    assert len(looped(waveform, RATE_HZ, 5.0)) == 50
    assert np.array_equal(waveform, noise(100))


@pytest.mark.parametrize(
    ("duration_s", "loop", "n"),
    [(None, False, 1), (0.5, False, 1), (1.0, False, 1), (1.001, False, 2), (1.8, False, 2), (1.801, False, 3),
     (0.8, True, 1), (0.801, True, 2), (1.6, True, 2), (1.601, True, 3)],
)  # fmt: skip
def test_as_many_parts_as_a_duration_needs(duration_s, loop, n):
    """Parts of 1 s: the next adds 0.8 s, and a loop needs 0.2 s more."""
    finish = Finish(duration_s, loop, crossfade_s=0.2)
    assert n_parts(finish, 1_000, RATE_HZ) == n
    sound = finished([noise(1_000, seed) for seed in range(n)], RATE_HZ, finish)
    assert len(sound) == round(1_000 * (duration_s or 1.0))
    if n > 1:
        with pytest.raises(DataError, match="join more parts"):
            finished([noise(1_000)] * (n - 1), RATE_HZ, finish)


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize(
    ("duration_s", "n_samples", "rate_hz"),
    [(3.5, 16_384, 16_000), (0.41, 16_384, 22_050), (1.2345, 1_024, 48_000), (2.0, 4_097, 11_025)],
)
def test_a_duration_is_kept_to_the_sample(duration_s, n_samples, rate_hz, loop):
    finish = Finish(duration_s, loop)
    parts = [noise(n_samples, seed) for seed in range(n_parts(finish, n_samples, rate_hz))]
    assert len(finished(parts, rate_hz, finish)) == round(duration_s * rate_hz)


def test_a_loop_without_a_duration_is_shorter_by_the_crossfade():
    assert len(finished([noise(1_000)], RATE_HZ, Finish(loop=True, crossfade_s=0.1))) == 900


def test_a_sound_is_left_alone_unless_something_is_asked():
    assert np.array_equal(finished([noise(1_000)], RATE_HZ, Finish()), noise(1_000))


def test_the_level_is_set_last():
    """After the cut has taken the loud end off."""
    waveform = noise(32_000)
    waveform[20_000:] *= 2
    sound = finished([waveform], 16_000, Finish(1.0, normalise=parse_normalise("-16 LUFS")))
    assert loudness_lufs(sound, 16_000) == pytest.approx(-16.0, abs=1e-3)
    loop = finished([waveform], 16_000, Finish(1.0, loop=True, normalise=parse_normalise("peak -6dB")))
    assert np.abs(loop).max() == pytest.approx(10 ** (-6 / 20))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-16LUFS", Normalise("loudness", -16)), ("-16 lufs", Normalise("loudness", -16)),
     (" \N{MINUS SIGN}23.5  Lufs ", Normalise("loudness", -23.5)), ("peak -1dB", Normalise("peak", -1)),
     ("Peak -1.5 dBFS", Normalise("peak", -1.5)), ("peak 0dB", Normalise("peak", 0)), ("none", None)],
)  # fmt: skip
def test_levels_are_read(text, expected):
    assert parse_normalise(text) == expected


def test_a_peak_is_0_99_unless_said():
    peak = parse_normalise("peak")
    assert np.abs(finished([noise(100)], RATE_HZ, Finish(normalise=peak))).max() == pytest.approx(0.99)


@pytest.mark.parametrize(
    "text", ["", "-16", "lufs", "loud", "peak -1", "-1dB", "--5LUFS", "peak LUFS", "-16LUFS!"]
)
def test_other_levels_are_refused(text):
    with pytest.raises(
        ConfigError, match=r"A level is a loudness such as -16LUFS, a peak such as .* or none; found"
    ):
        parse_normalise(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("16LUFS", "A loudness is from -69 to 0 LUFS, and 16 LUFS was asked for"), ("-90 LUFS", "from -69 to 0"),
     ("peak 3dB", "A peak is from -60 to 0 dB, and 3 dB was asked for"), ("peak -61dB", "from -60 to 0 dB")],
)  # fmt: skip
def test_levels_out_of_range_are_refused(text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        parse_normalise(text)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"duration_s": 0.0}, "from 0.01 to 600 s long, and 0 s"), ({"duration_s": -1.0}, "and -1 s"),
     ({"duration_s": 601.0}, "and 601 s"), ({"duration_s": float("nan")}, "and nan s"),
     ({"duration_s": 0.3, "loop": True}, "at least twice as long as its crossfade of 0.2 s, and 0.3 s"),
     ({"crossfade_s": -0.1}, "A crossfade is from 0 to 10 s"), ({"crossfade_s": 11.0}, "and 11 s")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(asked, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Finish(**asked)
    Finish(duration_s=0.3)
    Finish(duration_s=0.4, loop=True)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".FLAC"])
@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
def test_files_come_back_as_they_were(tmp_path, suffix, rate_hz):
    sixteen_bits = (np.random.default_rng(0).integers(-(2**15), 2**15, 5_000) / 2**15).astype(np.float32)
    for name in ("a", "b"):
        write_clip(tmp_path / f"{name}{suffix}", sixteen_bits, rate_hz)
    clip = read_clip(tmp_path / f"a{suffix}")
    assert np.array_equal(clip.waveform, sixteen_bits)
    assert (clip.rate_hz, clip.n_channels) == (rate_hz, 1)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_samples_are_rounded_to_16_bits(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write_clip(path, np.array([0.6, -0.4, 2**15 * 2.0, -40_000, 0.0], np.float32) / 2**15, RATE_HZ)
    assert read_clip(path).waveform * 2**15 == pytest.approx([1, 0, 2**15 - 1, -(2**15), 0], abs=0)


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"written as \.wav or \.flac files, and 'a\.mp3' is neither"):
        write_clip(tmp_path / "a.mp3", noise(10), RATE_HZ)
    with pytest.raises(DataError, match=r"a\.wav cannot be written: some of its samples are not finite\."):
        write_clip(tmp_path / "a.wav", np.array([0.0, np.nan], np.float32), RATE_HZ)
    assert not list(tmp_path.iterdir())


def clicks(n_beats, height):
    """A circle of so many beats of 25 samples, a click on each."""
    part = np.zeros(25 * n_beats, np.float32)
    part[::25] = height
    return part


def test_loops_follow_each_other_in_step():
    """A click stays on every beat, where joined parts lose the crossfade: 0.04 s of them, which is no whole beat."""
    parts = [clicks(4, 0.5), clicks(4, 0.25), clicks(4, 0.5)]
    whole = finished(parts, RATE_HZ, Finish(0.3, circular=True))
    assert np.flatnonzero(whole > 0.1).tolist() == list(range(0, 300, 25))
    assert whole[25:100:25] == pytest.approx(np.full(3, 0.5))
    # the first 0.05 s of a part are the fade: at its beginning the part before it still leads
    assert 0.25 < whole[100] < 0.51
    assert whole[175] == pytest.approx(0.25)
    assert not np.array_equal(np.flatnonzero(joined(parts, RATE_HZ, 0.04) > 0.1) % 25, np.zeros(12))


def test_a_loop_of_loops_is_closed_and_holds_whole_ones():
    parts = [clicks(4, 0.5), clicks(4, 0.1)]
    finish = Finish(0.21, loop=True, crossfade_s=0.03, circular=True)
    assert n_parts(finish, 100, RATE_HZ) == 2
    whole = finished(parts, RATE_HZ, finish)
    assert len(whole) == 200
    assert whole[0] < 0.2  # the last part, soft here, passes into the first
    assert whole[50] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("seconds", "loop", "n"), [(None, False, 1), (0.1, False, 1), (0.11, False, 2), (0.16, True, 2)]
)
def test_the_parts_of_circular_sounds(seconds, loop, n):
    assert n_parts(Finish(seconds, loop, crossfade_s=0.02, circular=True), 100, RATE_HZ) == n


def test_one_circular_sound_is_left_as_it_is():
    part = noise(100)
    assert np.array_equal(finished([part], RATE_HZ, Finish(loop=True, circular=True)), part)
    with pytest.raises(DataError, match="at least one"):
        in_step([], RATE_HZ, 0.1, closed=False)
