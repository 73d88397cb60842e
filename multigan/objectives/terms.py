"""A generator's loss as a weighed sum of named terms, all of the same fakes: super-resolution and translation.

Adversarial and content terms are summed as in SRGAN (arXiv:1609.04802, eq. 3), ESRGAN (arXiv:1809.00219, eq. 3) and pix2pix
(arXiv:1611.07004, eq. 4). A term of another task is one function and one line in ``TERMS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from multigan.game import Players
from multigan.losses import AdversarialLoss
from multigan.objectives import Objective, Outcome, Weight, weight_at
from multigan.objectives.adversarial import pathwise
from multigan.precision import full_precision
from multigan.protocols import Batch
from multigan.registry import Registry

ADVERSARIAL = "adversarial"
"""The term that is the run's adversarial loss."""
FEATURES = "features"
"""The network whose levels the perceptual term compares, by its name among the architecture's."""


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


TERMS: Registry[Term] = Registry(
    "term",
    {
        "l1": Term("l1", l1, "arXiv:1611.07004"),
        "l2": Term("l2", l2, "arXiv:1609.04802"),
        "perceptual": Term("perceptual", perceptual, "arXiv:1809.00219", FEATURES),
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
