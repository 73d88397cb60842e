"""Precision, recall, density and coverage, and the neighbours that they rest on."""

import numpy as np
import pytest
import torch

from evaluation.metrics.prdc import estimate_prdc, prdc
from evaluation.statistics import neighbours
from evaluation.statistics.estimate import groups, halves, left_out_by_halves, n_groups_of
from evaluation.statistics.intervals import jackknife_error
from multigan.errors import DataError

NAMES = ("precision", "recall", "density", "coverage")


def distances(one, other):
    return ((one[:, None].astype(float) - other[None].astype(float)) ** 2).sum(axis=2)


def obvious(real, fake, k):
    """The four by their definitions, from full matrices of distances, the border inside."""
    reals, fakes = (np.sort(distances(held, held), axis=1)[:, k] * (1 + 1e-9) for held in (real, fake))
    between = distances(real, fake)
    in_real, in_fake = between <= reals[:, None], between <= fakes
    found = in_real.any(0).mean(), in_fake.any(1).mean(), in_real.sum(0).mean() / k, in_real.any(1).mean()
    return dict(zip(NAMES, found, strict=True))


def two_sets(seed, n, size):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, size)).astype(np.float32), random.normal(0.3, 0.8, (n, size)).astype(
        np.float32
    )


def with_duplicates(seed, n, size):
    """Points on a grid, every third fake a copy of a real one, and most reals the same one."""
    real, fake = (held.round() for held in two_sets(seed, n, size))
    fake[::3] = real[::3]
    real[: n // 2] = real[0]
    return real, fake


@pytest.mark.parametrize("tile", [2048, 17])
@pytest.mark.parametrize(
    ("n", "size", "k", "make"),
    [
        (64, 3, 5, two_sets),
        (43, 5, 3, two_sets),
        (7, 2, 5, two_sets),
        (20, 4, 1, two_sets),
        (90, 40, 5, with_duplicates),
        (31, 3, 5, with_duplicates),
    ],
)
def test_variants_are_computed_anew_without_what_is_left_out(n, size, k, make, tile, monkeypatch):
    """Of many samples these are halves, from which what each group does is read; of few each group is left out itself."""
    monkeypatch.setattr(neighbours, "TILE", tile)
    real, fake = make(n, n, size)
    found, member = estimate_prdc(real, fake, k), groups(n, n_groups_of(n))
    whole, plain = obvious(real, fake, k), prdc(real, fake, k)
    cuts = halves(n_groups_of(n)) if n // 20 * 10 > k else None
    if cuts is None:
        without = [obvious(real[member != g], fake[member != g], k) for g in range(n_groups_of(n))]
        expected = {name: [each[name] for each in without] for name in NAMES}
    else:
        ends = [
            [obvious(real[kept], fake[kept], k) for kept in (cut[member] > 0, cut[member] < 0)]
            for cut in cuts
        ]
        gaps = {name: np.array([one[name] - other[name] for one, other in ends]) for name in NAMES}
        expected = {name: left_out_by_halves(whole[name], cuts, gaps[name]) for name in NAMES}
    for name in NAMES:
        assert found[name].value == pytest.approx(whole[name], abs=1e-12)
        assert getattr(plain, name).mean() == pytest.approx(whole[name], abs=1e-12)
        np.testing.assert_allclose(found[name].left_out, expected[name], atol=1e-12)
        assert found[name].interval.low <= found[name].value <= found[name].interval.high
        assert found[name].n == n


@pytest.mark.parametrize("case", ["plain", "offset", "tight clusters", "float64", "tiny"])
def test_decisions_are_those_of_float64(case, monkeypatch):
    """Where float32 alone would misjudge: clusters 1e4 times as far apart as they are wide, large offsets."""
    monkeypatch.setattr(neighbours, "TILE", 50)
    real, fake = two_sets(3, 120, 24)
    if case == "offset":
        real, fake = real + np.float32(300), fake + np.float32(300)
    elif case == "tight clusters":
        centres = np.random.default_rng(0).normal(size=(4, 24)) * 1e4
        real, fake = (centres[np.arange(120) % 4] + held for held in (real, fake))
    elif case == "float64":
        real, fake = real.astype(np.float64) * 1e-3 + 7, fake.astype(np.float64) * 1e-3 + 7
    elif case == "tiny":
        real, fake = real * np.float32(1e-18), fake * np.float32(1e-18)
    found, expected = prdc(real, fake), obvious(real, fake, 5)
    assert {name: getattr(found, name).mean() for name in NAMES} == pytest.approx(expected, abs=1e-12)
    assert found.coverage.mean() > 0
    indices, squared = neighbours.nearest(real, fake, 4)
    between = distances(real, fake)
    np.testing.assert_array_equal(indices, between.argsort(axis=1)[:, :4])
    np.testing.assert_allclose(squared, np.sort(between, axis=1)[:, :4], rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bounds_hold_and_are_close(dtype):
    """Lower bounds are at most the exact squared distances, and twice the margins below them at most."""
    real, fake = (held + np.float32(5) for held in two_sets(4, 200, 300))
    frame = neighbours.frame_of(real)
    one, other = (neighbours.block_of(held, slice(None), frame, dtype) for held in (real, fake))
    exact = torch.from_numpy(distances(real, fake)) * frame.scale**2
    below = exact - neighbours.lower_bounds(one, other).double()
    assert (below >= 0).all()
    assert (below <= 2 * (one.margins[:, None] + other.margins)).all()


def test_copies_are_at_no_distance_and_themselves_are_left_out():
    features = np.random.default_rng(6).normal(3, 1, (300, 512)).astype(np.float32)
    features[100:200] = features[:100]
    indices, squared = neighbours.nearest(features, features, 2, same=np.arange(300))
    assert (squared[:200, 0] == 0).all()
    np.testing.assert_array_equal(indices[:200, 0], np.roll(np.arange(200), -100))
    assert (squared[200:] > 0).all()
    assert (indices != np.arange(300)[:, None]).all()


def test_less_than_float32_multiplication_is_not_trusted():
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        assert neighbours.precisions() == (torch.float64,)
        torch.set_float32_matmul_precision("highest")
        assert neighbours.precisions() == (torch.float32, torch.float64)
    finally:
        torch.set_float32_matmul_precision(before)


def test_prdc_package_agrees():
    package = pytest.importorskip("prdc", reason="the prdc package is not installed")
    real, fake = two_sets(7, 500, 64)
    found, expected = prdc(real, fake), package.compute_prdc(real, fake, 5)
    assert {name: getattr(found, name).mean() for name in NAMES} == pytest.approx(expected, abs=1e-12)
    assert 0 < expected["recall"] < expected["precision"] < 1


def test_the_border_is_inside_unlike_in_the_prdc_package():
    """Six copies of each of 10 points, as reals and as fakes: all balls have radius 0 and hold 6 copies, or none."""
    package = pytest.importorskip("prdc", reason="the prdc package is not installed")
    points = np.repeat(3.0 * np.eye(10), 6, axis=0)
    found = prdc(points, points)
    assert {name: getattr(found, name).mean() for name in NAMES} == pytest.approx(
        dict.fromkeys(NAMES, 1) | {"density": 1.2}
    )
    assert package.compute_prdc(points, points, 5) == dict.fromkeys(NAMES, 0)


def test_a_collapsed_and_a_dropped_mode_are_noticed_beyond_the_intervals():
    random = np.random.default_rng(9)
    centres = random.normal(size=(5, 16)) * 4
    real, good = (centres[random.integers(0, 5, 400)] + random.normal(size=(400, 16)) for _ in range(2))
    dropped = centres[random.integers(0, 4, 400)] + random.normal(size=(400, 16))
    collapsed = good[random.integers(0, 8, 400)] + random.normal(size=(400, 16)) * 1e-3
    healthy, without_one, sick = (estimate_prdc(real, fake) for fake in (good, dropped, collapsed))
    for name in ("recall", "coverage"):
        for ill in (without_one, sick):
            assert ill[name].interval.high < healthy[name].interval.low
    assert without_one["coverage"].value == pytest.approx(0.8 * healthy["coverage"].value, abs=0.08)
    assert sick["precision"].value > 0.8  # which precision alone would praise


def test_the_error_of_a_difference_is_that_of_repeated_draws():
    """Of equal sets beside the same reals. Leaving groups out told of 1.6 to 2.1 times the error, and of coverage of 2.4."""
    gaps, errors = {name: [] for name in NAMES}, {name: [] for name in NAMES}
    for seed in range(50):
        random = np.random.default_rng(seed)
        real, one, other = (random.normal(size=(100, 4)) for _ in range(3))
        first, second = estimate_prdc(real, one), estimate_prdc(real, other)
        for name in NAMES:
            gaps[name].append(first[name].value - second[name].value)
            errors[name].append(jackknife_error(first[name].left_out - second[name].left_out) ** 2)
    for name in NAMES:
        assert 0.75 < np.sqrt(np.mean(errors[name])) / np.std(gaps[name]) < 1.3, name


def test_too_few_or_broken_features_are_refused():
    with pytest.raises(DataError, match="found 7 real and 8 fake"):
        prdc(np.zeros((7, 2)), np.zeros((8, 2)))
    with pytest.raises(DataError, match="at least 6 samples; found 5"):
        prdc(np.zeros((5, 2)), np.zeros((5, 2)))
    with pytest.raises(DataError, match=r"found 6. Give at least"):
        estimate_prdc(np.zeros((6, 2)), np.zeros((6, 2)))
    broken = np.full((10, 2), np.nan)
    with pytest.raises(DataError, match="not finite"):
        prdc(broken, broken)


def test_features_in_a_read_only_memory_map_are_read(tmp_path):
    real, fake = two_sets(10, 60, 8)
    np.save(tmp_path / "real.npy", real)
    mapped = np.load(tmp_path / "real.npy", mmap_mode="r")
    assert estimate_prdc(mapped, fake)["recall"].value == estimate_prdc(real, fake)["recall"].value
