"""The recipe of 2-D worlds from the command line: its film, its counts of modes, and a resume to the same bits."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.arrays import ArrayDataset
from multigan.checkpoint import latest, load
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.points.worlds import REAL_GOOD, WORLDS
from recipes.reports.modes import check, divergence_from_even, figures_of_modes
from recipes.settings import load_recipe
from tests.worlds.commands import invoke, ran

SMALL = {
    "data.drawn": 400, "data.drawn_held_out": 100, "architecture.width": 8, "training.samples": 640,
    "training.batch": 32, "training.preview_every": 160, "training.checkpoint_every": 320, "training.log_every": 160,
    "sampling.per_label": 3, "evaluation.n": 64,
}  # fmt: skip


def arguments(**more):
    chosen = SMALL | {name.replace("__", "."): value for name, value in more.items()}
    return ["recipe", "run", "ring", *(f"--set={name}={value}" for name, value in chosen.items())]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ring") / "run"
    output = ran(*arguments(), "--out", folder)
    assert "Modes captured: " in output
    return folder


def test_a_run_leaves_a_film_pictures_points_and_a_report(whole):
    with Image.open(whole / "world.gif") as gif:
        assert gif.n_frames == 5
    for name in ("grid.png", "interpolation.png", "closest.png", "report.html", "previews/000000640.png"):
        assert (whole / name).is_file(), name
    assert len([np.load(path) for path in (whole / "samples").glob("*.npy")]) == 3
    report = json.loads((whole / "report.json").read_text())
    figures = {(figure["name"], figure["subject"]): figure for figure in report["figures"]}
    for name in ("modes captured", "good samples", "mode imbalance", "recall[coordinates]"):
        assert "generated" in {subject for known, subject in figures if known == name}, name
    real = figures["good samples", "held-out real"]
    assert real["n"] == 64
    assert real["low"] <= REAL_GOOD <= real["high"]
    assert figures["modes captured", "held-out real"]["value"] >= 7


def test_a_stopped_run_goes_on_to_the_same_bits(whole, tmp_path, monkeypatch):
    from multigan.training.trainer import Trainer

    step = Trainer._step

    def stopping(self, stage):
        step(self, stage)
        self.interrupted = self.interrupted or self.n_steps == 7

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", stopping)
        assert invoke(*arguments(), "--out", tmp_path / "run").exit_code == 130
    ran("recipe", "run", "ring", "--out", tmp_path / "run", "--resume")
    first, second = (load(latest(folder / "checkpoints")) for folder in (whole, tmp_path / "run"))
    for part in ("networks.generator", "networks.discriminator", "hooks.ema_generator"):
        for name, tensor in first["parts"][part].items():
            assert torch.equal(tensor, second["parts"][part][name]), name
    for name in ("world.gif", "grid.png"):
        assert (whole / name).read_bytes() == (tmp_path / "run" / name).read_bytes(), name


def test_every_world_is_trained_with_labels_or_without(tmp_path):
    for number, more in enumerate((["--preset=gan-2014", "--set=data.world=grid", "--set=data.labelled=true"],
                                   ["--set=data.world=spiral"])):  # fmt: skip
        output = ran(*arguments(), *more, "--out", tmp_path / str(number))
        assert "Modes captured: " in output
        assert (tmp_path / str(number) / "world.gif").is_file()


def test_the_film_of_another_run_is_shown_beside(whole, tmp_path):
    ran(*arguments(), "--preset=gan-2014", "--compare", whole, "--out", tmp_path / "first")
    with Image.open(tmp_path / "first" / "compare.gif") as gif, Image.open(whole / "world.gif") as own:
        assert gif.n_frames == 5
        assert gif.size[0] > 2 * own.size[0]


def test_what_cannot_be_compared_is_one_sentence(whole, tmp_path):
    result = invoke(*arguments(), "--compare", tmp_path, "--out", tmp_path / "run")
    assert f"Error: {tmp_path} has no world.gif, which a finished run of 2-D points leaves" in result.output
    result = invoke("recipe", "run", "captions", "--compare", whole, "--out", tmp_path / "run")
    assert "--compare shows two films side by side, and runs of captions are not filmed" in result.output
    assert not (tmp_path / "run").exists()


def test_data_of_a_persons_own_are_refused(tmp_path):
    result = invoke(*arguments(), "--data", tmp_path, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "The points of this recipe are drawn from the world 'ring'" in result.output


def test_presets_say_what_they_are():
    game, first = load_recipe("ring"), load_recipe("ring", preset="gan-2014")
    assert [item.name for item in game.training.penalties] == ["r1", "r2"]
    assert (game.training.loss, first.training.loss) == ("relativistic", "minimax")
    assert first.training.penalties == []
    assert game.training.samples == first.training.samples


# ---- figures ----


def test_imbalance_by_hand():
    assert divergence_from_even(np.array([5, 5, 5, 5])) == pytest.approx(0, abs=1e-12)
    # shares 1, 0 beside 1/2, 1/2: the middle is 3/4, 1/4
    by_hand = (np.log(1 / 0.75) + 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)) / 2
    assert divergence_from_even(np.array([7, 0])) == pytest.approx(by_hand)
    assert divergence_from_even(np.zeros(8)) == pytest.approx(np.log(2))


def test_figures_of_modes_by_hand():
    """40 points: 30 at one centre, 5 at another, 5 nowhere near; so many in each of the 20 groups as may be."""
    ring = WORLDS["ring"]
    points = np.concatenate(
        [np.repeat(ring.centres[:1], 30, 0), np.repeat(ring.centres[3:4], 5, 0), np.zeros((5, 2))]
    )
    modes, good, uneven = figures_of_modes(points, ring, "generated", 7)
    assert (modes.name, modes.value, modes.n, modes.seed) == ("modes captured", 2, 40, 7)
    assert (modes.low, modes.high) == (2, 2)  # no group holds all of a mode
    assert good.value == 35 / 40
    assert good.low < 35 / 40 < good.high
    assert uneven.value == pytest.approx(divergence_from_even(np.array([30, 0, 0, 5, 0, 0, 0, 0])))
    assert (modes.higher_is_better, good.higher_is_better, uneven.higher_is_better) == (True, True, False)


def test_modes_of_unknown_data_are_refused():
    data = ArrayDataset(np.zeros((40, 2), np.float32))
    with pytest.raises(ConfigError, match="The report 'modes' is of data drawn from a mixture that is known"):
        check(torch.nn.Identity(), Splits(data, data))
