"""How generated sounds are handed over: of any duration, seamless, at a level, as WAV or FLAC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from multigan.audio.finishing import Finish, finished, n_parts, parse_normalise, write_clip
from multigan.audio.settings import AudioSampling
from multigan.audio.waveforms import waveforms
from multigan.modality import Written
from multigan.sampling import (
    PLAIN,
    TrainedGenerator,
    check_truncation,
    generate_truncated,
    varied_latents,
    write_files,
)

_AT_ONCE = 64
"""Parts that are generated and held at a time, unless one file takes more."""
_NEXT_PART = 1_000_000
"""Part k of sample i has the latent of sample i + k times this, so that no sample shares a part with another."""


def finish_of(options: AudioSampling, circular: bool = False) -> Finish:
    """How sounds, ``circular`` ones or others, are finished; ConfigError where the options make no sense."""
    level = None if options.normalise is None else parse_normalise(options.normalise)
    return Finish(options.duration_s, options.loop, level, circular=circular)


def check(network: nn.Module, options: AudioSampling) -> None:
    """ConfigError where the options make no sense, or ask for a truncation of a generator without styles."""
    finish_of(options)
    check_truncation(network, options)


def finished_sounds(
    trained: TrainedGenerator, conditions: Tensor | None, seed: int, options: AudioSampling
) -> Iterator[np.ndarray]:
    """The ``per_label`` sounds [T] under conditions [N, C] (None: of a run without labels), finished as the options ask."""
    finish = finish_of(options, circular=trained.data.sounds == "loops")
    rate_hz, n_samples = trained.data.sample_rate_hz, trained.facts.sample_shape[-1]
    n = n_parts(finish, n_samples, rate_hz)
    at_once = max(1, _AT_ONCE // n)
    numbers = options.numbers(options.per_label)
    for start in range(0, len(numbers), at_once):
        rows = range(start, min(start + at_once, len(numbers)))
        places = [numbers[row] + part * _NEXT_PART for row in rows for part in range(n)]
        latent = varied_latents(trained.network, seed, places, options)
        own = None if conditions is None else conditions[rows.start : rows.stop].repeat_interleave(n, 0)
        parts = waveforms(generate_truncated(trained, latent, own, options))
        for place in range(len(rows)):
            yield finished(list(parts[place * n : (place + 1) * n]), rate_hz, finish)


def write_sounds(
    trained: TrainedGenerator, options: AudioSampling, labels: Sequence[str], seed: int, folder: Path
) -> Written:
    """``write_files``, each sound finished as the options ask."""

    def make(conditions: Tensor | None, path_of: Callable[[int], Path]) -> Sequence[int]:
        numbers = options.numbers(options.per_label)
        for number, sound in zip(numbers, finished_sounds(trained, conditions, seed, options), strict=True):
            write_clip(path_of(number), sound, trained.data.sample_rate_hz)
        return numbers

    return write_files(trained, options, labels, seed, folder, suffix=f".{options.format}", make=make)


SAMPLING = replace(
    PLAIN, settings=AudioSampling, check=check, generate=generate_truncated, write=write_sounds
)
