"""Layers that networks of every modality share: equalised learning rates (arXiv:1710.10196, section 4.1), the mapping
of StyleGAN (arXiv:1812.04948) and the statistics of a minibatch."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.precision import full_precision

ACTIVATION_GAIN = math.sqrt(2)
SLOPE = 0.2
"""Of the leaky ReLU; it is homogeneous, so that its gain is folded into weights and biases."""


class Linear(nn.Module):
    """Fully connected; weights ~ N(0, 1)/lr_multiplier, scaled at run time by lr_multiplier/sqrt(fan_in)."""

    def __init__(
        self, n_in: int, n_out: int, *, activate: bool = False, bias: float = 0.0, lr_multiplier: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in) / lr_multiplier)
        self.bias = nn.Parameter(torch.full((n_out,), bias / lr_multiplier))
        self.activate = activate
        self.bias_gain = lr_multiplier * (ACTIVATION_GAIN if activate else 1.0)
        self.weight_gain = self.bias_gain / math.sqrt(n_in)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = functional.linear(inputs, self.weight * self.weight_gain, self.bias * self.bias_gain)
        return functional.leaky_relu(outputs, SLOPE, inplace=True) if self.activate else outputs


class Mapping(nn.Module):
    """Latent [N, Z] and condition [N, C] -> style [N, W]."""

    def __init__(
        self, latent_size: int, condition_size: int, style_size: int, n_layers: int, lr_multiplier: float
    ) -> None:
        super().__init__()
        self.condition_size = condition_size
        # a one-hot of C entries has second moment 1/C: the scale gives its embedding the latent's second moment, 1
        self.condition_scale = math.sqrt(max(condition_size, 1))
        self.embedding = Linear(condition_size, latent_size) if condition_size else None
        sizes = [latent_size * (2 if condition_size else 1)] + [style_size] * n_layers
        self.layers = nn.Sequential(
            *(
                Linear(n_in, n_out, activate=True, lr_multiplier=lr_multiplier)
                for n_in, n_out in pairwise(sizes)
            )
        )

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        features = latent * (latent.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        if self.embedding is not None:
            condition = required_condition(condition, self.condition_size, "generator")
            features = torch.cat((features, self.embedding(condition * self.condition_scale)), 1)
        return self.layers(features)


def required_condition(condition: Tensor | None, size: int, network: str) -> Tensor:
    """The condition [N, size]; ConfigError where there is none or one of another size."""
    if condition is None or condition.shape[1:] != (size,):
        found = "none" if condition is None else list(condition.shape)
        raise ConfigError(f"This {network} takes a condition [N, {size}]; found {found}.")
    return condition


def minibatch_standard_deviation(features: Tensor, group_size: int) -> Tensor:
    """Append one channel: the mean standard deviation over a group of samples (arXiv:1710.10196, section 3).

    Groups are strided, of the largest size up to ``group_size`` that divides N.
    [N, C, ...] -> [N, C + 1, ...].
    """
    n, _, *sizes = features.shape
    group = next(size for size in range(min(group_size, n), 0, -1) if n % size == 0)
    grouped = full_precision(features).reshape(group, n // group, -1)
    deviation = ((grouped - grouped.mean(0)).square().mean(0) + 1e-8).sqrt().mean(1)
    channel = deviation.repeat(group).to(features.dtype).view(n, 1, *[1] * len(sizes)).expand(n, 1, *sizes)
    # of the new channel too, or else the whole would lose it
    layout = torch.channels_last if len(sizes) == 2 else torch.contiguous_format
    return torch.cat((features, channel.contiguous(memory_format=layout)), 1)
