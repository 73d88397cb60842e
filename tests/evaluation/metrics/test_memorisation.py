"""Copies of training samples: nearest neighbours, authenticity and the ratio of distances."""

import numpy as np
import pytest
from scipy import stats

from evaluation.metrics.memorisation import (
    AROUND,
    Nearest,
    authenticity,
    copy_bound,
    distance_ratio,
    estimate_authenticity,
    estimate_copies,
    estimate_distance_ratio,
    nearer,
    nearest_training,
)
from evaluation.statistics import neighbours
from evaluation.statistics.estimate import groups
from evaluation.statistics.intervals import wilson
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


def looked_up(*ratios):
    """Samples with these ratios of the nearest distance to the mean around, which is 2."""
    distance = 2 * np.array(ratios, float)
    return Nearest(np.zeros(len(distance), int), distance, distance, np.full(len(distance), 2.0))


def test_the_mean_around_by_hand():
    """Of 0 to training 1, 3, 3, 9: the mean of 1, 3, 3, 9. Among 60 the 50 nearest; without itself where it is one."""
    found = nearest_training(on_a_line(0), on_a_line(1, 3, 3, 9))
    assert (found.distance[0], found.around[0], found.ratio[0]) == (1, 4, 0.25)
    line = on_a_line(*range(60))
    (among, itself) = (nearest_training(on_a_line(0), line, same) for same in (None, np.array([0])))
    assert AROUND == 50
    assert among.around[0] == pytest.approx(np.arange(50).mean())
    assert itself.around[0] == pytest.approx(np.arange(1, 51).mean())
    assert nearest_training(on_a_line(5), on_a_line(5, 5)).ratio[0] == 0
    assert (
        nearer(looked_up(0.5), Nearest(np.zeros(1, int), np.ones(1) / 2, np.ones(1), np.full(1, 5.0))).ratio[
            0
        ]
        == 0.1
    )


def test_the_bound_and_the_share_of_copies_by_hand():
    """Real ratios 0.01 to 1, and one duplicate: all but 2% exceed 0.0298, and half of it is the bound."""
    real = looked_up(0, *np.arange(1, 101) / 100)
    assert copy_bound(real) == pytest.approx(0.0298 / 2)
    found = estimate_copies(looked_up(0, 0, 0.0148, 0.015, 0.5, 0.9, 1, 1, 1, 1), real)
    assert found.value == 0.3
    assert found.note.startswith("3 of 10 lie nearer than 0.015 of")
    assert found.interval == wilson(3, 10)
    assert estimate_copies(real, real).value == pytest.approx(2 / 101)  # the duplicate, and 0.01
    assert copy_bound(looked_up(0, 0)) == 0
    assert estimate_copies(looked_up(0, 0.1), looked_up(0, 0)).value == 0.5
    with pytest.raises(DataError, match="at least 2 samples; found 1"):
        estimate_copies(looked_up(0), real)


@pytest.mark.parametrize("size", [2, 8, 64])
def test_one_copy_in_a_hundred_is_seen_among_2000(size):
    """Exact or a little off; the median does not move, and fresh samples are no copies in any dimension."""
    random = np.random.default_rng(size)
    train, held_out, fresh = (random.normal(size=(2000, size)) for _ in range(3))
    some = fresh.copy()
    some[::100] = train[:20] + random.normal(size=(20, size)) * 1e-3
    real, good, bad = (nearest_training(one, train) for one in (held_out, fresh, some))
    clean, planted = estimate_copies(good, real), estimate_copies(bad, real)
    assert clean.value <= 0.02 / 2**size + 0.002
    assert planted.value == pytest.approx(0.01 + clean.value, abs=0.002)
    assert planted.interval.low > clean.interval.high or size == 2
    ratio, worse = (estimate_distance_ratio(one.distance, real.distance) for one in (good, bad))
    assert worse.interval.low < ratio.value < worse.interval.high


def test_the_interval_of_copies_holds_their_share():
    """Each fake a copy with a probability of 5%: of 200 draws of 200, 93 to 97% of intervals hold it."""
    random = np.random.default_rng(0)
    train, held_out = random.normal(size=(300, 8)), random.normal(size=(200, 8))
    real = nearest_training(held_out, train)
    holds = []
    for _ in range(200):
        fake = random.normal(size=(200, 8))
        copied = random.random(200) < 0.05
        fake[copied] = train[random.integers(0, 300, copied.sum())]
        interval = estimate_copies(nearest_training(fake, train), real).interval
        holds.append(interval.low <= 0.05 <= interval.high)
    assert 0.92 <= np.mean(holds) <= 0.98


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
