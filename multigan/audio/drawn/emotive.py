"""One-second to four-second sounds for the eight emotions: a chord, struck notes, pulses and noise.

An emotion is a row of cues (``CUES``); a sound's cues lie between the neutral ones and its emotion's, by its intensity,
so that every cue is graded and at intensity 0 all emotions are the neutral sound. The seed gives the rest (``Traits``).

Where the cues come from:

- Juslin & Laukka (2003), Psychological Bulletin 129:770-814, the cues that voices and music performances share. Anger:
  fast, loud, much high-frequency energy, sharp attacks, irregularity. Fear: fast, high, much variability of level,
  irregularity, not loud. Happiness: fast, medium to high level, high, rising, sharp attacks, regular. Sadness: slow,
  soft, dull, low, falling, slow attacks. Tenderness, taken for calm: slow, soft, dull, slow attacks, regular.
- Gabrielsson & Lindström (2010), in Juslin & Sloboda, Handbook of Music and Emotion, 367-400: major for joy and serenity;
  minor for sadness, tension and disgust; fast for joy, surprise, anger and fear; slow for calm, sadness and disgust; loud
  for excitement, anger and joy; soft for peace and sadness.
- Eerola, Friberg & Bresin (2013), Frontiers in Psychology 4:487: mode, then tempo, register, dynamics, articulation and
  timbre carry happy, sad, peaceful and scary; they add up and act nearly linearly, which is why they are blended linearly.
- Plomp & Levelt (1965), JASA 38:548-560: two partials are most dissonant about a quarter of a critical band apart, 30 Hz
  near 500 Hz. Arnal et al. (2015), Current Biology 25:2051-2056: screams and alarms are rough, modulated at 30 to 150 Hz.
  So anger is modulated at 45 to 60 Hz and fear is a cluster of semitones.

Surprise has no row in the first and third: its quick upward leap follows the second's tempo and is else our choice, as are
the wobble and detuning of disgust and the waves of calm.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from multigan.audio.drawn.synthesis import (
    FADED,
    Floats,
    Times,
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
N_ROOTS = 10
N_PARTIALS = 7
SLOTS = 16
"""Notes lie on sixteen slots a phrase, each about an eighth of a second; the second eight repeat the first."""
PHRASE_STEPS = (0, 5, -2, 0)
"""How far, in semitones, each phrase of a long sound is moved."""
RELEASE_S = 0.03
SHAPES = ("noise_low_hz", "noise_high_hz", "noise_swell", "swell_hz", "noise_gate")
"""Cues that say what an emotion's noise is like: not graded, as the noise itself is."""


@dataclass(frozen=True, kw_only=True)
class Cues:
    """How an emotion sounds at full intensity; the defaults are the neutral sound."""

    register: float = 0.0  # semitones
    notes: tuple[dict[tuple[int, int], float], ...] = ({},)  # (slot, semitones): level; a seed takes one
    attack_s: float = 0.004
    decay_s: float = 0.22
    bell: float = 0.0
    brightness: float = 0.35  # of each partial over the one below it
    chord: dict[int, float] = field(default_factory=dict)  # semitones over the root: level
    chord_attack_s: float = 0.03
    chord_decay_s: float = 3.0
    detune: float = 0.0  # semitones between the chord's notes and their places
    gate: float = 0.0  # the share of the chord that sounds in pulses, at the notes' slots
    roughness: float = 0.0  # depth of a modulation that the ear cannot follow
    roughness_hz: float = 45.0
    tremble_hz: float = 5.0
    tremolo: float = 0.0  # depth in loudness
    vibrato: float = 0.0  # depth in semitones
    glide: float = 0.0  # semitones from where a phrase starts up to its pitch
    glide_s: float = 0.2
    noise: float = 0.0
    noise_low_hz: float = 400.0
    noise_high_hz: float = 1500.0
    noise_swell: float = 0.0
    swell_hz: float = 0.6
    noise_gate: float = 0.0
    drive: float = 0.0  # distortion: how far, in RMS, the loudest parts are pressed together
    level_db: float = -20.0  # RMS, of full scale


NEUTRAL = Cues(notes=({(0, 0): 1.0, (4, 0): 1.0},), chord={0: 0.35, 12: 0.1})
CUES: dict[str, Cues] = {
    "joy": Cues(
        register=5,
        notes=(
            {(0, 0): 1, (1, 4): 0.8, (2, 7): 0.8, (3, 12): 1, (4, 4): 0.8, (5, 7): 0.8, (6, 12): 1},
            {(0, 4): 1, (1, 7): 0.8, (2, 12): 1, (4, 0): 0.8, (5, 4): 0.8, (6, 7): 0.8, (7, 12): 1},
            {(0, 0): 1, (1, 7): 0.8, (2, 12): 1, (3, 4): 0.8, (4, 0): 0.8, (5, 7): 0.8, (6, 12): 1},
        ),
        decay_s=0.16, bell=0.5, brightness=0.5, chord={0: 0.15, 4: 0.2, 7: 0.15}, chord_attack_s=0.02,
        noise=0.06, noise_low_hz=4000, noise_high_hz=7000, noise_gate=1, level_db=-17,
    ),
    "sadness": Cues(
        register=-8,
        notes=({(0, 15): 1.0, (5, 12): 1.0}, {(0, 12): 1.0, (5, 7): 1.0}, {(0, 15): 1.0, (4, 14): 0.7, (6, 12): 1.0}),
        attack_s=0.07, decay_s=0.4, brightness=0.16, chord={0: 0.25, 3: 0.3, 7: 0.2}, chord_attack_s=0.22,
        tremble_hz=4, vibrato=0.12, noise=0.015, noise_low_hz=2500, noise_high_hz=5000, level_db=-25,
    ),
    "anger": Cues(
        register=-10,
        notes=(
            {(0, 0): 1, (2, 0): 1, (3, 0): 1, (4, 0): 1, (6, 0): 1, (7, 0): 1},
            {(0, 0): 1, (1, 0): 1, (2, 0): 1, (4, 0): 1, (5, 0): 1, (6, 0): 1},
            {(0, 0): 1, (1, 0): 1, (3, 0): 1, (4, 1): 1, (5, 1): 1, (7, 0): 1},
        ),
        attack_s=0.002, decay_s=0.08,
        brightness=0.85, chord={0: 1, 1: 0.5, 6: 0.6}, chord_attack_s=0.004, gate=0.85, roughness=0.9,
        roughness_hz=52, noise=0.35, noise_low_hz=700, noise_high_hz=5000, noise_gate=1, drive=1.4,
        level_db=-14,
    ),
    "fear": Cues(
        register=10, brightness=0.35, chord={0: 0.6, 1: 0.7, 6: 0.6}, chord_attack_s=0.05, tremble_hz=7.5,
        tremolo=0.75, vibrato=0.45, noise=0.16, noise_low_hz=2200, noise_high_hz=3200, noise_swell=0.5,
        swell_hz=1.4, level_db=-21,
    ),
    "surprise": Cues(
        register=7,
        notes=({(3, 7): 1, (4, 12): 1.2}, {(3, 12): 1.2}, {(3, 4): 1, (4, 7): 1, (5, 12): 1.2}),
        decay_s=0.4, bell=1, brightness=0.55, chord={0: 0.9, 12: 0.3}, chord_attack_s=0.01, chord_decay_s=0.18,
        glide=17, glide_s=0.22, noise=0.05, noise_low_hz=5000, noise_high_hz=7500, noise_gate=1, level_db=-17,
    ),
    "disgust": Cues(
        register=-9, brightness=0.62, chord={0: 0.9, 6: 0.7, 11: 0.5}, detune=0.4, chord_attack_s=0.08,
        roughness=0.35, roughness_hz=32, tremble_hz=2.8, tremolo=0.35, vibrato=1.3, noise=0.3, noise_low_hz=250,
        noise_high_hz=700, noise_swell=0.9, swell_hz=5.6, level_db=-18,
    ),
    "calm": Cues(
        register=-4, attack_s=0.05, decay_s=0.6, brightness=0.1, chord={0: 0.4, 4: 0.4, 7: 0.35},
        chord_attack_s=0.4, chord_decay_s=6, noise=0.45, noise_low_hz=500, noise_high_hz=1300, noise_swell=0.95,
        swell_hz=0.55, level_db=-27,
    ),
    "neutral": NEUTRAL,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What the seed decides: who plays, as it were."""

    root_hz: float
    slot_s: float
    onset_s: float
    voicing: int
    figure: int
    brightness: float
    decay: float
    detune: float
    shake: float
    level_db: float
    mix: float

    @staticmethod
    def of(chance: Chance) -> Traits:
        number = chance.number
        return Traits(
            root_hz=LOWEST_ROOT_HZ * 2 ** (chance.pick("root", range(N_ROOTS)) / 12),
            slot_s=number("slot", 0.128, 0.137), onset_s=number("onset", 0.0, 0.012),
            voicing=chance.pick("voicing", (0, 0, 12)), figure=chance.pick("figure", range(12)),
            brightness=number("brightness", 0.85, 1.12),
            decay=number("decay", 0.8, 1.25), detune=number("detune", 0.75, 1.25),
            shake=number("shake"), level_db=number("level", -1.5, 1.5), mix=number("mix", 0.75, 1.3),
        )  # fmt: skip


def blended(emotion: str, strength: float, figure: int = 0) -> Cues:
    """The cues on the way from the neutral ones (strength 0) to an emotion's (1); levels of notes too.

    ``figure`` chooses among the emotion's ``notes``, round and round.
    """
    full, values = CUES[emotion], {}
    for cue in fields(Cues):
        start, end = getattr(NEUTRAL, cue.name), getattr(full, cue.name)
        if cue.name == "notes":
            values["notes"] = (mixed(start[figure % len(start)], end[figure % len(end)], strength),)
        elif cue.name == "chord":
            values["chord"] = mixed(start, end, strength)
        elif cue.name in SHAPES:
            values[cue.name] = float(end)
        else:
            values[cue.name] = float(start + strength * (end - start))
    return Cues(**values)


def draw(rate_hz: int, n_samples: int, emotion: str, intensity: float, seed: int) -> Floats:
    """One sound [T] of an emotion in ``multigan.emotions.NAMES`` at an intensity in [0, 1]."""
    chance = Chance(seed)
    traits = Traits.of(chance)
    cues = blended(emotion, intensity, traits.figure)
    sound, pulses = np.zeros(n_samples, np.float32), np.zeros(n_samples, np.float32)
    phrase, tail = round(SLOTS * traits.slot_s * rate_hz), round(RELEASE_S * rate_hz)
    start, step = round(min(traits.onset_s * rate_hz, 0.05 * n_samples)), 0
    while start < n_samples:
        times = seconds(min(phrase + tail, n_samples - start), rate_hz)
        root_hz = traits.root_hz * 2 ** ((round(cues.register) + PHRASE_STEPS[step % len(PHRASE_STEPS)]) / 12)
        place = slice(start, start + len(times))
        part, beat = _phrase(times, rate_hz, root_hz, cues, traits)
        sound[place] += part
        pulses[place] = beat
        start, step = start + phrase, step + 1
    if cues.drive > 0:
        scale = np.float32(cues.drive / max(1e-9, float(np.sqrt(np.mean(sound**2)))))
        sound = np.tanh(sound * scale) / scale
    if cues.noise > 0:
        sound += _noise(chance, rate_hz, cues, traits, pulses)
    return levelled(sound, cues.level_db + traits.level_db)


def _phrase(times: Times, rate_hz: int, root_hz: float, cues: Cues, traits: Traits) -> tuple[Floats, Floats]:
    """The notes and the chord of a phrase, and its pulses: 1 at every note and falling from there, all [T]."""
    moments = times.astype(np.float32)
    bent = _bent(times, rate_hz, cues, traits)
    sound, pulses = _notes(times, bent, rate_hz, root_hz, cues, traits)
    chord = _chord(bent, rate_hz, root_hz, cues, traits)
    chord *= np.minimum(moments / np.float32(cues.chord_attack_s), 1)
    chord *= np.exp(moments * np.float32(-1 / cues.chord_decay_s))
    sound += chord * (1 - np.float32(cues.gate) * (1 - pulses))
    if cues.tremolo > 0:
        sound *= swell(times, cues.tremble_hz, cues.tremolo, traits.shake)
    if cues.roughness > 0:
        sound *= swell(times, cues.roughness_hz * traits.detune**0.5, cues.roughness, traits.shake)
    release = np.clip((SLOTS * traits.slot_s + RELEASE_S - times) / RELEASE_S, 0, 1).astype(np.float32)
    return sound * release, pulses


def _notes(
    times: Times, bent: Times, rate_hz: int, root_hz: float, cues: Cues, traits: Traits
) -> tuple[Floats, Floats]:
    sound, pulses = np.zeros(len(times), np.float32), np.zeros(len(times), np.float32)
    decay_s = cues.decay_s * traits.decay
    length = round((FADED * decay_s + cues.attack_s) * rate_hz)
    for (slot, semitones), level in cues.notes[0].items():
        hz = root_hz * 2 ** (semitones / 12)
        for start in (round(place * traits.slot_s * rate_hz) for place in (slot, slot + SLOTS // 2)):
            if start >= len(times):
                break
            note = slice(start, start + length)
            since = times[: len(times[note])]
            sound[note] += np.float32(level) * struck(
                since, hz * (bent[note] - bent[start]), hz, rate_hz=rate_hz, n_partials=N_PARTIALS,
                brightness=_brightness(cues, traits), attack_s=cues.attack_s, decay_s=decay_s, bell=cues.bell,
            )  # fmt: skip
            fall = np.exp(since.astype(np.float32) * np.float32(-1 / max(0.05, 0.6 * decay_s)))
            pulses[note] = np.maximum(pulses[note], np.float32(min(level, 1.0)) * fall)
    return sound, pulses


def _brightness(cues: Cues, traits: Traits) -> float:
    return min(0.95, cues.brightness * traits.brightness)


def _bent(times: Times, rate_hz: int, cues: Cues, traits: Traits) -> Times:
    """Time as the phase of a tone sees it: its rate is the bend of the pitch by glide and vibrato."""
    if cues.glide == 0 and cues.vibrato == 0:
        return times
    semitones = cues.vibrato * sine(cues.tremble_hz * times + traits.shake)
    semitones -= cues.glide * np.exp(-((times / cues.glide_s) ** 2)).astype(np.float32)
    speed = np.exp2(semitones * np.float32(1 / 12)).astype(np.float64)
    return (np.cumsum(speed) - speed[0]) / rate_hz


def _chord(bent: Times, rate_hz: int, root_hz: float, cues: Cues, traits: Traits) -> Floats:
    total = np.zeros(len(bent), np.float32)
    for i, (semitones, level) in enumerate(cues.chord.items()):
        # the third, which makes the mode, may lie an octave higher
        moved = semitones + (traits.voicing if semitones in (3, 4) else 0)
        hz = root_hz * 2 ** ((moved + cues.detune * traits.detune * (-1) ** i) / 12)
        n = fitting(hz, rate_hz, N_PARTIALS)
        tone = harmonics(bent * hz + 0.31 * i, _brightness(cues, traits), n)
        total += np.float32(level * traits.mix) * tone
    return total


def _noise(chance: Chance, rate_hz: int, cues: Cues, traits: Traits, pulses: Floats) -> Floats:
    times = seconds(len(pulses), rate_hz)
    hiss = noise(chance, "noise", len(pulses), rate_hz, cues.noise_low_hz, cues.noise_high_hz)
    hiss *= np.float32(cues.noise / traits.mix)
    if cues.noise_swell > 0:
        hiss *= swell(times, cues.swell_hz, cues.noise_swell, 0.45 + 0.2 * traits.shake)
    return hiss * (1 - np.float32(cues.noise_gate) * (1 - pulses))
