"""Super-resolution: a convolutional generator of detail between the pixels of a small picture, and a patch discriminator.

After SRGAN (arXiv:1609.04802) and ESRGAN (arXiv:1809.00219).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.features import PretrainedLevels, RandomLevels
from multigan.image.networks.layers import in_channels_last
from multigan.image.networks.patch import PatchDiscriminator, required_picture
from multigan.layers import SLOPE, normal_latent
from multigan.modality import Architecture
from multigan.objectives.terms import FEATURES


@settings
class EnlargingSettings:
    """The networks' widths, and what the perceptual term sees.

    What differs from ESRGAN: plain residual blocks (SRGAN's without batch normalisation, as arXiv:1707.02921 has them) in
    the place of dense ones, which cost five times as much; the picture enlarged by interpolation is added to what the
    network makes; the result averages back to the input (``consistent``); and the discriminator judges patches beside the
    input, where the papers' judges whole pictures without it.
    """

    width: int = 32
    """Channels of the generator."""
    blocks: int = 4
    """Residual blocks, each two 3x3 convolutions."""
    discriminator_width: int = 32
    """Channels of the discriminator at half the size, twice as many at a quarter."""
    halvings: int = 2
    """How often the discriminator halves the size: 2 judge patches of 28 pixels, 3 patches of 56."""
    features: Literal["random", "efficientnet-lite0"] = "random"
    """The frozen network whose levels the perceptual term compares: of fixed random weights, or pretrained."""

    def __post_init__(self) -> None:
        for name in ("width", "blocks", "discriminator_width", "halvings"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")


def reduced(images: Tensor, scale: int) -> Tensor:
    """Means over blocks of scale x scale pixels: [N, C, H, W] -> [N, C, H/scale, W/scale]."""
    return functional.avg_pool2d(images, scale)


def consistent(images: Tensor, small: Tensor, scale: int) -> Tensor:
    """The images nearest to ``images`` that average back to ``small``: each block moved by what its mean lacks.

    x + D^T (D D^T)^-1 (small - D x) with D the means over blocks, for which D^T (D D^T)^-1 repeats each pixel: the module
    that arXiv:1912.01839 (section 3) puts around a network, for this D.
    """
    lacking = small - reduced(images, scale)
    return images + functional.interpolate(lacking, scale_factor=float(scale), mode="nearest")


def interpolated(small: Tensor, scale: int) -> Tensor:
    """Bicubic interpolation [N, C, h, w] -> [N, C, h scale, w scale], with the kernel of Pillow (a = -0.5)."""
    size = [side * scale for side in small.shape[2:]]
    return functional.interpolate(small, size, mode="bicubic", antialias=True)


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))), 3x3 each (arXiv:1707.02921, figure 2c)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, features: Tensor) -> Tensor:
        return features + self.second(functional.relu(self.first(features)))


class Enlarger(nn.Module):
    """A picture [N, C, h, w] in [-1, 1] as the condition -> [N, C, h scale, w scale], of any h and w.

    Blocks work at the small size; at its end sub-pixel convolutions (arXiv:1609.05158, eq. 4) double it once or twice.
    Nothing is drawn by chance: the latent has size 0.
    """

    def __init__(self, own: EnlargingSettings, channels: int, scale: int) -> None:
        super().__init__()
        self.channels, self.scale = channels, scale
        n_doublings = scale.bit_length() - 1
        self.reach = 2 * own.blocks + 3 + n_doublings
        """How many pixels of the input around a place decide what is made there, at most."""
        self.enter = nn.Conv2d(channels, own.width, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(own.width) for _ in range(own.blocks)))
        self.grow = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv2d(own.width, 4 * own.width, 3, padding=1), nn.PixelShuffle(2), nn.LeakyReLU(SLOPE)
                )
                for _ in range(n_doublings)
            )
        )
        self.leave = nn.Conv2d(own.width, channels, 3, padding=1)
        self._start()

    def _start(self) -> None:
        """Small weights (ESRGAN's supplement): blocks and the end begin near nothing, the whole as an interpolation."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            for block in self.blocks:
                block.second.weight.mul_(0.1)  # type: ignore[union-attr, operator]
            self.leave.weight.mul_(0.1)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """[n, 0]: there is nothing to draw."""
        return normal_latent(self, n, 0, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        small = required_picture(condition, self.channels, "generator")
        entered = self.enter(small)
        features = self.grow(entered + self.blocks(entered))
        images = interpolated(small, self.scale) + self.leave(features)
        return consistent(images, small, self.scale)


def build(
    own: EnlargingSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator, discriminator and frozen features for pictures of ``shape`` from smaller ones; ConfigError for others."""
    scales = {large / small for large, small in zip(shape[1:], condition_shape[1:], strict=False)}
    fits = len(shape) == len(condition_shape) == 3 and shape[0] == condition_shape[0]
    if not fits or scales not in ({2.0}, {4.0}):
        raise ConfigError(
            "enlarging makes pictures [C, H, W] of pictures that are half or a quarter as high and wide; found samples "
            f"{list(shape)} and conditions {list(condition_shape) or 'none'}. Choose another architecture or other data."
        )
    channels = shape[0]
    if own.features != "random" and channels != 3:
        raise ConfigError(
            f"The pretrained features are of pictures of 3 channels (RGB); found {list(shape)}."
        )
    networks = {
        "generator": Enlarger(own, channels, int(scales.pop())),
        "discriminator": PatchDiscriminator(
            channels, channels, own.discriminator_width, own.halvings, every_pixel=True
        ),
        FEATURES: RandomLevels(channels) if own.features == "random" else PretrainedLevels(),
    }
    return in_channels_last(networks)


ENLARGING = Architecture("enlarging", EnlargingSettings, build)
