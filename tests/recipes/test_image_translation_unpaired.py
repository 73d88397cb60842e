"""The recipe image-translation-unpaired at its smallest: what it measures, and a person's own pictures."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from recipes.reports.kept import NAME, change_of_corners
from tests.worlds.commands import invoke, ran

SMALLEST = ("recipe", "run", "image-translation-unpaired", "--preset", "smallest", "--set=device=cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory, quick_classifier):
    folder = tmp_path_factory.mktemp("cycling") / "run"
    # a rate at which labels, which steer nothing at the start, are heard after so few steps
    rate = "--set=training.optimisers.generator.lr=0.01"
    return folder, ran(*SMALLEST, rate, "--out", folder)


def sentence_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output.splitlines()[-1]


def test_the_change_of_corners_by_hand():
    """Of 4x4 pixels only the corner ones lie outside the circle: their centres are 0.75 sqrt 2 = 1.06 away."""
    source = torch.zeros(2, 3, 4, 4)
    inside, corner = source.clone(), source.clone()
    inside[:, :, 1:3, :] = 1.0
    inside[:, :, :, 1:3] = 1.0
    corner[:, :, 0, 0] = 1.0
    assert change_of_corners(inside, source).tolist() == [0.0, 0.0]
    assert change_of_corners(corner, source) == pytest.approx([127.5 / 4] * 2)


def test_a_run_says_what_changed_and_what_was_kept(run):
    folder, output = run
    assert json.loads((folder / "run.json").read_text("utf-8"))["condition_tensor"] == [10, 16, 16]
    figures = json.loads((folder / "report.json").read_text("utf-8"))["figures"]
    for name in (NAME, "emotion accuracy"):
        assert {"generated", "held-out real"} <= {one["subject"] for one in figures if one["name"] == name}
    assert "from their sources; those of pictures that have nothing to do with each other by" in output
    logged = json.loads((folder / "metrics.jsonl").read_text("utf-8").splitlines()[0])
    assert {
        "generator/cycle",
        "generator/back_cycle",
        "generator/identity",
        "discriminator/back_real_logits",
    } <= set(logged)
    with Image.open(folder / "grid.png") as grid:
        assert grid.size == (12 * 64, 6 * 64)


def test_own_faces_are_given_the_emotion_that_is_asked_for(run, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "me.png")
    line = sentence_of("sample", run[0], "--input", tmp_path / "me.png", "--out", tmp_path / "out")
    assert "the one asked for is none: add --set label=NAME, one of joy, sadness" in line
    assert "is neutral: add" in sentence_of(
        "sample", run[0], "--input", tmp_path / "me.png", "--set=label=neutral"
    )
    assert not (tmp_path / "out").exists()
    made = {}
    for label in ("joy", "anger"):
        ran(
            "sample",
            run[0],
            "--input",
            tmp_path / "me.png",
            "--set",
            f"label={label}",
            "--out",
            tmp_path / "out",
        )
        with Image.open(tmp_path / "out" / f"me-{label}.png") as picture:
            made[label] = np.asarray(picture)
    assert made["joy"].shape == (16, 16, 3)
    assert not np.array_equal(made["joy"], made["anger"])


def test_two_folders_of_ones_own_can_be_trained_on(tmp_path, quick_classifier):
    for kind, name in enumerate(("A", "B")):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(40):
            pixels = np.random.default_rng(number + 40 * kind).integers(0, 256, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "own" / name / f"{kind}{number:02d}.png")
    words = (
        "--set=training.samples=16",
        "--set=data.held_out=0.4",
        "--data",
        tmp_path / "own",
        "--out",
        tmp_path / "run",
    )
    ran(*SMALLEST, *words)
    assert json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))["condition_tensor"] == [3, 16, 16]
    ran("sample", tmp_path / "run", "--input", tmp_path / "own" / "A" / "000.png", "--out", tmp_path / "out")
    assert (tmp_path / "out" / "000-translated.png").is_file()
    line = sentence_of("sample", tmp_path / "run", "--input", tmp_path / "own" / "A", "--set=label=joy")
    assert "This run was trained without labels: leave --set label out." in line


def test_the_report_is_of_pictures_made_of_pictures(tmp_path):
    line = sentence_of(
        "recipe", "run", "emotive-images", "--preset", "cpu-32", "--set=report=[kept]", "--set=device=cpu",
        "--set=data.drawn=64", "--set=data.drawn_held_out=32", "--set=data.resolution=16", "--out", tmp_path / "run",
    )  # fmt: skip
    assert "The report 'kept' is of pictures that are made of pictures of the same size" in line
