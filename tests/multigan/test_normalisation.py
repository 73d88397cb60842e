"""Batch normalisation: its formula, running statistics of all parts of a batch alike, and what goes with it."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.game import Game
from multigan.image.modality import IMAGE
from multigan.normalisation import BatchNorm, Notes
from multigan.objectives import Outcome
from multigan.protocols import Batch
from multigan.testing.subject import RandomData, Subject
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from multigan.training.updates import Part, Place, Update, gradients
from multigan.training.world import World


def test_training_normalises_by_the_batch_and_evaluation_by_what_was_settled():
    norm = BatchNorm(2)
    features = torch.tensor([[1.0, 0.0], [3.0, 4.0]])
    assert torch.allclose(norm(features), torch.tensor([[-1.0, -1.0], [1.0, 1.0]]), atol=1e-4)
    assert (norm.mean.tolist(), norm.variance.tolist()) == ([0, 0], [1, 1])  # nothing settled yet
    noted = norm.take()
    assert noted.tolist() == [[2, 2], [2, 8]]  # the unbiased variance
    norm.settle(noted[None])
    assert norm.mean.tolist() == pytest.approx([0.2, 0.2])
    assert norm.variance.tolist() == pytest.approx([1.1, 1.7])
    norm.eval()
    expected = (features - norm.mean) / (norm.variance + 1e-5).sqrt()
    assert torch.allclose(norm(features), expected)


def test_it_is_the_one_of_torch():
    torch.manual_seed(0)
    ours, theirs = BatchNorm(3), nn.BatchNorm2d(3)
    for _ in range(4):
        features = 2 * torch.randn(5, 3, 4, 4) + 1
        assert torch.equal(ours(features), theirs(features))
        ours.settle(ours.take()[None])
    assert torch.allclose(ours.mean, theirs.running_mean, atol=1e-6)
    assert torch.allclose(ours.variance, theirs.running_var, atol=1e-6)


def test_calls_of_one_update_are_averaged_and_none_leaves_it():
    norm = BatchNorm(1)
    assert isinstance(norm, Notes)
    assert norm.take().tolist() == [[0], [1]]
    for features in ([[0.0], [2.0]], [[4.0], [8.0]]):
        norm(torch.tensor(features))
    assert norm.take().tolist() == [[3.5], [5]]


def test_an_update_gathers_the_notes_of_every_part_and_only_of_what_it_trains():
    """Means of parts 0..3 are 0, 1, 2, 3; what the other network or an earlier call saw does not count."""
    networks = {"generator": BatchNorm(1), "discriminator": BatchNorm(1)}
    game = Game(networks, nn.Identity(), nullcontext)
    networks["generator"](torch.tensor([[100.0], [200.0]]))

    def objective(players, batch):
        players.discriminator(batch.real + 50)
        return Outcome(players.generator(batch.real).squeeze(1), {})

    parts = [Part(k, Batch(torch.tensor([[k - 1.0], [k + 1.0]]), None)) for k in range(4)]
    update = Update("generator", ("generator",), objective)
    place = Place(0, 0, 0, 0)
    outcome, _ = gradients(game, update, parts, n_parts=4, world=World(), place=place)
    assert outcome.notes["generator."].tolist() == [[[k], [2]] for k in range(4)]


def test_a_trainer_settles_what_each_update_trains(tmp_path):
    """Of the discriminator: the mean over real and fake; of the generator: not in the discriminator's update."""
    subject = Subject(IMAGE, {"name": "dcgan", "latent_size": 4, "width": 4}, (3, 16, 16), (3,))
    raw = {"modality": "image", "device": "cpu", "architecture": dict(subject.raw),
           "training": {"samples": 8, "batch": 8}}  # fmt: skip
    trainer = assemble(IMAGE, load(RunSettings, raw, "test"), RandomData(subject), tmp_path)
    before = trainer.networks["generator"].norms[0].norm.mean.clone()
    moved = []

    class Watch:
        name = "watch"

        def after_update(self, trainer, update, outcome):
            layer = trainer.networks["generator"].norms[0].norm
            moved.append((update.name, bool((layer.mean != before).any())))
            before.copy_(layer.mean)
            names = {name.split(".")[0] for name in outcome.notes}
            assert names == {update.name}

    trainer.hooks.append(Watch())
    trainer.run()
    assert moved == [("generator", True), ("discriminator", False)]


def test_a_part_of_one_sample_is_refused():
    with pytest.raises(ConfigError, match="a part has 1; raise"):
        BatchNorm(3)(torch.ones(1, 3))


@pytest.mark.parametrize("penalty", ["wgan_gp", "finite_difference_r1"])
def test_a_slope_does_not_go_with_batch_normalisation(penalty, tmp_path):
    subject = Subject(IMAGE, {"name": "dcgan", "latent_size": 4, "width": 4}, (3, 16, 16), ())
    training = {"samples": 8, "batch": 8, "penalties": [{"name": penalty, "weight": 10}]}
    raw = {"modality": "image", "device": "cpu", "architecture": dict(subject.raw), "training": training}
    with pytest.raises(
        ConfigError, match=f"The penalty {penalty} takes the slope of the discriminator at each"
    ):
        assemble(IMAGE, load(RunSettings, raw, "test"), RandomData(subject), tmp_path)
    raw["architecture"]["discriminator_norm"] = False
    assemble(IMAGE, load(RunSettings, raw, "test"), RandomData(subject), tmp_path).run()
