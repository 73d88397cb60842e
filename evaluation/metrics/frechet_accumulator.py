"""Metrics that see features batch by batch in constant memory, and across processes: torchmetrics' ``Metric``."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

from evaluation.metrics.frechet import frechet_distance
from evaluation.statistics.moments import Moments
from multigan.errors import DataError


class FrechetAccumulator(Metric):
    """The Fréchet distance of features that arrive in batches, on any number of processes.

    The state of each side is float64 [D + 2, D]: the count in row 0, the mean in row 1, then the scatter about the
    mean, which keeps its digits where features lie far from 0. One tensor, because their merging needs all three.
    """

    higher_is_better = False
    is_differentiable = False
    full_state_update = False
    real_moments: Tensor
    fake_moments: Tensor

    def __init__(self, n_features: int, **options: Any) -> None:
        super().__init__(**options)
        self.n_features = n_features
        for name in ("real_moments", "fake_moments"):
            empty = torch.zeros(n_features + 2, n_features, dtype=torch.float64)
            self.add_state(name, empty, dist_reduce_fx=merged)

    def update(self, features: Tensor, real: bool) -> None:
        """Take in a batch of features [n, D] of the real or of the fake samples."""
        if features.ndim != 2 or features.shape[1] != self.n_features:
            raise DataError(f"Features are [n, {self.n_features}] here; found {list(features.shape)}.")
        if not len(features):
            return
        name = "real_moments" if real else "fake_moments"
        setattr(self, name, merged(torch.stack([getattr(self, name), _packed(features.double())])))

    def compute(self) -> Tensor:
        """The Fréchet distance, a float64 scalar; DataError with fewer than two samples on a side."""
        distance = frechet_distance(_moments(self.real_moments), _moments(self.fake_moments))
        return torch.tensor(distance, dtype=torch.float64, device=self.device)


def merged(packed: Tensor) -> Tensor:
    """Packed moments [D + 2, D] of all sets together, of those [W, D + 2, D] of each; a set may be empty.

    The scatter is the sum of theirs and of n (mean - mean of all)(mean - mean of all)^T.
    """
    counts, means, scatters = packed[:, 0, :1], packed[:, 1], packed[:, 2:]
    n = counts.sum()
    mean = (counts * means).sum(dim=0) / n.clamp(min=1)
    steps = counts.sqrt() * (means - mean)
    return torch.cat([n.expand_as(mean)[None], mean[None], scatters.sum(dim=0) + steps.T @ steps])


def _packed(features: Tensor) -> Tensor:
    mean = features.mean(dim=0)
    centred = features - mean
    return torch.cat([torch.full_like(mean, len(features))[None], mean[None], centred.T @ centred])


def _moments(packed: Tensor) -> Moments:
    rows = packed.cpu().numpy()
    return Moments(int(rows[0, 0]), rows[1], rows[2:])
