"""What is checked: an architecture under one shape of condition, on random samples of its modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from multigan.modality import Modality, build_networks
from multigan.protocols import Batch, Pretrained

BATCH = 4
_N = 8 * BATCH


@dataclass(frozen=True)
class Subject:
    """An architecture by its name and settings, and what its networks are built for."""

    modality: Modality
    raw: Mapping[str, Any]
    sample_shape: tuple[int, ...]
    condition_shape: tuple[int, ...]
    data: Any = None
    """The modality's data settings; None: their own defaults."""

    @property
    def what(self) -> str:
        """How a sentence begins that says what is broken."""
        return f"{self.raw['name']} {conditions_in_words(self.condition_shape)}"

    @property
    def labels(self) -> tuple[str, ...]:
        """Of conditions that are vectors; a tensor has none."""
        n = self.condition_shape[0] if len(self.condition_shape) == 1 else 0
        return tuple(f"label-{number}" for number in range(n))

    def networks(self, seed: int = 0) -> dict[str, nn.Module]:
        """Fresh networks, the same for the same seed."""
        torch.manual_seed(seed)
        networks = build_networks(self.modality, dict(self.raw), self.sample_shape, self.condition_shape)
        for network in networks.values():
            if isinstance(network, Pretrained):
                network.load_pretrained()
        return networks

    def batch(self, n: int = BATCH) -> Batch:
        """Random samples and their conditions."""
        return Batch(self.modality.random_samples(n, self.sample_shape), self.conditions(n))

    def conditions(self, n: int) -> Tensor | None:
        """[n, C], each label in turn; [n, ...] at random for a tensor; or None."""
        if len(self.condition_shape) > 1:
            return torch.rand(n, *self.condition_shape)
        return torch.eye(*self.condition_shape)[torch.arange(n) % len(self.labels)] if self.labels else None


@dataclass(eq=False)
class RandomData:
    """A small data set of a subject, as ``multigan.protocols.Dataset``."""

    subject: Subject
    labels: tuple[str, ...] = field(init=False)
    sample_shape: tuple[int, ...] = field(init=False)
    condition_shape: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        torch.manual_seed(1)
        self._all = self.subject.batch(_N)
        self.labels, self.sample_shape = self.subject.labels, self.subject.sample_shape
        self.condition_shape = self.subject.condition_shape

    def __len__(self) -> int:
        return _N

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        rows, condition = torch.as_tensor(np.asarray(indices)), self._all.condition
        return Batch(self._all.real[rows], None if condition is None else condition[rows])


def conditions_in_words(shape: tuple[int, ...]) -> str:
    """ "with 3 labels", "without labels", "with conditions [2, 4, 4]"."""
    if len(shape) > 1:
        return f"with conditions {list(shape)}"
    return f"with {shape[0]} labels" if shape else "without labels"


def other_condition(condition: Tensor) -> Tensor:
    """Another condition for each sample: the next label, or what a tensor lacks to 1."""
    return condition.roll(1, 1) if condition.ndim == 2 else 1 - condition


def alike(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors are equal but for rounding."""
    return first.shape == second.shape and torch.allclose(first.float(), second.float(), atol=1e-6)


def require(kept: bool, broken: str) -> None:
    """AssertionError with the sentence ``broken`` unless a promise is kept."""
    if not kept:
        raise AssertionError(broken)
