"""Training of both ways: four networks by name, two optimisers, a resume, and what it refuses."""

import pytest
import torch

from multigan import checkpoint
from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.translation.data import open_pairs
from multigan.image.translation.modality import TRANSLATION
from multigan.image.translation.settings import PairData
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from tests.multigan.training.test_resume import assert_same_bits
from tests.multigan.training.test_translation import until
from tests.worlds.pictures import silent

SCHEDULE = {
    "name": "translation",
    "both_ways": True,
    "terms": {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0},
}


@pytest.fixture
def data(cache_folder):
    settings = PairData(resolution=16, given="unpaired", drawn=32, drawn_held_out=16)
    return open_pairs(settings, None, silent).train


def assembled(data, folder, architecture="cycle", penalty="r1", **schedule):
    raw = {
        "modality": "image-translation",
        "device": "cpu",
        "architecture": {"name": architecture, "width": 4, "discriminator_width": 4},
        "training": {
            "samples": 16,
            "batch": 4,
            "penalties": [{"name": penalty, "weight": 1.0, "every": 2}],
            "schedule": {**SCHEDULE, **schedule},
        },
    }
    return assemble(TRANSLATION, load(RunSettings, raw, "test"), data, folder)


def test_a_step_moves_all_four_networks(data, tmp_path):
    trainer = assembled(data, tmp_path)
    assert sorted(trainer.networks) == ["discriminator", "discriminator_back", "generator", "generator_back"]
    assert sorted(trainer.optimisers) == ["discriminator", "generator"]
    before = {
        name: [p.detach().clone() for p in each.parameters()] for name, each in trainer.networks.items()
    }
    until(trainer, 1)
    for name, each in trainer.networks.items():
        moved = [not torch.equal(*pair) for pair in zip(before[name], each.parameters(), strict=True)]
        assert sum(moved) > len(moved) / 2, name


def test_a_resume_ends_with_the_same_bits(data, tmp_path):
    straight = assembled(data, tmp_path / "straight", content_samples=8, content={"identity": 1.0})
    straight.run()
    stopped = until(assembled(data, tmp_path / "stopped", content_samples=8, content={"identity": 1.0}), 3)
    checkpoint.save(tmp_path / "saved", stopped.state_dict())
    resumed = assembled(data, tmp_path / "stopped", content_samples=8, content={"identity": 1.0})
    resumed.load_state_dict(checkpoint.load(tmp_path / "saved"))
    resumed.run()
    assert_same_bits(resumed.state_dict(), straight.state_dict())


def test_what_does_not_fit_is_one_sentence(data, tmp_path):
    with pytest.raises(ConfigError, match=r"set architecture\.name=cycle, or both_ways=false"):
        assembled(data, tmp_path, "unet", terms={"adversarial": 1.0})
    with pytest.raises(ConfigError, match="The term cycle is of the way there and back"):
        assembled(data, tmp_path, both_ways=False)
    with pytest.raises(ConfigError, match="The penalty lecam cannot be of both ways at once"):
        assembled(data, tmp_path, penalty="lecam")
