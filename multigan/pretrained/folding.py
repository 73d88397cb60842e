"""Convolutions with their batch normalisation folded in."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

State = Mapping[str, Tensor]
"""The tensors of a network's file by name."""


def folded(state: State, weight: str, normalisation: str, epsilon: float) -> tuple[Tensor, Tensor]:
    """Weights and bias, float32, of a convolution with the batch normalisation after it, computed in float64.

    With statistics m, v and gain g, offset b of the normalisation: W' = W g / sqrt(v + eps), b' = b - m g / sqrt(v + eps).
    KeyError where ``state`` lacks one of them.
    """
    parts = ("weight", "bias", "running_mean", "running_var")
    gain, offset, mean, variance = (state[f"{normalisation}.{part}"].double() for part in parts)
    scale = gain / (variance + epsilon).sqrt()
    return (state[weight].double() * scale[:, None, None, None]).float(), (offset - mean * scale).float()
