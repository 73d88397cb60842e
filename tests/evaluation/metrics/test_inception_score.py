"""The inception score: by hand, torch-fidelity and torchmetrics, leaving out, calibration."""

import numpy as np
import pytest
import torch

from evaluation.metrics.inception_score import estimate_inception_score, inception_score, split_scores
from evaluation.statistics import intervals
from evaluation.statistics.estimate import groups
from multigan.errors import DataError


def logits(random, n, n_classes=8, sharpness=2.0):
    return random.normal(size=(n, n_classes)) * sharpness


def probabilities(random, n, n_classes=8, sharpness=2.0):
    held = np.exp(logits(random, n, n_classes, sharpness))
    return held / held.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("n", [100, 123, 1009])
def test_splits_are_those_of_torch_fidelity(n):
    from torch_fidelity.metric_isc import isc_features_to_metric

    given = torch.from_numpy(logits(np.random.default_rng(n), n))
    for seed in (2020, 7):
        theirs = isc_features_to_metric(given, splits=10, shuffle=True, rng_seed=seed)
        found = split_scores(given.softmax(dim=1).numpy(), seed)
        assert found.mean() == pytest.approx(theirs["inception_score_mean"], rel=1e-12)
        assert found.std() == pytest.approx(theirs["inception_score_std"], rel=1e-10)
        estimate = estimate_inception_score(given.softmax(dim=1).numpy(), seed)
        assert estimate.value == pytest.approx(theirs["inception_score_mean"], rel=1e-12)
        assert f"standard deviation {theirs['inception_score_std']:.3g}" in estimate.note


@pytest.mark.filterwarnings("ignore:Metric `InceptionScore`")
def test_parity_with_torchmetrics():
    """Unsplit, so that its own shuffle, which takes no seed, does not matter."""
    from torchmetrics.image.inception import InceptionScore

    given = torch.from_numpy(logits(np.random.default_rng(0), 200))
    metric = InceptionScore(feature=torch.nn.Identity(), splits=1)
    metric.update(given)
    with pytest.warns(UserWarning, match="degrees of freedom"):
        mean = metric.compute()[0].item()
    assert inception_score(given.softmax(dim=1).numpy()) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("n", [2, 10, 15, 60, 503])
def test_leaving_out_is_exact(n):
    """Against the scores of the samples of each split that are not in the group; a split may lose all it has."""
    given = probabilities(np.random.default_rng(n), n)
    n_splits, n_groups = min(10, n), min(20, n)
    estimate = estimate_inception_score(given, seed=1)
    order = np.random.RandomState(1).permutation(n)
    splits = [order[i * n // n_splits : (i + 1) * n // n_splits] for i in range(n_splits)]
    member = groups(n, n_groups)
    for g in range(n_groups):
        left = [split[member[split] != g] for split in splits]
        expected = np.mean([inception_score(given[rows]) for rows in left if len(rows)])
        assert estimate.left_out[g] == pytest.approx(expected, rel=1e-10)
    assert estimate.value == pytest.approx(split_scores(given, 1, n_splits).mean(), rel=1e-12)
    assert 1 <= estimate.interval.low <= estimate.value <= estimate.interval.high <= 8


def test_sure_probabilities():
    """Zeros have no entropy: 40 of each of 4 classes, all sure, score about 4 in splits of 16."""
    sure = np.eye(4)[np.arange(160) % 4]
    estimate = estimate_inception_score(sure, seed=0)
    assert estimate.value == pytest.approx(split_scores(sure, 0).mean(), rel=1e-12)
    assert 3.4 < estimate.value <= 4
    assert estimate_inception_score(np.full((40, 4), 0.25), seed=0).value == pytest.approx(1, abs=1e-12)


def test_one_sample_is_refused():
    with pytest.raises(DataError, match="2 splits need as many samples; found 1"):
        estimate_inception_score(np.ones((1, 4)) / 4, seed=0)


def test_paired_comparison_is_calibrated_and_notices():
    random = np.random.default_rng(2)
    different = noticed = 0
    for _ in range(200):
        one, other, duller = (probabilities(random, 200, sharpness=s) for s in (2.0, 2.0, 1.4))
        first = estimate_inception_score(one, seed=0)
        for fake in (other, duller):
            second = estimate_inception_score(fake, seed=0)
            error = intervals.jackknife_error(first.left_out - second.left_out)
            beyond = abs(first.value - second.value) > intervals.student(19) * error
            different += beyond and fake is other
            noticed += beyond and fake is duller
    assert different / 200 <= 0.09
    assert noticed / 200 > 0.9
