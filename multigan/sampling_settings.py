"""What a person may ask of samples: settings that a recipe's ``sampling`` holds and ``multigan sample`` makes its flags of.

A modality has a class of its own, which adds to ``SamplingSettings``. It lies in a module that imports no torch, since
``multigan sample --help`` reads it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from multigan.config import settings

LARGEST_NUMBER = 1_000_000
"""Of a sample: beyond it lie the latents of what takes the place of a sample, or makes it longer."""
LEVELS = ("coarse", "middle", "fine")
"""Thirds of a generator's layers: of faces about pose and shape, features, and colours (arXiv:1812.04948, section 3.1)."""


@dataclass(frozen=True)
class Flag:
    """How ``multigan sample`` offers a setting; the type of the setting is that of the flag."""

    name: str
    help: str
    metavar: str | None = None


def option_of(options: Any, name: str) -> str:
    """How a person gives a setting to a command: its flag, or --set NAME."""
    flag = type(options).__dataclass_fields__[name].metadata.get("flag")
    return flag.name if flag else f"--set {name}"


def flagged(default: Any, name: str, help: str, metavar: str | None = None) -> Any:
    """A setting with a default that ``multigan sample`` offers as the flag ``name``."""
    return field(default=default, metadata={"flag": Flag(name, help, metavar)})


@settings
class SamplingSettings:
    """What is drawn of every modality, at the end of a run and by ``multigan sample``."""

    per_label: int = 16
    """Samples of each label, or in all where there are no labels."""
    intensity: float = 1.0
    """How strong the label is, from 0 to 1."""
    variation: float = 1.0
    """How far samples are from the first of their seed, along the sphere of latents: 1 as they are drawn, 0 all like it."""
    only: tuple[int, ...] | None = None
    """The numbers of the ``per_label`` samples that are drawn; None: the first."""

    def __post_init__(self) -> None:
        if not 0 <= self.variation <= 1:
            raise ValueError(f"variation is from 0 to 1, found {self.variation}")
        if self.only is not None and (
            len({*self.only}) != self.per_label
            or not all(0 <= number < LARGEST_NUMBER for number in self.only)
        ):
            raise ValueError(
                f"only names per_label different numbers below {LARGEST_NUMBER:,}, found {self.only} and {self.per_label}"
            )
        if self.per_label < 1 or not 0 <= self.intensity <= 1:
            raise ValueError(
                f"per_label is at least 1 and intensity in [0, 1], found {self.per_label} and {self.intensity}"
            )

    def measured(self) -> Self:
        """The settings under which the evaluation measures: samples as the generator makes them."""
        return type(self)()

    def distinctions(self) -> dict[str, object]:
        """The settings that make another sample of the same label, seed and index, where they are not the default."""
        default = type(self)()
        names = [item.name for item in fields(self) if item.name not in ("per_label", "only")]
        chosen = {name: getattr(self, name) for name in names}
        return {name: value for name, value in chosen.items() if value != getattr(default, name)}

    def numbers(self, n: int) -> Sequence[int]:
        """Of the ``n`` samples that are drawn: sample i of a seed has the latent of (seed, i)."""
        return range(n) if self.only is None else self.only

    @classmethod
    def of_no_use_between(cls) -> tuple[str, ...]:
        """Settings that change no step from a sample to another, both of which are named: which samples are drawn, and what
        is made of them in their files."""
        return ("per_label", "intensity", "only")

    def columns(self) -> dict[str, object]:
        """What a table of samples says of each beside its label, intensity, seed and index."""
        return {} if self.variation == 1 else {"variation": self.variation}

    def refuse_in_recipe(self) -> None:
        """ValueError for what a recipe cannot have: code, since it may be someone else's, or what a run only has when it is
        trained."""
        if self.only is not None:
            raise ValueError(
                "only chooses among samples that are there: leave it out, and give multigan sample --only"
            )


@settings
class TruncatedSampling(SamplingSettings):
    """Of generators with styles (``multigan.protocols.StyleGenerator``)."""

    truncation: float = flagged(
        1.0, "--truncation", "Below 1 draws towards the label's mean: safer and less varied [default: 1]."
    )
    direction: str | None = flagged(
        None,
        "--direction",
        "Steer by directions that `multigan directions RUN` finds, such as joy:2 or joy:1,sefa-3:-2.",
        "NAME:STRENGTH",
    )
    style_mix: str | None = flagged(
        None,
        "--style-mix",
        "Take the coarse, middle or fine styles from the first sample of another seed, such as fine:7 or coarse:7,fine:9.",
        "LEVEL:SEED",
    )
    reject: Literal["discriminator", "label"] | None = flagged(
        None,
        "--reject",
        "Draw again what the discriminator takes for generated (arXiv:1810.06758), or what is not read as its label.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.truncation >= 0:
            raise ValueError(f"truncation is at least 0, found {self.truncation}")
        if self.direction is not None:
            parse_strengths(self.direction)
        if self.style_mix is not None:
            parse_mix(self.style_mix)

    @classmethod
    def of_no_use_between(cls) -> tuple[str, ...]:
        return (*super().of_no_use_between(), "reject")

    def columns(self) -> dict[str, object]:
        chosen = {"direction": self.direction, "style_mix": self.style_mix, "reject": self.reject}
        own = {name: value for name, value in chosen.items() if value}
        return {"truncation": self.truncation, **super().columns(), **own}

    def refuse_in_recipe(self) -> None:
        super().refuse_in_recipe()
        if self.direction is not None:
            raise ValueError(
                f"direction is of a trained run, and a recipe has none yet: leave {self.direction!r} out, and give it to "
                "`multigan sample RUN --direction`"
            )
        if self.reject is not None:
            raise ValueError(
                f"what is rejected is decided of a trained run: leave reject: {self.reject} out, and give it to "
                "`multigan sample RUN --reject`"
            )


def parse_strengths(asked: str) -> dict[str, float]:
    """ "joy:2,sefa-3:-1.5" -> name: strength; ValueError for anything else."""
    strengths: dict[str, float] = {}
    for part in asked.split(","):
        name, _, written = part.rpartition(":")
        name = name.strip()
        try:
            strength = float(written)
        except ValueError:
            strength = math.nan
        if not name or not math.isfinite(strength):
            raise ValueError(
                f"a direction is written NAME:STRENGTH, such as joy:2 or joy:1,sefa-3:-2, found {part!r}"
            )
        if name in strengths:
            raise ValueError(f"the direction {name!r} has a strength twice; write one")
        strengths[name] = strength
    return strengths


def parse_mix(asked: str) -> dict[str, int]:
    """ "coarse:7,fine:9" -> level: seed; ValueError for anything else."""
    seeds: dict[str, int] = {}
    for part in asked.split(","):
        level, _, written = (word.strip() for word in part.partition(":"))
        if level not in LEVELS or not written.isascii() or not written.isdecimal() or int(written) >= 2**63:
            raise ValueError(
                f"a mix of styles is written LEVEL:SEED with a level of {', '.join(LEVELS)}, such as fine:7, found {part!r}"
            )
        if level in seeds:
            raise ValueError(f"the level {level!r} has a seed twice; write one")
        seeds[level] = int(written)
    return seeds


def layers_of(level: str, n_layers: int) -> slice:
    """The layers of one of ``LEVELS``: the first, second or last third of ``n_layers``."""
    third = LEVELS.index(level)
    return slice(round(third * n_layers / 3), round((third + 1) * n_layers / 3))
