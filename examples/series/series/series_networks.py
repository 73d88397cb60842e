"""Networks of series [C, T]: one-dimensional convolutions, as DCGAN (arXiv:1511.06434) has two-dimensional ones.

RCGAN (arXiv:1706.02633) and TimeGAN (NeurIPS 2019) generate step by step; convolutions train faster and see whole series.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.layers import (
    HeadedDiscriminator,
    beside,
    normal_latent,
    plain_head,
    vector_size,
    with_deviation,
)
from multigan.normalisation import BatchNorm, start_generator

N_HALVINGS = 3
N_NOISES = 2
KERNEL = 5


@settings
class ConvolutionSettings:
    width: int = 32
    """Channels of the widest layers but the first, which has twice as many."""
    latent_size: int = 32

    def __post_init__(self) -> None:
        if self.width < 4 or self.latent_size < 1:
            raise ValueError(
                f"width is at least 4 and latent_size at least 1, found {self.width} and {self.latent_size}"
            )


def convolution(n_in: int, n_out: int, stride: int = 1) -> nn.Conv1d:
    """[N, C, T] -> [N, D, T / stride]."""
    return nn.Conv1d(n_in, n_out, KERNEL, stride, KERNEL // 2)


class Generator(nn.Module):
    """Latent [N, Z + 2 T] and condition [N, L] -> series [N, C, T] in [-1, 1].

    The first Z numbers of a latent shape the series; the others are noise of each step, which the last layers see, so that
    what scatters from step to step need not be made of few numbers.
    """

    def __init__(self, shape: tuple[int, ...], n_labels: int, options: ConvolutionSettings) -> None:
        super().__init__()
        channels, length = shape
        self.n_labels, self.start = n_labels, length // 2**N_HALVINGS
        self.sizes = (options.latent_size, N_NOISES * length)
        widths = [2 * options.width, options.width, options.width, options.width]
        self.first = nn.Linear(options.latent_size + n_labels, widths[0] * self.start)
        self.layers = nn.ModuleList(convolution(a, b) for a, b in itertools.pairwise(widths))
        self.norms = nn.ModuleList(BatchNorm(width) for width in widths)
        self.with_noise = nn.Sequential(
            convolution(widths[-1] + N_NOISES, options.width), nn.LeakyReLU(0.2),
            convolution(options.width, options.width), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.last = nn.Conv1d(options.width, channels, 1)

    def latent(self, n: int, random_state: torch.Generator | None = None) -> Tensor:
        return normal_latent(self, n, sum(self.sizes), random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        seen, noise = latent.split(self.sizes, 1)
        features = self.first(beside(seen, condition, self.n_labels, "generator"))
        features = self.norms[0](features.unflatten(1, (-1, self.start))).relu()
        for layer, norm in zip(self.layers, self.norms[1:], strict=True):
            features = norm(layer(features.repeat_interleave(2, 2))).relu()
        features = torch.cat((features, noise.unflatten(1, (N_NOISES, -1))), 1)
        return self.last(self.with_noise(features)).tanh()


class Discriminator(HeadedDiscriminator):
    """Series [N, C, T] -> logits [N]."""

    def __init__(self, shape: tuple[int, ...], n_labels: int, options: ConvolutionSettings) -> None:
        super().__init__()
        channels, length = shape
        widths = [channels, options.width, options.width, 2 * options.width, 2 * options.width]
        strides = [1, *[2] * N_HALVINGS]
        self.layers = nn.ModuleList(
            convolution(a, b, stride) for a, b, stride in zip(widths[:-1], widths[1:], strides, strict=True)
        )
        n_last = (widths[-1] + 1) * (length // 2**N_HALVINGS)
        self.dense = nn.Linear(n_last, 2 * options.width)
        self.head = plain_head(2 * options.width, n_labels)

    def embed(self, series: Tensor, condition: Tensor | None) -> Tensor:
        features = series
        for layer in self.layers:
            features = functional.leaky_relu(layer(features), 0.2)
        features = with_deviation(features, condition, "group", 8)
        return functional.leaky_relu(self.dense(features.flatten(1)), 0.2)


def build(
    options: ConvolutionSettings, sample_shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """The two networks of series of ``sample_shape``, conditional where there are labels."""
    n_labels = vector_size(condition_shape, "convolution")
    if sample_shape[1] % 2**N_HALVINGS:
        raise ConfigError(
            f"convolution makes series whose length is a multiple of 8; found {sample_shape[1]}."
        )
    generator = Generator(sample_shape, n_labels, options)
    start_generator(generator, n_labels)
    return {"generator": generator, "discriminator": Discriminator(sample_shape, n_labels, options)}
