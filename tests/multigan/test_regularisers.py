"""LeCam, consistency, and generated samples among the real ones: values by hand, and what they keep."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.game import Game, Players, PseudoAugment
from multigan.image.diffaugment import FlipAndShift
from multigan.image.modality import IMAGE
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES
from multigan.protocols import Batch
from multigan.training.assemble import assemble, penalty_of
from multigan.training.settings import PenaltySettings, RunSettings
from tests.multigan.training.test_resume import images


class Given(nn.Module):
    """A generator of samples [N, 1] of one value."""

    def __init__(self, value):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(float(value)))

    def latent(self, n, random_state=None):
        return torch.zeros(n, 1)

    def forward(self, latent, condition):
        return self.value + latent


class Scale(nn.Module):
    """D(x) = scale * x, [N], or [N, 2] with logits x and 3 x."""

    def __init__(self, scale=1.0, two=False):
        super().__init__()
        self.scale, self.two = nn.Parameter(torch.tensor(scale)), two

    def forward(self, samples, condition):
        logits = self.scale * samples.squeeze(1)
        return torch.stack((logits, 3 * logits), 1) if self.two else logits


def players_of(fake, critic=None, augment=lambda samples: samples, **more):
    return Players(Given(fake), critic or Scale(), augment, nullcontext, **more)


def batch_of(*values):
    return Batch(torch.tensor([[value] for value in values]), None)


# ---- LeCam ----


def test_lecam_by_hand_over_three_updates():
    """Reals 1 and 3, fakes -2: means 0, then 0.01 * 2 and 0.01 * -2, then 0.99 of that and 0.01 more."""
    penalty, players, batch = PENALTIES["lecam"](), players_of(-2.0), batch_of(1.0, 3.0)
    real_mean = fake_mean = 0.0
    for _ in range(3):
        values, signals = penalty(players, batch)
        expected = [(x - fake_mean) ** 2 + (-2 - real_mean) ** 2 for x in (1.0, 3.0)]
        torch.testing.assert_close(values.detach(), torch.tensor(expected))
        assert penalty.real_mean.item() == pytest.approx(real_mean)  # a part of a batch moves nothing
        penalty.settle(signals)
        real_mean, fake_mean = 0.99 * real_mean + 0.01 * 2, 0.99 * fake_mean + 0.01 * -2
    assert real_mean == pytest.approx(0.059402)
    torch.testing.assert_close(
        penalty.state_dict(), {"real_mean": torch.tensor(0.059402), "fake_mean": torch.tensor(-0.059402)}
    )


def test_lecam_of_two_logits_is_the_mean_of_both():
    values, signals = PENALTIES["lecam"]()(players_of(2.0, Scale(two=True)), batch_of(1.0))
    assert values.tolist() == [pytest.approx(((1 + 4) + (9 + 36)) / 2)]
    assert signals["lecam_real"].tolist() == [2.0]


def test_lecam_at_every_step_takes_the_logits_of_the_loss():
    """Two passes in all; the loss is the hinge's and 0.5 times the regulariser, and the objective keeps its means."""
    calls = []
    players = players_of(-2.0)
    players.discriminator.register_forward_hook(lambda *_: calls.append(1))
    objective = discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["lecam"](), 0.5)])
    outcome = objective(players, batch_of(1.0, 3.0))
    assert len(calls) == 2
    assert outcome.loss.tolist() == [pytest.approx(0.5 * (1 + 4)), pytest.approx(0.5 * (9 + 4))]
    assert outcome.signals["lecam"].tolist() == [5.0, 13.0]
    objective.settle(players, outcome)
    other = discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["lecam"](), 0.5)])
    other.load_state_dict({name: value.clone() for name, value in objective.state_dict().items()})
    assert torch.equal(other(players, batch_of(1.0, 3.0)).loss, objective(players, batch_of(1.0, 3.0)).loss)
    assert not torch.equal(other(players, batch_of(1.0, 3.0)).loss, outcome.loss)


def test_other_discriminator_objectives_keep_no_state():
    assert not hasattr(discriminator(LOSSES["hinge"], 0.0, [(PENALTIES["r1"](), 0.5)]), "state_dict")


# ---- consistency ----


def test_consistency_by_hand():
    """D(x) = 2 x, T(x) = x + 3: the gap is 6, its square 36, for real samples, and as much again for generated ones."""
    players = players_of(-2.0, Scale(2.0), augment=lambda samples: samples + 3)
    for name, expected in (("cr", 36.0), ("bcr", 72.0)):
        values, _ = PENALTIES[name]()(players, batch_of(1.0, 5.0))
        assert values.tolist() == [expected, expected]
    values, _ = PENALTIES["cr"]()(players_of(-2.0, Scale(2.0, two=True), lambda x: x + 3), batch_of(1.0))
    assert values.tolist() == [(36 + 324) / 2]  # gaps of 6 and 18


def test_its_gradient_is_the_discriminators_alone():
    players = players_of(-2.0, Scale(2.0), augment=lambda samples: samples + 3)
    PENALTIES["bcr"]()(players, batch_of(1.0))[0].sum().backward()
    assert players.discriminator.scale.grad.item() == pytest.approx(2 * 2 * 3 * 6)
    assert players.generator.value.grad is None


def test_a_transform_of_its_own_leaves_the_loss_plain():
    made = penalty_of(PenaltySettings(name="cr", weight=10.0, transform="flip-and-shift"), IMAGE)
    assert isinstance(made.transform, FlipAndShift)
    assert PENALTIES["cr"]().transform is None
    with pytest.raises(ConfigError, match=r"lecam cannot have a transform of its own.*cr, bcr"):
        penalty_of(PenaltySettings(name="lecam", weight=1.0, transform="flip-and-shift"), IMAGE)
    with pytest.raises(ConfigError, match="ada of the penalty cr has a probability that nothing would move"):
        penalty_of(PenaltySettings(name="cr", weight=1.0, transform="ada"), IMAGE)
    with pytest.raises(ConfigError, match="Did you mean 'flip-and-shift'"):
        penalty_of(PenaltySettings(name="cr", weight=1.0, transform="flip-and-shif"), IMAGE)


def test_flip_and_shift_mirrors_half_of_all_and_moves_by_an_eighth_at_most():
    torch.manual_seed(0)
    place = torch.zeros(1, 1, 32, 32)
    place[..., 16, 10] = 1  # the mirror image is at 21
    found = FlipAndShift()(place.expand(4000, 1, 32, 32)).squeeze(1).nonzero()
    assert len(found) == 4000
    mirrored = found[:, 2] > 15
    assert 0.46 < mirrored.double().mean() < 0.54
    shift = torch.where(mirrored, found[:, 2] - 21, found[:, 2] - 10)
    assert set(shift.tolist()) == set((found[:, 1] - 16).tolist()) == set(range(-4, 5))


# ---- generated samples among the real ones ----


def pseudo_of(p):
    made = PseudoAugment()
    made.p.fill_(p)
    return made


def test_a_real_sample_is_replaced_with_its_probability():
    torch.manual_seed(0)
    players = players_of(-2.0, pseudo=pseudo_of(0.3))
    shown = players.real(Batch(torch.ones(20_000, 1), None))
    assert set(shown.unique().tolist()) == {-2.0, 1.0}
    assert (shown == -2).double().mean().item() == pytest.approx(0.3, abs=0.015)
    assert not shown.requires_grad
    assert players_of(-2.0, pseudo=pseudo_of(1.0)).real(batch_of(1.0)).item() == -2


def test_at_probability_0_nothing_is_drawn():
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    batch = batch_of(1.0)
    assert players_of(-2.0, pseudo=pseudo_of(0.0)).real(batch) is batch.real
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_discriminator_and_its_penalties_are_deceived_and_the_generator_is_not():
    players, batch = players_of(-2.0, pseudo=pseudo_of(1.0)), batch_of(1.0, 3.0)
    for penalty in ("r1", "cr", "lecam"):
        outcome = discriminator(LOSSES["hinge"])(players, batch)
        assert outcome.signals["real_logits"].tolist() == [-2.0, -2.0]
        lazy = penalise(PENALTIES[penalty](), 1.0)(players, batch)
        assert lazy.loss.shape == (2,)
    assert penalise(PENALTIES["lecam"](), 1.0)(players, batch).loss.tolist() == [8.0, 8.0]
    assert pathwise(LOSSES["relativistic"])(players, batch).signals["real_logits"].tolist() == [1.0, 3.0]


def test_a_copy_of_the_game_has_a_probability_of_its_own():
    game = Game(
        {"generator": Given(0.0), "discriminator": Scale()}, nn.Identity(), nullcontext, pseudo=pseudo_of(0.5)
    )
    copy = game.copy()
    copy.pseudo.p.fill_(0.1)
    assert float(game.pseudo.p) == 0.5
    assert game.players().pseudo is game.pseudo


RECIPE = {
    "modality": "image",
    "device": "cpu",
    "architecture": {
        "name": "stylegan2", "channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8,
    },
    "training": {
        "samples": 64, "batch": 4, "accumulate": 2, "loss": "hinge",
        "penalties": [
            {"name": "lecam", "weight": 0.3}, {"name": "bcr", "weight": 10.0, "transform": "flip-and-shift"},
        ],
        "augmentation": {"name": "ada", "p": {"interval": 3, "speed_samples": 200}},
        "pseudo": {"interval": 2, "speed_samples": 100, "target": -0.9},
    },
}  # fmt: skip


def assembled(folder, **training):
    raw = {**RECIPE, "training": {**RECIPE["training"], **training}}
    return assemble(IMAGE, load(RunSettings, raw, "test"), images(), folder)


def run_until(trainer, step):
    def stop(trainer):
        trainer.interrupted = trainer.n_steps == step

    trainer.hooks.append(SimpleNamespace(name="stop", after_step=stop))
    trainer.run()
    trainer.hooks.pop()


@pytest.mark.kernels
def test_a_run_with_all_of_them_resumes_with_the_same_bits(tmp_path):
    whole, first, second = (assembled(tmp_path) for _ in range(3))
    whole.run()
    run_until(first, 7)
    saved = first.state_dict()
    assert float(first.game.pseudo.p) > 0
    assert {"hooks.ada", "hooks.apa"} <= saved["parts"].keys()
    lecam = saved["parts"]["objectives.adversarial.discriminator"]
    assert "real_mean" in str(lecam)
    second.load_state_dict(saved)
    second.run()
    for name, network in whole.networks.items():
        for one, other in zip(network.parameters(), second.networks[name].parameters(), strict=True):
            assert torch.equal(one, other), name
    assert float(second.game.pseudo.p) == float(whole.game.pseudo.p)
    names = [hook.name for hook in whole.hooks]
    assert len(set(names)) == len(names)  # their signals are logged behind their names


def test_its_settings_are_checked(tmp_path):
    with pytest.raises(ConfigError, match=r"pseudo is a probability in \[0, 1\], found 1\.5"):
        assembled(tmp_path, pseudo=1.5)
    with pytest.raises(
        ConfigError, match=r"Adaptive pseudo augmentation reads the sign.*number for training\.pseudo"
    ):
        assembled(tmp_path, loss="relativistic", augmentation={"name": "none"})
    ramped = assembled(tmp_path, pseudo={"start": 0.2, "end": 0.4})
    assert float(ramped.game.pseudo.p) == pytest.approx(0.2)
    assert assembled(tmp_path, pseudo=0.0).game.pseudo is None
