"""Rows of token numbers that an oracle draws, as two splits: drawn once, then read from the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from multigan.chance import Chance
from multigan.errors import DataError
from multigan.modality import Splits
from multigan.protocols import Batch
from multigan.reading import cache, prepare
from multigan.reading.prepare import Progress
from multigan.tokens.oracle import oracle_generator, oracle_tensors
from multigan.tokens.settings import TokenData

SEQUENCES = cache.Cache("sequences")
VERSION = 1
"""Of how rows are drawn: raise it when they change."""
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Oracle:
    """The network that wrote a data set."""

    tensors: dict[str, Tensor]
    """See ``multigan.tokens.oracle.oracle_tensors``."""
    name: str
    """Of its file; "drawn by seed" without one."""


@dataclass(eq=False)
class TokenArrays:
    """One split of rows of token numbers (see ``multigan.modality.DescribedDataset``), without labels."""

    tokens: np.ndarray
    """int32 [N, T]."""
    names: tuple[str, ...]
    """ "drawn/00012"."""
    digest: str
    """A key of the content: equal digests, equal data."""
    oracle: Oracle
    conditions: np.ndarray | None = None
    classes: np.ndarray | None = None
    labels: tuple[str, ...] = ()
    sample_shape: tuple[int, ...] = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_originals, length = self.tokens.shape
        self.sample_shape = (length, len(self.oracle.tensors["embedding"]))

    def __len__(self) -> int:
        return self.n_originals

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """int64 [N, T], and no condition."""
        rows = np.asarray(indices, dtype=np.int64)
        return Batch(torch.from_numpy(self.tokens[rows].astype(np.int64)), None)

    def original(self, index: int) -> str:
        return spaced(self.tokens[index].tolist())

    @property
    def lengths(self) -> np.ndarray:
        """int64 [N]: the tokens of each row, which are all of its T."""
        return np.full(len(self), self.tokens.shape[1])


def spaced(row: Sequence[int]) -> str:
    """The numbers of a row with spaces between them."""
    return " ".join(map(str, row))


def look(settings: TokenData, folder: Path | None) -> tuple[str, ...]:
    """There are no labels. DataError where a folder is given, or the oracle's file cannot be read."""
    _refuse_folder(folder)
    _oracle(settings)
    return ()


def _refuse_folder(folder: Path | None) -> None:
    if folder is not None:
        raise DataError(
            f"The data of this recipe is what its oracle draws, and {folder} was given; leave out --data, or run a recipe "
            "of texts."
        )


def open_tokens(settings: TokenData, folder: Path | None, progress: Progress) -> Splits:
    """Rows of the oracle; ``Splits.data`` holds its vocabulary's size. DataError where a folder is given."""
    _refuse_folder(folder)
    oracle = _oracle(settings)
    n_tokens = len(oracle.tensors["embedding"])
    weights = [[name, list(tensor.shape), _digest(tensor)] for name, tensor in sorted(oracle.tensors.items())]
    counts = [settings.drawn, settings.drawn_held_out, settings.length, settings.seed]
    key = prepare.key_of([VERSION, "oracle", weights, *counts])
    entry = SEQUENCES.prepared(key, partial(_draw, settings, oracle, progress))

    def split(rows: slice, name: str) -> TokenArrays:
        names = tuple(entry.table["names"][rows])
        return TokenArrays(np.asarray(entry.samples[rows]), names, f"{key}-{name}", oracle)

    sides = split(slice(None, settings.drawn), "train"), split(slice(settings.drawn, None), "held-out")
    return Splits(*sides, (), replace(settings, vocabulary_size=n_tokens))


def _oracle(settings: TokenData) -> Oracle:
    path = None if settings.oracle is None else Path(settings.oracle)
    tensors = oracle_tensors(path, settings.seed, settings.vocabulary_size)
    return Oracle(tensors, "drawn by seed" if path is None else path.name)


def _digest(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()


def _draw(settings: TokenData, oracle: Oracle, progress: Progress, folder: Path) -> None:
    """Fill a cache entry, training first; each side has a random state of its own."""
    generator = oracle_generator(oracle.tensors, settings.length)
    n, parts = settings.drawn + settings.drawn_held_out, []
    for name, n_rows in (("train", settings.drawn), ("held-out", settings.drawn_held_out)):
        state = torch.Generator().manual_seed(Chance(settings.seed).bits(f"oracle {name}") % 2**63)
        for start in range(0, n_rows, _AT_ONCE):
            with torch.no_grad():
                latent = generator.latent(min(_AT_ONCE, n_rows - start), state)
                parts.append(generator(latent, None).numpy())
            progress("drawing sequences", sum(map(len, parts)), n)
    table = {"names": [f"drawn/{row:05d}" for row in range(n)]}
    cache.write(folder, parts, (n, settings.length), np.int32, table)
