"""Penalties [N] on the discriminator or the generator, for samples of any shape, to be weighed and minimised.

A penalty differentiates without autocast, in the precision of the samples (float32), and draws from torch's global random
state. All but ``finite_difference_r1`` differentiate twice: they need networks neither compiled nor wrapped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import torch
from torch import Tensor
from torch.nn.functional import softplus

from multigan.game import Players, Seen
from multigan.protocols import Batch, StyleGenerator
from multigan.registry import Registry


class Penalty(Protocol):
    """A penalty [N], the network whose update it joins, and the paper that it is from.

    One whose state a checkpoint must hold has ``state_dict`` and ``load_state_dict``; one that learns from what it saw has
    ``settle(signals)``, called once per update with ``signals`` of all parts of the batch.
    """

    name: str
    network: Literal["discriminator", "generator"]
    paper: str
    twice: bool
    """Whether it differentiates twice."""

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The penalty [N], carrying gradient, and detached signals [N] beside it."""
        ...


At = Literal["real", "fake", "between", "around"]


@dataclass(frozen=True)
class SlopePenalty:
    """A function of the slope of the discriminator's logits at certain points: grad_x D(x) [N, ...] -> [N].

    ``at`` says where: at ``real`` or ``fake`` samples, ``between`` them (x = e real + (1 - e) fake, e ~ U[0, 1), one per
    sample), or ``around`` real ones (x = real + d, d ~ N(0, c I), sqrt(c) half the standard deviation of all values in the
    batch). Of several logits per sample the slope is that of their mean.

    The points are augmented samples, as the discriminator sees them, and the slope is grad_x D(x) there. With ``through``
    they are samples before the augmentation T, drawn as for the loss, and the slope is grad_x D(T(x)), as StyleGAN2-ADA
    (arXiv:2006.06676), DiffAugment (arXiv:2006.10738) and R3GAN (arXiv:2501.05441) have it in their code.
    """

    name: str
    at: At
    value: Callable[[Tensor], Tensor]
    paper: str
    network: Literal["discriminator", "generator"] = "discriminator"
    twice: bool = True
    through: bool = False

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The penalty at samples of its own: fresh augmentations, and fresh fakes where it needs them."""
        prepared = (lambda samples: samples) if self.through else players.augment
        real = None if self.at == "fake" else prepared(players.real(batch))
        fake = None
        if self.at in ("fake", "between"):
            with torch.no_grad():
                fake = prepared(players.generate(len(batch.real), batch.condition))
        return self.value_at(players, self.points(real, fake), batch.condition), {}

    def value_at(self, players: Players, points: Tensor, condition: Tensor | None) -> Tensor:
        """The penalty [N] at points that require gradient, by a pass of its own."""
        with without_autocast(points):
            seen = players.augment(points) if self.through else points
            logits = players.discriminator(seen, condition)
        return self.value(slope_at(points, logits))

    def points(self, real: Tensor | None, fake: Tensor | None) -> Tensor:
        """Where the slope is taken, a leaf that requires gradient; of ``real`` and ``fake`` the ones it needs.

        They are augmented, or not where the slope goes ``through`` the augmentation.
        """
        if self.at == "fake" and fake is not None:
            return leaf(fake)
        if real is None:
            raise ValueError(f"the penalty {self.name} needs real samples")
        if self.at == "between" and fake is not None:
            share = torch.rand(len(real), *[1] * (real.ndim - 1), dtype=real.dtype, device=real.device)
            return leaf(share * real + (1 - share) * fake)
        if self.at == "around":
            return leaf(real + 0.5 * real.std() * torch.randn_like(real))
        return leaf(real)


def leaf(samples: Tensor) -> Tensor:
    """The same values, to take a slope at."""
    return samples.detach().requires_grad_()


def slope_at(points: Tensor, logits: Tensor) -> Tensor:
    """grad_x of the summed logits (of the mean where there are several per sample), [N, ...], itself differentiable."""
    with without_autocast(points):  # the backward pass would follow a caller's autocast too
        (slope,) = torch.autograd.grad(_mean_of(logits).sum(), points, create_graph=True)
    return slope


def _mean_of(values: Tensor) -> Tensor:
    """[N] of [N] or [N, K]: the mean over several logits of one sample."""
    return values if values.ndim == 1 else values.flatten(1).mean(1)


def without_autocast(tensor: Tensor) -> torch.autocast:
    return torch.autocast(tensor.device.type, enabled=False)


def half_square(slope: Tensor) -> Tensor:
    """1/2 ||slope||^2, over all sample dimensions."""
    return 0.5 * slope.flatten(1).square().sum(1)


def distance_from_one(slope: Tensor) -> Tensor:
    """(||slope|| - 1)^2, the norm over all sample dimensions."""
    return (slope.flatten(1).norm(dim=1) - 1).square()


class FiniteDifferenceR1:
    """R1 by finite differences: 1/2 (D(x) - D(x + s e))^2 / s^2, e ~ N(0, I), x = augment(real).

    As s -> 0 its expectation over e is that of R1, so the weight is gamma here too (arXiv:2501.08316 leaves the division by
    2 s^2 to the weight). It is noisier, but differentiates once and so works with torch.compile. The discriminator must be
    deterministic: dropout would be divided by s^2.
    """

    name, network, paper, twice = "finite_difference_r1", "discriminator", "arXiv:2501.08316", False

    def __init__(self, step: float = 0.01) -> None:
        self._step = step

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        real = players.augment(players.real(batch)).detach()
        with without_autocast(real):
            here = players.discriminator(real, batch.condition)
            there = players.discriminator(real + self._step * torch.randn_like(real), batch.condition)
        square = 0.5 * ((here - there) / self._step).square()
        return _mean_of(square), {}


class Drift:
    """D(x)^2 at real samples, so that a critic's output does not wander far from 0; arXiv:1710.10196 appendix A.1.

    The weight is epsilon_drift, 0.001 there. Of several logits per sample the mean square counts.
    """

    name, network, paper, twice = "drift", "discriminator", "arXiv:1710.10196 appendix A.1", False

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        real = players.augment(batch.real)
        with without_autocast(real):
            square = players.discriminator(real, batch.condition).square()
        return (square if square.ndim == 1 else square.flatten(1).mean(1)), {}


class PathLength:
    """Equal steps in style make equal steps in samples: (||J_w^T y||_2 - a)^2; arXiv:1912.04958 eq. 4.

    w = mapping(latent, condition) [N, L, W], for synthesis; y = N(0, I) / sqrt(positions in a sample, H*W in images); the
    norm is sqrt(mean over L of the sum over W). a is ``mean_length``, a running mean of the lengths that moves by 0.01 of
    the way after each update, by the mean over the whole batch; it starts at 0 and is in ``state_dict``.
    """

    name, network, paper, twice = "path_length", "generator", "arXiv:1912.04958 eq. 4", True
    decay = 0.01

    def __init__(self) -> None:
        self.mean_length = torch.zeros(())

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        lengths = self._lengths(cast(StyleGenerator, players.generator), len(batch.real), batch.condition)
        self.mean_length = self.mean_length.to(lengths.device)
        return (lengths - self.mean_length).square(), {"path_lengths": lengths.detach()}

    def settle(self, signals: Mapping[str, Tensor]) -> None:
        """Move the mean by the lengths of the whole batch."""
        mean = signals["path_lengths"].mean().to(self.mean_length)
        self.mean_length = self.mean_length.lerp(mean, self.decay)

    def state_dict(self) -> dict[str, Tensor]:
        return {"mean_length": self.mean_length}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.mean_length = state["mean_length"].clone()

    def _lengths(self, generator: StyleGenerator, n: int, condition: Tensor | None) -> Tensor:
        latent = generator.latent(n)
        with without_autocast(latent):
            styles = generator.mapping(latent, condition)
            samples = generator.synthesis(styles)
            direction = torch.randn_like(samples) / math.sqrt(math.prod(samples.shape[2:]))
            (slope,) = torch.autograd.grad((samples * direction).sum(), styles, create_graph=True)
        return slope.flatten(1).norm(dim=1) / math.sqrt(slope.shape[1])


class LeCam:
    """(D(x) - a_F)^2 + (D(G(z)) - a_R)^2: logits of either kind are drawn to where the other's have been of late.

    R_LC of arXiv:2104.03310, for small sets of data; the weight is lambda. a_R and a_F are the running means of
    the logits of real and of generated samples, 0 at the start, and keep 0.99 of themselves at each update, which moves
    them by the means over the whole batch. They are in ``state_dict``. The authors' code leaves a logit alone that is beyond
    the other mean, max(0, D(x) - a_F)^2 + max(0, a_R - D(G(z)))^2, and begins after 1,000 steps (of BigGAN, by means that
    keep 0.9); this is the formula of the text.
    """

    name, network, paper, twice = "lecam", "discriminator", "arXiv:2104.03310", False
    decay = 0.99

    def __init__(self) -> None:
        self.real_mean, self.fake_mean = torch.zeros(()), torch.zeros(())

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """At samples of its own; at every step the loss's own logits serve."""
        with torch.no_grad():
            fake = players.fake(batch)
        real = players.augment(players.real(batch))
        return self.of_logits(players.logits(real, batch.condition), players.logits(fake, batch.condition))

    def of_logits(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The regulariser [N] of logits [N] or [N, K], and what ``settle`` learns from."""
        self.real_mean, self.fake_mean = (
            mean.to(real_logits.device) for mean in (self.real_mean, self.fake_mean)
        )
        values = (real_logits - self.fake_mean).square() + (fake_logits - self.real_mean).square()
        seen = {"lecam_real": _mean_of(real_logits.detach()), "lecam_fake": _mean_of(fake_logits.detach())}
        return _mean_of(values), seen

    def settle(self, signals: Mapping[str, Tensor]) -> None:
        """Move both means by the logits of the whole batch."""
        real, fake = (signals[f"lecam_{kind}"].mean() for kind in ("real", "fake"))
        self.real_mean = self.real_mean.lerp(real.to(self.real_mean), 1 - self.decay)
        self.fake_mean = self.fake_mean.lerp(fake.to(self.fake_mean), 1 - self.decay)

    def state_dict(self) -> dict[str, Tensor]:
        return {"real_mean": self.real_mean, "fake_mean": self.fake_mean}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.real_mean, self.fake_mean = state["real_mean"].clone(), state["fake_mean"].clone()


class Mismatch:
    """softplus(D(x, y') - D(x, y)): a real sample x is to suit its condition y better than y', its label at the intensity
    of another sample of the batch.

    The matching-aware discriminator (arXiv:1605.05396, section 4.1), whose fakes are real samples beside another text too,
    of intensities, and in pairs, as the relativistic loss has them. What a generator is told of an intensity comes from
    the discriminator, which hears little of it: a face that is too sad is a good sad face. Where y' = y, as in data of one
    intensity, it is 0.
    """

    name, network, paper, twice = "mismatch", "discriminator", "arXiv:1605.05396 section 4.1", False

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """At real samples of its own; at every step the loss's own pass serves."""
        if batch.condition is None:
            raise ValueError(f"the penalty {self.name} needs labels")
        other = at_other_intensities(batch.condition)
        seen = players.seen(players.augment(players.real(batch)), batch.condition, other=other)
        return self.of_logits(seen, batch.condition, other), {}

    def of_logits(self, seen: Seen, condition: Tensor, other: Tensor) -> Tensor:
        """The penalty [N] of real samples that were seen under their condition and beside the ``other`` one."""
        values = _mean_of(softplus(cast(Tensor, seen.others) - seen.logits))
        return values * (other != condition).flatten(1).any(1)


def at_other_intensities(condition: Tensor) -> Tensor:
    """Conditions of labels [N, C], over time [N, T, C]: each sample's label at the intensity of the sample before it."""
    label = condition.flatten(1, -2).amax(1) if condition.ndim > 2 else condition
    label = label / label.sum(-1, keepdim=True).clamp(min=1e-6)
    label = label.view(len(label), *[1] * (condition.ndim - 2), -1)
    return label * condition.sum(-1, keepdim=True).roll(1, 0)


@dataclass(frozen=True)
class Consistency:
    """(D(x) - D(T(x)))^2 at real samples x, with ``fakes`` at generated ones too: the logit shall not follow T.

    CR (arXiv:1910.12027, of the last layer before the loss) has real samples, bCR (arXiv:2002.04724) both, by the same
    weight; it is 10 in both papers. T is ``transform``, or the run's augmentation where it is None. In both papers the
    loss sees plain samples: there the run has no augmentation and the penalty one of its own.
    """

    name: str
    paper: str
    fakes: bool = False
    transform: Callable[[Tensor], Tensor] | None = None
    network: Literal["discriminator", "generator"] = "discriminator"
    twice: bool = False

    def __call__(self, players: Players, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        sides = [players.real(batch)]
        if self.fakes:
            with torch.no_grad():
                sides.append(players.generate(len(batch.real), batch.condition))
        return torch.stack([self._at(players, side, batch.condition) for side in sides]).sum(0), {}

    def _at(self, players: Players, samples: Tensor, condition: Tensor | None) -> Tensor:
        transformed = (self.transform or players.augment)(samples)
        gap = players.logits(samples, condition) - players.logits(transformed, condition)
        return _mean_of(gap.square())


def _slope(name: str, at: At, value: Callable[[Tensor], Tensor], paper: str) -> Callable[[], SlopePenalty]:
    return lambda: SlopePenalty(name, at, value, paper)


PENALTIES: Registry[Callable[[], Any]] = Registry(
    "penalty",
    {
        # 1/2 ||grad_x D(x)||^2 at real samples; the weight is gamma
        "r1": _slope("r1", "real", half_square, "arXiv:1801.04406 eq. 9"),
        # the same at fakes
        "r2": _slope("r2", "fake", half_square, "arXiv:1801.04406 section 4.1"),
        # the weight is lambda, 10 in the paper; batch normalisation in the discriminator makes it invalid
        "wgan_gp": _slope("wgan_gp", "between", distance_from_one, "arXiv:1704.00028 eq. 3"),
        # the weight is lambda, 10 in the authors' code
        "dragan": _slope("dragan", "around", distance_from_one, "arXiv:1705.07215"),
        "finite_difference_r1": FiniteDifferenceR1,
        "drift": Drift,
        "path_length": PathLength,
        "lecam": LeCam,
        "mismatch": Mismatch,
        "cr": lambda: Consistency("cr", "arXiv:1910.12027"),
        "bcr": lambda: Consistency("bcr", "arXiv:2002.04724", fakes=True),
    },
)
"""Name -> factory: each call gives a ``Penalty`` with its own state."""
