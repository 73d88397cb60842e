"""Perplexity and NLL: how surprised is a language model, an oracle or the generator itself by texts?"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from evaluation.statistics.estimate import Estimate, groups, n_groups_of
from evaluation.statistics.intervals import Interval, jackknife
from multigan.errors import DataError


class ScoresSequences(Protocol):
    """An oracle, or a generator: it tells how likely it would write a sequence."""

    def log_prob(self, tokens: np.ndarray) -> np.ndarray:
        """log p [N] in nats of each whole sequence of token numbers [N, T]."""
        ...


def estimate_nll(log_prob: np.ndarray, n_tokens: np.ndarray | int) -> Estimate:
    """Mean negative log-likelihood in nats per token: -sum log p / sum of tokens, of sequences [N].

    Of fakes under an oracle this is NLL-oracle (arXiv:1609.05473, eq. 9): quality, and a collapse lowers it. Of
    held-out real text, never of the training text, under the generator at the temperature of its samples it is NLL-gen
    (arXiv:1802.01886, section 3.3): diversity.
    """
    log_prob = np.asarray(log_prob, np.float64)
    n_tokens = np.broadcast_to(np.asarray(n_tokens, np.float64), log_prob.shape)
    _check(log_prob, n_tokens)
    n_groups = n_groups_of(len(log_prob))
    member = groups(len(log_prob), n_groups)
    sums, counts = (np.bincount(member, values, n_groups) for values in (-log_prob, n_tokens))
    value = float(sums.sum() / counts.sum())
    left_out = (sums.sum() - sums) / np.maximum(1, counts.sum() - counts)
    note = f"over {int(counts.sum()):,} tokens."
    return Estimate(value, left_out, jackknife(value, left_out), len(log_prob), note)


def estimate_perplexity(log_prob: np.ndarray, n_tokens: np.ndarray | int) -> Estimate:
    """exp of the mean negative log-likelihood a token of texts [N]; at least 1 and, of one word repeated, near it.

    The interval is that of the mean NLL, with its ends exponentiated. It depends on the model and its tokeniser, so
    it is named by them; a low one alone is no sign of quality.
    """
    nll = estimate_nll(log_prob, n_tokens)
    ends = Interval(
        math.exp(nll.interval.low), math.exp(nll.interval.high), f"{nll.interval.method} of the mean NLL"
    )
    return Estimate(math.exp(nll.value), np.exp(nll.left_out), ends, nll.n, nll.note)


def _check(log_prob: np.ndarray, n_tokens: np.ndarray) -> None:
    if log_prob.ndim != 1 or len(log_prob) < 2:
        raise DataError(f"An NLL needs log-probabilities [N] with N > 1; found {list(log_prob.shape)}.")
    if not np.isfinite(log_prob).all():
        n_odd = int(np.count_nonzero(~np.isfinite(log_prob)))
        raise DataError(
            f"{n_odd} of {len(log_prob)} log-probabilities are not finite; give finite ones, in nats."
        )
    if n_tokens.min() < 0 or not n_tokens.sum():
        raise DataError(
            "An NLL a token needs sequences with tokens; found none. Give texts that are not empty."
        )
