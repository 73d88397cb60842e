"""What a report of ``evaluate`` says of its figures: names, provenance, and why something was not measured."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save_file

from evaluation.catalogue import metrics_of
from evaluation.extractors.oracle import load_oracle
from evaluation.extractors.random_features import RandomFeatures
from evaluation.figures import GENERATED
from evaluation.kinds.image import IMAGE
from evaluation.kinds.text import TEXT
from evaluation.pipeline import evaluate
from evaluation.report.json import to_json
from multigan.errors import ConfigError
from tests.worlds.emotive import lines, tones
from tests.worlds.kinds import with_records
from tests.worlds.pictures import noise

RANDOM = "random-conv-v1"


@pytest.fixture(autouse=True)
def nothing_fetched(monkeypatch, tmp_path):
    """No weights of whoever runs the tests."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TORCH_HOME", "MULTIGAN_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path / "no weights"))


REAL, FAKE = noise(60, 0), noise(30, 1)


def named(report, subject=GENERATED):
    return {figure.name for figure in report.figures if figure.subject == subject}


def test_every_figure_says_what_it_is(quick_classifier):
    report = evaluate(
        lines(60, 0).samples(), {"A": lines(30, 1).samples(), "B": lines(30, 2).samples()}, seed=6
    )
    for figure in report.figures:
        metric = metrics_of(TEXT)[figure.name.split("[")[0]]
        assert figure.low <= figure.value <= figure.high, figure
        assert (figure.n > 0, figure.seed) == (metric.name != "chance accuracy", 6)
        assert figure.note.startswith("Interval: ")
        assert figure.reading == metric.told
        assert figure.higher_is_better == metric.higher_is_better
        assert figure.features in ("", *report.provenance["extractors"])
        assert (f"[{figure.features}]" in figure.name) == metric.looks_at.through_features
    assert json.loads(json.dumps(to_json(report), allow_nan=False))["subjects"] == ["A", "B"]


def test_provenance_names_extractors_sources_counts_and_seeds(tmp_path):
    (tmp_path / "real").mkdir()
    for number, pixels in enumerate(REAL):
        Image.fromarray(pixels).save(tmp_path / "real" / f"{number}.png")
    report = evaluate(tmp_path / "real", FAKE, modality="image", metrics=["fd"], seed=3)
    held = report.provenance
    extractor = RandomFeatures()
    assert held["extractors"] == {
        RANDOM: {"digest": extractor.digest, "preprocessing": extractor.preprocessing}
    }
    assert held["sources"] == {"real": str(tmp_path / "real"), GENERATED: "memory"}
    assert (held["n"], held["n measured"], held["seed"]) == ({"real": 60, GENERATED: 30}, 30, 3)
    assert (held["torch"], held["device"], held["skipped"]) == (torch.__version__, "cpu", {})
    sounds = evaluate(tones(12, 0).samples(), tones(12, 1).samples(), metrics=["d self", "silent clips"])
    assert set(sounds.provenance["extractors"]) == {"log-mel-v1", "log-mel-frames-v1", "audio-checks-v1"}


def test_all_adds_what_a_default_report_leaves_out_and_lacks_nothing_in_silence():
    """Missing weights are a warning, as by default, where LPIPS alone would be refused."""
    asked = {"MIND", "KD rbf-median", "KD rbf-10", "MiFD"}
    usual, everything = (
        evaluate(REAL, FAKE, modality="image"),
        evaluate(REAL, FAKE, metrics="all", modality="image"),
    )
    assert named(everything) - named(usual) == {f"{name}[{RANDOM}]" for name in asked}
    assert named(usual) <= named(everything)
    for report in (usual, everything):
        assert any(warning.startswith("LPIPS diversity was not measured.") for warning in report.warnings)


def test_orders_of_the_vendi_score_stand_side_by_side():
    named_orders = ["Vendi score", "Vendi score[q=2]", "Vendi score[q=inf]"]
    report = evaluate(REAL, FAKE, modality="image", metrics=named_orders)
    names = [f"Vendi score[{RANDOM}]", f"Vendi score[{RANDOM}, q=2]", f"Vendi score[{RANDOM}, q=inf]"]
    assert [figure.name for figure in report.figures if figure.subject == GENERATED] == names
    first, second, last = (report.figure(name).value for name in names)
    assert first > second > last > 1


class Stub:
    """Features and class probabilities of an image: the means of its colours."""

    digest, preprocessing = "0" * 64, "means"

    def __init__(self, name):
        self.name = name

    def prepare(self, sample):
        return sample.mean(axis=(0, 1)).astype(np.float32)

    def forward(self, prepared):
        return np.stack(prepared)

    def probabilities_of(self, features):
        return features / features.sum(axis=1, keepdims=True)


def test_only_inception_with_the_reference_preprocessing_is_called_fid():
    """The names come from the extractor's: a stub under each name stands for 96 MB of weights."""
    stubs = [
        replace(IMAGE.record(name), load=lambda device, files, name=name: Stub(name), weights=())
        for name in ("inception", "inception-clean")
    ]
    report = evaluate(
        REAL,
        FAKE,
        modality=with_records(IMAGE, *stubs),
        features=["inception", "inception-clean", RANDOM],
        metrics=["fid", "kid", "is", "precision"],
    )
    assert named(report) == {
        "FID", "KID", "IS", "precision[inception]", "FD[inception-clean]", "KD[inception-clean]",
        "classifier score[inception-clean]", "precision[inception-clean]", f"FD[{RANDOM}]", f"KD[{RANDOM}]",
        f"precision[{RANDOM}]",
    }  # fmt: skip
    with pytest.raises(
        ConfigError, match=r"FID means Inception .* the features are inception-clean\. Add --feat"
    ):
        evaluate(REAL, FAKE, features="inception-clean", metrics=["Fid"])
    with pytest.raises(
        ConfigError, match=r"IS means Inception .* no features were chosen\. Add --features inc"
    ):
        evaluate(REAL, FAKE, metrics=["IS"])


def test_a_metric_of_fewer_samples_than_it_wants_says_so():
    report = evaluate(lines(80, 0).contents, lines(40, 1).contents, metrics=["MAUVE", "distinct-1"])
    words = "MAUVE wants about 5,000 texts a side; with 40 compare it within this report only."
    assert words in report.warnings
    alone = evaluate(lines(80, 0).contents, lines(40, 1).contents, metrics=["distinct-1"])
    assert words not in alone.warnings


def test_a_metric_that_lacks_its_weights_or_oracle_says_so(tmp_path):
    real, fake = lines(60, 0).contents, lines(30, 1).contents
    words = "perplexity was not measured. gpt2 needs weights that are not there: config.json"
    assert sum(warning.startswith(words) for warning in evaluate(real, fake).warnings) == 1
    with pytest.raises(Exception, match="run `multigan weights fetch gpt2` or put them into "):
        evaluate(real, fake, metrics=["perplexity"])
    with pytest.raises(
        Exception, match="NLL-oracle was not measured: name the file of the oracle with --oracle"
    ):
        evaluate(real, fake, metrics=["NLL-oracle"])


def test_an_oracle_scores_the_fakes(tmp_path):
    random = np.random.default_rng(0)
    shapes = {"embedding": (20, 4), "W_out": (4, 20), "b_out": (20,)}
    shapes |= {f"{part}_{gate}": (4, 4) for part in "WU" for gate in "ifoc"}
    shapes |= {f"b_{gate}": (4,) for gate in "ifoc"}
    tensors = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(tensors, tmp_path / "oracle.safetensors")
    tokens = random.integers(0, 20, (50, 6))
    texts = [" ".join(map(str, row)) for row in tokens]
    report = evaluate(texts, texts[:30], metrics=["nll-oracle"], oracle=tmp_path / "oracle.safetensors")
    scores = load_oracle(tmp_path / "oracle.safetensors").log_prob(tokens[:30])
    assert report.figure("NLL-oracle").value == pytest.approx(-scores.mean() / 6, rel=1e-9)


def test_what_cannot_be_measured_is_said_once_for_all_sets():
    """30 samples are too few for the infinity of 512 features, whoever made them; the other metrics are there."""
    report = evaluate(REAL, {"A": FAKE, "B": FAKE // 2}, metrics=["fd infinity", "kd"])
    (warning,) = [held for held in report.warnings if "FD infinity" in held]
    assert warning.startswith(f"FD infinity[{RANDOM}] was not measured. ")
    assert warning.endswith("or read the kernel distance, which has no bias.")
    assert named(report, "A") == named(report, "B") == {f"KD[{RANDOM}]"}


def test_precision_of_another_k_is_a_figure_of_its_own_that_says_which():
    """Of fewer neighbours the balls are smaller, so that fewer fakes lie inside."""
    report = evaluate(REAL, FAKE, metrics=["precision", "precision[k=2]", "recall[k=2]"])
    names = [figure.name for figure in report.figures if figure.subject == GENERATED]
    assert names == [f"precision[{RANDOM}]", f"precision[{RANDOM}, k=2]", f"recall[{RANDOM}, k=2]"]
    usual, fewer = (report.figure(name) for name in names[:2])
    assert fewer.value < usual.value
    assert (usual.note.endswith("k = 5."), fewer.note.endswith("k = 2.")) == (True, True)
    assert {figure.features for figure in report.figures} == {RANDOM}
