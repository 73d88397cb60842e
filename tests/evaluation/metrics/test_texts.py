"""Tokens, distinct-n, copies, overlap, NLL and perplexity: values by hand, brute force, and what they notice."""

import math
from collections import Counter

import numpy as np
import pytest

from evaluation.metrics.bleu import estimate_bleu, estimate_self_bleu
from evaluation.metrics.distinct import distinct, estimate_distinct
from evaluation.metrics.likelihood import estimate_nll, estimate_perplexity
from evaluation.metrics.mauve import estimate_mauve
from evaluation.metrics.overlap import (
    copied_from,
    estimate_copies,
    estimate_longest_overlap,
    longest_overlap,
)
from evaluation.metrics.tokens import tokens
from evaluation.statistics.intervals import jackknife_error, student
from multigan.errors import DataError
from tests.worlds.sentences import sentences
from tests.worlds.shared import SHARED

COCO = SHARED / "data/text/image_coco/train.txt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A cat isn't a dog.", ("a", "cat", "isn't", "a", "dog", ".")),
        ("[NAME] said: well-known <unk>!", ("[name]", "said", ":", "well-known", "<unk>", "!")),
        (
            "E\u0301te\u0301 \u00a35,50 \U0001f600\U0001f600",
            ("été", "£", "5", ",", "50", "\U0001f600", "\U0001f600"),
        ),
        ("我爱cats", ("我", "爱", "cats")),
        ("'quoted' -- x-", ("'", "quoted", "'", "-", "-", "x", "-")),
        (" \t\n", ()),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


def test_distinct_by_hand():
    """Words a b a, a b: 2 of 5; pairs ab ba, ab: 2 of 3; triples aba: 1 of 1; no fours."""
    assert distinct([("a", "b", "a"), ("a", "b")]) == {1: 2 / 5, 2: 2 / 3, 3: 1.0, 4: 0.0}


def test_what_is_left_out_of_distinct_is_left_out():
    texts = [tokens(text) for text in sentences(70, seed=0)]
    found = estimate_distinct(texts)
    for g in range(20):
        without = distinct([text for i, text in enumerate(texts) if i % 20 != g])
        for order in (1, 2, 3, 4):
            assert found[order].left_out[g] == pytest.approx(without[order], rel=1e-13)
            assert found[order].value == pytest.approx(distinct(texts)[order], rel=1e-13)


def test_repeated_text_lowers_distinct_beyond_its_interval():
    texts = [tokens(text) for text in sentences(400, seed=1)]
    diverse, collapsed = estimate_distinct(texts), estimate_distinct(texts[:40] * 10)
    for order in (2, 3, 4):
        assert collapsed[order].interval.high < diverse[order].interval.low


def longest_by_trying(text, train):
    runs = ((i, j) for i in range(len(text)) for j in range(i + 1, len(text) + 1))
    found = [j - i for i, j in runs if any(stands_in(text[i:j], held) for held in train)]
    return max(found, default=0)


def stands_in(run, text):
    return any(text[i : i + len(run)] == run for i in range(len(text) - len(run) + 1))


@pytest.mark.parametrize("seed", range(12))
def test_the_longest_overlap_is_that_of_trying_all_runs(seed):
    random_state = np.random.default_rng(seed)
    fake, train = (
        [
            tuple(letters[k] for k in random_state.integers(0, 4, random_state.integers(0, 10)))
            for _ in range(12)
        ]
        for letters in ("abcd", "abce")
    )
    found = longest_overlap(fake, train)
    assert found.length.tolist() == [longest_by_trying(text, train) for text in fake]
    for text, length, share, start, place in zip(
        fake, found.length, found.share, found.start, found.train, strict=True
    ):
        assert share == pytest.approx(length / max(1, len(text)))
        assert (start >= 0) == (place >= 0) == (length > 0)
        assert not length or stands_in(text[start : start + length], train[place])


def test_runs_end_where_a_training_text_ends():
    found = longest_overlap([("a", "b", "c", "d")], [("a", "b"), ("c", "d"), ("x", "b", "c")])
    assert found.length.tolist() == [2]


def test_copies_are_found_whatever_their_case_and_spaces():
    found = copied_from(["The  cat\tsat ", "the dog"], ["other", "the cat sat", "THE CAT SAT"])
    assert found.tolist() == [1, -1]


def test_copies_raise_both_rates_beyond_their_intervals():
    train, fresh = sentences(300, seed=2), sentences(200, seed=3)
    fresh = tuple(text for text in fresh if text not in train)[:150]
    copied = fresh[:100] + train[:50]
    honest, caught = estimate_copies(fresh, train), estimate_copies(copied, train)
    assert honest.value == 0
    assert honest.interval.high > 0
    assert caught.value == pytest.approx(50 / 150)
    assert caught.interval.low > honest.interval.high
    train_tokens = [tokens(text) for text in train]
    honest, caught = (
        estimate_longest_overlap([tokens(text) for text in held], train_tokens) for held in (fresh, copied)
    )
    assert caught.interval.low > honest.interval.high


def test_nll_by_hand():
    """Of 3 and 5 nats over 2 and 6 tokens it is 1, and without either that of the other."""
    found = estimate_nll(np.array([-3.0, -5.0]), np.array([2, 6]))
    assert found.value == 1.0
    np.testing.assert_allclose(found.left_out, [5 / 6, 3 / 2])
    assert estimate_perplexity(np.array([-3.0, -5.0]), np.array([2, 6])).value == pytest.approx(math.e)


def test_perplexity_of_even_guesses_is_their_number():
    found = estimate_perplexity(np.full(40, -6 * math.log(50)), 6)
    assert found.value == pytest.approx(50)
    assert (found.interval.low, found.interval.high) == (pytest.approx(50), pytest.approx(50))


@pytest.mark.parametrize(
    ("log_prob", "n_tokens", "message"),
    [
        ([-1.0], 1, "N > 1"),
        ([-1.0, -math.inf], 1, "1 of 2 log-probabilities are not finite"),
        ([-1.0, math.nan], 1, "not finite"),
        ([0.0, 0.0], 0, "sequences with tokens"),
    ],
)
def test_log_probabilities_that_make_no_nll_are_refused(log_prob, n_tokens, message):
    with pytest.raises(DataError, match=message):
        estimate_nll(np.array(log_prob), n_tokens)


def test_texts_that_are_too_few_are_refused():
    with pytest.raises(DataError, match="found 1"):
        estimate_distinct([("a",)])
    with pytest.raises(DataError, match="found 2 and 0"):
        estimate_copies(["a", "b"], [])


def differs(first, second):
    error = jackknife_error(first.left_out - second.left_out)
    return abs(first.value - second.value) > student(len(first.left_out) - 1) * error


def test_two_equal_generators_are_seldom_told_apart():
    """At most 6 of 50 draws are called different, which a fair test at 5% exceeds once in a hundred times."""
    counts: Counter[str] = Counter()
    n, n_draws = 40, 50
    for draw in range(n_draws):
        texts = [tokens(text) for text in sentences(3 * n, seed=1000 + draw)]
        real, first, second = texts[:n], texts[n : 2 * n], texts[2 * n :]
        pairs = {
            "BLEU": (estimate_bleu(real, first), estimate_bleu(real, second)),
            "self-BLEU": (estimate_self_bleu(first), estimate_self_bleu(second)),
            "distinct": (estimate_distinct(first), estimate_distinct(second)),
        }
        for name, (one, other) in pairs.items():
            counts.update(
                f"{name}-{order}" for order in one if order > 1 and differs(one[order], other[order])
            )
        overlaps = [estimate_longest_overlap(held, real) for held in (first, second)]
        counts["overlap"] += differs(*overlaps)
        random_state = np.random.default_rng(draw)
        log_prob, lengths = -random_state.gamma(3, 5, (2, n)), random_state.integers(5, 30, (2, n))
        counts["NLL"] += differs(*(estimate_nll(*held) for held in zip(log_prob, lengths, strict=True)))
        features = random_state.standard_normal((3, n, 4))
        counts["MAUVE"] += differs(*(estimate_mauve(features[0], held) for held in features[1:]))
    assert {name: count for name, count in counts.items() if count > 6} == {}


@pytest.mark.skipif(not COCO.is_file(), reason="the shared captions are not on this machine")
def test_halves_of_real_captions():
    """One half against the other: few copies, and self-BLEU near BLEU."""
    texts = COCO.read_text(encoding="utf-8").splitlines()
    first, second = ([tokens(text) for text in texts[part::20]] for part in (0, 1))
    against, among = estimate_bleu(first, second), estimate_self_bleu(second)
    for order in (2, 3, 4, 5):
        assert against[order].value == pytest.approx(among[order].value, abs=0.03)
    assert estimate_copies(texts[1::20], texts[::20]).value < 0.01
