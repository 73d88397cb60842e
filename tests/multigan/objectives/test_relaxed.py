"""The relaxed objective of token sequences, by hand."""

import math
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.sequence import relaxed
from multigan.protocols import Batch

V, T = 3, 3


class Relaxing(nn.Module):
    """One-hot rows of its likeliest token, whose gradient is that of its probabilities."""

    def __init__(self):
        super().__init__()
        self.row = nn.Parameter(torch.randn(V, dtype=torch.float64))

    def relax(self, n, condition, temperature):
        soft = (self.row / temperature).softmax(0).expand(n, T, V)
        return nn.functional.one_hot(soft.argmax(2), V) + soft - soft.detach()


class OneHotCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(T, V, dtype=torch.float64))

    def forward(self, samples, condition):
        rows = samples if samples.is_floating_point() else nn.functional.one_hot(samples, V).double()
        return (rows * self.weight).sum((1, 2))


def test_the_relaxed_objective_is_pathwise_through_relaxed_samples():
    players = Players(Relaxing(), OneHotCritic(), nn.Identity(), nullcontext)
    outcome = relaxed(LOSSES["relativistic"], 0.0, 0.5)(
        players, Batch(torch.zeros(4, T, dtype=torch.long), None)
    )
    outcome.loss.mean().backward()
    soft = (players.generator.row.detach() / 0.5).requires_grad_().softmax(0)
    weight = players.discriminator.weight.detach()
    fake = weight[:, soft.argmax()].sum()
    torch.testing.assert_close(outcome.signals["fake_logits"], fake.expand(4))
    leaf = players.generator.row.detach().clone().requires_grad_()
    # d loss / d fake logit of softplus(real - fake), and the gradient of the soft row
    share = (outcome.signals["real_logits"] - fake).sigmoid().mean()
    ((leaf / 0.5).softmax(0) @ weight.sum(0) * -share).backward()
    torch.testing.assert_close(players.generator.row.grad, leaf.grad)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf])
def test_a_relaxation_needs_a_temperature(temperature):
    with pytest.raises(ConfigError, match="temperature of the relaxation is above 0"):
        relaxed(LOSSES["relativistic"], 0.0, temperature)
