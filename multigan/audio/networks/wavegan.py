"""WaveGAN (arXiv:1802.04208) for slices of any length, conditional, on waveforms [N, 1, T]."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.audio.networks.layers import (
    PostFilter,
    StridedConvolution,
    UpsamplingConvolution,
    phase_shuffle,
)
from multigan.config import settings
from multigan.errors import ConfigError
from multigan.layers import (
    ConditionalHead,
    HeadedDiscriminator,
    required_condition,
    uniform_latent,
    vector_size,
)
from multigan.modality import Architecture
from multigan.precision import full_precision

_SHORTEST, _LONGEST = 1_024, 2**20
_MOST_STEPS = 31
_WIDEST = 32
_SLOPE = 0.2
_LAST_BLOCK = 4  # steps that the generator's last layer takes at once: it has one channel


@settings
class WaveGANSettings:
    """Widths and parts; the defaults are the paper's, with its post-processing filter."""

    width: int = 64
    """Channels at the highest rate (the paper's model size d); towards the dense layer they double, up to 32 d."""
    latent_size: int = 100
    upsampling: Literal["transposed", "nearest"] = "transposed"
    """The generator's: transposed convolutions, or every step repeated and then convolved."""
    phase_shuffle: int = 2
    """Steps by which the discriminator's layers are shifted at most; 0: none."""
    post_filter: int = 512
    """Taps of the learnt filter at the generator's end; 0: none."""

    def __post_init__(self) -> None:
        if self.width < 1 or self.latent_size < 1:
            raise ValueError(
                f"width and latent_size must be at least 1, found {self.width}, {self.latent_size}"
            )
        if not 0 <= self.phase_shuffle <= 16:
            raise ValueError(f"phase_shuffle is 0 to 16 steps, found {self.phase_shuffle}")
        if not 0 <= self.post_filter <= 4_096:
            raise ValueError(f"post_filter is 0 to 4,096 taps, found {self.post_filter}")


def stride_plan(n_samples: int) -> tuple[int, tuple[int, ...]]:
    """Steps of the dense layer (16 to 31), and the generator's strides from there: a 2 first where one is needed, then 4s.

    start = ceil(T / 2^m) for the least m with start <= 31; start * 2^m is T or up to a fifteenth more. 16,384 gives
    16 * 4^5 and 65,536 16 * 4^6, the paper's. ConfigError outside of 1,024 to 1,048,576.
    """
    if not _SHORTEST <= n_samples <= _LONGEST:
        raise ConfigError(
            f"WaveGAN makes slices of {_SHORTEST:,} to {_LONGEST:,} samples; found {n_samples:,}. Change data.n_samples."
        )
    doublings = 0
    while (start := -(-n_samples // 2**doublings)) > _MOST_STEPS:
        doublings += 1
    return start, (2,) * (doublings % 2) + (4,) * (doublings // 2)


def _widths(width: int, n_layers: int) -> list[int]:
    """Channels from the dense layer to the highest rate."""
    return [width * min(2**k, _WIDEST) for k in reversed(range(n_layers))]


class Generator(nn.Module):
    """latent [N, Z], condition [N, C] or None -> waveforms [N, 1, T], in [-1, 1] up to what the post-filter adds.

    A linear embedding of the condition, times sqrt(C) so that a one-hot has the second moment of C independent entries,
    stands beside the latent. The last samples, beyond T, are cut off.
    """

    def __init__(self, options: WaveGANSettings, n_samples: int, condition_size: int) -> None:
        super().__init__()
        self.latent_size, self.condition_size, self.n_samples = options.latent_size, condition_size, n_samples
        self.start, strides = stride_plan(n_samples)
        widths = _widths(options.width, len(strides))
        self.embedding = nn.Linear(condition_size, options.latent_size) if condition_size else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=math.sqrt(1 / (3 * condition_size)))  # as the latent
            nn.init.zeros_(self.embedding.bias)
        self.dense = _dense(options.latent_size * (2 if condition_size else 1), self.start * widths[0])
        self.layers = nn.ModuleList(
            UpsamplingConvolution(n_in, n_out, stride, 0.0, options.upsampling)
            for (n_in, n_out), stride in zip(pairwise(widths), strides, strict=False)
        )
        self.layers.append(
            UpsamplingConvolution(widths[-1], 1, strides[-1], 1.0, options.upsampling, _LAST_BLOCK)
        )
        self.post_filter = PostFilter(options.post_filter) if options.post_filter else None

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """``n`` latents [N, Z] ~ U(-1, 1), drawn on the device of ``random_state`` or of the network."""
        return uniform_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        features = latent
        if self.embedding is not None:
            given = required_condition(condition, self.condition_size, "generator")
            features = torch.cat((latent, self.embedding(given * math.sqrt(self.condition_size))), 1)
        signal = self.dense(features).relu().unflatten(1, (self.start, -1))
        for layer in self.layers:
            signal = layer(signal)
        waveform = full_precision(signal).squeeze(2).tanh()
        if self.post_filter is not None:
            waveform = self.post_filter(waveform)
        return waveform[:, None, : self.n_samples]


class Discriminator(HeadedDiscriminator):
    """waveforms [N, 1, T], condition [N, C] or None -> logits [N], larger = more real.

    Zeros after the end fill the strides. In training each layer but the last is shifted, all samples of a call alike. The
    condition enters by projection (arXiv:1802.05637, eq. 3): logit = f(h) + <V condition, h>, h being all of the last layer.
    """

    def __init__(self, options: WaveGANSettings, n_samples: int, condition_size: int) -> None:
        super().__init__()
        self.phase_shuffle = options.phase_shuffle
        start, strides = stride_plan(n_samples)
        self.padding = start * math.prod(strides) - n_samples
        widths = _widths(options.width, len(strides))[::-1]
        self.layers = nn.ModuleList(
            StridedConvolution(n_in, n_out, stride, _SLOPE)
            for (n_in, n_out), stride in zip(pairwise([1, *widths]), reversed(strides), strict=True)
        )
        n_features = start * widths[-1]
        logit = _dense(n_features, 1)
        embedding = _dense(condition_size, n_features, bias=False) if condition_size else None
        classes = _dense(n_features, condition_size) if condition_size else None
        self.head = ConditionalHead(logit, condition_size, embedding, classes)

    def embed(self, samples: Tensor, condition: Tensor | None) -> Tensor:
        signal = functional.pad(samples, (0, self.padding)).transpose(1, 2)
        for layer in self.layers[:-1]:
            signal = phase_shuffle(layer(signal), self._shift())
        return self.layers[-1](signal).flatten(1)

    def _shift(self) -> int:
        """One draw a layer and call, on the CPU, whose random state a checkpoint keeps on any device."""
        if not self.training or not self.phase_shuffle:
            return 0
        return int(torch.randint(-self.phase_shuffle, self.phase_shuffle + 1, (), device="cpu"))


def _dense(n_in: int, n_out: int, bias: bool = True) -> nn.Linear:
    """TensorFlow's, and so the authors' code's, initial values: weights by Glorot (uniform), biases of 0."""
    layer = nn.Linear(n_in, n_out, bias=bias)
    nn.init.xavier_uniform_(layer.weight)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def build_wavegan(
    options: WaveGANSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for waveforms of ``shape`` (1, T)."""
    condition_size = vector_size(condition_shape, "WaveGAN")
    if len(shape) != 2 or shape[0] != 1:
        raise ConfigError(f"WaveGAN makes waveforms of one channel, [1, T]; found {list(shape)}.")
    return {
        "generator": Generator(options, shape[1], condition_size),
        "discriminator": Discriminator(options, shape[1], condition_size),
    }


WAVEGAN = Architecture("wavegan", WaveGANSettings, build_wavegan)
