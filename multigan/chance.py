"""Random numbers that are a pure function of a seed and a name: the same on every machine and under every numpy."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mix(state: Any) -> Any:
    """The finaliser of SplitMix64: a bijection of the 64-bit integers, for an int or an array uint64 [N]."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


@dataclass(frozen=True)
class Chance:
    """Named draws of one seed; draws under different names are independent, and under one name the same."""

    seed: int

    def bits(self, name: str) -> int:
        """64 random bits."""
        salt = mix((zlib.crc32(name.encode()) + 1) * _GOLDEN & _MASK)
        return mix((mix(self.seed & _MASK) + salt) & _MASK)

    def number(self, name: str, low: float = 0.0, high: float = 1.0) -> float:
        """A number in [low, high)."""
        return low + (high - low) * ((self.bits(name) >> 11) * 2.0**-53)

    def pick(self, name: str, table: Sequence[Item]) -> Item:
        """One item of a table."""
        return table[self.bits(name) % len(table)]

    def many(self, name: str, n: int) -> NDArray[np.uint64]:
        """64 random bits for each of n rows; fewer rows are their beginning."""
        rows = np.arange(n, dtype=np.uint64) + np.uint64(self.bits(name))
        return mix(rows)

    def numbers(self, name: str, n: int) -> NDArray[np.float64]:
        """n numbers in [0, 1); fewer are their beginning."""
        return (self.many(name, n) >> np.uint64(11)).astype(np.float64) * 2.0**-53
