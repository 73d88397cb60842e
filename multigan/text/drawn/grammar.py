"""A probabilistic grammar without recursion: it draws sentences, and tells the exact probability of any sentence.

Rules are text: a rule a line, longer ones on indented lines, short ones side by side with `` ; `` between them::

    sentence: 2 i feel <felt> . | <cry> !
    felt: a little <mood> / quite <mood> / so very <mood> | absolutely <extreme>
    mood: glad | happy ; extreme: overjoyed ; cry: hooray | what a <mood> day

``|`` parts alternatives: words and <symbols>. A leading number is a weight (1 where there is none), ``-`` stands for no
words at all. `` / `` parts the levels mild, medium and strong: the intensity decides between levels, the weights within one.

Braces write several rules at once, the k-th with the k-th part of each: ``glad_{m,f}: content{o,a} | <proud_{m,f}>``.

Words follow their neighbours (``spelling``): rules say "a", and sentences have "an" where the next word begins with a vowel.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from multigan.errors import DataError
from multigan.text.drawn.spelling import ENGLISH, Spelling, Words

START = "sentence"
LEVELS = 3
MILD, STRONG = 0.3, 1.0
"""The intensities at which the mild and the strong level are likeliest; the medium one is midway."""
LEVEL_WIDTH = 0.14

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]")
_SYMBOL = re.compile(r"<\w+>")
_BRACES = re.compile(r"\{([^{}]*)\}")


def words_of(sentence: str) -> Words:
    """Lower-case words and marks, whatever the spaces between them."""
    return tuple(_TOKEN.findall(sentence.lower()))


def sentence_of(words: Iterable[str]) -> str:
    """Words with a space between them, and marks without one before them; those that open a sentence without one after."""
    return re.sub(r" (?=[.,!?])|(?<=[¡¿]) ", "", " ".join(words))


def level_shares(intensity: Any) -> tuple[Any, Any, Any]:
    """The probabilities of the mild, medium and strong level, smooth in the intensity (a number, or an array [K] of them).

    p_l(x) = exp(-(x - c_l)^2 / (2 w^2)) / sum_k exp(-(x - c_k)^2 / (2 w^2)) with c = 0.3, 0.65, 1 and w = 0.14.
    """
    step = (STRONG - MILD) / (LEVELS - 1)
    centres = [MILD + level * step for level in range(LEVELS)]
    # The common factor exp(-(x^2) / (2 w^2)) is left out: what remains cannot vanish for all levels at once.
    logits = [(intensity * centre - centre**2 / 2) / LEVEL_WIDTH**2 for centre in centres]
    heights = [math.e ** (logit - logits[1]) for logit in logits]
    total = heights[0] + heights[1] + heights[2]
    return (heights[0] / total, heights[1] / total, heights[2] / total)


@dataclass(frozen=True, eq=False)
class Alternative:
    """Words and symbols that a symbol may become; ``share`` among those of its level, or of all where it has none."""

    items: Words
    share: float
    level: int | None = None


Rules = Mapping[str, tuple[Alternative, ...]]


def rules(text: str, spelling: Spelling = ENGLISH) -> dict[str, tuple[Alternative, ...]]:
    """The rules that a text in the notation above states."""
    read: dict[str, tuple[Alternative, ...]] = {}
    for written in re.split(r"\n|\s;\s", re.sub(r"\n[ \t]+", " ", text.strip())):
        for line in _forms(written):
            name, colon, body = line.partition(":")
            if not colon or not re.fullmatch(r"\w+", name) or name in read:
                raise DataError(f"A rule is 'name: alternatives', once for each name; found {line[:60]!r}.")
            levels = re.split(r"\s/\s", body)
            if len(levels) not in (1, LEVELS):
                raise DataError(f"The rule {name!r} has {len(levels)} levels; give it 1 or {LEVELS}.")
            read[name] = tuple(
                alternative
                for level, part in enumerate(levels)
                for alternative in _alternatives(name, part, level if len(levels) > 1 else None, spelling)
            )
    return read


def _forms(line: str) -> list[str]:
    """The rules that a line with braces writes at once."""
    parts = [braces.split(",") for braces in _BRACES.findall(line)]
    counts = {len(each) for each in parts}
    if len(counts) > 1 or (counts and not _BRACES.search(line.partition(":")[0])):
        raise DataError(
            "Braces have as many parts as those in the rule's name, as in 'glad_{m,f}: content{o,a}'; found "
            f"{line[:60]!r}."
        )
    n_forms = counts.pop() if counts else 1
    return [_BRACES.sub(lambda braces, k=k: braces[1].split(",")[k], line) for k in range(n_forms)]


def _alternatives(name: str, text: str, level: int | None, spelling: Spelling) -> list[Alternative]:
    weighted: list[tuple[float, Words]] = []
    for part in text.split("|"):
        items = part.split()
        if not items:
            raise DataError(f"The rule {name!r} has an empty alternative; write - for no words.")
        for item in items:
            if item in spelling.plain:
                plain = " ".join(spelling.plain[item])
                raise DataError(
                    f"The rule {name!r} says {item!r}; write {plain!r}, which becomes {item!r} where it must."
                )
        weight = float(items.pop(0)) if items[0].isdecimal() else 1.0
        weighted.append((weight, () if items == ["-"] else tuple(items)))
    total = sum(weight for weight, _ in weighted)
    return [Alternative(items, weight / total, level) for weight, items in weighted]


@dataclass(frozen=True, eq=False)
class _Symbol:
    """A symbol's alternatives, and which of them may begin with a word."""

    alternatives: tuple[Alternative, ...]
    beginning: dict[str, list[Alternative]] = field(default_factory=dict)
    empty: list[Alternative] = field(default_factory=list)
    """Those that may have no words."""


class Grammar:
    """Sentences drawn from rules, each from the symbol ``sentence``, and the exact probability of any sentence."""

    def __init__(self, rules: Rules, spelling: Spelling = ENGLISH) -> None:
        self.rules = dict(rules)
        self.spelling = spelling
        self._symbols: dict[str, _Symbol] = {}
        self._compile(f"<{START}>", ())

    def _compile(self, item: str, above: Words) -> _Symbol:
        """Find what each alternative may begin with, in the order in which that can be known: the used rules only."""
        if item in above:
            raise DataError(f"The rule {item} contains itself; a grammar here is without recursion.")
        if item in self._symbols:
            return self._symbols[item]
        if item[1:-1] not in self.rules:
            raise DataError(f"{above[-1] if above else 'A grammar'} uses {item}, for which there is no rule.")
        symbol = _Symbol(self.rules[item[1:-1]])
        for alternative in symbol.alternatives:
            beginning: dict[str, None] = {}
            empty = True
            for part in alternative.items:
                below = self._compile(part, (*above, item)) if _SYMBOL.fullmatch(part) else None
                if empty:
                    beginning.update(dict.fromkeys(below.beginning if below else (part,)))
                    empty = bool(below and below.empty)
            for word in beginning:
                symbol.beginning.setdefault(word, []).append(alternative)
            if empty:
                symbol.empty.append(alternative)
        self._symbols[item] = symbol
        return symbol

    def draw(self, rng: random.Random, intensity: float = 0.65) -> str:
        """A sentence; one random number a symbol with more than one alternative."""
        shares, words, waiting = level_shares(intensity), [], [f"<{START}>"]
        while waiting:
            item = waiting.pop()
            symbol = self._symbols.get(item)
            if symbol is None:
                words.append(item)
                continue
            waiting += reversed(_pick(symbol.alternatives, shares, rng).items)
        return sentence_of(self.spelling.written(words))

    def log_prob(self, sentence: str, intensity: float = 0.65) -> float:
        """The natural logarithm of the probability that ``draw`` gives the sentence: -inf where it never does."""
        probability = self.probability(words_of(sentence), level_shares(intensity))
        return math.log(probability) if probability > 0 else -math.inf

    def probability(self, words: Sequence[str], shares: Sequence[Any]) -> Any:
        """The sum over all derivations, with the levels' shares as numbers, or as arrays [K] of K intensities.

        The inside algorithm from the top down: P(symbol, i, j) is found once for each symbol and place i, for all j.
        """
        plain = self.spelling.of(words)
        if plain is None:
            return 0.0
        known: dict[tuple[str, int], dict[int, Any]] = {}
        return self._spans(f"<{START}>", 0, plain, shares, known).get(len(plain), 0.0)

    def _spans(
        self, item: str, start: int, words: Words, shares: Sequence[Any], known: dict[tuple[str, int], Any]
    ) -> dict[int, Any]:
        """{j: the probability that the symbol becomes words[start:j]} of all j where it is not 0."""
        found = known.get((item, start))
        if found is not None:
            return found
        found = known[item, start] = {}
        symbol = self._symbols[item]
        word = words[start] if start < len(words) else ""
        candidates = symbol.beginning.get(word, ())
        for alternative in (*candidates, *(each for each in symbol.empty if each not in candidates)):
            level = alternative.level
            ends = {start: alternative.share if level is None else alternative.share * shares[level]}
            for part in alternative.items:
                if part not in self._symbols:
                    ends = {end + 1: p for end, p in ends.items() if end < len(words) and words[end] == part}
                else:
                    further: dict[int, Any] = {}
                    for end, p in ends.items():
                        for last, share in self._spans(part, end, words, shares, known).items():
                            further[last] = further.get(last, 0.0) + p * share
                    ends = further
                if not ends:
                    break
            for end, p in ends.items():
                found[end] = found.get(end, 0.0) + p
        return found

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word and mark that a sentence may have."""
        parts = {
            item
            for symbol in self._symbols.values()
            for alternative in symbol.alternatives
            for item in alternative.items
        }
        words = frozenset(item for item in parts if item not in self._symbols)
        return words | {word for word, plain in self.spelling.plain.items() if words.issuperset(plain)}

    @cached_property
    def lengths(self) -> range:
        """From the fewest words and marks of the rules' sentences to the most, after which the range ends."""
        extent: dict[str, tuple[int, int]] = {}
        for item, symbol in self._symbols.items():  # symbols come after those that they are made of
            sums = [
                tuple(map(sum, zip(*(extent.get(part, (1, 1)) for part in each.items), strict=True)))
                or (0, 0)
                for each in symbol.alternatives
            ]
            extent[item] = (min(low for low, _ in sums), max(high for _, high in sums))
        least, most = extent[f"<{START}>"]
        return range(least, most + 1)

    @cached_property
    def n_derivations(self) -> int:
        """In how many ways a sentence can be made: the number of sentences where none can be made in two."""
        count: dict[str, int] = {}
        for item, symbol in self._symbols.items():
            count[item] = sum(
                math.prod(count.get(part, 1) for part in each.items) for each in symbol.alternatives
            )
        return count[f"<{START}>"]


def _pick(alternatives: Sequence[Alternative], shares: Sequence[float], rng: random.Random) -> Alternative:
    if len(alternatives) == 1:
        return alternatives[0]
    left = rng.random()
    for alternative in alternatives:
        left -= (
            alternative.share if alternative.level is None else alternative.share * shares[alternative.level]
        )
        if left < 0:
            return alternative
    return alternatives[-1]  # where rounding left a trace
