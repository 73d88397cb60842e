"""The classifier over another extractor's features: its optimum, its penalty, its calibration and its cache."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from evaluation.extractors import features_of, linear_classifier
from evaluation.extractors.linear_classifier import (
    PENALTIES,
    cached_linear_classifier,
    load_linear_classifier,
    train_linear_classifier,
)
from evaluation.metrics.emotion import (
    estimate_accuracy,
    estimate_calibration,
    expected_calibration_error,
    split_for_ceiling,
)
from multigan.errors import CheckpointError, DataError


@dataclass(frozen=True)
class Inner:
    """What a classifier needs to know of the extractor whose features it reads."""

    name: str = "plain-v1"
    digest: str = "0123"
    preprocessing: str = "none"

    def prepare(self, sample):
        return sample

    def forward(self, prepared):
        return np.stack(prepared)


def blobs(n, seed, size=8, distance=1.0, shares=(0.5, 0.3, 0.2)):
    """Correlated Gaussians of unlike scales, a mean a class, and their labels in random order."""
    random, world = np.random.default_rng(seed), np.random.default_rng(99)
    means, mixing = world.normal(size=(len(shares), size)) * distance, world.normal(size=(size, size))
    labels = random.choice(len(shares), n, p=shares)
    return ((means[labels] + random.normal(size=(n, size))) @ mixing + 5).astype(np.float32), labels


FEATURES, LABELS = blobs(400, 0)


@pytest.fixture(scope="module")
def classifier():
    return train_linear_classifier(Inner(), FEATURES, LABELS, 3)


@pytest.mark.parametrize("penalty", [100.0, 1.0])
def test_optimum_agrees_with_sklearn(penalty, monkeypatch):
    """sklearn minimises C sum loss + |w|^2 / 2, so that C = 1 / penalty."""
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    monkeypatch.setattr(linear_classifier, "PENALTIES", (penalty,))
    monkeypatch.setattr(linear_classifier, "TOLERANCE", 1e-7)
    found = train_linear_classifier(Inner(), FEATURES, LABELS, 3)
    known = (FEATURES.astype(float) - FEATURES.mean(0, float)) / FEATURES.std(0, dtype=float)
    other = linear_model.LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000).fit(known, LABELS)
    np.testing.assert_allclose(found.weight, other.coef_, atol=1e-4)
    np.testing.assert_allclose(found.bias, other.intercept_ - other.intercept_.mean(), atol=1e-4)
    np.testing.assert_allclose(found.probabilities_of(FEATURES), other.predict_proba(known), atol=1e-5)
    assert found.penalty == penalty


def test_the_gradient_vanishes(classifier):
    """sum_i (p_i - onehot(y_i)) x_i + penalty w = 0, and sum_i (p_i - onehot(y_i)) = 0 of the bias."""
    known = (FEATURES - classifier.mean) / classifier.scale
    wrong = classifier.probabilities_of(FEATURES) - np.eye(3)[LABELS]
    np.testing.assert_allclose(wrong.T @ known + classifier.penalty * classifier.weight, 0, atol=0.02)
    np.testing.assert_allclose(wrong.sum(axis=0), 0, atol=0.02)
    known_size = np.abs(np.eye(3)[LABELS].T @ known).max()
    assert known_size > 50  # what is zero above would not be so by itself


def test_without_information_the_shares_are_told():
    """Constant features, even large ones, leave only the bias: p = the share of each label."""
    found = train_linear_classifier(
        Inner(), np.full((100, 4), 1e6 / 3, np.float32), np.repeat([0, 1], [25, 75]), 2
    )
    np.testing.assert_allclose(found.probabilities_of(np.full((1, 4), 1e6 / 3)), [[0.25, 0.75]], atol=1e-5)


def test_penalty_follows_what_there_is_to_learn():
    """Labels that have nothing to do with the features want the strongest; classes far apart a weak one."""
    random = np.random.default_rng(1)
    nothing = train_linear_classifier(Inner(), random.normal(size=(300, 50)), random.integers(0, 3, 300), 3)
    assert nothing.penalty == PENALTIES[0]
    apart = train_linear_classifier(Inner(), *blobs(400, 2, distance=4), 3)
    assert apart.penalty <= 10
    features, labels = blobs(300, 3, distance=4)
    assert (apart.probabilities_of(features).argmax(axis=1) == labels).mean() > 0.98


def test_unseen_samples_are_read_with_calibrated_probabilities(monkeypatch):
    """Though 60 noisy features of 300 samples could be learnt by heart, confidence stays near the share read right."""
    (features, labels), (others, asked) = (
        blobs(n, seed, size=60, distance=0.25) for n, seed in ((300, 4), (4000, 5))
    )
    probabilities = train_linear_classifier(Inner(), features, labels, 3).probabilities_of(others)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == asked).mean() > 0.65  # the commonest label has 0.5
    assert expected_calibration_error(probabilities, asked) < 0.06
    monkeypatch.setattr(linear_classifier, "PENALTIES", (0.01,))
    by_heart = train_linear_classifier(Inner(), features, labels, 3).probabilities_of(others)
    assert expected_calibration_error(by_heart, asked) > 0.12


def test_rare_and_missing_classes():
    """A class without samples is never read; one with a single sample is no trouble; a lone class is certain."""
    labels = np.where(LABELS == 2, 3, LABELS)
    labels[7] = 4
    probabilities = train_linear_classifier(Inner(), FEATURES, labels, 6).probabilities_of(FEATURES)
    assert (probabilities[:, [2, 5]] == 0).all()
    assert (probabilities[:, [0, 1, 3, 4]] > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    alone = train_linear_classifier(Inner(), FEATURES[:5], np.full(5, 1), 3)
    assert alone.probabilities_of(FEATURES[:2]).tolist() == [[0, 1, 0]] * 2


def test_folds_spread_each_class():
    labels = np.repeat([0, 1, 2, 3], [30, 5, 2, 1])
    folds = linear_classifier._folds(labels, np.random.default_rng(0))
    for label in range(3):
        counts = np.bincount(folds[labels == label], minlength=3)
        assert counts.max() - counts.min() <= 1
    assert folds[-1] == -1


def test_units_of_features_do_not_matter():
    found = train_linear_classifier(Inner(), FEATURES, LABELS, 3).probabilities_of(FEATURES)
    scaled = FEATURES * np.float32(2**-20)
    other = train_linear_classifier(Inner(), scaled, LABELS, 3).probabilities_of(scaled)
    np.testing.assert_allclose(found, other, atol=1e-4)


def test_many_samples_are_drawn_from(monkeypatch):
    monkeypatch.setattr(linear_classifier, "MOST_ROWS", 200)
    monkeypatch.setattr(linear_classifier, "MOST_FOLDED", 100)
    one, same, other = (train_linear_classifier(Inner(), FEATURES, LABELS, 3, seed) for seed in (0, 0, 1))
    assert one.digest == same.digest != other.digest
    assert not np.allclose(one.mean, FEATURES.mean(axis=0))


def test_same_bits_again_and_nothing_else_is_touched(classifier, tmp_path, monkeypatch):
    np.save(tmp_path / "features.npy", FEATURES)
    mapped = np.load(tmp_path / "features.npy", mmap_mode="r")
    state = torch.random.get_rng_state()
    with torch.no_grad():
        again = train_linear_classifier(Inner(), mapped, LABELS, 3)
    assert again.digest == classifier.digest
    assert torch.equal(state, torch.random.get_rng_state())
    np.testing.assert_array_equal(mapped, FEATURES)
    whole = classifier.probabilities_of(FEATURES)
    monkeypatch.setattr(linear_classifier, "ROWS", 7)
    np.testing.assert_allclose(classifier.probabilities_of(mapped), whole, rtol=1e-12)


def test_says_what_it_is(classifier):
    assert classifier.name == "linear-classifier[plain-v1]"
    assert "plain-v1, standardised; L2 penalty" in classifier.preprocessing
    other = train_linear_classifier(Inner(digest="4567"), FEATURES, LABELS, 3)
    np.testing.assert_array_equal(other.weight, classifier.weight)
    assert other.digest != classifier.digest
    assert classifier.probabilities_of(FEATURES[:0]).shape == (0, 3)


def test_saves_and_loads_equal_bits(tmp_path):
    found = train_linear_classifier(Inner(), FEATURES, LABELS * 2, 5)
    found.save(tmp_path / "new" / "c.safetensors")
    loaded = load_linear_classifier(tmp_path / "new" / "c.safetensors")
    assert (loaded.digest, loaded.penalty) == (found.digest, found.penalty)
    np.testing.assert_array_equal(loaded.probabilities_of(FEATURES), found.probabilities_of(FEATURES))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["c.safetensors"]


def test_files_that_are_none_are_refused(classifier, tmp_path):
    from evaluation.extractors.training import save_tensors

    save_tensors(tmp_path / "other.safetensors", {"a": torch.zeros(1)}, {"format": "another"})
    with pytest.raises(CheckpointError, match="is no linear classifier"):
        load_linear_classifier(tmp_path / "other.safetensors")
    (tmp_path / "damaged.safetensors").write_bytes(b"damaged")
    for name in ("damaged", "missing"):
        with pytest.raises(CheckpointError, match="Delete it to train anew"):
            load_linear_classifier(tmp_path / f"{name}.safetensors")


def test_cached_by_content(tmp_path, monkeypatch):
    trained = []

    def counted(*given):
        trained.append(given)
        return train_linear_classifier(*given)

    monkeypatch.setattr(linear_classifier, "train_linear_classifier", counted)
    first = cached_linear_classifier(tmp_path, Inner(), FEATURES, LABELS, 3)
    assert cached_linear_classifier(tmp_path, Inner(), FEATURES.copy(), LABELS, 3).digest == first.digest
    assert len(trained) == 1
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"damaged")
    assert cached_linear_classifier(tmp_path, Inner(), FEATURES, LABELS, 3).digest == first.digest
    assert load_linear_classifier(file).digest == first.digest
    assert len(trained) == 2
    changed, relabelled = FEATURES.copy(), LABELS.copy()
    changed[3, 2] += 1
    relabelled[3] = (relabelled[3] + 1) % 3
    cached_linear_classifier(tmp_path, Inner(), changed, LABELS, 3)
    cached_linear_classifier(tmp_path, Inner(), FEATURES, relabelled, 3)
    cached_linear_classifier(tmp_path, Inner(preprocessing="other"), FEATURES, LABELS, 3)
    cached_linear_classifier(tmp_path, Inner(), FEATURES, LABELS, 3, seed=1)
    assert (len(trained), len(list(tmp_path.iterdir()))) == (6, 5)


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path):
    (tmp_path / "file").write_text("no folder")
    found = cached_linear_classifier(tmp_path / "file", Inner(), FEATURES[:40], LABELS[:40], 3)
    assert found.probabilities_of(FEATURES).shape == (400, 3)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (FEATURES[:, 0], LABELS, r"found \[400\]"),
        (FEATURES[:0], LABELS[:0], "each of the 0 samples"),
        (FEATURES, LABELS[:5], "each of the 400 samples"),
        (FEATURES, LABELS.astype(float), "float64"),
        (FEATURES, LABELS + 1, "run from 1 to 3; with 3 classes they are 0 to 2"),
        (np.where(FEATURES > 9, np.inf, FEATURES), LABELS, "plain-v1 are not finite"),
    ],
)
def test_data_that_do_not_fit_are_refused(features, labels, message):
    with pytest.raises(DataError, match=message):
        train_linear_classifier(Inner(), features, labels, 3)


def test_features_of_another_extractor_are_refused(classifier):
    with pytest.raises(
        DataError, match=r"reads features \[N, 8\]; found \[400, 7\]. Give the features of plain-v1"
    ):
        classifier.probabilities_of(FEATURES[:, :7])


REAL = Path(__file__).parents[2] / "shared" / "data" / "text" / "goemotions"


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared texts are not there")
def test_emotions_are_read_from_real_texts():
    """Thanks, sorrow and anger in 1,200 comments of Reddit, through hashed n-grams: far above the commonest label."""
    from evaluation.extractors.hashed_ngrams import HashedNgrams

    names = (REAL / "emotions.txt").read_text().split()
    wanted = [str(names.index(name)) for name in ("gratitude", "sadness", "anger")]
    lines = [line.split("\t") for line in (REAL / "train.tsv").read_text(encoding="utf-8").split("\n")]
    rows = [
        (fields[0], wanted.index(fields[1])) for fields in lines if len(fields) > 1 and fields[1] in wanted
    ]
    rows = rows[:1200]
    extractor = HashedNgrams()
    features, labels = (
        features_of(extractor, [text for text, _ in rows]),
        np.array([label for _, label in rows]),
    )
    train, ceiling = split_for_ceiling(labels, seed=0)
    found = train_linear_classifier(extractor, features[train], labels[train], 3)
    assert found.name == "linear-classifier[hashed-ngrams-v1]"
    probabilities, asked = found.probabilities_of(features[ceiling]), labels[ceiling]
    read = estimate_accuracy(asked, probabilities.argmax(axis=1), 3)["emotion accuracy"]
    assert read.interval.low > np.bincount(asked).max() / len(asked) + 0.1
    assert estimate_calibration(probabilities, asked).value < 0.12
