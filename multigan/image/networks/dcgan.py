"""DCGAN (arXiv:1511.06434): strided convolutions and batch normalisation; WGAN's networks (arXiv:1701.07875) too."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.config import settings
from multigan.image.networks.layers import ConditionalBatchNorm, in_channels_last, power_of_two
from multigan.layers import HeadedDiscriminator, plain_head, uniform_latent, vector_size
from multigan.modality import Architecture
from multigan.normalisation import BatchNorm, start_generator

_DEVIATION = 0.02
"""Of all initial weights, N(0, 0.02^2), and of the gains of batch normalisation, N(1, 0.02^2)."""


@settings
class DcganSettings:
    """The networks of the paper's section 3 and figure 1, with the details of its authors' code.

    Generator: 100 uniform numbers in [-1, 1], projected to 4x4 and doubled in side by 5x5 transposed convolutions of stride
    2, batch normalisation and ReLU everywhere but at the output, which is a tanh. Discriminator: 5x5 convolutions of stride
    2 and leaky ReLUs of slope 0.2, batch normalisation everywhere but at the input, and one logit. No biases beside those of
    batch normalisation. At 64x64 the paper has 1,024, 512, 256, 128 channels at 4, 8, 16 and 32 pixels, which makes
    18.9 and 17.2 million parameters; batches of 128, and Adam with rate 2e-4 and beta1 0.5.

    Labels, which the paper has not, shift gains and biases of the generator's batch normalisation, and enter the
    discriminator by projection (``multigan.layers.ConditionalHead``).
    """

    latent_size: int = 100
    width: int = 128
    """Channels at half the images' side; twice as many at each half of that, down to 4 pixels."""
    discriminator_norm: bool = True
    """Batch normalisation in the discriminator. It mixes samples: no penalty on a slope (wgan_gp, r1) goes with it."""

    def __post_init__(self) -> None:
        for name in ("latent_size", "width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")

    def widths(self, side: int) -> list[int]:
        """Channels at 4 pixels, 8, ... up to half the images' side."""
        return [self.width * side // 2**k for k in range(3, side.bit_length())]


class Generator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> images [N, channels, R, R] in [-1, 1]."""

    def __init__(self, own: DcganSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        self.latent_size = own.latent_size
        widths = own.widths(shape[1])
        n_first = widths[0] * 16  # each place of the 4x4 is normalised by itself
        self.project = nn.Linear(own.latent_size, n_first, bias=False)
        self.norms = nn.ModuleList(
            ConditionalBatchNorm(n, condition_size, _DEVIATION) for n in (n_first, *widths[1:])
        )
        self.grow = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 5, stride=2, padding=2, output_padding=1, bias=False)
            for a, b in pairwise((*widths, shape[0]))
        )
        _start(self)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """U(-1, 1), [n, Z]."""
        return uniform_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        features = torch.relu(self.norms[0](self.project(latent), condition)).unflatten(1, (-1, 4, 4))
        for grow, norm in zip(self.grow, self.norms[1:], strict=False):
            features = torch.relu(norm(grow(features), condition))
        return torch.tanh(self.grow[-1](features))


class Discriminator(HeadedDiscriminator):
    """Images [N, channels, R, R] and condition [N, C] or None -> logits [N], larger = more real."""

    def __init__(self, own: DcganSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        widths = own.widths(shape[1])[::-1]
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise((shape[0], *widths)):
            layers.append(nn.Conv2d(n_in, n_out, 5, stride=2, padding=2, bias=False))
            if own.discriminator_norm and n_out != widths[0]:
                norm = BatchNorm(n_out)
                nn.init.normal_(norm.weight, 1.0, _DEVIATION)  # type: ignore[arg-type]
                layers.append(norm)
            layers.append(nn.LeakyReLU(0.2))
        self.layers = nn.Sequential(*layers)
        self.head = plain_head(widths[-1] * 16, condition_size)
        _start(self)

    def embed(self, images: Tensor, condition: Tensor | None) -> Tensor:
        return self.layers(images).flatten(1)


def _start(network: nn.Module) -> None:
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, _DEVIATION)


def build(
    own: DcganSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for images of ``shape`` (channels, R, R)."""
    condition_size = vector_size(condition_shape, "dcgan")
    power_of_two(shape, "dcgan")
    generator = Generator(own, shape, condition_size)
    start_generator(generator, condition_size)
    return in_channels_last(
        {"generator": generator, "discriminator": Discriminator(own, shape, condition_size)}
    )


DCGAN = Architecture("dcgan", DcganSettings, build)
