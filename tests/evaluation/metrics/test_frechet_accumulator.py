"""Features batch by batch in constant memory, on one process or several."""

import itertools

import numpy as np
import pytest
import torch

from evaluation.metrics.frechet import frechet_distance, frechet_distance_of
from evaluation.metrics.frechet_accumulator import FrechetAccumulator, merged
from evaluation.statistics.moments import moments
from multigan.errors import DataError


def features(seed, n=300, size=6, offset=0.0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, size)) @ random.normal(size=(size, size)) + offset


def fed(real, fake, edges, **options):
    metric = FrechetAccumulator(real.shape[1], **options)
    for start, stop in itertools.pairwise(edges):
        metric.update(torch.from_numpy(real[start:stop]), real=True)
        metric.update(torch.from_numpy(fake[start:stop]), real=False)
    return metric


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_batches_in_any_order_are_all_at_once(offset):
    real, fake = features(0, offset=offset), features(1, offset=offset)
    expected = frechet_distance_of(real, fake)
    random = np.random.default_rng(2)
    for _ in range(5):
        parts = np.split(np.arange(300), np.sort(random.choice(np.arange(1, 300), 4, replace=False)))
        metric = FrechetAccumulator(6)
        for at in random.permutation(5):
            metric.update(torch.from_numpy(real[parts[at]]), real=True)
        for at in random.permutation(5):
            metric.update(torch.from_numpy(fake[parts[at]]), real=False)
        assert metric.compute().item() == pytest.approx(expected, rel=1e-10 if offset == 0 else 1e-8)
        assert metric.compute().dtype == torch.float64
        whole = moments(real)
        np.testing.assert_allclose(metric.real_moments[1], whole.mean, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(
            metric.real_moments[2:], whole.scatter, rtol=1e-9 if offset else 1e-10, atol=1e-8
        )


def test_moments_merge_and_leave_out():
    held = features(3)
    parts = [moments(part) for part in np.array_split(held, 5)]
    whole = moments(held)
    for g in range(5):
        rest = np.concatenate([part for i, part in enumerate(np.array_split(held, 5)) if i != g])
        found, expected = whole.without(parts[g]), moments(rest)
        assert found.n == len(rest)
        np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-10, atol=1e-12)
    with pytest.raises(DataError, match="300 of 300 samples cannot be left out"):
        whole.without(whole)


@pytest.mark.parametrize("shares", [(0, 150, 300), (0, 0, 300), (0, 20, 300), (0, 100, 200, 300)])
def test_processes_are_synchronised(shares):
    """torchmetrics' own path: it gathers every state from all processes and reduces; one may have seen nothing."""
    real, fake = features(4), features(5)
    ranks = [fed(real[a:b], fake[a:b], (0, b - a)) for a, b in itertools.pairwise(shares)]
    gathered = [[getattr(rank, name).clone() for rank in ranks] for name in ("real_moments", "fake_moments")]
    first = fed(
        real[: shares[1]],
        fake[: shares[1]],
        (0, shares[1]),
        dist_sync_fn=lambda tensor, group=None: gathered.pop(0),
        distributed_available_fn=lambda: True,
    )
    assert first.compute().item() == pytest.approx(frechet_distance_of(real, fake), rel=1e-10)
    assert not gathered
    # its own state stays its own, so that it can go on
    torch.testing.assert_close(first.real_moments, ranks[0].real_moments, rtol=0, atol=0)


def test_merging_the_state_of_another():
    real, fake = features(6), features(7)
    metric = fed(real[:120], fake[:120], (0, 120))
    metric.merge_state(fed(real[120:], fake[120:], (0, 180)))
    assert metric.compute().item() == pytest.approx(frechet_distance_of(real, fake), rel=1e-10)


def test_memory_does_not_grow():
    real, fake = features(8, n=3000), features(9, n=3000)
    sizes = set()
    metric = FrechetAccumulator(6)
    for start in range(0, 3000, 500):
        metric.update(torch.from_numpy(real[start : start + 500]), real=True)
        metric.update(torch.from_numpy(fake[start : start + 500]).float(), real=False)
        sizes.add(sum(state.numel() for state in metric.metric_state.values()))
    assert sizes == {2 * (6 + 2) * 6}
    assert metric.compute().item() == pytest.approx(
        frechet_distance_of(real, fake.astype(np.float32)), rel=1e-10
    )
    metric.reset()
    assert metric.real_moments.abs().sum() == 0


def test_nothing_and_wrong_features():
    metric = FrechetAccumulator(6)
    metric.update(torch.zeros(0, 6), real=True)
    with pytest.raises(DataError, match=r"\[n, 6\] here; found \[4, 5\]"):
        metric.update(torch.zeros(4, 5), real=True)
    metric.update(torch.zeros(4, 6), real=False)
    with pytest.raises(DataError, match="at least 2 samples; found 0"):
        metric.compute()
    assert merged(torch.zeros(3, 8, 6)).abs().sum() == 0


def test_same_as_moments():
    real, fake = features(10, offset=50), features(11, offset=50)
    expected = frechet_distance(moments(real), moments(fake))
    assert fed(real, fake, (0, 7, 150, 151, 300)).compute().item() == pytest.approx(expected, rel=1e-9)
