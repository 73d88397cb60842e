"""Features of texts that need no weights: hashed n-grams of words and characters, the same everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from evaluation.metrics.tokens import TOKENISER, tokens

FEATURE_SIZE = 256
WORD_ORDERS = (1, 2, 3)
CHARACTER_ORDERS = (2, 3, 4)
EDGE = 1
"""The number of the mark before and after a text: no word's hash and, as a character, not printable."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class HashedNgrams:
    """``hashed-ngrams-v1``: signed hashes (arXiv:0902.2206, section 2) of a text's n-grams in 256 features.

    Six families: words 1 to 3, characters 2 to 4 of the lower-case tokens joined by spaces, with an edge mark on both
    sides. Each family's counts fall with sign into 256 cells, and each comes to unit length before they are added, so
    that a long text counts no more than a short one; length alone is not seen, save by how texts begin and end.
    """

    name = "hashed-ngrams-v1"
    preprocessing = f"tokens {TOKENISER}; words 1 to 3 and characters 2 to 4, hashed to {FEATURE_SIZE}; v1"

    @property
    def digest(self) -> str:
        """sha256 of the constants."""
        constants = (FEATURE_SIZE, WORD_ORDERS, CHARACTER_ORDERS, EDGE, int(_FACTOR), tuple(map(int, _MIX)))
        return hashlib.sha256(f"{self.name} {TOKENISER} {constants}".encode()).hexdigest()

    def prepare(self, sample: str) -> np.ndarray:
        """Features float32 [256] of one text; zeros for a text without tokens."""
        words = tokens(sample)
        if not words:
            return np.zeros(FEATURE_SIZE, np.float32)
        word_numbers = np.array([EDGE, *map(_word_number, words), EDGE], np.uint64)
        joined = " ".join(words).encode("utf-32-le", "surrogatepass")
        characters = np.pad(np.frombuffer(joined, np.uint32).astype(np.uint64), 1, constant_values=EDGE)
        families = [_family(word_numbers, order, order) for order in WORD_ORDERS]
        families += [_family(characters, order, 16 + order) for order in CHARACTER_ORDERS]
        return np.stack(families).sum(axis=0).astype(np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, 256]."""
        return np.stack(prepared)


def load(device: torch.device, files: Mapping[str, Path]) -> HashedNgrams:
    """The extractor; it needs neither a device nor files."""
    return HashedNgrams()


@lru_cache(maxsize=2**17)
def _word_number(word: str) -> int:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _family(numbers: np.ndarray, order: int, salt: int) -> np.ndarray:
    """Signed counts [256] of the n-grams of one order of numbers [T], at unit length."""
    if len(numbers) < order:
        return np.zeros(FEATURE_SIZE)
    n = len(numbers) - order + 1
    hashed = np.full(n, salt, np.uint64)
    for offset in range(order):
        hashed = _mixed(hashed * _FACTOR + numbers[offset : offset + n])
    sign = np.where(hashed >> np.uint64(63), 1.0, -1.0)
    counts = np.bincount((hashed % np.uint64(FEATURE_SIZE)).astype(np.int64), sign, FEATURE_SIZE)
    return counts / max(1.0, float(np.linalg.norm(counts)))


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """splitmix64's finaliser (Steele, Lea & Flood 2014): every bit of the input sways every bit of the output."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX[0]
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX[1]
    return numbers ^ (numbers >> np.uint64(31))
