"""Training on texts: the stages of the one trainer, resume in each of them, and settings that do not fit."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from multigan import checkpoint
from multigan.config import load, merge
from multigan.errors import CheckpointError, ConfigError
from multigan.image.modality import IMAGE
from multigan.protocols import Batch
from multigan.text.modality import TEXT, random_samples
from multigan.training.assemble import assemble
from multigan.training.hooks.checkpoints import StageNetworks
from multigan.training.hooks.log import MetricsLog
from multigan.training.settings import RunSettings

SHAPE = (6, 12)
RECIPE = {
    "modality": "text",
    "device": "cpu",
    "architecture": {
        "name": "lstm-cnn", "embedding_size": 6, "hidden_size": 8,
        "discriminator": {"embedding_size": 6, "widths": [1, 2, 3], "filters": [4, 4, 4]},
    },
    "training": {
        "batch": 4,
        "samples": 32,
        "schedule": {
            "name": "sequence",
            "likelihood_samples": 16,
            "discriminator_samples": 16,
            "discriminator_repeat": 2,
            "objective": {"name": "policy_gradient", "n_rollouts": 2},
            "likelihood_weight": 0.5,
        },
        "classification": 0.1,
        "optimisers": {
            "likelihood": {"lr": 0.02, "clip_gradient": 5.0},
            "generator": {"clip_gradient": 5.0},
        },
        "ema": {"half_life_samples": 16},
    },
}  # fmt: skip


class Rows:
    """24 random sentences of two classes."""

    labels, sample_shape = ("sadness", "joy"), SHAPE

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        state = torch.get_rng_state()
        torch.manual_seed(int(torch.randint(100, (1,), generator=generator)))
        self.rows = random_samples(24, SHAPE)
        torch.set_rng_state(state)

    def __len__(self):
        return len(self.rows)

    def batch(self, indices):
        rows = torch.as_tensor(np.asarray(indices))
        return Batch(self.rows[rows], torch.eye(2)[rows % 2] * 0.8)


def settings(architecture=None, **training):
    raw = merge(RECIPE, {"training": training})
    return load(RunSettings, raw | ({"architecture": architecture} if architecture else {}), "test")


def playing(name, likelihood_weight=0.0, **own):
    """A schedule whose generator has this objective."""
    return {"objective": {"name": name, **own}, "likelihood_weight": likelihood_weight}


def assembled(folder, **training):
    def hooks(ema):
        return [MetricsLog(8), StageNetworks(lambda: ema)]

    return assemble(TEXT, settings(**training), Rows(), folder, hooks)


def run_until(trainer, step):
    def stop(trainer):
        trainer.interrupted = trainer.n_steps == step

    trainer.hooks.append(SimpleNamespace(name="stop", after_step=stop))
    trainer.run()
    trainer.hooks.pop()
    assert trainer.n_steps == step


def leaves(value, path=""):
    if isinstance(value, dict):
        return {k: v for key, held in value.items() for k, v in leaves(held, f"{path}/{key}").items()}
    if isinstance(value, list | tuple):
        return {k: v for i, held in enumerate(value) for k, v in leaves(held, f"{path}/{i}").items()}
    clock = ("metrics/seconds", "metrics/processor_seconds", "metrics/last_line/1")
    return {} if path.endswith(clock) else {path: value}


def assert_same_bits(state, other):
    found, expected = leaves(state), leaves(other)
    assert found.keys() == expected.keys()
    assert sum(isinstance(value, Tensor) for value in found.values()) > 50
    for path, value in expected.items():
        if isinstance(value, Tensor):
            assert torch.equal(value, found[path]), path
        else:
            assert value == found[path], path


SCHEDULES = [
    playing("policy_gradient", 0.5, n_rollouts=2),
    playing("importance"),
    playing("relaxed", temperature=0.7),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule["objective"]["name"])
def test_a_run_resumed_in_any_stage_has_the_bits_of_an_uninterrupted_one(tmp_path, schedule):
    """4 steps of likelihood, 2 of the discriminator (2 updates each), 4 of both players."""
    straight = assembled(tmp_path / "straight", schedule=schedule)
    straight.run()
    assert straight.n_steps == 10
    for step in (2, 4, 5, 6, 8):
        stopped = assembled(tmp_path / f"stopped-{step}", schedule=schedule)
        run_until(stopped, step)
        checkpoint.save(tmp_path / f"saved-{step}", stopped.state_dict())
        torch.manual_seed(step)
        resumed = assembled(stopped.run_folder, schedule=schedule)
        resumed.load_state_dict(checkpoint.load(tmp_path / f"saved-{step}"))
        assert_same_bits(resumed.state_dict(), stopped.state_dict())
        resumed.run()
        assert_same_bits(resumed.state_dict(), straight.state_dict())
        for stage in ("likelihood", "discriminator"):
            kept, same = (checkpoint.load(run.run_folder / "stages" / stage) for run in (resumed, straight))
            assert_same_bits({f"{i}": kept for i in range(20)}, {f"{i}": same for i in range(20)})
        assert not (resumed.run_folder / "stages" / "adversarial").exists()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (playing("policy_gradient", 0.5), playing("importance")),
        (playing("policy_gradient", 0.5), playing("policy_gradient")),
        (playing("policy_gradient"), playing("policy_gradient", 0.5)),
        (playing("relaxed", 0.5), playing("policy_gradient", 0.5)),
    ],
)
def test_any_objective_may_take_its_place_before_its_stage_begins(tmp_path, first, then):
    trainer = assembled(tmp_path / "run", schedule=first)
    run_until(trainer, 4)
    checkpoint.save(tmp_path / "before", trainer.state_dict())
    other = assembled(tmp_path / "other", schedule=then)
    other.load_state_dict(checkpoint.load(tmp_path / "before"))
    other.run()
    assert other.n_steps == 10


def test_the_objective_may_change_before_its_stage_begins(tmp_path):
    """So that several ways can go on from one likelihood model; later, the lagged copy belongs to the run."""
    trainer = assembled(tmp_path / "run")
    run_until(trainer, 4)
    checkpoint.save(tmp_path / "before", trainer.state_dict())
    further = assembled(tmp_path / "further")
    run_until(further, 8)
    checkpoint.save(tmp_path / "after", further.state_dict())
    other = assembled(tmp_path / "other", schedule=playing("importance"))
    other.load_state_dict(checkpoint.load(tmp_path / "before"))
    other.run()
    assert other.n_steps == 10
    with pytest.raises(CheckpointError, match=r"lacks objectives\.adversarial\.generator"):
        assembled(tmp_path / "late", schedule=playing("importance")).load_state_dict(
            checkpoint.load(tmp_path / "after")
        )


def test_stages_train_what_their_names_say(tmp_path):
    trainer = assembled(tmp_path)
    assert [(stage.name, stage.samples) for stage in trainer.stages] == [
        ("likelihood", 16), ("discriminator", 16), ("adversarial", 32),
    ]  # fmt: skip
    changed = {}
    before = {name: _copy(network) for name, network in trainer.networks.items()}

    class Watch:
        name = "watch"

        def after_stage(self, trainer, stage):
            changed[stage.name] = {
                name for name, network in trainer.networks.items() if _differs(before[name], network)
            }
            before.update({name: _copy(network) for name, network in trainer.networks.items()})

    trainer.hooks.append(Watch())
    trainer.run()
    both = {"generator", "discriminator"}
    assert changed == {"likelihood": {"generator"}, "discriminator": {"discriminator"}, "adversarial": both}
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert "likelihood/nll" in lines[0]
    assert {"generator/reward", "generator/nll", "discriminator/real_logits"} <= lines[-1].keys()


def _copy(network):
    return [parameter.detach().clone() for parameter in network.parameters()]


def _differs(before, network):
    return any(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))


def test_the_likelihood_stage_has_its_own_optimiser_and_rate(tmp_path):
    trainer = assembled(tmp_path, optimisers={"generator": {"lr": 0.001}})
    rates = {name: optimiser.inner.param_groups[0]["lr"] for name, optimiser in trainer.optimisers.items()}
    assert rates["likelihood"] == 0.02
    assert rates["generator"] == 0.001
    run_until(trainer, 4)
    assert not trainer.optimisers["generator"].inner.state
    assert trainer.optimisers["likelihood"].inner.state


def test_the_rate_of_the_likelihood_falls_on_a_line(tmp_path):
    falling = {"likelihood": {"lr": {"start": 0.02, "end": 0.0}}}
    trainer = assembled(tmp_path, optimisers=falling)
    rates = []

    class Watch:
        name = "watch"

        def after_update(self, trainer, update, outcome):
            if update.name == "likelihood":
                rates.append(trainer.optimisers["likelihood"].inner.param_groups[0]["lr"])

    trainer.hooks.append(Watch())
    run_until(trainer, 5)
    assert rates == pytest.approx([0.02, 0.015, 0.01, 0.005])
    resumed = assembled(tmp_path / "resumed", optimisers=falling)
    halfway = assembled(tmp_path / "halfway", optimisers=falling)
    run_until(halfway, 2)
    resumed.load_state_dict(halfway.state_dict())
    rates.clear()
    resumed.hooks.append(Watch())
    run_until(resumed, 5)
    assert rates == pytest.approx([0.01, 0.005])


def test_the_gradient_of_the_generator_is_cut(tmp_path):
    """Adam alone hides the scale of a gradient: look at what its first moment has seen."""
    norms = {}
    for clip in (1e-3, None):
        trainer = assembled(tmp_path / str(clip), optimisers={"likelihood": {"clip_gradient": clip}})
        run_until(trainer, 1)
        states = trainer.optimisers["likelihood"].inner.state.values()
        norms[clip] = torch.stack([state["exp_avg_sq"].sum() for state in states]).sum().sqrt().item()
    scale = (1 - 0.99) ** 0.5
    assert norms[1e-3] == pytest.approx(1e-3 * scale, rel=1e-3)
    assert norms[None] > 10 * norms[1e-3]


def test_a_run_of_likelihood_alone(tmp_path):
    trainer = assembled(tmp_path, samples=0, schedule={"discriminator_samples": 0})
    trainer.run()
    assert [stage.name for stage in trainer.stages] == ["likelihood"]
    assert trainer.samples_seen == 16


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"schedule": {"name": "adversarial"}}, "No gradient flows through the tokens"),
        ({"loss": "hinge"}, "reads P(real) from the logits, which the hinge loss"),
        ({"schedule": playing("importance"), "loss": "relativistic"}, "choose one of the losses minimax"),
        ({"samples": 0, "schedule": {"likelihood_samples": 0}}, "samples must be at least 1"),
        ({"schedule": {"likelihood_samples": -1}}, "likelihood_samples must be at least 0, found -1"),
        ({"schedule": {"discriminator_samples": -1}}, "discriminator_samples must be at least 0, found -1"),
        ({"schedule": {"discriminator_repeat": 0}}, "discriminator_repeat must be at least 1, found 0"),
        ({"schedule": {"likelihood_weight": -0.5}}, "likelihood_weight is at least 0, found -0.5"),
        ({"optimisers": {"likelihood": {"lr": 0.0}}}, "lr is above 0"),
        ({"schedule": playing("policy_gradient", lag=1.0)}, "lag at least 0 and below 1"),
        ({"schedule": playing("policy_gradient", n_rollouts=0)}, "n_rollouts is at least 1"),
        ({"schedule": playing("policy_gradient", baseline="mean")}, "baseline is one of leave_one_out, none"),
        ({"schedule": playing("relaxed", temperature=0.0)}, "temperature must be above 0"),
        ({"schedule": playing("seqgan")}, "no objective of sequences named 'seqgan'"),
        ({"schedule": {"objective": {"n_rollout": 2}}}, "Did you mean 'n_rollouts'?"),
        ({"penalties": [{"name": "r1", "weight": 1.0}]}, "penalty r1 differentiates by samples"),
        ({"schedule": playing("importance"), "accumulate": 4}, "compares the samples of a batch"),
        ({"schedule": playing("policy_gradient"), "accumulate": 4}, "compares the samples of a batch"),
        ({"optimisers": {"generator": {"clip_gradient": 0.0}}}, "clip_gradient is above 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path, training, message):
    with pytest.raises(ConfigError) as error:
        assembled(tmp_path, **training)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("schedule", [{"likelihood_samples": 8}, playing("relaxed")])
def test_images_have_no_likelihood_and_no_tokens(tmp_path, schedule):
    small = {
        "name": "wavelet-stylegan2",
        "channel_base": 64,
        "channel_max": 8,
        "latent_size": 8,
        "style_size": 8,
    }

    class Squares:
        labels, sample_shape = (), (3, 16, 16)

        def __len__(self):
            return 64

    training = {"schedule": {"name": "sequence", **schedule}}
    raw = {"modality": "image", "device": "cpu", "architecture": small, "training": training}
    with pytest.raises(ConfigError, match="lacks"):
        assemble(IMAGE, load(RunSettings, raw, "test"), Squares(), tmp_path)
