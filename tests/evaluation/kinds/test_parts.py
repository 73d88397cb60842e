"""Parts of a kind of one's own: labels by nearest samples, means over samples, and the kind of samples that are arrays."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from evaluation import evaluate
from evaluation.evidence import Evidence
from evaluation.features.subset import Subset
from evaluation.figures import Example
from evaluation.kinds.parts import Computed, kind_of_arrays, mean_over_samples, nearest
from evaluation.report.leading import leading
from evaluation.samples import Samples
from evaluation.sources import open_folder
from multigan.errors import DataError
from multigan.reading.listing import Kind as FileKind


class Itself:
    name, digest, preprocessing = "itself", "none", "as it is; v1"

    def prepare(self, sample):
        return np.asarray(sample, np.float32)

    def forward(self, prepared):
        return np.stack(prepared)


def subset(values, labels=None):
    samples = Samples(
        SimpleNamespace(name="number"), [str(n) for n in range(len(values))], values.__getitem__
    )
    return Subset(samples, np.arange(len(values)), {}, None if labels is None else np.array(labels))


def test_a_label_is_read_from_the_nearest_samples():
    record = nearest(Itself(), k=3)
    known = subset([[0.0], [1.0], [2.0], [10.0], [11.0]], [0, 0, 1, 1, 1])
    reader = record.train(known, 2, "cpu", None)
    assert (record.name, reader.name) == ("nearest-itself", "nearest-itself")
    features = reader.forward([reader.prepare([0.5]), reader.prepare([9.0])])
    assert reader.probabilities_of(features) == pytest.approx(np.array([[2 / 3, 1 / 3], [0, 1]]))


def test_what_it_knows_tells_readers_apart():
    record = nearest(Itself(), k=1)
    digests = {
        record.train(subset(values, labels), 2, "cpu", None).digest
        for values, labels in [([[0.0], [1.0]], [0, 1]), ([[0.0], [1.0]], [1, 0]), ([[0.0], [2.0]], [0, 1])]
    }
    assert (
        len(digests | {nearest(Itself(), k=2).train(subset([[0.0], [1.0]], [0, 1]), 2, "cpu", None).digest})
        == 4
    )


def test_a_mean_has_the_interval_of_its_samples():
    metric = mean_over_samples("size", abs, question="?", reading=".", trap=".", between=(0, 10))
    values = np.random.default_rng(0).normal(3, 1, 400)
    evidence = Evidence("generated", subset([0.0]), subset(values.tolist()), subset([0.0]), None)
    estimate = metric.estimates(evidence)["size"]
    assert (metric.name, metric.alone, estimate.n) == ("size", True, 400)
    assert estimate.value == pytest.approx(np.abs(values).mean())
    half = (estimate.interval.high - estimate.interval.low) / 2
    assert half == pytest.approx(
        2.09 * 1 / 20, rel=0.4
    )  # t of 19 degrees of freedom times the standard error


# ---- samples that are arrays ----


def halves(sample):
    return np.asarray(sample) / 2


def red(sample):
    return Image.new("RGB", (6, 4), (int(sample[0]), 0, 0))


PAIRS = kind_of_arrays(
    "pairs",
    files=FileKind("pair", "pairs", "NPY", frozenset({".npy"})),
    read=np.load,
    features=Computed("halves", "each number halved; v1", halves),
    picture=red,
    metrics=(mean_over_samples("sum", np.sum, question="?", reading=".", trap="."),),
)


def test_what_a_function_computes_is_features():
    features = Computed("halves", "each number halved; v1", lambda sample: [sample / 2, 1])
    rows = features.forward([features.prepare(3), features.prepare(5)])
    assert rows.dtype == np.float32
    assert rows.tolist() == [[1.5, 1], [2.5, 1]]


def test_folders_of_arrays_are_read_with_their_labels(tmp_path):
    for label, value in (("high", 9.0), ("low", 1.0)):
        (tmp_path / label).mkdir()
        np.save(tmp_path / label / "0.npy", np.full(2, value))
    (tmp_path / "low" / "1.npy").write_text("no array")
    samples = open_folder(tmp_path, PAIRS)
    assert (samples.names, samples.labels) == (
        ("high/0.npy", "low/0.npy", "low/1.npy"),
        ("high", "low", "low"),
    )
    assert samples.read(0).tolist() == [9, 9]
    with pytest.raises(DataError, match=r"^1\.npy cannot be read \("):
        samples.read(2)


def test_the_page_shows_the_picture_of_an_array():
    drawing, note = PAIRS.exhibit.show([np.array([200.0, 0])], 1_000)
    shown = drawing(Example(np.array([200.0, 0])), "a pair, joy")
    assert note == ""
    assert shown.startswith('<img src="data:image/png;base64,')
    assert 'width="6" height="4" alt="a pair, joy"' in shown


def test_arrays_in_memory_are_measured_and_the_metrics_of_their_kind_lead():
    random = np.random.default_rng(0)
    report = evaluate(random.normal(0, 1, (60, 2)), random.normal(2, 1, (60, 2)), modality=PAIRS)
    figures = {figure.name: figure.value for figure in report.figures if figure.subject != "held-out real"}
    assert figures["sum"] == pytest.approx(4, abs=0.8)
    assert figures["C2ST[halves]"] > 0.7
    assert leading(report)[-1] == "sum"
    assert "C2ST[halves]" in leading(report)
