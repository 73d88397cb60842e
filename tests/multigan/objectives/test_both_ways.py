"""Terms of the way there and back (CycleGAN): of inverse maps 0, by hand, and which networks they teach."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator
from multigan.objectives.terms import TERMS, there_and_back, turned, turned_batch, weighed_terms
from multigan.protocols import Batch


class Linear(nn.Module):
    """x -> A x + b of two channels at every place, and ``heard`` times the plane of the label."""

    def __init__(self, weight, bias, heard=0.0):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.tensor(weight)), nn.Parameter(torch.tensor(bias))
        self.heard = heard

    def latent(self, n, random_state=None):
        return torch.empty(n, 0)

    def forward(self, latent, condition):
        images, planes = condition[:, :2], condition[:, 2:]
        made = torch.einsum("ij,njhw->nihw", self.weight, images) + self.bias[:, None, None]
        return made + self.heard * planes.sum(1, keepdim=True)


class Brightness(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, samples, condition):
        return self.scale * samples.flatten(1)


THERE = ([[2.0, 1.0], [1.0, 1.0]], [0.5, -1.0])
BACK = ([[1.0, -1.0], [-1.0, 2.0]], [-1.5, 2.5])
"""The inverse: A^-1 y - A^-1 b."""


def players_of(back=BACK, heard=0.0):
    networks = {
        "generator": Linear(*THERE, heard), "discriminator": Brightness(),
        "generator_back": Linear(*back, 0.0), "discriminator_back": Brightness(),
    }  # fmt: skip
    return Players(networks["generator"], networks["discriminator"], nn.Identity(), nullcontext, networks)


def batch_of(seed=0):
    state = torch.Generator().manual_seed(seed)
    real, source = (torch.randn(3, 2, 4, 4, generator=state) for _ in range(2))
    return Batch(real, torch.cat((source, torch.ones(3, 1, 4, 4)), 1))


def value(players, batch, name):
    return TERMS[name].value(players, batch, players.generate(len(batch.real), batch.condition)).detach()


def test_the_cycle_of_inverse_linear_maps_is_0():
    players, batch = players_of(), batch_of()
    for one, data in ((players, batch), (turned(players), turned_batch(batch))):
        assert value(one, data, "cycle") == pytest.approx(torch.zeros(3), abs=1e-5)
        assert (value(one, data, "identity") > 0.1).all()


def test_terms_by_hand():
    """Back to what is given with each channel 3 and 1 too high: 2 on average. The label is heard on the way there."""
    shifted = (BACK[0], [BACK[1][0] + 3.0, BACK[1][1] + 1.0])
    batch = batch_of()
    assert value(players_of(shifted), batch, "cycle") == pytest.approx(torch.full((3,), 2.0), abs=1e-5)
    # 7 at every place is 7 (A^-1 1) = 7 (0, 1) too high on the way back
    assert value(players_of(heard=7.0), batch, "cycle") == pytest.approx(torch.full((3,), 3.5), abs=1e-5)
    expected = (torch.einsum("ij,njhw->nihw", torch.tensor(THERE[0]) - torch.eye(2), batch.real)
                + torch.tensor(THERE[1])[:, None, None]).abs().mean((1, 2, 3))  # fmt: skip
    assert value(players_of(), batch, "identity") == pytest.approx(expected, abs=1e-5)


def test_there_and_back_sums_both_ways_and_teaches_both_generators():
    players, batch = players_of((BACK[0], [0.0, 0.0])), batch_of()
    weights = {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0}
    objective = weighed_terms(LOSSES["least_squares"], weights)
    whole = there_and_back(objective)(players, batch)
    parts = objective(players, batch), objective(turned(players), turned_batch(batch))
    assert torch.allclose(whole.loss, parts[0].loss + parts[1].loss)
    assert {"cycle", "identity", "adversarial", "back_cycle", "back_identity", "back_adversarial"} <= set(
        whole.signals
    )
    by_hand = sum(
        weight * (whole.signals[name] + whole.signals[f"back_{name}"]) for name, weight in weights.items()
    )
    assert torch.allclose(whole.loss, by_hand)
    whole.loss.mean().backward()
    for name in ("generator", "generator_back"):
        assert all(float(p.grad.abs().sum()) > 0 for p in players.networks[name].parameters())


def test_each_discriminator_judges_its_own_kind():
    players, batch = players_of(), batch_of()
    whole = there_and_back(discriminator(LOSSES["least_squares"]))(players, batch)
    assert torch.allclose(whole.signals["real_logits"], batch.real.flatten(1))
    assert torch.allclose(whole.signals["back_real_logits"], batch.condition[:, :2].flatten(1))
    whole.loss.mean().backward()
    for name in ("discriminator", "discriminator_back"):
        assert float(players.networks[name].scale.grad.abs()) > 0


def test_turned_twice_is_as_before():
    players, batch = players_of(), batch_of()
    again = turned(turned(players))
    assert again.generator is players.generator
    assert again.networks["discriminator_back"] is players.networks["discriminator_back"]
    twice = turned_batch(turned_batch(batch))
    assert torch.equal(twice.real, batch.real)
    assert torch.equal(twice.condition, batch.condition)
