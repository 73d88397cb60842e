"""Loudness by ITU-R BS.1770-4: closed forms of sines, its gates by hand, and an independent filter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import sosfilt

from multigan.audio.loudness import at_loudness, at_peak, loudness_lufs
from multigan.errors import DataError


def sine(rate_hz, seconds=2.0, frequency_hz=997.0, amplitude=1.0):
    time_s = np.arange(round(rate_hz * seconds)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_a_full_scale_sine_of_997_hz_has_minus_3_01_lufs(rate_hz):
    """The standard's own calibration: 10 log10(1/2), the filters' gain at 997 Hz being the 0.691 dB taken off."""
    assert loudness_lufs(sine(rate_hz), rate_hz) == pytest.approx(10 * math.log10(0.5), abs=0.01)
    assert loudness_lufs(sine(rate_hz, amplitude=0.1), rate_hz) == pytest.approx(-23.01, abs=0.01)


@pytest.mark.parametrize("after", [0.0, 0.01], ids=["absolute gate", "relative gate"])
def test_what_is_much_quieter_is_left_out(after):
    """2 s of a sine, then 8 s of silence or of the same 40 dB quieter.

    17 blocks are full, three have 3/4, 1/2 and 1/4 of the power, all others are gated: 10 log10(18.5 / 20) = -0.34 dB.
    """
    both = np.concatenate([sine(48_000, 2.0, 1_000.0, 0.1), sine(48_000, 8.0, 1_000.0, 0.1 * after)])
    alone = loudness_lufs(sine(48_000, 2.0, 1_000.0, 0.1), 48_000)
    assert loudness_lufs(both, 48_000) == pytest.approx(alone + 10 * math.log10(18.5 / 20), abs=0.01)


def test_minutes_are_filtered_as_if_at_once():
    """Block by block over the whole of 61 s, by scipy."""
    rng = np.random.default_rng(0)
    envelope = np.repeat(rng.uniform(0.001, 0.3, 61), 48_000)
    waveform = (rng.uniform(-1, 1, len(envelope)) * envelope).astype(np.float32)
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    weighted = sosfilt(np.array([shelf, high_pass]), waveform.astype(np.float64))
    starts = range(0, len(weighted) - 19_200 + 1, 4_800)
    powers = np.array([np.square(weighted[start : start + 19_200]).mean() for start in starts])
    loudness = -0.691 + 10 * np.log10(powers)
    gate = -0.691 + 10 * np.log10(powers[loudness > -70].mean()) - 10
    assert (loudness < gate).any()
    expected = -0.691 + 10 * np.log10(powers[(loudness > -70) & (loudness > gate)].mean())
    assert loudness_lufs(waveform, 48_000) == pytest.approx(expected, abs=1e-6)


def test_short_clips_are_repeated_whole():
    short = sine(16_000, 0.1, 1_000.0, 0.3) * np.linspace(0, 1, 1_600, dtype=np.float32)
    assert loudness_lufs(short, 16_000) == pytest.approx(loudness_lufs(np.tile(short, 4), 16_000), abs=0.01)
    assert math.isfinite(loudness_lufs(sine(8_000, 0.001), 8_000))


def test_silence_has_no_loudness():
    assert loudness_lufs(np.zeros(16_000, np.float32), 16_000) == float("-inf")
    assert loudness_lufs(sine(16_000, amplitude=10 ** (-68 / 20)), 16_000) == float("-inf")
    assert loudness_lufs(sine(16_000, amplitude=10 ** (-66 / 20)), 16_000) == pytest.approx(-69.01, abs=0.02)


@pytest.mark.parametrize(
    ("waveform", "reason"),
    [(np.empty(0, np.float32), "it has no samples"), (np.zeros((2, 9), np.float32), r"its waveform is float32 \[2, 9\]"),
     (np.array([0.0, np.inf], np.float32), "some of its samples are not finite")],
)  # fmt: skip
def test_what_cannot_be_measured_is_said(waveform, reason):
    with pytest.raises(DataError, match=f"The loudness of a sound cannot be measured: {reason}"):
        loudness_lufs(waveform, 8_000)


def test_a_sound_is_brought_to_a_loudness():
    loud = at_loudness(sine(16_000, amplitude=0.01), 16_000, -16.0)
    assert loud.dtype == np.float32
    assert loudness_lufs(loud, 16_000) == pytest.approx(-16.0, abs=1e-3)
    assert np.abs(loud).max() == pytest.approx(
        10 ** (-13 / 20), rel=2e-3
    )  # a sine's peak is 3.01 dB over its power


def test_the_peak_limits_the_gain():
    click = np.zeros(16_000, np.float32)
    click[8_000] = 0.5
    louder = at_loudness(click, 16_000, -16.0)
    assert np.abs(louder).max() == pytest.approx(0.99)
    assert np.count_nonzero(louder) == 1
    assert np.abs(at_loudness(sine(16_000), 16_000, 0.0)).max() == pytest.approx(0.99)


def test_what_is_too_quiet_to_be_measured_keeps_its_level():
    silence, whisper = np.zeros(1_000, np.float32), sine(16_000, amplitude=1e-4)
    assert np.array_equal(at_loudness(silence, 16_000, -23.0), silence)
    assert np.array_equal(at_loudness(whisper, 16_000, -23.0), whisper)
    assert np.array_equal(at_peak(silence), silence)


def test_a_sound_is_brought_to_a_peak():
    waveform = np.array([0.1, -0.25, 0.2], np.float32)
    assert at_peak(waveform) == pytest.approx(np.array([0.396, -0.99, 0.792]))
    assert at_peak(waveform, 0.5) == pytest.approx(np.array([0.2, -0.5, 0.4]))
