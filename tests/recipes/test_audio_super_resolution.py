"""The recipe audio-super-resolution at its smallest: the report of super-resolution on sounds, and a person's own sounds."""

import csv
import json

import numpy as np
import pytest
import soundfile

from tests.worlds.commands import invoke, ran


@pytest.fixture(scope="module")
def folder(tmp_path_factory, quick_classifier):
    run = tmp_path_factory.mktemp("extending") / "run"
    words = ("recipe", "run", "audio-super-resolution", "--preset", "smallest", "--set=device=cpu")
    ran(*words, "--out", run)
    return run


def chord(seconds, rate_hz):
    times = np.arange(int(seconds * rate_hz)) / rate_hz
    return sum(0.1 * np.sin(2 * np.pi * hz * times) for hz in (220, 277, 330))


def test_the_same_schedule_and_report_serve_sounds(folder):
    found = json.loads((folder / "pairs" / "report.json").read_text("utf-8"))
    figures = {one["name"] for one in found["figures"]}
    assert {"SNR", "log-spectral distance"} < figures
    assert any(name.startswith("FAD[") for name in figures)
    assert {one["subject"] for one in found["figures"]} == {"input", "content terms", "generated"}
    assert len(list((folder / "samples").glob("*.wav"))) == 2
    assert (folder / "grid.png").is_file()


def test_a_persons_own_sounds_of_any_length_and_rate_are_extended(folder, tmp_path):
    source = tmp_path / "own"
    (source / "more").mkdir(parents=True)
    soundfile.write(source / "phone.wav", chord(20, 4000), 4000)
    soundfile.write(source / "more" / "stereo.flac", np.stack([chord(0.3, 44_100)] * 2, 1), 44_100)
    soundfile.write(source / "silence.wav", np.zeros(800), 8000)
    (source / "notes.txt").write_text("mine")
    before = {path: path.read_bytes() for path in source.rglob("*.*")}
    output = ran("sample", folder, "--input", source, "--out", tmp_path / "out")
    assert "Extended 2 sounds from 4000 to 16000 Hz" in output
    assert "silence.wav (it is silent: all samples are 0)" in output
    assert {path: path.read_bytes() for path in source.rglob("*.*")} == before
    with (tmp_path / "out" / "extended.csv").open(newline="") as stream:
        rows = {row["input"]: row for row in csv.DictReader(stream)}
    assert rows["phone.wav"]["file"] == "phone-16khz.wav"
    assert rows["more/stereo.flac"]["given_rate_hz"] == "44100"
    for row, seconds in ((rows["phone.wav"], 20), (rows["more/stereo.flac"], 0.3)):
        sound, rate_hz = soundfile.read(tmp_path / "out" / row["file"])
        assert rate_hz == 16_000
        assert len(sound) / rate_hz == pytest.approx(seconds, abs=4 / 4000)
        # what was given is still there, as loud as it was
        given = chord(seconds, 16_000)[: len(sound)]
        middle = slice(600, len(given) - 600)
        assert np.corrcoef(sound[middle], given[middle])[0, 1] > 0.9
        assert sound[middle].std() == pytest.approx(given[middle].std(), rel=0.3)
        assert float(row["difference_db"]) < 0


def test_earlier_results_beside_the_sounds_are_not_extended_again(folder, tmp_path):
    soundfile.write(tmp_path / "phone.wav", chord(1, 4000), 4000)
    for _ in range(2):
        assert "Extended 1 sound from" in ran("sample", folder, "--input", tmp_path, "--out", tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.wav")) == ["phone-16khz.wav", "phone.wav"]
    (tmp_path / "phone.wav").unlink()
    result = invoke("sample", folder, "--input", tmp_path, "--out", tmp_path)
    assert "are results that were written there; choose another --out" in result.output


def test_bad_input_is_one_sentence(folder, tmp_path):
    result = invoke("sample", folder)
    assert result.exit_code == 1
    assert "makes samples of other samples: give them with --input FOLDER." in result.output
    (tmp_path / "a.wav").write_bytes(b"no sound")
    result = invoke("sample", folder, "--input", tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "None of the audio files in" in result.output
    assert not (tmp_path / "out").exists()
