"""A kind of samples from a module outside the tree: points of a plane, measured with no line of the evaluation changed."""

import csv
import importlib
import io
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from evaluation import evaluate
from evaluation.catalogue import METRICS
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.kinds import KINDS, kind_of
from evaluation.options import Options
from evaluation.pipeline import evaluate_samples
from evaluation.report.html import write_html
from evaluation.report.json import to_json
from evaluation.report.table import print_tables
from evaluation.sources import as_samples, of_media, open_folder
from multigan.errors import ConfigError, DataError

MODULE = '''
"""Points of a plane as a kind of samples: their reader, features, classifier, metric, and a drawing of each."""

import csv
from dataclasses import dataclass

import numpy as np

from evaluation.exhibits.exhibit import Exhibit, caption
from evaluation.exhibits.markup import element
from evaluation.extractors.record import ExtractorRecord
from evaluation.kinds import ClassifierRecord, Kind
from evaluation.metrics.record import SAMPLES, Metric
from evaluation.samples import Contents, Samples
from evaluation.samples.digests import array_digest, digests_of
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError


def open_table(path, labels_column):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))

    def read(row):
        try:
            return np.array([float(rows[row]["x"]), float(rows[row]["y"])])
        except ValueError as error:
            raise DataError(f"{rows[row]} is no point") from error

    column = labels_column or "label"
    labels = [row[column] for row in rows] if rows and column in rows[0] else None
    names = [f"line {number}" for number in range(2, len(rows) + 2)]
    digests = digests_of(len(rows), lambda row: "-".join(rows[row].values()))
    return Samples(POINTS, names, read, labels, digests=digests, source=str(path))


def from_memory(points):
    points = np.asarray(points, np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise DataError(f"Points are [N, 2]; found {list(points.shape)}.")
    return Contents(len(points), lambda row: points[row])


class Coordinates:
    name, digest, preprocessing = "coordinates", "none", "x and y; v1"

    def prepare(self, sample):
        return sample.astype(np.float32)

    def forward(self, prepared):
        return np.stack(prepared)


@dataclass
class NearestMean(Coordinates):
    means: np.ndarray
    name = "nearest-mean"

    @property
    def digest(self):
        return array_digest(self.means)

    def probabilities_of(self, features):
        distances = ((np.asarray(features, np.float64)[:, None] - self.means) ** 2).sum(axis=2)
        odds = np.exp(distances.min(axis=1, keepdims=True) - distances)
        return odds / odds.sum(axis=1, keepdims=True)


def nearest_mean(training, n_labels, device, progress):
    points = np.stack([training.samples.read(int(row)) for row in training.rows])
    return NearestMean(np.stack([points[training.labels == label].mean(axis=0) for label in range(n_labels)]))


def mean_length(evidence):
    lengths = np.linalg.norm(evidence.fake.contents, axis=1)
    n, left_out = len(lengths), left_out_means(lengths, n_groups_of(len(lengths)))
    return {"mean length": Estimate(lengths.mean(), left_out, jackknife(lengths.mean(), left_out, 0), n)}


def show(points, n_bytes):
    reach = max(float(np.abs(point).max()) for point in points)

    def drawing(example, words):
        x, y = example.content / reach * 40
        dot = element("circle", cx=f"{50 + x:.1f}", cy=f"{50 - y:.1f}", r=4, class_="dot")
        return element(
            "figure",
            element("svg", element("title", words), dot, viewBox="0 0 100 100", width=72, height=72, role="img"),
            element("figcaption", caption(example)),
        )

    return drawing, f"A side of each square is {2.5 * reach:.2f}."


POINTS = Kind(
    name="points",
    singular="point",
    noun="points",
    extractors=(ExtractorRecord("coordinates", lambda device, files: Coordinates(), preprocessing="x and y"),),
    default_features="coordinates",
    exhibit=Exhibit(show, per_label=3, unlabelled=6, layout="tiles"),
    digest=array_digest,
    open_folder=open_table,
    from_memory=from_memory,
    metrics=(
        Metric("mean length", SAMPLES, mean_length, None, "", "How far out are points?", "Compare with real points.",
               "A mean.", alone=True),
    ),
    classifier=ClassifierRecord("nearest-mean", nearest_mean),
)
SOMETHING_ELSE = 3
'''
CENTRES = {"left": (-2.0, 0.0), "right": (2.0, 1.0), "top": (0.0, 3.0)}
PATH = "kind_of_points:POINTS"


@pytest.fixture
def points(tmp_path, monkeypatch, cache_folder):
    """The kind, from a module that lies in no package of the tree."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kind_of_points.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    yield importlib.import_module("kind_of_points").POINTS
    del sys.modules["kind_of_points"]


def drawn(n, seed, centres=CENTRES):
    random = np.random.default_rng(seed)
    labels = random.choice(list(centres), n)
    return np.array([centres[label] for label in labels]) + random.normal(size=(n, 2)) * 0.5, labels.tolist()


def table(path, n, seed, labelled=True, **more):
    contents, labels = drawn(n, seed, **more)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x", "y", "label"] if labelled else ["x", "y"])
        writer.writerows(
            [*point, label] if labelled else point for point, label in zip(contents, labels, strict=True)
        )
    return path


def named(report, subject=GENERATED):
    return {figure.name for figure in report.figures if figure.subject == subject}


GENERAL = {
    "FD[coordinates]", "FD infinity[coordinates]", "KD[coordinates]", "C2ST[coordinates]", "precision[coordinates]",
    "recall[coordinates]", "density[coordinates]", "coverage[coordinates]", "clipped density[coordinates]",
    "clipped coverage[coordinates]", "Vendi score[coordinates]",
    "pairwise distance[coordinates]", "copies[coordinates]", "authenticity[coordinates]",
    "nearest distance ratio[coordinates]",
}  # fmt: skip


@pytest.mark.parametrize("by_path", [True, False])
def test_tables_of_points_have_every_general_figure_and_their_own(points, tmp_path, by_path):
    real, fake = table(tmp_path / "real.csv", 200, 0), table(tmp_path / "fake.csv", 90, 1)
    report = evaluate(real, fake, modality=PATH if by_path else points)
    of_labels = {"emotion accuracy", "balanced emotion accuracy", "chance accuracy", "calibration error"}
    through_own = {name.replace("coordinates", "nearest-mean") for name in GENERAL}
    through_own -= {
        "copies[nearest-mean]",
        "authenticity[nearest-mean]",
        "nearest distance ratio[nearest-mean]",
    }
    expected = GENERAL | through_own | of_labels | {"mean length", "classifier score[nearest-mean]"}
    assert named(report) == expected
    assert report.modality == "points"
    assert report.figure("emotion accuracy").value > 0.95
    assert report.figure("chance accuracy").value == pytest.approx(1 / 3)
    assert report.figure("emotion accuracy", HELD_OUT).value > 0.95
    assert report.figure("mean length").value == pytest.approx(2.5, abs=0.2)
    assert report.labels == ("left", "right", "top")
    assert report.provenance["extractors"]["coordinates"]["preprocessing"] == "x and y; v1"


def test_what_generated_points_lack_shows(points):
    """Fakes without one of three clusters: a third of the real ones is not covered, and every fake lies among them."""
    real, _ = drawn(300, 0)
    fake, _ = drawn(300, 1, {name: CENTRES[name] for name in ("left", "right")})
    report = evaluate(
        real, {"A": fake, "B": drawn(300, 2)[0]}, modality=points, metrics=["fd", "recall", "precision"]
    )
    assert report.figure("recall[coordinates]", "A").value == pytest.approx(2 / 3, abs=0.12)
    assert report.figure("precision[coordinates]", "A").value > 0.9
    assert {row.verdict for row in report.differences if row.figure.startswith(("FD", "recall"))} == {
        "B is better"
    }


def test_the_whole_report_is_written_and_shows_each_point(points, tmp_path):
    real, fake = (open_folder(table(tmp_path / f"{n}.csv", n, n), points) for n in (120, 60))
    report, gallery = evaluate_samples(real, {GENERATED: fake}, None, Options())
    held = json.loads(json.dumps(to_json(report), allow_nan=False))
    assert (held["format_version"], held["modality"], "kind" in held) == (3, "points", False)
    write_html(report, gallery, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "How good are the generated points?" in page
    assert (
        page.count('viewBox="0 0 100 100"') == 2 * 3 * 3 + 2 * 10
    )  # three of each label and set, ten closest pairs
    assert "A side of each square is" in page
    assert '<div class="strip tiles">' in page
    assert "<script" not in page
    text = io.StringIO()
    print_tables(report, Console(file=text, width=120), full=True)
    assert "How good are the generated points?" in text.getvalue()
    assert "mean length" in text.getvalue()


def test_the_page_shows_no_more_than_the_exhibit_says(points, tmp_path):
    """Of six groups (three labels, two sets) one point each, and four pairs of two."""
    few = replace(points, exhibit=replace(points.exhibit, most=6, most_pairs=4, layout="rows"))
    real, fake = (open_folder(table(tmp_path / f"{n}.csv", n, n), few) for n in (120, 60))
    write_html(*evaluate_samples(real, {GENERATED: fake}, None, Options()), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.count('viewBox="0 0 100 100"') == 6 + 4 * 2
    assert '<figure class="pair rows">' in page


def test_without_a_classifier_labels_are_not_read_and_the_report_says_so(points, tmp_path):
    plain = replace(points, classifier=None)
    real, fake = table(tmp_path / "real.csv", 120, 0), table(tmp_path / "fake.csv", 60, 1)
    report = evaluate(real, fake, modality=plain)
    assert named(report) == {*GENERAL, "mean length"}
    words = "Labels were not read: there is no classifier of points. Give evaluate one as classifier=."
    assert report.warnings == (words,)
    both = evaluate(real, fake, modality=plain, metrics=["emotion accuracy", "FD"])
    assert (named(both), both.warnings) == ({"FD[coordinates]"}, (words,))
    unlabelled = table(tmp_path / "plain.csv", 120, 0, labelled=False)
    assert not evaluate(unlabelled, fake, modality=plain).warnings


def test_a_point_that_cannot_be_read_is_skipped_and_named(points, tmp_path):
    fake = table(tmp_path / "fake.csv", 60, 1)
    fake.write_text(fake.read_text() + "far,away,left\n")
    report = evaluate(drawn(120, 0)[0], fake, modality=points, metrics=["fd"], max_bad=0.05)
    assert "1 of the generated samples could not be read and were skipped: line 62" in report.warnings[0]
    assert report.figure("FD[coordinates]").n == 60


def test_data_in_memory_are_points_where_one_says_so_or_the_kind_is_known(points, monkeypatch):
    contents, labels = drawn(40, 0)
    samples = as_samples(contents, points, labels=labels)
    assert (samples.names[3], list(samples.read(3))) == ("point 3", list(contents[3]))
    assert samples.digests() == of_media(points, samples.names, samples.read).digests()
    assert (
        as_samples(contents, rate_hz=8_000).modality == "audio"
    )  # an array [N, T] is, unless one says otherwise
    monkeypatch.setitem(KINDS._table, "points", PATH)
    assert kind_of("points") is points
    assert as_samples(contents, "points").kind is points
    with pytest.raises(DataError, match=r"The samples \(memory\) are points, and image was asked for"):
        as_samples(samples, "image")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("point", "There is no modality named 'point'. Known: audio, image, text."),
        ("no_such_module:POINTS", "There is no kind of samples no_such_module:POINTS: No module named"),
        (
            "kind_of_points:CIRCLES",
            "There is no kind of samples kind_of_points:CIRCLES: module 'kind_of_points' has no",
        ),
        ("kind_of_points:SOMETHING_ELSE", "kind_of_points:SOMETHING_ELSE is a int and no kind of samples"),
        (3, "A int is no kind of samples; give one of image, audio, text"),
    ],
)
def test_what_is_no_kind_is_one_sentence(points, kind, message):
    with pytest.raises(ConfigError, match=message):
        kind_of(kind)


def test_what_a_kind_does_not_bring_is_one_sentence(points, tmp_path):
    contents, _ = drawn(20, 0)
    bare = replace(points, open_folder=None, from_memory=None)
    with pytest.raises(ConfigError, match="The kind 'points' opens no folders: its open_folder is None"):
        open_folder(tmp_path, bare)
    with pytest.raises(
        ConfigError, match="The kind 'points' takes no data from memory: its from_memory is None"
    ):
        as_samples(contents, bare)
    with pytest.raises(ConfigError, match="Mirror images are of images, and the samples are points"):
        evaluate(contents, contents, modality=points, mirrored=True)
    with pytest.raises(ConfigError, match="rate_hz is of audio, and the samples are points"):
        as_samples(contents, points, rate_hz=8_000)
    with pytest.raises(ConfigError, match="There is no points metric named 'BLEU-2'"):
        evaluate(contents, contents, modality=points, metrics="BLEU-2")
    with pytest.raises(
        ConfigError, match="'clap' is for audio, not for points; for points there are coordinates"
    ):
        evaluate(contents, contents, modality=points, features="clap")


def test_general_metrics_are_of_every_kind(points):
    """Nothing of them names a kind: those of points are those of images, sounds and texts."""
    report = evaluate(drawn(200, 0)[0], drawn(90, 1)[0], modality=points, metrics="all")
    assert {name.partition("[")[0] for name in named(report)} - {"mean length"} == {
        name for name in METRICS if METRICS[name].looks_at.name in ("features", "training")
    }
