"""From one sample of a run to another in steps: as one picture, a moving one, a sound, or a file for each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluation.kinds import Kind
from evaluation.report.wording import listed
from multigan.audio.finishing import CROSSFADE_S, Finish, finished, write_clip
from multigan.blends import blend_name, shares_of
from multigan.errors import ConfigError
from multigan.interpolating import between
from multigan.outputs import publishing
from multigan.sampling import TrainedGenerator, condition_for, refuse_too_many, varied_latents
from multigan.sampling_settings import LARGEST_NUMBER, option_of
from multigan.video.files import write_animation
from recipes.kinds import kind_of_modality

MOST_STEPS = 100
_FRAMES_HZ = 8.0
_LEAST_SIDE = 256
_COLUMNS = 10


def exactly(value: float) -> str:
    """A number as a command reads it again, to the last digit: "0.5", "1"."""
    return repr(float(value)).removesuffix(".0")


@dataclass(frozen=True)
class End:
    """A sample: as its row in labels.csv names it."""

    seed: int
    number: int
    intensity: float = 1.0
    emotion: str = ""

    def __str__(self) -> str:
        named = f":{exactly(self.intensity)}:{self.emotion}" if self.emotion else ""
        return f"{self.seed}:{self.number}{named}"


def parse_end(text: str, labels: Sequence[str]) -> End:
    """ "0:3:0.8:joy" (seed, number, intensity, emotion or mix), or "0:3" of a run without labels; ConfigError otherwise."""
    parts = text.split(":", 3)
    wanted = "SEED:NUMBER:INTENSITY:EMOTION, such as 0:3:1:joy" if labels else "SEED:NUMBER, such as 0:3"
    if len(parts) != (4 if labels else 2):
        raise ConfigError(f"A sample of this run is written {wanted}; found {text!r}.")
    try:
        seed, number = int(parts[0]), int(parts[1])
        intensity = float(parts[2]) if labels else 1.0
    except ValueError as error:
        raise ConfigError(f"A sample of this run is written {wanted}; found {text!r}.") from error
    if not (0 <= seed < 2**63 and 0 <= number < LARGEST_NUMBER and 0 <= intensity <= 1):
        raise ConfigError(
            f"A seed is from 0 to 2^63 - 1, a number below {LARGEST_NUMBER:,} and an intensity from 0 to 1; found {text!r}."
        )
    return End(seed, number, intensity, blend_name(shares_of(labels, parts[3])) if labels else "")


def samples_between(trained: TrainedGenerator, first: End, last: End, n: int, options: Any) -> Tensor:
    """``n`` samples [N, ...]: latents go along the sphere and conditions on the line."""
    if trained.facts.condition_tensor:
        raise ConfigError(
            f"A run of the modality {trained.modality.name!r} makes samples of other samples: there is nothing between two "
            "of them."
        )
    default = type(options)()
    idle = [name for name in options.of_no_use_between() if getattr(options, name) != getattr(default, name)]
    if idle:
        them = "them" if len(idle) > 1 else "it"
        raise ConfigError(
            f"{listed([option_of(options, name) for name in idle])} would change nothing between two samples that are "
            f"named: leave {them} out."
        )
    refuse_too_many(trained.facts.sample_shape, n, "steps", "lower --steps")
    share = torch.linspace(0, 1, n)[:, None]
    start, end = (varied_latents(trained.network, one.seed, [one.number], options) for one in (first, last))
    conditions = None
    if trained.facts.labels:
        ends = [condition_for(trained.facts.labels, one.emotion, one.intensity) for one in (first, last)]
        conditions = ends[0].lerp(ends[1], share)
    return trained.sampling.generate(trained, between(start, end, share), conditions, options)


def suffixes(trained: TrainedGenerator) -> tuple[str, ...]:
    """What an interpolation of a run can be written as; the first is what it is by default."""
    kind = kind_of_modality(trained.modality) if trained.modality.kind is not None else None
    return (".png", *(suffix for suffix, (name, _) in _WRITERS.items() if _is(kind, name)))


def write_interpolation(
    trained: TrainedGenerator, first: End, last: End, n: int, options: Any, path: Path
) -> None:
    """Write the steps as a picture, or as what else the suffix says; ConfigError for one that is none of ``suffixes``."""
    allowed = suffixes(trained)
    if path.suffix not in allowed:
        raise ConfigError(
            f"An interpolation of this run is written as {' or '.join(allowed)}; found {path.name!r}."
        )
    if not 2 <= n <= MOST_STEPS:
        raise ConfigError(f"An interpolation has 2 to {MOST_STEPS} steps; found {n}.")
    samples = samples_between(trained, first, last, n, options)
    with publishing(path.parent) as stage:
        if path.suffix == ".png":
            trained.sampling.page(trained, samples, min(n, _COLUMNS), stage.folder / path.name, options)
        else:
            _WRITERS[path.suffix][1](trained, samples, options, stage.folder / path.name)


def _write_moving(trained: TrainedGenerator, samples: Tensor, options: Any, path: Path) -> None:
    """There and back, so that it goes on without a jump; small pictures pixel by pixel."""
    frames = np.stack(list(trained.modality.media(samples, trained.data)))
    frames = np.concatenate([frames, frames[-2:0:-1]])
    scale = max(1, _LEAST_SIDE // frames.shape[1])
    write_animation(frames.repeat(scale, 1).repeat(scale, 2), path, _FRAMES_HZ)


def _write_sound(trained: TrainedGenerator, samples: Tensor, options: Any, path: Path) -> None:
    """One step after the other, each running into the next."""
    clips = trained.modality.media(samples, trained.data)
    parts = [np.asarray(clip.waveform, np.float32) for clip in clips]
    rate_hz = clips[0].rate_hz
    write_clip(path, finished(parts, rate_hz, Finish(crossfade_s=CROSSFADE_S)), rate_hz)


def _is(kind: Kind | None, name: str) -> bool:
    return kind is not None and kind.name == name


_WRITERS: dict[str, tuple[str, Callable[[TrainedGenerator, Tensor, Any, Path], None]]] = {
    ".gif": ("image", _write_moving),
    ".wav": ("audio", _write_sound),
}
"""Suffix -> the kind of samples that have it, and what writes them."""
