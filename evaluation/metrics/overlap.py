"""Do generated texts stand in the training text, whole or in long runs?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.tokens import Tokens, numbered
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife, wilson
from multigan.errors import DataError

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, eq=False)
class Overlap:
    """Of each text [N]: its longest run of tokens that stands in a training text."""

    length: np.ndarray
    """Tokens in the run; 0 where not one is known."""
    share: np.ndarray
    """The run's part of the text's tokens, in [0, 1]; 0 for a text without tokens."""
    start: np.ndarray
    """The token of the text at which the run begins; -1 without a run."""
    train: np.ndarray
    """A training text that holds the run; -1 without a run."""


def normalised(text: str) -> str:
    """NFKC, lower case, runs of white space as one space: what an exact copy is equal in."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def copied_from(texts: Sequence[str], train: Sequence[str]) -> np.ndarray:
    """[N]: the first training text [M] equal to each text, both normalised; -1 where there is none."""
    places: dict[str, int] = {}
    for place, text in enumerate(train):
        places.setdefault(normalised(text), place)
    return np.array([places.get(normalised(text), -1) for text in texts], np.int64)


def estimate_copies(texts: Sequence[str], train: Sequence[str]) -> Estimate:
    """The share of texts that are exact copies of a training text, with Wilson's interval.

    The training text is what may have been copied, whole and fixed: no group of it is left out.
    """
    _check(texts, train)
    copied = copied_from(texts, train) >= 0
    n_groups = n_groups_of(len(texts))
    return Estimate(
        float(copied.mean()),
        left_out_means(copied, n_groups),
        wilson(float(copied.sum()), len(copied)),
        len(copied),
        f"{int(copied.sum()):,} of {len(copied):,} stand among {len(train):,} training texts.",
    )


def longest_overlap(texts: Sequence[Tokens], train: Sequence[Tokens]) -> Overlap:
    """The longest run of tokens of each text [N] that stands in one of the training texts [M].

    By a suffix array of all texts (Manber & Myers 1993, prefix doubling): the longest match of a suffix is with the
    nearest training suffix before or after it. Time and memory grow as T log L for T tokens in all and runs up to L.
    """
    flat = numbered((*texts, *train))
    # a mark that stands nowhere else ends each text, so that no run reaches beyond
    ends = np.cumsum(flat.lengths)
    number = np.insert(flat.number, ends, len(flat.number) + np.arange(len(ends)))
    text = np.insert(flat.text, ends, np.arange(len(ends)))
    levels = _ranks(number)
    places = np.flatnonzero(text < len(texts))
    partner, length = _longest_matches(levels, text >= len(texts), places)
    length[number[places] >= len(flat.number)] = 0
    return _best_of_each(text[places], partner, length, text, flat.lengths[: len(texts)], len(texts))


def estimate_longest_overlap(texts: Sequence[Tokens], train: Sequence[Tokens]) -> Estimate:
    """The mean share of a text's tokens in its longest run that stands in a training text; the training is fixed."""
    _check(texts, train)
    overlap = longest_overlap(texts, train)
    value, left_out = float(overlap.share.mean()), left_out_means(overlap.share, n_groups_of(len(texts)))
    note = (
        f"the longest run has {overlap.length.mean():.1f} tokens on average, {overlap.length.max()} at most."
    )
    return Estimate(value, left_out, jackknife(value, left_out, lowest=0, highest=1), len(texts), note)


def _ranks(number: np.ndarray) -> list[np.ndarray]:
    """Level k [T]: equal and in order as the 2^k numbers from each place are; up to where no two are equal."""
    levels = [np.unique(number, return_inverse=True)[1].astype(np.int32)]
    step = 1
    while levels[-1].max(initial=-1) + 1 < len(number):
        rank = levels[-1].astype(np.int64)
        beyond = np.zeros(len(rank), np.int64)
        beyond[:-step] = rank[step:] + 1
        levels.append(np.unique(rank * (len(rank) + 1) + beyond, return_inverse=True)[1].astype(np.int32))
        step *= 2
    return levels


def _longest_matches(
    levels: list[np.ndarray], is_train: np.ndarray, queries: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each place asked for: the place in the training texts with the longest match, and its length."""
    rank, places = levels[-1], np.arange(len(is_train))
    order = np.argsort(rank)
    before = np.maximum.accumulate(np.where(is_train[order], places, -1))
    after = np.minimum.accumulate(np.where(is_train[order], places, len(places))[::-1])[::-1]
    best, partner = np.full(len(queries), -1, np.int64), np.full(len(queries), -1, np.int64)
    for near in (before[rank[queries]], after[rank[queries]]):
        there = (near >= 0) & (near < len(places))
        other = order[np.where(there, near, 0)]
        length = np.where(there, _common(levels, queries, other), -1)
        partner[length > best] = other[length > best]
        best = np.maximum(best, length)
    return partner, best


def _common(levels: list[np.ndarray], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How many numbers are equal from each of two places [K] on."""
    length = np.zeros(len(one), np.int64)
    last = len(levels[0]) - 1
    for power in range(len(levels) - 1, -1, -1):
        rank = levels[power]
        equal = rank[np.minimum(one + length, last)] == rank[np.minimum(other + length, last)]
        length += np.where(equal & (one != other), 1 << power, 0)
    return length


def _best_of_each(
    owner: np.ndarray, partner: np.ndarray, length: np.ndarray, text: np.ndarray, lengths: np.ndarray, n: int
) -> Overlap:
    """The longest match of each text, from those of its places in order."""
    starts = np.searchsorted(owner, np.arange(n))
    longest = np.maximum.reduceat(length, starts) if n else np.zeros(0, np.int64)
    is_best = np.flatnonzero(length == longest[owner])
    first = is_best[np.searchsorted(owner[is_best], np.arange(n))]
    matched = longest > 0
    return Overlap(
        longest,
        longest / np.maximum(1, lengths),
        np.where(matched, first - starts, -1),
        np.where(matched, text[partner[first]] - n, -1),
    )


def _check(texts: Sequence[object], train: Sequence[object]) -> None:
    if len(texts) < 2 or not len(train):
        raise DataError(
            f"Copies are looked for in at least 2 texts, against at least 1 training text; found {len(texts)} "
            f"and {len(train)}. Give more."
        )
