"""``multigan evaluate`` of many sets, and in a test of somebody's own: one table, and an exit code by conditions."""

import json
import shutil

import pytest
from PIL import Image

from tests.worlds.commands import invoke
from tests.worlds.pictures import noise


@pytest.fixture(autouse=True)
def place_of_its_own(monkeypatch, tmp_path):
    """A width that does not hang on the terminal, and a working folder."""
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Folders real, a and b (darker) of noise."""
    root = tmp_path_factory.mktemp("images")
    for name, pixels in (("real", noise(60, 0)), ("a", noise(30, 1)), ("b", noise(24, 2) // 2)):
        (root / name).mkdir()
        for number, one in enumerate(pixels):
            Image.fromarray(one).save(root / name / f"{number:03d}.png")
    return root


def report_in(folder):
    return json.loads((folder / "report.json").read_text())


def error_of(*words, code=1):
    """The one line that a mistake is answered with."""
    result = invoke("evaluate", *words)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    line = result.output.splitlines()[-1]
    assert line.startswith("Error: "), result.output
    return line.removeprefix("Error: ")


def test_one_table_of_many_sets(images, tmp_path):
    fakes = []
    for number in range(28):  # more than there are letters
        fakes += ["--fake", shutil.copytree(images / "b", tmp_path / f"model-{number}")]
    words = ("--real", images / "real", *fakes, "--modality", "image", "--metrics", "KD", "--n", 12)
    assert "--fake can be given 26 times, and more often with --table; found 28." in error_of(*words, code=2)
    result = invoke("evaluate", *words, "--table", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = (tmp_path / "out" / "table.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["set", *(f"model-{n}" for n in range(28)), "held-out real"]
    assert r"model-27 & $" in (tmp_path / "out" / "table.tex").read_text()
    assert sum(line.startswith((" model-", "model-")) for line in result.output.splitlines()) >= 28
    assert " minus " not in result.output
    assert report_in(tmp_path / "out")["subjects"][-1] == "model-27"


def test_sets_of_a_table_are_called_by_whole_paths_where_names_are_alike(images, tmp_path):
    one, other = (shutil.copytree(images / "a", tmp_path / side / "fake") for side in ("x", "y"))
    words = (
        "--real",
        images / "real",
        "--modality",
        "image",
        "--metrics",
        "KD",
        "--table",
        "--fake",
        one,
        "--fake",
    )
    assert invoke("evaluate", *words, other).exit_code == 0
    assert report_in(tmp_path / "here" / "evaluation")["subjects"] == [str(one), str(other)]
    assert error_of(*words, one) == f"{one} is given twice; give each set once."


def test_a_condition_fails_with_an_exit_code_of_its_own(images, tmp_path):
    words = (
        "--real",
        images / "real",
        "--fake",
        images / "a",
        "--modality",
        "image",
        "--metrics",
        "recall,precision",
    )
    result = invoke("evaluate", *words, "--fail-if", "recall < 2", "--fail-if", "precision < -1")
    assert result.exit_code == 3
    failed, passed = result.output.splitlines()[-2:]
    assert failed.startswith("Failed (recall < 2): recall[random-conv-v1] is ")
    assert passed.startswith("Passed (precision < -1): precision[random-conv-v1] is ")
    assert report_in(tmp_path / "here" / "evaluation")["figures"]  # which is written all the same
    assert invoke("evaluate", *words, "--fail-if", "recall < -1").exit_code == 0


def test_conditions_that_cannot_be_met_are_refused_before_any_work(images, tmp_path):
    words = ("--real", images / "real", "--fake", images / "a", "--modality", "image")
    line = error_of(*words, "--fail-if", "recall", code=2)
    assert line.startswith(
        "--fail-if: 'recall' is no condition: write a figure, one of <, <=, >, >= and a number"
    )
    line = error_of(*words, "--fail-if", "emotion acuracy < 0.9")
    assert line.startswith("There is no figure named 'emotion acuracy'. Did you mean 'emotion accuracy'?")
    assert not list((tmp_path / "here").iterdir())
    # one of a metric that there is, and that was not measured
    line = error_of(*words, "--metrics", "KD", "--fail-if", "emotion accuracy < 0.9")
    assert "There is no figure among those that were measured named 'emotion accuracy'" in line
