"""What is measured: samples of one kind, from anywhere, read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

Sample = Any
"""Whatever samples of a kind are: an image uint8 [H, W, 3], a ``multigan.reading.audio.Clip``, a text, ..."""


class SampleKind(Protocol):
    """What samples and figures tell of their kind; ``evaluation.kinds.Kind`` knows all of it."""

    @property
    def name(self) -> str: ...

    @property
    def noun(self) -> str:
        """What samples are called in a sentence, in the plural."""
        ...


class Digests(Protocol):
    """The digest of each of the samples ``rows`` (None: of all), equal where their content is.

    A sample whose content cannot be told gets another digest at every call. ``progress(what, done, total)`` is called
    while contents are read.
    """

    def __call__(
        self,
        rows: Sequence[int] | np.ndarray | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Sequence[str]: ...


@dataclass(frozen=True, eq=False)
class Samples:
    """``n`` samples of a kind. ``read(i)`` gives the i-th, from any thread; DataError says why it cannot be used."""

    kind: SampleKind
    names: Sequence[str]
    read: Callable[[int], Sample]
    labels: Sequence[str] | None = None
    """The label of each sample by name; "" of one that is known to be unreadable."""
    intensities: np.ndarray | None = None
    """[N] in [0, 1]."""
    digests: Digests | None = None
    """What names cached features. None: they are not cached."""
    source: str = ""
    """Where they come from, for people: a folder, or "memory"."""
    folder: Path | None = None
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.names)

    @property
    def modality(self) -> str:
        """The name of their kind."""
        return self.kind.name


@dataclass(frozen=True, eq=False)
class Contents:
    """``n`` samples from memory, of which ``read(i)`` gives the i-th, the same at every call, from any thread."""

    n: int
    read: Callable[[int], Sample]
    digests: Digests | None = None
    """None: each sample is read once and named by its kind's digest."""
