"""What the embedded sounds are made of: harmonic tones, bells, shaped noise, and their levels.

Everything is stated in seconds and hertz, so that a sound is the same at every rate up to half of it: partials over
``NYQUIST_SHARE`` of the rate are left out, and noise takes its phases by frequency.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from multigan.chance import Chance

Floats = NDArray[np.floating]
"""Single precision, which arithmetic with numpy scalars keeps."""
Times = NDArray[np.float64]

Key = TypeVar("Key", int, tuple[int, int])

PEAK = 0.949
NYQUIST_SHARE = 0.47
BELL_PARTIALS = ((2.76, 0.6, 1.6), (5.40, 0.3, 2.6))
"""(frequency ratio, level, damping ratio) over the first partial: the bending modes of a free bar."""
FADED = 7.0
"""A decay ends after this many time constants, 61 dB down."""


def seconds(n_samples: int, rate_hz: int) -> Times:
    """The time of each sample [T]."""
    return np.arange(n_samples) / rate_hz


def sine(cycles: Times) -> Floats:
    """sin(2 pi cycles) [T]; whole cycles are taken off first, as single precision would blur them."""
    return np.sin(((cycles - np.floor(cycles)) * (2 * np.pi)).astype(np.float32))


def harmonics(cycles: Times, brightness: float | Floats, n_partials: int) -> Floats:
    """sum_{k=1}^{K} b^(k-1) sin(k x) [T], x = 2 pi cycles: a spectrum that falls by 20 log10(b) dB a partial.

    By the geometric series, (sin x - b^K sin (K + 1) x + b^(K+1) sin K x) / (1 - 2 b cos x + b^2). ``brightness`` b in
    [0, 0.95] is a number or one for each time [T]. With K = 0 there is silence.
    """
    if n_partials == 0:
        return np.zeros(len(cycles), np.float32)
    angle = ((cycles - np.floor(cycles)) * (2 * np.pi)).astype(np.float32)
    ratio = np.asarray(brightness, np.float32)
    power = ratio.copy()
    for _ in range(n_partials - 1):
        power = power * ratio
    above = np.sin(angle) - power * np.sin(angle * np.float32(n_partials + 1))
    above += power * ratio * np.sin(angle * np.float32(n_partials))
    below = np.cos(angle)
    below *= -2 * ratio
    below += 1 + ratio * ratio
    return above / below


def fitting(hz: float, rate_hz: int, most: int) -> int:
    """How many of ``most`` harmonics of ``hz`` the rate can hold; 0 where not even the first."""
    return max(0, min(most, int(NYQUIST_SHARE * rate_hz / hz)))


def struck(
    times: Times, cycles: Times, hz: float, *, rate_hz: int, n_partials: int, brightness: float,
    attack_s: float, decay_s: float, bell: float = 0.0,
) -> Floats:  # fmt: skip
    """A struck or plucked tone [T] from time 0: high partials fade first, and ``bell`` adds those of a bar."""
    moments = times.astype(np.float32)
    fade = np.exp(moments * np.float32(-1 / decay_s))
    n = fitting(hz, rate_hz, n_partials)
    note = harmonics(cycles, np.float32(brightness) * np.sqrt(fade), n) * fade
    for ratio, level, damping in BELL_PARTIALS:
        if bell > 0 and fitting(hz * ratio, rate_hz, 1):
            note += (
                np.float32(bell * level)
                * sine(ratio * cycles)
                * np.exp(moments * np.float32(-(1 + damping) / decay_s))
            )
    return note * np.minimum(moments * np.float32(1 / attack_s), 1)


def noise(
    chance: Chance, name: str, n_samples: int, rate_hz: int, low_hz: float, high_hz: float, slope: float = 2.0
) -> Floats:
    """Noise [T] that repeats seamlessly, of RMS 1 between ``low_hz`` and ``high_hz``.

    Random phases under the spectrum |H(f)| = (1 + (low / f)^slope)^-1 (1 + (f / high)^slope)^-1. The phase of a frequency
    and the density of power do not depend on the rate.
    """
    n_bins = n_samples // 2 + 1
    frequencies = (np.arange(n_bins) * (rate_hz / n_samples)).astype(np.float32)
    shape = _band(frequencies, low_hz, high_hz, slope)
    shape[frequencies > 0.5 * rate_hz * 0.98] = 0
    grid = np.linspace(0, 20_000, 512, dtype=np.float32)
    power = 2 * float((_band(grid, low_hz, high_hz, slope) ** 2).mean()) * 20_000 * n_samples / rate_hz
    angles = (chance.numbers(name, n_bins) * (2 * np.pi)).astype(np.float32)
    spectrum = np.empty(n_bins, np.complex64)
    np.multiply(shape, np.cos(angles), out=spectrum.real)
    np.multiply(shape, np.sin(angles), out=spectrum.imag)
    return (np.fft.irfft(spectrum, n_samples) * (n_samples / np.sqrt(power))).astype(np.float32)


def _band(frequencies: Floats, low_hz: float, high_hz: float, slope: float) -> Floats:
    low = (np.maximum(frequencies, 1e-3) / np.float32(low_hz)) ** np.float32(slope)
    return low / (1 + low) / (1 + (frequencies / np.float32(high_hz)) ** np.float32(slope))


def swell(times: Times, hz: float, depth: float, start: float) -> Floats:
    """1 - depth (1 - cos(2 pi (hz t + start))) / 2 [T]: loudness that comes and goes."""
    return 1 - np.float32(depth / 2) * (1 - sine(hz * times + start + 0.25))


def levelled(sound: Floats, level_db: float) -> Floats:
    """A sound [T] brought to an RMS level in dB of full scale, or lower where its peak would pass ``PEAK``."""
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    peak = float(np.abs(sound).max())
    gain = min(10 ** (level_db / 20) / max(rms, 1e-9), PEAK / max(peak, 1e-9))
    return sound * np.float32(gain)


def mixed(start: dict[Key, float], end: dict[Key, float], strength: float) -> dict[Key, float]:
    """The levels on the way from one set of notes (strength 0) to another (1); silent notes are left out."""
    keys = [*start, *(key for key in end if key not in start)]
    levels = {key: (1 - strength) * start.get(key, 0) + strength * end.get(key, 0) for key in keys}
    return {key: level for key, level in levels.items() if level > 0}
