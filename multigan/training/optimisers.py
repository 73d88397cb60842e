"""Adam for a network whose gradient comes from several updates, some of them lazy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn


def lazy_correction(intervals: Iterable[int]) -> float:
    """k/(k+1) for each lazy update every k steps (arXiv:1912.04958, appendix B: its extra steps must not speed Adam up)."""
    correction = 1.0
    for k in intervals:
        correction *= k / (k + 1) if k > 1 else 1.0
    return correction


def adam(
    network: nn.Module, lr: float, betas: Sequence[float], intervals: Iterable[int] = ()
) -> torch.optim.Adam:
    """Adam with lr * c and betas ** c, c the correction of lazy updates at these ``intervals``."""
    correction = lazy_correction(intervals)
    beta1, beta2 = (float(beta) ** correction if beta else 0.0 for beta in betas)
    return torch.optim.Adam(
        network.parameters(), lr=lr * correction, betas=(beta1, beta2), eps=1e-8, foreach=True
    )


class LearningRateDecay:
    """A hook: from the share ``start`` of the run on, every learning rate falls linearly to zero at its end.

    What training at a high rate leaves as noise in the samples settles. A function of samples seen alone, so that
    a resumed run has nothing to restore.
    """

    name = "learning_rate"

    def __init__(self, optimisers: Mapping[str, torch.optim.Optimizer], start: float) -> None:
        self._start = start
        self._optimisers = dict(optimisers)
        self._full = {name: [group["lr"] for group in held.param_groups] for name, held in self._optimisers.items()}

    def on_start(self, trainer: Any) -> None:
        self.after_step(trainer)

    def after_step(self, trainer: Any) -> None:
        done = trainer.samples_seen / trainer.total_samples
        factor = min(1.0, max(0.0, (1 - done) / (1 - self._start)))
        for name, optimiser in self._optimisers.items():
            for group, full in zip(optimiser.param_groups, self._full[name], strict=True):
                group["lr"] = full * factor
