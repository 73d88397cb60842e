"""Adam for a network whose gradient comes from several updates, some of them lazy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import nn


def lazy_correction(intervals: Iterable[int]) -> float:
    """1 / (1 + sum 1/k) over penalties applied every k steps, each an optimiser step of its own; k/(k+1) for one.

    Their extra steps must not speed Adam up (arXiv:1912.04958, appendix B).
    """
    return 1 / (1 + sum(1 / k for k in intervals))


def adam(
    network: nn.Module, lr: float, betas: Sequence[float], intervals: Iterable[int] = ()
) -> torch.optim.Adam:
    """Adam with lr * c and betas ** c, c the correction of lazy updates at these ``intervals``."""
    correction = lazy_correction(intervals)
    beta1, beta2 = (float(beta) ** correction if beta else 0.0 for beta in betas)
    return torch.optim.Adam(
        network.parameters(), lr=lr * correction, betas=(beta1, beta2), eps=1e-8, foreach=True
    )
