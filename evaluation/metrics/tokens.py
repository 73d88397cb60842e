"""Words of a text, and the n-grams of many texts as numbers: what text metrics count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

TOKENISER = "words-v1"
TOKENISER_IN_WORDS = (
    "words-v1: NFC, lower case; a word with its inner apostrophes and hyphens, a mask such as [NAME] or <unk>, "
    "an ideograph or kana, and every other mark is a token"
)

Tokens = tuple[str, ...]

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = rf"[^\W{_IDEOGRAPHS}]+"
_TOKEN = re.compile(rf"\[\w+\]|<\w+>|{_WORD}(?:['’\-]{_WORD})*|\S")


def tokens(text: str) -> Tokens:
    """The tokens of a text; ``TOKENISER`` names the rule and its version, ``TOKENISER_IN_WORDS`` states it."""
    return tuple(_TOKEN.findall(unicodedata.normalize("NFC", text).lower()))


@dataclass(frozen=True, eq=False)
class Numbered:
    """Texts as one row of token numbers: ``number`` [T] and the ``text`` [T] each is of, ``lengths`` [N]."""

    number: np.ndarray
    text: np.ndarray
    lengths: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """[N]: where each text begins in the row."""
        return np.cumsum(self.lengths) - self.lengths


def numbered(texts: Sequence[Tokens]) -> Numbered:
    """Equal tokens get equal numbers, from 0 in the order in which they come."""
    vocabulary: dict[str, int] = {}
    number = [vocabulary.setdefault(token, len(vocabulary)) for text in texts for token in text]
    lengths = np.array([len(text) for text in texts], np.int64)
    return Numbered(np.array(number, np.int64), np.repeat(np.arange(len(texts)), lengths), lengths)


@dataclass(frozen=True, eq=False)
class Grams:
    """The n-grams of one order: an entry for each n-gram of each text, by n-gram and the highest count first."""

    gram: np.ndarray
    """[E] from 0; equal n-grams have equal numbers."""
    text: np.ndarray
    """[E]: the text that the entry is of."""
    count: np.ndarray
    """[E]: how often the n-gram stands in that text, at least 1."""

    def of(self, kept: np.ndarray) -> Grams:
        """The entries of the texts [N] that are kept."""
        here = kept[self.text]
        return Grams(self.gram[here], self.text[here], self.count[here])

    @property
    def first(self) -> np.ndarray:
        """[E] bool: is it the first entry of its n-gram?"""
        return np.diff(self.gram, prepend=-1) != 0


def grams(texts: Sequence[Tokens], highest: int) -> Iterator[Grams]:
    """The n-grams of orders 1 to ``highest`` of texts [N]."""
    flat = numbered(texts)
    ends = np.cumsum(flat.lengths)[flat.text]
    at, gram = np.arange(len(flat.number)), flat.number
    for order in range(1, highest + 1):
        if order > 1:
            long_enough = ends[at] - at >= order
            at, gram = at[long_enough], gram[long_enough]
            pair = gram * (len(flat.number) + 1) + flat.number[at + order - 1]
            gram = np.unique(pair, return_inverse=True)[1]
        key, count = np.unique(gram * max(1, len(texts)) + flat.text[at], return_counts=True)
        own, text = np.divmod(key, max(1, len(texts)))
        most_first = np.lexsort((-count, own))
        yield Grams(own[most_first], text[most_first], count[most_first])
