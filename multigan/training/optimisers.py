"""Adam for a network whose gradient comes from several updates, some of them lazy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
