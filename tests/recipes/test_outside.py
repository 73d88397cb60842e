"""A modality from outside the package: named by a reference and a plugin, or by an installed package's entry point."""

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from multigan.checkpoint import latest, load
from multigan.errors import ConfigError
from multigan.modality import modality_of
from multigan.testing import check_modality
from recipes.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
RECIPE = EXAMPLES / "points.yaml"
SMALL = {"device": "cpu", "training.samples": 640, "training.checkpoint_every": 320, "data.n": 256}
SETS = [f"--set={name}={value}" for name, value in SMALL.items()]
REFUSED = (
    "Error: The modality 'points:POINTS' is code of 'points', and a recipe imports no code by itself: if you trust that "
    "package, add --plugin points."
)


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def ran(*words):
    result = invoke(*words)
    assert result.exit_code == 0, result.output
    return result.output


def error_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    return line


@pytest.fixture(autouse=True)
def examples_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))


@pytest.fixture(scope="module")
def points_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("points") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        output = ran("recipe", "run", RECIPE, "--plugin", "points", *SETS, "--out", folder)
    assert "There is no report: samples of the modality 'points' are not measured." in output
    return folder


def test_the_example_keeps_the_contracts_of_a_modality(tmp_path):
    modality = modality_of("points:POINTS", ["points"])
    check_modality(modality, (2,), tmp_path, {"mlp": {"width": 8}}, n_labels=2)


def test_a_run_leaves_pictures_and_samples(points_run):
    for name in ("grid.png", "intensity.png", "interpolation.png", "previews/000000640.png"):
        assert (points_run / name).is_file()
    rows = list(csv.DictReader((points_run / "samples" / "labels.csv").read_text().splitlines()))
    assert list(rows[0]) == ["file", "emotion", "intensity", "seed", "index"]
    assert [row["emotion"] for row in rows] == ["inner"] * 16 + ["outer"] * 16
    assert all(len((points_run / "samples" / row["file"]).read_text().split()) == 2 for row in rows)
    facts = json.loads((points_run / "run.json").read_text())
    assert (facts["modality"], facts["data_settings"]["n"]) == ("points:POINTS", 256)


def test_a_stopped_run_goes_on_to_the_same_bits(points_run, tmp_path, monkeypatch):
    from multigan.training.trainer import Trainer

    step = Trainer._step

    def stopping(self, stage):
        step(self, stage)
        self.interrupted = self.interrupted or self.n_steps == 4

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", stopping)
        result = invoke("recipe", "run", RECIPE, "--plugin", "points", *SETS, "--out", tmp_path / "run")
    assert result.exit_code == 130, result.output
    assert "--resume --plugin points" in result.output
    assert error_of("recipe", "run", RECIPE, "--out", tmp_path / "run", "--resume") == REFUSED
    ran("recipe", "run", RECIPE, "--out", tmp_path / "run", "--resume", "--plugin", "points")
    whole, resumed = (load(latest(folder / "checkpoints")) for folder in (points_run, tmp_path / "run"))
    for part in ("networks.generator", "networks.discriminator", "hooks.ema_generator"):
        assert whole["parts"][part].keys() == resumed["parts"][part].keys()
        for name, tensor in whole["parts"][part].items():
            assert torch.equal(tensor, resumed["parts"][part][name]), name


def test_it_is_sampled_with_settings_of_its_own(points_run, tmp_path):
    asked = ("sample", points_run, "--plugin", "points", "--n", 3, "--emotion", "outer")
    ran(*asked, "--out", tmp_path / "plain")
    ran(*asked, "--set", "spread=0", "--out", tmp_path / "middle")
    plain, middle = (
        {path.read_text() for path in (tmp_path / name).glob("outer-*.txt")} for name in ("plain", "middle")
    )
    assert (len(plain), len(middle)) == (3, 1)  # without a spread all latents are alike
    assert "Did you mean 'spread'?" in error_of(*asked, "--set", "spred=1")
    assert "--truncation is of images and sounds, and this run" in error_of(*asked, "--truncation", 0.5)


@pytest.mark.parametrize(
    "words",
    [
        ("recipe", "validate", RECIPE),
        ("recipe", "run", RECIPE, "--out", "run"),
        ("recipe", "run", RECIPE, "--plugin", "point", "--out", "run"),
        ("sample", "points_run"),
        ("evaluate", "--run", "points_run"),
    ],
    ids=lambda words: " ".join(map(str, words[:2])),
)
def test_nothing_is_imported_without_the_plugins_name(points_run, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "points")
    assert error_of(*(points_run if word == "points_run" else word for word in words)) == REFUSED
    assert "points" not in sys.modules
    assert not list(tmp_path.iterdir())


def test_a_plugin_may_be_a_package_or_one_of_its_modules(tmp_path, monkeypatch):
    package = tmp_path / "geometry" / "flat"
    package.mkdir(parents=True)
    shutil.copy(EXAMPLES / "points.py", package / "plane.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    for plugin in ("geometry", "geometry.flat", "geometry.flat.plane"):
        assert modality_of("geometry.flat.plane:POINTS", [plugin]).name == "points"
    with pytest.raises(ConfigError, match="add --plugin geometry"):
        modality_of("geometry.flat.plane:POINTS", ["geometry.fla", "points"])


@pytest.mark.parametrize(
    ("name", "plugin", "message"),
    [
        (
            "nowhere:POINTS",
            "nowhere",
            r"cannot be imported \(No module named 'nowhere'\); give package.module",
        ),
        ("points:LINES", "points", r"cannot be imported \(module 'points' has no attribute 'LINES'\)"),
        ("points:RADII", "points", "'points:RADII' is no modality: found a dict"),
    ],
)
def test_what_is_no_modality_is_one_sentence(name, plugin, message):
    with pytest.raises(ConfigError, match=message):
        modality_of(name, [plugin])


def test_an_installed_package_offers_a_modality_by_name(tmp_path, monkeypatch):
    """Its distribution says so; no plugin has to be named, since installing it was the person's word."""
    folder = tmp_path / "planar-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: planar\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[multigan.modalities]\nplane = planar_points:POINTS\n")
    shutil.copy(EXAMPLES / "points.py", tmp_path / "planar_points.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    recipe = tmp_path / "plane.yaml"
    recipe.write_text(RECIPE.read_text().replace("points:POINTS", "plane"))
    assert "is valid" in ran("recipe", "validate", recipe)
    assert modality_of("plane").name == "points"
    with pytest.raises(ConfigError, match=r"named 'plan'. Did you mean 'plane'\? Known: audio, image, plane"):
        modality_of("plan")


def test_a_report_of_samples_that_are_not_measured_is_refused():
    line = error_of("recipe", "validate", RECIPE, "--plugin", "points", "--set", "report=[language]")
    assert "samples of the modality 'points' are not measured; leave report out" in line
