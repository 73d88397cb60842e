import math
import random
from collections import Counter

import numpy as np
import pytest

from evaluation.metrics.bleu import self_bleu
from evaluation.metrics.tokens import tokens
from multigan.emotions import NAMES
from multigan.errors import ConfigError, DataError
from multigan.text.drawn import sets as grammars
from multigan.text.drawn.grammar import Grammar, sentence_of, words_of
from multigan.text.drawn.spelling import SPELLINGS

UNKIND = {
    "en": """
kill killed murder suicide hang gun knife blood bleed drug drugs alcohol drunk beer wine pill pills medicine medication dose
doctor diagnosis cure hate idiot ugly stupidly damn hell god hopeless worthless
""",
    "es": """
matar mató asesinato suicidio ahorcar pistola cuchillo droga drogas alcohol borracho cerveza pastilla pastillas
medicina medicamento dosis médico médica diagnóstico cura odio odia idiota fea feo maldito infierno dios inútil
""",
}


SETS = [(name, language) for name in grammars.LABELS for language in grammars.GRAMMARS[name]]


@pytest.fixture(scope="module", params=SETS, ids="-".join)
def set_of(request):
    return request.param


@pytest.fixture(scope="module")
def name(set_of):
    return set_of[0]


@pytest.fixture(scope="module")
def language(set_of):
    return set_of[1]


@pytest.fixture(scope="module")
def drawn(name, language):
    return grammars.draw(name, 2_000, 3, language)


def every(name, language):
    return [Grammar(rules, SPELLINGS[language]) for rules in grammars.GRAMMARS[name][language].values()]


def test_every_drawn_sentence_has_a_probability_whatever_its_case_and_spaces(name, language, drawn):
    texts, classes, intensities = drawn
    given = grammars.log_prob(name, texts, classes, intensities, language)
    assert given.dtype == np.float64
    assert np.isfinite(given).all()
    assert (given < 0).all()
    assert grammars.is_grammatical(name, texts, language).all()
    loud = [text.upper().replace(",", " ,").replace(".", " . ") for text in texts]
    np.testing.assert_array_equal(grammars.log_prob(name, loud, classes, intensities, language), given)


def test_a_mutated_sentence_has_none_in_nearly_all_cases(name, language, drawn):
    rng, mutated = random.Random(1), {"swapped": [], "dropped": [], "doubled": [], "replaced": []}
    texts = drawn[0][:500]
    words = sorted({word for text in texts for word in words_of(text)})
    for text in texts:
        sentence = list(words_of(text))
        place = rng.randrange(len(sentence) - 1)
        before, here, after = sentence[:place], sentence[place], sentence[place + 1 :]
        mutated["swapped"].append([*before, after[0], here, *after[1:]])
        mutated["dropped"].append([*before, *after])
        mutated["doubled"].append([*before, here, here, *after])
        mutated["replaced"].append([*before, rng.choice([word for word in words if word != here]), *after])
    share = {
        how: grammars.is_grammatical(name, [sentence_of(each) for each in some], language).mean()
        for how, some in mutated.items()
    }
    assert share["swapped"] < 0.01
    assert share["doubled"] < 0.01
    assert share["dropped"] < 0.05  # "my shy niece" without "shy" is a sentence too
    assert share["replaced"] < 0.02


def test_a_sentence_is_a_function_of_the_seed_and_its_number(name, language):
    texts, classes, intensities = grammars.draw(name, 60, 8, language)
    few, few_classes, few_intensities = grammars.draw(name, 25, 8, language)
    assert few == texts[:25]
    np.testing.assert_array_equal(few_intensities, intensities[:25])
    if classes is not None:
        np.testing.assert_array_equal(few_classes, classes[:25])
    assert grammars.draw(name, 60, 8, language)[0] == texts
    assert len(set(grammars.draw(name, 60, 9, language)[0]) & set(texts)) < 15


def test_labels_classes_and_intensities(name, drawn):
    texts, classes, intensities = drawn
    assert intensities.dtype == np.float32
    labels = grammars.LABELS[name]
    if not labels:
        assert classes is None
        assert (intensities == 1).all()
        return
    assert labels == NAMES
    assert classes.dtype == np.int64
    assert set(np.bincount(classes)) == {len(texts) // len(labels)}
    assert 0.3 <= intensities.min() < 0.31 < 0.99 < intensities.max() <= 1
    assert intensities.mean() == pytest.approx(0.65, abs=0.02)


def test_language_is_rich_and_short_and_harmless(name, language):
    texts, _, _ = grammars.draw(name, 4_000, 0, language)
    lengths = [len(words_of(text)) for text in texts]
    assert min(lengths) >= 4
    assert max(lengths) <= 22
    assert 9 < np.mean(lengths) < 15
    assert len(set(texts)) > 3_600
    grammar = every(name, language)
    assert all(each.lengths.start >= 4 and each.lengths.stop <= 25 for each in grammar)  # a row has 24 places
    assert sum(each.n_derivations for each in grammar) > 10_000_000
    vocabulary = frozenset().union(*(each.vocabulary for each in grammar))
    assert len(vocabulary) >= 300
    assert not vocabulary & set(UNKIND[language].split())
    assert all(word.isalpha() or word in ".,!?¡¿" for word in vocabulary)


def test_a_probability_without_a_class_or_an_intensity_is_the_mean():
    texts, classes, intensities = grammars.draw("emotive", 40, 1)
    each = [
        grammars.log_prob("emotive", texts, np.full(40, label), intensities) for label in range(len(NAMES))
    ]
    np.testing.assert_allclose(
        np.exp(grammars.log_prob("emotive", texts, intensities=intensities)), np.exp(each).mean(axis=0)
    )
    midpoints = 0.3 + 0.7 * (np.arange(200) + 0.5) / 200
    fine = [np.exp(grammars.log_prob("emotive", texts, classes, np.full(40, x))) for x in midpoints]
    np.testing.assert_allclose(
        np.exp(grammars.log_prob("emotive", texts, classes)), np.mean(fine, axis=0), rtol=1e-4
    )


def test_the_emotion_and_the_intensity_can_be_read():
    for name, language in (("emotive", "en"), ("emotive", "es"), ("supportive", "en")):
        texts, classes, intensities = grammars.draw(name, 800, 2, language)
        scores = [
            grammars.log_prob(name, texts, np.full(800, label), language=language)
            for label in range(len(NAMES))
        ]
        assert (np.argmax(scores, axis=0) == classes).mean() > 0.97
        expected = grammars.expected_intensities(name, texts, classes, language)
        assert np.corrcoef(expected, intensities)[0, 1] > 0.6
        assert expected.mean() == pytest.approx(0.65, abs=0.02)
    mild, strong = grammars.expected_intensities(
        "emotive",
        [
            "i feel a little sad in the empty house without my parents.",
            "i am utterly heartbroken in the empty house without my parents.",
        ],
    )
    assert mild < 0.45 < 0.85 < strong
    mild, strong = grammars.expected_intensities(
        "emotive",
        [
            "me siento un poco triste sin ana en la mesa.",
            "estoy completamente destrozada sin ana en la mesa.",
        ],
        language="es",
    )
    assert mild < 0.45 < 0.85 < strong
    assert math.isnan(grammars.expected_intensities("emotive", ["i feel sad ."])[0])


def test_no_neighbouring_word_is_said_twice(name, drawn):
    pairs = Counter(
        pair for text in drawn[0] for pair in zip(words_of(text), words_of(text)[1:], strict=False)
    )
    assert not [pair for pair in pairs if pair[0] == pair[1]]


@pytest.mark.parametrize("language", ["en", "es"])
def test_emotive_sentences_differ_from_each_other(language):
    texts = grammars.draw("emotive", 2_000, 0, language)[0]
    assert (
        self_bleu([tokens(text) for text in texts])[:, 2].mean() < 0.53
    )  # held-out ones, which training has not: 0.50


def test_spanish_agrees_in_gender():
    right = [
        "mi hermana está muy enfadada por las mentiras de ana.",
        "mi hermano está muy enfadado por las mentiras de ana.",
    ]
    wrong = [
        "mi hermana está muy enfadado por las mentiras de ana.",
        "mi hermano está muy enfadada por las mentiras de ana.",
        "mi hermana está muy enfadada por la mentiras de ana.",
    ]
    assert grammars.is_grammatical("emotive", right, "es").all()
    assert not grammars.is_grammatical("emotive", wrong, "es").any()
    assert not grammars.is_grammatical("emotive", right, "en").any()


def test_errors():
    with pytest.raises(
        DataError, match=r"no sentences 'supportive' in the language 'es'.*only in en; choose it"
    ):
        grammars.draw("supportive", 3, 0, "es")
    with pytest.raises(ConfigError, match="Did you mean 'emotive'"):
        grammars.draw("emotiv", 3, 0)
    with pytest.raises(DataError, match="Classes of 'emotive' are 0 to 7; found 8 to 8"):
        grammars.log_prob("emotive", ["a ."], [8], [1.0])
    with pytest.raises(DataError, match="none for captions"):
        grammars.log_prob("captions", ["a ."], [0], None)
    with pytest.raises(DataError, match="an intensity for each of 1 texts"):
        grammars.log_prob("emotive", ["a ."], [0], [1.0, 0.5])
