"""Layers of networks of clips: convolutions over time and space with equalised learning rates."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.layers import ACTIVATION_GAIN, SLOPE


class Convolution3d(nn.Module):
    """Convolution over time, height and width at the same size, with bias and leaky ReLU (arXiv:1710.10196, section 4.1)."""

    def __init__(self, n_in: int, n_out: int, kernel: tuple[int, int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, *kernel))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.weight_gain = ACTIVATION_GAIN / math.sqrt(n_in * math.prod(kernel))
        self.padding = tuple(size // 2 for size in kernel)

    def forward(self, clips: Tensor) -> Tensor:
        weight, bias = self.weight * self.weight_gain, self.bias * ACTIVATION_GAIN
        outputs = functional.conv3d(clips, weight, bias, padding=self.padding)
        return functional.leaky_relu(outputs, SLOPE, inplace=True)


def between_anchors(n_anchors: int, n_frames: int) -> Tensor:
    """[n_frames, n_anchors]: how much of each anchor, evenly spaced from the first frame to the last, every frame has.

    Raised cosines; each row has the length 1, so that a trajectory through anchors ~ N(0, I) is N(0, I) at every frame.
    """
    at = torch.linspace(0, n_anchors - 1, n_frames)[:, None]
    distance = (at - torch.arange(n_anchors)).abs().clamp(max=1)
    weights = 0.5 + 0.5 * torch.cos(math.pi * distance)
    return weights / weights.norm(dim=1, keepdim=True)
