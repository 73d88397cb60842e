"""A person's own sounds, extended: each a file of its own, and a table that says how well they narrow back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multigan.audio.bandwidth.networks import Extender
from multigan.audio.bandwidth.resample import narrowed
from multigan.audio.loudness import at_loudness
from multigan.audio.slicing import without_silence
from multigan.errors import DataError
from multigan.inputs import Row, made_of_files, reasons
from multigan.modality import Written
from multigan.reading.audio import Clip, pcm16_wav, peak_of, read_clip, resampled
from multigan.reading.listing import AUDIO

TABLE = "extended.csv"
STRETCH = 2**16
"""Samples at the lower rate that are extended at a time."""
MOST_SECONDS = 3600
_PEAK = 0.99


def extend_files(trained: Any, source: Path, options: Any, seed: int, folder: Path) -> Written:
    """Extend a sound, or all sounds of a folder and below, into ``folder`` as WAV files with ``extended.csv``.

    Of each, what a file at the lower rate holds is taken, and the band above is made anew. The table says how far each is
    from that once it is narrowed again, in dB under its level. Files that cannot be read, are silent or last longer than
    an hour are left out and named. DataError where none can be taken; ConfigError where a file would take the place of one
    that multigan did not write, so that the inputs stay as they are.
    """
    data, network = trained.data, trained.network
    low_hz = data.sample_rate_hz // data.factor
    apart: list[float] = []

    def make(path: Path, row: Row) -> bytes:
        clip = read_clip(path)
        low = _low(clip, low_hz, data)
        loud = low if data.loudness_lufs is None else at_loudness(low, low_hz, data.loudness_lufs)
        gain = peak_of(loud) / peak_of(low)
        sound = extended(network, loud) / np.float32(gain)
        apart.append(difference_db(low, sound, data.factor))
        # one that would clip is made softer as a whole
        sound *= np.float32(min(1.0, _PEAK / peak_of(sound)))
        row |= {
            "given_rate_hz": clip.rate_hz, "rate_hz": data.sample_rate_hz,
            "seconds": f"{len(sound) / data.sample_rate_hz:.3f}", "difference_db": round(apart[-1], 2),
        }  # fmt: skip
        return pcm16_wav(Clip(sound, data.sample_rate_hz))

    ending = f"{data.sample_rate_hz / 1000:g}khz.wav"
    rows, bad = made_of_files(trained, source, AUDIO, folder, ending, TABLE, make)
    return _told(rows, apart, bad, folder, (low_hz, data.sample_rate_hz))


def extended(network: Extender, low: np.ndarray, stretch: int = STRETCH) -> np.ndarray:
    """float32 [t] -> float32 [t factor], the same whatever the ``stretch`` that is extended at a time."""
    device, around, factor = next(network.parameters()).device, network.reach, network.factor
    latent = network.latent(1).to(device)
    parts = []
    for start in range(0, len(low), stretch):
        lead = min(start, around)
        part = torch.from_numpy(np.array(low[start - lead : start + stretch + around])).to(device)
        with torch.no_grad():
            made = network(latent, part[None, None])[0, 0].cpu().numpy()
        parts.append(made[lead * factor :][: stretch * factor])
    return np.concatenate(parts)


def difference_db(low: np.ndarray, sound: np.ndarray, factor: int) -> float:
    """How far a sound, narrowed again, is from what was given of it, in dB relative to that; at least -120."""
    back = narrowed(torch.from_numpy(sound)[None, None], factor)[0, 0].numpy()[: len(low)]
    given = float(np.square(low, dtype=np.float64).mean())
    apart = float(np.square(back - low, dtype=np.float64).mean())
    return 10 * math.log10(max(apart / given, 1e-12))


def _low(clip: Clip, low_hz: int, data: Any) -> np.ndarray:
    """What is there of a clip at the lower rate, float32 [t]; DataError where that is nothing, or too long."""
    if len(clip.waveform) > MOST_SECONDS * clip.rate_hz:
        raise DataError(
            f"it lasts {len(clip.waveform) / clip.rate_hz:,.0f} s, and at most {MOST_SECONDS:,} are taken: cut it"
        )
    without_silence(clip, data)  # silence is refused in the words of training
    low = resampled(clip, low_hz)
    if peak_of(low) < 1e-4:
        raise DataError(f"nothing of it is left at {low_hz} Hz: all lies above {low_hz / 2:g} Hz")
    return low


def _told(
    rows: Sequence[Row],
    apart: Sequence[float],
    bad: Mapping[str, str],
    folder: Path,
    rates_hz: tuple[int, int],
) -> Written:
    lines = [
        f"Narrowed to {rates_hz[0]} Hz again they differ from the inputs by {max(apart):.0f} dB of their level at most "
        f"({TABLE} has each)."
    ]
    if bad:
        lines.append(f"Left out: {reasons(bad)}.")
    n = len(rows)
    sentence = f"Extended {n} sound{'s' * (n != 1)} from {rates_hz[0]} to {rates_hz[1]} Hz into {folder}."
    return Written([folder / str(row["file"]) for row in rows], sentence, tuple(lines))
