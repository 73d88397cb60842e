"""Layers that networks of every modality share: equalised learning rates (arXiv:1710.10196, section 4.1), the mapping
of StyleGAN (arXiv:1812.04948) and the statistics of a minibatch."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Generator as RandomState
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


class ConditionalHead(nn.Module):
    """Features [N, D], condition [N, C] or None -> logits [N], larger = more real.

    The condition enters by projection (arXiv:1802.05637, eq. 3): logit = f(h) + <V(s c), h> / norm, with f = ``logit``,
    V = ``embedding`` and s = ``condition_scale``; without ``embedding`` there is no condition. ``classes`` reads the label
    from the features alone (AC-GAN, arXiv:1610.09585).
    """

    def __init__(
        self,
        logit: nn.Module,
        condition_size: int = 0,
        embedding: nn.Module | None = None,
        classes: nn.Module | None = None,
        *,
        condition_scale: float = 1.0,
        norm: float = 1.0,
    ) -> None:
        super().__init__()
        self.logit, self.embedding, self.classes = logit, embedding, classes
        self.condition_size, self.condition_scale, self.norm = condition_size, condition_scale, norm

    def forward(self, features: Tensor, condition: Tensor | None) -> Tensor:
        logits = self.logit(features).squeeze(1)
        if self.embedding is None:
            return logits
        condition = required_condition(condition, self.condition_size, "discriminator")
        return logits + (self.embedding(condition * self.condition_scale) * features).sum(1) / self.norm

    def class_logits(self, features: Tensor) -> Tensor:
        """Class logits [N, C]; ConfigError without labels."""
        if self.classes is None:
            raise ConfigError(
                "This discriminator has no labels to read; give data with labels, or set classification to 0."
            )
        return self.classes(features)


class MappedHead(nn.Module):
    """Features [N, D], condition [N, C] -> logits [N] by a mapped label, as StyleGAN2-ADA (arXiv:2006.06676) has it:

    logit = <A h + a, m(c)> / sqrt(D), where m embeds c, gives it a second moment of 1, and has ``n_layers`` layers; so
    an intensity hardly counts. ``classes`` reads the label from the features alone.
    """

    def __init__(self, n_features: int, condition_size: int, n_layers: int = 8) -> None:
        super().__init__()
        self.condition_size, self.norm = condition_size, math.sqrt(n_features)
        self.logit = Linear(n_features, n_features)
        self.embedding = Linear(condition_size, n_features)
        layers = [Linear(n_features, n_features, activate=True, lr_multiplier=0.01) for _ in range(n_layers)]
        self.layers = nn.Sequential(*layers)
        self.classes = Linear(n_features, condition_size)

    def forward(self, features: Tensor, condition: Tensor | None) -> Tensor:
        condition = required_condition(condition, self.condition_size, "discriminator")
        label = self.embedding(condition)
        label = self.layers(label * (label.square().mean(1, keepdim=True) + 1e-8).rsqrt())
        return (self.logit(features) * label).sum(1) / self.norm

    def class_logits(self, features: Tensor) -> Tensor:
        """Class logits [N, C]."""
        return self.classes(features)


class HeadedDiscriminator(nn.Module):
    """A discriminator that takes its samples in by ``embed`` and meets the condition in its ``head``.

    Samples [N, ...], condition [N, C] or None -> logits [N], larger = more real. ``embed`` gives features [N, D]; of the
    condition it may use which samples have the same label, so that a head can be asked about other intensities.
    """

    head: ConditionalHead | MappedHead

    def embed(self, samples: Tensor, condition: Tensor | None, /) -> Tensor:
        raise NotImplementedError

    def forward(self, samples: Tensor, condition: Tensor | None) -> Tensor:
        return self.head(self.embed(samples, condition), condition)

    def judge(self, samples: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N], and class logits [N, C] read from the features alone (AC-GAN, arXiv:1610.09585)."""
        features = self.embed(samples, condition)
        return self.head(features, condition), self.head.class_logits(features)


def style_head(n_features: int, condition_size: int) -> ConditionalHead:
    """The head of style-based discriminators: a hidden layer for the condition, scaled by sqrt(C); norm sqrt(D)."""
    logit = Linear(n_features, 1)
    if not condition_size:
        return ConditionalHead(logit)
    hidden = Linear(condition_size, n_features, activate=True)
    embedding = nn.Sequential(hidden, Linear(n_features, n_features))
    classes = Linear(n_features, condition_size)
    scales = {"condition_scale": math.sqrt(condition_size), "norm": math.sqrt(n_features)}
    return ConditionalHead(logit, condition_size, embedding, classes, **scales)


def plain_head(n_features: int, condition_size: int) -> ConditionalHead:
    """Projection as its paper has it (arXiv:1802.05637, eq. 3), of linear layers that the network initialises."""
    logit = nn.Linear(n_features, 1, bias=False)
    if not condition_size:
        return ConditionalHead(logit)
    embedding = nn.Linear(condition_size, n_features, bias=False)
    return ConditionalHead(
        logit, condition_size, embedding, nn.Linear(n_features, condition_size, bias=False)
    )


def normal_latent(network: nn.Module, n: int, size: int, random_state: RandomState | None = None) -> Tensor:
    """``n`` latents [N, size] ~ N(0, I), drawn on the device of ``random_state`` or of the network."""
    device = next(network.parameters()).device
    source = device if random_state is None else random_state.device
    return torch.randn(n, size, generator=random_state, device=source).to(device)


def uniform_latent(network: nn.Module, n: int, size: int, random_state: RandomState | None = None) -> Tensor:
    """``n`` latents [N, size] ~ U(-1, 1), drawn on the device of ``random_state`` or of the network."""
    device = next(network.parameters()).device
    source = device if random_state is None else random_state.device
    return (2 * torch.rand(n, size, generator=random_state, device=source) - 1).to(device)


def beside(numbers: Tensor, condition: Tensor | None, n_labels: int, network: str) -> Tensor:
    """The condition as further inputs (conditional GAN, arXiv:1411.1784)."""
    if not n_labels:
        return numbers
    return torch.cat((numbers, required_condition(condition, n_labels, network)), 1)


def perceptron(n_in: int, width: int, n_hidden: int, n_out: int, slope: float) -> nn.Sequential:
    """Linear layers with leaky ReLUs between them; weights as He's for that slope (arXiv:1502.01852), biases 0."""
    sizes = [n_in, *[width] * n_hidden]
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [_he_linear(before, after, slope), nn.LeakyReLU(slope)]
    return nn.Sequential(*layers, _he_linear(width, n_out, 1.0))


def _he_linear(n_in: int, n_out: int, slope: float) -> nn.Linear:
    layer = nn.Linear(n_in, n_out)
    nn.init.kaiming_normal_(layer.weight, slope)
    nn.init.zeros_(layer.bias)
    return layer


def required_condition(condition: Tensor | None, size: int, network: str) -> Tensor:
    """The condition [N, size]; ConfigError where there is none or one of another size."""
    if condition is None or condition.shape[1:] != (size,):
        found = "none" if condition is None else list(condition.shape)
        raise ConfigError(f"This {network} takes a condition [N, {size}]; found {found}.")
    return condition


def vector_size(condition_shape: tuple[int, ...], architecture: str) -> int:
    """C of a condition that is a vector [C], 0 of none (()); ConfigError for a tensor of more axes."""
    if len(condition_shape) > 1:
        raise ConfigError(
            f"{architecture} takes a vector as its condition, or none; found a tensor {list(condition_shape)}. "
            "Choose another architecture or other data."
        )
    return math.prod(condition_shape) if condition_shape else 0


Deviation = Literal["group", "label"]
"""Over which samples a discriminator sees how much they vary: groups of the batch, or those of the same label."""


def with_deviation(
    features: Tensor, condition: Tensor | None, over: Deviation, group_size: int, n_channels: int = 1
) -> Tensor:
    """Append channels that tell how much the samples of the batch vary; over groups where there are no labels."""
    if over == "label" and condition is not None:
        return label_standard_deviation(features, condition)
    return minibatch_standard_deviation(features, group_size, n_channels)


def minibatch_standard_deviation(features: Tensor, group_size: int, n_channels: int = 1) -> Tensor:
    """Append F channels: the mean standard deviation over a group of samples (arXiv:1710.10196, section 3), each of one of
    F equal parts of the channels.

    Groups are strided, of the largest size up to ``group_size`` that divides N.
    [N, C, ...] -> [N, C + F, ...].
    """
    n = len(features)
    group = next(size for size in range(min(group_size, n), 0, -1) if n % size == 0)
    grouped = full_precision(features).reshape(group, n // group, n_channels, -1)
    deviation = ((grouped - grouped.mean(0)).square().mean(0) + 1e-8).sqrt().mean(2)
    return _with_channels(features, deviation.repeat(group, 1))


def label_standard_deviation(features: Tensor, condition: Tensor) -> Tensor:
    """Append one channel: the mean standard deviation over the batch's samples of the same label.

    As ``minibatch_standard_deviation``, but what sets labels apart does not hide how alike the samples of one label are.
    The variance is the unbiased one, 0 for a label that comes once; a sample's label is the largest entry of its condition,
    and samples without any (all 0) are among themselves.
    [N, C, ...], condition [N, L] -> [N, C + 1, ...].
    """
    n = len(features)
    flat = full_precision(features).reshape(n, -1)
    n_labels = condition.shape[1]
    label = torch.where((condition != 0).any(1), condition.argmax(1), n_labels)
    own = functional.one_hot(label, n_labels + 1).to(flat.dtype)
    counts = own.sum(0)
    mean = own @ ((own.T @ flat) / counts.clamp(min=1)[:, None])
    variance = own @ ((own.T @ (flat - mean).square()) / (counts - 1).clamp(min=1)[:, None])
    return _with_channels(features, (variance + 1e-8).sqrt().mean(1, keepdim=True))


def _with_channels(features: Tensor, values: Tensor) -> Tensor:
    """Append F channels, each of one value per sample, values [N, F]."""
    n, _, *sizes = features.shape
    n_channels = values.shape[1]
    channels = values.to(features.dtype).view(n, n_channels, *[1] * len(sizes)).expand(n, n_channels, *sizes)
    # of the new channels too, or else the whole would lose it
    layout = torch.channels_last if len(sizes) == 2 else torch.contiguous_format
    return torch.cat((features, channels.contiguous(memory_format=layout)), 1)
