"""Sounds as a person asks for them: of any duration, seamless, at a level, as WAV or FLAC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from multigan.audio.finishing import Finish, finished, n_parts, parse_normalise, write_clip
from multigan.audio.modality import waveforms
from multigan.errors import ConfigError
from multigan.sampling import TrainedGenerator, generate, latents

_AT_ONCE = 64
"""Parts that are generated and held at a time, unless one file takes more."""
_NEXT_PART = 1_000_000
"""Part k of sample i has the latent of sample i + k times this, so that no sample shares a part with another."""


@dataclass(frozen=True)
class SoundFiles:
    """How sounds are finished, and the suffix of their files."""

    finish: Finish
    suffix: str

    def write(
        self,
        trained: TrainedGenerator,
        given: Tensor | None,
        seed: int,
        truncation: float,
        paths: Sequence[Path],
    ) -> None:
        """One file for each of the conditions [N, C] (None: of an unlabelled run)."""
        rate_hz, n_samples = trained.data.sample_rate_hz, trained.facts.sample_shape[-1]
        n = n_parts(self.finish, n_samples, rate_hz)
        size = max(1, _AT_ONCE // n)
        for start in range(0, len(paths), size):
            rows = range(start, min(start + size, len(paths)))
            drawn = latents(
                trained.network, seed, [row + part * _NEXT_PART for row in rows for part in range(n)]
            )
            conditions = None if given is None else given[rows.start : rows.stop].repeat_interleave(n, 0)
            made = waveforms(generate(trained.network, drawn, conditions, truncation))
            for row in rows:
                parts = made[(row - start) * n : (row - start + 1) * n]
                write_clip(paths[row], finished(list(parts), rate_hz, self.finish), rate_hz)


def sound_files(
    trained: TrainedGenerator,
    duration_s: float | None,
    loop: bool,
    normalise: str | None,
    file_format: str | None,
) -> SoundFiles:
    """What the options of ``multigan sample`` ask for, at least one of them. ConfigError where they do not fit."""
    options = {
        "--duration": duration_s,
        "--loop": loop or None,
        "--normalise": normalise,
        "--format": file_format,
    }
    asked = [name for name, value in options.items() if value is not None]
    if trained.modality.name != "audio":
        raise ConfigError(
            f"{' and '.join(asked)} {'are' if len(asked) > 1 else 'is'} of sounds, and this run makes samples of "
            f"the modality {trained.modality.name!r}: leave {'them' if len(asked) > 1 else 'it'} out."
        )
    level = None if normalise is None else parse_normalise(normalise)
    return SoundFiles(Finish(duration_s, loop, level), f".{file_format or 'wav'}")
