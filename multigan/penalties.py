"""Regularisers: penalties [N] on the discriminator or the generator, for samples of any shape.

A penalty takes (players, batch) and gives one value a sample, to be multiplied by a weight and minimised. It
differentiates without autocast, in the precision of the samples (float32), and draws from torch's global
random state. All but ``finite_difference_r1`` differentiate twice: they need networks neither compiled nor
wrapped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

import torch
from torch import Tensor, nn

from multigan.game import Players
from multigan.protocols import Batch, StyleGenerator
from multigan.registry import Registry


@dataclass(frozen=True)
class Regulariser:
    """A penalty [N], the network whose update it joins, and the paper that it is from."""

    name: str
    network: Literal["discriminator", "generator"]
    penalty: Callable[[Players, Batch], Tensor]
    """An ``nn.Module`` where it has state that a checkpoint must hold (see ``state``)."""
    paper: str

    @property
    def state(self) -> nn.Module | None:
        """The module whose ``state_dict`` must survive a resume; None for a regulariser without state."""
        return self.penalty if isinstance(self.penalty, nn.Module) else None


def r1(players: Players, batch: Batch) -> Tensor:
    """Half the squared slope at real samples: 1/2 ||grad_x D(x)||^2; arXiv:1801.04406 eq. 9.

    x = augment(real), as the discriminator sees it; the square sums over all sample dimensions. The weight is
    gamma.
    """
    slope = _slope(players, players.augment(batch.real), batch.condition)
    return 0.5 * slope.flatten(1).square().sum(1)


def r2(players: Players, batch: Batch) -> Tensor:
    """``r1`` at fresh augmented fakes; arXiv:1801.04406 section 4.1. The weight is gamma."""
    slope = _slope(players, _fake(players, batch), batch.condition)
    return 0.5 * slope.flatten(1).square().sum(1)


def wgan_gp(players: Players, batch: Batch) -> Tensor:
    """Slope 1 between real and fake: (||grad_x D(x)|| - 1)^2; arXiv:1704.00028 eq. 3.

    x = e real + (1 - e) fake, both augmented, e ~ U[0, 1), one a sample; the norm is over all sample
    dimensions. The weight is lambda (10 in the paper). Batch normalisation in the discriminator makes it
    invalid.
    """
    real = players.augment(batch.real)
    share = torch.rand(len(real), *[1] * (real.ndim - 1), dtype=real.dtype, device=real.device)
    between = share * real + (1 - share) * _fake(players, batch)
    return (_slope(players, between, batch.condition).flatten(1).norm(dim=1) - 1).square()


def dragan(players: Players, batch: Batch) -> Tensor:
    """Slope 1 around real samples: (||grad_x D(x + d)|| - 1)^2, d ~ N(0, c I); DRAGAN, arXiv:1705.07215.

    x = augment(real); sqrt(c) is half the standard deviation of all values in the batch, the scale of the
    authors' code. The weight is lambda (10 there).
    """
    real = players.augment(batch.real)
    around = real + 0.5 * real.std() * torch.randn_like(real)
    return (_slope(players, around, batch.condition).flatten(1).norm(dim=1) - 1).square()


def finite_difference_r1(players: Players, batch: Batch, step: float = 0.01) -> Tensor:
    """R1 by finite differences: 1/2 (D(x) - D(x + s e))^2 / s^2, e ~ N(0, I), x = augment(real).

    As s -> 0 its expectation over e is that of ``r1``, so the weight is gamma here too (arXiv:2501.08316
    leaves the division by 2 s^2 to the weight). It is noisier, but differentiates once and so works with
    torch.compile. The discriminator must be deterministic: dropout would be divided by s^2.
    """
    real = players.augment(batch.real).detach()
    with _without_autocast(real):
        here = players.discriminator(real, batch.condition)
        there = players.discriminator(real + step * torch.randn_like(real), batch.condition)
    return 0.5 * ((here - there) / step).square()


class PathLength(nn.Module):
    """Equal steps in style make equal steps in samples: (||J_w^T y||_2 - a)^2; arXiv:1912.04958 eq. 4.

    w = mapping(latent, condition) [N, L, W], for synthesis; y = N(0, I) / sqrt(positions a sample, H*W in
    images); the norm is sqrt(mean over L of the sum over W). a is ``mean_length``, a running mean of the
    lengths that moves by 0.01 of the way before each use, taken as a constant; it starts at 0 and is in
    ``state_dict``.
    """

    mean_length: Tensor
    decay = 0.01

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean_length", torch.zeros(()))

    def forward(self, players: Players, batch: Batch) -> Tensor:
        lengths = self._lengths(cast(StyleGenerator, players.generator), len(batch.real), batch.condition)
        self.mean_length = self.mean_length.to(lengths.device)
        self.mean_length.lerp_(lengths.detach().mean().to(self.mean_length.dtype), self.decay)
        return (lengths - self.mean_length).square()

    def _lengths(self, generator: StyleGenerator, n: int, condition: Tensor | None) -> Tensor:
        latent = generator.latent(n)
        with _without_autocast(latent):
            styles = generator.mapping(latent, condition)
            samples = generator.synthesis(styles)
            direction = torch.randn_like(samples) / math.sqrt(math.prod(samples.shape[2:]))
            (slope,) = torch.autograd.grad((samples * direction).sum(), styles, create_graph=True)
        return slope.flatten(1).norm(dim=1) / math.sqrt(slope.shape[1])


def _path_length() -> Regulariser:
    return Regulariser("path_length", "generator", PathLength(), "arXiv:1912.04958 eq. 4")


def _slope(players: Players, samples: Tensor, condition: Tensor | None) -> Tensor:
    """grad_x of the summed logits [N, ...] at ``samples``, itself differentiable."""
    points = samples.detach().requires_grad_()
    with _without_autocast(points):
        logits = players.discriminator(points, condition)
        (slope,) = torch.autograd.grad(logits.sum(), points, create_graph=True)
    return slope


def _fake(players: Players, batch: Batch) -> Tensor:
    with torch.no_grad():
        return players.fake(batch)


def _without_autocast(tensor: Tensor) -> torch.autocast:
    return torch.autocast(tensor.device.type, enabled=False)


REGULARISERS: Registry[Callable[[], Regulariser]] = Registry(
    "regulariser",
    {
        "r1": partial(Regulariser, "r1", "discriminator", r1, "arXiv:1801.04406 eq. 9"),
        "r2": partial(Regulariser, "r2", "discriminator", r2, "arXiv:1801.04406 section 4.1"),
        "wgan_gp": partial(Regulariser, "wgan_gp", "discriminator", wgan_gp, "arXiv:1704.00028 eq. 3"),
        "dragan": partial(Regulariser, "dragan", "discriminator", dragan, "arXiv:1705.07215"),
        "finite_difference_r1": partial(
            Regulariser,
            "finite_difference_r1",
            "discriminator",
            finite_difference_r1,
            "arXiv:2501.08316",
        ),
        "path_length": _path_length,
    },
)
"""Name -> factory: each call gives a regulariser with its own state."""
