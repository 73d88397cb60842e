"""The recipe image-translation at its smallest: its report, a person's own pairs, and their own pictures translated."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from recipes.settings import load_recipe
from tests.worlds.commands import invoke, ran

SMALLEST = ("recipe", "run", "image-translation", "--preset", "smallest", "--set=device=cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory, quick_classifier):
    folder = tmp_path_factory.mktemp("translating") / "run"
    return folder, ran(*SMALLEST, "--out", folder)


def pixels_of(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def opened(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def sentence_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output.splitlines()[-1]


def test_a_run_compares_its_faces_with_the_real_ones_in_pairs_and_as_sets(run):
    folder, output = run
    facts = json.loads((folder / "run.json").read_text("utf-8"))
    assert facts["condition_tensor"] == [3, 16, 16]
    assert facts["labels"] == []
    assert not (folder / "stages").exists()
    # the drawing, generated and real of 24 held-out faces, 16 pixels shown four times as large
    assert opened(folder / "grid.png").shape == (6 * 64, 12 * 64, 3)
    pairs = json.loads((folder / "pairs" / "report.json").read_text("utf-8"))
    assert {one["subject"] for one in pairs["figures"]} == {"input", "generated"}
    assert {"PSNR", "SSIM", "random feature distance", "FD[random-conv-v1]"} <= {
        one["name"] for one in pairs["figures"]
    }
    figures = json.loads((folder / "report.json").read_text("utf-8"))["figures"]
    read = {one["subject"]: one for one in figures if one["name"] == "emotion accuracy"}
    assert {"generated", "held-out real"} <= set(read)
    logged = json.loads((folder / "metrics.jsonl").read_text("utf-8").splitlines()[0])
    assert any("l1" in name for name in logged)
    assert any("adversarial" in name for name in logged)
    assert "grid.png too." in output


def test_own_pictures_are_translated_as_they_are_or_by_their_lines(run, tmp_path):
    source = tmp_path / "own"
    source.mkdir()
    Image.fromarray(pixels_of(16, 16)).save(source / "square.png")
    Image.fromarray(pixels_of(21, 40, 1)).save(source / "wide.png")
    (source / "broken.png").write_bytes(b"no picture")
    output = ran("sample", run[0], "--input", source, "--out", tmp_path / "out")
    assert "Translated 2 pictures at 16x16 pixels into" in output
    assert "Left out: broken.png (it is not a PNG" in output
    made = {path.name: opened(path) for path in (tmp_path / "out").glob("*.png")}
    assert {name: pixels.shape for name, pixels in made.items()} == {
        "square-translated.png": (16, 16, 3), "wide-translated.png": (16, 16, 3),
    }  # fmt: skip
    with (tmp_path / "out" / "translated.csv").open(newline="") as stream:
        assert {row["file"]: row["input"] for row in csv.DictReader(stream)} == {
            "square-translated.png": "square.png", "wide-translated.png": "wide.png",
        }  # fmt: skip
    ran(
        "sample", run[0], "--input", source / "square.png", "--set", "lines=true", "--out", tmp_path / "lines"
    )
    assert not np.array_equal(
        opened(tmp_path / "lines" / "square-translated.png"), made["square-translated.png"]
    )


def test_own_pairs_can_be_trained_on(tmp_path, quick_classifier):
    for name in ("A", "B"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(40):
            Image.fromarray(pixels_of(20, 16, number)).save(tmp_path / "own" / name / f"{number:02d}.png")
    Image.fromarray(pixels_of(20, 16)).save(tmp_path / "own" / "A" / "alone.png")
    words = (*SMALLEST, "--set=training.samples=16", "--data", tmp_path / "own", "--out", tmp_path / "run")
    line = sentence_of(*words, "--set=data.held_out=0.01")
    assert "and a run whose condition is a sample is measured on 6 of them or more." in line
    assert not (tmp_path / "run").exists()
    output = ran(*words, "--set=data.held_out=0.4")
    assert "nothing in the other folder has the same name: A/alone.png." in output
    assert (tmp_path / "run" / "pairs" / "report.html").is_file()


def test_bad_input_is_one_sentence(run, tmp_path):
    assert "makes samples of other samples: give them with --input FOLDER." in sentence_of("sample", run[0])
    (tmp_path / "own" / "B").mkdir(parents=True)
    line = sentence_of(*SMALLEST, "--data", tmp_path / "own", "--out", tmp_path / "run")
    assert "has a folder B and no folder A: pairs lie in both, under the same names." in line
    assert not (tmp_path / "run").exists()


def test_the_default_weighs_an_adversarial_and_an_l1_term():
    recipe = load_recipe("image-translation", sets=("device=cpu",))
    assert set(recipe.training.schedule["terms"]) == {"adversarial", "l1"}
    assert recipe.training.schedule["content_samples"] == 0
    assert recipe.report == ("pairs",)
