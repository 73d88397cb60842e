"""What is shown in a blind test: every set, label and side as often as the others, and the same again by the same seed."""

from collections import Counter
from itertools import combinations

import pytest

from multigan.errors import DataError
from recipes.judging.design import better_trials, emotion_trials, n_needed, n_trials, order_for, shared_labels

LABELS = ("joy", "anger", "calm")


def pools(*names, n=20, labels=LABELS):
    return {name: {label: list(range(n)) for label in labels} for name in names}


@pytest.mark.parametrize("n", [1, 6, 7, 20])
def test_each_set_and_label_is_shown_as_often(n):
    trials = emotion_trials(pools("a", "b", "real"), n, seed=3)
    shown = [trial.shown[0] for trial in trials]
    assert Counter(one.of for one in shown) == {"a": n, "b": n, "real": n}
    for name in ("a", "b", "real"):
        own = Counter(one.label for one in shown if one.of == name)
        assert max(own.values()) - min(own[label] for label in LABELS) <= 1
    assert len({(one.of, one.label, one.row) for one in shown}) == 3 * n  # no sample twice
    assert len({trial.item for trial in trials}) == 3 * n


@pytest.mark.parametrize("n", [1, 6, 9, 24])
def test_each_pair_label_and_side_comes_as_often(n):
    trials = better_trials(pools("a", "b", "real"), n, seed=0)
    assert len(trials) == 3 * n
    for pair in combinations(("a", "b", "real"), 2):
        own = [trial.shown for trial in trials if {one.of for one in trial.shown} == set(pair)]
        assert len(own) == n
        assert all(first.label == second.label for first, second in own)
        firsts = Counter(first.of for first, _ in own)
        assert abs(firsts[pair[0]] - firsts[pair[1]]) <= 1
        labels = Counter(first.label for first, _ in own)
        assert max(labels.values()) - min(labels[label] for label in LABELS) <= 1
        for name in pair:  # no sample twice within a pair
            assert len({(one.label, one.row) for both in own for one in both if one.of == name}) == n


def test_a_set_shows_other_samples_in_each_pair_where_it_has_them():
    n = 6
    trials = better_trials(pools("a", "b", "c", n=n_needed("better", 3, len(LABELS), n)), n, seed=0)
    shown = Counter((one.of, one.label, one.row) for trial in trials for one in trial.shown)
    assert set(shown.values()) == {1}
    assert n_needed("better", 3, 3, 6) == 4
    assert n_trials("better", 3, n) == len(trials)
    assert n_trials("emotion", 3, n) == len(emotion_trials(pools("a", "b", "c"), n, seed=0))
    assert n_needed("emotion", 3, 3, 7) == 3


def test_no_side_nor_place_tells_a_set():
    """Over seeds each set is as often first, and as often in the first half, as chance has it."""
    first = early = 0
    for seed in range(200):
        trials = better_trials(pools("a", "b"), 5, seed)
        first += sum(trial.shown[0].of == "a" for trial in trials)
        shown = emotion_trials(pools("a", "b"), 5, seed)
        early += sum(trial.shown[0].of == "a" for trial in shown[:5])
    assert 450 < first < 550  # of 1000
    assert 450 < early < 550


def test_a_seed_gives_the_same_test_and_another_one_another():
    assert better_trials(pools("a", "b"), 9, 1) == better_trials(pools("a", "b"), 9, 1)
    assert better_trials(pools("a", "b"), 9, 1) != better_trials(pools("a", "b"), 9, 2)


def test_each_rater_has_an_order_of_their_own():
    trials = emotion_trials(pools("a", "b"), 12, 0)
    ada, bob = ([trial.item for trial in order_for(trials, rater, 0)] for rater in ("ada", "bob"))
    assert ada != bob
    assert sorted(ada) == sorted(bob) == sorted(trial.item for trial in trials)
    assert ada == [trial.item for trial in order_for(trials, "ada", 0)]


def test_samples_without_labels_are_compared_and_not_read():
    trials = better_trials(pools("a", "b", labels=("",)), 4, 0)
    assert len(trials) == 4
    with pytest.raises(DataError, match="have no labels"):
        emotion_trials(pools("a", "b", labels=("",)), 4, 0)


def test_what_cannot_be_shown_is_refused_in_a_sentence():
    with pytest.raises(DataError, match=r"b has 2 samples of joy, and 3 are to be shown"):
        emotion_trials({**pools("a"), "b": {"joy": [0, 1], "anger": [2, 3, 4], "calm": [5, 6, 7]}}, 9, 0)
    with pytest.raises(DataError, match=r"no label in common, .* \(a: joy; b: none\)"):
        shared_labels({"a": {"joy": []}, "b": {"": []}})
    assert shared_labels(
        {"a": dict.fromkeys(("zeal", "calm", "joy")), "b": dict.fromkeys(("calm", "joy"))}
    ) == ("joy", "calm")
