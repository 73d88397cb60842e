"""The recipe of clips, end to end at its smallest: what a run leaves, sampling along a curve, folders measured, resume."""

import csv
import json

import pytest
import torch
from PIL import Image

from multigan.checkpoint import latest, load
from multigan.reading import films
from multigan.training.trainer import Trainer
from tests.worlds.commands import invoke
from tests.worlds.videos import write_faces

RUN = ("recipe", "run", "emotive-video", "--preset", "smallest", "--set=device=cpu")


@pytest.fixture(scope="module")
def video_run(tmp_path_factory, quick_classifier):
    folder = tmp_path_factory.mktemp("videos") / "run"
    result = invoke(*RUN, "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


def error_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    return result.output.splitlines()[-1]


def rows_of(folder):
    return list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))


def test_a_run_leaves_clips_sheets_and_a_report(video_run):
    for sheet in ("grid", "intensity", "interpolation"):
        with Image.open(video_run / f"{sheet}.gif") as moving:
            assert moving.n_frames == 8
        with Image.open(video_run / f"{sheet}.png") as strips:
            assert strips.width > 100
    rows = rows_of(video_run / "samples")
    assert len(rows) == 8
    assert {row["curve"] for row in rows} == {"0..1..0"}
    with Image.open(video_run / "samples" / rows[0]["file"]) as clip:
        assert (clip.n_frames, clip.size) == (8, (16, 16))
    figures = {figure["name"] for figure in json.loads((video_run / "report.json").read_text())["figures"]}
    assert figures >= {
        "FD[random-conv3d-v1]", "frame FD", "flicker", "emotion accuracy", "frames read right", "curve agreement",
    }  # fmt: skip
    page = (video_run / "report.html").read_text()
    assert page.count("data:image/webp") >= 16
    assert "<script" not in page


def test_both_networks_learn_from_the_label_over_time(video_run):
    logged = json.loads((video_run / "metrics.jsonl").read_text("utf-8").splitlines()[0])
    assert {"generator/label_loss", "discriminator/label_loss"} < set(logged)


def test_a_curve_is_followed_by_the_files(video_run, tmp_path):
    words = ("sample", video_run, "--n", 2, "--emotion", "joy", "--out", tmp_path)
    result = invoke(*words, "--intensity", "0..1.0..0.20", "--video-format", "webp")
    assert result.exit_code == 0, result.output
    row, _ = rows_of(tmp_path)
    assert (row["file"], row["curve"]) == ("joy-curve=0..1..0.2-0-00000.webp", "0..1..0.2")
    assert invoke(*words, "--intensity", 0.5).exit_code == 0
    by_name = {row["file"]: row for row in rows_of(tmp_path)}
    half = by_name["joy-intensity=0.5-0-00000.gif"]
    assert (half["intensity"], half["curve"]) == ("0.5", "0..1..0")


def test_an_intensity_that_is_no_curve_is_refused(video_run, finished):
    result = invoke("sample", video_run, "--intensity", "0..2")
    assert result.exit_code == 2
    assert "is no curve of intensity" in result.output
    assert "have one intensity: give a number from 0 to 1." in error_of(
        "sample", finished.folder, "--intensity", "0..1"
    )
    assert "--video-format is of videos" in error_of("sample", finished.folder, "--video-format", "webp")


def test_a_film_without_pyav_is_refused_with_what_to_install(video_run, monkeypatch):
    monkeypatch.setattr("multigan.video.sampling.has_pyav", lambda: False)
    assert "pip install 'multigan[video]'" in error_of("sample", video_run, "--video-format", "mp4")


@pytest.mark.skipif(not films.has_pyav(), reason="PyAV is not installed (multigan[video])")
def test_films_are_written(video_run, tmp_path):
    words = ("sample", video_run, "--n", 1, "--emotion", "joy", "--video-format", "mp4", "--out", tmp_path)
    result = invoke(*words)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "joy-0-00000.mp4").stat().st_size > 500


def test_folders_of_clips_are_measured(tmp_path, quick_classifier):
    write_faces(tmp_path / "real", 80)
    write_faces(tmp_path / "fake", 40, seed=1, suffix=".webp")
    words = ("evaluate", "--modality", "video", "--real", tmp_path / "real", "--fake", tmp_path / "fake")
    result = invoke(*words, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    figures = {
        figure["name"]: figure["value"] for figure in report["figures"] if figure["subject"] == "generated"
    }
    assert figures["flicker"] == pytest.approx(1, abs=0.25)
    assert {"FD[random-conv3d-v1]", "frame FD", "frames read right", "curve agreement"} <= set(figures)


@pytest.mark.kernels
def test_a_resumed_run_has_the_same_bits(video_run, tmp_path, quick_classifier, monkeypatch):
    step = Trainer._step

    def interrupted(self, stage):
        step(self, stage)
        if self.samples_seen == 32:
            self.interrupted = True

    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", interrupted)
        assert invoke(*RUN, "--out", folder).exit_code == 130
    assert invoke(*RUN[:3], "--out", folder, "--resume").exit_code == 0
    whole, resumed = (load(latest(place / "checkpoints"))["parts"] for place in (video_run, folder))
    for part in ("networks.generator", "networks.discriminator", "hooks.ema_generator"):
        assert whole[part].keys() == resumed[part].keys()
        assert all(torch.equal(value, resumed[part][name]) for name, value in whole[part].items()), part
