"""``multigan interpolate``: from one sample to another, and up in intensity."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.errors import ConfigError
from multigan.reading.audio import read_clip
from multigan.sampling import load_generator
from recipes.interpolation import End, parse_end, samples_between, suffixes
from tests.worlds.commands import error_of, invoke, ran
from tests.worlds.untrained import LABELS, untrained


@pytest.fixture(scope="module")
def runs(tmp_path_factory, session_cache):
    root = tmp_path_factory.mktemp("runs")
    return {name: untrained(name, root / name) for name in ("image", "audio", "text")}


def test_both_ends_are_the_samples_that_are_named(runs, tmp_path):
    trained = load_generator(runs["image"], torch.device("cpu"))
    options = trained.sampling.settings()
    steps = samples_between(trained, End(0, 3, 1.0, "joy"), End(5, 0, 0.5, "calm"), 5, options)
    ran("sample", runs["image"], "--emotion=joy", "--only=3", "--out", tmp_path)
    ran("sample", runs["image"], "--emotion=calm", "--intensity=0.5", "--seed=5", "--n=1", "--out", tmp_path)
    pictures = trained.modality.media(steps, trained.data)
    for picture, name in ((pictures[0], "joy-0-00003"), (pictures[4], "calm-intensity=0.5-5-00000")):
        assert np.array_equal(picture, np.asarray(Image.open(tmp_path / f"{name}.png")))
    assert not np.array_equal(pictures[1], pictures[2])


def test_a_ladder_of_intensities_keeps_the_latent(runs):
    trained = load_generator(runs["image"], torch.device("cpu"))
    steps = samples_between(
        trained, End(0, 1, 0.0, "joy"), End(0, 1, 1.0, "joy"), 3, trained.sampling.settings()
    )
    middle = samples_between(
        trained, End(0, 1, 0.5, "joy"), End(0, 1, 0.5, "joy"), 2, trained.sampling.settings()
    )
    torch.testing.assert_close(steps[1], middle[0])


def test_a_moving_picture_goes_there_and_back(runs, tmp_path):
    output = ran(
        "interpolate",
        runs["image"],
        "0:0:1:joy",
        "1:0:1:joy:1,calm:1",
        "--steps=4",
        "--out",
        tmp_path / "a.gif",
    )
    assert "Wrote 4 steps from 0:0:1:joy to 1:0:1:joy:0.5,calm:0.5" in output
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames == 6
        assert film.size == (256, 256)
        assert film.info["duration"] in (120, 125, 130)


def test_sounds_run_into_each_other(runs, tmp_path):
    ran("interpolate", runs["audio"], "0:0:1:joy", "0:1:1:joy", "--steps=3", "--out", tmp_path / "a.wav")
    clip = read_clip(tmp_path / "a.wav")
    assert clip.rate_hz == 8000
    assert len(clip.waveform) == 3 * 4096 - 2 * min(1600, 2048)


def test_every_kind_is_one_picture(runs, tmp_path):
    for name, run in runs.items():
        ran("interpolate", run, "0:0:0:joy", "0:0:1:joy", "--steps=3", "--out", tmp_path / f"{name}.png")
        with Image.open(io.BytesIO((tmp_path / f"{name}.png").read_bytes())) as picture:
            assert picture.width > 40
    assert [suffixes(load_generator(run, torch.device("cpu"))) for run in runs.values()] == [
        (".png", ".gif"), (".png", ".wav"), (".png",),
    ]  # fmt: skip


def test_a_sample_is_written_one_way():
    assert parse_end("0:3:0.5:joy", LABELS) == End(0, 3, 0.5, "joy")
    assert str(parse_end("4:3:1:joy:1,calm:3", LABELS)) == "4:3:1:joy:0.25,calm:0.75"
    assert parse_end("7:2", ()) == End(7, 2)
    for wrong in (
        "0:3",
        "a:0:1:joy",
        "0:0:2:joy",
        "-1:0:1:joy",
        "0:1000000:1:joy",
        "0:0:1:rage",
        "0:0:nan:joy",
        "",
    ):
        with pytest.raises(ConfigError):
            parse_end(wrong, LABELS)
    with pytest.raises(ConfigError):
        parse_end("0:0:1:joy", ())


def test_no_more_is_made_than_the_memory_takes(runs, monkeypatch):
    trained = load_generator(runs["image"], torch.device("cpu"))
    monkeypatch.setattr("multigan.sampling.SAMPLES_BYTES", 25_000)
    ends, options = (End(0, 0, 1.0, "joy"), End(0, 1, 1.0, "joy")), trained.sampling.settings()
    with pytest.raises(
        ConfigError, match="4 steps are asked for, and at most 3 of these are made at a time: lower --steps"
    ):
        samples_between(trained, *ends, 4, options)
    assert len(samples_between(trained, *ends, 3, options)) == 3


@pytest.mark.parametrize(
    ("name", "flags", "told"),
    [
        ("audio", ("--duration=3",), "--duration would change nothing"),
        ("audio", ("--loop", "--normalise=peak", "--format=flac"), "--loop, --normalise and --format would"),
        ("image", ("--reject=label",), "--reject would change nothing"),
        (
            "text",
            ("--set", "intensity=0.5", "--set", "per_label=3"),
            "--set per_label and --set intensity would",
        ),
    ],
)
def test_what_would_change_no_step_is_refused(runs, tmp_path, name, flags, told):
    ends = ("0:0:1:joy", "0:1:1:joy")
    line = error_of("interpolate", runs[name], *ends, *flags, "--out", tmp_path / "a.png")
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_mistakes_are_one_sentence_and_leave_nothing(runs, tmp_path):
    ends = ("0:0:1:joy", "0:1:1:joy")
    assert "written as .png or .wav" in error_of(
        "interpolate", runs["audio"], *ends, "--out", tmp_path / "a.gif"
    )
    assert "of sounds" in error_of("interpolate", runs["text"], *ends, "--loop", "--out", tmp_path / "a.png")
    assert invoke("interpolate", runs["text"], *ends, "--steps=1").exit_code == 2
    assert list(tmp_path.iterdir()) == []
