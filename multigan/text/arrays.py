"""Texts with their labels and intensities, and one split of them as rows of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from multigan.protocols import Batch
from multigan.reading import prepare
from multigan.sequences.marks import END


@dataclass(eq=False)
class TextArrays:
    """One split of texts as rows of tokens (see ``multigan.modality.DescribedDataset``)."""

    tokens: np.ndarray
    """int32 [N, T]: END follows the last token and fills the row."""
    texts: tuple[str, ...]
    """Normalised, with the words that the vocabulary lacks."""
    conditions: np.ndarray | None
    classes: np.ndarray | None
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """Where each text stands ("train.tsv, line 3"), or "drawn/joy-00012"."""
    digest: str
    """A key of the content: equal digests, equal data."""
    n_tokens: int
    grammar: Any = None
    """What wrote the texts, where the package did: it knows what it can write, and how likely."""
    sample_shape: tuple[int, ...] = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_originals, length = self.tokens.shape
        self.sample_shape = (length, self.n_tokens)

    def __len__(self) -> int:
        return self.n_originals

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """int64 [N, T] and the condition [N, C] or None."""
        rows = np.asarray(indices, dtype=np.int64)
        real = torch.from_numpy(self.tokens[rows].astype(np.int64))
        return Batch(real, None if self.conditions is None else torch.from_numpy(self.conditions[rows]))

    def original(self, index: int) -> str:
        return self.texts[index]

    @property
    def lengths(self) -> np.ndarray:
        """int64 [N]: the tokens of each row, the first END included."""
        ended = (self.tokens == END).cumsum(1)
        return (ended - (self.tokens == END) < 1).sum(1)


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts [N] with the places of their labels in ``labels`` and intensities [N]; ``labels`` () where there are none."""

    texts: list[str]
    names: list[str]
    labels: tuple[str, ...]
    classes: list[int]
    intensities: list[float]

    def __len__(self) -> int:
        return len(self.texts)

    def at(self, places: Sequence[int]) -> Texts:
        texts, names = [self.texts[i] for i in places], [self.names[i] for i in places]
        classes = [self.classes[i] for i in places] if self.labels else []
        return Texts(texts, names, self.labels, classes, [self.intensities[i] for i in places])

    def and_also(self, more: Texts) -> Texts:
        """Texts of the same labels after these."""
        intensities = self.intensities + more.intensities
        names, classes = self.names + more.names, self.classes + more.classes
        return Texts(self.texts + more.texts, names, self.labels, classes, intensities)

    def arrays(self, tokens: np.ndarray, digest: str, n_tokens: int, grammar: Any = None) -> TextArrays:
        """The split of these texts, given their tokens int32 [N, T]."""
        table = {"labels": self.labels, "columns": self.classes, "intensities": self.intensities}
        classes, conditions = prepare.conditions_of(table, slice(None))
        texts, names = tuple(self.texts), tuple(self.names)
        return TextArrays(tokens, texts, conditions, classes, self.labels, names, digest, n_tokens, grammar)


def token_rows(rows: Sequence[Sequence[int]], length: int) -> np.ndarray:
    """int32 [N, T], filled up with END."""
    tokens = np.zeros((len(rows), length), np.int32)
    for place, row in enumerate(rows):
        tokens[place, : len(row)] = row[:length]
    return tokens
