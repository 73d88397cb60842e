"""What a run may begin with and go on with: its folder, its name, its recipe, its data."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from multigan.image.data import open_images
from multigan.image.settings import ImageData
from multigan.modality import Splits
from recipes.cli import main
from recipes.request import data_digest
from tests.worlds.commands import holder
from tests.worlds.pictures import fill
from tests.worlds.ring import Ring
from tests.worlds.runs import arguments


def error_of(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 1, result.output
    line = result.output.splitlines()[-1]
    assert line.startswith("Error: ")
    return line


# ---- names ----


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/x",
        "a/b",
        "a\\b",
        "",
        "..",
        ".hidden",
        "a.",
        " x",
        "x ",
        "a\nb",
        "a\tb",
        "x" * 101,
        "a:b",
        "\x00",
    ],
)
def test_a_name_that_is_no_folder_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for words in (("recipe", "validate"), ("recipe", "run")):
        line = error_of(*words, "emotive-images", "--preset=cpu-32", f"--set=name={json.dumps(name)}")
        assert f"name is {name!r}, and the runs of a recipe lie in a folder of its name" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "My faces, 2", "é", "a.b", "x-1_y", "x" * 100])
def test_other_names_are_good(name):
    words = ["recipe", "validate", "emotive-images", "--preset=cpu-32", f"--set=name={name}"]
    assert CliRunner().invoke(main, words).exit_code == 0


# ---- folders ----


@pytest.mark.parametrize(
    "name", ["recipe.yaml", "report.html", "report.json", "grid.png", "samples", "checkpoints"]
)
def test_a_new_run_takes_no_place_of_a_persons_own(tmp_path, name):
    (tmp_path / name).mkdir() if "." not in name else (tmp_path / name).write_text("mine")
    line = error_of(*arguments(), "--out", tmp_path)
    assert f"{tmp_path} holds {name}, which a run would write; choose another --out" in line
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_at_which_another_process_works_is_refused_and_can_be_read(run_copy, tmp_path):
    new, log = tmp_path / "new", (run_copy / "metrics.jsonl").read_bytes()
    new.mkdir()
    for folder, words in ((run_copy, ("emotive-images", "--resume")), (new, arguments()[2:])):
        with holder(folder) as process:
            line = error_of("recipe", "run", *words, "--out", folder)
            assert f"Another multigan (process {process.pid}) is at work in {folder}" in line
            if folder == run_copy:
                words = ["sample", str(run_copy), "--n", "1", "--emotion", "joy", "--device", "cpu"]
                assert CliRunner().invoke(main, words).exit_code == 0
            process.communicate(b"\n")
    assert (run_copy / "metrics.jsonl").read_bytes() == log
    assert [path.name for path in new.iterdir()] == [".lock"]


# ---- going on ----


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("emotive-audio",),
            "is a run of the recipe emotive-images, and emotive-audio is the recipe emotive-audio",
        ),
        (
            ("emotive-images", "--set=name=other"),
            "A resumed run keeps its name (emotive-images); leave out --set name",
        ),
        (("emotive-images", "--set=data.seed=1"), "The data are not those that"),
        (("emotive-images", "--set=data.mirror=true"), "The data are not those that"),
        (
            ("emotive-images", "--set=training.batch=16"),
            "has been trained to its end (640 samples), and --set changes its",
        ),
        (("emotive-images", "--set=seed=1"), "--set changes its seed, which only training reads"),
        (
            ("emotive-images", "--set=evaluation.validation=64"),
            "--set changes its evaluation.validation, which only",
        ),
    ],
)
def test_a_run_goes_on_as_what_it_is(run_copy, words, message):
    before = {
        name: (run_copy / name).read_bytes()
        for name in ("recipe.yaml", "run.json", "metrics.jsonl", "report.json")
    }
    assert message in error_of("recipe", "run", *words, "--resume", "--out", run_copy)
    assert {name: (run_copy / name).read_bytes() for name in before} == before


# ---- data ----


def digest_of(folder, **more):
    return data_digest(open_images(ImageData(resolution=16, **more), folder, lambda *facts: None))


def test_the_digest_of_data_is_of_their_content(tmp_path, cache_folder):
    folder = fill(tmp_path / "in", ["anger", "joy"], 6)
    digest = digest_of(folder)
    assert digest_of(folder) == digest
    assert digest_of(folder.rename(tmp_path / "moved")) == digest
    folder = tmp_path / "moved"
    assert digest_of(folder, mirror=True) != digest
    first, *_ = sorted((folder / "joy").iterdir())
    content = first.read_bytes()
    other = sorted((folder / "anger").iterdir())[0]
    first.write_bytes(other.read_bytes())
    other.write_bytes(content)  # two pictures change places: their labels are others
    assert digest_of(folder) != digest


def test_a_data_set_without_a_digest_is_read():
    ring = Ring(600)
    digests = []
    for shift in (0, 0, 1):
        side = _Shifted(ring, shift)
        digests.append(data_digest(Splits(side, side)))
    assert digests[0] == digests[1] != digests[2]


class _Shifted:
    """A data set whose first samples are moved."""

    def __init__(self, data, shift):
        self.data, self.shift, self.labels = data, shift, data.labels

    def __len__(self):
        return len(self.data)

    def batch(self, indices):
        batch = self.data.batch(np.asarray(indices))
        return replace(batch, real=batch.real + self.shift)
