"""What is measured, and how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

EVERYTHING = "all"
"""What stands for the names of all metrics."""
FEWEST = 6
"""The fewest samples of a set: a fifth nearest neighbour takes as many."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is measured and how; ``evaluation.evaluate`` explains each."""

    metrics: tuple[str, ...] | None = None
    """By name; "all" stands for all, and None for those that are measured by default."""
    features: tuple[str, ...] = ()
    n: int = 10_000
    seed: int = 0
    device: torch.device | str = "cpu"
    weights: Path | None = None
    max_bad: float = 0.01
    cache: bool = True
    mirrored: bool = False
    oracle: Path | None = None

    @property
    def names_metrics(self) -> bool:
        """Whether single metrics are asked for, so that one that cannot be measured is an error."""
        return self.metrics is not None and not any(name.lower() == EVERYTHING for name in self.metrics)
