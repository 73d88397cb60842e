"""`multigan new modality`: a package that is tested, trained, sampled and measured as it is written."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.commands import invoke, ran
from tests.worlds.packages import install

SMALL = {
    "device": "cpu", "data.drawn": 256, "architecture.width": 16, "training.samples": 640, "evaluation.n": 64,
    "training.checkpoint_every": 640, "evaluation.validation": 32, "sampling.per_label": 4,
}  # fmt: skip
SETS = [f"--set={name}={value}" for name, value in SMALL.items()]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "spike_trains"
    assert f"Wrote the package spike_trains to {folder}" in ran(
        "new", "modality", "spike_trains", "--out", folder
    )
    return folder


@pytest.fixture(scope="module")
def installed(written, tmp_path_factory):
    site = install(written, tmp_path_factory.mktemp("installed"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "spike_trains"]:
        del sys.modules[name]


def test_the_package_has_its_own_name_everywhere(written):
    files = {
        path.relative_to(written).as_posix(): path.read_text()
        for path in written.rglob("*")
        if path.is_file()
    }
    package = ("__init__.py", "kind.py", "modality.py", "networks.py", "spike_trains.yaml")
    assert set(files) == {
        "pyproject.toml", "test_spike_trains.py", *(f"spike_trains/{name}" for name in package),
    }  # fmt: skip
    assert [name for name, text in files.items() if "starter" in text.lower() or "recipes." in text] == []
    assert "class SpikeTrainsData(Columns)" in files["spike_trains/modality.py"]
    assert "SPIKE_TRAINS = Modality(" in files["spike_trains/modality.py"]


@pytest.mark.kernels
def test_its_own_test_passes(written):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(written)]
    path = [str(written), str(Path(__file__).parents[2])]
    code = f"import sys; sys.path[:0] = {path!r}; import pytest; sys.exit(pytest.main({command[3:]!r}))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=written, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout


def test_it_is_trained_sampled_and_measured_by_name(installed, tmp_path):
    assert "spike_trains" in ran("recipe", "list")
    output = ran("recipe", "run", "spike_trains", *SETS, "--out", tmp_path / "run")
    assert "The report is in" in output
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    names = {figure["name"] for figure in report["figures"] if figure["subject"] == "generated"}
    assert {"FD[spectrum]", "emotion accuracy", "roughness"} <= names
    rows = list(csv.DictReader((tmp_path / "run" / "samples" / "labels.csv").read_text().splitlines()))
    assert [row["emotion"] for row in rows] == ["fast"] * 4 + ["slow"] * 4
    ran("sample", tmp_path / "run", "--n", 40, "--seed", 1, "--out", tmp_path / "own")
    ran("sample", tmp_path / "run", "--n", 40, "--seed", 2, "--out", tmp_path / "other")
    sets = ("--real", tmp_path / "own", "--fake", tmp_path / "other", "--out", tmp_path / "report")
    ran("evaluate", "--modality", "spike_trains", *sets)
    again = ("--data", tmp_path / "own", *SETS, "--set", "training.batch=16", "--out", tmp_path / "again")
    assert "The report is in" in ran("recipe", "run", "spike_trains", *again)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Curves", "cannot name a package"),
        ("3d", "cannot name a package"),
        ("my-curves", "cannot name a package"),
        ("../curves", "cannot name a package"),
        ("class", "cannot name a package"),
        ("", "cannot name a package"),
        ("c" * 41, "cannot name a package"),
        ("image", "is a modality or a recipe of multigan"),
        ("dcgan", "is a modality or a recipe of multigan"),
        ("json", "is a module that Python finds already"),
        ("numpy", "is a module that Python finds already"),
    ],
)
def test_a_name_that_cannot_be_is_one_sentence(name, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("new", "modality", name)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert reason in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("occupied", ["folder", "file", "link"])
def test_nothing_is_overwritten(occupied, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "curves"
    {
        "folder": place.mkdir,
        "file": place.touch,
        "link": lambda: place.symlink_to(tmp_path / "nowhere"),
    }[occupied]()
    result = invoke("new", "modality", "curves")
    assert result.exit_code == 1
    assert "curves exists already, and nothing is overwritten; choose another --out" in result.output
    assert [path.name for path in tmp_path.rglob("*")] == ["curves"]


def test_a_folder_above_is_made(tmp_path):
    ran("new", "modality", "curves", "--out", tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "curves" / "modality.py").is_file()
