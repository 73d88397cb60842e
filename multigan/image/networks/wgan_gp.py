"""WGAN-GP's residual networks (arXiv:1704.00028, appendix F, those of CIFAR-10)."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.image.networks.layers import ConditionalBatchNorm, in_channels_last, power_of_two
from multigan.layers import HeadedDiscriminator, normal_latent, plain_head, vector_size
from multigan.modality import Architecture
from multigan.normalisation import start_generator


@settings
class WganGpSettings:
    """The residual networks for 32x32 of the paper's CIFAR-10, with the details of its authors' code.

    Generator: 128 numbers of N(0, I), projected to 4x4, pre-activation residual blocks of two 3x3 convolutions that double
    the side by nearest neighbours before the first, batch normalisation and ReLU, tanh. Critic: a first block without
    activation at the image and a second one halve the side by a mean over 2x2, two keep it, then ReLU, the mean over all
    places, and one number; no normalisation. 128 channels throughout (1,204,483 and 1,053,824 parameters without labels);
    uniform weights, by He's rule in the blocks' 3x3 layers and by Glorot's in the others, biases 0. Training
    there: the penalty's weight 10, 5 steps of the critic for each of the generator, batches of 64, Adam with betas (0, 0.9)
    and a rate of 2e-4 that falls to 0 (1e-4 in the paper's algorithm 1). Other sides have other numbers of blocks: the
    generator starts from 4x4, the critic halves down to 8x8.

    Labels: as in the authors' code they have gains and biases of their own in the generator's blocks (conditional batch
    normalisation) and the critic reads them (AC-GAN, ``training.classification``); here they also enter by projection.
    """

    latent_size: int = 128
    width: int = 128
    """Channels of every block."""

    def __post_init__(self) -> None:
        for name in ("latent_size", "width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")


def _convolution(n_in: int, n_out: int, kernel: int = 3, *, he: bool = True) -> nn.Conv2d:
    """Weights ~ U of variance 4 / (fan_in + fan_out), the authors' form of He's rule; without it half that, Glorot's."""
    layer = nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2)
    limit = math.sqrt((12 if he else 6) / ((n_in + n_out) * kernel**2))
    nn.init.uniform_(layer.weight, -limit, limit)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class GeneratorBlock(nn.Module):
    """Twice the side, [N, W, H, H] -> [N, W, 2H, 2H]."""

    def __init__(self, width: int, condition_size: int) -> None:
        super().__init__()
        self.before = ConditionalBatchNorm(width, condition_size)
        self.first = _convolution(width, width)
        self.between = ConditionalBatchNorm(width, condition_size)
        self.second = _convolution(width, width)
        self.shortcut = _convolution(width, width, 1, he=False)

    def forward(self, features: Tensor, condition: Tensor | None) -> Tensor:
        hidden = self.first(_doubled(torch.relu(self.before(features, condition))))
        # a 1x1 kernel commutes with repeating pixels
        return _doubled(self.shortcut(features)) + self.second(torch.relu(self.between(hidden, condition)))


class Generator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> images [N, channels, R, R] in [-1, 1]."""

    def __init__(self, own: WganGpSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        self.latent_size, width = own.latent_size, own.width
        self.project = nn.Linear(own.latent_size, width * 16)
        n_blocks = shape[1].bit_length() - 3
        self.blocks = nn.ModuleList(GeneratorBlock(width, condition_size) for _ in range(n_blocks))
        self.norm = ConditionalBatchNorm(width, 0)
        self.to_image = _convolution(width, shape[0], he=False)
        nn.init.xavier_uniform_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """N(0, I), [n, Z]."""
        return normal_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        features = self.project(latent).unflatten(1, (-1, 4, 4))
        for block in self.blocks:
            features = block(features, condition)
        return torch.tanh(self.to_image(torch.relu(self.norm(features, None))))


class CriticBlock(nn.Module):
    """``first``: of an image, halving its side; ``halving``: of features; ``keeping``: the side stays."""

    def __init__(self, n_in: int, width: int, kind: Literal["first", "halving", "keeping"]) -> None:
        super().__init__()
        self.kind = kind
        self.one = _convolution(n_in, width)
        self.two = _convolution(width, width)
        self.shortcut = None if kind == "keeping" else _convolution(n_in, width, 1, he=False)

    def forward(self, features: Tensor) -> Tensor:
        hidden = self.one(features if self.kind == "first" else torch.relu(features))
        hidden = self.two(torch.relu(hidden))
        if self.shortcut is None:
            return features + hidden
        # a 1x1 kernel commutes with the mean
        return functional.avg_pool2d(hidden, 2) + self.shortcut(functional.avg_pool2d(features, 2))


class Critic(HeadedDiscriminator):
    """Images [N, channels, R, R] and condition [N, C] or None -> numbers [N], larger = more real."""

    def __init__(self, own: WganGpSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        kinds = ["halving"] * (shape[1].bit_length() - 5) + ["keeping"] * 2
        self.blocks = nn.Sequential(
            CriticBlock(shape[0], own.width, "first"),
            *(CriticBlock(own.width, own.width, kind) for kind in kinds),  # type: ignore[arg-type]
        )
        self.head = plain_head(own.width, condition_size)
        for layer in self.head.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)

    def embed(self, images: Tensor, condition: Tensor | None) -> Tensor:
        return torch.relu(self.blocks(images)).mean((2, 3))


def _doubled(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2, mode="nearest")


def build(
    own: WganGpSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and critic for images of ``shape`` (channels, R, R)."""
    condition_size = vector_size(condition_shape, "wgan-gp")
    power_of_two(shape, "wgan-gp")
    generator = Generator(own, shape, condition_size)
    start_generator(generator, condition_size)
    return in_channels_last({"generator": generator, "discriminator": Critic(own, shape, condition_size)})


WGAN_GP = Architecture("wgan-gp", WganGpSettings, build)
