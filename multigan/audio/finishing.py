"""What happens to generated waveforms before a person gets them: joined, cut, looped, brought to a level and written.

Everything works on float32 [T] in [-1, 1] at a rate. Where two sounds run into each other, their overlap is mixed so that
its power stays what it was, whatever the two have in common (``crossfaded``).
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from multigan.audio.loudness import PEAK, at_loudness, at_peak
from multigan.errors import ConfigError, DataError
from multigan.reading.audio import Clip, pcm16, pcm16_wav
from multigan.writing import replacing

SUFFIXES = (".wav", ".flac")
"""What is written, 16 bits a sample."""
CROSSFADE_S = 0.2
SHORTEST_S, LONGEST_S, LONGEST_CROSSFADE_S = 0.01, 600.0, 10.0
FADE_OUT_S = 0.015
"""Of what is cut: long enough for no click, too short to be heard as a fade."""

_LEVEL = re.compile(
    r"(?:(?P<lufs>[-+]?\d+(?:\.\d+)?) ?lufs|peak(?: ?(?P<peak>[-+]?\d+(?:\.\d+)?) ?db(?:fs)?)?)"
)
_LOWEST_LUFS, _LOWEST_PEAK_DB = -69.0, -60.0


@dataclass(frozen=True)
class Normalise:
    """The level that a sound is brought to by one gain: integrated loudness in LUFS, or its peak in dB under full scale.

    A loudness that would need a peak over 0.99 is not reached.
    """

    measure: Literal["loudness", "peak"]
    level: float

    def __post_init__(self) -> None:
        lowest, unit = (_LOWEST_LUFS, "LUFS") if self.measure == "loudness" else (_LOWEST_PEAK_DB, "dB")
        if not lowest <= self.level <= 0:
            raise ConfigError(
                f"A {self.measure} is from {lowest:g} to 0 {unit}, and {self.level:g} {unit} was asked for."
            )


@dataclass(frozen=True)
class Finish:
    """What a person asked of a sound. ConfigError where it makes no sense."""

    duration_s: float | None = None
    """None: as long as its parts."""
    loop: bool = False
    """The end runs into the beginning."""
    normalise: Normalise | None = None
    """None: as loud as it is."""
    crossfade_s: float = CROSSFADE_S
    """Of successive parts, and of a loop's end and beginning; at most half of a part."""
    circular: bool = False
    """Each part repeats as it is, as a loop of whole beats does: parts follow each other in step (``in_step``); a loop is
    as many whole parts as come nearest to the duration."""

    def __post_init__(self) -> None:
        if not 0 <= self.crossfade_s <= LONGEST_CROSSFADE_S:
            raise ConfigError(
                f"A crossfade is from 0 to {LONGEST_CROSSFADE_S:g} s long, and {self.crossfade_s:g} s was asked for."
            )
        if self.duration_s is None:
            return
        if not SHORTEST_S <= self.duration_s <= LONGEST_S:
            raise ConfigError(
                f"A sound is from {SHORTEST_S:g} to {LONGEST_S:g} s long, and {self.duration_s:g} s was asked for."
            )
        if self.loop and self.duration_s < 2 * self.crossfade_s:
            raise ConfigError(
                f"A loop is at least twice as long as its crossfade of {self.crossfade_s:g} s, and {self.duration_s:g} s "
                "was asked for: choose a longer one."
            )


def parse_normalise(text: str) -> Normalise | None:
    """``-16LUFS``, ``-16 lufs``, ``peak`` (0.99 of full scale), ``peak -1dB``, or ``none``. ConfigError otherwise."""
    words = " ".join(text.lower().replace("\N{MINUS SIGN}", "-").split())
    if words == "none":
        return None
    found = _LEVEL.fullmatch(words)
    if not found:
        raise ConfigError(
            f"A level is a loudness such as -16LUFS, a peak such as 'peak' or 'peak -1dB', or none; found {text!r}."
        )
    if found["lufs"]:
        return Normalise("loudness", float(found["lufs"]))
    return Normalise("peak", float(found["peak"]) if found["peak"] else 20 * math.log10(PEAK))


def n_parts(finish: Finish, n_samples: int, rate_hz: int) -> int:
    """How many parts of ``n_samples`` each make the asked duration, crossfades taken off."""
    if finish.duration_s is None:
        return 1
    if finish.circular:
        whole = round(finish.duration_s * rate_hz) / n_samples
        return max(1, round(whole) if finish.loop else math.ceil(whole))
    needed = _n_needed(finish, rate_hz)
    overlap = _overlap(finish.crossfade_s, rate_hz, n_samples)
    return 1 + max(0, -(-(needed - n_samples) // (n_samples - overlap)))


def finished(parts: Sequence[np.ndarray], rate_hz: int, finish: Finish) -> np.ndarray:
    """The parts as one sound: joined, cut, looped and brought to its level, in this order.

    What is looped is longer than what was asked for by the crossfade, so that the loop has exactly the asked duration;
    circular parts keep their step instead.
    """
    if finish.circular:
        whole = in_step(parts, rate_hz, finish.crossfade_s, closed=finish.loop)
        if finish.duration_s is not None and not finish.loop:
            whole = of_duration(whole, round(finish.duration_s * rate_hz), rate_hz)
        return normalised(whole, rate_hz, finish.normalise)
    whole = joined(parts, rate_hz, finish.crossfade_s)
    needed = len(whole) if finish.duration_s is None else _n_needed(finish, rate_hz)
    if finish.loop:
        whole = looped(_first(whole, needed), rate_hz, finish.crossfade_s)
    else:
        whole = of_duration(whole, needed, rate_hz)
    return normalised(whole, rate_hz, finish.normalise)


def joined(parts: Sequence[np.ndarray], rate_hz: int, crossfade_s: float) -> np.ndarray:
    """Sounds [T_1], [T_2], ... one after the other; each overlaps the next by the crossfade, or half of the shortest."""
    if not parts:
        raise DataError("No sounds were given to be joined; give at least one.")
    overlap = _overlap(crossfade_s, rate_hz, min(len(part) for part in parts))
    whole = np.empty(sum(len(part) for part in parts) - overlap * (len(parts) - 1), np.float32)
    whole[: len(parts[0])] = parts[0]
    end = len(parts[0])
    for part in parts[1:]:
        start = end - overlap
        end = start + len(part)
        whole[start : start + overlap] = crossfaded(whole[start : start + overlap], part[:overlap])
        whole[start + overlap : end] = part[overlap:]
    return whole


def in_step(parts: Sequence[np.ndarray], rate_hz: int, crossfade_s: float, closed: bool) -> np.ndarray:
    """Circular sounds [T] one after the other, each a whole T after the one before, so that beats stay in step: [n T].

    The one that leaves goes on with its own beginning while the next one comes; ``closed``: the last one so passes into the
    first.
    """
    if not parts:
        raise DataError("No sounds were given to be joined; give at least one.")
    size = len(parts[0])
    overlap = _overlap(crossfade_s, rate_hz, size)
    whole = np.concatenate(list(parts)).astype(np.float32)
    for place in range(0 if closed and len(parts) > 1 else 1, len(parts)):
        start = place * size
        whole[start : start + overlap] = crossfaded(parts[place - 1][:overlap], parts[place][:overlap])
    return whole


def crossfaded(leaving: np.ndarray, coming: np.ndarray) -> np.ndarray:
    """From one sound [F] to another [F] in a quarter of a circle, the power of the mix held level.

    (cos(t) a + sin(t) b) / sqrt(1 + 2 r cos(t) sin(t)), t from 0 to pi / 2, r the correlation of a and b where it is
    positive: equal power for r = 0, and for r = 1 the sum of the gains is 1 (Fink, Holters and Zölzer, Signal-matched
    power-complementary cross-fading and dry-wet mixing, DAFx-16).
    """
    angle = (np.arange(len(leaving)) + 0.5) * (np.pi / 2 / max(len(leaving), 1))
    a, b = leaving.astype(np.float64), coming.astype(np.float64)
    energy = math.sqrt(float(a @ a) * float(b @ b))
    correlation = max(0.0, float(a @ b) / energy) if energy else 0.0
    mixed = np.cos(angle) * a + np.sin(angle) * b
    return (mixed / np.sqrt(1 + correlation * np.sin(2 * angle))).astype(np.float32)


def of_duration(waveform: np.ndarray, n_samples: int, rate_hz: int) -> np.ndarray:
    """Exactly the first ``n_samples``; DataError where there are fewer. What is cut fades out in 15 ms, half a cosine."""
    cut = _first(waveform, n_samples).astype(np.float32)
    if len(waveform) > n_samples:
        length = min(round(FADE_OUT_S * rate_hz), n_samples)
        fade = 0.5 + 0.5 * np.cos((np.arange(length) + 0.5) * np.pi / max(length, 1))
        cut[n_samples - length :] *= fade.astype(np.float32)
    return cut


def looped(waveform: np.ndarray, rate_hz: int, crossfade_s: float) -> np.ndarray:
    """The sound [T] shorter by the crossfade F (at most T / 2), so that it repeats without a click.

    Its last F samples are mixed into its first F (``crossfaded``): the first sample of the result is what came after its
    last one.
    """
    overlap = _overlap(crossfade_s, rate_hz, len(waveform))
    kept = waveform[: len(waveform) - overlap].astype(np.float32)
    kept[:overlap] = crossfaded(waveform[len(waveform) - overlap :], waveform[:overlap])
    return kept


def normalised(waveform: np.ndarray, rate_hz: int, normalise: Normalise | None) -> np.ndarray:
    """The sound at the asked level; silence stays as it is."""
    if normalise is None:
        return waveform
    if normalise.measure == "peak":
        return at_peak(waveform, 10 ** (normalise.level / 20))
    return at_loudness(waveform, rate_hz, normalise.level)


def write_clip(path: Path, waveform: np.ndarray, rate_hz: int) -> None:
    """A mono file of 16 bits, WAV or FLAC by its suffix, rounded as ``pcm16`` does; the same bytes for the same sound."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ConfigError(
            f"Sounds are written as {' or '.join(SUFFIXES)} files, and {path.name!r} is neither."
        )
    try:
        clip = Clip(waveform, rate_hz)
    except DataError as error:
        raise DataError(f"{path} cannot be written: {error}.") from error
    content = pcm16_wav(clip) if suffix == ".wav" else _flac(clip)
    with replacing(path) as stream:
        stream.write(content)


def _flac(clip: Clip) -> bytes:
    import soundfile

    held = io.BytesIO()
    try:
        soundfile.write(held, pcm16(clip.waveform), clip.rate_hz, format="FLAC", subtype="PCM_16")
    except soundfile.SoundFileError as error:
        raise ConfigError(f"FLAC cannot hold a rate of {clip.rate_hz} Hz; write WAV files.") from error
    return held.getvalue()


def _overlap(crossfade_s: float, rate_hz: int, n_samples: int) -> int:
    """In samples; at most half, so that a part's beginning and its end do not mix."""
    return min(round(crossfade_s * rate_hz), n_samples // 2)


def _first(waveform: np.ndarray, n_samples: int) -> np.ndarray:
    if len(waveform) < n_samples:
        raise DataError(
            f"{n_samples} samples were asked of a sound that has {len(waveform)}; join more parts."
        )
    return waveform[:n_samples]


def _n_needed(finish: Finish, rate_hz: int) -> int:
    """Samples of the joined parts; a loop loses the crossfade."""
    needed = round((finish.duration_s or 0.0) * rate_hz)
    return needed + round(finish.crossfade_s * rate_hz) * finish.loop
