"""What a page asks of a run: checked, as options of its modality, and as the command that makes the same."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from multigan.modality import MODALITIES
from multigan.sampling import TrainedGenerator, refuse_too_many
from multigan.sampling_settings import LARGEST_NUMBER, SamplingSettings
from recipes.asked import asked_for
from recipes.commands.headings import modality_flags
from recipes.hub.fetch import name_of
from recipes.interpolation import exactly
from recipes.settings import sampling_options
from recipes.studio.words import StudioError

MOST_SHOWN = 64
"""Samples on a page at a time."""
LONGEST_S = 60.0
"""Of a sound that a page asks for."""
OFFERED = (
    "variation", "truncation", "style_mix", "direction", "temperature", "top_p", "duration_s", "loop", "normalise", "format",
    "curve", "video_format",
)  # fmt: skip
"""The settings that a page may ask for. The filter of texts, which may be a file or code, is none of them."""


@dataclass(frozen=True)
class Dials:
    """Samples of a run, by the name that ``Studio.runs`` has for it."""

    run: str
    emotion: str = ""
    """A label or a mix; "" of a run without labels."""
    intensity: float = 1.0
    seed: int = 0
    numbers: tuple[int, ...] = (0,)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of ``OFFERED``, those that are not as they are by default."""

    def with_settings(self, **more: Any) -> Self:
        """With more settings; None takes one away."""
        return replace(
            self,
            settings={name: value for name, value in {**self.settings, **more}.items() if value is not None},
        )

    @property
    def group(self) -> tuple[object, ...]:
        """What samples of one command have in common."""
        return (self.run, self.emotion, self.intensity, self.seed, tuple(sorted(self.settings.items())))


def checked(trained: TrainedGenerator, dials: Dials) -> tuple[Dials, SamplingSettings]:
    """The dials with the mix as a command writes it, and the options they are; ConfigError for what nobody may ask."""
    if trained.facts.condition_tensor:
        raise StudioError("of_files", modality=trained.modality.name)
    if not 1 <= len(dials.numbers) <= MOST_SHOWN:
        raise StudioError("too_many", most=MOST_SHOWN, n=len(dials.numbers))
    if not 0 <= dials.seed < 2**63 or not all(0 <= number < LARGEST_NUMBER for number in dials.numbers):
        raise StudioError("seed_range", found=dials.seed)
    unknown = [name for name in dials.settings if name not in OFFERED]
    if unknown:
        raise StudioError("cannot_set", names=", ".join(map(repr, unknown)))
    duration = dials.settings.get("duration_s")
    if duration is not None and not 0 < duration <= LONGEST_S:
        raise StudioError("too_long", most=LONGEST_S)
    labels = asked_for(trained.facts.labels, (dials.emotion,) if dials.emotion else (), None, None)
    dials = replace(dials, emotion=labels[0] if labels else "")
    raw = {"per_label": len(dials.numbers), "intensity": dials.intensity, **dials.settings}
    if by_number(trained):
        raw["only"] = dials.numbers
    options = sampling_options(trained.modality, raw, "the studio")
    trained.sampling.check(trained.network, options)
    refuse_too_many(trained.facts.sample_shape, options.per_label)
    return dials, options


def by_number(trained: TrainedGenerator) -> bool:
    """Whether a sample can be made alone: a modality from outside may draw some at a time in a way of its own."""
    return trained.modality.name in MODALITIES


def words_of(trained: TrainedGenerator, dials: Dials, path: Path, out: str | None = None) -> list[str]:
    """The command that makes the same samples, as words."""
    words = ["multigan", "sample", name_of(path)]
    if dials.emotion:
        words += ["--emotion", dials.emotion]
    chosen = dict(dials.settings)
    curve = chosen.pop("curve", None)
    if not dials.emotion:
        pass  # of what has no emotion it would say nothing
    elif curve is not None:
        words += [
            "--intensity",
            curve,
            *(["--set", f"intensity={exactly(dials.intensity)}"] if dials.intensity != 1 else []),
        ]
    elif dials.intensity != 1:
        words += ["--intensity", exactly(dials.intensity)]
    words += ["--seed", str(dials.seed)]
    words += ["--only", as_ranges(dials.numbers)] if by_number(trained) else ["--n", str(len(dials.numbers))]
    return [*words, *flags_of(chosen), *plugin_of(trained), *(["--out", out] if out else [])]


def plugin_of(trained: TrainedGenerator) -> list[str]:
    """What lets a command import a run's modality where that is code of a package that is named in full."""
    name = trained.facts.modality
    return ["--plugin", name.partition(":")[0].partition(".")[0]] if ":" in name else []


def flags_of(settings: Mapping[str, Any]) -> list[str]:
    """Settings of samples as flags of a command."""
    flags = {"variation": "--variation"} | {flag.key: flag.option.opts[0] for flag in modality_flags()}
    words: list[str] = []
    for name, value in settings.items():
        if value is True:
            words.append(flags[name])
        elif value is not False:
            words += [flags[name], exactly(value) if isinstance(value, float) else str(value)]
    return words


def command(words: list[str]) -> str:
    """Words as a line for a shell."""
    return shlex.join(words)


def as_ranges(numbers: tuple[int, ...]) -> str:
    """ "0-2,7": numbers as ``--only`` takes them, in their order."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)


def whole_number(value: object, of: str) -> int:
    """A number of a page as an int; ConfigError for what is none, which says by its key in the words what it is ``of``."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or value != int(value)
    ):
        raise StudioError("not_whole", of=of, found=str(value)[:40])
    return int(value)
