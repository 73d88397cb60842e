"""Objectives: what networks see, where gradient flows."""

import copy
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.protocols import Batch


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def identity(samples):
    return samples


class Affine(nn.Module):
    """A generator: latent @ weight, plus the condition's sum."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(2, 4))

    def latent(self, n, random_state=None):
        return torch.randn(n, 2, generator=random_state, dtype=self.weight.dtype)

    def forward(self, latent, condition):
        self.was_training, self.had_gradient = self.training, torch.is_grad_enabled()
        return latent @ self.weight + (0 if condition is None else condition.sum(1, keepdim=True))


class Critic(nn.Module):
    """A discriminator that remembers what it was shown."""

    def __init__(self):
        super().__init__()
        self.hidden, self.last = nn.Linear(4, 5), nn.Linear(5, 1)
        self.seen = []

    def forward(self, samples, condition):
        self.seen.append((samples.detach(), condition, torch.is_grad_enabled()))
        return self.last(torch.tanh(self.hidden(samples))).squeeze(1)


def image_players(augment=identity, autocast=nullcontext):
    return Players(Affine(), Critic(), augment, autocast)


def image_batch(n=5):
    return Batch(torch.randn(n, 4), torch.rand(n, 3))


def bfloat16():
    return torch.autocast("cpu", torch.bfloat16)


@pytest.mark.parametrize("name", LOSSES)
def test_discriminator_sees_augmented_real_and_fake_apart_under_one_condition(name):
    players, batch = image_players(augment=lambda samples: samples + 1), image_batch()
    torch.manual_seed(4)
    outcome = discriminator(LOSSES[name])(players, batch)
    torch.manual_seed(4)
    fake = players.generator(players.generator.latent(5), batch.condition).detach() + 1
    (first, *_), (second, *_) = players.discriminator.seen
    assert {tuple(first.flatten().tolist()), tuple(second.flatten().tolist())} == {
        tuple((batch.real + 1).flatten().tolist()),
        tuple(fake.flatten().tolist()),
    }
    assert all(condition is batch.condition for _, condition, _ in players.discriminator.seen)

    real_logits = players.discriminator(batch.real + 1, None)
    fake_logits = players.discriminator(fake, None)
    torch.testing.assert_close(outcome.loss, LOSSES[name].discriminator(real_logits, fake_logits))
    torch.testing.assert_close(
        outcome.signals, {"real_logits": real_logits.detach(), "fake_logits": fake_logits.detach()}
    )


def test_discriminator_makes_fakes_in_train_mode_without_gradient():
    players = image_players()
    discriminator(LOSSES["hinge"])(players, image_batch()).loss.mean().backward()
    assert players.generator.was_training
    assert not players.generator.had_gradient
    assert players.generator.weight.grad is None
    assert players.discriminator.hidden.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_pathwise_goes_through_the_discriminator_and_the_augmentation(name):
    loss, batch = LOSSES[name], image_batch()
    players = image_players(augment=lambda samples: 3 * samples - 1)
    players.discriminator.requires_grad_(False)
    torch.manual_seed(4)
    outcome = pathwise(loss)(players, batch)
    outcome.loss.sum().backward()

    weight = players.generator.weight.detach().requires_grad_()
    torch.manual_seed(4)
    fake = 3 * (players.generator.latent(5) @ weight + batch.condition.sum(1, keepdim=True)) - 1
    critic = copy.deepcopy(players.discriminator)
    expected = loss.generator(critic(fake, None), critic(3 * batch.real - 1, None))
    torch.testing.assert_close(outcome.loss, expected)
    (gradient,) = torch.autograd.grad(expected.sum(), weight)
    torch.testing.assert_close(players.generator.weight.grad, gradient)
    assert all(parameter.grad is None for parameter in players.discriminator.parameters())


@pytest.mark.parametrize("name", LOSSES)
def test_pathwise_looks_at_real_samples_only_where_the_loss_does_and_without_gradient(name):
    players, loss = image_players(), LOSSES[name]
    outcome = pathwise(loss)(players, image_batch())
    assert [gradient for _, _, gradient in players.discriminator.seen] == [True, False][: 1 + loss.uses_real]
    assert set(outcome.signals) == ({"fake_logits", "real_logits"} if loss.uses_real else {"fake_logits"})
    assert not any(signal.requires_grad for signal in outcome.signals.values())


@pytest.mark.parametrize("objective", [discriminator, pathwise])
def test_networks_run_under_autocast_and_losses_in_float32(objective):
    players, batch = image_players(autocast=bfloat16), image_batch()
    torch.manual_seed(4)
    outcome = objective(LOSSES["relativistic"])(players, batch)
    outcome.loss.mean().backward()
    assert outcome.loss.dtype == torch.float32
    assert all(signal.dtype == torch.float32 for signal in outcome.signals.values())
    assert all(samples.dtype == torch.float32 for samples, *_ in players.discriminator.seen)
    # logits are float32 numbers that bfloat16 holds, so the forward pass was in bfloat16
    assert all(torch.equal(signal, signal.bfloat16().float()) for signal in outcome.signals.values())


@pytest.mark.parametrize("objective", [discriminator, pathwise])
def test_float64_stays_float64(objective):
    players = image_players()
    players.generator.double(), players.discriminator.double()
    batch = Batch(torch.randn(3, 4, dtype=torch.float64), None)
    assert objective(LOSSES["relativistic"])(players, batch).loss.dtype == torch.float64


def test_pathwise_gradcheck():
    players = image_players(augment=torch.sin)
    players.generator.double(), players.discriminator.double()
    batch = Batch(torch.randn(3, 4, dtype=torch.float64), None)

    class Given(nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.value = weight

        latent = Affine.latent

        def forward(self, latent, condition):
            return latent @ self.value

        weight = property(lambda self: self.value)

    def losses(weight):
        torch.manual_seed(8)
        return pathwise(LOSSES["relativistic"])(
            Players(Given(weight), players.discriminator, torch.sin, nullcontext), batch
        ).loss

    weight = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(losses, (weight,))
