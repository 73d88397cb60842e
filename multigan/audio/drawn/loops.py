"""Short tonal loops that repeat seamlessly: chords, bass, a figure and light percussion, in one mood.

A loop is drawn on a circle of its length: what rings beyond the end sounds at the beginning, and the tempo is the
one nearest to the mood's that makes whole beats. Mode, tempo, brightness, articulation and level follow the mood as in
``multigan.audio.drawn.emotive``, whose docstring gives the sources, and are graded in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from multigan.audio.drawn.synthesis import (
    Floats,
    fitting,
    harmonics,
    levelled,
    mixed,
    noise,
    seconds,
    sine,
    struck,
    swell,
)
from multigan.chance import Chance

LOWEST_ROOT_HZ = 220.0
N_ROOTS = 8
PROGRESSIONS = ((0, 5, 7, 5), (0, -3, 5, 7), (0, 7, -3, 5))
"""Roots of the chords in semitones, one for two beats."""
N_PARTIALS = 6


@dataclass(frozen=True, kw_only=True)
class Mood:
    """How a mood sounds at full intensity; the defaults are neutral."""

    beats_per_minute: float = 96
    register: float = 0  # semitones
    chord: dict[int, float] = field(default_factory=lambda: {0: 0.4, 7: 0.2})  # semitones: level
    figure: dict[tuple[int, int], float] = field(default_factory=lambda: {(0, 0): 0.5})
    """(half beat of two beats, semitones): level."""
    brightness: float = 0.3
    decay_s: float = 0.2
    chord_attack: float = 0.1  # share of the chord's length
    bass: float = 0.5
    kick: float = 0.3
    hat: float = 0.1
    roughness: float = 0.0
    level_db: float = -20


NEUTRAL = Mood()
MOODS: dict[str, Mood] = {
    "joy": Mood(
        beats_per_minute=126, register=5, chord={0: 0.3, 4: 0.35, 7: 0.25}, brightness=0.5, decay_s=0.14,
        figure={(0, 0): 0.6, (1, 4): 0.6, (2, 7): 0.6, (3, 12): 0.7}, bass=0.4, kick=0.4, hat=0.3, level_db=-17,
    ),
    "sadness": Mood(
        beats_per_minute=60, register=-5, chord={0: 0.3, 3: 0.35, 7: 0.2}, brightness=0.2, decay_s=0.5,
        figure={(0, 15): 0.5, (2, 12): 0.5}, chord_attack=0.3, bass=0.4, kick=0.0, hat=0.0, level_db=-24,
    ),
    "anger": Mood(
        beats_per_minute=160, register=-9, chord={0: 0.7, 1: 0.35, 6: 0.4}, brightness=0.8, decay_s=0.09,
        figure={(0, 0): 0.9, (1, 0): 0.8, (2, 0): 0.9, (3, 1): 0.8}, chord_attack=0.02, bass=0.8, kick=0.9,
        hat=0.5, roughness=0.85, level_db=-14,
    ),
    "calm": Mood(
        beats_per_minute=66, register=0, chord={0: 0.4, 4: 0.35, 7: 0.3, 11: 0.15}, brightness=0.15,
        decay_s=0.6, figure={(0, 12): 0.4, (2, 16): 0.3}, chord_attack=0.4, bass=0.25, kick=0.0, hat=0.0, level_db=-26,
    ),
}  # fmt: skip


class Circle:
    """A buffer [T] whose end joins its beginning."""

    def __init__(self, n_samples: int, rate_hz: int) -> None:
        self.sound = np.zeros(n_samples, np.float32)
        self.rate_hz = rate_hz

    def add(self, start_s: float, part: Floats) -> None:
        """Add a part of any length from a time on."""
        n = len(self.sound)
        turns = -(-len(part) // n)
        whole = np.zeros(turns * n, np.float32)
        whole[: len(part)] = part
        self.sound += np.roll(whole.reshape(turns, n).sum(axis=0), round(start_s * self.rate_hz))

    def times(self, length_s: float) -> np.ndarray:
        return seconds(max(2, round(length_s * self.rate_hz)), self.rate_hz)


def blended(label: str, strength: float) -> Mood:
    """The mood on the way from the neutral one (strength 0) to a label's (1); levels of notes too."""
    values = {}
    for part in fields(Mood):
        start, end = getattr(NEUTRAL, part.name), getattr(MOODS[label], part.name)
        if isinstance(start, dict):
            values[part.name] = mixed(start, end, strength)
        else:
            values[part.name] = float(start + strength * (end - start))
    return Mood(**values)


def n_beats(mood: Mood, length_s: float) -> int:
    """The whole number of beats in a loop of that length whose tempo is nearest to the mood's, 1 or more."""
    return max(1, round(length_s * mood.beats_per_minute / 60))


def draw(rate_hz: int, n_samples: int, label: str, intensity: float, seed: int) -> Floats:
    """One loop [T] of a label in ``MOODS`` at an intensity in [0, 1]; at 0 every label is the neutral loop."""
    chance, mood = Chance(seed), blended(label, intensity)
    circle = Circle(n_samples, rate_hz)
    beats = n_beats(mood, n_samples / rate_hz)
    beat_s = n_samples / rate_hz / beats
    root_hz = LOWEST_ROOT_HZ * 2 ** ((chance.pick("root", range(N_ROOTS)) + round(mood.register)) / 12)
    progression = chance.pick("progression", PROGRESSIONS)
    brightness = min(0.9, mood.brightness * chance.number("brightness", 0.85, 1.15))
    for beat in range(beats):
        chord_hz = root_hz * 2 ** (progression[beat // 2 % len(progression)] / 12)
        if beat % 2 == 0:
            _chord(circle, beat * beat_s, min(2, beats - beat) * beat_s, chord_hz, mood, brightness)
        _note(circle, beat * beat_s, chord_hz / 2, mood.bass, 0.18, brightness)
        for (half, semitones), level in mood.figure.items():
            if half // 2 == beat % 2:
                start_s, hz = (beat + half % 2 / 2) * beat_s, chord_hz * 2 ** (semitones / 12)
                _note(circle, start_s, hz, level, mood.decay_s, brightness)
    _percussion(circle, chance, beats, beat_s, mood)
    return levelled(circle.sound, mood.level_db + chance.number("level", -1.5, 1.5))


def _chord(circle: Circle, start_s: float, length_s: float, hz: float, mood: Mood, brightness: float) -> None:
    attack_s = max(0.005, mood.chord_attack * length_s)
    times = circle.times(length_s + attack_s)  # it fades out while the next fades in
    edges = np.minimum(times, times[-1] - times) / attack_s
    total = np.zeros(len(times), np.float32)
    for semitones, level in mood.chord.items():
        pitch_hz = hz * 2 ** (semitones / 12)
        n = fitting(pitch_hz, circle.rate_hz, N_PARTIALS)
        total += np.float32(level) * harmonics(times * pitch_hz, brightness, n)
    total *= swell(times, 50.0, mood.roughness, 0.0)
    circle.add(start_s, total * np.clip(edges, 0, 1).astype(np.float32))


def _note(circle: Circle, start_s: float, hz: float, level: float, decay_s: float, brightness: float) -> None:
    times = circle.times(6 * decay_s)
    tone = struck(
        times, times * hz, hz, rate_hz=circle.rate_hz, n_partials=N_PARTIALS, brightness=brightness,
        attack_s=0.005, decay_s=decay_s,
    )  # fmt: skip
    circle.add(start_s, np.float32(level) * tone)


def _percussion(circle: Circle, chance: Chance, beats: int, beat_s: float, mood: Mood) -> None:
    """A low thud on every beat and a short hiss half-way to the next."""
    thud_times, hiss_times = circle.times(0.3), circle.times(0.12)
    moments = thud_times.astype(np.float32)
    bend = thud_times * 62 + 3.0 * (1 - np.exp(-thud_times / 0.03))
    thud = sine(bend) * np.minimum(moments / np.float32(0.004), 1) * np.exp(-moments / np.float32(0.07))
    moments = hiss_times.astype(np.float32)
    hiss = noise(chance, "hat", len(hiss_times), circle.rate_hz, 3000, 7000)
    hiss *= np.minimum(moments / np.float32(0.003), 1) * np.exp(-moments / np.float32(0.025))
    for beat in range(beats):
        circle.add(beat * beat_s, np.float32(mood.kick) * thud)
        circle.add((beat + 0.5) * beat_s, np.float32(mood.hat) * hiss)
