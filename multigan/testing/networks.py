"""What is asked of the networks of an architecture: shapes, gradients, what they hear, and a checkpoint's round trip."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from multigan import checkpoint
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives import Objective
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.sequence import likelihood
from multigan.protocols import Batch, Generates, Representation, Represents, SequenceGenerator, StyleGenerator
from multigan.testing.subject import BATCH, Subject, alike, other_condition, require


def check_networks(subject: Subject, folder: Path) -> None:
    """Check a generator and a discriminator on random samples; a checkpoint of each is written to ``folder``."""
    what, networks = subject.what, subject.networks()
    generator, critic = networks["generator"], networks["discriminator"]
    batch, other = subject.batch(), subject.batch().real
    if isinstance(generator, Represents):
        batch = Batch(_encoded(what, generator.representation, batch.real), batch.condition)
        other = -batch.real
    _check_generator(what, generator, batch)
    _check_discriminator(what, critic, batch, other)
    _check_gradients(what, generator, critic, batch)
    again = subject.networks(1)
    inputs = {"generator": _latent(generator, BATCH), "discriminator": batch.real}
    for name, samples in inputs.items():
        _check_round_trip(what, networks[name], again[name], (samples, batch.condition), folder)


def _encoded(what: str, representation: Representation, samples: Tensor) -> Tensor:
    """What the networks see of ``samples``: of the stated shape, and taken back to samples, always the same."""
    representation.fit(samples)
    encoded = representation.encode(samples)
    found, stated = list(encoded.shape), [len(samples), *representation.shape]
    require(found == stated, f"{what}: encoded samples are {found}, not {stated}")
    require(encoded.dtype == torch.float32, f"{what}: encoded samples are {encoded.dtype}, not float32")
    decoded = representation.decode(encoded)
    found, stated = list(decoded.shape), list(samples.shape)
    require(found == stated, f"{what}: decoded samples are {found}, not {stated}")
    finite = bool(encoded.isfinite().all() and decoded.isfinite().all())
    require(finite, f"{what}: encoded or decoded samples are not finite")
    same = torch.equal(decoded, representation.decode(encoded))
    require(same, f"{what}: decode gives other samples for the same input")
    return encoded


def _check_generator(what: str, generator: nn.Module, batch: Batch) -> None:
    condition = batch.condition
    first, second = (_latent(generator, BATCH, torch.Generator().manual_seed(1)) for _ in range(2))
    require(torch.equal(first, second), f"{what}: latent differs for the same random state")
    other = _latent(generator, BATCH, torch.Generator().manual_seed(2))
    chance = first.shape[1] > 0  # one of size 0 is of a generator whose condition alone decides
    require(
        not chance or not torch.equal(first, other), f"{what}: latent is the same for another random state"
    )
    for training in (True, False):
        generator.train(training)
        samples = generator(first, condition)
        mode = "training" if training else "evaluation"
        shape, expected = list(samples.shape), list(batch.real.shape)
        require(shape == expected, f"{what}: samples in {mode} are {shape}, not {expected}")
        kind = batch.real.dtype
        require(samples.dtype == kind, f"{what}: samples in {mode} are {samples.dtype}, not {kind}")
        require(bool(samples.isfinite().all()), f"{what}: samples in {mode} are not finite")
    with torch.no_grad():
        samples = generator(first, condition)
        same = torch.equal(samples, generator(first, condition))
        require(same, f"{what}: evaluation gives other samples for the same latent")
        ignored = chance and alike(samples, generator(other, condition))
        require(not ignored, f"{what}: the latent changes nothing")
        if condition is not None:
            deaf = alike(
                *(_heard(generator, first, samples, c) for c in (condition, other_condition(condition)))
            )
            require(not deaf, f"{what}: the condition changes nothing that is generated")
        if isinstance(generator, StyleGenerator):
            styles = generator.mapping(first, condition)
            require(styles.ndim == 3, f"{what}: mapping gives {list(styles.shape)}, not [N, L, W]")
            close = torch.allclose(generator.synthesis(styles), samples, atol=1e-5)
            require(close, f"{what}: synthesis(mapping(latent)) is not forward(latent) in evaluation")
    generator.train()


def _heard(generator: nn.Module, latent: Tensor, samples: Tensor, condition: Tensor) -> Tensor:
    """What a condition changes: samples, or how likely they are, since few draws of tokens turn on a fresh condition."""
    if isinstance(generator, SequenceGenerator):
        return generator.log_prob(samples, condition)
    return generator(latent, condition)


def _check_discriminator(what: str, critic: nn.Module, batch: Batch, other: Tensor) -> None:
    with torch.no_grad():
        logits = critic(batch.real, batch.condition)
        stated = logits.ndim in (1, 2) and len(logits) == BATCH
        require(stated, f"{what}: logits are {list(logits.shape)}, not [{BATCH}] or [{BATCH}, K]")
        require(bool(logits.isfinite().all()), f"{what}: logits are not finite")
        require(not torch.allclose(logits, critic(other, batch.condition)), f"{what}: logits ignore samples")
        if batch.condition is not None:
            turned = critic(batch.real, other_condition(batch.condition))
            require(not torch.allclose(logits, turned), f"{what}: the condition changes no logit")


def _check_gradients(what: str, generator: nn.Module, critic: nn.Module, batch: Batch) -> None:
    """Every parameter is reached by the losses (of sequences, by the likelihood); the label classifier's by its own."""
    players = Players(generator, critic, nn.Identity(), nullcontext)
    weight = 1.0 if batch.condition is not None and hasattr(critic, "judge") else 0.0
    objectives: list[tuple[str, nn.Module, Objective]] = [
        (
            "generator",
            generator,
            likelihood()
            if isinstance(generator, SequenceGenerator)
            else pathwise(LOSSES["non_saturating"], weight),
        ),
        ("discriminator", critic, discriminator(LOSSES["non_saturating"], weight)),
    ]
    for which, network, objective in objectives:
        generator.zero_grad(set_to_none=True)
        critic.zero_grad(set_to_none=True)
        objective(players, batch).loss.mean().backward()
        missing = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
        require(not missing, f"{what}: no gradient reaches the {which}'s {', '.join(missing)}")
        odd = [
            name
            for name, p in network.named_parameters()
            if p.grad is not None and not p.grad.isfinite().all()
        ]
        require(not odd, f"{what}: gradients of the {which}'s {', '.join(odd)} are not finite")


def _check_round_trip(
    what: str, network: nn.Module, fresh: nn.Module, inputs: Sequence[Tensor | None], folder: Path
) -> None:
    """A checkpoint gives back the network: its output in evaluation, bit for bit."""
    checkpoint.save(folder / "000000001", network.state_dict())
    fresh.load_state_dict(checkpoint.load(folder / "000000001"))
    with torch.no_grad():
        same = torch.equal(network.eval()(*inputs), fresh.eval()(*inputs))
    require(same, f"{what}: {type(network).__name__} is another after a checkpoint's round trip")


def _latent(generator: nn.Module, n: int, random_state: torch.Generator | None = None) -> Tensor:
    return cast(Generates, generator).latent(n, random_state)
