"""Real samples at another's intensity: values by hand, and where the penalty has nothing to say."""

import math
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional

from multigan.config import load
from multigan.game import Players
from multigan.image.modality import IMAGE
from multigan.losses import LOSSES
from multigan.modality import build_networks
from multigan.objectives.adversarial import discriminator
from multigan.penalties import PENALTIES, at_other_intensities
from multigan.protocols import Batch
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from tests.multigan.test_regularisers import players_of
from tests.multigan.training.test_resume import images


class Product(nn.Module):
    """D(x, y) = scale * x * sum(y), [N], or [N, 2] with three times that beside it."""

    def __init__(self, two=False):
        super().__init__()
        self.scale, self.two = nn.Parameter(torch.tensor(1.0)), two

    def forward(self, samples, condition):
        logits = self.scale * samples.squeeze(1) * condition.flatten(1).sum(1)
        return torch.stack((logits, 3 * logits), 1) if self.two else logits


def softplus(value):
    return math.log(1 + math.exp(value))


CONDITION = torch.tensor([[0.2, 0.0], [0.0, 0.5], [1.0, 0.0]])
BATCH = Batch(torch.tensor([[1.0], [2.0], [4.0]]), CONDITION)


def test_each_label_takes_the_intensity_of_the_sample_before_it():
    expected = torch.tensor([[1.0, 0.0], [0.0, 0.2], [0.5, 0.0]])
    torch.testing.assert_close(at_other_intensities(CONDITION), expected)


def test_curves_of_intensities_are_exchanged_whole_and_a_label_is_its_strongest_moment():
    curves = torch.tensor([[[0.0, 0.0], [0.4, 0.0], [0.8, 0.0]], [[0.0, 1.0], [0.0, 0.0], [0.0, 0.5]]])
    expected = torch.tensor([[[1.0, 0.0], [0.0, 0.0], [0.5, 0.0]], [[0.0, 0.0], [0.0, 0.4], [0.0, 0.8]]])
    torch.testing.assert_close(at_other_intensities(curves), expected)


def test_what_has_no_label_keeps_none():
    nothing = torch.tensor([[0.0, 0.0], [0.0, 0.5]])
    torch.testing.assert_close(at_other_intensities(nothing), torch.zeros(2, 2))


def test_by_hand():
    """D(x, y') - D(x, y) = x (w' - w): 1 * 0.8, 2 * -0.3 and 4 * -0.5."""
    values, signals = PENALTIES["mismatch"]()(players_of(0.0, Product()), BATCH)
    assert values.tolist() == pytest.approx([softplus(0.8), softplus(-0.6), softplus(-2.0)])
    assert signals == {}
    two, _ = PENALTIES["mismatch"]()(players_of(0.0, Product(two=True)), BATCH)
    expected = [(softplus(gap) + softplus(3 * gap)) / 2 for gap in (0.8, -0.6, -2.0)]
    assert two.tolist() == pytest.approx(expected)


def test_at_every_step_it_costs_one_pass_and_joins_the_loss():
    calls, players = [], players_of(-2.0, Product())
    players.discriminator.register_forward_hook(lambda *_: calls.append(1))
    plain = discriminator(LOSSES["hinge"])(players, BATCH).loss
    calls.clear()
    outcome = discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["mismatch"](), 0.5)])(players, BATCH)
    assert len(calls) == 3
    values = torch.tensor([softplus(0.8), softplus(-0.6), softplus(-2.0)])
    torch.testing.assert_close(outcome.signals["mismatch"], values)
    torch.testing.assert_close(outcome.loss, plain + 0.5 * values)


def test_of_one_intensity_it_is_zero():
    players = players_of(-2.0, Product())
    batch = Batch(BATCH.real, (CONDITION > 0).float())
    outcome = discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["mismatch"](), 0.5)])(players, batch)
    assert outcome.signals["mismatch"].tolist() == [0.0, 0.0, 0.0]
    assert torch.equal(outcome.loss, discriminator(LOSSES["hinge"])(players, batch).loss)


def test_where_the_condition_comes_last_samples_are_seen_once():
    """The same values as with two passes, from one."""
    data, run = images().batch(range(8)), load(RunSettings, RECIPE, "test")
    networks = build_networks(IMAGE, run.architecture, tuple(data.real.shape[1:]), (3,))
    players = Players(networks["generator"], networks["discriminator"], lambda each: each, nullcontext)
    calls = []
    players.discriminator.from_image.register_forward_hook(lambda *_: calls.append(1))
    other = at_other_intensities(data.condition)
    seen = players.seen(data.real, data.condition, label=True, other=other)
    assert len(calls) == 1
    logits, classes = players.discriminator.judge(data.real, data.condition)
    assert torch.equal(seen.logits, logits)
    assert torch.equal(seen.classes, classes)
    assert torch.equal(seen.others, players.logits(data.real, other))
    assert not torch.equal(seen.others, seen.logits)
    values = PENALTIES["mismatch"]().of_logits(seen, data.condition, other)
    torch.testing.assert_close(values, functional.softplus(seen.others - seen.logits))


def test_a_sample_whose_neighbour_is_as_strong_counts_for_nothing():
    batch = Batch(BATCH.real, torch.tensor([[0.5, 0.0], [0.0, 0.5], [1.0, 0.0]]))
    values, _ = PENALTIES["mismatch"]()(players_of(0.0, Product()), batch)
    assert values.tolist() == pytest.approx([softplus(0.5), 0.0, softplus(-2.0)])


RECIPE = {
    "modality": "image",
    "device": "cpu",
    "architecture": {
        "name": "stylegan2", "channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8,
    },
    "training": {"samples": 16, "batch": 8, "penalties": [{"name": "mismatch", "weight": 0.25, "every": 2}]},
}  # fmt: skip


def signals_of_a_run(data, folder):
    seen = []

    def keep(trainer, update, outcome):
        seen.append(set(outcome.signals))

    trainer = assemble(IMAGE, load(RunSettings, RECIPE, "test"), data, folder)
    trainer.hooks = [*trainer.hooks, SimpleNamespace(name="keep", after_update=keep)]
    trainer.run()
    return set().union(*seen)


def test_without_labels_it_is_left_out(tmp_path):
    labelled = images()
    assert "mismatch" in signals_of_a_run(labelled, tmp_path / "labelled")
    unlabelled = replace(labelled, conditions=None, classes=None, labels=())
    assert "mismatch" not in signals_of_a_run(unlabelled, tmp_path / "unlabelled")
