"""The records of metrics: what each says of itself, what its figures are called, and how one is asked for."""

import inspect
import re

import pytest

from evaluation.catalogue import METRICS, REFERENCE_INCEPTION, chosen
from evaluation.extractors.catalogue import EXTRACTORS
from evaluation.measures import MEASURES
from multigan.errors import ConfigError

MODALITIES = ("image", "audio", "text")


@pytest.mark.parametrize("name", list(METRICS))
def test_a_record_says_what_a_reader_needs(name):
    metric = METRICS[name]
    assert metric.name == name
    assert set(metric.modalities) <= set(MODALITIES)
    assert metric.modalities
    assert metric.looks_at in ("features", "probabilities", "labels", "intensities", "training", "samples")
    assert metric.question.endswith("?")
    for sentence in (metric.reading, metric.trap):
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0].isdigit()
    assert len(metric.reading) < 180


def test_every_record_is_measured_and_every_measure_has_a_record():
    assert {METRICS[name].measured_by for name in METRICS} == set(MEASURES)
    for name in MEASURES:
        assert callable(MEASURES[name])
        (seen,) = inspect.signature(MEASURES[name]).parameters
        assert seen


def test_metrics_of_one_measure_look_at_the_same_thing():
    """The measure is called once for all of them."""
    for entry in MEASURES:
        group = [METRICS[name] for name in METRICS if METRICS[name].measured_by == entry]
        assert len({(metric.looks_at, metric.modalities) for metric in group}) == 1, entry


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("name", list(METRICS))
def test_only_inception_with_the_reference_preprocessing_is_called_fid_is_or_kid(name, modality):
    metric = METRICS[name]
    promised = {"FID", "FID infinity", "KID", "IS"}
    assert REFERENCE_INCEPTION == "inception"
    for extractor in (*EXTRACTORS, "emotion-classifier"):
        called = metric.named(modality, extractor)
        assert (called in promised) == (
            extractor == "inception" and name in ("FD", "FD infinity", "KD", "classifier score")
        )
        if called not in promised:
            assert not re.search(r"\b(FID|KID|IS)\b", called)
            chosen_features = metric.looks_at in ("features", "probabilities", "training")
            assert called.endswith(f"[{extractor}]") == chosen_features
            if not chosen_features:
                assert called == name


def test_the_names_of_figures():
    assert METRICS["FD"].named("image", "inception") == "FID"
    assert METRICS["FD infinity"].named("image", "inception") == "FID infinity"
    assert METRICS["KD"].named("image", "inception") == "KID"
    assert METRICS["classifier score"].named("image", "inception") == "IS"
    assert METRICS["FD"].named("image", "inception-clean") == "FD[inception-clean]"
    assert METRICS["FD"].named("audio", "clap") == "FAD[clap]"
    assert METRICS["FD infinity"].named("audio", "clap") == "FAD infinity[clap]"
    assert METRICS["FD"].named("text", "sentence") == "FD[sentence]"
    assert METRICS["precision"].named("image", "inception") == "precision[inception]"
    assert METRICS["authenticity"].named("image", "random-conv-v1") == "authenticity[random-conv-v1]"
    assert METRICS["BLEU-2"].named("text", "") == "BLEU-2"
    assert METRICS["emotion accuracy"].named("audio", "log-mel-v1") == "emotion accuracy"


# ---- asking ----


def names(asked, modality="image", features=()):
    return [metric.name for metric in chosen(asked, modality, features)]


@pytest.mark.parametrize("modality", MODALITIES)
def test_without_names_all_of_a_modality_are_chosen(modality):
    assert names(None, modality) == [name for name in METRICS if modality in METRICS[name].modalities]


def test_names_are_taken_in_any_case_once_and_in_the_order_asked():
    assert names(("VENDI score", "fd", "Precision", "FD")) == ["Vendi score", "FD", "precision"]
    assert names(("bleu-3", "Self-Bleu-2"), "text") == ["BLEU-3", "self-BLEU-2"]


def test_short_names_stand_for_the_metrics_they_are_of():
    inception = ("random-conv-v1", "inception")
    assert names(("fid", "KID", "is", "FID Infinity"), features=inception) == [
        "FD", "KD", "classifier score", "FD infinity",
    ]  # fmt: skip
    assert names(("fad", "FAD infinity"), "audio") == ["FD", "FD infinity"]


@pytest.mark.parametrize(
    ("asked", "modality", "features", "message"),
    [
        (("fid",), "image", (), "FID means Inception features with the reference preprocessing, and no features were "
         "chosen. Add --features inception, or ask for 'FD', the same in other features."),
        (("kid",), "image", ("clip", "inception-clean"), "KID means Inception features with the reference "
         "preprocessing, and the features are clip, inception-clean. Add --features inception, or ask for 'KD', the same"),
        (("FIDD",), "image", (), "There is no image metric named 'FIDD'. Did you mean 'FID'? Known: FD, "),
        (("fid",), "text", (), "There is no text metric named 'fid'."),
        (("fad",), "image", (), "There is no image metric named 'fad'."),
        (("fad", "bleu-2"), "audio", (), "There is no audio metric named 'bleu-2'."),
        (("precison",), "audio", (), "Did you mean 'precision'?"),
        ((), "text", (), "No metric is named. Name some of emotion accuracy, "),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_one_sentence(asked, modality, features, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        chosen(asked, modality, features)
