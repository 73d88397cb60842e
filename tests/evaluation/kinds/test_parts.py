"""Parts of a kind of one's own: labels by nearest samples, and means over samples."""

from types import SimpleNamespace

import numpy as np
import pytest

from evaluation.evidence import Evidence
from evaluation.features.subset import Subset
from evaluation.kinds.parts import mean_over_samples, nearest
from evaluation.samples import Samples


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
