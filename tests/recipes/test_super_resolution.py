"""The recipe super-resolution at its smallest, what its report compares, and a person's own pictures enlarged."""

import csv
import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from evaluation.options import Options
from evaluation.sources import of_media
from recipes.reports.pairs import as_sets, patches
from recipes.settings import load_recipe
from tests.worlds.commands import invoke, ran

SMALLEST = ("recipe", "run", "super-resolution", "--preset", "smallest", "--set=device=cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory, quick_classifier):
    folder = tmp_path_factory.mktemp("enlarging") / "run"
    return folder, ran(*SMALLEST, "--out", folder)


def pixels_of(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def owned(folder):
    """Pictures of several sizes and forms, and a text and a broken file among them."""
    (folder / "more").mkdir(parents=True)
    Image.fromarray(pixels_of(37, 150)).save(folder / "wide.png")
    Image.fromarray(pixels_of(21, 20, 1)).convert("L").save(folder / "grey.jpg")
    Image.fromarray(pixels_of(5, 6, 2)).save(folder / "more" / "wide.png")
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("mine")
    return folder


def opened(path):
    """The pixels of a file, [H, W, 3]."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def rows_of(path):
    with path.open(newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


def digests(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()
    }


def sentence_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output.splitlines()[-1]


def test_a_run_ends_with_pictures_samples_and_reports(run):
    folder, output = run
    facts = json.loads((folder / "run.json").read_text("utf-8"))
    assert facts["condition_tensor"] == [3, 16, 16]
    assert facts["labels"] == []
    assert [path.name for path in (folder / "stages").iterdir()] == ["content"]
    assert len(list((folder / "samples").glob("*.png"))) == 2
    # the input enlarged, generated and real of four held-out faces in a row, 32 pixels shown twice as large
    assert opened(folder / "grid.png").shape == (6 * 64, 12 * 64, 3)
    assert not (folder / "interpolation.png").exists()
    assert "grid.png too." in output
    assert sorted(path.name for path in (folder / "previews").iterdir()) == [
        "000000000.png", "000000064.png", "000000128.png",
    ]  # fmt: skip
    names = {figure["name"] for figure in json.loads((folder / "report.json").read_text())["figures"]}
    assert {"PSNR", "SSIM", "random feature distance", "FD[random-conv-v1]", "emotion accuracy"} <= names


def test_the_report_compares_the_input_and_both_stages_in_pairs(run):
    folder, output = run
    found = json.loads((folder / "pairs" / "report.json").read_text("utf-8"))
    subjects = ["input", "content terms", "generated"]
    for name in ("PSNR", "SSIM", "random feature distance", "FD[random-conv-v1]"):
        figures = {one["subject"]: one for one in found["figures"] if one["name"] == name}
        assert sorted(figures) == sorted(subjects)
        assert all(one["low"] <= one["value"] <= one["high"] and one["n"] == 32 for one in figures.values())
        pairs = [(one["first"], one["second"]) for one in found["differences"] if one["figure"] == name]
        assert pairs == [(subjects[0], subjects[1]), (subjects[0], subjects[2]), (subjects[1], subjects[2])]
        assert f"  {name}: input " in output
    assert (folder / "pairs" / "report.html").is_file()


def test_patches_tell_what_is_gone_where_pictures_are_made_smaller():
    """Checkered pictures and flat ones of the same means: at half the size there is no difference."""
    levels = np.random.default_rng(0).integers(40, 200, (40, 32, 32, 3))
    flat = levels.repeat(2, 1).repeat(2, 2).astype(np.uint8)
    sign = 1 - 2 * (np.indices((64, 64)).sum(0) % 2)
    names = [f"{i:02d}.png" for i in range(40)]
    real, soft = (
        of_media("image", names, pictures.__getitem__)
        for pictures in ((flat + 20 * sign[None, ..., None]).astype(np.uint8), flat)
    )
    figures, differences, _ = as_sets(real, {"soft": soft, "same": real}, Options(n=40))
    values = {(one.name, one.subject): one.value for one in figures}
    assert values["FD[random-conv-v1]", "soft"] == pytest.approx(0, abs=1e-3)
    assert values["patch FD[random-conv-v1]", "soft"] > 1
    assert values["patch FD[random-conv-v1]", "same"] == pytest.approx(0, abs=1e-3)
    assert [one.figure for one in differences] == ["FD[random-conv-v1]", "patch FD[random-conv-v1]"]
    cut = patches(real, 0)
    assert cut.read(3).shape == (32, 32, 3)
    assert np.array_equal(cut.read(3), patches(real, 0).read(3))


def test_own_pictures_are_enlarged_and_stay_as_they_are(run, tmp_path):
    folder, source = run[0], owned(tmp_path / "own")
    before = digests(source)
    output = ran("sample", folder, "--input", source, "--out", tmp_path / "large")
    assert digests(source) == before
    sizes = {path.name: opened(path).shape[1::-1] for path in (tmp_path / "large").glob("*.png")}
    assert sizes == {"wide-x2.png": (300, 74), "grey-x2.png": (40, 42), "more-wide-x2.png": (12, 10)}
    assert "Enlarged 3 pictures 2 times" in output
    assert "Left out: broken.png (it is not a PNG" in output
    rows = rows_of(tmp_path / "large" / "enlarged.csv")
    assert set(rows) == set(sizes)
    large = opened(tmp_path / "large" / "wide-x2.png").astype(np.float64)
    back = large.reshape(37, 2, 150, 2, 3).mean((1, 3))
    apart = np.abs(back - pixels_of(37, 150))
    assert float(rows["wide-x2.png"]["mean_levels"]) == pytest.approx(apart.mean(), abs=1e-3)
    assert float(rows["wide-x2.png"]["most_levels"]) == pytest.approx(apart.max(), abs=1e-3)
    again = {path.name: path.read_bytes() for path in (tmp_path / "large").glob("*.png")}
    ran("sample", folder, "--input", source / "wide.png", "--out", tmp_path / "large")
    assert again == {path.name: path.read_bytes() for path in (tmp_path / "large").glob("*.png")}
    assert len(rows_of(tmp_path / "large" / "enlarged.csv")) == 3


def test_nothing_of_a_persons_own_is_replaced(run, tmp_path):
    folder, source = run[0], owned(tmp_path / "own")
    (source / "wide-x2.png").write_bytes((source / "wide.png").read_bytes())
    before = digests(source)
    line = sentence_of("sample", folder, "--input", source / "wide.png", "--out", source)
    assert "wide-x2.png is not as multigan wrote it, so that it is not replaced" in line
    assert digests(source) == before


def test_bad_input_is_one_sentence(run, finished, tmp_path):
    folder = run[0]
    empty, broken = tmp_path / "empty", tmp_path / "broken"
    empty.mkdir()
    broken.mkdir()
    (broken / "a.png").write_bytes(b"no picture")
    assert "makes samples of other samples: give them with --input FOLDER." in sentence_of("sample", folder)
    assert "There is no file or folder" in sentence_of("sample", folder, "--input", tmp_path / "none")
    assert "No image in" in sentence_of("sample", folder, "--input", empty)
    line = sentence_of("sample", folder, "--input", empty, "--n", 3, "--intensity", 0.5)
    assert "--n and --intensity say which samples are drawn, and --input makes one of each file" in line
    line = sentence_of("sample", folder, "--input", broken, "--out", tmp_path / "out")
    assert "None of the images in" in line
    assert "a.png (it is not a PNG" in line
    assert not (tmp_path / "out").exists()
    line = sentence_of("sample", folder, "--input", broken, "--emotion", "joy")
    assert "leave --emotion, --valence and --arousal out." in line
    line = sentence_of("sample", finished.folder, "--input", broken)
    assert "A run of the modality 'image' makes nothing of files: leave --input out." in line


def test_a_picture_that_would_be_too_large_is_left_out_by_name(run, tmp_path, monkeypatch):
    from multigan.image.superresolution import files

    monkeypatch.setattr(files, "MOST_PIXELS", 4 * 20 * 30)
    Image.fromarray(pixels_of(20, 30)).save(tmp_path / "fits.png")
    Image.fromarray(pixels_of(20, 31)).save(tmp_path / "large.png")
    output = ran("sample", run[0], "--input", tmp_path, "--out", tmp_path / "out")
    assert "large.png (it has 31x20 pixels and would have 62x40, and at most 2,400 are written" in output
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["fits-x2.png"]


def test_names_that_would_meet_are_told_apart(run, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "a.jpg"):
        Image.fromarray(pixels_of(16, 16)).save(tmp_path / "in" / name)
    ran("sample", run[0], "--input", tmp_path / "in", "--out", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"a.png-x2.png", "a.jpg-x2.png"}


def test_own_pictures_can_be_trained_on_at_four_times_their_size(tmp_path, quick_classifier):
    (tmp_path / "own").mkdir()
    for number in range(12):
        Image.fromarray(pixels_of(70, 64 + number, number)).save(tmp_path / "own" / f"{number}.png")
    small = ("--set=data.scale=4", "--set=training.samples=16", "--set=training.schedule.content_samples=16")
    ran(*SMALLEST, *small, "--data", tmp_path / "own", "--out", tmp_path / "run")
    facts = json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))
    assert facts["condition_tensor"] == [3, 8, 8]
    found = json.loads((tmp_path / "run" / "pairs" / "report.json").read_text("utf-8"))
    assert {one["subject"] for one in found["figures"]} == {"input", "content terms", "generated"}
    ran("sample", tmp_path / "run", "--input", tmp_path / "own" / "0.png", "--out", tmp_path / "large")
    assert opened(tmp_path / "large" / "0-x4.png").shape == (280, 256, 3)


def test_a_dry_run_knows_the_condition(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = ran(*SMALLEST, "--dry-run")
    assert "content_samples: 64" in output
    assert "labels assumed" not in output
    assert "training time" in output


def test_the_report_of_pairs_is_of_conditions_that_are_samples(tmp_path):
    line = sentence_of(
        "recipe", "run", "emotive-images", "--preset", "cpu-32", "--set=report=[pairs]", "--set=device=cpu",
        "--set=data.drawn=64", "--set=data.drawn_held_out=32", "--set=data.resolution=16", "--out", tmp_path / "run",
    )  # fmt: skip
    assert "The report 'pairs' is of generators whose condition is a sample" in line


def test_the_default_ends_with_the_newest_checkpoint_of_both_stages():
    recipe = load_recipe("super-resolution", sets=("device=cpu",))
    schedule = recipe.training.schedule
    assert schedule["name"] == "translation"
    assert schedule["content"] == {"l1": 1.0}
    assert set(schedule["terms"]) == {"adversarial", "l1", "perceptual"}
    assert recipe.evaluation.validation == 0
