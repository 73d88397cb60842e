"""Under which conditions samples of a run are made, and what a condition that is a sample itself comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from multigan.modality import Splits
from multigan.protocols import DescribedDataset, condition_shape_of, is_tensor
from multigan.sampling import TrainedGenerator

N_EXAMPLES = 24
"""Shown in pictures."""
_AT_ONCE = 64


def takes_tensors(data: DescribedDataset) -> bool:
    """Whether the conditions of some data are samples themselves.

    A tensor that ``conditions`` has a row of for each sample is a label, such as one whose intensity changes over time.
    """
    shape = condition_shape_of(data)
    return is_tensor(shape) and (data.conditions is None or data.conditions.shape[1:] != shape)


def asked_labels(data: DescribedDataset) -> tuple[str, ...]:
    """The labels that samples can be asked for: none where the condition is a tensor, whatever samples are called."""
    return () if takes_tensors(data) else tuple(data.labels)


def measured_side(splits: Splits) -> DescribedDataset:
    """Whose conditions the measured samples have: training samples', which say labels and intensities alone.

    A tensor is of its sample, which the generator has seen in training: then the held-out samples'.
    """
    return splits.held_out if takes_tensors(splits.train) else splits.train


def conditions_of(data: DescribedDataset, rows: Sequence[int] | np.ndarray) -> Tensor | None:
    """The conditions [N, ...] of some samples; None of data without any."""
    if not takes_tensors(data):
        return None if data.conditions is None else torch.from_numpy(data.conditions[rows])
    rows = np.asarray(rows, np.int64)
    parts = [data.batch(rows[start : start + _AT_ONCE]).condition for start in range(0, len(rows), _AT_ONCE)]
    return torch.cat([part for part in parts if part is not None])


@dataclass(frozen=True, eq=False)
class Examples:
    """Some samples whose conditions are tensors, for pictures: what is given, and what should come of it."""

    conditions: Tensor
    real: Tensor

    def beside(self, trained: TrainedGenerator, generated: Tensor) -> list[Tensor]:
        """What a picture shows in a row: the condition as it is, what is generated, and the real sample, each [N, ...]."""
        show = trained.modality.show_condition
        shown = [] if show is None else [show(self.conditions, trained.data)]
        return [*shown, generated, self.real[: len(generated)]]


def examples_of(data: DescribedDataset, n: int) -> Examples | None:
    """``n`` samples or fewer, evenly from all of the data; None where conditions are no tensors."""
    if not takes_tensors(data):
        return None
    rows = np.unique(np.linspace(0, data.n_originals - 1, min(n, data.n_originals)).astype(np.int64))
    batch = data.batch(rows)
    assert batch.condition is not None
    return Examples(batch.condition, batch.real)
