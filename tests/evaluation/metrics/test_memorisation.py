"""Copies of training samples: nearest neighbours, authenticity and the ratio of distances."""

import numpy as np
import pytest
from scipy import stats

from evaluation.metrics.memorisation import (
    authenticity,
    distance_ratio,
    estimate_authenticity,
    estimate_distance_ratio,
    nearest_training,
)
from evaluation.statistics import neighbours
from evaluation.statistics.estimate import groups
from multigan.errors import DataError


def on_a_line(*points):
    return np.array(points, float)[:, None]


def slow_nearest(queries, train, same=None):
    """(index, distance, spacing) of each query, in a training set without the query itself."""
    found = []
    for at, query in enumerate(queries):
        others = [row for row in range(len(train)) if same is None or row != same[at]]
        index = min(others, key=lambda row: np.linalg.norm(query - train[row]))
        between = [np.linalg.norm(train[index] - train[row]) for row in others if row != index]
        found.append((index, np.linalg.norm(query - train[index]), min(between)))
    return [np.array(each) for each in zip(*found, strict=True)]


@pytest.mark.parametrize("tile", [2048, 13])
@pytest.mark.parametrize("is_training", [True, False])
def test_the_obvious_way_agrees(is_training, tile, monkeypatch):
    monkeypatch.setattr(neighbours, "TILE", tile)
    random = np.random.default_rng(0)
    train = random.normal(size=(70, 5))
    same = random.permutation(70)[:40] if is_training else None
    queries = random.normal(size=(40, 5)) if same is None else train[same]
    found, expected = nearest_training(queries, train, same), slow_nearest(queries, train, same)
    np.testing.assert_array_equal(found.index, expected[0])
    np.testing.assert_allclose(found.distance, expected[1], rtol=1e-12)
    np.testing.assert_allclose(found.spacing, expected[2], rtol=1e-12)


def test_leaving_itself_out_by_hand():
    """Training 0, 1, 3, 3. Without itself, 0 is 1 from 1, which is 2 from 3; a 3 is 0 from the other, 2 from 1."""
    found = nearest_training(on_a_line(0, 3), on_a_line(0, 1, 3, 3), same=np.array([0, 2]))
    assert found.index.tolist() == [1, 3]
    np.testing.assert_allclose(found.distance, [1, 0])
    np.testing.assert_allclose(found.spacing, [2, 2])
    assert authenticity(found).tolist() == [False, False]


def test_a_training_set_scored_without_itself_looks_like_fresh_reals():
    """That is what makes it a scale for fakes where no real samples were held out."""
    random = np.random.default_rng(1)
    train, fresh = random.normal(size=(500, 8)), random.normal(size=(500, 8))
    itself = estimate_authenticity(nearest_training(train, train, same=np.arange(500)))
    other = estimate_authenticity(nearest_training(fresh, train))
    assert abs(itself.value - other.value) < itself.interval.high - itself.interval.low


def test_copies_are_noticed_beyond_the_intervals():
    random = np.random.default_rng(2)
    train, held_out, fresh = (random.normal(size=(400, 10)) for _ in range(3))
    copies = fresh.copy()
    copies[:280] = train[random.integers(0, 400, 280)] + random.normal(size=(280, 10)) * 0.01
    good, bad, real = (nearest_training(held, train) for held in (fresh, copies, held_out))
    assert estimate_authenticity(bad).interval.high < estimate_authenticity(good).interval.low
    ratio, worse = (estimate_distance_ratio(held.distance, real.distance) for held in (good, bad))
    assert worse.interval.high < ratio.interval.low
    assert ratio.interval.low < 1 < ratio.interval.high


def test_leaving_a_group_out_is_computing_without_it():
    random = np.random.default_rng(3)
    fake, held_out, train = (
        random.normal(size=(50, 4)),
        random.normal(size=(45, 4)),
        random.normal(size=(60, 4)),
    )
    one, other = nearest_training(fake, train), nearest_training(held_out, train)
    share, ratio = estimate_authenticity(one), estimate_distance_ratio(one.distance, other.distance)
    for g in range(20):
        kept = groups(50, 20) != g
        assert share.left_out[g] == pytest.approx(authenticity(one)[kept].mean())
    assert share.value == pytest.approx(authenticity(one).mean())
    assert ratio.n == 45


def test_leaving_a_group_out_of_the_ratio_follows_leaving_it_out_exactly():
    """To first order in the medians: the same groups move it, about as far."""
    random = np.random.default_rng(4)
    fake, held_out = random.gamma(4, size=4000), random.gamma(4, size=4000)
    found = estimate_distance_ratio(fake, held_out).left_out
    member = groups(4000, 20)
    exact = [distance_ratio(fake[member != g], held_out[member != g]) for g in range(20)]
    assert np.corrcoef(found, exact)[0, 1] > 0.9
    assert np.std(found) == pytest.approx(np.std(exact), rel=0.3)


def test_equal_distributions_are_rarely_told_apart():
    differ = np.zeros(2)
    for seed in range(150):
        random = np.random.default_rng(seed)
        train = random.normal(size=(150, 4))
        one, other, real = (nearest_training(random.normal(size=(100, 4)), train) for _ in range(3))
        pairs = [
            [estimate_authenticity(held) for held in (one, other)],
            [estimate_distance_ratio(held.distance, real.distance) for held in (one, other)],
        ]
        for at, (first, second) in enumerate(pairs):
            without = first.left_out - second.left_out
            error = np.sqrt(19 / 20 * ((without - without.mean()) ** 2).sum())
            differ[at] += abs(first.value - second.value) > stats.t.ppf(0.975, 19) * error
    assert (differ <= 14).all()  # P(more than 14 of 150 at 5%) = 1%


def test_too_few_are_refused():
    with pytest.raises(DataError, match="3 training samples or more; found 2"):
        nearest_training(on_a_line(0, 1), on_a_line(0, 1), same=np.arange(2))
    with pytest.raises(DataError, match="at least 2 samples; found 1"):
        estimate_authenticity(nearest_training(on_a_line(0), on_a_line(0, 1)))
