"""MIND: by hand, closed forms, the formula of its paper in float64, leaving out, damages, calibration."""

import numpy as np
import pytest
import torch

from evaluation.metrics import mind as module
from evaluation.metrics.mind import estimate_mind, mind
from evaluation.statistics.comparison import difference
from evaluation.statistics.estimate import left_out
from multigan.errors import DataError


@pytest.fixture
def few_directions(monkeypatch):
    monkeypatch.setattr(module, "N_DIRECTIONS", 60)


def pictures(random, n, size=16, scale=1.0):
    """Features as networks give them: none below 0."""
    return np.maximum(random.normal(size=(n, size)) * scale + 0.3, 0)


def obvious(real, fake, n_directions=1000, seed=2020):
    """(3 D / (n M)) sum_i sum_j |sort(u_i X)_j - sort(u_i Y)_j|^2, the directions drawn as torch-fidelity draws them."""
    drawn = torch.randn(
        n_directions, real.shape[1], generator=torch.Generator(device="cpu").manual_seed(seed)
    )
    directions = (drawn / drawn.norm(dim=1, keepdim=True)).double().numpy()
    one, other = (np.sort(directions @ np.asarray(side, float).T, axis=1) for side in (real, fake))
    return 3 * real.shape[1] * ((one - other) ** 2).mean()


def test_by_hand():
    """In one dimension every direction is 1 or -1: 3 times the mean square of 1 - 0, 5 - 2 and 6 - 7."""
    real, fake = np.array([[7.0], [0], [2]]), np.array([[5.0], [6], [1]])
    assert mind(real, fake) == pytest.approx(3 * (1 + 9 + 1) / 3, rel=1e-6)
    assert mind(real, real[::-1]) == 0


def test_a_shift_costs_three_times_its_square():
    """The mean of (u.m)^2 over directions is |m|^2 / D, whatever is shifted; over 1,000 directions to about 5%."""
    random = np.random.default_rng(0)
    real, shift = pictures(random, 50, 32), random.normal(size=32)
    found = mind(real, real[random.permutation(50)] + shift)
    assert found == pytest.approx(3 * shift @ shift, rel=0.2)
    assert found == pytest.approx(obvious(real, real + shift), rel=1e-5)
    # of features of one direction alone there is no chance in it
    line = np.array([[1.0]])
    assert mind(random.normal(size=(9, 1)) * 0, np.full((9, 1), 2.0)) == pytest.approx(3 * 4 * line[0, 0])


@pytest.mark.parametrize(
    ("n", "size", "n_directions", "seed"), [(1, 3, 7, 2020), (207, 40, 130, 5), (60, 300, 1000, 2020)]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_agrees_with_the_formula(n, size, n_directions, seed, dtype):
    random = np.random.default_rng(n)
    real = (100 + pictures(random, n, size)).astype(dtype)
    fake = (100 + pictures(random, n, size, 1.2)).astype(dtype)
    expected = obvious(real, fake, n_directions, seed)
    assert mind(real, fake, n_directions, seed) == pytest.approx(expected, rel=1e-4)
    assert mind(fake, real, n_directions, seed) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("n", [200, 207, 15, 3])
def test_leaving_out_is_exact(n, few_directions):
    random = np.random.default_rng(1)
    real, fake = pictures(random, n), pictures(random, n, scale=1.1)
    found = estimate_mind(real, fake)
    exact = left_out(lambda one, other: obvious(one, other, 60), real, fake, n_groups=min(20, n))
    np.testing.assert_allclose(found.left_out, exact, rtol=1e-4)
    assert found.value == pytest.approx(obvious(real, fake, 60), rel=1e-4)
    assert 0 <= found.interval.low < found.value < found.interval.high
    assert found.n == n
    assert (found.interactions is None) == (n == 3)


def test_leaving_two_groups_out_is_exact(few_directions):
    """Eight groups of one: what pairs add to the distance, by Efron and Stein."""
    random = np.random.default_rng(2)
    real, fake = pictures(random, 8), pictures(random, 8)
    found = estimate_mind(real, fake)
    assert found.interactions is not None
    one, other = module.pairs_of_groups(8, 16)[3]
    stays = ~np.isin(np.arange(8), [one, other])
    both = obvious(real[stays], fake[stays], 60)
    expected = 7 / 8 * (8 * found.value - 7 * (found.left_out[one] + found.left_out[other]) + 6 * both)
    assert found.interactions[3] == pytest.approx(expected, rel=1e-2, abs=1e-3)


def test_what_moments_do_not_see_is_noticed(few_directions):
    """Two modes that have the mean and variance of a Gaussian, a collapse and a shift, beyond the intervals."""
    random = np.random.default_rng(3)
    real, good = random.normal(size=(2, 400, 1))
    modes = 0.97 * np.where(random.random((400, 1)) < 0.5, -1, 1) + 0.243 * random.normal(size=(400, 1))
    modes = (modes - modes.mean()) / modes.std() * real.std() + real.mean()
    healthy = estimate_mind(real, good)
    for sick in (modes, good[random.integers(0, 4, 400)], good + 0.5):
        assert estimate_mind(real, sick).interval.low > healthy.interval.high


def test_paired_comparison_is_calibrated(few_directions):
    random, different = np.random.default_rng(4), 0
    for _ in range(60):
        real, one, other = (pictures(random, 100, 8) for _ in range(3))
        _, interval = difference(estimate_mind(real, one), estimate_mind(real, other))
        different += not interval.low <= 0 <= interval.high
    assert different <= 7


def test_only_so_many_samples_are_looked_at(monkeypatch, few_directions):
    monkeypatch.setattr(module, "LARGEST", 50)
    random = np.random.default_rng(5)
    real, fake = pictures(random, 70), pictures(random, 70)
    found = estimate_mind(real, fake)
    assert found.n == 50
    assert found.value == pytest.approx(obvious(real[:50], fake[:50], 60), rel=1e-4)
    assert found.note == "Along 60 directions."


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match="equal numbers of samples; found 5 real and 6 fake"):
        mind(np.ones((5, 3)), np.ones((6, 3)))
    with pytest.raises(DataError, match=r"found \[5, 3\] and \[5, 4\]"):
        mind(np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(DataError, match="at least 3 samples"):
        estimate_mind(np.ones((2, 3)), np.ones((2, 3)))
    for broken in (np.full((5, 3), np.nan), np.full((5, 3), np.inf)):
        with pytest.raises(DataError, match="not finite"):
            mind(np.ones((5, 3)), broken)
        with pytest.raises(DataError, match="not finite"):
            estimate_mind(broken, np.ones((5, 3)))
