"""What the grammar that wrote the training sentences says of generated ones: which it can write, and how likely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from torch import nn

from evaluation.figures import GENERATED, HELD_OUT, Figure
from evaluation.metrics.likelihood import estimate_nll
from evaluation.metrics.tokens import tokens
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import wilson
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.protocols import DescribedDataset
from recipes.reports.figures import figure_of
from recipes.reports.records import Evidence, Findings, RunReport


class Grammar(Protocol):
    """What a data set says of its sentences, in its attribute ``grammar``, where a grammar wrote them."""

    def is_grammatical(self, texts: Sequence[str]) -> Sequence[bool] | np.ndarray:
        """[N]: whether it can write each."""
        ...

    def log_prob(self, texts: Sequence[str], classes: Any, intensities: Any) -> Sequence[float] | np.ndarray:
        """[N]: ln p(text | class, intensity) in nats, -inf where it cannot write it."""
        ...


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where no grammar wrote the data, as where real texts replace drawn ones."""
    if _grammar_of(splits) is None:
        raise ConfigError(
            "The report 'grammar' is of sentences that a grammar writes, and none wrote these data; leave it out of the "
            "recipe's report, such as with --set report=[language]."
        )


def _grammar_of(splits: Splits) -> Grammar | None:
    return getattr(splits.train, "grammar", None)


def figures_of_grammar(evidence: Evidence) -> Findings:
    """Grammatical sentences and NLL-grammar, of fakes and of held-out text.

    No figures where fewer than two texts are held out or generated, or where no grammar wrote them (a run of before that
    was refused).
    """
    train, held_out = evidence.splits.train, evidence.splits.held_out
    grammar = _grammar_of(evidence.splits)
    if grammar is None:
        return Findings(lines=("There are no figures of a grammar: none wrote the data of this run.",))
    if min(len(held_out), len(evidence.rows)) < 2:
        return Findings()
    trained = evidence.trained
    fakes = list(trained.modality.media(evidence.samples.tensor, trained.data))
    rows = np.arange(min(len(held_out), len(fakes)))
    real = [held_out.original(int(row)) for row in rows]
    figures: list[Figure] = []
    for subject, sentences, data, conditions in (
        (GENERATED, fakes, train, evidence.rows),
        (HELD_OUT, real, held_out, rows),
    ):
        figures.append(_grammatical(grammar, sentences, subject, evidence.seed))
        figures += _nll_grammar(grammar, sentences, data, conditions, subject, evidence.seed)
    return Findings(tuple(figures))


def _grammatical(grammar: Grammar, sentences: Sequence[str], subject: str, seed: int) -> Figure:
    right = np.asarray(grammar.is_grammatical(sentences), np.float64)
    interval = wilson(float(right.sum()), len(right))
    left_out = left_out_means(right, n_groups_of(len(right)))
    estimate = Estimate(float(right.mean()), left_out, interval, len(right))
    reading = (
        "The share of sentences that the grammar which wrote the training text can write, under any label."
    )
    return figure_of("grammatical", estimate, subject, seed, True, reading)


def _nll_grammar(
    grammar: Grammar,
    sentences: Sequence[str],
    data: DescribedDataset,
    rows: np.ndarray,
    subject: str,
    seed: int,
) -> list[Figure]:
    """Of the sentences that the grammar can write for their label; none where those are fewer than two."""
    if data.classes is None or data.conditions is None:
        conditions = None, None
    else:
        conditions = data.classes[rows], data.conditions[rows].max(1)
    scores = np.asarray(grammar.log_prob(sentences, *conditions), np.float64)
    possible = np.isfinite(scores)
    if possible.sum() < 2:
        return []
    counts = np.asarray([len(tokens(sentence)) for sentence in sentences])
    nll = estimate_nll(scores[possible], counts[possible])
    note = f"Of the {int(possible.sum()):,} of {len(scores):,} sentences that it can write for their label. {nll.note}"
    estimate = Estimate(nll.value, nll.left_out, nll.interval, nll.n, note)
    reading = (
        "How surprising sentences are to the grammar, in nats a word, given label and intensity; compare with real "
        "text: below it they keep to the likely ones."
    )
    return [figure_of("NLL-grammar", estimate, subject, seed, None, reading)]


GRAMMAR = RunReport(check, figures_of_grammar)
