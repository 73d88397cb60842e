"""The kernel distance: by hand, closed forms, torch-fidelity and torchmetrics, leaving out, calibration."""

import numpy as np
import pytest
import torch

from evaluation.metrics import kernel
from evaluation.metrics.kernel import estimate_kernel, kernel_distance, subset_distances
from evaluation.statistics import intervals
from evaluation.statistics.comparison import difference
from evaluation.statistics.estimate import left_out
from multigan.errors import DataError


def pictures(random, n, size=16, scale=1.0):
    """Features as networks give them: none below 0."""
    return np.maximum(random.normal(size=(n, size)) * scale + 0.3, 0)


def obvious(real, fake):
    def k(x, y):
        return (float(x @ y) / len(x) + 1) ** 3

    def within(held):
        pairs = [k(x, y) for i, x in enumerate(held) for j, y in enumerate(held) if i != j]
        return np.mean(pairs)

    return within(real) + within(fake) - 2 * np.mean([k(x, y) for x in real for y in fake])


def test_by_hand():
    """D = 1, real 0 and 1, fake 1 and 2: k(0, 1) = 1; k(1, 2) = 27; across 1, 1, (1 + 1)^3 = 8 and 27: 28 - 2 * 37 / 4."""
    real, fake = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    assert kernel_distance(real, fake) == pytest.approx(1 + 27 - 2 * 37 / 4, rel=1e-14)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (30, 30), (31, 17)])
def test_agrees_with_the_obvious_way(n, m, monkeypatch):
    monkeypatch.setattr(kernel, "BLOCK_ROWS", 7)  # several uneven blocks
    random = np.random.default_rng(n)
    real, fake = pictures(random, n, 5), pictures(random, m, 5, 1.5)
    assert kernel_distance(real, fake) == pytest.approx(obvious(real, fake), rel=1e-11)
    assert kernel_distance(real, fake) == pytest.approx(kernel_distance(fake, real), rel=1e-11)


def test_has_no_bias():
    """In one dimension E k(x, y) = 1 + 3 E x E y + 3 E x^2 E y^2 + E x^3 E y^3 for independent x and y, so MMD^2 is
    3 (E x - E y)^2 + 3 (E x^2 - E y^2)^2 + (E x^3 - E y^3)^2: for N(0, 1) and N(0.5, 1), 0.75 + 0.1875 + 1.625^2."""
    random = np.random.default_rng(1)
    expected = 3 * 0.5**2 + 3 * 0.25**2 + (0.125 + 3 * 0.5) ** 2
    found = [
        kernel_distance(random.normal(size=(10, 1)), random.normal(loc=0.5, size=(10, 1)))
        for _ in range(8000)
    ]
    assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found) / np.sqrt(8000))
    equal = [kernel_distance(random.normal(size=(10, 1)), random.normal(size=(10, 1))) for _ in range(8000)]
    assert np.mean(equal) == pytest.approx(0, abs=4 * np.std(equal) / np.sqrt(8000))
    assert min(equal) < 0


@pytest.mark.parametrize(("n", "m"), [(400, 300), (900, 900)])  # all pairs at once, and subset by subset
def test_subsets_are_those_of_torch_fidelity(n, m):
    from torch_fidelity.metric_kid import kid_features_to_metric

    random = np.random.default_rng(2)
    real, fake = pictures(random, n), pictures(random, m, scale=1.1)
    options = {"kid_subsets": 30, "kid_subset_size": 100, "verbose": False}
    assert (n * m > 30 * 100**2) == (n == 900)
    for seed in (2020, 5):
        theirs = kid_features_to_metric(
            torch.from_numpy(real), torch.from_numpy(fake), rng_seed=seed, **options
        )
        found = subset_distances(real, fake, 30, 100, seed)
        assert found.mean() == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)
        assert found.std() == pytest.approx(theirs["kernel_inception_distance_std"], rel=1e-9)
    theirs = kid_features_to_metric(
        torch.from_numpy(real).float(), torch.from_numpy(fake).float(), rng_seed=5, **options
    )
    found = subset_distances(real.astype(np.float32), fake.astype(np.float32), 30, 100, 5)
    # theirs adds up in float32, where kernels near 1 leave a hundredth as their difference
    assert found.mean() == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-4)


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance`")
def test_parity_with_torchmetrics():
    from torchmetrics.image.kid import KernelInceptionDistance

    random = np.random.default_rng(3)
    real, fake = pictures(random, 120), pictures(random, 120, scale=1.2)
    metric = KernelInceptionDistance(feature=torch.nn.Identity(), subsets=2, subset_size=120)
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(fake), real=False)
    assert kernel_distance(real, fake) == pytest.approx(metric.compute()[0].item(), rel=1e-9)


def test_a_subset_of_all_is_all():
    random = np.random.default_rng(4)
    real, fake = pictures(random, 50), pictures(random, 50)
    np.testing.assert_allclose(subset_distances(real, fake, 3, 50, 0), kernel_distance(real, fake), rtol=1e-9)


@pytest.mark.parametrize(("n", "m"), [(200, 200), (207, 183), (15, 15)])
def test_leaving_out_is_exact(n, m):
    random = np.random.default_rng(5)
    real, fake = pictures(random, n), pictures(random, m)
    estimate = estimate_kernel(real, fake, seed=0)
    exact = left_out(kernel_distance, real, fake, n_groups=min(20, n, m))
    assert estimate.value == pytest.approx(kernel_distance(real, fake), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(estimate.left_out, exact, rtol=1e-8, atol=1e-11)
    assert estimate.n == min(n, m)
    assert estimate.interval.low < estimate.value < estimate.interval.high
    assert "subsets" not in estimate.note


def test_the_note_has_the_usual_form(monkeypatch):
    """With features held in a memory map, and no more samples looked at than is said."""
    monkeypatch.setattr(kernel, "SUBSET_SIZE", 50)
    monkeypatch.setattr(kernel, "N_SUBSETS", 10)
    monkeypatch.setattr(kernel, "LARGEST", 120)
    random = np.random.default_rng(6)
    real, fake = pictures(random, 150), pictures(random, 150, scale=1.3)
    estimate = estimate_kernel(real, fake, seed=3)
    spread = subset_distances(real[:120], fake[:120], 10, 50, 3)
    assert estimate.value == pytest.approx(kernel_distance(real[:120], fake[:120]), rel=1e-9)
    assert estimate.note == (
        f"All pairs of 120 samples a side. Over 10 subsets of 50 the mean is {spread.mean():.4g}, the standard "
        f"deviation {spread.std():.2g}."
    )
    assert (
        estimate.note == estimate_kernel(real, fake, seed=3).note != estimate_kernel(real, fake, seed=4).note
    )


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match=r"found \[5, 3\] and \[5, 4\]"):
        kernel_distance(np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(DataError, match="at least 1000 samples a side here; found 5 real and 6 fake"):
        subset_distances(np.ones((5, 3)), np.ones((6, 3)))
    with pytest.raises(DataError, match="at least 3 samples"):
        estimate_kernel(np.ones((2, 3)), np.ones((2, 3)), seed=0)
    with pytest.raises(DataError, match="not a number"):
        kernel_distance(np.ones((5, 3)), np.full((5, 3), np.nan))


def test_paired_comparison_is_calibrated():
    """All from one distribution. Without what pairs of groups add, the error came out 1.4 times as large."""
    random = np.random.default_rng(7)
    different, gaps, squares = 0, [], []
    for _ in range(200):
        real, one, other = (pictures(random, 100) for _ in range(3))
        first, second = estimate_kernel(real, one, seed=0), estimate_kernel(real, other, seed=0)
        gap, interval = difference(first, second)
        different += not interval.low <= 0 <= interval.high
        gaps.append(gap)
        squares.append(((interval.high - interval.low) / 2 / intervals.student(19)) ** 2)
    assert different / 200 <= 0.09
    assert 0.8 < np.sqrt(np.mean(squares)) / np.std(gaps) < 1.25


def test_the_interval_holds_a_distance_that_is_not_zero():
    random = np.random.default_rng(8)
    found = [
        estimate_kernel(pictures(random, 200, 4), pictures(random, 200, 4, 1.5), seed=0) for _ in range(200)
    ]
    centre = np.mean([estimate.value for estimate in found])
    held = np.mean([estimate.interval.low <= centre <= estimate.interval.high for estimate in found])
    assert 0.88 <= held <= 0.99
