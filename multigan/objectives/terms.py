"""A generator's loss as a weighed sum of named terms, all of the same fakes: super-resolution and translation.

Adversarial and content terms are summed as in SRGAN (arXiv:1609.04802, eq. 3), ESRGAN (arXiv:1809.00219, eq. 3) and pix2pix
(arXiv:1611.07004, eq. 4). A term of another task is one function and one line in ``TERMS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor

from multigan.game import Players
from multigan.losses import AdversarialLoss
from multigan.objectives import Objective, Outcome, Weight, weight_at
from multigan.objectives.adversarial import pathwise
from multigan.precision import full_precision
from multigan.protocols import Batch, Generates
from multigan.registry import Registry

ADVERSARIAL = "adversarial"
"""The term that is the run's adversarial loss."""
FEATURES = "features"
"""The network whose levels the perceptual term compares, by its name among the architecture's."""
GENERATOR_BACK, DISCRIMINATOR_BACK = "generator_back", "discriminator_back"
"""The two networks of the way back, from what is made to what is given."""
_WAYS = {
    "generator": GENERATOR_BACK, "discriminator": DISCRIMINATOR_BACK,
    GENERATOR_BACK: "generator", DISCRIMINATOR_BACK: "discriminator",
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A distance [N] of fakes that carry gradient from what the batch says that they should be."""

    name: str
    value: Callable[[Players, Batch, Tensor], Tensor]
    """(players, batch, fakes [N, ...] under the batch's condition) -> [N]."""
    paper: str
    network: str | None = None
    """A network beside generator and discriminator that it needs, by its name."""


def l1(players: Players, batch: Batch, fake: Tensor) -> Tensor:
    """mean |fake - real| [N]; arXiv:1611.07004 eq. 3, arXiv:1809.00219 section 3.3 (L_1)."""
    return (fake - batch.real).abs().flatten(1).mean(1)


def l2(players: Players, batch: Batch, fake: Tensor) -> Tensor:
    """mean (fake - real)^2 [N]; arXiv:1609.04802 eq. 4."""
    return (fake - batch.real).square().flatten(1).mean(1)


def perceptual(players: Players, batch: Batch, fake: Tensor) -> Tensor:
    """The mean over levels l of mean |phi_l(fake) - phi_l(real)| [N], phi the network ``features``.

    arXiv:1609.04802 eq. 5 with the absolute difference and the features before activation of arXiv:1809.00219, section 3.3.
    """
    network = players.networks[FEATURES]
    with players.autocast():
        pairs = list(zip(network(fake), network(batch.real), strict=True))
    distances = [(full_precision(a) - full_precision(b)).abs().flatten(1).mean(1) for a, b in pairs]
    return sum(distances[1:], distances[0]) / len(distances)


def cycle(players: Players, batch: Batch, fake: Tensor) -> Tensor:
    """mean |F(G(a)) - a| [N], F the generator of the way back; arXiv:1703.10593 eq. 2, of one of its two ways."""
    source, _ = _source(batch)
    return _apart(_through(players, GENERATOR_BACK, fake, batch), source)


def identity(players: Players, batch: Batch, fake: Tensor) -> Tensor:
    """mean |G(b) - b| [N]: what is of the wanted kind already stays; arXiv:1703.10593 section 5.2, of one way."""
    return _apart(_through(players, "generator", batch.real, batch), batch.real)


def _apart(first: Tensor, second: Tensor) -> Tensor:
    return (first - second).abs().flatten(1).mean(1)


def _source(batch: Batch) -> tuple[Tensor, Tensor]:
    """What a condition [N, C + L, ...] is made of: the source [N, C, ...], and the L planes of a label, if any."""
    assert batch.condition is not None  # as the architectures with a way back ask
    n_channels = batch.real.shape[1]
    return batch.condition[:, :n_channels], batch.condition[:, n_channels:]


def _through(players: Players, name: str, samples: Tensor, batch: Batch) -> Tensor:
    """A generator of these samples under the batch's label, in float32."""
    network = players.generator if name == "generator" else players.networks[name]
    latent = cast(Generates, network).latent(len(samples))
    with players.autocast():
        return full_precision(network(latent, torch.cat((samples, _source(batch)[1]), 1)))


def there_and_back(objective: Objective) -> Objective:
    """An objective of the way there and the same of the way back, summed; the signals of the latter are ``back_...``.

    Back, the other generator and discriminator play, sources are what is real, and real samples what is given.
    """

    def of_both(players: Players, batch: Batch) -> Outcome:
        there, back = objective(players, batch), objective(turned(players), turned_batch(batch))
        signals = {f"back_{name}": values for name, values in back.signals.items()}
        return Outcome(there.loss + back.loss, there.signals | signals)

    return of_both


def turned(players: Players) -> Players:
    """The players of the way back."""
    networks = {_WAYS.get(name, name): network for name, network in players.networks.items()}
    return replace(
        players, generator=networks["generator"], discriminator=networks["discriminator"], networks=networks
    )


def turned_batch(batch: Batch) -> Batch:
    """A batch of the way back, under the same labels."""
    source, planes = _source(batch)
    return Batch(source, torch.cat((batch.real, planes), 1))


TERMS: Registry[Term] = Registry(
    "term",
    {
        "l1": Term("l1", l1, "arXiv:1611.07004"),
        "l2": Term("l2", l2, "arXiv:1609.04802"),
        "perceptual": Term("perceptual", perceptual, "arXiv:1809.00219", FEATURES),
        "cycle": Term("cycle", cycle, "arXiv:1703.10593", GENERATOR_BACK),
        "identity": Term("identity", identity, "arXiv:1703.10593"),
    },
)


def weighed_terms(loss: AdversarialLoss, weights: Mapping[str, Weight]) -> Objective:
    """sum_i w_i term_i of fresh fakes [N], i by its name in ``TERMS`` or ``adversarial``; each term is a signal, unweighed.

    The adversarial term sees the augmented fakes, the others see them as they are.
    """

    def adversarial(players: Players, batch: Batch, fake: Tensor) -> Outcome:
        return pathwise(loss, fake=lambda players, batch: players.augment(fake))(players, batch)

    def objective(players: Players, batch: Batch) -> Outcome:
        fake = players.generate(len(batch.real), batch.condition)
        total, signals = fake.new_zeros(len(fake)), {}
        for name, weight in weights.items():
            if name == ADVERSARIAL:
                outcome = adversarial(players, batch, fake)
                values, signals = outcome.loss, signals | outcome.signals
            else:
                values = TERMS[name].value(players, batch, fake)
            signals[name] = values.detach()
            total = total + weight_at(weight, players.samples_seen) * values
        return Outcome(total, signals)

    return objective
