"""Schedules by name: which stages a run has, which updates these take, and what is asked of the networks for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from multigan.config import load, settings, to_dict
from multigan.errors import ConfigError
from multigan.losses import LOSSES, AdversarialLoss
from multigan.objectives import Objective, Weight
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import penalise, together, weighed
from multigan.objectives.sequence import BASELINES, importance, likelihood, policy_gradient, relaxed
from multigan.penalties import LeCam, Mismatch, Penalty, SlopePenalty
from multigan.protocols import RelaxedGenerator, SequenceGenerator
from multigan.registry import Registry
from multigan.training.settings import TrainingSettings
from multigan.training.updates import Update


@dataclass(frozen=True)
class Chosen:
    """A penalty of the run with its weight and how often it is applied."""

    penalty: Penalty
    weight: Weight
    every: int


@dataclass(frozen=True)
class Plan:
    """What a schedule makes its updates from."""

    training: TrainingSettings
    loss: AdversarialLoss
    classification: Weight
    penalties: tuple[Chosen, ...]


@dataclass(frozen=True)
class Schedule:
    """Stages by name, with settings of its own, and ``check(settings, training, networks, which)``."""

    name: str
    settings: type
    lengths: Callable[[Any, TrainingSettings], dict[str, int]]
    """(settings, training) -> name of each stage, in their order -> its length in real samples; 0: it is left out."""
    updates: Callable[[Any, Plan], dict[str, tuple[Update, ...]]]
    """(settings, plan) -> name of each stage -> the updates of its steps."""
    check: Callable[[Any, TrainingSettings, Mapping[str, nn.Module], str], None]
    """ConfigError where the networks of an architecture, in words ``which``, do not fit."""
    optimisers: Callable[[Any], Mapping[str, str | tuple[str, ...]]]
    """(settings) -> name of each optimiser that the stages step with -> the network it steps, or several of them."""
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name of an optimiser -> settings of it that differ from its rule's own."""
    whole: Callable[[Any], dict[str, Any]] = to_dict
    """Settings as plain values, with every default in them."""
    batches: Callable[[Any], dict[str, int]] = lambda own: {}
    """(settings) -> name of a stage -> its batch, where that is not the run's."""
    hooks: Callable[[Any, TrainingSettings, Mapping[str, nn.Module]], Sequence[Any]] = (
        lambda own, training, networks: ()
    )
    """(settings, training, networks) -> what else happens beside the steps; made before anything copies the networks."""


def both(plan: Plan, generator: Objective, repeat: int, eager_generator: bool = False) -> tuple[Update, ...]:
    """Generator, its lazy penalties, discriminator, its lazy penalties: the order of one step (arXiv:1912.04958).

    A penalty of every step joins the loss of its network (WGAN-GP, arXiv:1704.00028 eq. 3), so that both are one step of
    the optimiser; a slope at the discriminator's samples, and what needs its logits alone, share the loss's passes.
    """
    updates: list[Update] = []
    for network, n in (("generator", 1), ("discriminator", repeat)):
        own = [item for item in plan.penalties if item.penalty.network == network]
        joined = [item for item in own if item.every == 1]
        shared = [item for item in joined if isinstance(item.penalty, SlopePenalty | LeCam | Mismatch)]
        beside = [penalise(item.penalty, item.weight) for item in joined if item not in shared]
        if network == "generator":
            main, eager = generator, eager_generator
        else:
            sharing = [
                (item.penalty, item.weight)
                for item in shared
                if isinstance(item.penalty, SlopePenalty | LeCam | Mismatch)
            ]
            main, eager = discriminator(plan.loss, plan.classification, sharing), False
        eager = eager or any(item.penalty.twice for item in joined)
        updates.append(Update(network, (network,), together(main, *beside), repeat=n, eager=eager))
        updates += [
            Update(
                item.penalty.name,
                (network,),
                penalise(item.penalty, item.weight),
                every=item.every,
                repeat=n,
                eager=item.penalty.twice,
            )
            for item in own
            if item.every > 1
        ]
    return tuple(updates)


# ---- adversarial ----


@settings
class AdversarialSettings:
    """Both players, the gradient of the generator flowing through the discriminator; before, the discriminator alone."""

    discriminator_samples: int = 0
    """Length of the stage in which the discriminator learns alone, in real samples; 0: none."""
    discriminator_repeat: int = 1
    """Steps of the discriminator for each of the generator, each on real samples of its own (WGAN: 5)."""

    def __post_init__(self) -> None:
        _at_least(self, discriminator_samples=0, discriminator_repeat=1)


def _at_least(own: Any, **least: int) -> None:
    for name, value in least.items():
        if getattr(own, name) < value:
            raise ValueError(f"{name} must be at least {value}, found {getattr(own, name)}")


def _adversarial_lengths(own: AdversarialSettings, training: TrainingSettings) -> dict[str, int]:
    return {"discriminator": own.discriminator_samples, "adversarial": training.samples}


def _adversarial_updates(own: AdversarialSettings, plan: Plan) -> dict[str, tuple[Update, ...]]:
    updates = both(plan, pathwise(plan.loss, plan.classification), own.discriminator_repeat)
    return {"discriminator": _alone(updates), "adversarial": updates}


def _alone(updates: Sequence[Update]) -> tuple[Update, ...]:
    return tuple(update for update in updates if "discriminator" in update.trains)


def _check_adversarial(
    own: AdversarialSettings, training: TrainingSettings, networks: Mapping[str, nn.Module], which: str
) -> None:
    if not training.samples:
        raise ConfigError("training.samples must be at least 1, found 0; give the length of the run.")
    if isinstance(networks["generator"], SequenceGenerator):
        raise ConfigError(
            f"No gradient flows through the tokens of {which}; set training.schedule.name to sequence, with one of the "
            "objectives policy_gradient, importance or relaxed."
        )


# ---- sequence ----


@settings
class PolicyGradientSettings:
    """SeqGAN's update (arXiv:1609.05473)."""

    n_rollouts: int = 16
    """Completions of each prefix."""
    lag: float = 0.8
    """How much of itself the rollout policy keeps at each update."""
    baseline: str = "leave_one_out"
    """What is taken from the rewards: leave_one_out or none."""

    def __post_init__(self) -> None:
        if self.n_rollouts < 1 or not 0 <= self.lag < 1:
            raise ValueError(
                f"n_rollouts is at least 1 and lag at least 0 and below 1, found {self.n_rollouts} and {self.lag}"
            )
        if self.baseline not in BASELINES:
            raise ValueError(f"baseline is one of {', '.join(BASELINES)}, found {self.baseline!r}")


@settings
class ImportanceSettings:
    """MaliGAN's update (arXiv:1702.07983), which has no settings."""


@settings
class RelaxedSettings:
    """Straight-through Gumbel-softmax (arXiv:1611.01144)."""

    temperature: float = 1.0
    """Of the relaxation."""

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"temperature must be above 0, found {self.temperature}")


@dataclass(frozen=True)
class SequenceObjective:
    """How a generator of tokens gets its gradient: settings, ``build(settings, plan)``, and what it needs."""

    name: str
    settings: type
    build: Callable[[Any, Plan], Objective]
    needs_log_odds: bool
    compares: Callable[[Any], bool]
    """Whether it compares the samples of a part of a batch with each other."""
    protocol: type
    lacks: str
    """What a generator without the protocol lacks, for a message."""


_SEQUENCE_NEEDS = "log_prob and complete"
SEQUENCE_OBJECTIVES: Registry[SequenceObjective] = Registry(
    "objective of sequences",
    {
        "policy_gradient": SequenceObjective(
            "policy_gradient", PolicyGradientSettings,
            lambda own, plan: policy_gradient(own.n_rollouts, BASELINES[own.baseline], own.lag),
            True, lambda own: own.baseline == "leave_one_out", SequenceGenerator, _SEQUENCE_NEEDS,
        ),
        "importance": SequenceObjective(
            "importance", ImportanceSettings, lambda own, plan: importance(),
            True, lambda own: True, SequenceGenerator, _SEQUENCE_NEEDS,
        ),
        "relaxed": SequenceObjective(
            "relaxed", RelaxedSettings, lambda own, plan: relaxed(plan.loss, plan.classification, own.temperature),
            False, lambda own: False, RelaxedGenerator, "relax(n, condition, temperature)",
        ),
    },
)  # fmt: skip


@settings
class SequenceSettings:
    """Stages of a generator of tokens: maximum likelihood, the discriminator alone, and both players."""

    likelihood_samples: int = 0
    """Length of the stage of maximum likelihood, in real samples; 0: none. Its optimiser is ``likelihood``."""
    discriminator_samples: int = 0
    """Length of the stage in which the discriminator learns alone; 0: none."""
    discriminator_repeat: int = 1
    """Steps of the discriminator for each of the generator."""
    objective: dict[str, Any] = field(default_factory=lambda: {"name": "policy_gradient"})
    """How the generator gets its gradient: {name: policy_gradient | importance | relaxed, ...its own settings}."""
    likelihood_weight: float = 0.0
    """The weight of the likelihood of real sequences beside the adversarial loss; 0: none."""

    def __post_init__(self) -> None:
        _at_least(self, likelihood_samples=0, discriminator_samples=0, discriminator_repeat=1)
        if not self.likelihood_weight >= 0:
            raise ValueError(f"likelihood_weight is at least 0, found {self.likelihood_weight}")


def named(registry: Registry[Any], raw: Mapping[str, Any], source: str) -> tuple[Any, Any]:
    """The entry that ``raw`` names and its own settings from the other keys; ConfigError where they do not fit."""
    if "name" not in raw:
        raise ConfigError(f"{source}.name is missing; choose one of {', '.join(registry)}.")
    entry = registry[raw["name"]]
    own = {key: value for key, value in raw.items() if key != "name"}
    return entry, load(entry.settings, own, f"{source} {raw['name']}")


def _objective_of(own: SequenceSettings) -> tuple[SequenceObjective, Any]:
    raw = {"name": "policy_gradient", **own.objective}
    return named(SEQUENCE_OBJECTIVES, raw, "training.schedule.objective")


def _whole_sequence(own: SequenceSettings) -> dict[str, Any]:
    entry, options = _objective_of(own)
    return {**to_dict(own), "objective": {"name": entry.name, **to_dict(options)}}


def _sequence_lengths(own: SequenceSettings, training: TrainingSettings) -> dict[str, int]:
    return {
        "likelihood": own.likelihood_samples,
        "discriminator": own.discriminator_samples,
        "adversarial": training.samples,
    }


def _sequence_updates(own: SequenceSettings, plan: Plan) -> dict[str, tuple[Update, ...]]:
    entry, options = _objective_of(own)
    objective = entry.build(options, plan)
    if own.likelihood_weight:
        objective = together(objective, weighed(likelihood(), own.likelihood_weight))
    updates = both(plan, objective, own.discriminator_repeat, eager_generator=True)
    teach = Update("likelihood", ("generator",), likelihood(), optimiser="likelihood")
    return {"likelihood": (teach,), "discriminator": _alone(updates), "adversarial": updates}


def _check_sequence(
    own: SequenceSettings, training: TrainingSettings, networks: Mapping[str, nn.Module], which: str
) -> None:
    """ConfigError where an objective asks of the generator, or of the loss, what it cannot give."""
    generator = networks["generator"]
    if not training.samples and not own.likelihood_samples:
        raise ConfigError(
            "training.samples must be at least 1 where schedule.likelihood_samples is 0, found 0."
        )
    entry, options = _objective_of(own)
    likely = (own.likelihood_samples or own.likelihood_weight) and not isinstance(
        generator, SequenceGenerator
    )
    if likely or not isinstance(generator, entry.protocol):
        asked, lacks = (
            ("Likelihood", _SEQUENCE_NEEDS) if likely else (f"The objective {entry.name}", entry.lacks)
        )
        raise ConfigError(
            f"{asked} needs a generator of token sequences with {lacks}, which {which} lacks: set "
            "training.schedule.name to adversarial, or choose another objective or architecture."
        )
    if training.penalties:
        raise ConfigError(
            f"The penalty {training.penalties[0].name} differentiates by samples, and those of {which} are tokens; leave "
            "training.penalties out."
        )
    n = training.batch // training.accumulate
    if entry.compares(options) and n < 2:
        raise ConfigError(
            f"The objective {entry.name} compares the samples of a batch, and a part of it has {n}; raise training.batch or "
            "lower training.accumulate to have 2 or more."
        )
    if entry.needs_log_odds and not LOSSES[training.loss].log_odds:
        raise ConfigError(
            f"The objective {entry.name} reads P(real) from the logits, which the {training.loss} loss does not make "
            f"log-odds; choose one of the losses {losses_with('log_odds')}, or schedule.objective.name=relaxed."
        )


def losses_with(fact: str) -> str:
    """The names of the losses of which a fact of their records is true."""
    return ", ".join(sorted(name for name in LOSSES if getattr(LOSSES[name], fact)))


_PLAYERS = {"generator": "generator", "discriminator": "discriminator"}
SCHEDULES: Registry[Schedule] = Registry(
    "schedule",
    {
        "adversarial": Schedule(
            "adversarial", AdversarialSettings, _adversarial_lengths, _adversarial_updates, _check_adversarial,
            lambda own: dict(_PLAYERS),
        ),
        "sequence": Schedule(
            "sequence", SequenceSettings, _sequence_lengths, _sequence_updates, _check_sequence,
            lambda own: {**_PLAYERS, **({"likelihood": "generator"} if own.likelihood_samples else {})},
            {"likelihood": {"lr": 0.01}}, _whole_sequence,
        ),
        "progressive": "multigan.training.progressive:PROGRESSIVE",
        "translation": "multigan.training.translation:TRANSLATION",
    },
)  # fmt: skip


def schedule_of(training: TrainingSettings) -> tuple[Schedule, Any]:
    """The schedule of a run (adversarial where none is named) and its settings; ConfigError where they do not fit."""
    return named(SCHEDULES, {"name": "adversarial", **training.schedule}, "training.schedule")
