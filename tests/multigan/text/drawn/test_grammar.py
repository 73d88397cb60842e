import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest

from multigan.errors import DataError
from multigan.text.drawn.grammar import Grammar, level_shares, rules, sentence_of, words_of
from multigan.text.drawn.spelling import SPANISH, with_articles, with_contractions

TINY = """
sentence: 3 i saw a <look> <thing> <when> . | 1 <thing> , a <thing> !
look: old / red | green / enormous ; thing: 2 apple | hat ; when: - | - | now
"""
# Two derivations of "b b" and of "b b b": what is unclear must be summed over.
UNCLEAR = """
sentence: <some> <more> | b <more> b
some: b | b b
more: 4 - | b
"""


def enumerated(text, intensity):
    """Every sentence with its probability, by writing out all derivations: independent of the parser and of draws."""
    table, shares = rules(text), level_shares(intensity)

    def derivations(item):
        if not item.startswith("<"):
            return [((item,), 1.0)]
        return [
            (sum((words for words, _ in parts), ()), math.prod((own, *(p for _, p in parts))))
            for each in table[item[1:-1]]
            for own in [each.share * (1 if each.level is None else shares[each.level])]
            for parts in itertools.product(*map(derivations, each.items))
        ]

    total = Counter()
    for words, probability in derivations("<sentence>"):
        total[sentence_of(with_articles(words))] += probability
    return total


@pytest.mark.parametrize("text", [TINY, UNCLEAR])
@pytest.mark.parametrize("intensity", [0.1, 0.3, 0.5, 0.9, 1.0])
def test_the_probabilities_of_all_sentences_are_those_of_enumeration_and_sum_to_1(text, intensity):
    grammar, expected = Grammar(rules(text)), enumerated(text, intensity)
    found = {sentence: math.exp(grammar.log_prob(sentence, intensity)) for sentence in expected}
    assert found == pytest.approx(dict(expected), rel=1e-12)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert {len(words_of(sentence)) for sentence in expected} <= set(grammar.lengths)
    assert {word for sentence in expected for word in words_of(sentence)} <= grammar.vocabulary


def test_a_probability_by_hand():
    # 3/4 for the first shape, 1 - share of "red | green" halved, 2/3 for apple, 1/3 for now.
    medium = level_shares(0.65)[1]
    grammar = Grammar(rules(TINY))
    assert grammar.log_prob("I saw a red apple now.", 0.65) == pytest.approx(
        math.log(3 / 4 * medium / 2 * 2 / 3 / 3)
    )
    assert grammar.log_prob("hat , an apple !") == pytest.approx(math.log(1 / 4 * 1 / 3 * 2 / 3))
    # "b b b": some = b b then more = b: 1/2 * 1/2 * 1/5; b more b with more = b: 1/2 * 1/5.
    assert Grammar(rules(UNCLEAR)).log_prob("b b b") == pytest.approx(math.log(1 / 20 + 1 / 10))


@pytest.mark.parametrize("text", [TINY, UNCLEAR])
def test_frequencies_of_draws_are_the_probabilities(text):
    grammar, rng, n = Grammar(rules(text)), random.Random(5), 20_000
    counts, expected = Counter(grammar.draw(rng, 0.5) for _ in range(n)), enumerated(text, 0.5)
    assert set(counts) <= set(expected)
    for sentence, p in expected.items():
        assert counts[sentence] / n == pytest.approx(p, abs=4.5 * math.sqrt(p * (1 - p) / n))


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "i saw a red apple now",
        "i saw an red apple now.",
        "i saw a old apple.",
        "i saw a red apple now. now.",
        "saw i a red apple.",
        "i saw a red pear.",
        "hat, a hat.",
    ],
)
def test_what_the_rules_cannot_make_has_no_probability(sentence):
    assert Grammar(rules(TINY)).log_prob(sentence) == -math.inf


def test_levels_move_smoothly_with_the_intensity():
    intensities = np.linspace(0.05, 1, 400)
    shares = np.array(level_shares(intensities))
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    np.testing.assert_allclose(shares[:, 100], level_shares(float(intensities[100])))
    mean_level = np.arange(3) @ shares
    assert (np.diff(mean_level) > 0).all()
    assert np.diff(mean_level).max() < 0.02
    # The formula itself, without the rearrangement that keeps it from vanishing.
    heights = np.exp(-((0.5 - np.array([0.3, 0.65, 1.0])) ** 2) / (2 * 0.14**2))
    np.testing.assert_allclose(level_shares(0.5), heights / heights.sum())


def test_probabilities_at_many_intensities_are_those_at_each():
    grammar, at = Grammar(rules(TINY)), np.array([0.2, 0.6, 1.0])
    words = words_of("i saw an enormous hat.")
    together = grammar.probability(words, level_shares(at))
    np.testing.assert_allclose(np.log(together), [grammar.log_prob("i saw an enormous hat.", x) for x in at])


def test_words_and_articles():
    assert words_of("A hat ,an  Apple!") == ("a", "hat", ",", "an", "apple", "!")
    assert sentence_of(words_of("hat , an apple !")) == "hat, an apple!"
    assert with_articles(("a", "old", "a", "one", "a", "b", "a")) == ("an", "old", "a", "one", "a", "b", "a")


def test_counts_of_derivations():
    assert Grammar(rules(TINY)).n_derivations == 4 * 2 * 3 + 2 * 2
    assert Grammar(rules(TINY)).lengths == range(5, 8)
    assert Grammar(rules(UNCLEAR)).lengths == range(1, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sentence: <thing>", "uses <thing>, for which there is no rule"),
        ("thing: hat", "A grammar uses <sentence>"),
        ("sentence: <thing>\nthing: a | <sentence> b", "contains itself"),
        ("sentence: a | | b", "empty alternative"),
        ("sentence: a / b", "has 2 levels; give it 1 or 3"),
        ("sentence: an apple", "write 'a'"),
        ("sentence: a\nsentence: b", "once for each name"),
        ("sentence a", "A rule is"),
        ("sentence: content{o,a}", "Braces have as many parts as those in the rule's name"),
        ("sentence_{m,f}: content{o,a,e}", "Braces have as many parts"),
    ],
)
def test_rules_that_make_no_grammar(text, message):
    with pytest.raises(DataError, match=message):
        Grammar(rules(text))


SPANISH_TINY = """
sentence: voy a <place> y <place> de <place> . | ¡ <glad_m> o <glad_f> !
place: el mar | irán | ibiza | la hierba ; glad_{m,f}: content{o,a} | <who_{m,f}> ; who_{m,f}: {orgullo,hierro}s{o,a}
"""


def test_braces_write_a_rule_for_each_of_their_parts():
    table = rules(SPANISH_TINY, SPANISH)
    assert [each.items for each in table["glad_m"]] == [("contento",), ("<who_m>",)]
    assert [each.items for each in table["glad_f"]] == [("contenta",), ("<who_f>",)]
    assert [each.items for each in table["who_f"]] == [("hierrosa",)]


def test_spanish_words_are_drawn_together_and_read_apart():
    grammar = Grammar(rules(SPANISH_TINY, SPANISH), SPANISH)
    assert grammar.log_prob("voy al mar e irán del mar.") == pytest.approx(math.log(1 / 2 / 4**3))
    assert grammar.log_prob("voy a la hierba e ibiza de irán.") == pytest.approx(math.log(1 / 2 / 4**3))
    assert grammar.log_prob("¡contento o contenta!") == pytest.approx(math.log(1 / 2 / 4))
    for wrong in ("voy a el mar e irán del mar.", "voy al mar y irán del mar.", "¡contento u contenta!"):
        assert grammar.log_prob(wrong) == -math.inf
    drawn = {grammar.draw(random.Random(seed)) for seed in range(200)}
    assert "¡contento o contenta!" in drawn
    assert all(math.isfinite(grammar.log_prob(sentence)) for sentence in drawn)
    assert {"al", "del", "e", "u"} <= grammar.vocabulary
    with pytest.raises(DataError, match="says 'del'; write 'de el', which becomes 'del' where it must"):
        rules("sentence: cerca del mar", SPANISH)


def test_contractions():
    said = "de el a el y ir y hielo y hijos o otro o ocho o uno"
    assert " ".join(with_contractions(said.split())) == "del al e ir y hielo e hijos u otro u ocho o uno"
