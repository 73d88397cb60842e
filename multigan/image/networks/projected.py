"""Projected GAN (arXiv:2111.01007): a discriminator on the features of a frozen pretrained network.

As in the paper: features of four levels of EfficientNet-Lite0 (which its authors' code has; their best is Lite1), mixed by
fixed random convolutions across channels (1x1) and across scales (3x3, from coarse to fine); on each level a small
discriminator with spectral normalisation, all with logits of the same size. What differs: pictures are brought to
``feature_size`` and not to 224 pixels, since that is what costs; the small discriminators have no batch normalisation, and
may see how much samples vary; and the generator is StyleGAN2, small, where the paper has FastGAN's. The paper's hinge loss
and DiffAugment without a gradient penalty are those of the preset ``gpu-128`` of ``projected-faces``; its CPU presets have
a relativistic loss and R1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.stylegan2 import StyleGAN2Settings, build_stylegan2
from multigan.layers import SLOPE, Deviation, required_condition, vector_size, with_deviation
from multigan.modality import Architecture
from multigan.pretrained.efficientnet import COLOURS, LEVEL_CHANNELS, published_levels
from multigan.spectral import normalised


@settings
class ProjectedSettings:
    """Widths of StyleGAN2's generator (see there), and of the discriminator."""

    channel_base: int = 512
    channel_max: int = 128
    latent_size: int = 64
    style_size: int = 64
    mapping_layers: int = 2
    noise: bool = False
    style_mixing: float = 0.0
    feature_size: int = 64
    """The side in pixels that pictures are brought to for the pretrained network; a multiple of 32."""
    mixed_channels: int = 64
    """Channels of the mixed features of every level."""
    minibatch_deviation: Deviation | None = None
    """Whether each small discriminator sees how much the samples vary that it judges, and over which (as in StyleGAN2,
    which the paper has not): groups of the batch, or those of the same label."""
    minibatch_group: int = 4

    def __post_init__(self) -> None:
        self.generator()
        if self.feature_size < 32 or self.feature_size % 32 or self.mixed_channels < 1:
            raise ValueError(
                "feature_size is a multiple of 32 and mixed_channels at least 1, found "
                f"{self.feature_size} and {self.mixed_channels}"
            )
        if self.minibatch_group < 1:
            raise ValueError(f"minibatch_group must be at least 1, found {self.minibatch_group}")

    def generator(self) -> StyleGAN2Settings:
        return StyleGAN2Settings(
            channel_base=self.channel_base,
            channel_max=self.channel_max,
            latent_size=self.latent_size,
            style_size=self.style_size,
            mapping_layers=self.mapping_layers,
            noise=self.noise,
            style_mixing=self.style_mixing,
        )


class Projection(nn.Module):
    """Features of four levels -> as many, each [N, M, size, size], mixed by random weights that stay as they are drawn.

    Across channels: 1x1 from each level's channels to M. Across scales: from the coarsest level on, the mixed features of
    the level below are enlarged (bilinear), added, and go through a 3x3 convolution.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.n_levels = len(LEVEL_CHANNELS)
        for level, n_in in enumerate(LEVEL_CHANNELS):
            self.register_buffer(f"channels_{level}", torch.randn(width, n_in, 1, 1) / math.sqrt(n_in))
            self.register_buffer(f"scales_{level}", torch.randn(width, width, 3, 3) / math.sqrt(width * 9))

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        mixed: list[Tensor] = []
        for level in reversed(range(self.n_levels)):
            here = functional.conv2d(features[level], self.get_buffer(f"channels_{level}"))
            if mixed:
                size = [int(side) for side in here.shape[-2:]]
                below = functional.interpolate(mixed[0], size, mode="bilinear", align_corners=False)
                here = (here + below) * math.sqrt(0.5)
            mixed.insert(0, functional.conv2d(here, self.get_buffer(f"scales_{level}"), padding=1))
        return mixed


class SmallDiscriminator(nn.Module):
    """Mixed features [N, M, size, size] -> hidden features [N, M, side, side], each place of which is judged.

    Convolutions halve the size (4x4, stride 2) until it is ``side``; every layer has spectral norm 1.
    """

    def __init__(self, width: int, n_halvings: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [normalised(nn.Conv2d(width, width, 1)), nn.LeakyReLU(SLOPE)]
        for _ in range(n_halvings):
            layers += [normalised(nn.Conv2d(width, width, 4, stride=2, padding=1)), nn.LeakyReLU(SLOPE)]
        self.layers = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        return self.layers(features)


class Discriminator(nn.Module):
    """images [N, 3, R, R], condition [N, C] or None -> logits [N, K] of all levels and places, larger = more real.

    With labels a logit is <h, f(c)> / sqrt(M), h [M] the hidden features at its place (one more where they are told how much
    samples vary) and f an embedding with a hidden layer (projection, arXiv:1802.05637), else linear in h. ``judge`` reads
    the label from the means of h over places (AC-GAN, arXiv:1610.09585). The pretrained network is read by
    ``load_pretrained``.
    """

    colours: Tensor

    def __init__(self, own: ProjectedSettings, n_labels: int) -> None:
        super().__init__()
        width = own.mixed_channels
        self.n_labels, self.feature_size = n_labels, own.feature_size
        self.deviation: Deviation | None = own.minibatch_deviation
        self.minibatch_group = own.minibatch_group
        self.pretrained: nn.ModuleList | None = None
        self.register_buffer("colours", torch.tensor(COLOURS)[:, None, :, None, None], persistent=False)
        self.projection = Projection(width)
        n_levels = len(LEVEL_CHANNELS)
        self.small = nn.ModuleList(
            SmallDiscriminator(width, n_levels - 1 - level) for level in range(n_levels)
        )
        judged = width + (self.deviation is not None)
        self.last = None if n_labels else nn.ModuleList(normalised(nn.Linear(judged, 1)) for _ in self.small)
        self.embedding = self.classes = None
        if n_labels:
            self.embedding = nn.Sequential(
                nn.Linear(n_labels, width), nn.LeakyReLU(SLOPE), nn.Linear(width, judged)
            )
            self.classes = nn.Linear(width * n_levels, n_labels)

    def load_pretrained(self) -> None:
        """Read the frozen network's weights; ConfigError with what to install where they are not there."""
        self.pretrained = published_levels().to(self.colours.device)

    def forward(self, images: Tensor, condition: Tensor | None) -> Tensor:
        return self._logits(self._hidden(images), condition)

    def judge(self, images: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N, K], and class logits [N, C] read from the image alone."""
        if self.classes is None:
            raise ConfigError(
                "This discriminator has no labels to read; give data with labels, or set classification to 0."
            )
        hidden = self._hidden(images)
        means = torch.cat([each.mean((2, 3)) for each in hidden], 1)
        return self._logits(hidden, condition), self.classes(means)

    def _hidden(self, images: Tensor) -> list[Tensor]:
        if self.pretrained is None:
            raise ConfigError(
                "The pretrained network of this discriminator is not there yet; call load_pretrained()."
            )
        size = [self.feature_size] * 2
        mean, deviation = self.colours
        pixels = functional.interpolate(images, size, mode="bilinear", align_corners=False)
        # as the network has learnt: [-1, 1] -> [0, 255] -> (x - 127) / 128
        features, now = [], ((pixels + 1) / 2 - mean) / deviation
        for level in self.pretrained:
            now = level(now.contiguous(memory_format=torch.channels_last))
            features.append(now)
        return [small(each) for small, each in zip(self.small, self.projection(features), strict=True)]

    def _logits(self, hidden: list[Tensor], condition: Tensor | None) -> Tensor:
        over = self.deviation
        if over is not None:
            hidden = [with_deviation(each, condition, over, self.minibatch_group) for each in hidden]
        if self.embedding is None:
            assert self.last is not None
            pairs = zip(self.last, hidden, strict=True)
            return torch.cat([last(each.flatten(2).transpose(1, 2)).flatten(1) for last, each in pairs], 1)
        condition = required_condition(condition, self.n_labels, "discriminator")
        weights = self.embedding(condition) / math.sqrt(hidden[0].shape[1])
        return torch.cat([torch.einsum("nmhw,nm->nhw", each, weights).flatten(1) for each in hidden], 1)


def build(
    own: ProjectedSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """StyleGAN2's generator and the projected discriminator, for colour images of ``shape`` (3, R, R)."""
    n_labels = vector_size(condition_shape, "projected")
    if shape[0] != 3:
        raise ConfigError(f"A projected discriminator sees images of 3 channels (RGB); found {list(shape)}.")
    generator = build_stylegan2(own.generator(), shape, condition_shape)["generator"]
    return {"generator": generator, "discriminator": Discriminator(own, n_labels)}


PROJECTED = Architecture("projected", ProjectedSettings, build)
