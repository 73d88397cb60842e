"""Clipped density and coverage: by hand, the obvious way, shares of bad samples, outliers, what is left out, intervals."""

import numpy as np
import pytest

from evaluation.metrics.clipped import clipped_coverage, clipped_density, covered_by_good, estimate_clipped
from evaluation.metrics.prdc import prdc
from evaluation.statistics.balls import Variants
from multigan.errors import DataError


def column(*values):
    return np.array(values, float)[:, None]


def obvious(real, fake, k):
    """Clipped density, and the covered share before its calibration, from whole matrices of distances."""

    def apart(one, other):
        return np.sqrt(((one[:, None] - other) ** 2).sum(axis=2))

    among, across = apart(real, real), apart(real, fake)
    np.fill_diagonal(among, np.inf)
    radii = np.sort(among, axis=1)[:, k - 1]
    clipped = np.minimum(radii, np.median(radii))
    own = np.minimum((among <= clipped[:, None]).sum(axis=0), k).mean()
    density = np.minimum((across <= clipped[:, None]).sum(axis=0), k).mean() / own
    return density, np.minimum((across <= radii[:, None]).sum(axis=1), k).mean() / k


def spoilt(random, n, size, share):
    """Fresh samples of which a share lies far away."""
    fake = random.normal(size=(n, size))
    fake[: round(share * n)] *= 10
    return fake


def test_by_hand():
    """Radii of k = 1 are 1, 1, 1.5 and 7.5, of which the median is 1.25: 0 and 1 are in each other's ball, the others in
    none, and so are 5, 6 and -3. Covered are 3 of 4; were it 2 of 4, as by the last fakes, m / (m + 3) = 1 / 2 for m = 3.
    """
    real = column(0, 1, 2.5, 10)
    assert clipped_density(real, column(0.5, 5, 6, -3), k=1) == pytest.approx((1 / 4) / (2 / 4))
    assert clipped_density(real, column(0.5, 5, 9, -3), k=1) == 1
    assert clipped_coverage(real, column(0.5, 5, 6, -3), k=1) == 1
    assert clipped_coverage(real, column(0.5, 0.6, -3, -4), k=1) == pytest.approx(3 / 4)
    assert prdc(real, column(0.5, 5, 6, -3), k=1).precision.mean() == 0.75  # in the outlier's large ball


def test_what_good_samples_cover_by_hand():
    """Of k = 1 nobody of m is in the ball with probability (n - 1) / (n + m - 1); below k nothing is cut: m / n."""
    m = np.arange(31)
    np.testing.assert_allclose(covered_by_good(30, 1), m / (29 + m), atol=1e-13)
    np.testing.assert_allclose(covered_by_good(30, 4)[:5], m[:5] / 30, atol=1e-13)
    assert len(covered_by_good(30, 4)) == 31


def test_what_good_samples_cover_is_what_fresh_draws_cover():
    random, n, k = np.random.default_rng(0), 40, 3
    curve = covered_by_good(n, k)
    for m in (10, 40):
        found = []
        for _ in range(1500):
            fake = np.full((n, 2), 1e3)
            fake[:m] = random.random((m, 2))
            found.append(obvious(random.random((n, 2)), fake, k)[1])
        assert np.mean(found) == pytest.approx(curve[m], abs=4 * np.std(found) / np.sqrt(1500))


@pytest.mark.parametrize(("n", "size", "k", "share"), [(30, 2, 5, 0.0), (200, 8, 5, 0.4), (201, 3, 2, 0.9)])
def test_agrees_with_the_obvious_way(n, size, k, share):
    random = np.random.default_rng(n)
    real, fake = random.normal(size=(n, size)), spoilt(random, n, size, share)
    density, covered = obvious(real, fake, k)
    assert clipped_density(real, fake, k) == pytest.approx(min(1, density), rel=1e-12)
    curve = covered_by_good(n, k)
    if covered <= curve[-1]:
        place = clipped_coverage(real, fake, k) * n
        low, high = curve[int(place)], curve[min(n, int(place) + 1)]
        assert low + (place % 1) * (high - low) == pytest.approx(covered, rel=1e-9)
    else:
        assert clipped_coverage(real, fake, k) == 1


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_a_share_of_bad_samples_costs_as_much(share):
    """The toy experiment of the paper, fakes of which a share is multiplied by 10: the means of six draws."""
    random = np.random.default_rng(1)
    found = []
    for _ in range(6):
        real, fake = random.normal(size=(600, 8)), spoilt(random, 600, 8, share)
        found.append([clipped_density(real, fake), clipped_coverage(real, fake)])
    assert np.mean(found, axis=0) == pytest.approx([1 - share] * 2, abs=0.05)


def test_outliers_on_both_sides_change_little():
    """They raise precision's balls, and density and coverage count what lies in these."""
    random = np.random.default_rng(2)
    real, fake = random.normal(size=(1000, 8)), spoilt(random, 1000, 8, 0.3)
    outlying = real.copy()
    outlying[:20] *= 10
    for score in (clipped_density, clipped_coverage):
        assert score(outlying, fake) == pytest.approx(score(real, fake), abs=0.03)


def test_crowds_count_once_and_lost_modes_are_seen():
    random = np.random.default_rng(3)
    at = np.array([[0.0, 0], [20, 0]])[random.integers(0, 2, 600)]
    real = at + random.normal(size=(600, 2))
    one_mode = random.normal(size=(600, 2))
    crowd = 0.3 * random.normal(size=(600, 2))
    found = {name: estimate_clipped(real, fake) for name, fake in (("mode", one_mode), ("crowd", crowd))}
    assert found["mode"]["clipped density"].interval.high == 1
    assert 0.3 < found["mode"]["clipped coverage"].value < 0.6
    assert found["mode"]["clipped coverage"].interval.high < 0.75
    assert found["crowd"]["clipped coverage"].interval.high < 0.4
    assert found["crowd"]["clipped density"].value == 1 < prdc(real, crowd).density.mean()


@pytest.mark.parametrize("n", [60, 207])
def test_what_is_left_out_is_computed_anew(n):
    """Halves, each with its own balls and calibration, or few samples without each group."""
    random = np.random.default_rng(4)
    real, fake = random.normal(size=(n, 4)), spoilt(random, n, 4, 0.4)
    found, variants = estimate_clipped(real, fake, k=3), Variants.of(n, 3)
    densities, coverages = [], []
    for kept in variants.kept.T:
        assert clipped_density(real[kept], fake[kept], 3) < 1
        densities.append(clipped_density(real[kept], fake[kept], 3))
        coverages.append(clipped_coverage(real[kept], fake[kept], 3))
    for name, scores in (("clipped density", densities), ("clipped coverage", coverages)):
        np.testing.assert_allclose(found[name].left_out, variants.left_out(np.array(scores)), rtol=1e-9)
        assert found[name].value == pytest.approx(scores[-1], rel=1e-12)
        assert found[name].interval.low < scores[-1] < found[name].interval.high


def test_no_interval_is_without_width():
    """Of nothing good, of copies and of fresh samples."""
    random = np.random.default_rng(5)
    real, fresh = random.normal(size=(2, 100, 4))
    for fake, value in ((real + 100, 0), (real, 1), (fresh, None)):
        for estimate in estimate_clipped(real, fake).values():
            assert value is None or estimate.value == value
            assert 0 <= estimate.interval.low <= estimate.value <= estimate.interval.high <= 1
            assert estimate.interval.high - estimate.interval.low > 0.03
    assert "Cut at 1 from" in estimate_clipped(real, real)["clipped coverage"].note


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match="equal numbers of samples; found 9 real and 8 fake"):
        clipped_density(np.ones((9, 2)), np.ones((8, 2)))
    with pytest.raises(
        DataError, match="need more than 5 samples a side when a group of them is left out; found 6"
    ):
        estimate_clipped(np.ones((6, 2)), np.ones((6, 2)))
    with pytest.raises(DataError, match="more than 5 samples; found 5"):
        covered_by_good(5, 5)
