"""How long slices are where the data say it: long enough for nearly every clip of a folder to be whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from multigan.audio import slicing
from multigan.audio.settings import LONGEST_S, SHORTEST, AudioData
from multigan.reading import audio as reading
from multigan.reading import cache, prepare
from multigan.reading.budget import DECODING
from multigan.reading.listing import AUDIO, Listing
from multigan.reading.prepare import Progress

DURATIONS = cache.Cache("sound-durations")
_WHOLE = 0.95
"""The share of the clips that are to be whole: a few long ones do not make all slices long and mostly empty."""


def following(settings: AudioData, listing: Listing, progress: Progress) -> tuple[AudioData, str]:
    """The settings with the length that a folder's clips ask for, and a sentence that tells it.

    Each file is decoded once for it; what was measured is kept in the cache.
    """
    build = partial(_measure, settings, listing, progress)
    facts = ["durations", reading.VERSION, slicing.VERSION, settings.trim_db]
    _, entry = prepare.prepared_files(DURATIONS, listing, AUDIO, facts, build, progress)
    seconds, rate_hz = np.asarray(entry.samples), settings.sample_rate_hz
    chosen = replace(settings, n_samples=length_for(seconds, rate_hz))
    n_whole = int((seconds * rate_hz <= chosen.length).sum())
    cut = "" if settings.trim_db is None else ", the silence at their ends cut,"
    note = (
        f"Slices are {chosen.length / rate_hz:.3f} s long (data.n_samples {chosen.length:,}): {n_whole:,} of "
        f"{len(seconds):,} clips{cut} fit into one. Training takes longer the longer they are; --set data.n_samples=N "
        "chooses another length."
    )
    return chosen, note


def length_for(seconds: np.ndarray, rate_hz: int) -> int:
    """Samples that 95% of clips of these durations [n] fit into, a multiple of 1,024, up to about 4 s."""
    needed = float(np.quantile(seconds, _WHOLE, method="inverted_cdf")) * rate_hz
    return min(math.ceil(needed / SHORTEST) * SHORTEST, round(LONGEST_S * rate_hz))


def _measure(
    settings: AudioData, listing: Listing, progress: Progress, digests: Sequence[str], folder: Path
) -> None:
    """Fill a cache entry with the seconds of each file that can be used."""

    def duration(place: int) -> float:
        with DECODING.kept():
            clip = reading.read_clip(listing.folder / listing.names[place])
            return len(slicing.without_silence(clip, settings)) / clip.rate_hz

    bad: dict[str, str] = {}
    made = list(prepare.usable(listing, AUDIO, duration, bad, progress, waiting=16))
    prepare.refuse_unusable(listing, AUDIO, [place for place, _ in made], bad)
    names = [listing.names[place] for place, _ in made]
    seconds = np.asarray([each for _, each in made], np.float64)
    cache.write(folder, [seconds], seconds.shape, np.float64, {"names": names})
