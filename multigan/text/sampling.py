"""How generated sentences are handed over: at a temperature, through the safety filter, in one table with a notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.modality import Samples, Written
from multigan.sampling import PLAIN, TrainedGenerator, conditions_for, generate, varied_latents
from multigan.sequences.decoding import Decoding
from multigan.sequences.page import write_page
from multigan.sequences.table import plain, write_table
from multigan.text.data import decode_samples
from multigan.text.safety import NOTICES, Filter, NoFilter, load_filter, screened
from multigan.text.settings import UNKNOWN, TextData, TextSampling

MOST_TRIES = 20
"""Draws in place of one that the filter withholds, before its row is left out."""

_NEXT_TRY = 1_000_000
"""Try k of sample i has the latent of sample i + k times this, so that no sample takes the place of another."""


@dataclass(frozen=True)
class Tally:
    """What a filter did: draws in all, those withheld, by category (a draw may fall in several), and rows given up."""

    filter: str
    n_drawn: int
    n_withheld: int
    n_left_out: int
    counts: dict[str, int]

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.filter,
            self.n_drawn + other.n_drawn,
            self.n_withheld + other.n_withheld,
            self.n_left_out + other.n_left_out,
            _summed(self.counts, other.counts),
        )

    @property
    def facts(self) -> dict[str, object]:
        """For ``report.json``."""
        return {
            "filter": self.filter,
            "drawn": self.n_drawn,
            "withheld_draws": self.n_withheld,
            "withheld": self.counts,
            "left_out": self.n_left_out,
        }

    @property
    def sentence(self) -> str:
        """For a person."""
        if self.filter == NoFilter().name:
            return f"No safety filter was applied to {self.n_drawn:,} draws."
        if not self.n_withheld:
            return f"The safety filter ({self.filter}) withheld none of {self.n_drawn:,} draws."
        causes = ", ".join(f"{name.replace('-', ' ')} {count:,}" for name, count in self.counts.items())
        sentence = f"The safety filter ({self.filter}) withheld {self.n_withheld:,} of {self.n_drawn:,} draws: {causes}."
        if not self.n_left_out:
            return sentence
        rows = (
            "1 sentence is left out, all of whose"
            if self.n_left_out == 1
            else f"{self.n_left_out:,} sentences are left out, all of whose"
        )
        return f"{sentence} {rows} {MOST_TRIES + 1} draws were withheld."


@dataclass(frozen=True)
class Sentences:
    """Sentences that passed the filter: ``tokens`` [M, T] and their texts.

    ``rows`` [M] are their places among the N that were asked for (all of them, unless some were given up), ``indices`` [M]
    those of their latents.
    """

    tokens: Tensor
    texts: tuple[str, ...]
    rows: tuple[int, ...]
    indices: tuple[int, ...]
    tally: Tally


def check(network: nn.Module, options: TextSampling) -> None:
    """ConfigError where there is no such safety filter."""
    load_filter(options.filter)


def generate_tokens(
    trained: TrainedGenerator, latent: Tensor, conditions: Tensor | None, options: TextSampling
) -> Tensor:
    """Tokens [N, T] at the temperature and top-p that the options ask for, before the filter."""
    decoding = Decoding(options.temperature, options.top_p, (UNKNOWN,))  # no word, and so never drawn
    return generate(trained.network, latent, conditions, decoding=decoding)


def draw_sentences(
    trained: TrainedGenerator, conditions: Tensor | None, seed: int, n: int, options: TextSampling
) -> Sentences:
    """``n`` sentences under conditions [N, C] (None: of an unlabelled run), each a function of (seed, its number) alone.

    One that the filter flags is drawn again, up to ``MOST_TRIES`` times, and then left out. ConfigError where none is left.
    """
    safety = load_filter(options.filter, trained.data.language)
    numbers, pending = options.numbers(n), list(range(n))
    passed: dict[int, tuple[int, Tensor, str]] = {}
    counts: dict[str, int] = {}
    n_drawn = 0
    for attempt in range(MOST_TRIES + 1):
        indices = [numbers[row] + attempt * _NEXT_TRY for row in pending]
        own = None if conditions is None else conditions[pending]
        tokens = generate_tokens(
            trained, varied_latents(trained.network, seed, indices, options), own, options
        )
        texts = trained.modality.media(tokens, trained.data)
        screening = screened(texts, safety)
        n_drawn += len(pending)
        counts = _summed(counts, screening.counts)
        passed |= {pending[i]: (indices[i], tokens[i], texts[i]) for i in screening.kept}
        pending = [row for row in pending if row not in passed]
        if not pending:
            break
    tally = Tally(safety.name, n_drawn, n_drawn - len(passed), len(pending), counts)
    if not passed:
        raise ConfigError(
            f"Nothing can be shown: {tally.sentence} Train on other data, or choose another filter if these are mistaken."
        )
    rows = sorted(passed)
    chosen, kept, texts = zip(*(passed[row] for row in rows), strict=True)
    return Sentences(torch.stack(kept), texts, tuple(rows), chosen, tally)


def draw_texts(
    trained: TrainedGenerator, conditions: Tensor | None, seed: int, n: int, options: TextSampling
) -> Samples:
    """``draw_sentences``, and what a report must say of them."""
    sentences = draw_sentences(trained, conditions, seed, n, options)
    facts = {**options.columns(), "filter": sentences.tally.facts}
    warnings = (sentences.tally.sentence, NOTICES[trained.data.language])
    return Samples(sentences.tokens, sentences.rows, sentences.indices, facts, warnings)


def write_sentences(
    trained: TrainedGenerator, options: TextSampling, labels: Sequence[str], seed: int, folder: Path
) -> Written:
    """The sentences of each label in ``folder``/samples.tsv, a notice in every row."""
    notice = NOTICES[trained.data.language]
    label_columns = ("emotion", "intensity") if labels else ()
    columns = ("text", *label_columns, "seed", "index", *options.columns(), "notice")
    rows: list[tuple[object, ...]] = []
    lines: list[str] = []
    tallies = []
    for label in labels or ("",):
        conditions = conditions_for(trained, label, [options.intensity] * options.per_label)
        sentences = draw_sentences(trained, conditions, seed, options.per_label, options)
        tallies.append(sentences.tally)
        lines += [*([label] if label else []), *(f"  {plain(text)}" for text in sentences.texts), ""]
        own = (label, options.intensity) if label else ()
        rows += [
            (text, *own, seed, index, *options.columns().values(), notice)
            for text, index in zip(sentences.texts, sentences.indices, strict=True)
        ]
    path = write_table(folder, columns, rows, trained)
    count = f"{len(rows):,} {'sentence' if len(rows) == 1 else 'sentences'}"
    return Written([path], f"Wrote {count} to {path}. {_total(tallies).sentence}", tuple(lines))


def write_screened(samples: Tensor, columns: int, path: Path, data: TextData, safety: Filter) -> None:
    """One picture of all sentences, in groups of ``columns``, behind a filter."""
    texts = decode_samples(samples, data)
    texts = ["(withheld by the safety filter)" if safety.flagged(text) else text for text in texts]
    write_page(texts, columns, path, NOTICES[data.language])


def write_screened_page(
    trained: TrainedGenerator, samples: Tensor, columns: int, path: Path, options: TextSampling
) -> None:
    """``write_screened`` behind the filter that the options name."""
    write_screened(samples, columns, path, trained.data, load_filter(options.filter, trained.data.language))


def _total(tallies: Sequence[Tally]) -> Tally:
    total = tallies[0]
    for tally in tallies[1:]:
        total += tally
    return total


def _summed(counts: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in sorted({*counts, *more})}


SAMPLING = replace(
    PLAIN,
    settings=TextSampling,
    check=check,
    generate=generate_tokens,
    draw=draw_texts,
    write=write_sentences,
    page=write_screened_page,
)
