"""Penalties through the augmentation: the slope with respect to the sample before it, by hand."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.image.ada import AdaptiveAugment
from multigan.image.diffaugment import DiffAugment
from multigan.image.modality import IMAGE
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator
from multigan.penalties import PENALTIES
from multigan.protocols import Batch
from multigan.training.assemble import penalty_of
from multigan.training.settings import PenaltySettings

SLOPES = ["r1", "r2", "wgan_gp", "dragan"]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


class Noise(nn.Module):
    """A generator of fresh normal samples."""

    def __init__(self, *shape):
        super().__init__()
        self.shape, self.scale = shape, nn.Parameter(torch.ones((), dtype=torch.float64))

    def latent(self, n, random_state=None):
        return torch.randn(n, *self.shape, dtype=torch.float64)

    def forward(self, latent, condition):
        return self.scale * latent


class Linear(nn.Module):
    """D(x) = <weight, x>."""

    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*shape, dtype=torch.float64))

    def forward(self, samples, condition):
        return (samples * self.weight).flatten(1).sum(1)


class Quadratic(nn.Module):
    """D(x) = ||x||^2 / 2, whose slope is x."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones((), dtype=torch.float64))

    def forward(self, samples, condition):
        return self.scale * samples.flatten(1).square().sum(1) / 2


def penalty(name, through):
    return penalty_of(PenaltySettings(name=name, weight=1.0, through=through), IMAGE)


def value_of_slope(name, length):
    return length**2 / 2 if name in ("r1", "r2") else (length - 1) ** 2


def real(n, *shape):
    return Batch(torch.randn(n, *shape, dtype=torch.float64), None)


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("shared", [False, True])
def test_an_augmentation_that_multiplies_by_a_makes_the_slope_a_times_as_large(name, shared):
    """The critic is linear: at the augmented sample its slope is w wherever it is, through the augmentation a w."""
    a, critic = 3.0, Linear(2, 3)
    length = float(critic.weight.detach().norm())
    players = Players(Noise(2, 3), critic, lambda samples: a * samples, nullcontext)
    for through, factor in ((False, 1.0), (True, a)):
        own = penalty(name, through)
        if shared:
            signals = discriminator(LOSSES["hinge"], 0.0, [(own, 1.0)])(players, real(5, 2, 3)).signals
            values = signals[name]
        else:
            values, _ = own(players, real(5, 2, 3))
        expected = torch.full((5,), value_of_slope(name, factor * length), dtype=torch.float64)
        torch.testing.assert_close(values.detach(), expected)


@pytest.mark.parametrize(("name", "which"), [("r1", "real"), ("r2", "fake")])
def test_it_is_the_draw_of_the_augmentation_that_the_loss_saw(name, which):
    """T(x) = s x with s of each sample's own: the slope of ||T(x)||^2 / 2 is s T(x), and the logit ||T(x)||^2 / 2."""
    drawn = []

    def scaled(samples):
        drawn.append(torch.rand(len(samples), 1, dtype=torch.float64) + 0.5)
        return drawn[-1] * samples

    players = Players(Noise(4), Quadratic(), scaled, nullcontext)
    outcome = discriminator(LOSSES["hinge"], 0.0, [(penalty(name, True), 7.0)])(players, real(6, 4))
    assert len(drawn) == 2
    scale = drawn[1 if which == "real" else 0].squeeze(1)
    logits = outcome.signals[f"{which}_logits"]
    torch.testing.assert_close(outcome.signals[name], 0.5 * scale.square() * 2 * logits)
    plain = LOSSES["hinge"].discriminator(outcome.signals["real_logits"], outcome.signals["fake_logits"])
    torch.testing.assert_close(outcome.loss.detach(), plain + 7 * outcome.signals[name])


@pytest.mark.parametrize("augment", [AdaptiveAugment, DiffAugment])
def test_through_the_augmentations_of_images_it_is_what_finite_differences_say(augment):
    module, critic = augment(), Linear(3, 16, 16)
    if hasattr(module, "p"):
        module.p.fill_(0.9)

    def augmented(samples):
        torch.manual_seed(3)
        return module(samples)

    players = Players(Noise(3, 16, 16), critic, augmented, nullcontext)
    batch = real(3, 3, 16, 16)
    values, _ = penalty("r1", True)(players, batch)
    slope = torch.zeros(3, 3 * 16 * 16, dtype=torch.float64)
    with torch.no_grad():
        here = critic(augmented(batch.real), None)
        for place in range(slope.shape[1]):
            moved = batch.real.flatten(1).clone()
            moved[:, place] += 1.0  # both are linear in the pixels, but for what is added
            slope[:, place] = critic(augmented(moved.view_as(batch.real)), None) - here
    torch.testing.assert_close(values, 0.5 * slope.square().sum(1), rtol=1e-4, atol=0)
    values.sum().backward()  # differentiates again
    assert critic.weight.grad.abs().sum() > 0


def test_without_an_augmentation_both_are_the_same_bits():
    batch, results = real(5, 4), []
    for through in (False, True):
        players = Players(Noise(4), Quadratic(), nn.Identity(), nullcontext)
        torch.manual_seed(5)
        penalties = [(penalty(name, through), 0.3) for name in SLOPES]
        outcome = discriminator(LOSSES["relativistic"], 0.0, penalties)(players, batch)
        outcome.loss.mean().backward()
        results.append((outcome.loss.detach(), players.discriminator.scale.grad))
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


@pytest.mark.parametrize("name", sorted(set(PENALTIES) - set(SLOPES)))
def test_what_is_no_slope_by_the_sample_says_so(name):
    with pytest.raises(
        ConfigError, match=f"penalty {name} cannot be taken through the augmentation.*r1, r2, wgan_gp, dragan"
    ):
        penalty(name, True)
