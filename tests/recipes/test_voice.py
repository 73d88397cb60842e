"""The recipe of speech: what becomes of recordings with noise around them, and what its report says of voices."""

import json

import numpy as np
import pytest
import soundfile

from evaluation.figures import GENERATED, HELD_OUT
from evaluation.metrics.prosody import PROSODY
from multigan.errors import ConfigError
from multigan.modality import Splits
from recipes.augmentation.trials import open_data
from recipes.console import console_of_files
from recipes.reports.records import THERE_AND_BACK
from recipes.reports.speech import VOICES
from recipes.settings import load_recipe
from tests.worlds.commands import invoke, ran

RATE_HZ = 8_000
SMALL = {
    "device": "cpu",
    "architecture.channel_max": 16,
    "architecture.window": 128,
    "architecture.stride": 256,
    "training.samples": 16,
    "training.batch": 8,
    "sampling.per_label": 1,
    "data.held_out": 0.25,
    "evaluation.n": 32,
    "evaluation.validation": 0,
}


def utterance(hz, n_syllables):
    """Syllables of 0.12 s that a voice speaks, 0.08 s apart."""
    t = np.arange(round(0.12 * RATE_HZ)) / RATE_HZ
    voice = 0.3 * sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3)) * np.hanning(len(t))
    return np.concatenate([np.pad(voice, (0, round(0.08 * RATE_HZ))) for _ in range(n_syllables)])


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Calm voices (low, two syllables) and joyful ones (high, three), a second of noise at -50 dB around each."""
    folder, random = tmp_path_factory.mktemp("recordings"), np.random.default_rng(0)
    for label, hz, n_syllables in (("calm", 110, 2), ("joy", 220, 3)):
        for take in range(20):
            spoken = utterance(hz * random.uniform(0.95, 1.05), n_syllables)
            before, after = random.normal(0, 10 ** (-50 / 20), (2, RATE_HZ))
            path = folder / label / f"{take}.wav"
            path.parent.mkdir(exist_ok=True)
            soundfile.write(path, np.concatenate([before, spoken, after]).astype(np.float32), RATE_HZ)
    return folder


def test_whole_utterances_without_the_noise_around_them_are_trained_on(recordings):
    """Each is 0.4 or 0.6 s long, so that slices of 0.64 s (5 x 1,024) hold one: no slice begins or ends in its noise."""
    data = load_recipe("voice", preset="cpu-8khz", real_data=True)
    splits = open_data(data, recordings, console_of_files(quiet=True), ())
    assert isinstance(splits, Splits)
    assert (len(splits.train) + len(splits.held_out), splits.train.sample_shape) == (40, (1, 5_120))
    for place in range(len(splits.train)):
        loud = np.abs(splits.train.original(place).waveform) > 0.02
        assert loud.argmax() < 0.07 * RATE_HZ  # 40 ms of the noise are kept beside a voice
        assert loud.any()


def test_a_recipe_of_speech_needs_recordings():
    result = invoke("recipe", "run", "voice")
    assert result.exit_code == 1
    assert "needs --data" in result.output


def test_a_run_says_how_voices_speak_beside_held_out_ones(recordings, tmp_path, quick_classifier):
    out = tmp_path / "run"
    sets = [f"--set={name}={value}" for name, value in SMALL.items()]
    output = ran("recipe", "run", "voice", "--preset=cpu-8khz", "--data", recordings, "--out", out, *sets)
    report = json.loads((out / "report.json").read_text())
    real = {each["name"]: each["value"] for each in report["figures"] if each["subject"] == HELD_OUT}
    assert 100 < real["voice pitch"] < 240
    assert 3 < real["speaking rate"] < 7
    reached = {each["name"]: each["value"] for each in report["figures"] if each["subject"] == THERE_AND_BACK}
    assert reached["voice pitch"] == pytest.approx(real["voice pitch"], rel=0.06)
    assert 0.7 * real["voiced time"] < reached["voiced time"] < 1.1 * real["voiced time"]
    tables = json.loads((out / "speech.json").read_text())
    assert list(tables) == [GENERATED, HELD_OUT]
    rows = {row["label"]: row for row in tables[HELD_OUT]}
    assert rows["calm"]["pitch"] == pytest.approx(110, rel=0.06)
    assert rows["joy"]["pitch"] == pytest.approx(220, rel=0.06)
    assert {row["label"] for row in tables[GENERATED]} == {"calm", "joy"}
    assert "How voices speak (held-out clips in brackets):" in output
    assert any("accuracy" in each["name"] for each in report["figures"])


def test_figures_are_of_the_clips_that_have_them():
    values = np.full((4, len(PROSODY)), np.nan)
    values[:3, 0], values[0, 1] = (100, 200, 300), 2.0
    values[:, 4] = 4
    pitch, rate = VOICES.figures(values, GENERATED, 0)
    assert (pitch.name, pitch.value, pitch.n) == ("voice pitch", pytest.approx(200), 3)
    assert "Of the 3 of 4 clips" in pitch.note
    assert (rate.name, rate.value, rate.higher_is_better) == ("speaking rate", pytest.approx(4), None)
    assert set(VOICES.columns) == set(PROSODY)


def test_a_label_without_a_voice_has_none():
    values = np.array([[100, 1, 0.5, 3, 4], [np.nan, np.nan, 0, 2, 0]])
    calm, joy = VOICES.by_label(values, np.array([0, 1]), ("calm", "joy", "fear"))
    assert (calm["pitch"], joy["pitch"], joy["speaking_rate"]) == (100, None, 0)


def test_the_report_is_of_sounds_alone():
    class Pictures:
        def original(self, index):
            return np.zeros((2, 2, 3), np.uint8)

    with pytest.raises(ConfigError, match="'speech' is of sounds"):
        VOICES.check(None, Splits(Pictures(), Pictures()))
