"""The records of metrics: what each says of itself, what its figures are called, and how one is asked for."""

import inspect
import re

import pytest

from evaluation.catalogue import METRICS, metrics_by_name, metrics_of
from evaluation.deferred import resolved
from evaluation.kinds import KINDS, all_kinds
from evaluation.kinds.audio import AUDIO
from evaluation.kinds.image import IMAGE
from evaluation.kinds.text import TEXT
from evaluation.metrics import mauve, record
from multigan.errors import ConfigError

EVERY = [*(METRICS[name] for name in METRICS), *(metric for kind in all_kinds() for metric in kind.metrics)]
VIEWS = [view for view in vars(record).values() if isinstance(view, record.View)]


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_a_record_says_what_a_reader_needs(metric):
    assert metric.looks_at in VIEWS
    assert metric.question.endswith("?")
    for sentence in (metric.reading, metric.trap):
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0].isdigit()
    assert len(metric.reading) < 180


def test_every_metric_has_a_name_of_its_own():
    assert len(EVERY) == len({metric.name for metric in EVERY}) == 66
    assert all(METRICS[name].name == name for name in METRICS)


@pytest.mark.parametrize("measure", sorted({str(metric.measure) for metric in EVERY}))
def test_every_measure_takes_evidence(measure):
    (evidence,) = inspect.signature(resolved(measure)).parameters
    assert evidence == "evidence"


def test_metrics_of_one_measure_look_at_the_same_thing():
    """The measure is called once for all of them."""
    for measure in {metric.measure for metric in EVERY}:
        group = [metric for metric in EVERY if metric.measure == measure]
        assert len({(m.looks_at, m.alone, m.searches, m.through, m.wants) for m in group}) == 1, measure


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.name)
def test_metrics_look_through_extractors_that_are_there(kind):
    for metric in kind.metrics:
        assert [kind.record(name).name for name in metric.through] == list(metric.through)
    assert kind.record(kind.default_features).weights == ()


def test_a_metric_wants_as_many_samples_as_its_paper():
    assert metrics_of(TEXT)["MAUVE"].wants == mauve.ENOUGH
    assert METRICS["FD"].warning(100, 100) is not None
    assert METRICS["FD"].warning(101, 100) is METRICS["KD"].warning(1, 100) is None


# ---- what figures are called ----


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_only_inception_with_the_reference_preprocessing_is_called_fid_is_or_kid(metric, kind):
    promised = {"FID", "FID infinity", "KID", "IS", "MiFID"}
    for extractor in (*(one.name for one in kind.extractors), "emotion-classifier"):
        called = kind.figure_name(metric, extractor)
        assert (called in promised) == (
            extractor == "inception"
            and metric.name in ("FD", "FD infinity", "KD", "classifier score", "MiFD")
        )
        if called not in promised:
            assert not re.search(r"\b(FID|KID|IS|MiFID)\b", called)
            assert called.endswith(f"[{extractor}]") == metric.looks_at.through_features
            if not metric.looks_at.through_features:
                assert called == metric.name


@pytest.mark.parametrize(
    ("kind", "metric", "extractor", "expected"),
    [
        (IMAGE, "FD", "inception", "FID"),
        (IMAGE, "FD infinity", "inception", "FID infinity"),
        (IMAGE, "KD", "inception", "KID"),
        (IMAGE, "classifier score", "inception", "IS"),
        (IMAGE, "MiFD", "inception", "MiFID"),
        (IMAGE, "MIND", "inception", "MIND[inception]"),
        (AUDIO, "KD rbf-median", "clap", "KAD[clap]"),
        (IMAGE, "KD rbf-10", "clip", "KD rbf-10[clip]"),
        (IMAGE, "FD", "inception-clean", "FD[inception-clean]"),
        (AUDIO, "FD", "clap", "FAD[clap]"),
        (AUDIO, "FD infinity", "clap", "FAD infinity[clap]"),
        (TEXT, "FD", "sentence", "FD[sentence]"),
        (IMAGE, "precision", "inception", "precision[inception]"),
        (IMAGE, "authenticity", "random-conv-v1", "authenticity[random-conv-v1]"),
        (TEXT, "BLEU-2", "", "BLEU-2"),
        (AUDIO, "emotion accuracy", "log-mel-v1", "emotion accuracy"),
    ],
)
def test_the_names_of_figures(kind, metric, extractor, expected):
    assert kind.figure_name(metrics_of(kind)[metric], extractor) == expected


# ---- asking ----


def names(words, modality="image", features=()):
    return [metric.name for metric in metrics_by_name(words, KINDS[modality], features)]


@pytest.mark.parametrize(
    ("modality", "n", "own"), [("image", 26, "MS-SSIM"), ("audio", 29, "D self"), ("text", 38, "MAUVE")]
)
def test_without_names_the_usual_ones_of_a_kind_are_chosen(modality, n, own):
    assert names(("all",), modality)[: len(METRICS)] == list(METRICS)
    assert names(None, modality)[:3] == list(METRICS)[:3]
    assert len(names(None, modality)) == n
    assert own in names(None, modality)


def test_names_are_taken_in_any_case_once_and_in_the_order_asked():
    assert names(("VENDI score", "fd", "Precision", "FD")) == ["Vendi score", "FD", "precision"]
    assert names(("bleu-3", "Self-Bleu-2"), "text") == ["BLEU-3", "self-BLEU-2"]


def test_a_name_may_say_how_many_neighbours_are_looked_at():
    chosen = metrics_by_name(("precision[k=3]", "Recall[K=3]", "precision", "coverage[k=5]"), IMAGE, ())
    assert [(metric.name, metric.k) for metric in chosen] == [
        ("precision", 3), ("recall", 3), ("precision", 5), ("coverage", 5),
    ]  # fmt: skip
    called = [IMAGE.figure_name(metric, "inception") for metric in chosen]
    assert called == [
        "precision[inception, k=3]", "recall[inception, k=3]", "precision[inception]", "coverage[inception]",
    ]  # fmt: skip


def test_a_name_may_say_the_order():
    chosen = metrics_by_name(
        ("Vendi score[q=2]", "vendi score[Q=0.5]", "Vendi score[q=inf]", "Vendi score[q=1]"), IMAGE, ()
    )
    assert [metric.q for metric in chosen] == [2, 0.5, float("inf"), 1]
    assert [IMAGE.figure_name(metric, "clip") for metric in chosen] == [
        "Vendi score[clip, q=2]", "Vendi score[clip, q=0.5]", "Vendi score[clip, q=inf]", "Vendi score[clip]",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.name)
def test_all_stands_for_those_that_are_measured_only_when_they_are_asked_for_too(kind):
    everything = metrics_by_name(("ALL",), kind, ())
    assert everything == tuple(metrics_of(kind).values())
    usual = metrics_by_name(None, kind, ())
    assert usual == tuple(metric for metric in everything if metric.by_default)
    more = metrics_by_name(("all", "FD", "precision[k=3]"), kind, ())
    assert [(metric.name, metric.k) for metric in more[len(everything) :]] == [("precision", 3)]


def test_short_names_stand_for_the_metrics_they_are_of():
    inception = ("random-conv-v1", "inception")
    assert names(("fid", "KID", "is", "FID Infinity"), features=inception) == [
        "FD", "KD", "classifier score", "FD infinity",
    ]  # fmt: skip
    assert names(("mifid",), features=("inception",)) == ["MiFD"]
    assert names(("kad",), "audio") == ["KD rbf-median"]
    assert names(("fad", "FAD infinity"), "audio") == ["FD", "FD infinity"]


@pytest.mark.parametrize(
    ("words", "modality", "features", "message"),
    [
        (("fid",), "image", (), "FID means Inception features with the reference preprocessing, and no features were "
         "chosen. Add --features inception, or ask for 'FD', the same in other features."),
        (("kid",), "image", ("clip", "inception-clean"), "KID means Inception features with the reference "
         "preprocessing, and the features are clip, inception-clean. Add --features inception, or ask for 'KD', the same"),
        (("FIDD",), "image", (), "There is no image metric named 'FIDD'. Did you mean 'FID'? Known: C2ST, "),
        (("fid",), "text", (), "There is no text metric named 'fid'."),
        (("fad",), "image", (), "There is no image metric named 'fad'."),
        (("fad", "bleu-2"), "audio", (), "There is no audio metric named 'bleu-2'."),
        (("FD[k=3]",), "image", (), "FD has no number of neighbours; leave out [k=3]. Those that have one: precision, "
         "recall, density, coverage, clipped density, clipped coverage."),
        (("recall[q=2]",), "text", (), "recall has no order; leave out [q=2]. Those that have one: Vendi score."),
        (("vendi score[q=0]",), "text", (), "The q of Vendi score is an order of 0.01 or more, or inf; found 0."),
        (("recall[k=0]",), "text", (), "The k of recall is a number of neighbours, 1 or more; found 0."),
        (("precison",), "audio", (), "Did you mean 'precision'?"),
        ((), "text", (), "No metric is named. Name some of emotion accuracy, "),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_one_sentence(words, modality, features, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        metrics_by_name(words, KINDS[modality], features)
