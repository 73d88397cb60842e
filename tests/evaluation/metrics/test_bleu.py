"""BLEU and self-BLEU: nltk's values, cases by hand, and groups left out."""

import math

import numpy as np
import pytest

from evaluation.metrics.bleu import bleu, estimate_bleu, estimate_self_bleu, self_bleu
from evaluation.metrics.tokens import tokens
from multigan.errors import DataError
from tests.worlds.sentences import sentences

WEIGHTS = [(1 / order,) * order for order in (2, 3, 4, 5)]


def drawn(n, seed, vocabulary=12, longest=9):
    """Short and empty texts, with repeated words and whole duplicates."""
    random_state = np.random.default_rng(seed)
    words = [f"w{int(vocabulary * u**2)}" for u in random_state.random(n * longest)]
    lengths = random_state.integers(0, longest, n)
    texts = [tuple(words[i * longest : i * longest + length]) for i, length in enumerate(lengths)]
    return [*texts, texts[0], texts[1], ()]


def by_nltk(references, hypothesis):
    bleu_score = pytest.importorskip("nltk.translate.bleu_score", reason="parity with nltk needs it")
    smoothing = bleu_score.SmoothingFunction().method1
    return bleu_score.sentence_bleu(
        [list(held) for held in references], list(hypothesis), WEIGHTS, smoothing_function=smoothing
    )


def test_bleu_is_nltks():
    real, fake = drawn(50, seed=0), drawn(30, seed=1)
    expected = [by_nltk(real, hypothesis) for hypothesis in fake]
    np.testing.assert_allclose(bleu(real, fake), expected, rtol=0, atol=1e-12)


def test_self_bleu_is_nltks_with_the_hypothesis_left_out():
    texts = drawn(40, seed=2)
    expected = [by_nltk(texts[:i] + texts[i + 1 :], hypothesis) for i, hypothesis in enumerate(texts)]
    np.testing.assert_allclose(self_bleu(texts), expected, rtol=0, atol=1e-12)


def test_sentences_of_twenty_words_are_nltks_too():
    texts = [tokens(text) for text in sentences(40, seed=3)]
    expected = [by_nltk(texts[:i] + texts[i + 1 :], hypothesis) for i, hypothesis in enumerate(texts)]
    np.testing.assert_allclose(self_bleu(texts), expected, rtol=0, atol=1e-12)


def test_a_case_by_hand():
    """Of a b c d: words 3 of 4, pairs 2 of 3, triples 1 of 2, one fours of none; the closest length is 3, no penalty."""
    found = bleu([("a", "b", "c"), ("x",) * 6], [("a", "b", "c", "d")])
    precision = [3 / 4, 2 / 3, 1 / 2, 0.1 / 1, 0.1 / 1]
    expected = [math.prod(precision[:order]) ** (1 / order) for order in (2, 3, 4, 5)]
    np.testing.assert_allclose(found[0], expected, rtol=1e-14)


def test_of_two_lengths_as_close_the_shorter_is_taken():
    """Lengths 2 and 4 are as far from 3: no penalty. With 4 alone it is exp(1 - 4 / 3)."""
    hypothesis = ("a", "a", "a")
    both, longer = bleu([("a",) * 2, ("a",) * 4], [hypothesis]), bleu([("a",) * 4], [hypothesis])
    np.testing.assert_allclose(both[0, 0], 1.0, rtol=1e-14)
    np.testing.assert_allclose(longer[0, 0], math.exp(1 - 4 / 3), rtol=1e-14)


def test_no_common_word_and_no_word_at_all_score_nothing():
    np.testing.assert_array_equal(bleu([("a", "b")], [("c", "d"), ()]), 0.0)


@pytest.mark.parametrize("seed", [4, 5])
def test_what_is_left_out_is_left_out_of_hypotheses_and_references(seed):
    real, fake = drawn(47, seed), drawn(43, seed + 10)
    of_both, of_one = estimate_bleu(real, fake), estimate_self_bleu(fake)
    for g in (0, 7, 19):
        kept_real = [text for i, text in enumerate(real) if i % 20 != g]
        kept_fake = [text for i, text in enumerate(fake) if i % 20 != g]
        against, among = bleu(kept_real, kept_fake).mean(axis=0), self_bleu(kept_fake).mean(axis=0)
        for place, order in enumerate((2, 3, 4, 5)):
            assert of_both[order].left_out[g] == pytest.approx(against[place], rel=1e-13)
            assert of_one[order].left_out[g] == pytest.approx(among[place], rel=1e-13)


def test_repeated_text_raises_self_bleu_beyond_its_interval():
    texts = [tokens(text) for text in sentences(200, seed=6)]
    diverse, collapsed = estimate_self_bleu(texts), estimate_self_bleu(texts[:40] * 5)
    for order in (2, 3, 4, 5):
        assert collapsed[order].interval.low > diverse[order].interval.high


def test_shuffled_words_lower_bleu_beyond_its_interval():
    random_state = np.random.default_rng(0)
    real, fake = ([tokens(text) for text in sentences(200, seed)] for seed in (7, 8))
    shuffled = [tuple(random_state.permutation(text).tolist()) for text in fake]
    whole, mixed = estimate_bleu(real, fake), estimate_bleu(real, shuffled)
    for order in (2, 3, 4, 5):
        assert mixed[order].interval.high < whole[order].interval.low


def test_the_number_of_references_and_the_smoothing_are_stated():
    texts = [tokens(text) for text in sentences(30, seed=9)]
    assert "30 references" in estimate_bleu(texts, texts)[2].note
    assert "29 references" in estimate_self_bleu(texts)[2].note
    assert "method1" in estimate_self_bleu(texts)[2].note


def test_too_few_texts_are_refused():
    with pytest.raises(DataError, match="at least 3 texts; found 2"):
        estimate_self_bleu([("a",), ("b",)])
    with pytest.raises(DataError, match="at least 1 reference text; found 0"):
        bleu([], [("a",)])
