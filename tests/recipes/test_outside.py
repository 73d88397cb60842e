"""A modality from outside the package: named by a reference and a plugin, or by an installed package's entry point.

A package that a test makes holds the points of examples/: it is trained, stopped, resumed, sampled and measured by its kind.
"""

import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from multigan.checkpoint import best, latest, load
from multigan.errors import ConfigError
from multigan.modality import modality_of
from multigan.testing import check_modality
from tests.worlds.commands import error_of, invoke, ran

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {
    "device": "cpu", "training.samples": 640, "training.checkpoint_every": 320, "data.n": 256, "evaluation.n": 128,
    "evaluation.validation": 64, "sampling.per_label": 40,
}  # fmt: skip
SETS = [f"--set={name}={value}" for name, value in SMALL.items()]
REFUSED = (
    "Error: The modality 'plane.points:POINTS' is code of 'plane', and multigan imports no code by itself: if you trust "
    "that package, add --plugin plane."
)
MEASURED = {
    "FD", "KD", "precision", "recall", "density", "coverage", "Vendi score", "pairwise distance", "authenticity",
    "nearest distance ratio",
}  # fmt: skip

MORE = """
from dataclasses import replace
from plane.points import POINTS
BARE = replace(POINTS, name="bare", kind=None)
ASTRAY = replace(POINTS, name="astray", kind="plane.points_kind:LINES")
"""


def package(folder):
    """A package ``plane`` of the points and their kind, and a recipe beside it that names it."""
    (folder / "plane").mkdir(parents=True)
    (folder / "plane" / "__init__.py").touch()
    for name in ("points.py", "points_kind.py"):
        source = (EXAMPLES / name).read_text(encoding="utf-8")
        source = source.replace('"points_kind:', '"plane.points_kind:')
        (folder / "plane" / name).write_text(source, encoding="utf-8")
    (folder / "plane" / "more.py").write_text(MORE)
    recipe = (EXAMPLES / "points.yaml").read_text(encoding="utf-8")
    (folder / "points.yaml").write_text(recipe.replace("points:POINTS", "plane.points:POINTS"))
    return folder


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    return package(tmp_path_factory.mktemp("outside"))


@pytest.fixture(scope="module")
def recipe(outside):
    return outside / "points.yaml"


@pytest.fixture(autouse=True)
def outside_on_the_path(monkeypatch, outside):
    monkeypatch.syspath_prepend(str(outside))


@pytest.fixture(scope="module")
def points_run(tmp_path_factory, outside, recipe):
    folder = tmp_path_factory.mktemp("points") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(outside))
        output = ran("recipe", "run", recipe, "--plugin", "plane", *SETS, "--out", folder)
    assert "The report is in" in output
    return folder


def report_in(folder):
    return json.loads((folder / "report.json").read_text())


def general(report):
    """The names of the figures of generated points in the features of their own kind."""
    names = [figure["name"] for figure in report["figures"] if figure["subject"] == "generated"]
    return {name.partition("[")[0] for name in names if name.endswith("[coordinates]")}


def test_the_example_is_short_and_keeps_the_contracts_of_a_modality(tmp_path, monkeypatch):
    assert len((EXAMPLES / "points.py").read_text(encoding="utf-8").splitlines()) < 100
    monkeypatch.syspath_prepend(str(EXAMPLES))
    modality = modality_of("points:POINTS", ["points"])
    check_modality(modality, (2,), tmp_path, {"mlp": {"width": 8}}, n_labels=2)


def test_a_run_leaves_pictures_and_samples(points_run):
    for name in ("grid.png", "intensity.png", "interpolation.png", "previews/000000640.png"):
        assert (points_run / name).is_file()
    rows = list(csv.DictReader((points_run / "samples" / "labels.csv").read_text().splitlines()))
    assert list(rows[0]) == ["file", "emotion", "intensity", "seed", "index"]
    assert [row["emotion"] for row in rows] == ["inner"] * 40 + ["outer"] * 40
    assert all(np.load(points_run / "samples" / row["file"]).shape == (2,) for row in rows)
    facts = json.loads((points_run / "run.json").read_text())
    assert (facts["modality"], facts["data_settings"]["n"]) == ("plane.points:POINTS", 256)


def test_a_run_ends_with_the_report_of_its_own_kind(points_run):
    report = report_in(points_run)
    assert report["modality"] == "points"
    assert general(report) >= MEASURED
    names = {figure["name"] for figure in report["figures"]}
    assert {"mean radius", "emotion accuracy", "FD[nearest-coordinates]"} <= names
    radius = {f["subject"]: f["value"] for f in report["figures"] if f["name"] == "mean radius"}
    assert radius["held-out real"] == pytest.approx(0.55, abs=0.08)  # the rings have 0.3 and 0.8
    page = (points_run / "report.html").read_text()
    assert "How good are the generated points?" in page
    assert page.count('class="dot"') >= 32  # a drawing for each of the points shown
    assert (points_run / "closest.png").is_file()
    assert best(points_run / "checkpoints") is not None  # its features chose the checkpoint


def test_a_stopped_run_goes_on_to_the_same_bits(points_run, recipe, tmp_path, monkeypatch):
    from multigan.training.trainer import Trainer

    step = Trainer._step

    def stopping(self, stage):
        step(self, stage)
        self.interrupted = self.interrupted or self.n_steps == 4

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", stopping)
        result = invoke("recipe", "run", recipe, "--plugin", "plane", *SETS, "--out", tmp_path / "run")
    assert result.exit_code == 130, result.output
    assert "--resume --plugin plane" in result.output
    assert error_of("recipe", "run", recipe, "--out", tmp_path / "run", "--resume") == REFUSED
    ran("recipe", "run", recipe, "--out", tmp_path / "run", "--resume", "--plugin", "plane")
    whole, resumed = (load(latest(folder / "checkpoints")) for folder in (points_run, tmp_path / "run"))
    for part in ("networks.generator", "networks.discriminator", "hooks.ema_generator"):
        assert whole["parts"][part].keys() == resumed["parts"][part].keys()
        for name, tensor in whole["parts"][part].items():
            assert torch.equal(tensor, resumed["parts"][part][name]), name
    first, second = (report_in(folder)["figures"] for folder in (points_run, tmp_path / "run"))
    assert first == second


def test_it_is_sampled_with_settings_of_its_own(points_run, tmp_path):
    asked = ("sample", points_run, "--plugin", "plane", "--n", 3, "--emotion", "outer")
    ran(*asked, "--out", tmp_path / "plain")
    ran(*asked, "--set", "spread=0", "--out", tmp_path / "middle")
    plain, middle = (
        {path.read_bytes() for path in (tmp_path / name).glob("outer-*.npy")} for name in ("plain", "middle")
    )
    assert (len(plain), len(middle)) == (3, 1)  # without a spread all latents are alike
    assert "Did you mean 'spread'?" in error_of(*asked, "--set", "spred=1")
    assert "--truncation is of images and sounds, and this run" in error_of(*asked, "--truncation", 0.5)


def test_folders_of_points_are_measured_by_their_kind(points_run, tmp_path):
    """Named by their modality or by its kind; multigan sample wrote them."""
    for seed in (1, 2):
        ran(
            "sample",
            points_run,
            "--plugin",
            "plane",
            "--n",
            40,
            "--seed",
            seed,
            "--out",
            tmp_path / str(seed),
        )
    asked = (
        "evaluate",
        "--real",
        tmp_path / "1",
        "--fake",
        tmp_path / "2",
        "--plugin",
        "plane",
        "--modality",
    )
    for name in ("plane.points:POINTS", "plane.points_kind:POINTS"):
        ran(*asked, name, "--out", tmp_path / "report")
        report = report_in(tmp_path / "report")
        assert report["modality"] == "points"
        assert general(report) >= MEASURED
        assert {figure["n"] for figure in report["figures"] if figure["name"] == "KD[coordinates]"} == {
            80,
            40,
        }
        shutil.rmtree(tmp_path / "report")
    (tmp_path / "2" / "odd.npy").write_bytes(b"no array")
    (tmp_path / "2" / "labels.csv").unlink()
    refused = invoke(*asked, "plane.points:POINTS", "--max-bad", 0, "--out", tmp_path / "report")
    assert refused.exit_code == 1
    assert "odd.npy cannot be read" in refused.output.splitlines()[-1]
    assert "is no modality and no kind of samples: found a dict" in error_of(*asked, "plane.points:RADII")


def test_a_run_is_measured_again_as_at_its_end(points_run, tmp_path):
    ran("evaluate", "--run", points_run, "--plugin", "plane", "--out", tmp_path / "again")
    assert report_in(tmp_path / "again")["figures"] == report_in(points_run)["figures"]


@pytest.mark.parametrize(
    "words",
    [
        ("recipe", "validate", "RECIPE"),
        ("recipe", "run", "RECIPE", "--out", "run"),
        ("recipe", "run", "RECIPE", "--plugin", "plan", "--out", "run"),
        ("sample", "RUN"),
        ("evaluate", "--run", "RUN"),
        ("evaluate", "--modality", "plane.points:POINTS", "--real", "RUN/samples", "--fake", "RUN/samples"),
    ],
    ids=lambda words: " ".join(map(str, words[:2])),
)
def test_nothing_is_imported_without_the_plugins_name(points_run, recipe, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for module in [name for name in sys.modules if name.partition(".")[0] == "plane"]:
        monkeypatch.delitem(sys.modules, module)
    words = [word.replace("RECIPE", str(recipe)).replace("RUN", str(points_run)) for word in words]
    assert error_of(*words) == REFUSED
    assert "plane" not in sys.modules
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
        (
            "plane.points:LINES",
            "plane",
            r"cannot be imported \(module 'plane.points' has no attribute 'LINES'\)",
        ),
        ("plane.points:RADII", "plane", "'plane.points:RADII' is no modality: found a dict"),
        (":POINTS", "plane", "':POINTS' lacks a module or an attribute; give package.module:ATTRIBUTE"),
        ("plane.points:", "plane", "'plane.points:' lacks a module or an attribute"),
        ("amiss:POINTS", "amiss", r"its code fails \(ZeroDivisionError: division by zero\); mend it."),
    ],
)
def test_what_is_no_modality_is_one_sentence(name, plugin, message, tmp_path, monkeypatch):
    (tmp_path / "amiss.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigError, match=message):
        modality_of(name, [plugin])


def test_an_installed_package_offers_a_modality_by_name(points_run, outside, tmp_path, monkeypatch):
    """Its distribution says so; no plugin has to be named, since installing it was the person's word."""
    folder = tmp_path / "planar-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: planar\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[multigan.modalities]\nflat = plane.points:POINTS\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "flat.yaml").write_text(
        (EXAMPLES / "points.yaml").read_text().replace("points:POINTS", "flat")
    )
    assert "is valid" in ran("recipe", "validate", tmp_path / "flat.yaml")
    assert modality_of("flat").name == "points"
    with pytest.raises(ConfigError, match=r"named 'flta'. Did you mean 'flat'\? Known: audio, .*flat, image"):
        modality_of("flta")
    samples = (
        "--real",
        points_run / "samples",
        "--fake",
        points_run / "samples",
        "--out",
        tmp_path / "report",
    )
    ran("evaluate", "--modality", "flat", *samples)
    assert report_in(tmp_path / "report")["modality"] == "points"
    result = invoke("evaluate", "--modality", "flta", *samples)
    assert (
        result.exit_code,
        "Did you mean 'flat'? Known: audio, flat, image, text, video." in result.output,
    ) == (
        2,
        True,
    )


def test_a_modality_without_a_kind_is_trained_and_sampled_and_not_measured(recipe, tmp_path):
    bare = ("--plugin", "plane", "--set", "modality=plane.more:BARE")
    output = ran("recipe", "run", recipe, *bare, *SETS, "--out", tmp_path / "run")
    assert "There is no report: samples of the modality 'bare' are not measured." in output
    assert len(list((tmp_path / "run" / "samples").glob("*.npy"))) == 80
    line = error_of("recipe", "validate", recipe, *bare, "--set", "report=[language]")
    assert "samples of the modality 'bare' are not measured; leave report out" in line
    line = error_of("evaluate", "--run", tmp_path / "run", "--plugin", "plane")
    assert line == "Error: Samples of the modality 'bare' are not measured: its kind is None."


def test_a_kind_that_is_not_there_is_told_before_training(recipe):
    line = error_of("recipe", "validate", recipe, "--plugin", "plane", "--set", "modality=plane.more:ASTRAY")
    assert line.startswith(
        "Error: There is no kind of samples plane.points_kind:LINES: module 'plane.points_kind'"
    )
