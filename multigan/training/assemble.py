"""Settings -> networks, updates, hooks: a trainer ready to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from torch import nn

from multigan.config import to_dict
from multigan.errors import ConfigError
from multigan.game import Game, PseudoAugment
from multigan.losses import LOSSES
from multigan.modality import Modality, build_networks
from multigan.normalisation import BatchNorm
from multigan.penalties import PENALTIES, Consistency, FiniteDifferenceR1, SlopePenalty
from multigan.precision import choose_precision
from multigan.protocols import (
    ClassifyingDiscriminator,
    Dataset,
    Layered,
    Pretrained,
    Represents,
    StyleGenerator,
    condition_shape_of,
    is_of_labels,
)
from multigan.ramps import Number, value_of
from multigan.registry import unknown_name
from multigan.spectral import normalise
from multigan.training.augmenting import augmentation_of, require_undecided_zero, settled
from multigan.training.chance import seed_all
from multigan.training.encoding import fitted
from multigan.training.hooks.ada import AdaptiveProbability, RampedProbability
from multigan.training.hooks.ema import ExponentialMovingAverage
from multigan.training.monitors.table import MONITORS
from multigan.training.monitors.watch import Monitor
from multigan.training.optimisers import OPTIMISERS, Optimiser
from multigan.training.plays import PLAYS
from multigan.training.schedules import SCHEDULES, Chosen, Plan, Schedule, named, schedule_of
from multigan.training.settings import AdaptiveSettings, PenaltySettings, RunSettings, TrainingSettings
from multigan.training.trainer import Trainer
from multigan.training.updates import Stage
from multigan.training.world import World


def choose_device(name: str) -> torch.device:
    """The device for ``auto | cpu | cuda | mps``; ConfigError where the named one is not here."""
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if here[device]))
    if not here[name]:
        devices = ", ".join(device for device, present in here.items() if present)
        raise ConfigError(
            f"Device {name!r} is not available on this machine (found: {devices}); choose one of them or auto."
        )
    return torch.device(name)


def whole_training(modality: Modality, training: TrainingSettings) -> dict[str, Any]:
    """Every setting of training as plain values, those by name with their defaults written out.

    So a saved recipe never changes meaning. ConfigError, with a near match, for a name or a setting that there is not.
    """
    LOSSES[training.loss]
    PLAYS[training.play]
    chosen_monitors(training)
    for item in training.penalties:
        penalty_of(item, modality)
    augmentation_of(modality, training)
    schedule, own = schedule_of(training)
    optimisers = {
        name: {"name": rule.name, **to_dict(settings)}
        for name, (rule, settings) in optimisers_of(schedule, own, training).items()
    }
    return {
        **to_dict(training),
        "schedule": {"name": schedule.name, **schedule.whole(own)},
        "optimisers": optimisers,
    }


def chosen_monitors(training: TrainingSettings) -> list[Monitor]:
    """Those of the run, in the order of their table; ConfigError for a name that there is not."""
    for name in training.monitors:
        if name != "all":
            MONITORS[name]
    return [MONITORS[name] for name in MONITORS if name in training.monitors or "all" in training.monitors]


def optimisers_of(schedule: Schedule, own: Any, training: TrainingSettings) -> dict[str, tuple[Any, Any]]:
    """Name of each optimiser that the schedule steps with -> its rule and settings; ConfigError for an unknown name.

    One of another schedule, or of a stage that is left out, rests: a recipe's settings of it hinder nobody.
    """
    wanted = schedule.optimisers(own)
    for name in training.optimisers:
        if name not in wanted and name not in _optimisers_anywhere():
            raise ConfigError(
                "training.optimisers: "
                + unknown_name(f"optimiser in the schedule {schedule.name}", name, list(wanted))
            )
    found = {}
    for name in wanted:
        raw = {"name": "adam", **schedule.defaults.get(name, {}), **training.optimisers.get(name, {})}
        raw = {key: value for key, value in raw.items() if not _of_other_rules(key, raw["name"])}
        found[name] = named(OPTIMISERS, raw, f"training.optimisers.{name}")
    return found


def _optimisers_anywhere() -> set[str]:
    """The optimisers that any schedule may step with."""
    schedules = [SCHEDULES[name] for name in SCHEDULES]
    return {name for each in schedules for name in (*each.optimisers(each.settings()), *each.defaults)}


def _of_other_rules(key: str, name: str) -> bool:
    """Whether a setting is none of this rule but of another one: a recipe's betas, once a person names sgd."""
    known = {rule: {field.name for field in fields(OPTIMISERS[rule].settings)} for rule in OPTIMISERS}
    return str(name) in known and key not in known[str(name)] and any(key in own for own in known.values())


def penalty_of(item: PenaltySettings, modality: Modality) -> Any:
    """The ``Penalty`` that is asked for, with a state of its own; ConfigError where it cannot do what is asked of it."""
    penalty = PENALTIES[item.name]()
    changes: dict[str, Any] = {}
    for setting, value, kind, does in (
        ("through", item.through, SlopePenalty, "be taken through the augmentation"),
        ("transform", item.transform, Consistency, "have a transform of its own"),
    ):
        if value and not isinstance(penalty, kind):
            those = ", ".join(name for name in PENALTIES if isinstance(PENALTIES[name](), kind))
            raise ConfigError(
                f"The penalty {item.name} cannot {does}; leave `{setting}` out, which is there for {those}."
            )
        if value:
            changes[setting] = value
    if item.transform:
        transform = modality.augmentations[item.transform]()
        if hasattr(transform, "p"):
            raise ConfigError(
                f"The transform {item.transform} of the penalty {item.name} has a probability that nothing would move; "
                "choose another augmentation."
            )
        changes["transform"] = transform
    return replace(penalty, **changes) if changes else penalty


def stages_of(
    modality: Modality, training: TrainingSettings, schedule: Schedule, own: Any
) -> tuple[Stage, ...]:
    """The stages of the schedule, with the run's loss and penalties; one of length 0 is left out."""
    lengths = schedule.lengths(own, training)
    total = sum(lengths.values())
    chosen = tuple(
        Chosen(penalty_of(item, modality), value_of(item.weight, total), item.every)
        for item in training.penalties
    )
    label = value_of(training.classification, total)
    updates = schedule.updates(own, Plan(training, LOSSES[training.loss], label, chosen))
    batches = schedule.batches(own)
    return tuple(Stage(name, n, updates[name], batches.get(name)) for name, n in lengths.items() if n)


def assemble(
    modality: Modality,
    run: RunSettings,
    data: Dataset,
    run_folder: Path,
    hooks: Callable[[nn.Module], Sequence[Any]] = lambda ema: (),
    world: World | None = None,
    begin: Callable[[Mapping[str, nn.Module]], None] = lambda networks: None,
) -> Trainer:
    """A trainer for these settings and data; ``hooks(ema generator)`` are run after the engine's own.

    ``begin`` may give the fresh networks other weights, such as trained ones.
    """
    training, world = settled(run.training, len(data)), world or World()
    device = _device_of(run.device, world)
    schedule, own = schedule_of(training)
    seed_all(run.seed)
    torch.backends.cudnn.allow_tf32 = False  # penalties are to be float32; bfloat16 is the fast setting
    networks = fresh_networks(modality, run, data)
    begin(networks)
    networks = {name: network.to(device).train() for name, network in networks.items()}
    generator = networks["generator"]
    if isinstance(generator, Represents):
        data = fitted(generator.representation, data, run.seed, device)
    world.same_([tensor for network in networks.values() for tensor in network.state_dict().values()])
    # of a condition that is a sample there is no label to read
    labelled = is_of_labels(condition_shape_of(data), len(data.labels))
    training = training if labelled else _without_labels(training)
    _require_parts(run, networks, training.classification)
    schedule.check(
        own, training, networks, f"that of {run.architecture['name']} ({type(generator).__name__})"
    )
    stages = stages_of(modality, training, schedule, own)
    _require_play(training, stages)
    _require_batches(training, stages, data, world)
    augment, pseudo = augmentation_of(modality, training).to(device), _pseudo(training, device)
    compiled = {name: _compiled(network) for name, network in networks.items()} if training.compile else {}
    autocast = _autocast(choose_precision(training.precision, device), device)
    # before the optimisers, which leave out what wants no gradient
    frozen = _frozen(networks["discriminator"], run)
    trainer = Trainer(
        game=Game(networks, augment, autocast, compiled, pseudo, frozen),
        optimisers=_optimisers(networks, schedule, own, training, stages),
        stages=stages,
        data=data,
        batch_size=training.batch,
        accumulate=training.accumulate,
        seed=run.seed,
        device=device,
        run_folder=run_folder,
        play=PLAYS[training.play],
        world=world,
    )
    beside = schedule.hooks(own, training, networks)
    half_life = value_of(training.ema.half_life_samples, trainer.total_samples)
    ema = ExponentialMovingAverage("generator", half_life, training.ema.ramp_up)
    ema.start(generator)
    own_hooks = _own_hooks(training, augment, pseudo, trainer.total_samples)
    trainer.hooks = [*trainer.hooks, *beside, ema, *own_hooks, *hooks(ema.network)]
    return trainer


def _without_labels(training: TrainingSettings) -> TrainingSettings:
    """The settings without what reads labels and intensities."""
    penalties = [item for item in training.penalties if item.name != "mismatch"]
    return replace(training, classification=0.0, penalties=penalties)


def fresh_networks(modality: Modality, run: RunSettings, data: Dataset) -> dict[str, nn.Module]:
    """The networks of a run by name as they are before training, on the CPU, with all that its settings ask of them."""
    networks = build_networks(modality, run.architecture, tuple(data.sample_shape), condition_shape_of(data))
    if run.training.spectral_normalisation:
        normalise(networks["discriminator"], f"the discriminator of {run.architecture['name']}")
    for network in networks.values():
        if isinstance(network, Pretrained):
            network.load_pretrained()
    return networks


def _frozen(discriminator: nn.Module, run: RunSettings) -> frozenset[str]:
    """The names of the parameters in the discriminator's first layers that ``freeze_d`` asks for, which want no gradient."""
    n = run.training.freeze_d
    if not n:
        return frozenset()
    layers = discriminator.layers() if isinstance(discriminator, Layered) else ()
    if n >= len(layers):
        allowed = f"at most {len(layers) - 1}" if layers else "0, since it does not tell its layers"
        raise ConfigError(
            f"training.freeze_d is {n}, and of the discriminator of {run.architecture['name']} it can be {allowed}."
        )
    kept = {id(parameter) for layer in layers[:n] for parameter in layer.parameters()}
    for parameter in discriminator.parameters():
        parameter.requires_grad_(id(parameter) not in kept)
    names = [name for name, parameter in discriminator.named_parameters() if id(parameter) in kept]
    return frozenset(f"discriminator.{name}" for name in names)


def _device_of(name: str, world: World) -> torch.device:
    device = choose_device(name)
    if device.type == "cuda" and world.size > 1:
        return torch.device("cuda", torch.cuda.current_device())
    return device


def _require_parts(run: RunSettings, networks: Mapping[str, nn.Module], classification: Number) -> None:
    """ConfigError where a setting asks of a network what it cannot do."""
    name, generator, critic = run.architecture["name"], networks["generator"], networks["discriminator"]
    if classification and not isinstance(critic, ClassifyingDiscriminator):
        raise ConfigError(
            f"training.classification is {classification}, but the discriminator of {name} "
            f"({type(critic).__name__}) has no judge(samples, condition); set it to 0 or choose another architecture."
        )
    penalties = [item.name for item in run.training.penalties]
    slopes = [item for item in penalties if isinstance(PENALTIES[item](), SlopePenalty | FiniteDifferenceR1)]
    if slopes and any(isinstance(layer, BatchNorm) for layer in critic.modules()):
        raise ConfigError(
            f"The penalty {slopes[0]} takes the slope of the discriminator at each sample by itself, and that of {name} has "
            "batch normalisation, which mixes samples: leave the penalty out, or take the normalisation out "
            "(architecture.discriminator_norm=false in dcgan)."
        )
    if "path_length" in penalties and not isinstance(generator, StyleGenerator):
        raise ConfigError(
            f"The penalty path_length needs a generator with mapping and synthesis, which that of "
            f"{name} ({type(generator).__name__}) lacks; leave it out or choose another architecture."
        )


def _require_play(training: TrainingSettings, stages: Sequence[Stage]) -> None:
    repeated = max((update.repeat for stage in stages for update in stage.updates), default=1)
    if repeated > 1 and not PLAYS[training.play].repeats:
        raise ConfigError(
            f"In the play {training.play} every player moves once per step, and the discriminator is to be repeated "
            f"{repeated} times; set training.schedule.discriminator_repeat to 1, or training.play to alternating."
        )


def _require_batches(
    training: TrainingSettings, stages: Sequence[Stage], data: Dataset, world: World
) -> None:
    n_parts = training.accumulate * world.size
    for stage in stages:
        batch, n_batches = stage.batch or training.batch, max(PLAYS[training.play].n_batches, stage.n_batches)
        which = "training.batch" if stage.batch is None else "batch in training.schedule"
        if batch % n_parts:
            raise ConfigError(
                f"A batch of {batch} cannot be cut into {n_parts} equal parts ({world.size} processes with "
                f"{training.accumulate} each); choose a {which} that {n_parts} divides."
            )
        if batch * n_batches > len(data):
            taken = f"{n_batches} batches of {batch} samples" if n_batches > 1 else f"{batch} samples"
            most = len(data) // n_batches // n_parts * n_parts
            lower = (
                f"set {'the ' * (stage.batch is not None)}{which} to {most} or less, or " if most > 0 else ""
            )
            raise ConfigError(
                f"A step takes {taken}, but the training data has {len(data)}; {lower}give more data."
            )


def _pseudo(training: TrainingSettings, device: torch.device) -> PseudoAugment | None:
    """What puts generated samples among the real ones; None where nothing is to."""
    if training.pseudo == 0:
        return None
    if isinstance(training.pseudo, AdaptiveSettings):
        require_undecided_zero(
            "Adaptive pseudo augmentation", training, "choose a number for training.pseudo"
        )
    return PseudoAugment().to(device)


def _own_hooks(
    training: TrainingSettings, augment: nn.Module, pseudo: nn.Module | None, total_samples: int
) -> list[Any]:
    """What moves the probabilities of the augmentation and of generated samples among the real ones."""
    hooks: list[Any] = []
    moved = (
        ("ada", "augmentation", augment, training.augmentation.p),
        ("apa", "apa", pseudo, training.pseudo),
    )
    for adaptive, ramped, module, p in moved:
        if not hasattr(module, "p"):
            continue
        assert module is not None
        if p is None or isinstance(p, AdaptiveSettings):
            own = p or AdaptiveSettings()
            hooks.append(
                AdaptiveProbability(module, own.target, own.interval, own.speed_samples, name=adaptive)
            )
        else:
            hooks.append(RampedProbability(module, value_of(p, total_samples), name=ramped))
    return hooks


def _optimisers(
    networks: Mapping[str, nn.Module],
    schedule: Schedule,
    own: Any,
    training: TrainingSettings,
    stages: Sequence[Stage],
) -> dict[str, Optimiser]:
    owners, made = schedule.optimisers(own), {}
    ends = accumulate(stage.samples for stage in stages)
    updates = [(update, end) for stage, end in zip(stages, ends, strict=True) for update in stage.updates]
    for name, (rule, settings) in optimisers_of(schedule, own, training).items():
        mine = [(update, end) for update, end in updates if update.optimiser_name == name]
        lazy = {update.name: update.every for update, _ in mine if update.every > 1}
        if not PLAYS[training.play].repeats:
            lazy = {}  # they join the step of the others, which is as often as without them
        last = max((end for _, end in mine), default=1)  # where a ramp without a length ends
        names = owners[name]
        owned = [networks[each] for each in ((names,) if isinstance(names, str) else names)]
        made[name] = Optimiser(owned, rule, settings, last, lazy.values())
    return made


def _autocast(precision: str, device: torch.device) -> Callable[[], AbstractContextManager[Any]]:
    if precision == "float32":
        return nullcontext
    return lambda: torch.autocast(device.type, torch.bfloat16)


def _compiled(network: nn.Module) -> nn.Module:
    # noise and mixing are drawn as eager code draws them: compiling changes nothing beyond rounding
    compiled = torch.compile(network, options={"fallback_random": True})
    assert isinstance(compiled, nn.Module)  # a module stays a module
    return compiled
