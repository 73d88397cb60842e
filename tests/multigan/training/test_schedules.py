"""Schedules: their stages and updates, names that may be left out, and optimisers that rest."""

import pytest
import torch

from multigan.config import load
from multigan.errors import ConfigError
from multigan.text.modality import TEXT
from multigan.training.assemble import assemble, whole_training
from multigan.training.settings import RunSettings, TrainingSettings
from tests.worlds.ring import RING, Ring


def assembled(folder, **training):
    raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron"}}
    raw["training"] = {"batch": 8, "samples": 16, **training}
    return assemble(RING, load(RunSettings, raw, "test"), Ring(64), folder)


def whole(**training):
    return whole_training(TEXT, load(TrainingSettings, training, "test"))


def test_the_discriminator_may_learn_alone_before_both(tmp_path):
    penalties = [{"name": "r1", "weight": 1.0, "every": 2}]
    trainer = assembled(tmp_path, schedule={"discriminator_samples": 24}, penalties=penalties)
    stages = [
        (stage.name, stage.samples, [update.name for update in stage.updates]) for stage in trainer.stages
    ]
    assert stages == [
        ("discriminator", 24, ["discriminator", "r1"]),
        ("adversarial", 16, ["generator", "discriminator", "r1"]),
    ]
    before = {
        name: [p.detach().clone() for p in each.parameters()] for name, each in trainer.networks.items()
    }
    changed = {}

    class Watch:
        def after_stage(self, trainer, stage):
            changed[stage.name] = {
                name
                for name, each in trainer.networks.items()
                if not all(map(torch.equal, before[name], each.parameters()))
            }

    trainer.hooks.append(Watch())
    trainer.run()
    assert changed == {"discriminator": {"discriminator"}, "adversarial": {"generator", "discriminator"}}
    assert trainer.samples_seen == trainer.total_samples == 40


@pytest.mark.parametrize("name", ["discriminator_samples", "discriminator_repeat"])
def test_counts_of_a_schedule_have_their_least(name, tmp_path):
    with pytest.raises(ConfigError, match=f"{name} must be at least [01], found -1"):
        assembled(tmp_path, schedule={name: -1})


def test_a_schedule_and_an_objective_need_no_name_to_change_one_setting():
    assert whole(schedule={"discriminator_repeat": 5})["schedule"] == {
        "name": "adversarial", "discriminator_samples": 0, "discriminator_repeat": 5,
    }  # fmt: skip
    schedule = whole(schedule={"name": "sequence", "objective": {"lag": 0.5}})["schedule"]
    assert schedule["objective"] == {
        "name": "policy_gradient", "n_rollouts": 16, "lag": 0.5, "baseline": "leave_one_out",
    }  # fmt: skip


def test_optimisers_of_another_schedule_or_of_no_stage_rest():
    resting = {"likelihood": {"lr": 0.5}}
    assert set(whole(optimisers=resting)["optimisers"]) == {"generator", "discriminator"}
    sequence = {"name": "sequence", "likelihood_samples": 0}
    assert set(whole(optimisers=resting, schedule=sequence)["optimisers"]) == {"generator", "discriminator"}
    sequence["likelihood_samples"] = 8
    assert whole(optimisers=resting, schedule=sequence)["optimisers"]["likelihood"]["lr"] == 0.5
    with pytest.raises(ConfigError, match=r"no optimiser in the schedule adversarial named 'critic'"):
        whole(optimisers={"critic": {"lr": 0.5}})
