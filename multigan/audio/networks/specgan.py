"""SpecGAN (arXiv:1802.04208, section 4): a DCGAN of normalised spectrograms, for sounds of any length, conditional."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.audio.networks.spectrogram import NormalisedSpectrogram, ShortTimeFourier
from multigan.config import settings
from multigan.errors import ConfigError
from multigan.layers import (
    SLOPE,
    ConditionalHead,
    HeadedDiscriminator,
    required_condition,
    uniform_latent,
    vector_size,
)
from multigan.modality import Architecture
from multigan.precision import full_precision

_SMALLEST = 4


@settings
class SpecGANSettings:
    """Widths and parts; the defaults are the paper's, whose spectrogram of 16,384 samples is 128 x 128."""

    width: int = 64
    """Channels at the finest layers (the paper's model size d); they double towards the dense layer."""
    latent_size: int = 100
    window: int = 256
    """Samples of the spectrogram's window, a power of two; half of it lies between frames."""
    griffin_lim: int = 16
    """Iterations that mend the phases of sampled sounds."""

    def __post_init__(self) -> None:
        if self.width < 1 or self.latent_size < 1:
            raise ValueError(f"width and latent_size are at least 1, found {self.width}, {self.latent_size}")
        if self.window & (self.window - 1) or not 64 <= self.window <= 2048:
            raise ValueError(f"window is a power of two from 64 to 2048 samples, found {self.window}")
        if not 0 <= self.griffin_lim <= 256:
            raise ValueError(f"griffin_lim is 0 to 256 iterations, found {self.griffin_lim}")

    @property
    def n_layers(self) -> int:
        """Each doubles both sides: from 4 bins to window / 2."""
        return int(math.log2(self.window // 2 // _SMALLEST))

    def start(self, n_samples: int) -> int:
        """Frames of the dense layer: the least that cover the sound once they are doubled by every layer."""
        return -(-n_samples // (self.window // 2 * 2**self.n_layers))

    def widths(self) -> list[int]:
        """Channels from the dense layer on; the last is of the spectrogram."""
        return [self.width * 2**k for k in reversed(range(self.n_layers))] + [1]


class Generator(nn.Module):
    """latent [N, Z], condition [N, C] or None -> encoded sounds [N, *representation.shape], in [-1, 1].

    A linear embedding of the condition, times sqrt(C) so that a one-hot has the second moment of C independent entries,
    stands beside the latent.
    """

    def __init__(self, options: SpecGANSettings, n_samples: int, condition_size: int) -> None:
        super().__init__()
        self.latent_size, self.condition_size = options.latent_size, condition_size
        self.start = options.start(n_samples)
        n_frames = self.start * 2**options.n_layers
        fourier = ShortTimeFourier(n_samples, n_frames, options.window, options.window // 2)
        self.representation = NormalisedSpectrogram(fourier, options.griffin_lim)
        widths = options.widths()
        self.embedding = nn.Linear(condition_size, options.latent_size) if condition_size else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=math.sqrt(1 / (3 * condition_size)))  # as the latent
            nn.init.zeros_(self.embedding.bias)
        n_inputs = options.latent_size * (2 if condition_size else 1)
        self.dense = nn.Linear(n_inputs, widths[0] * _SMALLEST * self.start)
        self.layers = nn.ModuleList(
            nn.ConvTranspose2d(n_in, n_out, 5, stride=2, padding=2, output_padding=1)
            for n_in, n_out in pairwise(widths)
        )

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """``n`` latents [N, Z] ~ U(-1, 1), drawn on the device of ``random_state`` or of the network."""
        return uniform_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        features = latent
        if self.embedding is not None:
            given = required_condition(condition, self.condition_size, "generator")
            features = torch.cat((latent, self.embedding(given * math.sqrt(self.condition_size))), 1)
        image = self.dense(features).view(len(latent), -1, _SMALLEST, self.start)
        image = image.contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            image = layer(image.relu())
        return full_precision(image).tanh().squeeze(1)


class Discriminator(HeadedDiscriminator):
    """Encoded sounds, condition [N, C] or None -> logits [N], larger = more real; see ``ConditionalHead``."""

    def __init__(self, options: SpecGANSettings, n_samples: int, condition_size: int) -> None:
        super().__init__()
        widths = options.widths()[::-1]
        self.layers = nn.ModuleList(
            nn.Conv2d(n_in, n_out, 5, stride=2, padding=2) for n_in, n_out in pairwise(widths)
        )
        n_features = widths[-1] * _SMALLEST * options.start(n_samples)
        logit = nn.Linear(n_features, 1)
        embedding = nn.Linear(condition_size, n_features, bias=False) if condition_size else None
        classes = nn.Linear(n_features, condition_size) if condition_size else None
        self.head = ConditionalHead(logit, condition_size, embedding, classes, norm=math.sqrt(n_features))

    def embed(self, encoded: Tensor, condition: Tensor | None) -> Tensor:
        image = encoded[:, None]
        for layer in self.layers:
            image = functional.leaky_relu(layer(image), SLOPE)
        return image.flatten(1)


def build_specgan(
    options: SpecGANSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for sounds of ``shape`` (1, T)."""
    condition_size = vector_size(condition_shape, "SpecGAN")
    if len(shape) != 2 or shape[0] != 1:
        raise ConfigError(f"SpecGAN makes sounds of one channel, [1, T]; found {list(shape)}.")
    networks = {
        "generator": Generator(options, shape[1], condition_size),
        "discriminator": Discriminator(options, shape[1], condition_size),
    }
    for network in networks.values():
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return networks


SPECGAN = Architecture("specgan", SpecGANSettings, build_specgan)
