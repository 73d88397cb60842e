"""Settings -> networks, updates, hooks: a trainer ready to run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.modality import Modality, build_networks
from multigan.objectives import Objective
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import regularise, together, weighed
from multigan.objectives.sequence import BASELINES, importance, likelihood, policy_gradient, relaxed
from multigan.penalties import REGULARISERS, Regulariser
from multigan.protocols import (
    ClassifyingDiscriminator,
    Dataset,
    RelaxedGenerator,
    Represents,
    SequenceGenerator,
    StyleGenerator,
    condition_shape_of,
)
from multigan.training.encoding import fitted
from multigan.training.hooks.ada import AdaptiveProbability
from multigan.training.hooks.clipping import WeightClipping
from multigan.training.hooks.decay import LinearDecay
from multigan.training.hooks.ema import ExponentialMovingAverage
from multigan.training.optimisers import adam
from multigan.training.settings import RunSettings, TrainingSettings
from multigan.training.trainer import Stage, Trainer, Update

_ONE_DERIVATIVE = {"finite_difference_r1"}


def choose_device(name: str) -> torch.device:
    """The device for ``auto | cpu | cuda | mps``; ConfigError where the named one is not here."""
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if here[device]))
    if not here[name]:
        found = ", ".join(device for device, present in here.items() if present)
        raise ConfigError(
            f"Device {name!r} is not available on this machine (found: {found}); choose one of them or auto."
        )
    return torch.device(name)


def check_names(modality: Modality, training: TrainingSettings) -> None:
    """ConfigError, with a near match, for a loss, regulariser or augmentation that there is not."""
    LOSSES[training.loss]
    for item in training.regularisers:
        REGULARISERS[item.name]
    if training.augmentation.name != "none":
        modality.augmentations[training.augmentation.name]


def stages_of(
    training: TrainingSettings, regularisers: dict[str, Regulariser], classification: float
) -> tuple[Stage, ...]:
    """Likelihood and the discriminator alone, where they have a length, and then both players."""
    updates = updates_of(training, regularisers, classification)
    clip = training.clip_generator_gradient
    teach = Update("likelihood", "generator", likelihood(), optimiser="likelihood", clip_gradient=clip)
    alone = tuple(update for update in updates if update.network == "discriminator")
    stages = (
        Stage("likelihood", training.likelihood.samples, (teach,)),
        Stage("discriminator", training.discriminator_samples, alone),
        Stage("adversarial", training.samples, updates),
    )
    return tuple(stage for stage in stages if stage.samples)


def updates_of(
    training: TrainingSettings, regularisers: dict[str, Regulariser], classification: float
) -> tuple[Update, ...]:
    """Generator, its lazy penalties, discriminator, its lazy penalties: the order of one step (arXiv:1912.04958).

    A penalty of every step joins the loss of its network, so that both are one step of the optimiser.
    """
    main = {
        "generator": _generator_objective(training, classification),
        "discriminator": discriminator(LOSSES[training.loss], classification),
    }
    updates: list[Update] = []
    for network, objective in main.items():
        own = [item for item in training.regularisers if regularisers[item.name].network == network]
        repeat = training.discriminator_repeat if network == "discriminator" else 1
        clip = training.clip_generator_gradient if network == "generator" else None
        joined = [item for item in own if item.every == 1]
        penalties = [regularise(regularisers[item.name], item.weight) for item in joined]
        twice = any(item.name not in _ONE_DERIVATIVE for item in joined)
        eager = twice or (network == "generator" and training.objective.name != "pathwise")
        whole = together(objective, *penalties)
        updates.append(Update(network, network, whole, repeat=repeat, eager=eager, clip_gradient=clip))
        updates += [
            Update(
                item.name,
                network,
                regularise(regularisers[item.name], item.weight),
                every=item.every,
                repeat=repeat,
                eager=item.name not in _ONE_DERIVATIVE,
            )
            for item in own
            if item.every > 1
        ]
    return tuple(updates)


def _generator_objective(training: TrainingSettings, classification: float) -> Objective:
    """How the generator gets its gradient in the adversarial stage."""
    loss, options = LOSSES[training.loss], training.objective
    if options.name == "pathwise":
        objective = pathwise(loss, classification)
    elif options.name == "relaxed":
        objective = relaxed(loss, classification, options.temperature)
    elif options.name == "importance":
        objective = importance()
    else:
        objective = policy_gradient(options.n_rollouts, BASELINES[options.baseline], options.lag)
    return together(objective, weighed(likelihood(), options.likelihood)) if options.likelihood else objective


def _autocast(precision: str, device: torch.device) -> Callable[[], AbstractContextManager[Any]]:
    if precision == "float32":
        return nullcontext
    return lambda: torch.autocast(device.type, torch.bfloat16)


def assemble(
    modality: Modality,
    run: RunSettings,
    data: Dataset,
    run_folder: Path,
    hooks: Callable[[nn.Module], Sequence[Any]] = lambda ema: (),
) -> Trainer:
    """A trainer for these settings and data; ``hooks(ema generator)`` are run after the engine's own."""
    training, device = run.training, choose_device(run.device)
    if training.batch * training.discriminator_repeat > len(data):
        raise ConfigError(
            f"A step takes {training.batch * training.discriminator_repeat} samples, but the training data has {len(data)}; "
            "lower training.batch or give more data."
        )
    _seed(run.seed)
    torch.backends.cudnn.allow_tf32 = False  # penalties are to be float32; bfloat16 is the fast setting
    networks = build_networks(modality, run.architecture, data.sample_shape, condition_shape_of(data))
    generator, critic = (networks[name].to(device).train() for name in ("generator", "discriminator"))
    if isinstance(generator, Represents):
        data = fitted(generator.representation, data, run.seed, device)
    classification = training.classification if data.labels else 0.0
    regularisers = {item.name: REGULARISERS[item.name]() for item in training.regularisers}
    _require_parts(run, generator, critic, classification)
    for item in regularisers.values():
        if item.state is not None:
            item.state.to(device)
    augment = _augmentation(modality, training).to(device)
    context = _autocast(training.precision, device)
    eager = Players(generator, critic, augment, context)
    fast = Players(_compiled(generator), _compiled(critic), augment, context) if training.compile else eager
    trainer = Trainer(
        players=fast,
        eager_players=eager,
        optimisers=_optimisers(training, regularisers, generator, critic),
        stages=stages_of(training, regularisers, classification),
        data=data,
        batch_size=training.batch,
        accumulate=training.accumulate,
        seed=run.seed,
        device=device,
        run_folder=run_folder,
    )
    ema = ExponentialMovingAverage("generator", training.ema_half_life_samples, training.ema_ramp_up)
    ema.start(generator)
    trainer.hooks = [ema, *_own_hooks(training, augment), *hooks(ema.network)]
    if training.likelihood.samples and training.likelihood.decay:
        options = training.likelihood
        trainer.hooks.insert(1, LinearDecay(trainer.optimisers["likelihood"], options.lr, options.samples))
    return trainer


def _require_parts(run: RunSettings, generator: nn.Module, critic: nn.Module, classification: float) -> None:
    """ConfigError where a setting asks of a network what it cannot do."""
    name = run.architecture["name"]
    if classification and not isinstance(critic, ClassifyingDiscriminator):
        raise ConfigError(
            f"training.classification is {classification}, but the discriminator of {name} "
            f"({type(critic).__name__}) has no judge(samples, condition); set it to 0 or choose another architecture."
        )
    _require_sequences(run.training, generator, f"that of {name} ({type(generator).__name__})")
    penalties = [item.name for item in run.training.regularisers]
    if "path_length" in penalties and not isinstance(generator, StyleGenerator):
        raise ConfigError(
            f"The regulariser path_length needs a generator with mapping and synthesis, which that of "
            f"{name} ({type(generator).__name__}) lacks; leave it out or choose another architecture."
        )


def _require_sequences(training: TrainingSettings, generator: nn.Module, which: str) -> None:
    """ConfigError where an objective asks of the generator, or of the loss, what it cannot give."""
    asked = training.objective.name
    likely = training.likelihood.samples or training.objective.likelihood
    if (likely or asked in ("policy_gradient", "importance")) and not isinstance(
        generator, SequenceGenerator
    ):
        raise ConfigError(
            f"Likelihood and the objective {asked} need a generator of token sequences with log_prob and complete, "
            f"which {which} lacks: set likelihood.samples and objective.likelihood to 0 and objective.name to pathwise, "
            "or choose another architecture."
        )
    if isinstance(generator, SequenceGenerator):
        if asked == "pathwise" and training.samples:
            raise ConfigError(
                f"No gradient flows through the tokens of {which}; set training.objective.name to policy_gradient, "
                "importance or relaxed."
            )
        if training.regularisers:
            raise ConfigError(
                f"The regulariser {training.regularisers[0].name} differentiates by samples, and those of {which} are "
                "tokens; leave training.regularisers out."
            )
    compares = asked == "importance" or (
        asked == "policy_gradient" and training.objective.baseline == "leave_one_out"
    )
    if compares and training.batch // training.accumulate < 2:
        raise ConfigError(
            f"The objective {asked} compares the samples of a batch, and a part of it has "
            f"{training.batch // training.accumulate}; raise training.batch or lower training.accumulate to have 2 or more."
        )
    if asked == "relaxed" and not isinstance(generator, RelaxedGenerator):
        raise ConfigError(
            f"The objective relaxed needs a generator with relax(n, condition, temperature), which {which} lacks; "
            "choose another objective or architecture."
        )
    if asked in ("policy_gradient", "importance") and not LOSSES[training.loss].log_odds:
        raise ConfigError(
            f"The objective {asked} reads P(real) from the logits, which the {training.loss} loss does not make log-odds; "
            f"choose one of the losses {_losses_with('log_odds')}, or objective.name=relaxed."
        )


def _losses_with(fact: str) -> str:
    return ", ".join(sorted(name for name in LOSSES if getattr(LOSSES[name], fact)))


def _augmentation(modality: Modality, training: TrainingSettings) -> nn.Module:
    if training.augmentation.name == "none":
        return nn.Identity()
    augment = modality.augmentations[training.augmentation.name]()
    if hasattr(augment, "p") and not LOSSES[training.loss].zero_is_undecided:
        raise ConfigError(
            f"Adaptive augmentation ({training.augmentation.name}) reads the sign of the logits of real samples, in which "
            f"the {training.loss} loss has no undecided zero; choose augmentation.name=diffaugment, or one of the losses "
            f"{_losses_with('zero_is_undecided')}."
        )
    return augment


def _own_hooks(training: TrainingSettings, augment: nn.Module) -> list[Any]:
    options, own = training.augmentation, []
    if hasattr(augment, "p"):
        own.append(AdaptiveProbability(augment, options.target, options.interval, options.speed_samples))
    if training.clip_discriminator is not None:
        own.append(WeightClipping(training.clip_discriminator))
    return own


def _optimisers(
    training: TrainingSettings, regularisers: dict[str, Regulariser], generator: nn.Module, critic: nn.Module
) -> dict[str, torch.optim.Optimizer]:
    def lazy(network: str) -> list[int]:
        own = [item for item in training.regularisers if regularisers[item.name].network == network]
        return [item.every for item in own if item.every > 1]

    betas = (training.beta1, training.beta2)
    optimisers: dict[str, torch.optim.Optimizer] = {
        "generator": adam(generator, training.generator_lr, betas, lazy("generator")),
        "discriminator": adam(critic, training.discriminator_lr, betas, lazy("discriminator")),
    }
    if training.likelihood.samples:
        optimisers["likelihood"] = adam(generator, training.likelihood.lr, betas)
    return optimisers


def _seed(seed: int) -> None:
    """Every global random state, as a checkpoint keeps them all: data and networks may draw from any."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _compiled(network: nn.Module) -> nn.Module:
    # noise and mixing are drawn as eager code draws them: compiling changes nothing beyond rounding
    compiled = torch.compile(network, options={"fallback_random": True})
    assert isinstance(compiled, nn.Module)  # a module stays a module
    return compiled
