"""Sounds that the package draws itself: its embedded data for sounds with an emotion and an intensity.

A sound is a pure function of (seed, label, intensity, rate, length). What is heard does not depend on the rate.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from multigan.audio.drawn import emotive, loops, scenes
from multigan.audio.drawn.synthesis import Floats
from multigan.chance import Chance
from multigan.emotions import NAMES, ordered
from multigan.errors import DataError

Integers = NDArray[np.int64]

VERSION = 1
"""Names the drawing: any change of a sample raises it, and caches are keyed by it."""
INTENSITY_RANGE = (0.5, 1.0)
RATES_HZ = (4_000, 192_000)
LENGTHS = (1_024, 2**20)

LABELS: dict[str, tuple[str, ...]] = {
    "emotive": NAMES,
    "soundscapes": ordered(set(scenes.SCENES)),
    "loops": ordered(set(loops.MOODS)),
}
"""What can be drawn, and the labels of each, in the order of their indices."""


def sound_labels(sounds: str, n: int, seed: int) -> tuple[Integers, Floats, Integers]:
    """Classes, intensities and seeds [n] of a data set; a shorter one with the same seed is its beginning.

    Classes are indices into ``LABELS[sounds]``; every run of as many as there are holds each once. Intensities are uniform
    in ``INTENSITY_RANGE``. DataError for an unknown kind of sounds or a negative number.
    """
    size = len(_labels(sounds))
    if n < 0:
        raise DataError(f"{n} sounds cannot be labelled: ask for 0 or more")
    chance, n_rows = Chance(Chance(seed).bits(sounds)), -(-n // size) * size
    classes = np.argsort(chance.many("order", n_rows).reshape(-1, size), axis=1).reshape(-1)[:n]
    low, high = INTENSITY_RANGE
    intensities = (low + (high - low) * chance.numbers("intensity", n)).astype(np.float32)
    return classes.astype(np.int64), intensities, (chance.many("seed", n) >> np.uint64(1)).astype(np.int64)


def draw_sounds(
    sounds: str, rate_hz: int, n_samples: int, classes: np.ndarray, intensities: np.ndarray, seeds: np.ndarray
) -> Floats:
    """Draw sounds, float32 [N, n_samples] with |x| <= 0.95.

    ``classes`` [N] are indices into ``LABELS[sounds]``, ``intensities`` [N] lie in [0, 1] and ``seeds`` [N] are any
    integers. Each sound depends on its own class, intensity and seed only. Raises DataError for an unknown kind of
    sounds, a rate or length out of range, an unknown class, or an intensity out of range.
    """
    classes, intensities, seeds = np.asarray(classes), np.asarray(intensities), np.asarray(seeds)
    labels = _labels(sounds)
    _check_size(rate_hz, n_samples)
    _check(labels, classes, intensities, seeds)
    drawn = np.empty((len(classes), n_samples), np.float32)
    for i in range(len(classes)):
        label, intensity = labels[int(classes[i])], float(intensities[i])
        drawn[i] = _DRAWN[sounds](rate_hz, n_samples, label, intensity, int(seeds[i]))
    return drawn


def _labels(sounds: str) -> tuple[str, ...]:
    if sounds not in LABELS:
        raise DataError(f"no sounds are called {sounds!r}: use one of {', '.join(LABELS)}")
    return LABELS[sounds]


def _check_size(rate_hz: int, n_samples: int) -> None:
    for what, found, (low, high) in (
        ("at a rate of {} Hz", rate_hz, RATES_HZ), ("of {} samples", n_samples, LENGTHS)
    ):  # fmt: skip
        if not low <= found <= high:
            raise DataError(f"sounds cannot be drawn {what.format(found)}: use {low:,} to {high:,}")


def _check(labels: tuple[str, ...], classes: np.ndarray, intensities: np.ndarray, seeds: np.ndarray) -> None:
    if not classes.shape == intensities.shape == seeds.shape or classes.ndim != 1:
        raise DataError(
            "sounds need as many classes, intensities and seeds, in one dimension each; "
            f"found shapes {classes.shape}, {intensities.shape} and {seeds.shape}"
        )
    if classes.dtype.kind not in "iu" or seeds.dtype.kind not in "iu":
        raise DataError(
            f"classes and seeds of sounds are whole numbers; found {classes.dtype} and {seeds.dtype}"
        )
    wrong = classes[(classes < 0) | (classes >= len(labels))]
    if len(wrong):
        raise DataError(
            f"no label has the index {wrong[0]}: use 0 to {len(labels) - 1} ({', '.join(labels)})"
        )
    wrong = intensities[~((intensities >= 0) & (intensities <= 1))]
    if len(wrong):
        raise DataError(f"an intensity is {wrong[0]:g}: give numbers from 0 (hardly heard) to 1 (extreme)")


_DRAWN: dict[str, Callable[[int, int, str, float, int], Floats]] = {
    "emotive": emotive.draw,
    "soundscapes": scenes.draw,
    "loops": loops.draw,
}
