"""A kind whose sets are read as the real one says, are shown together, and are looked at beside held-out samples."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation import evaluate
from evaluation.evidence import Evidence
from evaluation.exhibits.markup import element
from evaluation.figures import HELD_OUT
from evaluation.kinds import Kind
from evaluation.kinds.points import POINTS
from evaluation.metrics.record import SAMPLES, Metric
from evaluation.options import Options
from evaluation.pipeline import evaluate_samples
from evaluation.report.html import page
from evaluation.sources import as_samples
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError


def in_metres(real, other):
    """Points in centimetres, by their size, as the real ones are."""
    if len(other) == 13:
        raise DataError("thirteen points are compared with nothing")
    return replace(other, read=lambda row: other.read(row) / 100, digests=None)


def n_held_out(evidence: Evidence):
    values = np.full(
        len(evidence.fake), 0.0 if evidence.held_out is None else len(evidence.held_out), np.float64
    )
    without = left_out_means(values, n_groups_of(len(values)))
    return {"held out": Estimate(values[0], without, jackknife(values[0], without), len(values))}


def shown(sets, tone):
    return element("p", [f"{name} {len(own)} {tone(name)};" for name, own in sets.items()], class_="sets")


BESIDE = Metric("held out", SAMPLES, n_held_out, None, "", "?", ".", ".")
LENGTHS: Kind = replace(
    POINTS, aligned=in_metres, metrics=(BESIDE,), exhibit=replace(POINTS.exhibit, together=shown)
)


@pytest.fixture
def points():
    random = np.random.default_rng(0)
    return [random.normal(size=(n, 2)) * scale for n, scale in ((120, 1), (80, 100), (60, 100))]


def test_fakes_and_held_out_samples_are_read_as_the_real_ones_say(points):
    real, fake, held_out = points
    aligned = evaluate(real, fake, held_out=held_out, modality=LENGTHS)
    plain = evaluate(real, fake / 100, held_out=held_out / 100, modality=replace(LENGTHS, aligned=None))
    told = [[(f.subject, f.name, f.value) for f in report.figures] for report in (aligned, plain)]
    assert told[0] == told[1]
    with pytest.raises(DataError, match="thirteen"):
        evaluate(real, fake[:13], modality=LENGTHS)


def test_whole_sets_are_shown_with_their_colours(points):
    samples = [as_samples(own, LENGTHS) for own in points]
    report, gallery = evaluate_samples(samples[0], {"a": samples[1], "b": samples[1]}, samples[2], Options())
    assert {name: len(own) for name, own in gallery.sets.items()} == {HELD_OUT: 60, "a": 80, "b": 80}
    assert '<p class="sets">real 60 tone0;a 80 tone1;b 80 tone2;</p>' in page(report, gallery)
    _, bare = evaluate_samples(
        *(replace(own, kind=POINTS) for own in samples[:1]),
        {"a": replace(samples[1], kind=POINTS)},
        None,
        Options(),
    )
    assert bare.sets == {}


def test_a_metric_sees_the_held_out_samples_where_there_are_some(points):
    def of_generated(report):
        return next(f.value for f in report.figures if (f.subject, f.name) == ("generated", "held out"))

    real, fake, held_out = points
    assert of_generated(evaluate(real, fake, held_out=held_out, modality=LENGTHS)) == 60
    assert of_generated(evaluate(real, fake, modality=LENGTHS)) == 0
