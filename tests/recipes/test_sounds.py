"""The recipes of sounds, end to end at their smallest: what a run leaves, sampling as people ask for sound, resume."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.audio.sheet import write_sheet
from multigan.checkpoint import latest, load
from multigan.reading.audio import read_clip
from recipes.reports.records import THERE_AND_BACK
from recipes.settings import load_recipe
from tests.worlds.clips import clip
from tests.worlds.commands import invoke

SMALL = {
    "device": "cpu",
    "data.sample_rate_hz": 8000,
    "data.n_samples": 4096,
    "training.samples": 160,
    "training.batch": 8,
    "training.checkpoint_every": 80,
    "training.preview_every": 160,
    "training.log_every": 40,
    "sampling.per_label": 2,
    "evaluation.n": 64,
    "evaluation.validation": 32,
}
DRAWN = {"data.drawn": 128, "data.drawn_held_out": 48}
SPECTRAL = {"architecture.channel_max": 16, "architecture.window": 128, "architecture.stride": 256}
OTHERS = {
    "wavegan": {"architecture.name": "wavegan", "architecture.width": 2, "sampling.truncation": 1},
    "specgan": {"architecture.name": "specgan", "architecture.width": 4, "sampling.truncation": 1},
}


def arguments(recipe="emotive-audio", **chosen):
    whole = SMALL | DRAWN | SPECTRAL | {name.replace("__", "."): value for name, value in chosen.items()}
    return ["recipe", "run", recipe, *(f"--set={name}={value}" for name, value in whole.items())]


def error_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    return result.output.splitlines()[-1]


@pytest.fixture(scope="module")
def audio_run(tmp_path_factory, quick_classifier):
    folder = tmp_path_factory.mktemp("sounds") / "run"
    result = invoke(*arguments(), "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


def test_a_run_leaves_sounds_pictures_and_a_report(audio_run):
    for picture in ("grid.png", "intensity.png", "interpolation.png", "closest.png"):
        assert (audio_run / picture).read_bytes().startswith(b"\x89PNG")
    with (audio_run / "samples" / "labels.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 16
    assert {row["emotion"] for row in rows} == {
        "joy", "sadness", "anger", "fear", "surprise", "disgust", "calm", "neutral",
    }  # fmt: skip
    clips = [read_clip(audio_run / "samples" / row["file"]) for row in rows]
    assert {(clip.rate_hz, len(clip.waveform)) for clip in clips} == {(8000, 4096)}
    report = json.loads((audio_run / "report.json").read_text())
    names = {figure["name"] for figure in report["figures"]}
    assert {"FAD[log-mel-v1]", "silent clips", "clipped clips"} <= names
    assert any(name.startswith("emotion accuracy") for name in names)
    assert "<audio" in (audio_run / "report.html").read_text()


def test_the_report_has_what_the_representation_could_reach(audio_run):
    report = json.loads((audio_run / "report.json").read_text())
    assert report["subjects"] == ["generated"]
    words = "what this representation could reach"
    assert words in report["provenance"]["sources"][THERE_AND_BACK]
    assert words in (audio_run / "report.html").read_text()
    of = {(figure["name"], figure["subject"]): figure for figure in report["figures"]}
    accuracy, distance = (of[name, THERE_AND_BACK] for name in ("emotion accuracy", "FAD[log-mel-v1]"))
    assert accuracy["n"] == distance["n"] == 48
    # far from the noise of so short a run
    assert 0 < distance["value"] < of["FAD[log-mel-v1]", "generated"]["value"] / 2


def test_the_sheets_of_sounds_have_a_row_an_emotion(audio_run):
    sizes = {}
    for name in ("grid", "intensity"):
        with Image.open(audio_run / f"{name}.png") as sheet:
            sizes[name] = sheet.size
    one = audio_run / "one.png"
    write_sheet(torch.zeros(1, 1, 4096), 1, one, 8000)
    with Image.open(one) as sheet:
        height = sheet.size[1]
    assert all(7.5 * height < size[1] <= 8 * height for size in sizes.values()), (sizes, height)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_sounds_are_as_long_and_as_loud_as_asked(audio_run, tmp_path, suffix):
    asked = ["--emotion", "joy", "--n", 2, "--duration", 1.5, "--normalise", "peak -6dB", "--format", suffix]
    result = invoke("sample", audio_run, *asked, "--out", tmp_path / "made")
    assert result.exit_code == 0, result.output
    files = sorted((tmp_path / "made").glob(f"*.{suffix}"))
    assert len(files) == 2
    for file in files:
        clip = read_clip(file)
        assert len(clip.waveform) == 12_000
        assert np.abs(clip.waveform).max() == pytest.approx(10 ** (-6 / 20), abs=1e-4)


def test_a_loop_has_no_seam(audio_run, tmp_path):
    """Sounds without ``--loop`` fade out; a loop's end is as loud as the rest and runs into its beginning."""
    asked = ["--emotion", "calm", "--n", 1, "--duration", 2]
    for folder, more in (("plain", []), ("loop", ["--loop"])):
        assert invoke("sample", audio_run, *asked, *more, "--out", tmp_path / folder).exit_code == 0
    plain, loop = (
        read_clip(next((tmp_path / kind).glob("calm-*-00000.wav"))).waveform for kind in ("plain", "loop")
    )
    assert len(plain) == len(loop) == 16_000
    levels = [np.abs(sound[-40:]).mean() / np.abs(sound).mean() for sound in (plain, loop)]
    assert levels[0] < 0.2 < levels[1]
    assert abs(loop[0] - loop[-1]) <= np.abs(np.diff(loop)).max()


def test_more_samples_never_change_those_one_has(audio_run, tmp_path):
    for n in (1, 3):
        asked = ["--emotion", "joy", "--n", n, "--duration", 1.2]
        assert invoke("sample", audio_run, *asked, "--out", tmp_path / str(n)).exit_code == 0
    first, again = ((tmp_path / str(n) / "joy-duration_s=1.2-0-00000.wav").read_bytes() for n in (1, 3))
    assert first == again


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--duration", "0"], "A sound is from 0.01 to 600 s long"),
        (["--duration", "0.1", "--loop"], "at least twice as long as its crossfade"),
        (["--normalise", "loud"], "such as -16LUFS"),
        (["--emotion", "joyy"], "joy"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_of_a_sound_is_one_sentence_and_leaves_nothing(audio_run, tmp_path, asked, words):
    assert words in error_of("sample", audio_run, *asked, "--out", tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_options_of_sounds_are_refused_for_other_runs(run_copy, tmp_path):
    found = error_of("sample", run_copy, "--loop", "--duration", 2, "--out", tmp_path / "made")
    assert "--duration and --loop are of sounds" in found
    assert not (tmp_path / "made").exists()


def test_a_resumed_run_is_the_run_that_was_not_stopped(audio_run, tmp_path, monkeypatch):
    """The spectrogram's means and deviations, too, are those of the checkpoint."""
    from multigan.training.trainer import Trainer

    step = Trainer._step

    def interrupted(self, stage):
        step(self, stage)
        if self.samples_seen == 80:
            self.interrupted = True

    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", interrupted)
        assert invoke(*arguments(), "--out", folder).exit_code == 130
    assert invoke("recipe", "run", "emotive-audio", "--out", folder, "--resume").exit_code == 0
    whole, stopped = (load(latest(place / "checkpoints"))["parts"] for place in (audio_run, folder))
    for name, state in whole.items():
        if name.startswith(("networks.", "hooks.ema")):
            assert all(torch.equal(value, stopped[name][key]) for key, value in state.items()), name


@pytest.mark.parametrize("name", list(OTHERS))
def test_the_other_architectures_run_from_the_same_recipe(name, tmp_path, quick_classifier):
    """Naming another architecture leaves out the settings of the recipe's own."""
    kept = SMALL | DRAWN | OTHERS[name]
    words = ["recipe", "run", "emotive-audio", *(f"--set={key}={value}" for key, value in kept.items())]
    result = invoke(*words, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "run" / "run.json").read_text())["architecture"]["name"] == name
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    there_and_back = any(figure["subject"] == THERE_AND_BACK for figure in report["figures"])
    assert there_and_back is (name == "specgan")  # wavegan makes waveforms as they are


def test_truncation_without_styles_is_refused_before_training(tmp_path):
    kept = {**SMALL, **DRAWN, **OTHERS["wavegan"], "sampling.truncation": 0.7}
    words = ["recipe", "run", "emotive-audio", *(f"--set={key}={value}" for key, value in kept.items())]
    assert "use truncation 1" in error_of(*words, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"sampling__duration_s": 0}, "A sound is from 0.01 to 600 s long"),
        ({"sampling__normalise": "loud"}, "such as -16LUFS"),
        ({"sampling__format": "mp3"}, "format is 'mp3' (text)"),
        ({"sampling__temperature": 0.5}, "There is no setting named 'temperature'"),
    ],
)
def test_what_makes_no_sense_of_the_sounds_at_the_end_is_refused_before_training(tmp_path, chosen, words):
    assert words in error_of(*arguments(**chosen), "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("recipe", ["soundscapes", "music-loops"])
def test_recipes_with_embedded_sounds_run_without_data(recipe, tmp_path, quick_classifier):
    result = invoke(*arguments(recipe), "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run" / "report.html").exists()


def test_loops_are_joined_in_step_and_a_persons_clips_are_not():
    """Of a run on drawn loops sampling knows that they repeat; of one on clips it does not."""
    drawn, own = (load_recipe("music-loops", real_data=real).data for real in (False, True))
    assert (drawn.sounds, own.sounds, drawn.pad, own.pad) == ("loops", "none", "repeat", "repeat")


def test_spoken_digits_asks_for_recordings():
    assert "--data" in error_of(*arguments("spoken-digits"))


def test_digits_are_read_from_a_table_with_their_own_split(tmp_path, quick_classifier):
    """A labels.csv as that of the Free Spoken Digit Dataset: rates, lengths and files as they come."""
    folder = tmp_path / "digits"
    rows = ["file,digit,speaker,split"]
    for number in range(40):
        digit, split = number % 2, "test" if number >= 28 else "train"
        name = f"{digit}/{number}.{'flac' if number % 3 else 'wav'}"
        rate_hz = 8000 if number % 4 else 11_025
        clip(folder / name, 7 * digit, n=1600 + 160 * number, rate_hz=rate_hz)
        rows.append(f"{name},{digit},anna,{split}")
    (folder / "labels.csv").write_text("\n".join(rows))
    result = invoke(*arguments("spoken-digits"), "--data", folder, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["provenance"]["n"]["held-out real"] == 12


def test_sounds_of_a_folder_are_as_long_as_its_clips_in_the_run_its_resume_and_its_evaluation(
    tmp_path, quick_classifier
):
    folder = tmp_path / "speech"
    for number in range(80):
        clip(folder / f"{('joy', 'fear')[number % 2]}/{number}.wav", number % 2, n=5_000 - 10 * number)
    asked = SMALL | SPECTRAL
    del asked["data.n_samples"]
    words = ["recipe", "run", "emotive-audio", *(f"--set={name}={value}" for name, value in asked.items())]
    result = invoke(*words, "--data", folder, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "80 of 80 clips, the silence at their ends cut, fit into one" in " ".join(result.output.split())
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["data_settings"]["n_samples"] == facts["sample_shape"][1] == 5_120
    sound = read_clip(next((tmp_path / "run" / "samples").glob("joy-*.wav")))
    assert len(sound.waveform) == 5_120
    sampled = invoke("sample", tmp_path / "run", "--emotion", "joy", "--n", 1, "--out", tmp_path / "more")
    assert sampled.exit_code == 0, sampled.output
    assert len(read_clip(next((tmp_path / "more").glob("*.wav"))).waveform) == 5_120
    measured = invoke("evaluate", "--run", tmp_path / "run", "--out", tmp_path / "report")
    assert measured.exit_code == 0, measured.output
    assert "the data are not those" not in measured.output
    resumed = invoke(
        *("recipe", "run", "emotive-audio", "--resume", "--set=training.samples=240"),
        "--out",
        tmp_path / "run",
    )
    assert resumed.exit_code == 0, resumed.output
    assert "Resuming" in resumed.output
    dry = invoke(*words, "--data", folder, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "n_samples: null" in dry.output


@pytest.mark.parametrize(
    ("how", "n_samples", "trim_db"),
    [
        ({}, 16_384, 60.0),
        ({"real_data": True}, None, "noise"),
        ({"real_data": True, "preset": "cpu-2s"}, 32_768, "noise"),
        ({"real_data": True, "sets": ["data.n_samples=8192", "data.trim_db=null"]}, 8_192, None),
    ],
)
def test_a_length_that_somebody_chose_wins_over_that_of_the_data(how, n_samples, trim_db):
    data = load_recipe("emotive-audio", **how).data
    assert (data.n_samples, data.trim_db) == (n_samples, trim_db)


@pytest.mark.parametrize("recipe", ["spoken-digits", "soundscapes", "music-loops"])
def test_other_recipes_keep_their_length(recipe):
    chosen = [
        load_recipe(recipe, preset="cpu-8khz" if recipe == "spoken-digits" else None, real_data=real)
        for real in (False, True)
    ]
    assert replace(chosen[1].data, sounds=chosen[0].data.sounds) == chosen[0].data
    assert chosen[0].data.n_samples == (8_192 if recipe == "spoken-digits" else 32_768)
    assert chosen[0].data.trim_db == ("noise" if recipe == "spoken-digits" else 60.0)
