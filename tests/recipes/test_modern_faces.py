"""The smallest presets of R3GAN's and Projected GAN's recipes, from start to report."""

import json

import pytest
from click.testing import CliRunner

from multigan.image.networks import projected
from multigan.pretrained.efficientnet import levels
from recipes.cli import main
from recipes.settings import load_recipe
from tests.evaluation.extractors.test_efficientnet import STATE


@pytest.mark.parametrize("name", ["r3gan-faces", "projected-faces"])
def test_the_smallest_preset_runs_to_its_report(name, tmp_path, quick_classifier, monkeypatch):
    monkeypatch.setattr(projected, "published_levels", lambda: levels(STATE).eval())
    command = [
        "recipe",
        "run",
        name,
        "--preset",
        "smallest",
        "--set=device=cpu",
        "--out",
        str(tmp_path / "run"),
    ]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    lines = [
        json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text("utf-8").splitlines()
    ]
    assert lines[-1]["samples"] >= 320
    report = json.loads((tmp_path / "run" / "report.json").read_text("utf-8"))
    assert "emotion accuracy" in {figure["name"] for figure in report["figures"]}
    assert (tmp_path / "run" / "grid.png").is_file()


def test_r3gans_schedules_are_those_of_the_paper_in_shape():
    """On a GPU with the numbers of FFHQ-64; everywhere both penalties at every step, through the augmentation."""
    for preset in ("cpu-32", "gpu-64", "smallest"):
        training = load_recipe("r3gan-faces", preset=preset, sets=("device=cpu",)).training
        assert training.loss == "relativistic"
        assert [(item.name, item.every, item.through) for item in training.penalties] == [
            ("r1", 1, True), ("r2", 1, True),
        ]  # fmt: skip
        for own in training.optimisers.values():
            assert own["lr"]["end"] == own["lr"]["start"] / 4
            assert own["betas"] == [0.0, {**own["betas"][1], "shape": "cosine", "start": 0.9, "end": 0.99}]
    assert [item.weight.start for item in load_recipe("r3gan-faces", preset="gpu-64").training.penalties] == [
        2.0,
        2.0,
    ]
