"""Progressive growing (PGGAN, arXiv:1710.10196): a pair that begins at 4x4 pixels and fades in the others one by one."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.layers import Convolution, in_channels_last, pixel_norm, power_of_two
from multigan.layers import (
    ConditionalHead,
    HeadedDiscriminator,
    Linear,
    beside,
    minibatch_standard_deviation,
    normal_latent,
    vector_size,
)
from multigan.modality import Architecture
from multigan.precision import full_precision


@settings
class ProgressiveSettings:
    """The networks of the paper's table 2, with the details of its authors' code.

    Channels at side r: min(channel_base / r, channel_max), in the paper min(16384 / r, 512), and a latent of as many numbers
    as there are at 4x4. Generator: pixel norm after every 3x3 convolution and of the latent, leaky ReLUs of slope 0.2,
    nearest neighbours, linear 1x1 convolutions to images. Discriminator: the mirror image with means over 2x2 and, at 4x4,
    one channel with the standard deviation over groups of 4 samples. Equalised learning rates: weights ~ N(0, 1), scaled
    at run time by He's constant. Training there: WGAN-GP with lambda 10 and a drift term of 0.001 D(x)^2, one step of each
    player, Adam with rate 0.001 and betas (0, 0.99), 600,000 images in which a resolution fades in (800,000 in the paper)
    and as many with it, batches of 128, 128, 128, 64, 32, 16 from 4 to 128 pixels on one GPU, and samples from weights
    averaged with decay 0.999.

    Labels: a one-hot beside the latent, scaled to second moment 1, as in the authors' code but for the scale; they enter the
    discriminator by projection, and it reads them (AC-GAN, ``training.classification``) as theirs does. Biases before a
    leaky ReLU are scaled by sqrt(2) as weights are, which they are not there.
    """

    channel_base: int = 16384
    channel_max: int = 512
    minibatch_group: int = 4

    def __post_init__(self) -> None:
        for name in ("channel_base", "channel_max", "minibatch_group"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")

    def channels(self, level: int) -> int:
        """Channels at 2**level pixels."""
        return max(min(self.channel_base // 2**level, self.channel_max), 4)


class Pyramid(nn.Module):
    """Images of side R as a network of a ``level`` sees them: level 3 is 8x8, and 2.3 is 30% of the way from 4x4 to 8x8.

    On the way real images are mixed too: x and its means over 2x2, repeated, by the same shares as the networks' layers.
    """

    level: Tensor

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.channels, self.side = channels, side
        self.register_buffer("level", torch.tensor(math.log2(side)))

    @property
    def shape(self) -> tuple[int, ...]:
        size = 2 ** parts_of(self.level)[0]
        return (self.channels, size, size)

    def fit(self, samples: Tensor) -> None:
        """Nothing is to be known of the data."""

    def encode(self, samples: Tensor) -> Tensor:
        """[N, C, R, R] -> [N, C, r, r]."""
        top, share = parts_of(self.level)
        images = _halved(samples, samples.shape[-1] // 2**top)
        return images if share == 1 else share * images + (1 - share) * _repeated(_halved(images, 2), 2)

    def decode(self, encoded: Tensor) -> Tensor:
        """[N, C, r, r] -> [N, C, R, R], pixels repeated."""
        return _repeated(encoded, self.side // encoded.shape[-1])


def parts_of(level: Tensor) -> tuple[int, float]:
    """The highest resolution's level, and its share: (3, 0.3) of 2.3, (3, 1.0) of 3."""
    value = float(level)
    top = math.ceil(value)
    return top, value - top + 1


class GeneratorBlock(nn.Module):
    """Of 4x4: from the latent; else twice the side. Two layers, each with pixel norm."""

    def __init__(self, n_in: int, n_out: int, *, first: bool) -> None:
        super().__init__()
        self.n_out, self.is_first = n_out, first
        self.first = Linear(n_in, n_out * 16, activate=True) if first else Convolution(n_in, n_out, 3)
        self.second = Convolution(n_out, n_out, 3)

    def forward(self, features: Tensor) -> Tensor:
        if self.is_first:
            features = self.first(features).unflatten(1, (self.n_out, 4, 4))
        else:
            features = self.first(_repeated(features, 2))
        return pixel_norm(self.second(pixel_norm(features)))


class Generator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> images [N, channels, r, r], r that of the level it has grown to."""

    def __init__(self, own: ProgressiveSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        self.representation = Pyramid(shape[0], shape[1])
        self.levels = (2, shape[1].bit_length() - 1)
        self.latent_size, self.condition_size = own.channels(2), condition_size
        widths = [own.channels(level) for level in range(2, self.levels[1] + 1)]
        before = [self.latent_size + condition_size, *widths]
        self.blocks = nn.ModuleList(
            GeneratorBlock(n_in, n_out, first=k == 0)
            for k, (n_in, n_out) in enumerate(zip(before, widths, strict=False))
        )
        self.to_image = nn.ModuleList(Convolution(n, shape[0], 1, activate=False) for n in widths)

    def grow(self, level: float) -> None:
        """Grow to a level, for a next batch."""
        self.representation.level.fill_(level)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """N(0, I), [n, Z]."""
        return normal_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        top, share = parts_of(self.representation.level)
        if condition is not None:
            condition = condition * math.sqrt(max(self.condition_size, 1))
        features = beside(pixel_norm(latent), condition, self.condition_size, "generator")
        images = None
        for level in range(2, top + 1):
            features = self.blocks[level - 2](features)
            layer = self.to_image[level - 2](features)
            # the layers below take part with weight 0 once a level has faded in, so that every batch reaches them
            images = (
                layer
                if images is None
                else _mixed(layer, _repeated(images, 2), share if level == top else 1.0)
            )
        assert images is not None
        return full_precision(images)


class Discriminator(HeadedDiscriminator):
    """Images [N, channels, r, r] of its level, condition [N, C] or None -> logits [N], larger = more real."""

    level: Tensor

    def __init__(self, own: ProgressiveSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        self.levels = (2, shape[1].bit_length() - 1)
        self.register_buffer("level", torch.tensor(float(self.levels[1])))
        self.minibatch_group = own.minibatch_group
        widths = [own.channels(level) for level in range(2, self.levels[1] + 1)]
        self.from_image = nn.ModuleList(Convolution(shape[0], n, 1) for n in widths)
        self.blocks = nn.ModuleList(
            nn.Sequential(Convolution(n_in, n_in, 3), Convolution(n_in, n_out, 3), nn.AvgPool2d(2))
            for n_out, n_in in pairwise(widths)
        )
        n = widths[0]
        self.last = Convolution(n + 1, n, 3)
        self.features = Linear(n * 16, n, activate=True)
        self.head = ConditionalHead(Linear(n, 1))
        if condition_size:
            embedding, classes = Linear(condition_size, n), Linear(n, condition_size)
            scales = {"condition_scale": math.sqrt(condition_size), "norm": math.sqrt(n)}
            self.head = ConditionalHead(Linear(n, 1), condition_size, embedding, classes, **scales)

    def grow(self, level: float) -> None:
        """Grow to a level, for a next batch."""
        self.level.fill_(level)

    def embed(self, images: Tensor, condition: Tensor | None) -> Tensor:
        top, share = parts_of(self.level)
        if images.shape[-1] != 2**top:
            raise ConfigError(
                f"This discriminator has grown to {2**top}x{2**top} pixels; found images {list(images.shape)}. Bring them "
                "to its level (Pyramid.encode)."
            )
        images = images.contiguous(memory_format=torch.channels_last)
        features = self.from_image[top - 2](images)
        for level in range(top, 2, -1):
            features = self.blocks[level - 3](features)
            images = _halved(images, 2)
            below = self.from_image[level - 3](images)
            features = _mixed(features, below, share if level == top else 1.0)
        features = self.last(minibatch_standard_deviation(features, self.minibatch_group))
        return self.features(features.flatten(1))


def _mixed(new: Tensor, old: Tensor, share: float) -> Tensor:
    """The convex mix of figure 2."""
    return share * new + (1 - share) * old


def _halved(images: Tensor, factor: int) -> Tensor:
    """Means over factor x factor."""
    return images if factor == 1 else functional.avg_pool2d(images, factor)


def _repeated(images: Tensor, factor: int) -> Tensor:
    """Nearest neighbours."""
    return images if factor == 1 else functional.interpolate(images, scale_factor=factor, mode="nearest")


def build(
    own: ProgressiveSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for images of ``shape`` (channels, R, R), grown to R until they are told otherwise."""
    condition_size = vector_size(condition_shape, "progressive")
    power_of_two(shape, "progressive", 8)
    return in_channels_last(
        {
            "generator": Generator(own, shape, condition_size),
            "discriminator": Discriminator(own, shape, condition_size),
        }
    )


PROGRESSIVE = Architecture("progressive", ProgressiveSettings, build)
