"""Near-copies within a set: which belong together, what they are worth, and intervals that hold in spite of them."""

import numpy as np
import pytest

from evaluation.metrics.diversity import estimate_pairwise_distance
from evaluation.statistics.copies import clusters, effective_n, joint_clusters, kept_together, links, usual
from evaluation.statistics.estimate import groups

N, SIZE = 240, 12


def in_fours(random, noise=0.02):
    """Near-copies in groups of 4, in random order, and the group of each."""
    order = random.permutation(N)
    centres = random.normal(size=(N // 4, SIZE))
    return centres[order // 4] + noise * random.normal(size=(N, SIZE)), order // 4


def test_near_copies_are_found_whatever_the_scale():
    random = np.random.default_rng(0)
    beside = usual(random.normal(size=(N, SIZE)))
    features, truth = in_fours(random)
    for scale in (1, 1e-3, 1e4):
        found = clusters(N, links(features * scale, beside))
        assert len(np.unique(found)) == N // 4
        assert all(len(np.unique(truth[found == one])) == 1 for one in np.unique(found))
        assert effective_n(found) == pytest.approx(N / 4)
    exact = np.repeat(random.normal(size=(N // 4, SIZE)), 4, axis=0)
    assert effective_n(clusters(N, links(exact, beside))) == pytest.approx(N / 4)


@pytest.mark.parametrize("size", [1, 2, 3, 12])
def test_independent_samples_are_no_near_copies_in_any_dimension(size):
    """Nor where they are less varied than the real ones, as of a generator that has collapsed."""
    random = np.random.default_rng(1)
    beside = usual(random.normal(size=(N, size)))
    for scale in (1, 0.01):
        assert len(links(random.normal(size=(N, size)) * scale, beside)) == 0


def test_copies_among_real_samples_too_are_nothing_odd():
    random = np.random.default_rng(2)
    real, fake = in_fours(random)[0], in_fours(random)[0]
    assert len(links(fake, usual(real))) == 0
    assert usual(np.ones((N, SIZE))) is None
    assert len(links(fake, None)) == 0


def test_clusters_and_their_worth_by_hand():
    """0-3-1 and 2-5 hang together: clusters of 3, 2 and 1 of 6 samples are worth 36 / (9 + 4 + 1)."""
    found = clusters(6, np.array([[3, 1], [0, 3], [5, 2]]))
    assert found.tolist() == [0, 0, 2, 0, 4, 2]
    assert effective_n(found) == pytest.approx(36 / 14)
    assert joint_clusters(4, [np.array([[0, 1]]), np.array([[1, 3]])]).tolist() == [0, 0, 2, 0]
    assert joint_clusters(3, []).tolist() == [0, 1, 2]


def test_clusters_are_kept_in_one_group():
    random = np.random.default_rng(3)
    _, truth = in_fours(random)
    first = np.array([np.flatnonzero(truth == one)[0] for one in truth])
    order = kept_together(first)
    assert sorted(order.tolist()) == list(range(N))
    member = groups(N, 20)
    parted = sum(len(np.unique(member[first[order] == one])) > 1 for one in np.unique(first))
    assert parted == 0  # 12 samples a group are three clusters of four


def test_intervals_hold_in_spite_of_near_copies():
    """Of the mean distance of pairs, whose expectation is that of 60 independent samples but for pairs of copies."""
    held = {True: 0, False: 0}
    means = []
    for seed in range(120):
        random = np.random.default_rng([4, seed])
        beside = usual(random.normal(size=(N, SIZE)))
        features, _ = in_fours(random)
        order = kept_together(clusters(N, links(features, beside)))
        means.append((estimate_pairwise_distance(features), estimate_pairwise_distance(features[order])))
    centre = np.mean([plain.value for plain, _ in means])
    for plain, together in means:
        held[False] += plain.interval.low <= centre <= plain.interval.high
        held[True] += together.interval.low <= centre <= together.interval.high
    assert held[False] / 120 < 0.85
    assert held[True] / 120 > 0.89
