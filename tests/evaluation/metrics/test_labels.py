"""Emotion fidelity: calibration, uneven labels, intensity, intervals that tell the truth, and the real ceiling."""

import math
import warnings

import numpy as np
import pytest
from scipy import stats

from evaluation.classifiers.images import train_classifier
from evaluation.extractors.protocol import features_of
from evaluation.metrics.labels import (
    balanced_accuracy,
    confusion,
    estimate_accuracy,
    estimate_calibration,
    estimate_intensity,
    expected_calibration_error,
    intensity_correlation,
    rank_correlation,
    reliability,
    split_for_ceiling,
)
from evaluation.statistics.estimate import left_out, n_groups_of
from evaluation.statistics.intervals import jackknife_error, student, wilson
from multigan.errors import ConfigError, DataError


def reading(n, seed, n_classes=4, sharp=2.0):
    """Labels asked for and probabilities that are right as often as they say: labels are drawn from them."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(n, n_classes)) * sharp
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    asked = (probabilities.cumsum(axis=1) < random.uniform(size=(n, 1))).sum(axis=1)
    return asked, probabilities


def test_calibration_error_by_hand():
    """Bins (0.4, 0.6] and (0.8, 1] of five: 2/4 |1/2 - 0.6| + 2/4 |1 - 0.95| = 0.075."""
    probabilities = np.array([[0.6, 0.4], [0.4, 0.6], [0.9, 0.1], [0.0, 1.0]])
    labels = np.array([0, 0, 0, 1])
    assert expected_calibration_error(probabilities, labels, 5) == pytest.approx(0.075)
    bins = reliability(probabilities, labels, 5)
    assert bins.counts.tolist() == [0, 0, 2, 0, 2]
    np.testing.assert_allclose(bins.confidence, [0, 0, 0.6, 0, 0.95])
    np.testing.assert_allclose(bins.accuracy, [0, 0, 0.5, 0, 1])
    assert estimate_calibration(probabilities, labels, 5).value == pytest.approx(0.075)


@pytest.mark.parametrize("wrong", [0.0, 0.4])
def test_calibration_error_agrees_with_torchmetrics(wrong):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what torchmetrics imports
        functional = pytest.importorskip("torchmetrics.functional.classification")
    import torch

    asked, probabilities = reading(700, 0)
    asked = np.where(np.random.default_rng(1).uniform(size=700) < wrong, (asked + 1) % 4, asked)
    other = functional.multiclass_calibration_error(
        torch.from_numpy(probabilities), torch.from_numpy(asked), num_classes=4, n_bins=15, norm="l1"
    )
    assert expected_calibration_error(probabilities, asked) == pytest.approx(float(other), rel=1e-5)


def test_calibration_left_out_is_the_error_without_each_group():
    asked, probabilities = reading(133, 2)
    found = estimate_calibration(probabilities, asked)
    assert found.value == pytest.approx(expected_calibration_error(probabilities, asked), rel=1e-12)
    slow = left_out(expected_calibration_error, probabilities, asked, n_groups=n_groups_of(133))
    np.testing.assert_allclose(found.left_out, slow, rtol=1e-12)
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1


def test_what_chance_leaves_of_calibration_is_told():
    """Over 100 draws of a calibrated reading the mean error is what the note says, within 10%."""
    found = [estimate_calibration(*reversed(reading(500, seed))) for seed in range(100)]
    told = [float(estimate.note.split("about ")[1].split(". ")[0]) for estimate in found]
    assert np.mean([estimate.value for estimate in found]) == pytest.approx(np.mean(told), rel=0.1)


def test_overconfidence_is_noticed():
    asked, probabilities = reading(1000, 3)
    sharpened = probabilities**3 / (probabilities**3).sum(axis=1, keepdims=True)
    calm, sure = estimate_calibration(probabilities, asked), estimate_calibration(sharpened, asked)
    assert sure.interval.low > calm.interval.high


def test_balanced_accuracy_by_hand():
    """Recalls 3/4 and 0, of the labels that occur: 0.375, where plain accuracy is 0.6."""
    counts = confusion(np.array([0, 0, 0, 0, 2]), np.array([0, 0, 0, 1, 0]), 3)
    assert balanced_accuracy(counts) == pytest.approx(0.375)


def test_balanced_accuracy_agrees_with_sklearn():
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    random = np.random.default_rng(4)
    asked = random.choice(4, 300, p=[0.7, 0.2, 0.05, 0.05])
    read = np.where(random.uniform(size=300) < 0.6, asked, random.integers(0, 4, 300))
    found = estimate_accuracy(asked, read, 4)
    assert found["balanced emotion accuracy"].value == pytest.approx(
        metrics.balanced_accuracy_score(asked, read), rel=1e-12
    )
    assert found["emotion accuracy"].value == pytest.approx(metrics.accuracy_score(asked, read), rel=1e-12)


def test_accuracy_tells_its_floors_and_interval():
    asked, read = np.array([0] * 6 + [1] * 3 + [2]), np.array([0] * 7 + [1] * 2 + [0])
    found = estimate_accuracy(asked, read, 4)["emotion accuracy"]
    assert (found.value, found.n, found.interval) == (0.8, 10, wilson(8, 10))
    assert "Guessing among 4 labels is right for 0.250" in found.note
    assert "the commonest of those asked for, for 0.600" in found.note
    np.testing.assert_allclose(found.left_out, [7 / 9] * 6 + [8 / 9] + [7 / 9] * 2 + [8 / 9])


def test_balanced_left_out_and_interval():
    """All right: never of zero width; 30, 6 and 4 samples a label tell as much as 9 / (1/30 + 1/6 + 1/4) = 20."""
    asked = np.random.default_rng(5).permutation(np.repeat([0, 1, 2], [30, 6, 4]))
    found = estimate_accuracy(asked, asked, 3)["balanced emotion accuracy"]
    assert (found.value, found.interval.high) == (1, 1)
    assert found.interval.low == pytest.approx(wilson(20, 20).low)
    read = np.where(np.arange(40) % 7 == 0, 1, asked)
    found = estimate_accuracy(asked, read, 3)["balanced emotion accuracy"]
    for group in range(20):
        kept = np.arange(40) % 20 != group
        assert found.left_out[group] == pytest.approx(
            balanced_accuracy(confusion(asked[kept], read[kept], 3))
        )


@pytest.mark.parametrize("figure", ["emotion accuracy", "balanced emotion accuracy"])
def test_wrong_labels_are_noticed(figure):
    """A quarter of the labels wrong lowers the accuracy beyond its interval; nothing wrong does not."""
    asked, probabilities = reading(600, 6, sharp=6)
    read = probabilities.argmax(axis=1)
    spoilt = np.where(np.arange(600) % 4 == 0, (asked + 1) % 4, asked)
    healthy, sick = (estimate_accuracy(labels, read, 4)[figure] for labels in (asked, spoilt))
    assert sick.interval.high < healthy.interval.low
    asked, probabilities = reading(600, 7, sharp=6)
    other = estimate_accuracy(asked, probabilities.argmax(axis=1), 4)[figure]
    assert other.interval.low < healthy.value < other.interval.high


def intensities_read(n, seed, noise=0.3):
    random = np.random.default_rng(seed)
    asked, intensities = random.integers(0, 3, n), random.choice([0.25, 0.5, 0.75, 1.0], n)
    return asked, intensities, intensities + asked + random.normal(size=n) * noise


def test_intensity_agrees_with_scipy_within_each_emotion():
    asked, intensities, strengths = intensities_read(200, 8)
    found = estimate_intensity(asked, intensities, strengths)
    rhos = [stats.spearmanr(intensities[asked == c], strengths[asked == c]).statistic for c in range(3)]
    assert found.value == pytest.approx(np.average(rhos, weights=np.bincount(asked)), rel=1e-12)
    kept = np.arange(200) % 20 != 3
    expected = intensity_correlation(asked[kept], intensities[kept], strengths[kept])
    assert found.left_out[3] == pytest.approx(expected, rel=1e-12)
    assert found.interval.low < found.value < found.interval.high <= 1
    # 20 groups: within a third of what theory says of one correlation without ties (Bonett & Wright 2000)
    theory = 1.96 * (1 - found.value**2) * math.sqrt((1 + found.value**2 / 2) / 197)
    assert found.interval.high - found.value == pytest.approx(theory, rel=0.34)


def test_shuffled_intensities_are_noticed():
    asked, intensities, strengths = intensities_read(400, 9)
    healthy = estimate_intensity(asked, intensities, strengths)
    shuffled = np.where(np.arange(400) % 2 == 0, np.random.default_rng(0).permutation(strengths), strengths)
    assert estimate_intensity(asked, intensities, shuffled).interval.high < healthy.interval.low
    assert rank_correlation(intensities, np.ones(400)) == 0


def accuracy_of(seed):
    asked, probabilities = reading(160, seed)
    return estimate_accuracy(asked, probabilities.argmax(axis=1), 4)["emotion accuracy"]


def balanced_of(seed):
    random = np.random.default_rng(seed)
    asked = random.choice(3, 160, p=[0.7, 0.2, 0.1])
    read = np.where(random.uniform(size=160) < 0.7, asked, random.integers(0, 3, 160))
    return estimate_accuracy(asked, read, 3)["balanced emotion accuracy"]


def calibration_of(seed):
    asked, probabilities = reading(160, seed)
    return estimate_calibration(probabilities, asked)


def overconfidence_of(seed):
    asked, probabilities = reading(400, seed)
    return estimate_calibration(probabilities**2 / (probabilities**2).sum(axis=1, keepdims=True), asked)


def intensity_of(seed):
    return estimate_intensity(*intensities_read(160, seed))


@pytest.mark.parametrize(
    ("estimate", "error_is_at_most"),
    [
        (accuracy_of, 1.25),
        (balanced_of, 1.25),
        (calibration_of, 1.8),
        (overconfidence_of, 1.25),
        (intensity_of, 1.25),
    ],
)
def test_equal_fakes_are_seldom_told_apart(estimate, error_is_at_most):
    """Of 200 pairs of equal sets, |difference| > t se in at most 9%, and the error is of the right size.

    Only of perfectly calibrated probabilities it is larger: nothing pulls the sum of |gaps| to either side there.
    """
    differences, errors = [], []
    for draw in range(200):
        one, other = estimate(2 * draw), estimate(2 * draw + 1)
        differences.append(one.value - other.value)
        errors.append(jackknife_error(one.left_out - other.left_out))
    rejected = np.mean(np.abs(differences) > student(19) * np.array(errors))
    assert rejected <= 0.09
    assert 0.8 < np.sqrt(np.mean(np.square(errors))) / np.std(differences) < error_is_at_most


def test_ceiling_is_drawn_from_every_label_and_leaves_some_of_each():
    labels = np.random.default_rng(10).permutation(np.repeat([0, 1, 2, 3], [500, 50, 2, 1]))
    train, ceiling = split_for_ceiling(labels, seed=0)
    assert sorted([*train, *ceiling]) == list(range(553))
    assert (np.diff(train) > 0).all()
    assert (np.diff(ceiling) > 0).all()
    assert np.bincount(labels[ceiling])[:2].tolist() == [100, 10]
    assert abs(len(ceiling) - 553 * 0.2) <= 1
    for seed in range(30):
        train, ceiling = split_for_ceiling(labels, seed, share=0.9)
        assert set(labels[train]) == {0, 1, 2, 3}
        assert (np.bincount(labels[ceiling], minlength=4) <= [450, 45, 1, 0]).all()


def test_ceiling_is_its_seed():
    labels = np.arange(90) % 3
    one, same, other = (split_for_ceiling(labels, seed)[1] for seed in (0, 0, 1))
    assert one.tolist() == same.tolist() != other.tolist()
    drawn = np.concatenate([split_for_ceiling(np.arange(40) % 20, seed)[1] for seed in range(200)])
    # two samples a label: a fifth of them over many seeds, each as likely as any other (200 x 0.2 -+ 5 deviations)
    assert np.abs(np.bincount(drawn, minlength=40) - 40).max() < 30
    with pytest.raises(ConfigError, match=r"is 1\.0; give one between 0 and 1"):
        split_for_ceiling(labels, 0, share=1.0)


@pytest.mark.parametrize("resolution", [32, 40, 64])
def test_image_classifier_serves_one_sample_at_a_time(resolution):
    """``prepare`` and ``forward`` give the features of whole arrays, whatever stands beside a sample."""
    random = np.random.default_rng(11)
    images, labels = random.integers(0, 256, (20, resolution, resolution, 3), np.uint8), np.arange(20) % 2
    classifier = train_classifier(images, labels, 2, n_samples=128)
    assert "area means; version" in classifier.preprocessing
    whole = classifier.features(images)
    assert (whole.dtype, whole.shape) == (np.float32, (20, 128))
    np.testing.assert_array_equal(features_of(classifier, images, 20), whole)
    np.testing.assert_allclose(features_of(classifier, images, 3), whole, rtol=1e-3, atol=1e-5)
    with pytest.raises(DataError, match="uint8"):
        classifier.prepare(images[0].astype(np.float32))
