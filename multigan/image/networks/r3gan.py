"""R3GAN (arXiv:2501.05441): a convolutional pair without normalisation, styles, noise or minibatch statistics.

In the paper (section 4, and the authors' configurations): 4x4 to the full size in stages of two blocks each; 768 channels
at 4x4 to 32x32 and half as many from there on at each doubling; every block goes to twice the channels, 16 in a group, and
back; latents of 64. 32x32 (CIFAR-10) is trained with a batch of 512 for 20 million images: the rate falls from 2e-4 to
5e-5, gamma from 0.05 to 0.005 and beta2 rises from 0.9 to 0.99, ADA's probability from 0 to 0.55 and the average's
half-life from 0 to 5 million images, each along half a cosine.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.resample import downsample, upsample
from multigan.layers import SLOPE, normal_latent, required_condition, vector_size
from multigan.modality import Architecture
from multigan.precision import full_precision

GAIN = math.sqrt(2 / (1 + SLOPE**2))
"""Of the leaky ReLU: with it a layer keeps the variance of its inputs (arXiv:1502.01852)."""


@settings
class R3GANSettings:
    """Widths and parts. Channels at resolution r: min(channel_base / r, channel_max), a multiple of the group's."""

    channel_base: int = 24_576
    channel_max: int = 768
    blocks: int = 2
    """Residual blocks of a resolution."""
    expansion: int = 2
    """Channels inside a block, times those outside."""
    group_channels: int = 16
    """Channels of a group of the 3x3 convolution inside a block."""
    latent_size: int = 64

    def __post_init__(self) -> None:
        for name in ("channel_base", "channel_max", "blocks", "expansion", "group_channels", "latent_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")

    def channels(self, resolution: int) -> int:
        """The next multiple below that ``group_channels`` divides once it is expanded."""
        width = min(self.channel_base // resolution, self.channel_max)
        step = self.group_channels // math.gcd(self.group_channels, self.expansion)
        return max(width // step, 1) * step


class Convolution(nn.Conv2d):
    """Without bias, at the same size; weights ~ N(0, gain^2 / fan_in)."""

    def __init__(self, n_in: int, n_out: int, kernel: int, gain: float = 1.0, groups: int = 1) -> None:
        super().__init__(n_in, n_out, kernel, padding=kernel // 2, groups=groups, bias=False)
        nn.init.normal_(self.weight, 0, gain / math.sqrt(n_in // groups * kernel * kernel))


def _linear(n_in: int, n_out: int, gain: float = 1.0, bias: bool = False) -> nn.Linear:
    """Weights ~ N(0, gain^2 / fan_in), biases 0."""
    layer = nn.Linear(n_in, n_out, bias=bias)
    nn.init.normal_(layer.weight, 0, gain / math.sqrt(n_in))
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


class Block(nn.Module):
    """x + W3 a(W2 a(W1 x)): 1x1 to more channels, a grouped 3x3, 1x1 back; a is a bias and a leaky ReLU.

    Initialised as Fix-up (arXiv:1901.09321) has it for blocks of m = 3 layers in a network of L blocks: the first two
    layers are scaled by L^(-1 / (2m - 2)), the last is 0, so that a fresh block is the identity.
    """

    def __init__(self, width: int, own: R3GANSettings, n_blocks: int) -> None:
        super().__init__()
        inner = width * own.expansion
        gain = GAIN * n_blocks ** (-1 / 4)
        self.widen = Convolution(width, inner, 1, gain)
        self.mix = Convolution(inner, inner, 3, gain, groups=inner // own.group_channels)
        self.narrow = Convolution(inner, width, 1, 0.0)
        self.first_bias, self.second_bias = (nn.Parameter(torch.zeros(inner)) for _ in range(2))

    def forward(self, features: Tensor) -> Tensor:
        inner = _activated(self.widen(features), self.first_bias)
        inner = _activated(self.mix(inner), self.second_bias)
        return features + self.narrow(inner)


def _activated(features: Tensor, bias: Tensor) -> Tensor:
    return functional.leaky_relu(features + bias.to(features.dtype)[:, None, None], SLOPE)


def _blocks(width: int, own: R3GANSettings, n_blocks: int) -> nn.Sequential:
    return nn.Sequential(*(Block(width, own, n_blocks) for _ in range(own.blocks)))


def _changed(n_in: int, n_out: int) -> nn.Module:
    """1x1 to another number of channels, where it is another one."""
    return nn.Identity() if n_in == n_out else Convolution(n_in, n_out, 1)


class Generator(nn.Module):
    """latent [N, Z], condition [N, C] or None -> images [N, channels, R, R].

    4x4 features are a learnt basis, each channel's picture times a number that is linear in the latent and the embedded
    condition; each further stage doubles the size (bilinear) and adds its blocks.
    """

    def __init__(self, own: R3GANSettings, shape: tuple[int, ...], n_labels: int) -> None:
        super().__init__()
        self.latent_size, self.n_labels = own.latent_size, n_labels
        widths = [own.channels(size) for size in _sizes(shape)]
        n_blocks = own.blocks * len(widths)
        self.embedding = _linear(n_labels, own.latent_size) if n_labels else None
        self.basis = nn.Parameter(torch.randn(widths[0], 4, 4))
        self.weigh = _linear(own.latent_size * (2 if n_labels else 1), widths[0])
        self.stages = nn.ModuleList(_blocks(width, own, n_blocks) for width in widths)
        self.change = nn.ModuleList(_changed(a, b) for a, b in pairwise(widths))
        self.to_image = Convolution(widths[-1], shape[0], 1)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """N(0, I), [n, Z]."""
        return normal_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        inputs = latent
        if self.embedding is not None:
            embedded = self.embedding(required_condition(condition, self.n_labels, "generator"))
            inputs = torch.cat((latent, embedded), 1)
        features = self.basis * self.weigh(inputs)[:, :, None, None]
        features = self.stages[0](features.contiguous(memory_format=torch.channels_last))
        for change, blocks in zip(self.change, list(self.stages)[1:], strict=True):
            features = blocks(upsample(change(features)))
        return full_precision(self.to_image(features))


class Discriminator(nn.Module):
    """images [N, channels, R, R], condition [N, C] or None -> logits [N], larger = more real.

    The generator's mirror image; 4x4 features are weighed by a learnt basis, one picture a channel. With labels the logit
    is <h, V c + b>, h [N, D] of the width at full size, as many numbers as V c has: the paper's <h, V c> with a bias b,
    which is 0 at the start and without which a condition of intensity 0 would have no logit. ``judge`` reads the label
    from h (AC-GAN, arXiv:1610.09585), which the paper does not do; nothing else depends on it.
    """

    def __init__(self, own: R3GANSettings, shape: tuple[int, ...], n_labels: int) -> None:
        super().__init__()
        self.n_labels = n_labels
        widths = [own.channels(size) for size in reversed(_sizes(shape))]
        n_blocks, n_features = own.blocks * len(widths), widths[-1] if n_labels else 1
        self.from_image = Convolution(shape[0], widths[0], 1)
        self.stages = nn.ModuleList(_blocks(width, own, n_blocks) for width in widths)
        self.change = nn.ModuleList(_changed(a, b) for a, b in pairwise(widths))
        self.basis = nn.Parameter(torch.randn(widths[-1], 4, 4) / 4)  # a fan-in of 16
        self.features = _linear(widths[-1], n_features)
        gain = 1 / math.sqrt(n_features)
        self.embedding = _linear(n_labels, n_features, gain, bias=True) if n_labels else None
        self.classes = _linear(n_features, n_labels, bias=True) if n_labels else None

    def forward(self, images: Tensor, condition: Tensor | None) -> Tensor:
        return self._logits(self._features(images), condition)

    def judge(self, images: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N], and class logits [N, C] read from the image alone."""
        if self.classes is None:
            raise ConfigError(
                "This discriminator has no labels to read; give data with labels, or set classification to 0."
            )
        features = self._features(images)
        return self._logits(features, condition), self.classes(features)

    def _features(self, images: Tensor) -> Tensor:
        features = self.from_image(images.contiguous(memory_format=torch.channels_last))
        for change, blocks in zip(self.change, list(self.stages)[:-1], strict=True):
            features = change(downsample(blocks(features)))
        features = self.stages[-1](features)
        return self.features((features * self.basis.to(features.dtype)).sum((2, 3)))

    def _logits(self, features: Tensor, condition: Tensor | None) -> Tensor:
        if self.embedding is None:
            return features.squeeze(1)
        embedded = self.embedding(required_condition(condition, self.n_labels, "discriminator"))
        return (features * embedded).sum(1)


def _sizes(shape: tuple[int, ...]) -> list[int]:
    """4, 8, ... up to the side of the images; ConfigError where it is none of these."""
    if len(shape) != 3 or shape[1] != shape[2] or shape[1] & (shape[1] - 1) or shape[1] < 8:
        raise ConfigError(
            f"R3GAN makes square images with a power-of-two side from 8 on; found {list(shape)}."
        )
    return [2**k for k in range(2, int(math.log2(shape[1])) + 1)]


def build(
    own: R3GANSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for images of ``shape`` (channels, R, R)."""
    n_labels = vector_size(condition_shape, "R3GAN")
    networks = {
        "generator": Generator(own, shape, n_labels),
        "discriminator": Discriminator(own, shape, n_labels),
    }
    for network in networks.values():
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return networks


R3GAN = Architecture("r3gan", R3GANSettings, build)
