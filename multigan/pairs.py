"""Data sets whose condition is a sample: made from each of the samples as it is drawn, or a sample of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from multigan.protocols import Batch, Dataset, DescribedDataset

_DESCRIPTION = ("labels", "names", "sample_shape", "conditions", "classes", "n_originals")
"""What pairs say of their samples as the samples' own data does."""


@dataclass(eq=False)
class DerivedPairs:
    """Samples as ``data`` has them; the condition [N, *condition_shape] of each is ``derive`` of it.

    Labels say what the samples are, and take no part in the condition.
    """

    data: DescribedDataset
    derive: Callable[[Tensor], Tensor]
    """Samples float32 [N, ...] in [-1, 1] -> conditions."""
    condition_shape: tuple[int, ...]
    digest: str
    """A key of the content, conditions included."""
    labels: tuple[str, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    sample_shape: tuple[int, ...] = field(init=False)
    conditions: np.ndarray | None = field(init=False)
    classes: np.ndarray | None = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        for name in _DESCRIPTION:
            setattr(self, name, getattr(self.data, name))

    def __len__(self) -> int:
        return len(self.data)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """Samples float32 [N, *sample_shape] in [-1, 1] and their conditions."""
        real = self.data.batch(indices).real
        return Batch(real, self.derive(real))

    def original(self, index: int) -> Any:
        """Sample ``index`` as its file holds it."""
        return self.data.original(index)


@dataclass(eq=False)
class GivenPairs:
    """Samples as ``data`` has them; the condition [N, *condition_shape] of each is that sample of ``given`` in its row."""

    data: DescribedDataset
    given: Dataset
    digest: str
    """A key of the content, conditions included."""
    condition_shape: tuple[int, ...] = field(init=False)
    labels: tuple[str, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    sample_shape: tuple[int, ...] = field(init=False)
    conditions: np.ndarray | None = field(init=False)
    classes: np.ndarray | None = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        for name in _DESCRIPTION:
            setattr(self, name, getattr(self.data, name))
        self.condition_shape = self.given.sample_shape

    def __len__(self) -> int:
        return len(self.data)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """Samples float32 [N, *sample_shape] in [-1, 1] and what is given with each."""
        return Batch(self.data.batch(indices).real, self.given.batch(indices).real)

    def original(self, index: int) -> Any:
        """Sample ``index`` as its file holds it."""
        return self.data.original(index)
