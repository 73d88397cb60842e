"""The schedule of a generator whose condition is a sample: its stages, what it refuses, and a resume in either stage."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from multigan import checkpoint
from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.data import ImageArrays
from multigan.image.superresolution.data import made_smaller
from multigan.image.superresolution.modality import SUPER_RESOLUTION
from multigan.losses import LOSSES
from multigan.pairs import DerivedPairs
from multigan.training.assemble import assemble, whole_training
from multigan.training.monitors.hook import Monitors
from multigan.training.monitors.table import MONITORS
from multigan.training.settings import RunSettings, TrainingSettings
from tests.multigan.training.test_resume import assert_same_bits
from tests.worlds.ring import RING, Ring

ARCHITECTURE = {"name": "enlarging", "width": 4, "blocks": 1, "discriminator_width": 4}
SCHEDULE = {
    "name": "translation", "content_samples": 16, "terms": {"adversarial": 0.1, "l1": 1.0, "perceptual": 1.0},
}  # fmt: skip


def pairs(n=24):
    pixels = np.random.default_rng(0).integers(0, 256, (n, 16, 16, 3), dtype=np.uint8)
    images = ImageArrays(pixels, None, None, (), tuple(map(str, range(n))), "noise")
    return DerivedPairs(images, lambda real: made_smaller(real, 2), (3, 8, 8), "noise")


def assembled(folder, hooks=(), schedule=None, **training):
    raw = {
        "modality": "super-resolution",
        "device": "cpu",
        "architecture": ARCHITECTURE,
        "training": {
            "samples": 16,
            "batch": 4,
            "accumulate": 2,
            "penalties": [{"name": "r1", "weight": 1.0, "every": 2}],
            "schedule": {**SCHEDULE, **(schedule or {})},
            **training,
        },
    }
    return assemble(SUPER_RESOLUTION, load(RunSettings, raw, "test"), pairs(), folder, lambda ema: hooks)


def until(trainer, step):
    def stop(trainer):
        trainer.interrupted = trainer.n_steps == step

    trainer.hooks.append(SimpleNamespace(name="stop", after_step=stop))
    trainer.run()
    trainer.hooks.pop()
    return trainer


def test_the_generator_learns_alone_then_both(tmp_path):
    trainer = assembled(tmp_path)
    stages = [(stage.name, [update.name for update in stage.updates]) for stage in trainer.stages]
    assert stages == [("content", ["content"]), ("adversarial", ["generator", "discriminator", "r1"])]
    before = {
        name: [p.detach().clone() for p in each.parameters()] for name, each in trainer.networks.items()
    }
    until(trainer, 4)
    assert {
        name
        for name, each in trainer.networks.items()
        if not all(map(torch.equal, before[name], each.parameters()))
    } == {"generator"}
    without = assembled(tmp_path, schedule={"content_samples": 0})
    assert [stage.name for stage in without.stages] == ["adversarial"]


@pytest.mark.parametrize("step", [2, 4, 5])
def test_a_resume_in_either_stage_ends_with_the_same_bits(tmp_path, step):
    straight = assembled(tmp_path / "straight")
    straight.run()
    stopped = until(assembled(tmp_path / "stopped"), step)
    checkpoint.save(tmp_path / "saved", stopped.state_dict())
    torch.manual_seed(step)
    resumed = assembled(tmp_path / "stopped")
    resumed.load_state_dict(checkpoint.load(tmp_path / "saved"))
    resumed.run()
    assert_same_bits(resumed.state_dict(), straight.state_dict())


def test_the_frozen_features_are_in_no_checkpoint_and_never_move(tmp_path):
    trainer = assembled(tmp_path)
    before = {name: each.clone() for name, each in trainer.networks["features"].named_buffers()}
    trainer.run()
    assert trainer.state_dict()["parts"]["networks.features"] == {}
    for name, each in trainer.networks["features"].named_buffers():
        assert torch.equal(each, before[name])


def test_monitors_read_conditions_that_are_tensors(tmp_path):
    """Every monitor, of the adversarial stage; a run with all of them has the bits of one without."""
    plain = assembled(tmp_path / "plain", schedule={"content_samples": 0})
    plain.run()
    chosen = [MONITORS[name] for name in MONITORS]

    def fresh():
        return assembled(tmp_path / "fresh", schedule={"content_samples": 0}).networks

    watched = assembled(tmp_path / "watched", schedule={"content_samples": 0})
    (tmp_path / "watched").mkdir()
    watched.hooks.append(
        Monitors(chosen, 16, None, pairs(), LOSSES["non_saturating"], fresh, lambda log: None)
    )
    watched.run()
    assert (tmp_path / "watched" / "monitors.jsonl").is_file()
    for name, network in plain.networks.items():
        for one, other in zip(network.parameters(), watched.networks[name].parameters(), strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        ({"terms": {"adversarial": 1.0, "l3": 1.0}}, "terms: There is no term named 'l3'"),
        ({"terms": {"l1": 1.0}}, "terms lacks adversarial"),
        ({"terms": {"adversarial": 1.0, "l1": -1.0}}, r"terms\.l1 is a weight of at least 0"),
        ({"content": {"adversarial": 1.0}}, "content: There is no term named 'adversarial'"),
        ({"content": {}}, "content names at least one of the terms"),
        ({"content_samples": -1}, "content_samples must be at least 0, found -1"),
    ],
)
def test_settings_that_do_not_fit_are_one_sentence(schedule, sentence):
    raw = {"schedule": {"name": "translation", **schedule}}
    with pytest.raises(ConfigError, match=sentence):
        whole_training(SUPER_RESOLUTION, load(TrainingSettings, raw, "test"))


def test_a_term_that_lacks_its_network_is_refused_before_training(tmp_path):
    raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron"}}
    raw["training"] = {"samples": 16, "batch": 8, "schedule": SCHEDULE}
    with pytest.raises(ConfigError, match="The term perceptual needs a network named features, and the arch"):
        assemble(RING, load(RunSettings, raw, "test"), Ring(64), tmp_path)
    with pytest.raises(
        ConfigError, match=r"training.samples must be at least 1 where schedule.content_samples"
    ):
        assembled(tmp_path, samples=0, schedule={"content_samples": 0})
