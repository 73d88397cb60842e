"""What is measured: samples of one modality, from anywhere, read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Sample = Any
"""Image: uint8 [H, W, 3] of any size. Audio: ``multigan.reading.audio.Clip``. Text: ``str``."""


@dataclass(frozen=True, eq=False)
class Samples:
    """``n`` samples of a modality. ``read(i)`` gives the i-th, from any thread; DataError says why it cannot be used."""

    modality: str
    names: Sequence[str]
    read: Callable[[int], Sample]
    labels: Sequence[str] | None = None
    """The label of each sample by name."""
    intensities: np.ndarray | None = None
    """[N] in [0, 1]."""
    digests: Callable[[], Sequence[str]] | None = None
    """Gives the SHA-256 of each sample's content: what names cached features. None: they are not cached."""
    source: str = ""
    """Where they come from, for people: a folder, or "memory"."""
    folder: Path | None = None
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.names)
