"""A learning rate that falls."""

from __future__ import annotations

from typing import Any

import torch


class LinearDecay:
    """A hook: the learning rate of an optimiser falls on a line to 0, from ``lr`` at the start to ``samples`` seen."""

    name = "decay"

    def __init__(self, optimiser: torch.optim.Optimizer, lr: float, samples: int) -> None:
        self._optimiser, self._lr, self._samples = optimiser, lr, samples

    def on_start(self, trainer: Any) -> None:
        self.after_step(trainer)

    def after_step(self, trainer: Any) -> None:
        left = max(0.0, 1 - trainer.samples_seen / self._samples)
        for group in self._optimiser.param_groups:
            group["lr"] = self._lr * left
