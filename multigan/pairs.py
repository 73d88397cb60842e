"""A data set whose condition is a sample: made from each of the samples as it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from multigan.protocols import Batch, DescribedDataset


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
        data = self.data
        self.labels, self.names, self.sample_shape = data.labels, data.names, data.sample_shape
        self.conditions, self.classes, self.n_originals = data.conditions, data.classes, data.n_originals

    def __len__(self) -> int:
        return len(self.data)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """Samples float32 [N, *sample_shape] in [-1, 1] and their conditions."""
        real = self.data.batch(indices).real
        return Batch(real, self.derive(real))

    def original(self, index: int) -> Any:
        """Sample ``index`` as its file holds it."""
        return self.data.original(index)
