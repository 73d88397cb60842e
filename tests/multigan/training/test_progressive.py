"""The schedule of progressive growing: levels and batches over samples, and a resume inside a fade to the same bits."""

import pytest
import torch

from multigan import checkpoint
from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.modality import IMAGE
from multigan.testing.subject import RandomData, Subject
from multigan.training.assemble import assemble, whole_training
from multigan.training.progressive import ProgressiveSettings, level_at
from multigan.training.settings import RunSettings

SUBJECT = Subject(
    IMAGE,
    {"name": "progressive", "channel_base": 64, "channel_max": 8, "minibatch_group": 2},
    (3, 16, 16),
    (3,),
)
SCHEDULE = {"name": "progressive", "resolutions": [4, 8, 16], "phases": [1, 1, 1, 1, 1], "batches": [8, 4, 4]}


def trainer(folder, architecture=None, **training):
    penalties = [{"name": "wgan_gp", "weight": 10.0}, {"name": "drift", "weight": 0.001}]
    own = {"samples": 80, "batch": 4, "loss": "wasserstein", "penalties": penalties, "schedule": SCHEDULE,
           "classification": 1.0}  # fmt: skip
    raw = {"modality": "image", "device": "cpu", "architecture": architecture or dict(SUBJECT.raw),
           "training": own | training}  # fmt: skip
    return assemble(IMAGE, load(RunSettings, raw, "test"), RandomData(SUBJECT), folder)


def test_levels_rise_in_the_fades():
    """100 samples at 4x4, 100 on the way to 8x8, 100 there, 100 on the way to 16x16, and 600 there."""
    own = ProgressiveSettings(resolutions=(4, 8, 16), phases=(1, 1, 1, 1, 6))
    at = {0: 2, 99: 2, 100: 2, 130: 2.3, 200: 3, 299: 3, 350: 3.5, 400: 4, 5000: 4}
    assert {samples: level_at(own, 1000, samples) for samples in at} == pytest.approx(at)
    assert ProgressiveSettings(resolutions=(4, 8)).ends(90) == [30, 60, 90]


def test_a_run_grows_through_its_stages_with_a_batch_at_each(tmp_path):
    seen = []

    class Watch:
        name = "watch"

        def after_step(self, trainer):
            level = float(trainer.networks["discriminator"].level)
            ema = next(hook.network for hook in trainer.hooks if hook.name == "ema_generator")
            assert (
                float(ema.representation.level)
                == float(trainer.networks["generator"].representation.level)
                == level
            )
            shape = ema(ema.latent(2), torch.eye(3)[:2]).shape
            seen.append((trainer.step_samples, level, shape[-1]))

    run = trainer(tmp_path)
    assert [(stage.name, stage.samples, stage.batch) for stage in run.stages] == [
        ("4x4", 16, 8), ("8x8", 32, 4), ("16x16", 32, 4),
    ]  # fmt: skip
    assert float(run.networks["generator"].representation.level) == 2  # before the first step
    before = {name: p.clone() for name, p in run.networks["generator"].named_parameters()}
    run.hooks.append(Watch())
    run.run()
    fades = [2, 2.25, 2.5, 2.75, 3, 3, 3, 3, 3, 3.25, 3.5, 3.75, 4, 4, 4, 4]
    assert [level for _, level, _ in seen] == [2, 2, *fades]
    assert [batch for batch, *_ in seen] == [8, 8, *[4] * 16]
    assert [side for *_, side in seen] == [4, 4, 4, *[8] * 8, *[16] * 7]
    assert all((p != before[name]).any() for name, p in run.networks["generator"].named_parameters())


def test_what_has_not_grown_is_not_trained(tmp_path):
    run = trainer(tmp_path)
    late = {
        (name, key): p.clone()
        for name, network in run.networks.items()
        for key, p in network.named_parameters()
        if key.startswith(("blocks.2" if name == "generator" else "blocks.1", "to_image.2", "from_image.2"))
    }
    assert len(late) > 8
    run.hooks.append(Stop(2 + 8))
    run.run()
    assert run.samples_seen == 48
    for (name, key), value in late.items():
        assert torch.equal(run.networks[name].get_parameter(key), value), key


class Stop:
    """Ask a trainer to stop after some steps."""

    name = "stop"

    def __init__(self, n_steps):
        self.n_steps = n_steps

    def after_step(self, trainer):
        trainer.interrupted = trainer.n_steps == self.n_steps


@pytest.mark.parametrize("n_steps", [2, 4, 6, 13])
def test_a_resume_inside_a_fade_ends_with_the_same_bits(tmp_path, n_steps):
    """After 2 steps a stage is over, after 4 and 13 a resolution is halfway faded in, after 6 it has."""
    whole, stopped, resumed = (trainer(tmp_path) for _ in range(3))
    whole.run()
    stopped.hooks.append(Stop(n_steps))
    stopped.run()
    assert stopped.samples_seen < whole.samples_seen
    checkpoint.save(tmp_path / "000000002", stopped.state_dict())
    resumed.load_state_dict(checkpoint.load(tmp_path / "000000002"))
    resumed.run()
    for parts in (lambda run: run.networks, lambda run: {"ema": run.hooks[1].network}):
        for name, network in parts(whole).items():
            state = parts(resumed)[name].state_dict()
            for key, value in network.state_dict().items():
                assert torch.equal(value, state[key]), (name, key)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"resolutions": [4, 8], "batches": [], "phases": []}, r"end at 8, and .* end at 16 .* give \[4, 8, 16\]"),
        ({"resolutions": [4, 16]}, r"each twice the one before, found \[4, 16\]"),
        ({"batches": [8, 4]}, r"batches are one number above 0 for each of the 3 resolutions, or none, found \[8, 4\]"),
        ({"phases": [1, 2]}, r"phases are one number above 0 for each of the 5 phases, or none, found \[1\.0, 2\.0\]"),
        ({"phases": [1, 1, 1e-6, 1, 1]}, r"training\.samples is 80, which leaves a phase of training\.schedule without any"),
        ({"batches": [64, 4, 4]}, r"A step takes 64 samples, but the training data has 32; set"),
    ],
)  # fmt: skip
def test_a_schedule_that_does_not_fit_is_one_sentence(tmp_path, schedule, message):
    with pytest.raises(ConfigError, match=message):
        trainer(tmp_path, schedule=SCHEDULE | schedule)


def test_networks_of_one_resolution_do_not_grow(tmp_path):
    with pytest.raises(ConfigError, match=r"grows networks, and that of dcgan .* has one"):
        trainer(
            tmp_path, {"name": "dcgan", "latent_size": 4, "width": 4}, penalties=[], loss="non_saturating"
        )


def test_the_saved_recipe_has_every_setting():
    training = load(
        RunSettings, {"modality": "image", "training": {"schedule": {"name": "progressive"}}}, "t"
    ).training
    assert whole_training(IMAGE, training)["schedule"] == {
        "name": "progressive", "resolutions": [4, 8, 16, 32], "phases": [], "batches": [],
        "discriminator_repeat": 1,
    }  # fmt: skip
