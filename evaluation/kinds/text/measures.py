"""Evidence -> estimates of the metrics of texts: n-grams, copies, and how likely a model finds them."""

from __future__ import annotations

import numpy as np

from evaluation.evidence import Estimates, Evidence, UnmeasuredError
from evaluation.extractors.oracle import load_oracle
from evaluation.features.subset import Subset
from evaluation.kinds.text.extractors import LANGUAGE_MODEL
from evaluation.metrics import likelihood, overlap
from evaluation.metrics.bleu import IN_WORDS, estimate_bleu, estimate_self_bleu
from evaluation.metrics.distinct import estimate_distinct
from evaluation.metrics.mauve import estimate_mauve
from evaluation.metrics.tokens import TOKENISER_IN_WORDS, Tokens, tokens
from multigan.errors import DataError

MOST_TEXTS = 5_000
"""BLEU, self-BLEU, distinct-n and MAUVE look at as many texts of a set."""
_TOKENS = f"tokens: {TOKENISER_IN_WORDS}."


def bleu(evidence: Evidence) -> Estimates:
    estimates = estimate_bleu(_tokens(evidence.real), _tokens(evidence.fake))
    return {f"BLEU-{order}": one.with_note(f"{IN_WORDS}; {_TOKENS}") for order, one in estimates.items()}


def self_bleu(evidence: Evidence) -> Estimates:
    estimates = estimate_self_bleu(_tokens(evidence.fake))
    return {f"self-BLEU-{order}": one.with_note(f"{IN_WORDS}; {_TOKENS}") for order, one in estimates.items()}


def distinct(evidence: Evidence) -> Estimates:
    estimates = estimate_distinct(_tokens(evidence.fake))
    return {f"distinct-{order}": one.with_note(_TOKENS) for order, one in estimates.items()}


def mauve(evidence: Evidence) -> Estimates:
    real, fake = evidence.real_features[:MOST_TEXTS], evidence.fake_features[:MOST_TEXTS]
    return {"MAUVE": estimate_mauve(real, fake, evidence.options.seed)}


def perplexity(evidence: Evidence) -> Estimates:
    model = evidence.model(LANGUAGE_MODEL, "perplexity")
    scores = evidence.features_by(model, evidence.fake)
    estimate = likelihood.estimate_perplexity(scores[:, 0], scores[:, 1])
    return {"perplexity": estimate.with_note(f"Under {model.name}; {model.preprocessing}.")}


def nll_oracle(evidence: Evidence) -> Estimates:
    path = evidence.options.oracle
    if path is None:
        if not evidence.options.names_metrics:
            return {}
        raise UnmeasuredError("NLL-oracle was not measured: name the file of the oracle with --oracle.")
    numbers = [_numbers(text) for text in evidence.fake.contents]
    if len({len(row) for row in numbers}) != 1:
        raise DataError("The texts that an oracle scores have one length; found several. Pad or cut them.")
    scores = load_oracle(path).log_prob(np.array(numbers, np.int64))
    estimate = likelihood.estimate_nll(scores, len(numbers[0]))
    return {"NLL-oracle": estimate.with_note(f"In nats a token, under {path.name}.")}


def copies(evidence: Evidence) -> Estimates:
    return {"exact copies": overlap.estimate_copies(evidence.fake.contents, evidence.training.contents)}


def longest_overlap(evidence: Evidence) -> Estimates:
    fake, training = (
        [tokens(text) for text in subset.contents] for subset in (evidence.fake, evidence.training)
    )
    return {"longest overlap": overlap.estimate_longest_overlap(fake, training)}


def _tokens(subset: Subset) -> list[Tokens]:
    return [tokens(text) for text in subset.contents[:MOST_TEXTS]]


def _numbers(text: str) -> list[int]:
    try:
        return [int(token) for token in text.split()]
    except ValueError as error:
        raise DataError(
            f"An oracle scores texts of token numbers, such as '12 7 4031'; found {text[:40]!r}. Leave out --oracle."
        ) from error
