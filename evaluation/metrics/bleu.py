"""BLEU against held-out texts, and self-BLEU: is each text like the reference, and like one another?

Both are found for all texts at once from the n-grams' counts. A hypothesis is left out of its own references exactly:
of each n-gram the two largest counts tell the largest count among the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.metrics.tokens import Grams, Tokens, grams
from evaluation.statistics.estimate import Estimate, groups, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError

ORDERS = (2, 3, 4, 5)
EPSILON = 0.1
IN_WORDS = (
    f"mean over sentences, uniform weights, closest reference length, smoothing method1 (epsilon {EPSILON})"
)


def bleu(real: Sequence[Tokens], fake: Sequence[Tokens]) -> np.ndarray:
    """Sentence BLEU-2..5 [N, 4] of each fake against all real texts [M]; in [0, 1].

    BLEU-n = min(1, exp(1 - r / c)) (p_1 ... p_n)^(1/n) (Papineni et al. 2002), with c tokens in the fake, r in the
    reference closest to it in length (the shorter of two), and p_k the share of its k-grams, each counted at most as
    often as in one reference. Where none is found, p_k = 0.1 over their number (Chen & Cherry 2014, method 1), and
    where not one word is found the score is 0: the values of nltk, which Texygen (arXiv:1802.01886) uses.
    """
    _at_least(1, real, "reference text")
    _at_least(1, fake, "generated text")
    return _bleu_without(real, fake)(np.ones(len(real), bool), np.ones(len(fake), bool))


def self_bleu(fake: Sequence[Tokens]) -> np.ndarray:
    """BLEU-2..5 [N, 4] of each text against all others (arXiv:1802.01886, section 3.4); 1 where all are alike."""
    _at_least(2, fake, "texts")
    return _self_bleu_without(fake)(np.ones(len(fake), bool))


def estimate_bleu(real: Sequence[Tokens], fake: Sequence[Tokens]) -> dict[int, Estimate]:
    """Mean BLEU of each order; group g is left out of the references too."""
    _at_least(2, real, "reference texts")
    _at_least(2, fake, "generated texts")
    score, n_groups = _bleu_without(real, fake), n_groups_of(min(len(real), len(fake)))
    of_real, of_fake = groups(len(real), n_groups), groups(len(fake), n_groups)
    left_out = np.array([score(of_real != g, of_fake != g).mean(axis=0) for g in range(n_groups)])
    return _estimates(score(of_real >= 0, of_fake >= 0), left_out, len(real))


def estimate_self_bleu(fake: Sequence[Tokens]) -> dict[int, Estimate]:
    """Mean self-BLEU of each order; it rises with the number of texts, so compare at equal N."""
    _at_least(3, fake, "texts")
    score, n_groups = _self_bleu_without(fake), n_groups_of(len(fake))
    of_fake = groups(len(fake), n_groups)
    left_out = np.array([score(of_fake != g).mean(axis=0) for g in range(n_groups)])
    return _estimates(score(of_fake >= 0), left_out, len(fake) - 1)


def _bleu_without(
    real: Sequence[Tokens], fake: Sequence[Tokens]
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function of the reals [M] and fakes [N] that are kept, giving the scores of those fakes."""
    is_fake = np.arange(len(fake) + len(real)) < len(fake)
    tables = list(grams((*fake, *real), ORDERS[-1]))
    of_fakes, of_reals = [table.of(is_fake) for table in tables], [table.of(~is_fake) for table in tables]
    lengths, real_lengths = _lengths(fake), _lengths(real)

    def score(kept_real: np.ndarray, kept_fake: np.ndarray) -> np.ndarray:
        known = [table.of(np.concatenate((kept_fake, kept_real))) for table in of_reals]
        counts = np.array([_found_in(*pair, len(fake)) for pair in zip(known, of_fakes, strict=True)])
        closest = _closest(lengths, real_lengths[kept_real], itself=False)
        return _scores(counts, lengths, closest)[kept_fake]

    return score


def _self_bleu_without(fake: Sequence[Tokens]) -> Callable[[np.ndarray], np.ndarray]:
    """A function of the texts [N] that are kept, giving their scores."""
    tables, lengths = list(grams(fake, ORDERS[-1])), _lengths(fake)

    def score(kept: np.ndarray) -> np.ndarray:
        counts = np.array([_found_in_others(table.of(kept), len(fake)) for table in tables])[:, kept]
        return _scores(counts, lengths[kept], _closest(lengths[kept], lengths[kept], itself=True))

    return score


def _found_in(known: Grams, own: Grams, n: int) -> np.ndarray:
    """[N]: how many n-grams of each text ``known`` has, each counted at most as often as in one text there."""
    largest = np.zeros(max(known.gram.max(initial=-1), own.gram.max(initial=-1)) + 1, np.int64)
    largest[known.gram[known.first]] = known.count[known.first]
    return np.bincount(own.text, np.minimum(own.count, largest[own.gram]), n)


def _found_in_others(table: Grams, n: int) -> np.ndarray:
    """[N]: how many n-grams of each text another text has, each counted at most as often as there."""
    first = table.first
    starts, run = np.flatnonzero(first), np.cumsum(first) - 1
    after = np.minimum(starts + 1, len(first) - 1)
    in_others = table.count[starts][run]
    in_others[starts] = np.where(first[after], 0, table.count[after])
    return np.bincount(table.text, np.minimum(table.count, in_others), n)


def _closest(lengths: np.ndarray, references: np.ndarray, itself: bool) -> np.ndarray:
    """The reference length closest to each length [N], the shorter of two; ``itself`` leaves one's own out once."""
    known, counts = np.unique(references, return_counts=True)
    own, inverse = np.unique(lengths, return_inverse=True)
    closest = np.empty(len(own), np.int64)
    for place, length in enumerate(own):
        others = known[counts > (known == length)] if itself else known
        closest[place] = others[np.abs(others - length).argmin()]  # the first, so the shorter, of two
    return closest[inverse]


def _scores(counts: np.ndarray, lengths: np.ndarray, closest: np.ndarray) -> np.ndarray:
    """BLEU [N, 4] from the n-grams found [5, N], the hypotheses' lengths [N] and the references' [N]."""
    orders = np.arange(1, len(counts) + 1)[:, None]
    precision = np.where(counts == 0, EPSILON, counts) / np.maximum(1, lengths - orders + 1)
    means = (np.cumsum(np.log(precision), axis=0) / orders)[[order - 1 for order in ORDERS]]
    brevity = np.minimum(0.0, 1 - closest / np.maximum(1, lengths))
    return np.where(counts[0] == 0, 0.0, np.exp(brevity + means)).T


def _estimates(scores: np.ndarray, left_out: np.ndarray, n_references: int) -> dict[int, Estimate]:
    note = f"{n_references:,} references; {IN_WORDS}."
    values = [float(value) for value in scores.mean(axis=0)]
    return {
        order: Estimate(value, without, jackknife(value, without, lowest=0, highest=1), len(scores), note)
        for order, value, without in zip(ORDERS, values, left_out.T, strict=True)
    }


def _lengths(texts: Sequence[Tokens]) -> np.ndarray:
    return np.array([len(text) for text in texts], np.int64)


def _at_least(least: int, texts: Sequence[Tokens], what: str) -> None:
    if len(texts) < least:
        raise DataError(f"BLEU needs at least {least} {what}; found {len(texts)}. Give more.")
