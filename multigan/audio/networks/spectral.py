"""The default architecture of sounds: a style generator and a residual discriminator of spectrograms.

The ideas of StyleGAN2 (arXiv:1912.04958) in one dimension: networks run over time, and the bins of a spectrogram are
their channels, so that few, wide layers see all frequencies at once. Activations are modulated instead of weights, and
resampling is anti-aliased.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.audio.networks.spectrogram import PrincipalSpectrogram, ShortTimeFourier
from multigan.audio.settings import SHORTEST
from multigan.config import settings
from multigan.errors import ConfigError
from multigan.layers import (
    ACTIVATION_GAIN,
    SLOPE,
    Deviation,
    HeadedDiscriminator,
    Linear,
    Mapping,
    normal_latent,
    style_head,
    vector_size,
    with_deviation,
)
from multigan.modality import Architecture
from multigan.precision import full_precision

_TAPS = (0.125, 0.375, 0.375, 0.125)
_SMALLEST = 2
"""Positions in time that the generator starts from and the discriminator ends at: 2 or 3, one of very short sounds."""


@settings
class SpectralSettings:
    """Widths and parts. Channels at P positions in time: min(channel_base / P, channel_max)."""

    channel_base: int = 8_192
    channel_max: int = 256
    latent_size: int = 64
    style_size: int = 64
    mapping_layers: int = 2
    mapping_lr_multiplier: float = 0.01
    window: int = 1024
    """Samples of the spectrogram's window, a power of two; a quarter of it lies between frames."""
    components: int = 128
    """Principal components of the log-spectra of a stride that the networks see and make."""
    stride: int = 1024
    """Samples between positions of the finest layers."""
    griffin_lim: int = 8
    """Iterations that mend the phases of sampled sounds."""
    noise: bool = False
    minibatch_group: int = 4
    minibatch_deviation: Deviation = "group"
    """Over which samples the discriminator sees how much they vary: groups of the batch (arXiv:1710.10196, section 3), or
    those of the same label, where there are labels."""

    def __post_init__(self) -> None:
        counts = (
            "channel_base",
            "channel_max",
            "latent_size",
            "style_size",
            "mapping_layers",
            "minibatch_group",
            "components",
        )
        for name in counts:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.window & (self.window - 1) or not 64 <= self.window <= 8192:
            raise ValueError(f"window is a power of two from 64 to 8192 samples, found {self.window}")
        if self.stride & (self.stride - 1) or not self.window // 4 <= self.stride <= 8192:
            raise ValueError(
                f"stride is a power of two from window / 4 ({self.window // 4}) to 8192 samples, found {self.stride}"
            )
        if not 0 <= self.griffin_lim <= 256:
            raise ValueError(f"griffin_lim is 0 to 256 iterations, found {self.griffin_lim}")

    @property
    def patch(self) -> int:
        """Frames of a stride."""
        return 4 * self.stride // self.window

    def channels(self, n_positions: int) -> int:
        return max(min(self.channel_base // n_positions, self.channel_max), 4)

    def positions(self, n_samples: int) -> list[int]:
        """Lengths of the layers from coarse to fine: doublings of the coarsest that cover the sound."""
        needed = -(-n_samples // self.stride)
        doublings = max(int(math.log2(needed / _SMALLEST)), 0)
        smallest = -(-needed // 2**doublings)
        return [smallest * 2**k for k in range(doublings + 1)]


class Filter(nn.Module):
    """The [1, 3, 3, 1] / 8 filter over time as a banded matrix: [N, C, P] -> [N, C, Q].

    A product with a matrix is the fastest of its forms on a CPU for up to some hundreds of positions, and autograd
    differentiates it as often as it is asked to.
    """

    matrix: Tensor

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.register_buffer("matrix", matrix, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        return features @ self.matrix.to(features.dtype)


def downsampling(n_positions: int) -> Filter:
    """Half the rate: [N, C, P] -> [N, C, P/2]."""
    return Filter(_banded(n_positions, n_positions // 2, step=2, left=1))


def upsampling(n_positions: int) -> Filter:
    """Twice the rate: [N, C, P] -> [N, C, 2P]; the transpose of ``downsampling``, at twice its gain."""
    return Filter(2 * _banded(2 * n_positions, n_positions, step=2, left=1).T)


def smoothing(n_positions: int, n_out: int, left: int) -> Filter:
    """The same rate: [N, C, P] -> [N, C, Q]; output q sees the inputs from q - left on."""
    return Filter(_banded(n_positions, n_out, step=1, left=left))


def _banded(n_in: int, n_out: int, step: int, left: int) -> Tensor:
    matrix = torch.zeros(n_in, n_out)
    for tap, weight in enumerate(_TAPS):
        for position in range(n_out):
            source = step * position + tap - left
            if 0 <= source < n_in:
                matrix[source, position] = weight
    return matrix


class Convolution(nn.Module):
    """Convolution over time with bias and activation."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel: int,
        *,
        stride: int = 1,
        activate: bool = True,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, kernel))
        self.bias = nn.Parameter(torch.zeros(n_out)) if activate else None
        self.stride, self.activate = stride, activate
        self.padding = kernel // 2 if stride == 1 else 0
        self.gain = gain * (ACTIVATION_GAIN if activate else 1.0)
        self.weight_gain = self.gain / math.sqrt(n_in * kernel)

    def forward(self, features: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias * self.gain
        weight = self.weight * self.weight_gain
        outputs = functional.conv1d(features, weight, bias, stride=self.stride, padding=self.padding)
        return functional.leaky_relu(outputs, SLOPE, inplace=True) if self.activate else outputs


class StyledConvolution(nn.Module):
    """Modulated convolution (arXiv:1912.04958, eq. 1 and 3), noise, bias, leaky ReLU.

    [N, I, P], style [N, W] -> [N, O, P] by a kernel of three taps, or [N, O, 2P] by the same and the filter with ``up``.
    Noise is drawn in training and constant in evaluation.
    """

    noise: Tensor

    def __init__(
        self, n_in: int, n_out: int, n_style: int, n_positions: int, *, up: bool, noise: bool
    ) -> None:
        super().__init__()
        self.affine = Linear(n_style, n_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 3))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.weight_gain = 1 / math.sqrt(n_in * 3)
        self.smooth = smoothing(n_positions + 1, n_positions, left=1) if up else None
        self.noise_strength = nn.Parameter(torch.zeros(n_out, 1)) if noise else None
        if noise:
            self.register_buffer("noise", torch.randn(1, n_out, n_positions))

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        weight, style = self.weight * self.weight_gain, self.affine(style)
        features = features * style.to(features.dtype)[:, :, None]
        if self.smooth is None:
            features = functional.conv1d(features, weight, padding=1)
        else:
            features = self.smooth(functional.conv_transpose1d(features, weight.transpose(0, 1), stride=2))
        scale = (style.square() @ weight.square().sum(2).T + 1e-8).rsqrt() * self._gain
        bias = (self.bias * ACTIVATION_GAIN).to(features.dtype)[:, None]
        features = torch.addcmul(bias, features, scale.to(features.dtype)[:, :, None])
        if self.noise_strength is not None:
            noise = torch.randn_like(features) if self.training else self.noise.to(features.dtype)
            features = torch.addcmul(
                features, noise, (self.noise_strength * ACTIVATION_GAIN).to(features.dtype)
            )
        return functional.leaky_relu(features, SLOPE, inplace=True)

    @property
    def _gain(self) -> float:
        # a transposed convolution fills every other position with zeros: twice the gain makes up for it
        return ACTIVATION_GAIN * (1 if self.smooth is None else 2)


class ToSpectrogram(nn.Module):
    """Modulated convolution of one tap, without demodulation, to the spectrogram's channels."""

    def __init__(self, n_in: int, n_out: int, n_style: int) -> None:
        super().__init__()
        self.affine = Linear(n_style, n_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 1))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.weight_gain = 1 / math.sqrt(n_in)

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        features = features * self.affine(style).to(features.dtype)[:, :, None]
        return functional.conv1d(features, self.weight * self.weight_gain, self.bias)


class SynthesisBlock(nn.Module):
    """Doubles the rate and refines."""

    def __init__(self, n_in: int, n_out: int, n_positions: int, options: SpectralSettings) -> None:
        super().__init__()
        style, noise = options.style_size, options.noise
        self.grow = StyledConvolution(n_in, n_out, style, n_positions, up=True, noise=noise)
        self.refine = StyledConvolution(n_out, n_out, style, n_positions, up=False, noise=noise)
        self.shortcut = Convolution(n_in, n_out, 1, activate=False)
        self.upsample = upsampling(n_positions // 2)

    def forward(self, features: Tensor, first: Tensor, second: Tensor) -> Tensor:
        grown = self.refine(self.grow(features, first), second)
        return (grown + self.upsample(self.shortcut(features))) * math.sqrt(0.5)


class Generator(nn.Module):
    """latent [N, Z], condition [N, C] or None -> encoded sounds [N, *representation.shape].

    ``n_styles`` styles of size W steer the layers from coarse to fine.
    """

    def __init__(self, options: SpectralSettings, n_samples: int, condition_size: int) -> None:
        super().__init__()
        positions = options.positions(n_samples)
        n_frames = positions[-1] * options.patch
        fourier = ShortTimeFourier(n_samples, n_frames, options.window, options.window // 4)
        self.representation = PrincipalSpectrogram(
            fourier, options.components, options.patch, options.griffin_lim
        )
        self.latent_size = options.latent_size
        self.mapping_network = Mapping(
            options.latent_size,
            condition_size,
            options.style_size,
            options.mapping_layers,
            options.mapping_lr_multiplier,
        )
        widths = [options.channels(length) for length in positions]
        style = options.style_size
        self.constant = nn.Parameter(torch.randn(widths[0], positions[0]))
        self.first = StyledConvolution(
            widths[0], widths[0], style, positions[0], up=False, noise=options.noise
        )
        self.blocks = nn.ModuleList(
            SynthesisBlock(n_in, n_out, length, options)
            for (n_in, n_out), length in zip(pairwise(widths), positions[1:], strict=True)
        )
        self.to_spectrogram = ToSpectrogram(widths[-1], self.representation.shape[0], style)
        self.n_styles = 2 * len(self.blocks) + 2

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """``n`` latents [N, Z] ~ N(0, I), drawn on the device of ``random_state`` or of the network."""
        return normal_latent(self, n, self.latent_size, random_state)

    def mapping(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        """Styles [N, L, W], the same at every layer."""
        return self.mapping_network(latent, condition)[:, None].expand(-1, self.n_styles, -1)

    def synthesis(self, styles: Tensor) -> Tensor:
        """Styles [N, L, W] -> encoded sounds [N, *representation.shape]."""
        each = list(styles.unbind(1))
        features = self.first(self.constant.expand(len(styles), -1, -1), each[0])
        for index, block in enumerate(self.blocks):
            features = block(features, each[2 * index + 1], each[2 * index + 2])
        return full_precision(self.to_spectrogram(features, each[-1]))

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        return self.synthesis(self.mapping(latent, condition))


class DiscriminatorBlock(nn.Module):
    """Residual block that halves the rate."""

    def __init__(self, n_in: int, n_out: int, n_positions: int) -> None:
        super().__init__()
        self.first = Convolution(n_in, n_in, 3)
        self.smooth = smoothing(n_positions, n_positions + 1, left=2)
        self.second = Convolution(n_in, n_out, 3, stride=2, gain=math.sqrt(0.5))
        self.downsample = downsampling(n_positions)
        self.shortcut = Convolution(n_in, n_out, 1, activate=False, gain=math.sqrt(0.5))

    def forward(self, features: Tensor) -> Tensor:
        return self.second(self.smooth(self.first(features))) + self.shortcut(self.downsample(features))


class Discriminator(HeadedDiscriminator):
    """Encoded sounds, condition [N, C] or None -> logits [N], larger = more real; see ``ConditionalHead``."""

    def __init__(
        self, options: SpectralSettings, n_channels: int, n_samples: int, condition_size: int
    ) -> None:
        super().__init__()
        self.minibatch_group = options.minibatch_group
        self.deviation: Deviation = options.minibatch_deviation
        positions = options.positions(n_samples)[::-1]
        widths = [options.channels(length) for length in positions]
        self.from_spectrogram = Convolution(n_channels, widths[0], 1)
        self.blocks = nn.Sequential(
            *(
                DiscriminatorBlock(n_in, n_out, length)
                for (n_in, n_out), length in zip(pairwise(widths), positions, strict=False)
            )
        )
        self.last = Convolution(widths[-1] + 1, widths[-1], 3)
        self.features = Linear(widths[-1] * positions[-1], widths[-1], activate=True)
        self.head = style_head(widths[-1], condition_size)

    def embed(self, encoded: Tensor, condition: Tensor | None) -> Tensor:
        features = self.blocks(self.from_spectrogram(encoded))
        features = self.last(with_deviation(features, condition, self.deviation, self.minibatch_group))
        return self.features(features.flatten(1))


def build_spectral(
    options: SpectralSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for sounds of ``shape`` (1, T)."""
    condition_size = vector_size(condition_shape, "spectral")
    if len(shape) != 2 or shape[0] != 1:
        raise ConfigError(f"spectral makes sounds of one channel, [1, T]; found {list(shape)}.")
    if shape[1] < SHORTEST:
        raise ConfigError(
            f"spectral makes sounds of at least {SHORTEST:,} samples; found {shape[1]:,}. Change data.n_samples."
        )
    generator = Generator(options, shape[1], condition_size)
    critic = Discriminator(options, generator.representation.shape[0], shape[1], condition_size)
    return {"generator": generator, "discriminator": critic}


SPECTRAL = Architecture("spectral", SpectralSettings, build_spectral)
