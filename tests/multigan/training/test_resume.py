"""Stopping and resuming: the same bits as not stopping, in one process and after a real kill."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

from multigan import checkpoint
from multigan.config import load
from multigan.errors import CheckpointError
from multigan.image.data import ImageArrays
from multigan.image.modality import IMAGE
from multigan.training.assemble import assemble
from multigan.training.hooks.checkpoints import Checkpoints
from multigan.training.hooks.log import MetricsLog
from multigan.training.settings import RunSettings
from recipes.cli import main
from tests.worlds.runs import arguments

RECIPE = {
    "modality": "image",
    "device": "cpu",
    "architecture": {
        "name": "wavelet-stylegan2", "channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8,
    },
    "training": {
        "samples": 64,
        "batch": 4,
        "accumulate": 2,
        "classification": 0.1,
        "schedule": {"name": "adversarial", "discriminator_repeat": 2},
        "penalties": [
            {"name": "path_length", "weight": 2.0, "every": 3},
            {"name": "r1", "weight": 1.0, "every": 2},
        ],
        "augmentation": {"name": "ada", "p": {"target": 0.0, "interval": 3, "speed_samples": 200}},
        "ema": {"half_life_samples": 100},
    },
}  # fmt: skip


def images(n=24):
    drawn = np.random.default_rng(0)
    conditions = np.eye(3, dtype=np.float32)[np.arange(n) % 3] * drawn.uniform(0.5, 1, (n, 1)).astype(
        np.float32
    )
    pixels = drawn.integers(0, 256, (n, 16, 16, 3), dtype=np.uint8)
    return ImageArrays(
        pixels, conditions, conditions.argmax(1), ("anger", "fear", "joy"), tuple(map(str, range(n))), "noise"
    )


def assembled(folder, precision="float32", **training):
    raw = {**RECIPE, "training": {**RECIPE["training"], "precision": precision, **training}}
    trainer = assemble(IMAGE, load(RunSettings, raw, "test"), images(), folder, lambda ema: [MetricsLog(20)])
    trainer.game.augment.p.fill_(0.5)  # as if training had gone on for a while
    return trainer


def run_until(trainer, step):
    """Run as if a stop had been asked for in the step before ``step``."""

    def stop(trainer):
        trainer.interrupted = trainer.n_steps == step

    trainer.hooks.append(SimpleNamespace(name="stop", after_step=stop))
    trainer.run()
    trainer.hooks.pop()
    assert trainer.n_steps == step


def leaves(value, path=""):
    """Every tensor and plain value of a nested state, by its place, but for what the clock says."""
    if isinstance(value, dict):
        return {k: v for key, held in value.items() for k, v in leaves(held, f"{path}/{key}").items()}
    if isinstance(value, list | tuple):
        return {k: v for i, held in enumerate(value) for k, v in leaves(held, f"{path}/{i}").items()}
    return (
        {}
        if path.endswith(("metrics/seconds", "metrics/processor_seconds", "metrics/last_line/1"))
        else {path: value}
    )


def assert_same_bits(state, other):
    found, expected = leaves(state), leaves(other)
    assert found.keys() == expected.keys()
    assert sum(isinstance(value, Tensor) for value in found.values()) > 100
    for path, value in expected.items():
        if isinstance(value, Tensor):
            assert value.dtype == found[path].dtype, path
            assert torch.equal(value, found[path]), path
        else:
            assert found[path] == value, path


# ---- in one process ----


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_resumed_run_has_the_bits_of_an_uninterrupted_one(tmp_path, precision):
    """Networks, moments, EMA, ADA, path length, sampler and means: all of the state; what is drawn needs none."""
    straight = assembled(tmp_path / "straight", precision)
    straight.run()
    for step in (1, 3, 6):
        stopped = assembled(tmp_path / f"stopped-{step}", precision)
        run_until(stopped, step)
        checkpoint.save(tmp_path / f"saved-{step}", stopped.state_dict())
        torch.manual_seed(step)  # as a new process is in another state
        np.random.seed(step)
        resumed = assembled(stopped.run_folder, precision)
        resumed.load_state_dict(checkpoint.load(tmp_path / f"saved-{step}"))
        assert_same_bits(resumed.state_dict(), stopped.state_dict())
        resumed.run()
        assert_same_bits(resumed.state_dict(), straight.state_dict())
    # what the comparison rests on did move
    state = straight.state_dict()["parts"]
    assert state["hooks.ada"]["p"] != 0.5
    assert state["objectives.adversarial.path_length"]["mean_length"] > 0
    assert state["sampler"]["epoch"] == 2


def test_moments_lie_in_memory_as_their_parameters_do(tmp_path):
    """A file holds contiguous tensors; other strides would choose other kernels, which round differently."""
    trainer = assembled(tmp_path)
    run_until(trainer, 2)
    checkpoint.save(tmp_path / "saved", trainer.state_dict())
    resumed = assembled(tmp_path)
    resumed.load_state_dict(checkpoint.load(tmp_path / "saved"))
    n_channels_last = 0
    for name, network in resumed.networks.items():
        for parameter in network.parameters():
            n_channels_last += parameter.stride() != torch.empty(parameter.shape).stride()
            for moment in ("exp_avg", "exp_avg_sq"):
                assert resumed.optimisers[name].inner.state[parameter][moment].stride() == parameter.stride()
    assert n_channels_last >= 10


def test_a_learning_rate_can_be_changed_when_resuming(tmp_path):
    """The remedy for a loss that is not finite: the moments come back, the rate is the new one."""
    trainer = assembled(tmp_path)
    run_until(trainer, 1)
    resumed = assembled(tmp_path, optimisers={"generator": {"lr": 1e-5}})
    rate = resumed.optimisers["generator"].inner.param_groups[0]["lr"]
    resumed.load_state_dict(trainer.state_dict())
    assert resumed.optimisers["generator"].inner.param_groups[0]["lr"] == rate < 1e-5
    before, after = ({**held.state_dict()["parts"]} for held in (trainer, resumed))
    for parts in (before, after):
        parts["optimisers.generator"] = parts["optimisers.generator"]["state"]
    assert_same_bits(after, before)


def test_saving_and_looking_change_nothing(tmp_path):
    def figure():
        torch.randn(7)
        np.random.rand(3)
        return 1.0

    plain = assembled(tmp_path / "plain")
    plain.run()
    watched = assembled(tmp_path / "watched")
    watched.hooks.append(Checkpoints(8, 2, figure))
    watched.run()
    assert_same_bits(watched.state_dict(), plain.state_dict())


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    trainer = assembled(tmp_path)
    run_until(trainer, 1)
    state = trainer.state_dict()
    with pytest.raises(
        CheckpointError, match=r"lacks objectives\.adversarial\.r1\. Resume with the run's own"
    ):
        assembled(tmp_path, penalties=RECIPE["training"]["penalties"][:1]).load_state_dict(state)
    wider = {**RECIPE, "architecture": {**RECIPE["architecture"], "style_size": 16}}
    other = assemble(
        IMAGE, load(RunSettings, wider, "test"), images(), tmp_path, lambda ema: [MetricsLog(20)]
    )
    with pytest.raises(CheckpointError, match=r"The checkpoint's networks\.generator does not fit this run"):
        other.load_state_dict(state)


# ---- killed ----

MULTIGAN = shutil.which("multigan", path=os.path.dirname(sys.executable))
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")


STOPPED = """
import os, signal, sys

place, name = sys.argv[1:3]
sys.argv[1:3] = []

def stop(event, arguments):
    global place
    if event == "open" and place and os.path.exists(place):
        place = ""
        os.kill(os.getpid(), signal.Signals[name])

sys.addaudithook(stop)
from recipes.cli import main
main()
"""


def stopped(folder: Path, place: str, name: str) -> subprocess.CompletedProcess[str]:
    """The tiny run in a process of its own, which sends itself a signal at the first file it opens once ``place`` exists."""
    words = [str(folder / place), name, *arguments(), "--out", str(folder)]
    return subprocess.run(
        [sys.executable, "-c", STOPPED, *words], capture_output=True, text=True, check=False
    )


def metrics(folder):
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    clock = ("seconds", "processor_seconds", "samples_per_second")
    return [{key: value for key, value in line.items() if key not in clock} for line in lines]


def assert_equal_runs(folder, finished):
    for name in ("000000480", "000000640"):
        assert_same_bits(
            checkpoint.load(folder / "checkpoints" / name), checkpoint.load(finished / "checkpoints" / name)
        )
    assert metrics(folder) == metrics(finished)
    for name in ("grid.png", "intensity.png", "interpolation.png", "closest.png", "samples/labels.csv"):
        assert (folder / name).read_bytes() == (finished / name).read_bytes(), name


def test_sigterm_saves_and_the_printed_command_resumes_with_the_same_bits(tmp_path, finished):
    folder = tmp_path / "a run [with] brackets"
    process = stopped(folder, "metrics.jsonl", "SIGTERM")
    output = process.stdout + process.stderr
    assert process.returncode == 130, output
    kept = checkpoint.checkpoint_folders(folder / "checkpoints")
    assert kept, output
    assert 0 < int(kept[-1].name) < 640, output
    assert not (folder / "report.json").exists()
    sentence, command = process.stdout.splitlines()[-2:]
    assert sentence == f"Stopped at {int(kept[-1].name)} samples; everything is saved. Resume with:"
    words = shlex.split(command)
    assert words[0] == "multigan"
    assert MULTIGAN is not None, "the package must be installed: pip install -e ."
    done = subprocess.run([MULTIGAN, *words[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Resuming {folder} at {int(kept[-1].name)} samples." in done.stdout
    assert_equal_runs(folder, finished.folder)


def test_sigkill_costs_only_what_came_after_the_last_checkpoint(tmp_path, finished):
    folder = tmp_path / "killed"
    process = stopped(folder, "checkpoints/000000160", "SIGKILL")
    assert process.returncode == -signal.SIGKILL, process.stdout + process.stderr
    assert not (folder / "checkpoints" / "000000320").exists()
    result = CliRunner().invoke(main, [*arguments()[:3], "--out", str(folder), "--resume"])
    assert result.exit_code == 0, result.output
    assert_equal_runs(folder, finished.folder)


def test_a_run_killed_before_its_first_checkpoint_resumes_from_the_start(run_copy, finished):
    shutil.rmtree(run_copy / "checkpoints")
    (run_copy / "report.json").unlink()
    result = CliRunner().invoke(main, [*arguments()[:3], "--out", str(run_copy), "--resume"])
    assert result.exit_code == 0, result.output
    assert "at 0 samples" in result.output
    assert_equal_runs(run_copy, finished.folder)
