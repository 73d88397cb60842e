"""``multigan directions`` and ``multigan sample --direction``: what is kept, what it changes, and what is refused."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from recipes.cli import main
from recipes.directions import STRENGTHS
from tests.worlds.commands import invoke, ran


@pytest.fixture(scope="module")
def run(finished, tmp_path_factory, quick_classifier):
    """A copy of the tiny run, and what the command said."""
    import shutil

    folder = shutil.copytree(finished.folder, tmp_path_factory.mktemp("directions") / "run")
    told = ran("directions", folder, "--components", 2, "--n", 8, "--device", "cpu")
    return folder, told


@pytest.fixture(scope="module")
def kept(run):
    return json.loads((run[0] / "directions" / "directions.json").read_text())["directions"]


def pixels(folder):
    return {path.name: np.asarray(Image.open(path)).astype(int) for path in sorted(folder.glob("*.png"))}


def test_each_has_a_picture_and_what_it_changes(run, kept):
    folder, told = run
    names = [one["name"] for one in kept]
    assert names[-4:] == ["sefa-1", "sefa-2", "pca-1", "pca-2"]
    assert {"joy-mean", "calm-mean"} < {*names}
    assert {path.stem for path in (folder / "directions").glob("*.png")} == {*names}
    assert f"Wrote {len(kept)} directions and their pictures to " in told
    for one in kept:
        assert one["strengths"] == list(STRENGTHS)
        assert one["distance"][STRENGTHS.index(0)] == one["changed"][STRENGTHS.index(0)] == 0
        assert one["distance"][0] > 0
        assert one["unit"] > 0 or one["way"] == "boundary"


def test_a_sample_is_moved_and_its_file_says_so(run, tmp_path):
    words = ("--emotion", "joy", "--n", 2, "--device", "cpu", "--out")
    ran("sample", run[0], *words, tmp_path / "still")
    ran("sample", run[0], "--direction", "sefa-1:2", *words, tmp_path / "moved")
    ran("sample", run[0], "--direction", "sefa-1:0", *words, tmp_path / "zero")
    still, moved, zero = (pixels(tmp_path / name) for name in ("still", "moved", "zero"))
    assert [*moved] == [name.replace("joy-", "joy-direction=sefa-1%3A2-", 1) for name in still]
    for one, other, same in zip(still.values(), moved.values(), zero.values(), strict=True):
        assert np.abs(one - other).max() > 0
        assert np.abs(one - same).max() <= 1  # other kernels, perhaps
    with open(tmp_path / "moved" / "labels.csv", newline="") as table:
        assert [row["direction"] for row in csv.DictReader(table)] == ["sefa-1:2"] * 2


def test_found_again_they_are_the_same(run, kept):
    ran("directions", run[0], "--components", 2, "--n", 8, "--device", "cpu")
    assert json.loads((run[0] / "directions" / "directions.json").read_text())["directions"] == kept


def said(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    return result.output


def test_what_is_not_there_is_said(run, finished, tmp_path):
    out = ("--device", "cpu", "--out", tmp_path / "x")
    assert "Did you mean 'sefa-1'?" in said("sample", run[0], "--direction", "sefa1:2", *out)
    assert "run `multigan directions " in said("sample", finished.folder, "--direction", "joy:2", *out)
    assert "written NAME:STRENGTH" in said("sample", run[0], "--direction", "joy", *out)
    assert not (tmp_path / "x").exists()


def test_directions_of_other_weights_are_not_taken(run, tmp_path):
    import shutil

    copy = shutil.copytree(run[0], tmp_path / "run")
    path = copy / "directions" / "directions.json"
    path.write_text(path.read_text().replace('"generator": "', '"generator": "0'))
    told = said("sample", copy, "--direction", "sefa-1:2", "--device", "cpu", "--out", tmp_path / "x")
    assert "are of other weights than its generator has now" in told


def test_a_recipe_with_a_direction_is_refused():
    words = ["recipe", "run", "emotive-images", "--dry-run", "--set", "sampling.direction=joy:1"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "a recipe has none yet" in result.output
