"""The schedule of a generator whose condition is a sample: super-resolution, translation, bandwidth extension.

First the content terms alone, then both players, as SRGAN (arXiv:1609.04802, section 3.2) and ESRGAN (arXiv:1809.00219,
section 4.1) are trained; without the first stage it is pix2pix's (arXiv:1611.07004, eq. 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from torch import nn

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.objectives.terms import (
    ADVERSARIAL,
    DISCRIMINATOR_BACK,
    GENERATOR_BACK,
    TERMS,
    there_and_back,
    weighed_terms,
)
from multigan.penalties import PENALTIES, SlopePenalty
from multigan.protocols import SequenceGenerator
from multigan.ramps import Number, ends_of, value_of
from multigan.registry import unknown_name
from multigan.training.schedules import Plan, Schedule, both
from multigan.training.settings import TrainingSettings
from multigan.training.updates import Update

CONTENT = "content"
"""The stage of the content terms, and its optimiser."""
BACK = {"generator": GENERATOR_BACK, "discriminator": DISCRIMINATOR_BACK}
"""The networks of the way there -> those of the way back."""


@settings
class TranslationSettings:
    """Terms by name (``multigan.objectives.terms.TERMS``, and ``adversarial``) with their weights, in two stages."""

    content_samples: int = 0
    """Length of the stage in which the generator learns the content terms alone, in real samples; 0: none. Its optimiser is
    ``content``, and ``stages/content`` in the run folder keeps the generator that it ends with."""
    content: dict[str, Number] = field(default_factory=lambda: {"l1": 1.0})
    """Terms of that stage -> their weights, numbers or ramps."""
    terms: dict[str, Number] = field(default_factory=lambda: {ADVERSARIAL: 1.0, "l1": 100.0})
    """Terms of the generator's loss in the adversarial stage -> their weights; as they are by default, pix2pix's."""
    discriminator_repeat: int = 1
    """Steps of the discriminator for each of the generator."""
    both_ways: bool = False
    """Train the networks of the way back too (CycleGAN, arXiv:1703.10593): every term, loss and penalty is of both ways."""

    def __post_init__(self) -> None:
        for name, least in (("content_samples", 0), ("discriminator_repeat", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, found {getattr(self, name)}")
        for stage, more in (("content", ()), ("terms", (ADVERSARIAL,))):
            weights: dict[str, Number] = getattr(self, stage)
            for name, weight in weights.items():
                if name not in (*TERMS, *more):
                    raise ValueError(f"{stage}: {unknown_name('term', name, [*more, *TERMS])}")
                if not min(ends_of(weight)) >= 0:
                    raise ValueError(f"{stage}.{name} is a weight of at least 0, found {ends_of(weight)}")
            if not weights:
                raise ValueError(f"{stage} names at least one of the terms {', '.join((*more, *TERMS))}")
        if ADVERSARIAL not in self.terms:
            raise ValueError(
                f"terms lacks {ADVERSARIAL}, without which nothing is adversarial; for the content terms alone set "
                "content_samples, and training.samples=0"
            )


def _lengths(own: TranslationSettings, training: TrainingSettings) -> dict[str, int]:
    return {CONTENT: own.content_samples, "adversarial": training.samples}


def _updates(own: TranslationSettings, plan: Plan) -> dict[str, tuple[Update, ...]]:
    total = own.content_samples + plan.training.samples

    def weights(terms: dict[str, Number]) -> dict[str, Any]:
        return {name: value_of(weight, total) for name, weight in terms.items()}

    alone = Update(CONTENT, ("generator",), weighed_terms(plan.loss, weights(own.content)), optimiser=CONTENT)
    adversarial = both(plan, weighed_terms(plan.loss, weights(own.terms)), own.discriminator_repeat)
    if own.both_ways:
        return {CONTENT: _both_ways((alone,)), "adversarial": _both_ways(adversarial)}
    return {CONTENT: (alone,), "adversarial": adversarial}


def _both_ways(updates: tuple[Update, ...]) -> tuple[Update, ...]:
    return tuple(
        replace(
            update,
            trains=(*update.trains, *(BACK[name] for name in update.trains)),
            objective=there_and_back(update.objective),
        )
        for update in updates
    )


def _check(
    own: TranslationSettings, training: TrainingSettings, networks: Mapping[str, nn.Module], which: str
) -> None:
    if not training.samples and not own.content_samples:
        raise ConfigError("training.samples must be at least 1 where schedule.content_samples is 0, found 0.")
    if isinstance(networks["generator"], SequenceGenerator):
        raise ConfigError(
            f"The schedule translation compares fakes with real samples number by number, and {which} makes tokens; set "
            "training.schedule.name to sequence."
        )
    if own.both_ways:
        _require_both_ways(training, networks, which)
    used = [*(own.content if own.content_samples else ()), *own.terms]
    for term in (TERMS[name] for name in used if name != ADVERSARIAL):
        if term.network == GENERATOR_BACK and not own.both_ways:
            raise ConfigError(
                f"The term {term.name} is of the way there and back: set training.schedule.both_ways=true, or leave it out."
            )
        if term.network is not None and term.network not in networks:
            raise ConfigError(
                f"The term {term.name} needs a network named {term.network}, and the architecture has "
                f"{', '.join(networks)}: leave the term out of training.schedule, or choose another architecture."
            )


def _require_both_ways(training: TrainingSettings, networks: Mapping[str, nn.Module], which: str) -> None:
    lacking = [name for name in BACK.values() if name not in networks]
    if lacking:
        raise ConfigError(
            f"training.schedule.both_ways trains {' and '.join(BACK.values())}, and the networks of {which} are "
            f"{', '.join(networks)}: set architecture.name=cycle, or both_ways=false."
        )
    for item in training.penalties:
        if not isinstance(PENALTIES[item.name](), SlopePenalty):
            raise ConfigError(
                f"The penalty {item.name} cannot be of both ways at once; with training.schedule.both_ways take one of the "
                f"slopes {', '.join(name for name in PENALTIES if isinstance(PENALTIES[name](), SlopePenalty))}."
            )


def _optimisers(own: TranslationSettings) -> dict[str, tuple[str, ...]]:
    def owners(name: str) -> tuple[str, ...]:
        return (name, BACK[name]) if own.both_ways else (name,)

    content = {CONTENT: owners("generator")} if own.content_samples else {}
    return {name: owners(name) for name in BACK} | content


TRANSLATION = Schedule(
    "translation",
    TranslationSettings,
    _lengths,
    _updates,
    _check,
    _optimisers,
)
