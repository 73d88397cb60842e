"""Alarming and calming scenes: what stands in for recorded soundscapes where no folder is given.

Alarming ones are siren, alarm, engine, horn and thunder; calming ones rain, waves, wind, birds and a stream. A scene
rises out of a quiet room tone by its intensity, and grows louder, rougher, brighter and faster (alarming) or softer and
slower (calming) with it: see ``multigan.audio.drawn.emotive`` for the sources; roughness of 30 to 150 Hz marks alarms
(Arnal et al. 2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from multigan.audio.drawn.synthesis import (
    NYQUIST_SHARE,
    Floats,
    Times,
    fitting,
    harmonics,
    levelled,
    noise,
    seconds,
    sine,
    swell,
)
from multigan.chance import Chance

ROOM_DB = -26.0
LEVELS_DB = {"alarming": -14.0, "calming": -27.0}
"""RMS of a scene at full intensity, of full scale."""


@dataclass(frozen=True)
class Stage:
    """Where one scene is drawn: its chance, its size and its strength in [0, 1]."""

    chance: Chance
    rate_hz: int
    n_samples: int
    strength: float

    @cached_property
    def times(self) -> Times:
        return seconds(self.n_samples, self.rate_hz)

    def number(self, name: str, low: float, high: float) -> float:
        return self.chance.number(name, low, high)

    def noise(self, name: str, low_hz: float, high_hz: float, slope: float = 2.0) -> Floats:
        return noise(self.chance, name, self.n_samples, self.rate_hz, low_hz, high_hz, slope)

    def swell(self, name: str, hz: float, depth: float) -> Floats:
        return swell(self.times, hz, depth, self.number(f"{name} start", 0, 1))

    def tone(self, hz: Floats | float, brightness: float, n_partials: int) -> Floats:
        """A harmonic tone [T]; where its pitch moves, a partial sounds while the rate can hold it."""
        if not isinstance(hz, np.ndarray):
            return harmonics(self.times * hz, brightness, fitting(hz, self.rate_hz, n_partials))
        cycles, limit_hz = np.cumsum(hz, dtype=np.float64) / self.rate_hz, NYQUIST_SHARE * self.rate_hz
        n = fitting(float(hz.max()), self.rate_hz, n_partials)
        total = harmonics(cycles, brightness, n)
        for k in range(n + 1, n_partials + 1):
            held = np.clip(10 - (10 / limit_hz) * k * hz, 0, 1).astype(np.float32)
            total += np.float32(brightness ** (k - 1)) * sine(k * cycles) * held
        return total

    def roughened(self, sound: Floats) -> Floats:
        return sound * self.swell("roughness", self.number("roughness hz", 40, 65), 0.8 * self.strength)

    def events(self, name: str, per_second: float, jitter: float = 0.8) -> list[tuple[int, Chance]]:
        """(first sample, chance) of events on a jittered grid, the first at time 0."""
        n = 1 + int(self.n_samples / self.rate_hz * per_second)
        chances = [Chance(bits) for bits in self.chance.many(name, n).tolist()]
        late = [i + jitter * own.number("start") if i else 0.0 for i, own in enumerate(chances)]
        starts = [int(slots / per_second * self.rate_hz) for slots in late]
        return [(start, own) for start, own in zip(starts, chances, strict=True) if start < self.n_samples]


def _drops(
    stage: Stage, name: str, per_second: float, low_hz: float, high_hz: float, decay_s: float, bend: float
) -> Floats:
    """Short damped tones [T], each of its own pitch, which moves by ``bend`` octaves a second."""
    total = np.zeros(stage.n_samples, np.float32)
    length = int(6 * decay_s * stage.rate_hz)
    high_hz = min(high_hz, 0.45 * stage.rate_hz)
    for start, own in stage.events(name, per_second):
        times = seconds(min(length, stage.n_samples - start), stage.rate_hz)
        hz = low_hz * (high_hz / low_hz) ** own.number("pitch")
        moments = times.astype(np.float32)
        rise = np.minimum(moments / np.float32(0.15 * decay_s), 1) * np.exp(-moments / np.float32(decay_s))
        drop = sine(hz * times * (1 + 0.35 * bend * times)) * rise
        total[start : start + len(times)] += np.float32(own.number("level", 0.3, 1)) * drop
    return total


def _bursts(stage: Stage, name: str, per_second: float, decay_s: float) -> Floats:
    """An envelope [T] that jumps up at each event and decays."""
    total = np.zeros(stage.n_samples, np.float32)
    for start, own in stage.events(name, per_second):
        moments = seconds(stage.n_samples - start, stage.rate_hz).astype(np.float32)
        burst = np.minimum(moments / np.float32(0.003), 1) * np.exp(-moments / np.float32(decay_s))
        total[start:] = np.maximum(total[start:], np.float32(own.number("level", 0.5, 1)) * burst)
    return total


def _gate(stage: Stage, per_second: float, share: float) -> Floats:
    """On for a share of each period from time 0, with edges of 8 ms [T]."""
    place = (stage.times * per_second) % 1 / per_second
    edges = np.minimum(place, share / per_second - place) / 0.008
    return np.clip(edges, 0, 1).astype(np.float32)


def _siren(stage: Stage) -> Floats:
    sweeps = sine(stage.number("sweeps", 1.0, 1.6) * (0.7 + 0.5 * stage.strength) * stage.times + 0.75)
    octaves = (0.2 + 0.35 * stage.strength) * (sweeps + 1)
    hz = np.float32(stage.number("pitch", 420, 600)) * np.exp2(octaves)
    return stage.roughened(stage.tone(hz, 0.3 + 0.3 * stage.strength, 5))


def _alarm(stage: Stage) -> Floats:
    hz = stage.number("pitch", 650, 950)
    rate = stage.number("rate", 3.2, 4.2) * (0.6 + 0.4 * stage.strength)
    on = _gate(stage, rate, 0.55)
    second = stage.tone(hz * stage.chance.pick("step", (1.0, 1.26, 1.335)), 0.45, 4)
    odd = (stage.times * rate % 2 >= 1).astype(np.float32)
    return stage.roughened(on * (stage.tone(hz, 0.45, 4) * (1 - odd) + second * odd))


def _engine(stage: Stage) -> Floats:
    revving = 1 + np.float32(0.12) * sine(stage.number("revving", 0.8, 1.5) * stage.times)
    hz = np.float32(stage.number("pitch", 75, 115) * (0.8 + 0.4 * stage.strength)) * revving
    growl = stage.tone(hz, 0.75 + 0.17 * stage.strength, 16)
    return growl + np.float32(0.5) * stage.noise("air", 600, 3500) * (1 + sine(stage.times * 38)) / 2


def _horn(stage: Stage) -> Floats:
    hz = stage.number("pitch", 300, 400)
    brightness = 0.5 + 0.3 * stage.strength
    pair = stage.tone(hz, brightness, 8) + stage.tone(hz * 1.26, brightness, 8)
    return stage.roughened(pair * _gate(stage, stage.number("rate", 1.4, 2.2), 0.72))


def _thunder(stage: Stage) -> Floats:
    rumble = stage.noise("rumble", 40, 180) * _bursts(stage, "rolls", 1.2, 0.7)
    crackle = stage.noise("crackle", 500, 4000) * _bursts(stage, "cracks", 5 + 5 * stage.strength, 0.04)
    return rumble + np.float32(0.5 + 0.7 * stage.strength) * crackle


def _rain(stage: Stage) -> Floats:
    drops = _drops(stage, "drops", stage.number("drops", 9, 14), 900, 3200, 0.012, 0)
    return stage.noise("rain", 1400, 5500) * stage.swell("rain", 0.4, 0.25) + np.float32(1.6) * drops


def _waves(stage: Stage) -> Floats:
    hz = stage.number("swell", 0.45, 0.75)
    foam = np.float32(0.35) * stage.noise("foam", 1500, 5000) * stage.swell("sea", hz, 1.0)
    return stage.noise("sea", 150, 900) * stage.swell("sea", hz, 0.5 + 0.4 * stage.strength) + foam


def _wind(stage: Stage) -> Floats:
    low = stage.noise("low", 240, 420, 4) * stage.swell("low", stage.number("gusts", 0.3, 0.6), 0.6)
    high = stage.noise("high", 600, 950, 4) * stage.swell("high", stage.number("whistle", 0.4, 0.8), 0.9)
    return low + np.float32(0.6) * high


def _birds(stage: Stage) -> Floats:
    chirps = _drops(stage, "chirps", stage.number("chirps", 3, 5), 1900, 2700, 0.05, 3)
    leaves = stage.noise("leaves", 300, 1200) * stage.swell("leaves", 0.5, 0.5)
    return chirps + np.float32(0.12) * leaves


def _stream(stage: Stage) -> Floats:
    bubbles = _drops(stage, "bubbles", 11, 450, 1300, 0.03, 4)
    return np.float32(0.5) * stage.noise("water", 350, 2200) * stage.swell("water", 5.2, 0.5) + bubbles


def draw(rate_hz: int, n_samples: int, label: str, intensity: float, seed: int) -> Floats:
    """One scene [T] of a label in ``SCENES`` at an intensity in [0, 1]; at 0 every label is the room tone."""
    stage = Stage(Chance(seed), rate_hz, n_samples, intensity)
    scene = levelled(stage.chance.pick("scene", SCENES[label])(stage), -20.0)
    room = levelled(stage.noise("room", 120, 700, 1.0), -20.0)
    level_db = ROOM_DB + intensity * (LEVELS_DB[label] - ROOM_DB) + stage.number("level", -1.5, 1.5)
    return levelled(np.float32(intensity) * scene + np.float32(1 - intensity) * room, level_db)


SCENES: dict[str, tuple[Callable[[Stage], Floats], ...]] = {
    "alarming": (_siren, _alarm, _engine, _horn, _thunder),
    "calming": (_rain, _waves, _wind, _birds, _stream),
}
