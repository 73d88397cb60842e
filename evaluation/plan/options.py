"""What is measured, and how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is measured and how; ``evaluate`` explains each."""

    metrics: tuple[str, ...] | None = None
    features: tuple[str, ...] = ()
    n: int = 10_000
    seed: int = 0
    device: torch.device | str = "cpu"
    weights: Path | None = None
    max_bad: float = 0.01
    cache: bool = True
    mirrored: bool = False
    oracle: Path | None = None
