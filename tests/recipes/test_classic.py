"""The recipes of the classic GANs from the command line: the smallest preset of each, and MNIST's files as they are."""

import json

import numpy as np
import pytest
from PIL import Image

from multigan.checkpoint import latest, load
from recipes.settings import load_recipe
from tests.multigan.reading.test_packed import mnist
from tests.worlds.commands import ran

SMALL = {
    "data.drawn": 200, "data.drawn_held_out": 60, "training.samples": 160, "training.batch": 8,
    "training.preview_every": 80, "training.checkpoint_every": 80, "training.log_every": 80, "sampling.per_label": 1,
    "evaluation.n": 60, "evaluation.validation": 32,
}  # fmt: skip
GROWING = {
    "training.samples": 128, "training.schedule.batches": "[8,8,8,8]",
    "architecture.channel_base": 128, "architecture.channel_max": 8,
}  # fmt: skip
RECIPES = {
    "gan-2014": {"architecture.width": 16, "architecture.units": 8},
    "dcgan": {"architecture.width": 4},
    "wgan": {"architecture.width": 4},
    "wgan-gp": {"architecture.width": 4},
    "progressive-faces": GROWING,
}

pytestmark = pytest.mark.usefixtures("quick_classifier")


def arguments(name, *more):
    chosen = SMALL | RECIPES[name]
    return ["recipe", "run", name, *(f"--set={key}={value}" for key, value in chosen.items()), *more]


@pytest.mark.parametrize("name", list(RECIPES))
def test_the_smallest_preset_runs_to_its_report(name, tmp_path):
    ran(*arguments(name, "--preset=cpu-32", "--out", tmp_path / "run"))
    with Image.open(tmp_path / "run" / "grid.png") as grid:
        assert grid.size == (12 * 64, 8 * 64)
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert {"emotion accuracy"} <= {figure["name"] for figure in report["figures"]}
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    if name == "progressive-faces":
        assert [line["growth/level"] for line in lines if "growth/level" in line][-1] == 5
    if name == "wgan":
        critic = load(latest(tmp_path / "run" / "checkpoints"))["parts"]["networks.discriminator"]
        learnt = {key: value for key, value in critic.items() if not key.endswith(("mean", "variance"))}
        assert max(float(value.abs().max()) for value in learnt.values()) <= np.float32(0.01)


def test_digits_are_learnt_from_their_files(tmp_path):
    """Twice as many as the batches need, so that the embedded faces cannot be what is trained on."""
    mnist(tmp_path / "mnist")
    rare = ("--set=training.augmentation.name=diffaugment", "--set=training.augmentation.min_passes=2")
    dry = ran(
        *arguments("dcgan", "--data", tmp_path / "mnist", "--set=training.samples=48", "--dry-run", *rare)
    )
    assert "Augmentation (diffaugment) only with 24 training samples or fewer." in dry
    out = ran(*arguments("dcgan", "--data", tmp_path / "mnist", "--preset=cpu-32", "--set=training.samples=48",
                         "--set=evaluation.validation=0", "--out", tmp_path / "run", *rare))  # fmt: skip
    assert (
        "no augmentation (diffaugment), since each of 30 training samples is seen 1.6 times, and augmentation begins at 2"
        in out
    )
    assert "labels: 0 10, 1 10, 2 10" in out
    assert json.loads((tmp_path / "run" / "run.json").read_text())["labels"] == ["0", "1", "2"]


def said(recipe):
    """The settings of each optimiser but for limits that are off."""
    return {
        name: {key: value for key, value in own.items() if value is not None}
        for name, own in recipe.training.optimisers.items()
    }


def test_recipes_have_the_settings_of_their_papers():
    """Algorithm 1 of WGAN and of WGAN-GP, DCGAN's Adam, the first GAN's SGD, PGGAN's stages and loss, at full size."""
    gan = load_recipe("gan-2014", preset="paper-32")
    assert gan.training.batch == 100
    assert said(gan)["generator"] == {"name": "sgd", "lr": 0.1, "momentum": 0.5}
    dcgan = load_recipe("dcgan", preset="paper-64")
    assert dcgan.training.batch == 128
    assert list(said(dcgan).values()) == [{"name": "adam", "lr": 2e-4, "betas": [0.5, 0.999]}] * 2
    wgan = load_recipe("wgan", preset="paper-64")
    assert (wgan.training.loss, wgan.training.batch) == ("wasserstein", 64)
    assert wgan.training.schedule["discriminator_repeat"] == 5
    assert said(wgan)["discriminator"] == {"name": "rmsprop", "lr": 5e-5, "alpha": 0.99, "clip_weights": 0.01}
    assert said(wgan)["generator"] == {"name": "rmsprop", "lr": 5e-5, "alpha": 0.99}
    gp = load_recipe("wgan-gp", preset="paper-32")
    (penalty,) = gp.training.penalties
    assert (penalty.name, penalty.weight, penalty.every) == ("wgan_gp", 10, 1)
    assert gp.training.schedule["discriminator_repeat"] == 5
    assert [own["betas"] for own in gp.training.optimisers.values()] == [[0.0, 0.9]] * 2
    assert gp.architecture == {"name": "wgan-gp", "latent_size": 128, "width": 128}
    growing = load_recipe("progressive-faces", preset="paper-128")
    assert {item.name: item.weight for item in growing.training.penalties} == {"wgan_gp": 10, "drift": 0.001}
    assert growing.training.schedule["batches"] == [128, 128, 128, 64, 32, 16]
    for name in RECIPES:
        # none of the first papers averages weights
        assert (load_recipe(name).training.ema.half_life_samples == 1) == (name != "progressive-faces")
