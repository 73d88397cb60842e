"""The smallest presets of R3GAN's and Projected GAN's recipes, from start to report."""

import json

import pytest
from click.testing import CliRunner

from multigan.image.networks import projected
from multigan.pretrained.efficientnet import levels
from multigan.training.monitors import responses
from multigan.training.monitors.hook import FILE, read_records
from recipes.cli import main
from recipes.settings import load_recipe
from tests.evaluation.extractors.test_efficientnet import STATE
from tests.worlds.commands import ran


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


@pytest.mark.kernels
def test_a_watched_run_on_a_pretrained_network_is_measured_to_its_end(
    tmp_path, quick_classifier, monkeypatch
):
    """All that needs a discriminator that begins anew, whose pretrained part must be there; and diagnose reads it."""
    monkeypatch.setattr(projected, "published_levels", lambda: levels(STATE).eval())
    monkeypatch.setattr(responses.distance, "__defaults__", (responses.Search(steps=2),))
    watched = [
        "training.monitors=[motion, overfitting, coverage, distance, path]", "training.monitor_budget=null",
        "training.monitor_every=16", "training.samples=32", "training.checkpoint_every=32", "training.preview_every=32",
    ]  # fmt: skip
    run = tmp_path / "run"
    ran("recipe", "run", "projected-faces", "--preset=smallest", "--set=device=cpu",
        *(f"--set={each}" for each in watched), "--out", run)  # fmt: skip
    records = read_records(run / FILE)
    for name in ("motion", "overfitting", "coverage", "distance", "path"):
        own = [record for record in records if record["monitor"] == name]
        assert len(own) >= 2, name
        assert own[-1]["samples"] == 32, name
    last = [record for record in records if record["monitor"] == "distance"][-1]
    assert 0 <= last["accuracy"] <= 1
    assert last["jsd"] <= 0.6932
    assert "Distance to equilibrium (local, estimated):" in ran("diagnose", run)
    assert "equilibrium" in (run / "report.html").read_text("utf-8").lower()


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
