"""Every adversarial loss at logits computed by hand, and its orientation."""

import math

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.protocols import Batch

REAL, FAKE = (2.0, -0.5, 0.25), (1.0, 3.0, -2.0)
E = math.e


def log_sigmoid(x):
    return -math.log1p(math.exp(-x))


# name -> (discriminator(real, fake), generator(fake, real)), written out for one pair of logits
BY_HAND = {
    "minimax": (lambda r, f: -log_sigmoid(r) - log_sigmoid(-f), lambda f, r: log_sigmoid(-f)),
    "non_saturating": (lambda r, f: -log_sigmoid(r) - log_sigmoid(-f), lambda f, r: -log_sigmoid(f)),
    "least_squares": (lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda f, r: (f - 1) ** 2 / 2),
    "wasserstein": (lambda r, f: f - r, lambda f, r: -f),
    "hinge": (lambda r, f: max(0, 1 - r) + max(0, 1 + f), lambda f, r: -f),
    "relativistic": (lambda r, f: -log_sigmoid(r - f), lambda f, r: -log_sigmoid(f - r)),
    "f_gan_kl": (lambda r, f: -r + E ** (f - 1), lambda f, r: -f),
}
# the pair D(real) = 2, D(fake) = 1, from a pocket calculator
NUMBERS = {
    "minimax": (0.126928 + 1.313262, -1.313262),
    "non_saturating": (0.126928 + 1.313262, 0.313262),
    "least_squares": (0.5 + 0.5, 0.0),
    "wasserstein": (-1.0, -1.0),
    "hinge": (0.0 + 2.0, -1.0),
    "relativistic": (0.313262, 1.313262),
    "f_gan_kl": (-2.0 + 1.0, -1.0),
}


def test_every_loss_has_values_by_hand():
    assert set(LOSSES) == set(BY_HAND) == set(NUMBERS)


@pytest.mark.parametrize("name", LOSSES)
def test_values(name):
    loss = LOSSES[name]
    real, fake = torch.tensor(REAL, dtype=torch.float64), torch.tensor(FAKE, dtype=torch.float64)
    of_discriminator, of_generator = BY_HAND[name]
    expected = torch.tensor(
        [of_discriminator(r, f) for r, f in zip(REAL, FAKE, strict=True)], dtype=torch.float64
    )
    torch.testing.assert_close(loss.discriminator(real, fake), expected, rtol=1e-12, atol=1e-12)
    expected = torch.tensor(
        [of_generator(f, r) for r, f in zip(REAL, FAKE, strict=True)], dtype=torch.float64
    )
    torch.testing.assert_close(loss.generator(fake, real), expected, rtol=1e-12, atol=1e-12)
    assert loss.discriminator(real, fake)[0].item() == pytest.approx(NUMBERS[name][0], abs=2e-6)
    assert loss.generator(fake, real)[0].item() == pytest.approx(NUMBERS[name][1], abs=2e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients(name):
    torch.manual_seed(0)
    real = torch.randn(5, dtype=torch.float64, requires_grad=True)
    fake = torch.randn(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(LOSSES[name].discriminator, (real, fake))
    assert torch.autograd.gradcheck(lambda f: LOSSES[name].generator(f, real.detach()), (fake,))


@pytest.mark.parametrize("name", LOSSES)
def test_uses_real_is_true_exactly_where_the_generator_loss_depends_on_real_logits(name):
    loss, fake = LOSSES[name], torch.tensor(FAKE)
    depends = not torch.equal(
        loss.generator(fake, torch.tensor(REAL)), loss.generator(fake, torch.tensor(REAL) + 1)
    )
    assert loss.uses_real is depends
    if loss.uses_real:
        with pytest.raises(ConfigError, match="found no real ones"):
            loss.generator(fake, None)
    else:
        torch.testing.assert_close(loss.generator(fake, None), loss.generator(fake, torch.tensor(REAL)))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("size", [30.0, -30.0])
def test_logits_of_a_sure_discriminator_stay_finite_in_float32(name, size):
    logits = torch.tensor([size])
    for value in (LOSSES[name].discriminator(logits, -logits), LOSSES[name].generator(logits, -logits)):
        assert torch.isfinite(value).all()
    assert torch.isfinite(LOSSES[name].discriminator(-logits, logits)).all()


def test_the_best_kl_discriminator_is_one_plus_the_log_ratio():
    ratio = torch.tensor([0.2, 1.0, 4.0], dtype=torch.float64)  # p_real / p_fake
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        logits += 1 + ratio.log()
    expected_loss = -ratio * logits + torch.exp(logits - 1)  # E_real and E_fake at one x, over p_fake
    weighted = LOSSES["f_gan_kl"].discriminator(logits, logits) + (1 - ratio) * logits
    torch.testing.assert_close(weighted, expected_loss)
    (gradient,) = torch.autograd.grad(weighted.sum(), logits)
    torch.testing.assert_close(gradient, torch.zeros(3, dtype=torch.float64), atol=1e-12, rtol=0)


class Shift(nn.Module):
    """A generator: latent + a learnt shift."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(3))

    def latent(self, n, random_state=None):
        return 0.1 * torch.randn(n, 3, generator=random_state)

    def forward(self, latent, condition):
        return latent + self.shift


class Linear(nn.Module):
    """A discriminator: a linear function, centred on 1/2, where every loss has both of its gradients."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.2, -0.1, 0.05]))

    def forward(self, samples, condition):
        return 0.5 + samples @ self.weight


def mean_logits(players, batch):
    with torch.no_grad():
        torch.manual_seed(7)
        real = players.logits(batch.real, None).mean()
        return real, players.logits(players.fake(batch), None).mean()


@pytest.mark.parametrize("name", LOSSES)
def test_a_step_of_each_network_goes_the_right_way(name, plain_players):
    torch.manual_seed(1)
    players = plain_players(Shift(), Linear())
    batch = Batch(torch.tensor([0.3, 0.2, -0.4]) + 0.1 * torch.randn(64, 3), None)

    real, fake = mean_logits(players, batch)
    step(players.discriminator, discriminator(LOSSES[name])(players, batch))
    new_real, new_fake = mean_logits(players, batch)
    assert new_real - new_fake > real - fake + 1e-4

    step(players.generator, pathwise(LOSSES[name])(players, batch))
    assert mean_logits(players, batch)[1] > new_fake + 1e-4


def step(network, outcome):
    network.zero_grad()
    outcome.loss.mean().backward(inputs=list(network.parameters()))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter -= 0.1 * parameter.grad


@pytest.fixture
def plain_players():
    from contextlib import nullcontext

    return lambda generator, critic: Players(generator, critic, lambda samples: samples, nullcontext)
