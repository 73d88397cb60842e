"""Sentences as a person asks for them: at a temperature, through the safety filter, into one table with a notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from multigan.errors import ConfigError
from multigan.sampling import TrainedGenerator, condition_for, generate, latents, require_truncation
from multigan.text.decoding import Decoding
from multigan.text.modality import write_screened
from multigan.text.safety import NOTICE, Filter, NoFilter, load_filter, screened
from multigan.text.settings import UNKNOWN, TextData
from recipes.pictures import SampleRequest

FILE = "samples.tsv"
MOST_TRIES = 20
"""Draws in place of one that the filter withholds, before its row is left out."""

_FACTS = ("seed", "index", "temperature", "top_p", "notice")
_NEXT_TRY = 1_000_000
"""Try k of sample i has the latent of sample i + k times this, so that no sample takes the place of another."""


@dataclass(frozen=True)
class TextRequest:
    """How sentences are drawn and which safety filter they pass; see ``load_filter`` for its name."""

    temperature: float = 1.0
    top_p: float = 1.0
    filter: str = "default"

    def decoding(self, trained: TrainedGenerator) -> Decoding:
        """The unknown mark, where rows have marks, is never drawn: it is no word."""
        return Decoding(self.temperature, self.top_p, (UNKNOWN,) if _has_marks(trained) else ())

    def page(self, trained: TrainedGenerator) -> Callable[[Tensor, int, Path, TextData], None]:
        """The modality's preview behind this filter."""
        return partial(write_screened, safety=self.safety(trained))

    def safety(self, trained: TrainedGenerator) -> Filter:
        """The filter; none for rows without marks, which are bare numbers that nobody reads as text."""
        return load_filter(self.filter) if _has_marks(trained) else NoFilter()


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
        found = ", ".join(f"{name.replace('-', ' ')} {count:,}" for name, count in self.counts.items())
        said = f"The safety filter ({self.filter}) withheld {self.n_withheld:,} of {self.n_drawn:,} draws: {found}."
        if not self.n_left_out:
            return said
        rows = (
            "1 sentence is left out, all of whose"
            if self.n_left_out == 1
            else f"{self.n_left_out:,} sentences are left out, all of whose"
        )
        return f"{said} {rows} {MOST_TRIES + 1} draws were withheld."


@dataclass(frozen=True)
class Drawn:
    """Sentences that passed the filter: ``tokens`` [M, T] and their texts.

    ``rows`` [M] are their places among the N that were asked for (all of them, unless some were given up), ``indices`` [M]
    those of their latents.
    """

    tokens: Tensor
    texts: tuple[str, ...]
    rows: tuple[int, ...]
    indices: tuple[int, ...]
    tally: Tally

    @property
    def facts(self) -> dict[str, object]:
        return self.tally.facts

    @property
    def sentence(self) -> str:
        return self.tally.sentence


@dataclass(frozen=True)
class Written:
    """A table of sentences: the texts by emotion ("" in a run without labels), and what the filter did."""

    path: Path
    texts: dict[str, tuple[str, ...]]
    tally: Tally

    @property
    def facts(self) -> dict[str, object]:
        return self.tally.facts

    @property
    def sentence(self) -> str:
        n = sum(map(len, self.texts.values()))
        return f"Wrote {n:,} {'sentence' if n == 1 else 'sentences'} to {self.path}. {self.tally.sentence}"


def text_request(
    trained: TrainedGenerator, temperature: float, top_p: float, filter_name: str
) -> TextRequest | None:
    """The request, its filter found and its numbers checked; None of a run that makes no texts. ConfigError otherwise."""
    if trained.modality.name != "text":
        return None
    request = TextRequest(temperature, top_p, filter_name)
    request.decoding(trained)
    request.safety(trained)
    return request


def text_options(
    trained: TrainedGenerator, temperature: float | None, top_p: float | None, filter_name: str | None
) -> TextRequest | None:
    """``text_request`` of the options of ``multigan sample``, None where not given. ConfigError where they do not fit."""
    options = {"--temperature": temperature, "--top-p": top_p, "--filter": filter_name}
    asked = [name for name, value in options.items() if value is not None]
    if asked and trained.modality.name != "text":
        raise ConfigError(
            f"{' and '.join(asked)} {'are' if len(asked) > 1 else 'is'} of texts, and this run makes samples of the "
            f"modality {trained.modality.name!r}: leave {'them' if len(asked) > 1 else 'it'} out."
        )
    return text_request(
        trained,
        1.0 if temperature is None else temperature,
        1.0 if top_p is None else top_p,
        "default" if filter_name is None else filter_name,
    )


def draw_texts(
    trained: TrainedGenerator, conditions: Tensor | None, seed: int, n: int, request: TextRequest
) -> Drawn:
    """``n`` sentences under conditions [N, C] (None: of an unlabelled run), each a function of (seed, its place) alone.

    One that the filter flags is drawn again, up to ``MOST_TRIES`` times, and then left out. ConfigError where none is left.
    """
    decoding, safety = request.decoding(trained), request.safety(trained)
    pending = list(range(n))
    found: dict[int, tuple[int, Tensor, str]] = {}
    counts: dict[str, int] = {}
    n_drawn = 0
    for attempt in range(MOST_TRIES + 1):
        indices = [row + attempt * _NEXT_TRY for row in pending]
        given = None if conditions is None else conditions[pending]
        drawn = latents(trained.network, seed, indices)
        tokens = generate(trained.network, drawn, given, decoding=decoding)
        texts = trained.modality.media(tokens, trained.data)
        screening = screened(texts, safety)
        n_drawn += len(pending)
        counts = _summed(counts, screening.counts)
        found |= {pending[i]: (indices[i], tokens[i], texts[i]) for i in screening.kept}
        pending = [row for row in pending if row not in found]
        if not pending:
            break
    tally = Tally(safety.name, n_drawn, n_drawn - len(found), len(pending), counts)
    if not found:
        raise ConfigError(
            f"Nothing can be shown: {tally.sentence} Train on other data, or choose another filter if these are mistaken."
        )
    rows = sorted(found)
    chosen, kept, texts = zip(*(found[row] for row in rows), strict=True)
    return Drawn(torch.stack(kept), texts, tuple(rows), chosen, tally)


def write_texts(
    trained: TrainedGenerator, request: SampleRequest, texts: TextRequest, folder: Path
) -> Written:
    """The sentences of a request in ``folder``/samples.tsv, which ``multigan evaluate`` reads, a notice in every row."""
    if request.truncation != 1:
        require_truncation(trained.network)
    labelled = bool(request.emotions)
    lines = [_line("text", *(("emotion", "intensity") if labelled else ()), *_FACTS)]
    by_emotion, tallies = {}, []
    for emotion in request.emotions or ("",):
        given = None
        if labelled:
            vector = condition_for(trained.facts.labels, emotion, request.intensity)
            given = vector.expand(request.n, -1)
        drawn = draw_texts(trained, given, request.seed, request.n, texts)
        by_emotion[emotion] = tuple(map(_plain, drawn.texts))
        tallies.append(drawn.tally)
        asked = (emotion, request.intensity) if labelled else ()
        lines += [
            _line(text, *asked, request.seed, index, texts.temperature, texts.top_p, NOTICE)
            for text, index in zip(drawn.texts, drawn.indices, strict=True)
        ]
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(
            f"Cannot write samples to {folder}: {error.strerror}. Choose another --out."
        ) from error
    return Written(path, by_emotion, _total(tallies))


def _line(*cells: object) -> str:
    """A row of a TSV file, which has no way to quote: what would end a cell becomes a space."""
    return "\t".join(_plain(str(cell)) for cell in cells) + "\n"


def _plain(text: str) -> str:
    """Without control characters, so that a table can hold it and a terminal show it."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text)


def _total(tallies: Sequence[Tally]) -> Tally:
    total = tallies[0]
    for tally in tallies[1:]:
        total += tally
    return total


def _summed(counts: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in sorted({*counts, *more})}


def _has_marks(trained: TrainedGenerator) -> bool:
    return trained.facts.sample_shape[2] > 0
