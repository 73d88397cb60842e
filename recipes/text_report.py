"""Figures that only a run of texts has: how likely its generator finds real text, and what the grammar says of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from evaluation.figures import GENERATED, HELD_OUT, Figure
from evaluation.metrics.likelihood import estimate_nll
from evaluation.metrics.tokens import tokens
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import wilson
from multigan.modality import DescribedDataset, Splits
from multigan.sampling import TrainedGenerator
from multigan.text.grammars import LABELS, is_grammatical, log_prob
from multigan.text.settings import END

_AT_ONCE = 256


def text_figures(
    trained: TrainedGenerator, texts: Sequence[str], chosen: np.ndarray, splits: Splits, seed: int
) -> tuple[Figure, ...]:
    """NLL-gen and, where the package's own grammar wrote the training text, grammatical sentences and NLL-grammar.

    ``texts`` [N] are fakes asked for under the conditions of the ``chosen`` [N] training samples. No figures where
    fewer than two texts are held out or generated.
    """
    train, held_out = splits.train, splits.held_out
    if min(len(held_out), len(texts)) < 2:  # no interval
        return ()
    figures = [_nll_gen(trained, held_out, seed)]
    name = trained.data.sentences
    if name not in LABELS:
        return tuple(figures)
    rows = np.arange(min(len(held_out), len(texts)))
    real = [held_out.original(int(row)) for row in rows]
    for subject, sentences, data, places in (
        (GENERATED, texts, train, chosen),
        (HELD_OUT, real, held_out, rows),
    ):
        figures.append(_grammatical(name, sentences, subject, seed))
        figures += _nll_grammar(name, sentences, data, places, subject, seed)
    return tuple(figures)


@torch.no_grad()
def _nll_gen(trained: TrainedGenerator, held_out: DescribedDataset, seed: int) -> Figure:
    """Of held-out text by the generator, at temperature 1, in nats a token of its own vocabulary."""
    device = next(trained.network.parameters()).device
    sums, counts = [], []
    for rows in np.array_split(np.arange(len(held_out)), max(1, -(-len(held_out) // _AT_ONCE))):
        batch = held_out.batch(rows).to(device)
        sums.append(trained.network.log_prob(batch.real, batch.condition).double().sum(1).cpu())  # type: ignore[operator]
        counts.append(_lengths(batch.real, trained.facts.sample_shape[2] > 0).cpu())
    found = estimate_nll(torch.cat(sums).numpy(), torch.cat(counts).numpy())
    return _figure(
        "NLL-gen", found, HELD_OUT, seed, False,
        "How likely the generator finds real text that it never saw, in nats a token; lower is better, and a collapse "
        "raises it. Unknown words count as one token.",
    )  # fmt: skip


def _lengths(rows: torch.Tensor, ends: bool) -> torch.Tensor:
    """[N]: the tokens of each row, the first END included."""
    if not ends:
        return torch.full((len(rows),), rows.shape[1])
    ended = (rows == END).long().cumsum(1)
    return (ended - (rows == END).long() < 1).sum(1)


def _grammatical(name: str, sentences: Sequence[str], subject: str, seed: int) -> Figure:
    right = np.asarray(is_grammatical(name, sentences), np.float64)
    n_groups = n_groups_of(len(right))
    interval = wilson(float(right.sum()), len(right))
    found = Estimate(float(right.mean()), left_out_means(right, n_groups), interval, len(right))
    return _figure(
        "grammatical", found, subject, seed, True,
        "The share of sentences that the grammar which wrote the training text can write, under any label.",
    )  # fmt: skip


def _nll_grammar(
    name: str, sentences: Sequence[str], data: DescribedDataset, places: np.ndarray, subject: str, seed: int
) -> list[Figure]:
    """Of the sentences that the grammar can write for their label; none where those are fewer than two."""
    if data.classes is None or data.conditions is None:
        given = None, None
    else:
        given = data.classes[places], data.conditions[places].max(1)
    scores = np.asarray(log_prob(name, sentences, *given), np.float64)
    possible = np.isfinite(scores)
    if possible.sum() < 2:
        return []
    counts = np.asarray([len(tokens(sentence)) for sentence in sentences])
    found = estimate_nll(scores[possible], counts[possible])
    note = f"Of the {int(possible.sum()):,} of {len(scores):,} sentences that it can write for their label. {found.note}"
    found = Estimate(found.value, found.left_out, found.interval, found.n, note)
    return [
        _figure(
            "NLL-grammar", found, subject, seed, None,
            "How surprising sentences are to the grammar, in nats a word, given label and intensity; compare with real "
            "text: below it they keep to the likely ones.",
        )
    ]  # fmt: skip


def _figure(name: str, found: Estimate, subject: str, seed: int, higher: bool | None, reading: str) -> Figure:
    interval = found.interval
    note = f"Interval: {interval.method}. {found.note}".strip()
    return Figure(
        name, found.value, interval.low, interval.high, found.n, seed, higher, "", note, subject, reading
    )
