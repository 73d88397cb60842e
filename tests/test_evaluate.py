"""Extractors, the emotion classifier, and whole evaluations of images drawn here."""

import io
import json

import numpy as np
import pytest
import torch
from rich.console import Console

from evaluation import evaluate, extractors
from evaluation.catalogue import METRICS
from evaluation.evaluate import evaluate_images
from evaluation.extractors.emotion_classifier import cached_classifier, load_classifier, train_classifier
from evaluation.extractors.random_features import RandomFeatures
from evaluation.report import GENERATED, HELD_OUT
from evaluation.report.json import to_json
from evaluation.report.table import print_table
from multigan.errors import CheckpointError, ConfigError, DataError

LABELS = ("joy", "sadness", "[calm]")  # a name in brackets must come through the table's markup


def shapes(n, seed, resolution=32):
    """Bars across, bars down or a disc, of any colours and place; intensity is their contrast."""
    random = np.random.default_rng(seed)
    labels, intensities = np.arange(n) % 3, random.uniform(0.4, 1, n)
    y, x = np.mgrid[:resolution, :resolution] / resolution
    (down, across), paper = random.uniform(0, 1, (2, n, 1, 1)), random.uniform(60, 110, (n, 1, 1, 3))
    masks = np.select(
        [labels[:, None, None] == 0, labels[:, None, None] == 1],
        [np.sin(2 * np.pi * (3 * y + down)) > 0, np.sin(2 * np.pi * (3 * x + across)) > 0],
        (x - 0.35 - 0.3 * across) ** 2 + (y - 0.35 - 0.3 * down) ** 2 < 0.07,
    )
    ink = 120 * intensities[:, None, None, None] * random.uniform(0.8, 1, (n, 1, 1, 3))
    noise = random.normal(0, 4, (n, resolution, resolution, 3))
    return np.clip(paper + masks[..., None] * ink + noise, 0, 255).astype(np.uint8), labels, intensities


TRAIN, TRAIN_LABELS, TRAIN_INTENSITIES = shapes(300, 0)
HELD, HELD_LABELS, HELD_INTENSITIES = shapes(120, 1)
FAKE, FAKE_LABELS, FAKE_INTENSITIES = shapes(150, 2)


@pytest.fixture(scope="module")
def classifier():
    return train_classifier(TRAIN, TRAIN_LABELS, 3, n_samples=2_000)


def evaluated(fake=FAKE, fake_labels=FAKE_LABELS, **more):
    given = {
        "labels": LABELS,
        "real_train_intensities": TRAIN_INTENSITIES,
        "held_out_intensities": HELD_INTENSITIES,
        "fake_intensities": FAKE_INTENSITIES,
    }
    return evaluate_images(TRAIN, TRAIN_LABELS, HELD, HELD_LABELS, fake, fake_labels, **{**given, **more})


@pytest.fixture(scope="module")
def report(classifier):
    return evaluated(classifier=classifier)


def test_classifier_learns(classifier):
    probabilities = classifier.probabilities(HELD)
    assert probabilities.shape == (120, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert (probabilities.argmax(axis=1) == HELD_LABELS).mean() > 0.95
    features = classifier.features(HELD)
    assert (features.dtype, features.shape) == (np.float32, (120, 128))
    with torch.inference_mode():
        logits = classifier.network(extractors.prepared(HELD, 32, classifier.device))
    np.testing.assert_allclose(torch.softmax(logits.double(), 1).numpy(), probabilities, atol=1e-5)


def test_classifier_leaves_the_global_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    train_classifier(TRAIN[:30], TRAIN_LABELS[:30], 3, n_samples=128)
    RandomFeatures()
    assert torch.equal(torch.rand(3), expected)


def test_classifier_is_its_seed():
    one, same, other = (
        train_classifier(TRAIN[:30], TRAIN_LABELS[:30], 3, seed=seed, n_samples=128) for seed in (1, 1, 2)
    )
    assert one.digest == same.digest != other.digest


def test_classifier_saves_and_loads_equal_bits(classifier, tmp_path):
    path = tmp_path / "new" / "classifier.safetensors"
    classifier.save(path)
    loaded = load_classifier(path)
    assert loaded.digest == classifier.digest
    np.testing.assert_array_equal(loaded.probabilities(FAKE), classifier.probabilities(FAKE))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_classifier_refuses_what_is_none(tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not tensors at all")
    for path in (damaged, tmp_path / "missing.safetensors"):
        with pytest.raises(CheckpointError, match=path.name):
            load_classifier(path)


def test_classifier_is_cached_by_content(tmp_path):
    def cached(digest, seed=0):
        return cached_classifier(tmp_path, digest, TRAIN[:30], TRAIN_LABELS[:30], 3, seed, n_samples=64)

    first = cached("a")
    file = next(tmp_path.iterdir())
    written = file.stat().st_mtime_ns
    assert cached("a").digest == first.digest
    assert file.stat().st_mtime_ns == written
    cached("b"), cached("a", seed=1)
    assert len(list(tmp_path.iterdir())) == 3
    file.write_bytes(b"damaged")
    assert cached("a").digest == first.digest
    assert load_classifier(file).digest == first.digest


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (TRAIN.astype(np.float32), TRAIN_LABELS, "float32"),
        (TRAIN[..., :1], TRAIN_LABELS, r"\[300, 32, 32, 1\]"),
        (TRAIN, TRAIN_LABELS[:5], "each of the 300 images"),
        (TRAIN, TRAIN_LABELS + 1, "run from 1 to 3; with 3 classes they are 0 to 2"),
    ],
)
def test_classifier_refuses_data_that_do_not_fit(images, labels, message):
    with pytest.raises(DataError, match=message):
        train_classifier(images, labels, 3)


def test_classifier_takes_large_images():
    images, labels, _ = shapes(60, 3, resolution=96)
    held, held_labels, _ = shapes(60, 4, resolution=96)
    found = train_classifier(images, labels, 3, n_samples=1_000)
    assert found.resolution == 64
    assert (found.probabilities(held).argmax(axis=1) == held_labels).mean() > 0.8


def test_random_features_are_fixed():
    one, other = RandomFeatures(), RandomFeatures()
    assert one.digest == other.digest
    assert one.digest == "84b2c84cb85ad95209f551f2d5e5b2b659e5a23e3a11fe184b8c18e75a9f0aba"
    features = one.features(HELD)
    assert (features.dtype, features.shape) == (np.float32, (120, 512))
    assert one.features(shapes(2, 0, resolution=50)[0]).shape == (2, 512)


def test_features_do_not_depend_on_the_batch(classifier, monkeypatch):
    whole = {extractor.name: extractor.features(HELD) for extractor in (classifier, RandomFeatures())}
    monkeypatch.setattr(extractors, "BATCH", 7)
    for extractor in (classifier, RandomFeatures()):
        np.testing.assert_allclose(extractor.features(HELD), whole[extractor.name], rtol=1e-3, atol=1e-5)


def test_figures_do_not_depend_on_the_batch(classifier, report, monkeypatch):
    monkeypatch.setattr(evaluate, "BATCH", 13)
    for figure, other in zip(report.figures, evaluated(classifier=classifier).figures, strict=True):
        assert figure.value == pytest.approx(other.value, rel=1e-3), figure.name


def test_preparation_is_the_training_scale():
    """0, 127.5 and 255 are -1, 0 and 1; area means of 2x2 pixels are exact."""
    pixels = np.zeros((1, 4, 4, 3), np.uint8)
    pixels[0, :2, :2] = 255
    pixels[0, 2:, ::2] = 255
    found = extractors.prepared(pixels, 2, torch.device("cpu"))
    assert found[0, 0].tolist() == [[1, -1], [0, 0]]


def test_fresh_reals_are_good(report):
    """More real images of the same kind: as good as held-out ones in everything."""
    assert report.figure("emotion accuracy").value > 0.95
    assert report.figure("emotion accuracy", HELD_OUT).value > 0.95
    assert report.figure("chance accuracy").value == pytest.approx(1 / 3)
    assert report.figure("IS[emotion-classifier]").value > 2
    assert report.figure("intensity correlation").value > 0.5
    for features in ("emotion-classifier", "random-conv-v1"):
        assert report.figure(f"coverage[{features}]").value > 0.85
        assert 0.6 < report.figure(f"density[{features}]").value < 1.4
    assert report.figure("nearest distance ratio[random-conv-v1]").value == pytest.approx(1, abs=0.15)
    assert np.trace(report.confusion) == round(150 * report.figure("emotion accuracy").value)
    assert np.sum(report.held_out_confusion) == 120


def test_every_figure_says_what_it_is(report):
    for figure in report.figures:
        assert figure.low <= figure.value <= figure.high, figure
        assert figure.n == (
            0 if figure.name.startswith("chance") else len(FAKE if figure.subject == GENERATED else HELD)
        )
        assert figure.seed == 0
        assert figure.note.startswith("Interval: ")
        assert figure.features in report.provenance["extractors"]
        assert figure.higher_is_better == METRICS[figure.name.split("[")[0]].higher_is_better
    assert {figure.name.split("[")[0] for figure in report.figures} == set(METRICS)
    assert not {"FID", "IS", "FD"} & {figure.name for figure in report.figures}
    assert report.provenance["n"] == {"training": 300, HELD_OUT: 120, GENERATED: 150}


def test_noise_is_noticed(classifier, report):
    noise = np.random.default_rng(0).integers(0, 256, FAKE.shape).astype(np.uint8)
    sick = evaluated(noise, classifier=classifier)
    assert sick.figure("emotion accuracy").value < 0.6
    assert sick.figure("coverage[random-conv-v1]").value == 0
    assert sick.figure("FD[emotion-classifier]").low > report.figure("FD[emotion-classifier]").high
    assert sick.figure("nearest distance ratio[random-conv-v1]").value > 1.5


def test_collapse_is_noticed(classifier, report):
    few = FAKE[np.arange(150) % 6]
    sick = evaluated(few, classifier=classifier)
    for features in ("emotion-classifier", "random-conv-v1"):
        assert sick.figure(f"coverage[{features}]").high < report.figure(f"coverage[{features}]").low
        assert sick.figure(f"recall[{features}]").value < 0.1
    assert sick.figure("FD[emotion-classifier]").value > 2 * report.figure("FD[emotion-classifier]").value


def test_the_wrong_emotion_is_noticed(classifier):
    sick = evaluated(fake_labels=(FAKE_LABELS + 1) % 3, classifier=classifier)
    assert sick.figure("emotion accuracy").value < 0.05
    assert sick.figure("FD[emotion-classifier]").value < 10  # the same images


def test_copies_are_noticed(classifier, report):
    half = FAKE.copy()
    half[::2] = TRAIN[100:175]
    sick = evaluated(half, classifier=classifier)
    healthy = report.figure("authenticity[random-conv-v1]")
    assert sick.figure("authenticity[random-conv-v1]").high < healthy.low
    assert len(sick.closest) == 16
    assert all(pair.distance == 0 and pair.train == 100 + pair.fake // 2 for pair in sick.closest)
    copies = evaluated(TRAIN[:150], classifier=classifier)
    assert copies.figure("nearest distance ratio[random-conv-v1]").value == 0
    assert copies.figure("authenticity[random-conv-v1]").value == 0


def test_closest_pairs_point_into_what_was_given(classifier):
    """Also when only some fakes are measured: position 140 holds the one copy."""
    fakes = FAKE.copy()
    fakes[140] = TRAIN[7]
    found = [evaluated(fakes, classifier=classifier, seed=seed, max_samples=100) for seed in range(4)]
    hits = [report.closest[0] for report in found if report.closest[0].distance == 0]
    assert hits
    assert all((pair.fake, pair.train) == (140, 7) for pair in hits)
    assert {figure.n for report in found for figure in report.figures} == {0, 100}


def test_without_labels_only_random_features_are_used():
    found = evaluate_images(TRAIN, None, HELD, None, FAKE, None, labels=())
    assert {figure.features for figure in found.figures} == {"random-conv-v1"}
    assert found.confusion is None
    assert found.figure("coverage[random-conv-v1]").value > 0.85
    with pytest.raises(ConfigError, match="no figure of generated images named 'coverage'"):
        found.figure("coverage")


def test_few_held_out_images_are_left_out(classifier):
    found = evaluate_images(
        TRAIN, TRAIN_LABELS, HELD[:5], HELD_LABELS[:5], FAKE, None, labels=LABELS, classifier=classifier
    )
    assert {figure.subject for figure in found.figures} == {GENERATED}
    assert found.provenance["notes"] == ["There are 5 held-out images; 6 are needed for figures of them."]
    assert found.confusion is None  # nothing was asked for


def test_frechet_baseline_says_its_figure_at_equal_n(report):
    assert "At n = 120, where the other figure is" in report.figure("FD[emotion-classifier]").note
    assert "At n" not in report.figure("FD[emotion-classifier]", HELD_OUT).note


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"fake": FAKE[:5], "fake_labels": FAKE_LABELS[:5], "fake_intensities": None}, "5 generated images"),
        ({"fake_labels": FAKE_LABELS[:5]}, r"generated labels are \[5\]; give one for each of 150"),
        ({"fake_labels": FAKE_LABELS + 1}, "1 to 3; with 3 names they are 0 to 2"),
        ({"fake": FAKE.astype(float)}, "generated images are float64"),
    ],
)
def test_what_does_not_fit_is_refused(more, message):
    with pytest.raises(DataError, match=message):
        evaluated(**more)


def test_labels_need_something_to_learn_from():
    with pytest.raises(DataError, match="no labels"):
        evaluate_images(TRAIN, None, HELD, None, FAKE, FAKE_LABELS, labels=LABELS)


def test_report_as_json(report):
    content = to_json(report)
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["format_version"] == 1
    assert content["figures"][0]["name"] == "emotion accuracy"
    assert len(content["closest"]) == 16


def test_report_as_table(report):
    console = Console(width=140, record=True, file=io.StringIO())
    print_table(report, console)
    text = console.export_text()
    for figure in report.figures:
        assert figure.name in text
        assert f"{figure.value:.3g}" in text
    assert "[calm]" in text


def test_memory_maps_are_read(classifier, tmp_path):
    np.save(tmp_path / "train.npy", TRAIN)
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    np.testing.assert_array_equal(classifier.features(mapped), classifier.features(TRAIN))


def test_progress_reaches_its_end(classifier):
    seen = []
    evaluated(classifier=classifier, progress=lambda *step: seen.append(step))
    last = {what: (done, total) for what, done, total in seen}
    assert set(last) == {"features: emotion-classifier", "features: random-conv-v1"}
    assert all(done == total for done, total in last.values())


def test_a_mirrored_copy_is_a_copy_where_training_saw_mirror_images():
    real = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), dtype=np.uint8)
    copies = np.ascontiguousarray(real[:20, :, ::-1])
    name = "authenticity[random-conv-v1]"
    plain, mirrored = (
        evaluate_images(real, None, real[20:], None, copies, None, labels=(), mirrored=mirrored)
        for mirrored in (False, True)
    )
    assert mirrored.figure(name).value == 0.0
    assert plain.figure(name).value > 0.5
    assert any(
        figure.name == "FD[random-conv-v1]" for figure in plain.figures
    )  # unlabelled data have one too
