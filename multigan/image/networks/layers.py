"""Layers that networks of images share: those of StyleGAN2 (arXiv:1912.04958) with equalised learning rates
(arXiv:1710.10196, section 4.1), and batch normalisation that hears labels.

Formulations are chosen for speed and are numerically equal to the plain ones (``tests/worlds/plain_stylegan2.py``):
activations are modulated instead of weights, and the leaky ReLU's gain is folded into weights and biases, since it
is homogeneous.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.image.networks.resample import downsample, smooth
from multigan.layers import ACTIVATION_GAIN, SLOPE, Linear, required_condition
from multigan.normalisation import BatchNorm


class Convolution(nn.Module):
    """Convolution with bias and activation; ``down`` halves the size behind the resampling filter.

    Outputs are clamped to +-``clamp`` before ``gain``, where one is given."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel: int,
        *,
        down: bool = False,
        activate: bool = True,
        bias: bool = True,
        gain: float = 1.0,
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None
        self.down = down
        self.activate = activate
        self.clamp = None if clamp is None else clamp * gain
        self.gain = gain * (ACTIVATION_GAIN if activate else 1.0)
        self.weight_gain = self.gain / math.sqrt(n_in * kernel * kernel)

    def forward(self, images: Tensor) -> Tensor:
        kernel = self.weight.shape[-1]
        stride, padding = 1, kernel // 2
        if self.down and kernel == 1:  # filter and decimate first: a 1x1 kernel commutes with both
            images = downsample(images)
        elif self.down:
            images, stride, padding = smooth(images, padding + 1), 2, 0
        bias = None if self.bias is None else self.bias * self.gain
        weight = self.weight * self.weight_gain
        outputs = functional.conv2d(images, weight, bias, stride=stride, padding=padding)
        outputs = functional.leaky_relu(outputs, SLOPE, inplace=True) if self.activate else outputs
        return _clamped(outputs, self.clamp)


def _clamped(features: Tensor, bound: float | None) -> Tensor:
    return features if bound is None else features.clamp(-bound, bound)


def modulated_convolution(
    images: Tensor, weight: Tensor, style: Tensor, *, demodulate: bool, up: bool = False, gain: float = 1.0
) -> Tensor:
    """Convolution whose input channels are scaled by ``style`` and whose output is demodulated (eq. 1 and 3).

    w'_{ijk} = s_i w_{ijk};  w''_{ijk} = w'_{ijk} / sqrt(sum_{i,k} w'_{ijk}^2 + 1e-8).
    images [N, I, H, W], weight [O, I, K, K], style [N, I] -> [N, O, H, W], twice the size with ``up``.
    """
    images = images * style.to(images.dtype)[:, :, None, None]
    if up:
        images = functional.conv_transpose2d(images, weight.transpose(0, 1), stride=2)
        images = smooth(images, 1, 4.0)
    else:
        images = functional.conv2d(images, weight, padding=weight.shape[-1] // 2)
    if demodulate:
        scale = (style.square() @ weight.square().sum((2, 3)).T + 1e-8).rsqrt() * gain
        images = images * scale.to(images.dtype)[:, :, None, None]
    return images


class StyledConvolution(nn.Module):
    """Modulated 3x3 convolution, noise (drawn in training, constant in evaluation), bias, leaky ReLU, and a clamp."""

    noise: Tensor

    def __init__(
        self,
        n_in: int,
        n_out: int,
        n_style: int,
        size: int,
        *,
        up: bool = False,
        noise: bool = True,
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.affine = Linear(n_style, n_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.up, self.clamp = up, clamp
        self.weight_gain = 1 / math.sqrt(n_in * 9)
        self.noise_strength = nn.Parameter(torch.zeros(())) if noise else None
        if noise:
            self.register_buffer("noise", torch.randn(1, 1, size, size))

    def forward(self, images: Tensor, style: Tensor) -> Tensor:
        weight = self.weight * self.weight_gain
        images = modulated_convolution(
            images, weight, self.affine(style), demodulate=True, up=self.up, gain=ACTIVATION_GAIN
        )
        if self.noise_strength is not None:
            n, _, height, width = images.shape
            noise = torch.randn(n, 1, height, width, device=images.device) if self.training else self.noise
            images = images + (noise * (self.noise_strength * ACTIVATION_GAIN)).to(images.dtype)
        images = images + (self.bias * ACTIVATION_GAIN).to(images.dtype)[:, None, None]
        return _clamped(functional.leaky_relu(images, SLOPE, inplace=True), self.clamp)


class ToImage(nn.Module):
    """Modulated 1x1 convolution without demodulation, to image (or wavelet) channels, and a clamp."""

    def __init__(self, n_in: int, n_out: int, n_style: int, clamp: float | None = None) -> None:
        super().__init__()
        self.affine = Linear(n_style, n_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 1, 1))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.weight_gain = 1 / math.sqrt(n_in)
        self.clamp = clamp

    def forward(self, images: Tensor, style: Tensor) -> Tensor:
        weight = self.weight * self.weight_gain
        images = modulated_convolution(images, weight, self.affine(style), demodulate=False)
        return _clamped(images + self.bias.to(images.dtype)[:, None, None], self.clamp)


def pixel_norm(features: Tensor) -> Tensor:
    """b = a / sqrt(mean over channels of a^2 + 1e-8), [N, C, ...]; arXiv:1710.10196 section 4.2."""
    return features * (features.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation whose gain and bias each label shifts (arXiv:1610.07629, section 2.2); without labels, plain.

    Features [N, K] or [N, K, H, W] and condition [N, C] or None: (gain + A c) * normalised + bias + B c. ``deviation``: of
    the initial gains N(1, deviation^2) and of the labels' A and B, N(0, 0.02^2).
    """

    def __init__(self, n: int, condition_size: int, deviation: float = 0.0) -> None:
        super().__init__()
        self.condition_size = condition_size
        self.norm = BatchNorm(n, affine=False)
        self.gain = nn.Parameter(torch.empty(n).normal_(1.0, deviation))
        self.bias = nn.Parameter(torch.zeros(n))
        self.labels = nn.Linear(condition_size, 2 * n, bias=False) if condition_size else None
        if self.labels is not None:
            nn.init.normal_(self.labels.weight, 0.0, 0.02)

    def forward(self, features: Tensor, condition: Tensor | None) -> Tensor:
        gain, bias = self.gain, self.bias
        if self.labels is not None:
            condition = required_condition(condition, self.condition_size, "generator")
            more_gain, more_bias = self.labels(condition).chunk(2, 1)
            gain, bias = gain + more_gain, bias + more_bias
        gain, bias = (value.to(features.dtype) for value in (gain, bias))
        if features.ndim == 4:
            gain, bias = gain[..., None, None], bias[..., None, None]
        return torch.addcmul(bias, self.norm(features), gain)


def in_channels_last(networks: dict[str, nn.Module]) -> dict[str, nn.Module]:
    """The networks with their kernels laid out as convolutions of a CPU, and of a GPU in bfloat16, are fastest."""
    for network in networks.values():
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return networks


def power_of_two(shape: tuple[int, ...], architecture: str, least: int = 16) -> int:
    """The side of square images [channels, R, R]; ConfigError where it is no power of two from ``least`` to 1024."""
    if len(shape) != 3 or shape[1] != shape[2] or shape[1] & (shape[1] - 1) or not least <= shape[1] <= 1024:
        raise ConfigError(
            f"{architecture} makes square images with a power-of-two side from {least} to 1024; found {list(shape)}."
        )
    return shape[1]
