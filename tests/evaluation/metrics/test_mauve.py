"""MAUVE: the authors' values on the same clusters, ours near them end to end, and what it notices."""

import numpy as np
import pytest

from evaluation.extractors.hashed_ngrams import HashedNgrams
from evaluation.extractors.protocol import features_of
from evaluation.metrics.mauve import clusterings, estimate_mauve, mauve, mauve_of
from multigan.errors import DataError
from tests.worlds.sentences import sentences


def drawn(n, seed, shift=0.0):
    random_state = np.random.default_rng(seed)
    return (random_state.standard_normal((n, 12)) + shift * np.eye(12)[0]).astype(np.float32)


def by_the_authors(real, fake, seed=25):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # of old modules that faiss imports
        package = pytest.importorskip("mauve", reason="parity with mauve-text needs it")
    if not hasattr(package, "compute_mauve"):
        pytest.skip("another package is named mauve here")
    return package.compute_mauve(p_features=real, q_features=fake, seed=seed)


@pytest.mark.parametrize("shift", [0.0, 1.0, 6.0])
def test_the_area_is_the_authors_on_their_histograms(shift):
    theirs = by_the_authors(drawn(300, 0), drawn(300, 1, shift))
    assert mauve_of(theirs.p_hist, theirs.q_hist) == pytest.approx(theirs.mauve, rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_end_to_end_it_is_near_the_authors_mean(shift):
    """Both depend on random starts of k-means: ours is a mean over five, theirs the tightest of five."""
    real, fake = drawn(500, 0), drawn(500, 1, shift)
    theirs = [by_the_authors(real, fake, seed).mauve for seed in range(4)]
    assert mauve(real, fake) == pytest.approx(np.mean(theirs), abs=0.03)


def test_equal_histograms_score_one_and_disjoint_ones_next_to_nothing():
    even = np.full(4, 0.25)
    assert mauve_of(even, even) == pytest.approx(1.0, abs=1e-5)
    assert mauve_of(np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])) < 0.01


def test_the_area_between_disjoint_histograms_by_its_formula():
    """KL(q|r) = -log(1 - w) and KL(p|r) = -log w: the curve is ((1 - w)^5, w^5), whose area is B(6, 5) * 5 = 1 / 252."""
    steps = np.linspace(1e-6, 1 - 1e-6, 25)
    x, y = (1 - steps[::-1]) ** 5, steps[::-1] ** 5
    x, y = np.concatenate(([0], x, [1])), np.concatenate(([1], y, [0]))
    by_trapezia = float((np.diff(x) * (y[1:] + y[:-1])).sum() / 2)
    found = mauve_of(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert found == pytest.approx(by_trapezia, rel=1e-9)
    assert found == pytest.approx(1 / 252, rel=0.2)


def test_the_value_does_not_depend_on_which_set_is_real():
    real, fake = drawn(200, 2), drawn(200, 3, 1.0)
    for held in clusterings(real, fake):
        p, q = held.histogram(held.real), held.histogram(held.fake)
        assert mauve_of(p, q) == pytest.approx(mauve_of(q, p), rel=1e-9)


def test_a_seed_gives_one_value():
    real, fake = drawn(200, 4), drawn(200, 5, 1.0)
    assert mauve(real, fake, seed=3) == mauve(real, fake, seed=3)


def test_what_is_left_out_is_left_out_of_both_histograms():
    real, fake = drawn(110, 6), drawn(110, 7, 0.5)
    found = estimate_mauve(real, fake, seed=1)
    kept = np.arange(110) % 20 != 4
    values = [
        mauve_of(held.histogram(held.real[kept]), held.histogram(held.fake[kept]))
        for held in clusterings(real, fake, seed=1)
    ]
    assert found.left_out[4] == pytest.approx(np.mean(values), rel=1e-12)
    assert found.interval.low < found.value <= found.interval.high


def test_copies_of_one_row_and_zero_rows_are_clustered():
    rows = np.zeros((60, 5), np.float32)
    assert mauve(rows, rows) == pytest.approx(1.0, abs=1e-5)
    rows[:, 0] = 1
    assert mauve(rows, -rows) < 0.01


def test_another_topic_lowers_it_beyond_its_interval():
    extractor = HashedNgrams()
    real, same, other = (
        features_of(extractor, sentences(300, seed, topic))
        for seed, topic in ((0, "pets"), (1, "pets"), (2, "sea"))
    )
    near, far = estimate_mauve(real, same), estimate_mauve(real, other)
    assert near.value > 0.8
    assert far.interval.high < near.interval.low


def test_few_samples_are_warned_of_and_too_few_refused():
    assert "about 5,000" in estimate_mauve(drawn(100, 8), drawn(100, 9)).note
    with pytest.raises(DataError, match=r"at least 20 samples a side.*found 19 real and 40 fake"):
        mauve(drawn(19, 0), drawn(40, 1))
