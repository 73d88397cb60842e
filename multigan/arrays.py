"""Samples that fit into memory, as a data set that a recipe can train on and report on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from multigan.protocols import Batch


@dataclass(eq=False)
class ArrayDataset:
    """A ``multigan.protocols.DescribedDataset`` of an array, each sample with a label at full intensity, or all without.

    ValueError where there is not one class a sample, or a class is no column of the labels.
    """

    samples: np.ndarray
    """float32 [N, ...] in [-1, 1], or int64 [N, T] tokens."""
    labels: tuple[str, ...] = ()
    classes: np.ndarray | None = None
    """int64 [N]: the column of each sample's label; None without labels."""
    names: tuple[str, ...] = ()
    """By default the number of each sample."""
    sample_shape: tuple[int, ...] = field(init=False)
    conditions: np.ndarray | None = field(init=False, default=None)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_originals, *shape = self.samples.shape
        self.sample_shape = tuple(shape)
        self.names = self.names or tuple(f"sample-{row}" for row in range(len(self)))
        if bool(self.labels) != (self.classes is not None):
            raise ValueError("labels and classes are given together, or neither")
        if self.classes is not None:
            if len(self.classes) != len(self) or not np.isin(self.classes, range(len(self.labels))).all():
                raise ValueError(
                    f"classes are {len(self)} numbers, one a sample, from 0 to {len(self.labels) - 1}"
                )
            self.conditions = np.eye(len(self.labels), dtype=np.float32)[self.classes]

    def __len__(self) -> int:
        return self.n_originals

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at ``indices``, and the one-hot of their labels."""
        rows = np.asarray(indices, np.int64)
        condition = None if self.conditions is None else torch.from_numpy(self.conditions[rows])
        return Batch(torch.from_numpy(self.samples[rows]), condition)

    def original(self, index: int) -> np.ndarray:
        return self.samples[index]
