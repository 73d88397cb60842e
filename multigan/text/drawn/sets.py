"""The embedded sentences: drawn by seed, each with an emotion and an intensity, and their exact log-probabilities.

Sentence i of a draw is a function of (seed, i) alone, so that a larger draw begins with a smaller one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from multigan.chance import Chance
from multigan.errors import DataError
from multigan.registry import Registry
from multigan.text.drawn.captions import CAPTIONS
from multigan.text.drawn.emotive import EMOTIONS, emotive
from multigan.text.drawn.grammar import MILD, STRONG, Grammar, Rules, level_shares, words_of
from multigan.text.drawn.spelling import SPELLINGS
from multigan.text.drawn.supportive import SUPPORTIVE

VERSION = 2
"""Of all rules and of how they are drawn: another number, other sentences for the same seed."""
ENGLISH = "en"
UNLABELLED = ""
"""The one key of a grammar without labels."""
N_NODES = 16
"""Gauss-Legendre nodes in [0.3, 1] at which a mean over all intensities is found."""

_POINTS, _HEIGHTS = np.polynomial.legendre.leggauss(N_NODES)
_INTENSITIES = MILD + (STRONG - MILD) * (_POINTS + 1) / 2
_WEIGHTS = _HEIGHTS / 2
_SHARES = level_shares(_INTENSITIES)
_ANY_LEVEL = (1.0, 1.0, 1.0)


def draw(
    name: str, n: int, seed: int, language: str = ENGLISH
) -> tuple[list[str], NDArray[np.int64] | None, NDArray[np.float32]]:
    """``n`` sentences, their classes [n] (in turn, so balanced; None without labels) and their intensities [n].

    Intensities are uniform in [0.3, 1], and 1 for all sentences without labels. A class is a place in ``LABELS[name]``.
    """
    grammars = _grammars(name, language)
    chance = Chance(seed)
    classes = np.arange(n, dtype=np.int64) % len(grammars)
    intensities = np.ones(n, np.float32)
    if LABELS[name]:
        intensities = (MILD + (STRONG - MILD) * chance.numbers(f"{name} intensities", n)).astype(np.float32)
    texts = [
        grammars[label].draw(random.Random(int(bits)), float(intensity))
        for label, bits, intensity in zip(classes, chance.many(f"{name} words", n), intensities, strict=True)
    ]
    return texts, classes if LABELS[name] else None, intensities


def log_prob(
    name: str,
    texts: Sequence[str],
    classes: ArrayLike | None = None,
    intensities: ArrayLike | None = None,
    language: str = ENGLISH,
) -> NDArray[np.float64]:
    """ln p(text | class, intensity) in nats, float64 [n]; -inf where the grammar cannot make the text.

    Without classes p(text | intensity) = mean over classes; without intensities p is the mean over uniform ones in
    [0.3, 1], by Gauss-Legendre quadrature. Case and the spaces around marks make no difference.
    """
    found = np.empty(len(texts), np.float64)
    judges = _judges(name, texts, classes, language)
    rows = zip(texts, judges, _known(texts, intensities), strict=True)
    for row, (text, grammars, intensity) in enumerate(rows):
        shares, weights = (_SHARES, _WEIGHTS) if intensity is None else (level_shares(intensity), 1.0)
        found[row] = np.sum(weights * _probability(grammars, text, shares))
    with np.errstate(divide="ignore"):
        return np.log(found)


def expected_intensities(
    name: str, texts: Sequence[str], classes: ArrayLike | None = None, language: str = ENGLISH
) -> NDArray[np.float32]:
    """E[intensity | text, class] under uniform intensities, float32 [n]: how strongly a text speaks.

    Without classes each is as likely as another. nan where the grammar cannot make the text.
    """
    found = np.full(len(texts), np.nan, np.float32)
    judges = _judges(name, texts, classes, language)
    for row, (text, grammars) in enumerate(zip(texts, judges, strict=True)):
        likelihood = _WEIGHTS * _probability(grammars, text, _SHARES)
        if likelihood.sum() > 0:
            found[row] = (likelihood @ _INTENSITIES) / likelihood.sum()
    return found


def is_grammatical(name: str, texts: Sequence[str], language: str = ENGLISH) -> NDArray[np.bool_]:
    """[n]: whether the grammar can make the text under any label."""
    return np.array([_probability(_grammars(name, language), text, _ANY_LEVEL) > 0 for text in texts], bool)


@dataclass(frozen=True)
class NamedGrammar:
    """The grammar that wrote a set of sentences, for whoever reads the set and not its name."""

    name: str
    language: str = ENGLISH

    def is_grammatical(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """[n]: see ``is_grammatical``."""
        return is_grammatical(self.name, texts, self.language)

    def log_prob(
        self, texts: Sequence[str], classes: ArrayLike | None, intensities: ArrayLike | None
    ) -> NDArray[np.float64]:
        """[n] in nats: see ``log_prob``."""
        return log_prob(self.name, texts, classes, intensities, self.language)


def _probability(grammars: Sequence[Grammar], text: str, shares: Sequence[Any]) -> Any:
    """The mean over grammars: a number, or an array [K] where the shares are."""
    words = words_of(text)
    return sum(grammar.probability(words, shares) for grammar in grammars) / len(grammars)


def _judges(
    name: str, texts: Sequence[str], classes: ArrayLike | None, language: str
) -> list[Sequence[Grammar]]:
    """The grammars that each text is measured by: its class's, or all."""
    grammars = _grammars(name, language)
    if classes is None:
        return [grammars] * len(texts)
    numbers = np.asarray(classes)
    if not LABELS[name] or numbers.shape != (len(texts),):
        raise DataError(
            f"Give a class for each of {len(texts)} texts, and none for captions; found shape {numbers.shape}."
        )
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(grammars):
        raise DataError(
            f"Classes of {name!r} are 0 to {len(grammars) - 1}; found {numbers.min()} to {numbers.max()}."
        )
    return [(grammars[number],) for number in numbers]


def _known(texts: Sequence[str], intensities: ArrayLike | None) -> Sequence[float | None]:
    if intensities is None:
        return [None] * len(texts)
    numbers = np.asarray(intensities, np.float64)
    if numbers.shape != (len(texts),):
        raise DataError(f"Give an intensity for each of {len(texts)} texts; found shape {numbers.shape}.")
    return numbers.tolist()


def labels(name: str, language: str = ENGLISH) -> tuple[str, ...]:
    """Those of a set, () for none. DataError where it has no sentences in the language."""
    _rules(name, language)
    return LABELS[name]


def _rules(name: str, language: str) -> dict[str, Rules]:
    languages = GRAMMARS[name]
    if language not in languages:
        raise DataError(
            f"There are no sentences {name!r} in the language {language!r} (data.language), only in {', '.join(languages)}; "
            "choose it, or other sentences (data.sentences), or give texts of your own (--data)."
        )
    return languages[language]


@cache
def _grammars(name: str, language: str) -> tuple[Grammar, ...]:
    return tuple(Grammar(rules, SPELLINGS[language]) for rules in _rules(name, language).values())


GRAMMARS: Registry[dict[str, dict[str, Rules]]] = Registry(
    "grammar of sentences",
    {
        "emotive": {language: emotive(language) for language in SPELLINGS},
        "supportive": {"en": SUPPORTIVE},
        "captions": {"en": {UNLABELLED: CAPTIONS}},
    },
)
"""Of each set, by language, the rules of each label."""
LABELS: dict[str, tuple[str, ...]] = {
    "emotive": EMOTIONS,
    "supportive": tuple(SUPPORTIVE),
    "captions": (),
}
