"""The kernel distance with a Gaussian kernel: by hand, a closed form, independent code, leaving out, calibration."""

import numpy as np
import pytest
import torch

from evaluation.metrics import kernel, rbf
from evaluation.metrics.kernel import kernel_distance
from evaluation.metrics.rbf import Gaussian, estimate_rbf_fixed, estimate_rbf_median, median_distance
from evaluation.statistics.comparison import difference
from evaluation.statistics.estimate import left_out
from multigan.errors import DataError


def pictures(random, n, size=16, scale=1.0):
    """Features as networks give them: none below 0."""
    return np.maximum(random.normal(size=(n, size)) * scale + 0.3, 0)


def distance(real, fake, bandwidth):
    return kernel_distance(real, fake, Gaussian.around(real, bandwidth))


def obvious(real, fake, bandwidth):
    """MMD^2 without the kernels of samples with themselves, in float64 from the differences."""

    def k(one, other):
        return np.exp(-((one[:, None] - other) ** 2).sum(axis=2) / (2 * bandwidth**2))

    def within(held):
        values = k(held, held)
        return (values.sum() - np.trace(values)) / (len(held) * (len(held) - 1))

    return within(real) + within(fake) - 2 * k(real, fake).mean()


def test_by_hand():
    """Real 0 and 2, fake 1 and 3, bandwidth 1: k(2) = e^-2 on both sides, and across k(1) thrice and k(3) = e^-4.5."""
    real, fake = np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]])
    expected = 2 * np.exp(-2) - (3 * np.exp(-0.5) + np.exp(-4.5)) / 2
    assert distance(real, fake, 1) == pytest.approx(expected, rel=1e-6)


def test_both_rules_by_hand():
    """Real 0, 1 and 3: distances 1, 2 and 3, of which 2 is the median. Directions (1, 0) against (0, 1): |x - y|^2 = 2."""
    real, fake = np.array([[0.0], [1.0], [3.0]]), np.array([[1.0], [2.0], [2.5]])
    assert median_distance(real) == 2
    found = estimate_rbf_median(real, fake)
    assert found.value == pytest.approx(100 * obvious(real, fake, 2), rel=1e-5)
    assert found.note == (
        "All pairs of 3 samples a side. Bandwidth 2, the median distance of real samples; times 100."
    )
    real, fake = np.diag([3.0, 1])[[0, 0, 0]], np.diag([3.0, 0.2])[[1, 1, 1]]
    assert estimate_rbf_fixed(real, fake).value == pytest.approx(1000 * (2 - 2 * np.exp(-0.01)), rel=1e-5)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (31, 17)])
@pytest.mark.parametrize("bandwidth", [0.5, 3, 100])
def test_agrees_with_the_obvious_way(n, m, bandwidth, monkeypatch):
    monkeypatch.setattr(kernel, "BLOCK_ROWS", 7)  # several uneven blocks
    random = np.random.default_rng(n)
    real, fake = 50 + pictures(random, n, 5), 50 + pictures(random, m, 5, 1.5)
    expected = obvious(real, fake, bandwidth)
    assert distance(real, fake, bandwidth) == pytest.approx(expected, rel=1e-4, abs=1e-7 / bandwidth**2)


def test_the_closed_form_of_gaussians_is_its_mean():
    """E k of two N(m, 1) in one dimension is s / (s^2 + 2)^(1/2) exp(-m^2 / (2 (s^2 + 2))), with m between their means."""
    random, s = np.random.default_rng(1), 1.5
    expected = 2 * s / np.sqrt(s**2 + 2) * (1 - np.exp(-1 / (2 * (s**2 + 2))))
    for shift, value in ((1.0, expected), (0.0, 0.0)):
        found = [
            distance(random.normal(size=(10, 1)), random.normal(shift, 1, (10, 1)), s) for _ in range(1000)
        ]
        assert np.mean(found) == pytest.approx(value, abs=4 * np.std(found) / np.sqrt(1000))


def test_parity_with_torch_fidelity():
    """Its kernel of bandwidth 10, of all samples as the only subset: in float64, without bias."""
    from torch_fidelity.metric_kid import kid_features_to_metric

    random = np.random.default_rng(2)
    real, fake = pictures(random, 200, 40), pictures(random, 200, 40, 1.2)
    theirs = kid_features_to_metric(
        torch.from_numpy(real), torch.from_numpy(fake), kid_subsets=1, kid_subset_size=200, kid_kernel="rbf",
        kid_kernel_rbf_sigma=10, verbose=False, rng_seed=0,
    )  # fmt: skip
    expected = theirs["kernel_inception_distance_mean"]
    assert distance(real, fake, 10) == pytest.approx(expected, rel=1e-5)
    real32, fake32 = real.astype(np.float32), fake.astype(np.float32)
    assert distance(real32, fake32, 10) == pytest.approx(expected, rel=1e-5)


def test_the_median_is_that_of_the_pairs_of_the_first_samples(monkeypatch):
    features = pictures(np.random.default_rng(3), 60, 8).astype(np.float32)
    expected = torch.median(torch.pdist(torch.from_numpy(features))).item()
    assert median_distance(features) == pytest.approx(expected, rel=1e-6)
    monkeypatch.setattr(rbf, "FOR_MEDIAN", 20)
    expected = torch.median(torch.pdist(torch.from_numpy(features[:20]))).item()
    assert median_distance(features) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("n", "m"), [(200, 200), (207, 183), (15, 15)])
def test_leaving_out_is_exact_at_one_bandwidth(n, m):
    random = np.random.default_rng(5)
    real, fake = pictures(random, n), pictures(random, m)
    found, bandwidth = estimate_rbf_median(real, fake), median_distance(real)
    exact = left_out(
        lambda one, other: 100 * obvious(one, other, bandwidth), real, fake, n_groups=min(20, n, m)
    )
    np.testing.assert_allclose(found.left_out, exact, rtol=1e-3, atol=2e-5)
    assert found.interval.low < found.value < found.interval.high
    assert found.n == min(n, m)


def test_a_shift_of_scale_and_collapse_are_noticed_beyond_the_intervals():
    random = np.random.default_rng(6)
    real, good = (pictures(random, 300) for _ in range(2))
    healthy = estimate_rbf_median(real, good)
    for sick in (pictures(random, 300, scale=1.3), pictures(random, 300)[random.integers(0, 5, 300)]):
        assert estimate_rbf_median(real, sick).interval.low > healthy.interval.high
    turned = good * np.where(np.arange(16) < 8, 1.5, 1)
    assert estimate_rbf_fixed(real, turned).interval.low > estimate_rbf_fixed(real, good).interval.high
    # lengths alone are nothing to it
    assert estimate_rbf_fixed(real, 7 * good).value == pytest.approx(
        estimate_rbf_fixed(real, good).value, abs=1e-4
    )


@pytest.mark.parametrize("estimate", [estimate_rbf_median, estimate_rbf_fixed])
def test_paired_comparison_is_calibrated(estimate):
    random, different = np.random.default_rng(7), 0
    for _ in range(200):
        real, one, other = (pictures(random, 100) for _ in range(3))
        _, interval = difference(estimate(real, one), estimate(real, other))
        different += not interval.low <= 0 <= interval.high
    assert different / 200 <= 0.09


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match="Half of the pairs of real samples are copies"):
        estimate_rbf_median(np.ones((9, 3)), np.eye(9)[:, :3])
    with pytest.raises(DataError, match=r"found \[5, 3\] and \[5, 4\]"):
        estimate_rbf_fixed(np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(DataError, match="at least 3 samples"):
        estimate_rbf_median(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(DataError, match="not finite"):
        estimate_rbf_median(np.full((5, 3), np.nan), np.ones((5, 3)))
    with pytest.raises(DataError, match="not a number"):
        estimate_rbf_fixed(np.eye(5), np.full((5, 5), np.inf))
