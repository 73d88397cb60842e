"""Gradients of an update: the mean over parts, lazy weights, freezing, and state that moves once per update."""

import math
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.game import Game
from multigan.objectives import Outcome
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES
from multigan.protocols import Batch
from multigan.training.chance import seed_all
from multigan.training.optimisers import OPTIMISERS, Optimiser
from multigan.training.trainer import Stage, Trainer
from multigan.training.updates import Part, Place, Update, gradients
from multigan.training.world import World

SHAPE = (2, 16, 16)


class Noise:
    """64 samples without labels."""

    labels, sample_shape = (), SHAPE

    def __len__(self):
        return 64

    def batch(self, indices):
        return Batch(torch.randn(len(indices), *SHAPE), None)


class LinearStyles(nn.Module):
    """styles [N, L, W] = latent, scaled; sample = sum over layers of styles[l] @ matrix[l]."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.matrix = nn.Parameter(torch.randn(3, 8, math.prod(SHAPE)))

    def latent(self, n, random_state=None):
        return torch.randn(n, 3, 8, generator=random_state)

    def mapping(self, latent, condition):
        return self.scale * latent

    def synthesis(self, styles):
        return torch.einsum("nlw,lwd->nd", styles, self.matrix).unflatten(1, SHAPE)


@pytest.mark.parametrize("every", [1, 2])
def test_path_lengths_mean_moves_once_per_update_whatever_the_parts(tmp_path, every):
    """After one update it is 0.01 of the mean length of the whole batch, for 1, 4 and 16 parts alike."""
    means = []
    for n_parts in (1, 4, 16):
        torch.manual_seed(0)
        networks = {"generator": LinearStyles(), "discriminator": nn.Identity()}
        penalty, lengths = PENALTIES["path_length"](), []
        update = Update("path_length", ("generator",), penalise(penalty, 2.0), every=every)
        rule = OPTIMISERS["sgd"]
        own = load(rule.settings, {"lr": 1e-6}, "test")
        keep = SimpleNamespace(
            after_update=lambda trainer, update, outcome, lengths=lengths: lengths.append(
                outcome.signals["path_lengths"]
            )
        )
        trainer = Trainer(
            game=Game(networks, nn.Identity(), nullcontext),
            optimisers={"generator": Optimiser([networks["generator"]], rule, own, 1)},
            stages=[Stage("one", 16, (update,))],
            data=Noise(), batch_size=16, accumulate=n_parts, seed=0, device=torch.device("cpu"),
            run_folder=tmp_path, hooks=[keep],
        )  # fmt: skip
        trainer.run()
        assert [len(each) for each in lengths] == [16]
        assert float(penalty.mean_length) == pytest.approx(0.01 * float(lengths[0].mean()), rel=1e-6)
        means.append(float(penalty.mean_length))
    # the lengths of other draws in each part: about the square root of 8 components of variance 2
    assert means == pytest.approx([0.01 * 4] * 3, rel=0.1)


class Linear(nn.Module):
    """A discriminator of one weight per value; its logits are not used."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3, dtype=torch.float64))


def drawing(players, batch):
    """A loss whose gradient is the samples plus noise, so that it tells what was drawn for them."""
    noise = torch.randn_like(batch.real)
    loss = ((batch.real + noise) * players.discriminator.weight).sum(1)
    return Outcome(loss, {"noise": noise})


def computed(parts, update=None, n_parts=4, place=None, before=None):
    """The gradient and the outcome of these parts; ``before``: a gradient that is there already."""
    networks = {"generator": nn.Linear(1, 1), "discriminator": Linear()}
    if before is not None:
        networks["discriminator"].weight.grad = before.clone()
    update = update or Update("discriminator", ("discriminator",), drawing)
    place = place or Place(1, 2, 3, 0)
    game = Game(networks, nn.Identity(), nullcontext)
    outcome, n_stopping = gradients(game, update, parts, n_parts=n_parts, world=World(), place=place)
    assert float(n_stopping) == 0
    assert [p.requires_grad for p in networks["generator"].parameters()] == [False, False]
    assert all(p.grad is None for p in networks["generator"].parameters())
    return networks["discriminator"].weight.grad, outcome


def four_parts():
    reals = torch.arange(24, dtype=torch.float64).view(4, 2, 3)
    return [Part(number, Batch(real, None)) for number, real in enumerate(reals)]


def test_the_gradient_is_the_mean_over_all_parts_and_each_part_has_a_seed_of_its_own():
    parts = four_parts()
    gradient, outcome = computed(parts)
    expected, noises = torch.zeros(3, dtype=torch.float64), []
    for part in parts:
        seed_all(1, 2, "discriminator", 3, part.number)
        noises.append(torch.randn(2, 3, dtype=torch.float64))
        expected += (part.batch.real + noises[-1]).mean(0) / 4
    torch.testing.assert_close(gradient, expected, rtol=1e-12, atol=1e-12)
    assert torch.equal(outcome.signals["noise"], torch.cat(noises))
    assert outcome.loss.shape == (8,)
    assert not outcome.loss.requires_grad
    assert torch.stack(noises).unique().numel() == 24


def test_a_parts_draws_depend_on_its_place_alone():
    """Whatever was drawn before, and whichever parts came first: that is what lets processes share them."""
    parts = four_parts()
    whole, _ = computed(parts)
    torch.manual_seed(99)
    alone = [computed([part])[0] for part in reversed(parts)]
    torch.testing.assert_close(sum(alone), whole, rtol=1e-12, atol=1e-12)
    base = computed(parts[:1])[1].signals["noise"]
    other = Update("another", ("discriminator",), drawing)
    assert not torch.equal(base, computed(parts[:1], other)[1].signals["noise"])
    for place in (Place(9, 2, 3, 0), Place(1, 9, 3, 0), Place(1, 2, 9, 0)):
        assert not torch.equal(base, computed(parts[:1], place=place)[1].signals["noise"]), place
    assert torch.equal(base, computed(parts[:1], place=Place(1, 2, 3, 64))[1].signals["noise"])


def test_a_part_that_does_not_count_gives_no_gradient():
    idle = Part(3, four_parts()[3].batch, counts=False)
    gradient, _ = computed([idle])
    assert torch.equal(gradient, torch.zeros(3, dtype=torch.float64))


def test_a_lazy_update_weighs_as_many_times_more_and_gradients_are_added():
    parts = four_parts()
    once, _ = computed(parts)
    lazy, _ = computed(parts, Update("discriminator", ("discriminator",), drawing, every=4))
    torch.testing.assert_close(lazy, 4 * once)
    before = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    added, _ = computed(parts, before=before)
    torch.testing.assert_close(added, before + once)


def test_seeds_tell_places_apart():
    def draw(*where):
        seed_all(*where)
        return float(torch.rand((), dtype=torch.float64))

    numbers = (0, 1, 2**31, 2**40)
    places = [
        (seed, step, name, 0, part)
        for seed in numbers
        for step in numbers
        for name in "ab"
        for part in (0, 1)
    ]
    draws = [draw(*where) for where in places]
    assert len(set(draws)) == len(places)
    assert [draw(*where) for where in places] == draws
