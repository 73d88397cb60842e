"""The schedule of progressive growing (PGGAN, arXiv:1710.10196): a stage for each resolution, and what grows networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.objectives.adversarial import pathwise
from multigan.protocols import Grows
from multigan.training.schedules import Plan, Schedule, both
from multigan.training.settings import TrainingSettings
from multigan.training.updates import Stage, Update

if TYPE_CHECKING:
    from multigan.training.trainer import Trainer


@settings
class ProgressiveSettings:
    """Both players at one resolution after the other (arXiv:1710.10196, section 2 and appendix A.1)."""

    resolutions: tuple[int, ...] = (4, 8, 16, 32)
    """Sides of the images, or numbers of frames of clips, each twice the one before; the last is the data's."""
    phases: tuple[float, ...] = ()
    """Relative lengths of the phases that training.samples are shared among: the first resolution, then of each next one
    its fade and its stay. None given: all alike; in the paper all are, but for the last stay."""
    batches: tuple[int, ...] = ()
    """The batch at each resolution; none given: training.batch at all."""
    discriminator_repeat: int = 1
    """Steps of the discriminator for each of the generator."""

    def __post_init__(self) -> None:
        if self.discriminator_repeat < 1:
            raise ValueError(f"discriminator_repeat must be at least 1, found {self.discriminator_repeat}")
        sides = self.resolutions
        if len(sides) < 2 or sides[0] < 2 or any(b != 2 * a for a, b in pairwise(sides)):
            raise ValueError(
                f"resolutions are two or more sides, each twice the one before, found {list(sides)}"
            )
        for name, n, what in (("phases", self.n_phases, "phases"), ("batches", len(sides), "resolutions")):
            values = getattr(self, name)
            if values and (len(values) != n or not all(0 < value < math.inf for value in values)):
                raise ValueError(
                    f"{name} are one number above 0 for each of the {n} {what}, or none, found {list(values)}"
                )

    @property
    def n_phases(self) -> int:
        """Of R resolutions, 2 R - 1."""
        return 2 * len(self.resolutions) - 1

    def ends(self, samples: int) -> list[int]:
        """Where each phase of a run of so many samples ends."""
        phases = self.phases or (1.0,) * self.n_phases
        return [round(samples * end / sum(phases)) for end in accumulate(phases)]


def level_at(own: ProgressiveSettings, samples: int, samples_seen: int) -> float:
    """The level after so many of all samples: it rises by one in each fade, and stays between."""
    first = math.log2(own.resolutions[0])
    levels = [first, *(first + (phase + 1) // 2 for phase in range(own.n_phases))]
    return float(np.interp(samples_seen, [0, *own.ends(samples)], levels))


class Growth:
    """A hook that grows all networks that can to the level of the moment, a function of the samples seen alone."""

    name = "growth"

    def __init__(self, networks: Mapping[str, nn.Module], level: Callable[[int], float]) -> None:
        self._networks = [network for network in networks.values() if isinstance(network, Grows)]
        self._level = level
        self._now = -1.0
        self._grow(0)

    def _grow(self, samples_seen: int) -> None:
        level = self._level(samples_seen)
        if level != self._now:
            for network in self._networks:
                network.grow(level)
        self._now = level

    def before_step(self, trainer: Trainer, stage: Stage) -> None:
        self._grow(trainer.samples_seen)

    def signals(self) -> dict[str, float]:
        return {"level": self._now}


def _lengths(own: ProgressiveSettings, training: TrainingSettings) -> dict[str, int]:
    ends = own.ends(training.samples)[::2]  # a resolution's stage is its fade and its stay
    return {name: end - begin for name, (begin, end) in zip(_names(own), pairwise([0, *ends]), strict=True)}


def _names(own: ProgressiveSettings) -> list[str]:
    return [f"{side}x{side}" for side in own.resolutions]


def _updates(own: ProgressiveSettings, plan: Plan) -> dict[str, tuple[Update, ...]]:
    updates = both(plan, pathwise(plan.loss, plan.classification), own.discriminator_repeat)
    return dict.fromkeys(_names(own), updates)


def _check(
    own: ProgressiveSettings, training: TrainingSettings, networks: Mapping[str, nn.Module], which: str
) -> None:
    generator = networks["generator"]
    if not isinstance(generator, Grows):
        raise ConfigError(
            f"The schedule progressive grows networks, and {which} has one resolution: choose the architecture progressive, "
            "or set training.schedule.name to adversarial."
        )
    if min(b - a for a, b in pairwise([0, *own.ends(training.samples)])) < 1:
        raise ConfigError(
            f"training.samples is {training.samples}, which leaves a phase of training.schedule without any; give more."
        )
    lowest, highest = (2**level for level in generator.levels)
    if own.resolutions[0] < lowest or own.resolutions[-1] != highest:
        raise ConfigError(
            f"training.schedule.resolutions end at {own.resolutions[-1]}, and the networks begin at {lowest} and end at "
            f"{highest} (data.resolution; of videos data.frames): give {_doubling(lowest, highest)}."
        )


def _doubling(lowest: int, highest: int) -> list[int]:
    n = (highest // lowest).bit_length()
    return list(accumulate([lowest] + [2] * (n - 1), lambda side, two: side * two))


def _batches(own: ProgressiveSettings) -> dict[str, int]:
    return dict(zip(_names(own), own.batches, strict=False))


def _hooks(
    own: ProgressiveSettings, training: TrainingSettings, networks: Mapping[str, nn.Module]
) -> Sequence[Any]:
    return [Growth(networks, partial(level_at, own, training.samples))]


PROGRESSIVE = Schedule(
    "progressive",
    ProgressiveSettings,
    _lengths,
    _updates,
    _check,
    lambda own: {"generator": "generator", "discriminator": "discriminator"},
    batches=_batches,
    hooks=_hooks,
)
