"""DiffAugment, and the controller of adaptive augmentation."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.game import Game
from multigan.image.ada import AdaptiveAugment
from multigan.image.diffaugment import DiffAugment
from multigan.objectives import Outcome
from multigan.protocols import Batch
from multigan.training.hooks.ada import AdaptiveProbability
from multigan.training.updates import Part, Place, Update, gradients


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


# ---- DiffAugment ----


def test_translations_of_diffaugment_bring_in_zeros_within_an_eighth():
    images = torch.randn(96, 2, 16, 24)
    found = []
    for image, moved in zip(images, DiffAugment(("translation",))(images), strict=True):
        padded = nn.functional.pad(image, (4, 4, 4, 4))
        found += [
            (x, y)
            for x in range(-4, 5)
            for y in range(-4, 5)
            if torch.equal(padded[:, 4 - y : 20 - y, 4 - x : 28 - x], moved)
        ]
    assert len(found) == len(images)
    assert {x for x, _ in found} == set(range(-3, 4))
    assert {y for _, y in found} == set(range(-2, 3))


def test_cutout_removes_one_rectangle_of_half_the_sides():
    out = DiffAugment(("cutout",))(torch.ones(200, 3, 16, 24))
    assert torch.equal(out[:, 0], out[:, 2])
    holes = out[:, 0] == 0
    heights, widths = holes.any(2).sum(1), holes.any(1).sum(1)
    assert torch.equal(holes.flatten(1).sum(1), heights * widths)  # a full rectangle
    assert (int(heights.max()), int(widths.max())) == (8, 12)
    for edge in (0, -1):  # centred on an edge, half of it is outside, on either side alike
        assert int(heights[holes[:, edge].any(1)].min()) == 4
        assert int(widths[holes[:, :, edge].any(1)].min()) == 6
    assert 0.15 < float(holes.double().mean()) < 0.25  # (3/4 * 1/2)^2 up to the rounding of centres


def test_colours_of_diffaugment_have_the_papers_ranges():
    images = torch.randn(2000, 3, 4, 4, dtype=torch.float64)
    out = DiffAugment(("colour",))(images)
    brightness = (out - images).mean((1, 2, 3))  # saturation and contrast keep the mean
    assert -0.5 <= float(brightness.min()) < -0.49
    assert 0.49 < float(brightness.max()) <= 0.5
    centred, centred_out = (x.mean(1) - x.mean((1, 2, 3))[:, None, None] for x in (images, out))
    contrast = (centred_out * centred).sum((1, 2)) / centred.square().sum((1, 2))
    assert 0.5 <= float(contrast.min()) < 0.51
    assert 1.49 < float(contrast.max()) <= 1.5
    chroma, chroma_out = (x - x.mean(1, keepdim=True) for x in (images, out))
    saturation = (chroma_out * chroma).sum((1, 2, 3)) / chroma.square().sum((1, 2, 3)) / contrast
    assert 0 <= float(saturation.min()) < 0.01
    assert 1.99 < float(saturation.max()) <= 2


def test_diffaugment_repeats_under_a_seed():
    images, outs = torch.randn(4, 3, 16, 16), []
    for _ in range(2):
        torch.manual_seed(4)
        outs.append(DiffAugment()(images))
    assert torch.equal(outs[0], outs[1])


# ---- the controller ----

TRAINER = SimpleNamespace(step_samples=16)
DISCRIMINATOR = SimpleNamespace(trains=("discriminator",))


def feed(controller, *logits, update=DISCRIMINATOR):
    """One step with these logits of real samples."""
    outcome = SimpleNamespace(signals={"real_logits": torch.tensor(logits)})
    controller.after_update(TRAINER, update, outcome)
    controller.after_step(TRAINER)


def test_p_rises_and_falls_by_the_stated_amount():
    augment = AdaptiveAugment()
    controller = AdaptiveProbability(augment, interval=4, speed_samples=1000)
    amount = 16 * 4 / 1000
    for step in range(1, 13):
        feed(controller, 3.0, 0.2, 5.0, 0.1)
        assert float(augment.p) == pytest.approx(amount * (step // 4))
    assert controller.signals() == pytest.approx({"p": 3 * amount, "r": 1.0})
    for _ in range(4):
        feed(controller, 3.0, 0.2, 5.0, -0.1)  # mean sign 0.5, below the target of 0.6
    assert controller.signals() == pytest.approx({"p": 2 * amount, "r": 0.5})


def test_the_signal_is_the_mean_sign_over_the_interval_whatever_the_size_of_the_logits():
    augment = AdaptiveAugment()
    controller = AdaptiveProbability(augment, interval=2, speed_samples=1000)
    feed(controller, 100.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    feed(controller, -0.001, -0.001)
    assert controller.signals() == pytest.approx({"p": 0.0, "r": 4 / 8})
    feed(controller, *[1.0] * 9)
    feed(controller, -100.0)
    assert controller.signals() == pytest.approx({"p": 0.032, "r": 0.8})


def test_p_stays_between_0_and_1_and_still_at_the_target():
    augment = AdaptiveAugment()
    controller = AdaptiveProbability(augment, target=0.5, interval=1, speed_samples=40)
    seen = []
    for sign in (-1.0, 1.0, 1.0, 1.0, 1.0, -1.0):
        feed(controller, sign)
        seen.append(float(augment.p))
    assert seen == pytest.approx([0, 0.4, 0.8, 1, 1, 0.6])
    feed(controller, 1.0, 1.0, 1.0, -1.0)  # mean sign 0.5 = target
    assert float(augment.p) == pytest.approx(0.6)


def test_only_the_discriminators_real_logits_count():
    augment = AdaptiveAugment()
    controller = AdaptiveProbability(augment, interval=1, speed_samples=100)
    feed(controller, 1.0, update=SimpleNamespace(trains=("generator",)))
    controller.after_update(TRAINER, DISCRIMINATOR, SimpleNamespace(signals={"fake_logits": torch.ones(4)}))
    controller.after_step(TRAINER)
    assert float(augment.p) == 0


class Process:
    """One of two processes, which run one after the other: the first leaves its sums to the second."""

    size = 2
    sums = None

    def sum_(self, values):
        if Process.sums is None:
            Process.sums = values.clone()
        else:
            values += Process.sums


def test_the_signal_is_averaged_over_parts_and_processes(monkeypatch):
    """Of three parts the other process saw one, all negative: (2 + 2 - 2) / 6 = 1/3."""
    monkeypatch.setattr(Process, "sums", None)

    def objective(players, batch):
        loss = players.discriminator(batch.real).squeeze(1)
        return Outcome(loss, {"real_logits": batch.real.squeeze(1)})

    networks = {"generator": nn.Identity(), "discriminator": nn.Linear(1, 1)}
    game = Game(networks, nn.Identity(), nullcontext)
    update = Update("discriminator", ("discriminator",), objective)
    parts = [Part(k, Batch(torch.full((2, 1), sign), None)) for k, sign in enumerate((3.0, 0.5, -7.0))]
    augment = AdaptiveAugment()
    augment.p.fill_(0.5)
    controller = AdaptiveProbability(augment, interval=1, speed_samples=160)
    for own in (parts[2:], parts[:2]):
        outcome, _ = gradients(game, update, own, n_parts=3, world=Process(), place=Place(0, 0, 0, 0))
    controller.after_update(TRAINER, update, outcome)
    controller.after_step(TRAINER)
    assert controller.signals() == pytest.approx({"p": 0.4, "r": 1 / 3})


def test_resuming_within_an_interval_equals_going_on():
    logits = (torch.randn(30, 8) + 0.7).tolist()
    straight_augment, first_augment, second_augment = (AdaptiveAugment() for _ in range(3))
    straight = AdaptiveProbability(straight_augment, speed_samples=3000)
    first = AdaptiveProbability(first_augment, speed_samples=3000)
    second = AdaptiveProbability(second_augment, speed_samples=3000)
    for step in logits:
        feed(straight, *step)
    for step in logits[:18]:  # 4 does not divide 18
        feed(first, *step)
    second.load_state_dict(first.state_dict())
    for step in logits[18:]:
        feed(second, *step)
    assert second.state_dict() == straight.state_dict()
    assert torch.equal(second_augment.p, straight_augment.p)
    assert 0 < float(straight_augment.p) < 1


def test_it_needs_a_probability_to_move_and_sensible_numbers():
    with pytest.raises(ConfigError, match="DiffAugment has no probability p"):
        AdaptiveProbability(DiffAugment())
    with pytest.raises(ConfigError, match=r"found target 1\.5, interval 4"):
        AdaptiveProbability(AdaptiveAugment(), target=1.5)
