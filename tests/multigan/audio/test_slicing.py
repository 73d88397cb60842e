"""A sound as slices: trimming, loudness, where slices begin and what fills them, by hand."""

import hashlib

import numpy as np
import pytest

from multigan.audio import slicing
from multigan.audio.loudness import loudness_lufs
from multigan.audio.settings import AudioData
from multigan.audio.silence import trimmed
from multigan.errors import DataError
from multigan.reading.audio import Clip, pcm16

T = 1_024  # the shortest slice
DIGEST = hashlib.sha256(b"a file").hexdigest()


def data(**values):
    return AudioData(**{"n_samples": T, "trim_db": None, "loudness_lufs": None} | values)


def sine(frequency_hz, seconds, rate_hz, amplitude=0.5):
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * frequency_hz * times)).astype(np.float32)


# --- padding


@pytest.mark.parametrize(
    ("pad", "n", "before"),
    [("end", 1_021, 0), ("end", 1_023, 0), ("centre", 1_020, 2), ("centre", 1_021, 1), ("centre", 1_023, 0)],
)
def test_zeros_go_after_or_around(pad, n, before):
    part = np.arange(1, n + 1, dtype=np.int16)
    found = slicing.padded(part, data(pad=pad))
    after = T - n - before  # of an odd number of zeros one more is after
    assert found.tolist() == [0] * before + part.tolist() + [0] * after
    assert found.dtype == np.int16


@pytest.mark.parametrize("n", [1, 3, 600, 1_023])
def test_repeated_from_its_beginning_until_the_slice_is_full(n):
    found = slicing.padded(np.arange(n, dtype=np.int16), data(pad="repeat"))
    assert found.tolist() == [i % n for i in range(T)]


@pytest.mark.parametrize("pad", ["end", "centre", "repeat"])
def test_what_fills_a_slice_stays_as_it_is(pad):
    part = np.arange(T, dtype=np.int16)
    assert slicing.padded(part, data(pad=pad)).tolist() == list(range(T))


def test_the_last_part_of_a_long_sound_is_filled_from_itself():
    sound = np.arange(T + 512, dtype=np.int16)
    slices = slicing.cut(sound, [0, T], data(pad="repeat"))
    assert slices.shape == (2, T)
    assert slices[0].tolist() == list(range(T))
    assert slices[1].tolist() == [*range(T, T + 512)] * 2


# --- where slices begin


@pytest.mark.parametrize(
    ("n", "values", "starts"),
    [
        (1, {}, [0]),  # the only part stays, however short
        (T, {}, [0]),
        (T + 255, {}, [0]),  # under a quarter of a slice
        (T + 256, {}, [0, T]),
        (3 * T, {}, [0, T, 2 * T]),
        (3 * T + 1, {"shortest": 0.0}, [0, T, 2 * T, 3 * T]),
        (4 * T - 1, {"shortest": 1.0}, [0, T, 2 * T]),
        (100, {"shortest": 1.0}, [0]),
        (9 * T, {"slices": "first"}, [0]),
        (2 * T, {"overlap": 0.5}, [0, 512, 1_024]),
        (2 * T + 1, {"overlap": 0.5}, [0, 512, 1_024, 1_536]),  # the last has 513, of which one is new
        (2 * T + 1, {"overlap": 0.5, "shortest": 0.6}, [0, 512, 1_024]),
        (T + 1, {"overlap": 0.75}, [0, 256]),  # and none at 512, which would only repeat
        (T + 3, {"overlap": 0.9999}, [0, 1, 2, 3]),  # never less than one sample on
    ],
)
def test_slices_one_after_the_other(n, values, starts):
    assert slicing.slice_starts(n, data(**values), DIGEST).tolist() == starts


@pytest.mark.parametrize("overlap", [0.0, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("n", [T + 1, 3 * T - 7, 10 * T])
def test_slices_cover_the_sound_and_overlap_as_asked(n, overlap):
    starts = slicing.slice_starts(n, data(overlap=overlap, shortest=0.0), DIGEST)
    assert starts[0] == 0
    assert starts[-1] < n <= starts[-1] + T
    assert set(np.diff(starts)) <= {round(T * (1 - overlap))}


def test_random_slices_are_as_many_full_distinct_and_of_the_seed_and_the_content():
    n = 10 * T + 300
    sequential = slicing.slice_starts(n, data(), DIGEST)
    found = slicing.slice_starts(n, data(slices="random"), DIGEST)
    assert len(set(found.tolist())) == len(found) == len(sequential) == 11
    assert (np.diff(found) > 0).all()
    assert found.min() >= 0
    assert found.max() <= n - T
    assert np.array_equal(found, slicing.slice_starts(n, data(slices="random"), DIGEST))
    others = [slicing.slice_starts(n, data(slices="random", seed=1), DIGEST)]
    others.append(slicing.slice_starts(n, data(slices="random"), hashlib.sha256(b"another").hexdigest()))
    assert all(not np.array_equal(found, other) for other in others)


@pytest.mark.parametrize("n", [T + 1, T + 2, T + 3, 2 * T])
@pytest.mark.parametrize("overlap", [0.0, 0.997, 0.9999])
def test_there_are_always_places_enough_for_random_slices(n, overlap):
    values = {"overlap": overlap, "shortest": 0.0}
    found = slicing.slice_starts(n, data(slices="random", **values), DIGEST)
    assert len(set(found.tolist())) == len(slicing.slice_starts(n, data(**values), DIGEST))
    assert found.max() <= n - T


def test_random_slices_begin_anywhere():
    digests = [hashlib.sha256(bytes([i])).hexdigest() for i in range(200)]
    found = [slicing.slice_starts(T + 999, data(slices="random", overlap=0.5), d) for d in digests]
    starts = np.concatenate(found)
    assert abs(starts.mean() - 499.5) < 50  # uniform on 0 to 999: its mean of 600 has a deviation of 12
    assert starts.min() < 30
    assert starts.max() > 970


def test_silent_slices_of_a_sound_are_left_out():
    sound = np.zeros(4 * T, np.int16)
    sound[5], sound[2 * T], sound[3 * T + 7] = 10_000, 10, 11  # the second is 60 dB under the peak
    starts = np.arange(4) * T
    assert slicing.heard(sound, starts, data(trim_db=60.0)).tolist() == [0, 3 * T]
    assert slicing.heard(sound, starts, data()).tolist() == starts.tolist()
    assert slicing.heard(sound, starts[1:3], data(trim_db=60.0)).tolist() == [T, 2 * T]  # something stays


def test_names_tell_the_start_in_seconds():
    assert slicing.slice_name("3/a.flac", 0, 16_000) == "3/a.flac"
    assert slicing.slice_name("3/a.flac", 16_384, 16_000) == "3/a.flac@1.024s"
    assert slicing.slice_name("a.flac", 1, 192_000) != slicing.slice_name("a.flac", 2, 192_000)


# --- what is cut, how loud it becomes


def test_silence_at_both_ends_is_cut_by_the_peak():
    # -20 dB under a peak of 0.5 is 0.05: what reaches no more is silence
    values = np.array([0, 0.05, -0.049, 0.051, 0, 0, -0.5, 0.01, -0.06, 0.05, 0], np.float32)
    assert trimmed(values, 20.0).tolist() == values[3:9].tolist()
    assert trimmed(values, 120.0).tolist() == values[1:10].tolist()


def test_silence_stays_where_it_is_not_trimmed():
    sound = np.concatenate([np.zeros(50), sine(440, 0.05, 16_000), np.zeros(70)]).astype(np.float32)
    assert len(slicing.finished(Clip(sound, 16_000), data())) == len(sound) == 920
    kept = slicing.finished(Clip(sound, 16_000), data(trim_db=60.0))
    assert np.array_equal(kept, pcm16(trimmed(sound, 60.0)))
    assert 795 <= len(kept) <= 800


@pytest.mark.parametrize("sound", [np.zeros(999), np.full(999, 3e-4), np.full(999, -1e-30)])
def test_silence_is_refused(sound):
    with pytest.raises(DataError, match=r"^it is silent: "):
        slicing.finished(Clip(sound.astype(np.float32), 16_000), data())


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_a_sine_at_997_hz_is_brought_to_its_loudness(rate_hz):
    # BS.1770-4: a full-scale sine of 997 Hz has -3.01 LUFS, so -23 LUFS is an amplitude of 10^((-23 + 3.01) / 20)
    sound = sine(997, 1.0, rate_hz, amplitude=0.03)
    found = slicing.finished(Clip(sound, rate_hz), data(sample_rate_hz=rate_hz, loudness_lufs=-23.0))
    amplitude = np.sqrt(2 * np.mean((found / 2**15) ** 2))
    assert amplitude == pytest.approx(10 ** ((-23 + 3.01) / 20), rel=0.01)


def test_every_rate_gives_the_same_loudness_and_pitch():
    for rate_hz in (8_000, 11_025, 16_000, 44_100, 48_000):
        sound = sine(440, 1.0, rate_hz, amplitude=0.2)
        found = slicing.finished(Clip(sound, rate_hz), data(loudness_lufs=-20.0)) / 2**15
        assert abs(len(found) - 16_000) <= 1
        assert np.abs(np.fft.rfft(found[:16_000])).argmax() == 440
        assert loudness_lufs(found.astype(np.float32), 16_000) == pytest.approx(-20.0, abs=0.1)


def test_a_peak_is_never_over_099():
    sound = np.full(16_000, 1e-3, np.float32)
    sound[::2] *= -1
    sound[4_000] = 0.5  # a click far over the rest
    found = slicing.finished(Clip(sound, 16_000), data(loudness_lufs=-10.0))
    assert np.abs(found).max() == round(0.99 * 2**15)


def test_without_a_loudness_the_samples_stay_as_they_are():
    sound = sine(440, 0.1, 16_000)
    assert np.array_equal(slicing.finished(Clip(sound, 16_000), data()), pcm16(sound))


def test_a_sound_that_is_too_short_to_be_measured_is_as_loud_as_its_repetition():
    found = slicing.finished(Clip(sine(1_000, 0.05, 16_000, 0.9), 16_000), data(loudness_lufs=-23.0))
    assert loudness_lufs((np.tile(found, 20) / 2**15).astype(np.float32), 16_000) == pytest.approx(
        -23, abs=0.1
    )
