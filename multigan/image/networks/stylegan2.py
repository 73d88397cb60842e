"""StyleGAN2 (arXiv:1912.04958) in pure torch, conditional, and the same in Haar-wavelet space at one or both ends.

In wavelet space (after SWAGAN, arXiv:2102.06108, and MobileStyleGAN, arXiv:2104.04767) a network starts from, or ends
at, the four Haar bands of the image at half its resolution, so that its most expensive resolution drops out. What a
generator writes into the detail bands no filter smooths, and it shows as specks; a discriminator loses nothing.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.layers import (
    Convolution,
    StyledConvolution,
    ToImage,
    in_channels_last,
    power_of_two,
)
from multigan.image.networks.resample import downsample, haar, inverse_haar, upsample
from multigan.layers import (
    Deviation,
    HeadedDiscriminator,
    Linear,
    MappedHead,
    Mapping,
    normal_latent,
    style_head,
    vector_size,
    with_deviation,
)
from multigan.modality import Architecture
from multigan.precision import full_precision

# detail bands of pictures are small: at full gain a fresh generator's are noise that hides its faces
_DETAIL_GAIN = 0.25


@settings
class StyleGAN2Settings:
    """Widths and parts. Channels at resolution r: min(channel_base / r, channel_max)."""

    channel_base: int = 4096
    channel_max: int = 128
    latent_size: int = 128
    style_size: int = 128
    mapping_layers: int = 2
    mapping_lr_multiplier: float = 0.01
    generator: Literal["skip", "residual"] = "skip"
    noise: bool = True
    style_mixing: float = 0.9
    minibatch_group: int = 4
    minibatch_deviation: Deviation = "group"
    """Over which samples the discriminator sees how much they vary: groups of the batch (arXiv:1710.10196, section 3), or
    those of the same label, where there are labels."""
    minibatch_channels: int = 1
    """How many parts of the channels tell by themselves how much they vary over a group."""
    discriminator: Literal["residual", "plain", "skip"] = "residual"
    """Its blocks: residual, plain ones, or plain ones that each see the picture at their own size (arXiv:1912.04958, section
    4.1)."""
    discriminator_head: Literal["projection", "mapping"] = "projection"
    """How labels enter it: by projection, or by eight layers, as in the official conditional networks."""
    conv_clamp: float | None = None
    """Outputs of convolutions stay within +-conv_clamp (arXiv:2006.06676); 256 in the official weights, null for none."""
    style_mean: bool = False
    """The generator has a mean style that truncation draws towards, as imported ones do; else it is the label's own mean."""

    def __post_init__(self) -> None:
        sizes = (
            "channel_base",
            "channel_max",
            "latent_size",
            "style_size",
            "mapping_layers",
            "minibatch_group",
            "minibatch_channels",
        )
        for name in sizes:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if not 0 <= self.style_mixing <= 1:
            raise ValueError(f"style_mixing is a probability in [0, 1], found {self.style_mixing}")
        if self.conv_clamp is not None and not 0 < self.conv_clamp < math.inf:
            raise ValueError(f"conv_clamp is a number above 0, or null for none, found {self.conv_clamp}")

    def channels(self, resolution: int) -> int:
        return max(min(self.channel_base // resolution, self.channel_max), 4)


class SynthesisBlock(nn.Module):
    """Doubles the resolution (but for the first block); the last block, or every one of skip, makes an image."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        resolution: int,
        image_channels: int,
        options: StyleGAN2Settings,
        to_image: bool,
    ) -> None:
        super().__init__()
        style, noise, clamp = options.style_size, options.noise, options.conv_clamp
        self.first = n_in == 0
        self.residual = options.generator == "residual" and not self.first
        if self.first:
            self.constant = nn.Parameter(torch.randn(n_out, resolution, resolution))
        else:
            self.grow = StyledConvolution(n_in, n_out, style, resolution, up=True, noise=noise, clamp=clamp)
        self.refine = StyledConvolution(n_out, n_out, style, resolution, noise=noise, clamp=clamp)
        self.shortcut = Convolution(n_in, n_out, 1, activate=False, bias=False) if self.residual else None
        self.to_image = ToImage(n_out, image_channels, style, clamp) if to_image else None
        self.n_styles = 1 if self.first else 2

    def forward(self, features: Tensor | None, styles: list[Tensor]) -> Tensor:
        if features is None:
            constant = self.constant.expand(styles[0].shape[0], *self.constant.shape)
            return self.refine(constant.contiguous(memory_format=torch.channels_last), styles[0])
        grown = self.refine(self.grow(features, styles[0]), styles[1])
        if self.shortcut is None:
            return grown
        return (grown + upsample(self.shortcut(features))) * math.sqrt(0.5)


class Generator(nn.Module):
    """latent [N, Z], condition [N, C] or None -> images [N, channels, R, R], about in [-1, 1].

    ``n_styles`` styles of size W steer the layers from coarse to fine. In training, noise is drawn and two latents'
    styles mix at a random layer with probability ``style_mixing``; in evaluation the output is a function of the
    inputs alone.
    """

    def __init__(
        self, options: StyleGAN2Settings, sample_shape: tuple[int, ...], condition_size: int, wavelet: bool
    ) -> None:
        super().__init__()
        image_channels, resolution = sample_shape[0], sample_shape[1] // (2 if wavelet else 1)
        self.latent_size, self.style_mixing, self.wavelet = options.latent_size, options.style_mixing, wavelet
        self.mapping_network = Mapping(
            options.latent_size,
            condition_size,
            options.style_size,
            options.mapping_layers,
            options.mapping_lr_multiplier,
        )
        sizes = [2**k for k in range(2, int(math.log2(resolution)) + 1)]
        self.blocks = nn.ModuleList()
        for below, size in zip([0, *sizes], sizes, strict=False):
            n_in = options.channels(below) if below else 0
            to_image = options.generator == "skip" or size == resolution
            bands = image_channels * (4 if wavelet else 1)
            self.blocks.append(SynthesisBlock(n_in, options.channels(size), size, bands, options, to_image))
        self.n_styles = (
            sum(block.n_styles for block in self._blocks()) + 1
        )  # the last image layer has its own
        if options.style_mean:
            self.register_buffer("style_mean", torch.zeros(options.style_size))

    def _blocks(self) -> list[SynthesisBlock]:
        return [block for block in self.blocks if isinstance(block, SynthesisBlock)]

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """``n`` latents [N, Z] ~ N(0, I), drawn on the device of ``random_state`` or of the network."""
        return normal_latent(self, n, self.latent_size, random_state)

    def mapping(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        """Styles [N, L, W], the same at every layer."""
        return self.mapping_network(latent, condition)[:, None].expand(-1, self.n_styles, -1)

    def synthesis(self, styles: Tensor) -> Tensor:
        """Styles [N, L, W] -> images [N, channels, R, R]."""
        each = list(styles.unbind(1))
        features: Tensor | None = None
        image: Tensor | None = None
        used = 0
        for block in self._blocks():
            features = block(features, each[used : used + block.n_styles])
            used += block.n_styles
            if block.to_image is not None:
                layer = block.to_image(features, each[used])
                layer = inverse_haar(layer, _DETAIL_GAIN) if self.wavelet else layer
                image = layer if image is None else upsample(image) + layer
        assert image is not None  # the last block always has an image layer
        return full_precision(image)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        styles = self.mapping(latent, condition)
        if self.training and self.style_mixing > 0:
            styles = self._mixed(styles, condition)
        return self.synthesis(styles)

    def _mixed(self, styles: Tensor, condition: Tensor | None) -> Tensor:
        """Style mixing regularisation (arXiv:1812.04948, section 3.1), a cut-off for each sample."""
        n = len(styles)
        other = self.mapping(self.latent(n), condition)
        cutoff = torch.randint(1, self.n_styles, (n, 1, 1), device=styles.device)
        keep = torch.rand(n, 1, 1, device=styles.device) >= self.style_mixing
        layer = torch.arange(self.n_styles, device=styles.device)[:, None]
        return torch.where(keep | (layer < cutoff), styles, other)


class DiscriminatorBlock(nn.Module):
    """Block that halves the resolution, residual or plain."""

    def __init__(self, n_in: int, n_out: int, clamp: float | None, residual: bool = True) -> None:
        super().__init__()
        gain = math.sqrt(0.5) if residual else 1.0
        self.first = Convolution(n_in, n_in, 3, clamp=clamp)
        self.second = Convolution(n_in, n_out, 3, down=True, gain=gain, clamp=clamp)
        self.shortcut = (
            Convolution(n_in, n_out, 1, down=True, activate=False, bias=False, gain=gain)
            if residual
            else None
        )

    def forward(self, features: Tensor) -> Tensor:
        outputs = self.second(self.first(features))
        return outputs if self.shortcut is None else outputs + self.shortcut(features)


class Discriminator(HeadedDiscriminator):
    """images [N, channels, R, R], condition [N, C] or None -> logits [N], larger = more real; see ``ConditionalHead``."""

    def __init__(
        self, options: StyleGAN2Settings, sample_shape: tuple[int, ...], condition_size: int, wavelet: bool
    ) -> None:
        super().__init__()
        image_channels, resolution = sample_shape[0], sample_shape[1] // (2 if wavelet else 1)
        self.wavelet, self.minibatch_group = wavelet, options.minibatch_group
        self.deviation: Deviation = options.minibatch_deviation
        sizes = [2**k for k in range(int(math.log2(resolution)), 1, -1)]
        widths = [options.channels(size) for size in sizes]
        clamp = options.conv_clamp
        residual = options.discriminator == "residual"
        self.from_image = Convolution(image_channels * (4 if wavelet else 1), widths[0], 1, clamp=clamp)
        self.blocks = nn.Sequential(*(DiscriminatorBlock(a, b, clamp, residual) for a, b in pairwise(widths)))
        # at each size below the first; the last of them has no clamp in the official networks
        clamps = [clamp] * (len(widths) - 2) + [None]
        smaller = zip(widths[1:], clamps, strict=True) if options.discriminator == "skip" else ()
        self.from_smaller = nn.ModuleList(
            Convolution(image_channels, width, 1, clamp=own) for width, own in smaller
        )
        self.n_deviations = 1 if self.deviation == "label" else options.minibatch_channels
        self.last = Convolution(widths[-1] + self.n_deviations, widths[-1], 3, clamp=clamp)
        self.features = Linear(widths[-1] * 16, widths[-1], activate=True)
        mapped = options.discriminator_head == "mapping" and condition_size > 0
        self.head = (MappedHead if mapped else style_head)(widths[-1], condition_size)

    def layers(self) -> tuple[nn.Module, ...]:
        """From the picture on: what reads it, the blocks, and what comes before the logit."""
        smaller = dict(enumerate(self.from_smaller, 1))
        whole = [nn.ModuleList([self.from_image]), *(nn.ModuleList([block]) for block in self.blocks)]
        for place, layer in smaller.items():
            whole[place].append(layer)
        return (*whole, self.last, self.features)

    def embed(self, images: Tensor, condition: Tensor | None) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        features = self.from_image(haar(images) if self.wavelet else images)
        if self.from_smaller:
            for block, from_image in zip(self.blocks, self.from_smaller, strict=True):
                images = downsample(images)
                features = block(features) + from_image(images)
        else:
            features = self.blocks(features)
        features = with_deviation(
            features, condition, self.deviation, self.minibatch_group, self.n_deviations
        )
        features = self.last(features)
        return self.features(features.flatten(1))


def _build(
    options: StyleGAN2Settings,
    shape: tuple[int, ...],
    condition_shape: tuple[int, ...],
    *,
    wavelet_generator: bool,
    wavelet_discriminator: bool,
) -> dict[str, nn.Module]:
    condition_size = vector_size(condition_shape, "StyleGAN2")
    power_of_two(shape, "StyleGAN2")
    if options.discriminator == "skip" and wavelet_discriminator:
        raise ConfigError(
            "architecture.discriminator=skip shows pictures at every size, and this discriminator sees wavelets: choose "
            "residual or plain, or architecture.name=stylegan2."
        )
    if options.channels(4) % options.minibatch_channels:
        raise ConfigError(
            f"{options.channels(4)} channels cannot be cut into {options.minibatch_channels} equal parts: choose an "
            "architecture.minibatch_channels that divides them."
        )
    networks: dict[str, nn.Module] = {
        "generator": Generator(options, shape, condition_size, wavelet_generator),
        "discriminator": Discriminator(options, shape, condition_size, wavelet_discriminator),
    }
    return in_channels_last(networks)


def build_stylegan2(
    options: StyleGAN2Settings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for images of ``shape`` (channels, R, R)."""
    return _build(options, shape, condition_shape, wavelet_generator=False, wavelet_discriminator=False)


def build_wavelet_stylegan2(
    options: StyleGAN2Settings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """The same pair in Haar-wavelet space at both ends."""
    return _build(options, shape, condition_shape, wavelet_generator=True, wavelet_discriminator=True)


def build_half_wavelet_stylegan2(
    options: StyleGAN2Settings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """A generator of pixels and a discriminator in Haar-wavelet space."""
    return _build(options, shape, condition_shape, wavelet_generator=False, wavelet_discriminator=True)


STYLEGAN2 = Architecture("stylegan2", StyleGAN2Settings, build_stylegan2)
WAVELET_STYLEGAN2 = Architecture("wavelet-stylegan2", StyleGAN2Settings, build_wavelet_stylegan2)
HALF_WAVELET_STYLEGAN2 = Architecture(
    "half-wavelet-stylegan2", StyleGAN2Settings, build_half_wavelet_stylegan2
)
