"""What a representation could reach: held-out samples there and back through it, measured beside what is generated."""

import dataclasses

import numpy as np
import pytest
import torch

from evaluation.figures import HELD_OUT
from evaluation.options import Options
from evaluation.pipeline import evaluate_samples
from evaluation.report.conditions import condition, outcomes
from evaluation.report.html import page
from evaluation.sources import as_samples
from multigan.audio.data import open_audio
from multigan.modality import build_networks, modality_of
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator
from multigan.training.encoding import fitted
from recipes.measure import there_and_back
from recipes.reports.records import THERE_AND_BACK
from recipes.settings import load_recipe

N = 120


def figures_there_and_back(recipe, tmp_path, monkeypatch, *sets):
    """Name -> values (there and back, held-out) of the representation of an untrained generator, in log-mel statistics."""
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path))
    chosen = load_recipe(
        recipe, sets=[f"data.drawn={N}", f"data.drawn_held_out={N}", "data.n_samples=16384", *sets]
    )
    splits = open_audio(chosen.data, None, lambda *told: None)
    audio, data = modality_of("audio"), splits.train
    torch.manual_seed(0)
    generator = build_networks(audio, chosen.architecture, data.sample_shape, (len(data.labels),))[
        "generator"
    ]
    fitted(generator.representation, data, 0, torch.device("cpu"))
    facts = RunFacts("audio", chosen.architecture, data.labels, data.sample_shape, {**vars(splits.data)})
    trained = TrainedGenerator(generator.eval(), audio, facts, tmp_path)
    options = Options(n=N, features=("log-mel-v1",), metrics=("FD", "precision", "recall", "coverage"))
    back = there_and_back(trained, splits.held_out, options)
    assert back is not None
    assert len(back) == N
    real, fresh = (
        as_samples([side.original(i).waveform for i in range(N)], "audio", rate_hz=chosen.data.sample_rate_hz)
        for side in (splits.train, splits.held_out)
    )
    report, _ = evaluate_samples(real, {"generated": fresh}, fresh, options, treated={THERE_AND_BACK: back})
    names = dict.fromkeys(figure.name.partition("[")[0] for figure in report.figures)
    values = {(f.name.partition("[")[0], f.subject): f.value for f in report.figures}
    return {name: (values[name, THERE_AND_BACK], values[name, HELD_OUT]) for name in names}


@pytest.mark.kernels
@pytest.mark.parametrize("recipe", ["emotive-audio", "music-loops"])
def test_the_default_representation_of_sounds_loses_nearly_nothing(recipe, tmp_path, monkeypatch):
    found = figures_there_and_back(recipe, tmp_path, monkeypatch)
    (distance, scale), *shares = (found[name] for name in ("FAD", "precision", "recall", "coverage"))
    assert 0.75 * scale < distance < 1.3 * scale  # of as many sounds either way, mostly chance
    assert all(real - 0.08 < own <= 1 for own, real in shares)


@pytest.mark.kernels
def test_a_coarse_representation_shows(tmp_path, monkeypatch):
    found = figures_there_and_back("music-loops", tmp_path, monkeypatch, "architecture.components=2")
    assert found["FAD"][0] > 3 * found["FAD"][1]
    assert found["recall"][0] < found["recall"][1] - 0.2


def tones(n, seed):
    random = np.random.default_rng(seed)
    times = np.arange(4_000) / 8_000
    waves = [
        0.3 * np.sin(2 * np.pi * f * times) + 0.01 * random.standard_normal(4_000)
        for f in random.uniform(200, 3_000, n)
    ]
    return as_samples([wave.astype(np.float32) for wave in waves], "audio", rate_hz=8_000)


def test_what_was_treated_is_measured_as_real_samples_are_and_changes_nothing_else(cache_folder):
    real, fake, fresh = tones(80, 0), tones(80, 1), tones(60, 2)
    options = Options(n=80, features=("log-mel-v1",))
    plain, _ = evaluate_samples(real, {"generated": fake}, fresh, options)
    untouched = dataclasses.replace(fresh, source="untouched: what they could reach")
    report, gallery = evaluate_samples(real, {"generated": fake}, fresh, options, treated={"back": untouched})
    assert report.subjects == ("generated",)
    assert [figure for figure in report.figures if figure.subject != "back"] == list(plain.figures)
    assert (report.differences, report.closest, report.confusions) == (
        plain.differences,
        plain.closest,
        plain.confusions,
    )
    own = {figure.name: figure for figure in report.figures if figure.subject == "back"}
    scale = {figure.name: figure for figure in report.figures if figure.subject == HELD_OUT}
    of_copies = {"copies", "authenticity"}  # neither is of samples that went through anything
    assert {name.partition("[")[0] for name in set(scale) - set(own)} == of_copies
    for name, figure in own.items():
        assert (figure.value, figure.low, figure.high, figure.n) == (
            scale[name].value, scale[name].low, scale[name].high, 60,
        )  # fmt: skip
    assert "back: <span>untouched: what they could reach" in page(report, gallery).replace("</span>: ", ": ")
    assert [outcome.figure.subject for outcome in outcomes(report, [condition("FAD > 1000")])] == [
        "generated"
    ]
    fewer, _ = evaluate_samples(real, {"generated": fake}, fresh, options, treated={"back": tones(40, 2)})
    (told,) = [sentence for sentence in fewer.warnings if sentence.startswith("'back' is")]
    assert told.endswith(
        "It has n = 40, the rest up to 80, and distances hang on n: for equal n measure with --n 40."
    )
    assert [sentence for sentence in report.warnings if "of real samples was not measured" in sentence] == [
        sentence for sentence in plain.warnings if "of real samples was not measured" in sentence
    ]
