"""Terms of a generator whose condition is a sample: values by hand, their sum, and where the gradient goes."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import pathwise
from multigan.objectives.terms import TERMS, weighed_terms
from multigan.protocols import Batch


class Scaled(nn.Module):
    """The condition times a number."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(2.0))

    def latent(self, n, random_state=None):
        return torch.empty(n, 0)

    def forward(self, latent, condition):
        return condition * self.factor


class Patches(nn.Module):
    """Each value is a logit of its own, [N, K]."""

    def forward(self, samples, condition):
        return samples.flatten(1)


class Levels(nn.Module):
    """Two levels: the samples, and three times their sum over places."""

    def forward(self, samples):
        return [samples, 3 * samples.sum((2, 3))]


CONDITION = torch.tensor([[0.0, 1.0], [2.0, -1.0]]).view(2, 1, 1, 2)
REAL = torch.tensor([[1.0, 1.0], [1.0, 0.0]]).view(2, 1, 1, 2)
# fakes are [0, 2] and [4, -2]: differences from real ones [-1, 1] and [3, -2]


@pytest.fixture
def players():
    generator, critic = Scaled(), Patches()
    return Players(
        generator, critic, nn.Identity(), nullcontext, {"generator": generator, "features": Levels()}
    )


def of(players, name):
    batch = Batch(REAL, CONDITION)
    return TERMS[name].value(players, batch, players.generate(2, CONDITION))


def test_values_by_hand(players):
    assert of(players, "l1").tolist() == [1.0, 2.5]
    assert of(players, "l2").tolist() == [1.0, 6.5]
    # the second level: 3 |sum of differences| = 0 and 3; the mean with the first level's l1
    assert of(players, "perceptual").tolist() == [0.5, (2.5 + 3.0) / 2]


def test_the_sum_is_weighed_and_each_term_is_told(players):
    outcome = weighed_terms(LOSSES["non_saturating"], {"adversarial": 0.5, "l1": 10.0})(
        players, Batch(REAL, CONDITION)
    )
    alone = pathwise(LOSSES["non_saturating"])(players, Batch(REAL, CONDITION)).loss
    # -log sigmoid of the logits 0, 2 and 4, -2, a mean over the patches of each sample
    by_hand = nn.functional.softplus(torch.tensor([[0.0, -2.0], [-4.0, 2.0]])).mean(1)
    assert torch.allclose(alone, by_hand)
    assert torch.allclose(outcome.loss, 0.5 * by_hand + 10 * torch.tensor([1.0, 2.5]))
    assert torch.equal(outcome.signals["adversarial"], alone.detach())
    assert outcome.signals["l1"].tolist() == [1.0, 2.5]
    assert not any(signal.requires_grad for signal in outcome.signals.values())
    outcome.loss.sum().backward()
    # d l1 / d factor = mean over places of sign(fake - real) * condition: 0.5 and (2 + 1) / 2
    adversarial = torch.autograd.grad(
        pathwise(LOSSES["non_saturating"])(players, Batch(REAL, CONDITION)).loss.sum(),
        players.generator.factor,
    )[0]
    expected = 0.5 * adversarial + 10 * (0.5 + 1.5)
    assert torch.allclose(players.generator.factor.grad, expected)


def test_the_fakes_of_all_terms_are_the_same_and_only_the_adversarial_ones_are_augmented(players):
    seen = []

    def augment(samples):
        seen.append(samples.detach())
        return samples + 100

    generated = []
    generator = players.generator
    generator.register_forward_hook(lambda *told: generated.append(told[-1]))
    augmented = Players(generator, players.discriminator, augment, nullcontext, players.networks)
    loss = LOSSES["relativistic"]
    outcome = weighed_terms(loss, {"adversarial": 1.0, "l1": 1.0})(augmented, Batch(REAL, CONDITION))
    assert len(generated) == 1
    assert [each.flatten().tolist() for each in seen] == [
        generated[0].flatten().tolist(), REAL.flatten().tolist(),
    ]  # fmt: skip
    assert outcome.signals["l1"].tolist() == [1.0, 2.5]


def test_a_weight_may_move_with_the_samples_seen(players):
    objective = weighed_terms(LOSSES["non_saturating"], {"l1": lambda samples: samples / 100})
    later = Players(
        players.generator, players.discriminator, nn.Identity(), nullcontext, players.networks, 50
    )
    assert objective(later, Batch(REAL, CONDITION)).loss.tolist() == [0.5, 1.25]
