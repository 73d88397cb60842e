"""pix2pix's networks (arXiv:1611.07004): a U-Net from picture to picture of the same size, and a patch discriminator."""

from __future__ import annotations

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.layers import in_channels_last
from multigan.image.networks.patch import PatchDiscriminator, required_picture
from multigan.layers import SLOPE, normal_latent
from multigan.modality import Architecture

SMALLEST = 2
"""The side at which the U-Net turns: what is made there sees the whole picture."""


@settings
class UNetSettings:
    """The networks' widths.

    What differs from the paper: what is made twice the size is smoothed, and the last pixels are made beside those of the
    condition, since transposed convolutions alone leave checks that the discriminator's strides hardly see; no dropout,
    which was its noise and which its generator learnt to pass over (section 3.1); normalisation of each picture
    (arXiv:1607.08022) and not of the batch, so that a picture is translated alike in whatever company; and fewer channels
    for smaller pictures.
    """

    width: int = 32
    """Channels of the generator at half the size, twice as many at each further half, up to ``most`` times."""
    most: int = 8
    discriminator_width: int = 32
    """Channels of the discriminator at half the size, twice as many at a quarter."""
    halvings: int = 2
    """How often the discriminator halves the size: 2 judge patches of 26 pixels, 3 patches of 54."""

    def __post_init__(self) -> None:
        for name in ("width", "most", "discriminator_width", "halvings"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")


def normalised(features: Tensor) -> Tensor:
    """Each channel of each picture with mean 0 and variance 1; features of 2x2 pixels or fewer as they are."""
    return functional.instance_norm(features) if features.shape[2] > SMALLEST else features


def smoothed(features: Tensor) -> Tensor:
    """Each pixel with its neighbours, by weights 1, 2, 1 along both axes."""
    padded = functional.pad(features, (1, 1, 1, 1), mode="replicate")
    return functional.avg_pool2d(functional.avg_pool2d(padded, 2, 1), 2, 1)


class Steered(nn.Module):
    """Features [N, C, H, W], labels [N, L] -> (1 + a) ``normalised`` + b, a and b linear in the labels, 0 at first.

    Conditional instance normalisation (arXiv:1610.07629, eq. 5). Planes of a label beside the picture would hardly be heard:
    what is the same everywhere, normalisation takes away.
    """

    def __init__(self, channels: int, n_labels: int) -> None:
        super().__init__()
        self.steer = nn.Linear(n_labels, 2 * channels, bias=False)
        nn.init.zeros_(self.steer.weight)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        scale, shift = self.steer(labels)[:, :, None, None].chunk(2, 1)
        return normalised(features) * (1 + scale) + shift


class UNet(nn.Module):
    """A picture [N, D, H, W] in [-1, 1] as the condition -> [N, C, H, W] in [-1, 1]; H and W are ``n_halvings`` times even.

    With ``n_labels`` the planes of a label lie behind the picture, and steer the way up.

    Section 6.1.1 (U-Net): 4x4 convolutions of stride 2 down, transposed ones up, each beside the features of its size from
    the way down; leaky ReLUs down, ReLUs up, each way up smoothed; at the end a 3x3 convolution beside the condition, and
    tanh. The latent has size 0.
    """

    def __init__(
        self, own: UNetSettings, channels: int, given: int, n_halvings: int, n_labels: int = 0
    ) -> None:
        super().__init__()
        self.given, self.n_labels = given, n_labels
        widths = [own.width * min(2**place, own.most) for place in range(n_halvings)]
        last = max(own.width // 2, 1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for place, width in enumerate(widths):
            self.down.append(nn.Conv2d(widths[place - 1] if place else given, width, 4, stride=2, padding=1))
            n_in, n_out = (
                width if place == n_halvings - 1 else 2 * width,
                widths[place - 1] if place else last,
            )
            self.up.append(nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1))
        self.steered = nn.ModuleList(Steered(width, n_labels) for width in widths[:-1] if n_labels)
        self.pixels = nn.Conv2d(last + given, channels, 3, padding=1)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """[n, 0]: there is nothing to draw."""
        return normal_latent(self, n, 0, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        whole = required_picture(condition, self.given + self.n_labels, "generator")
        given, labels = whole[:, : self.given], whole[:, self.given :, 0, 0]
        now, passed = given, []
        for place, layer in enumerate(self.down):
            now = layer(functional.leaky_relu(now, SLOPE) if place else now)
            now = normalised(now) if place else now
            passed.append(now)
        for place in reversed(range(len(self.up))):
            features = now if place == len(self.up) - 1 else torch.cat((now, passed[place]), 1)
            now = smoothed(self.up[place](functional.relu(features)))
            if place:
                now = self.steered[place - 1](now, labels) if self.n_labels else normalised(now)
        return self.pixels(torch.cat((functional.relu(now), given), 1)).tanh()


def n_halvings_of(shape: tuple[int, ...]) -> int:
    """How often pictures [C, H, W] of this shape are halved until two pixels a side are left; 0 where they cannot be."""
    side = min(shape[1:], default=0)
    n_halvings = max(0, side.bit_length() - SMALLEST.bit_length())
    return 0 if len(shape) != 3 or any(each % 2**n_halvings for each in shape[1:]) else n_halvings


def build(
    own: UNetSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for pictures of ``shape`` from pictures of the same size; ConfigError for others."""
    n_halvings = n_halvings_of(shape)
    if not n_halvings or len(condition_shape) != 3 or shape[1:] != condition_shape[1:]:
        raise ConfigError(
            "unet makes pictures [C, H, W] of pictures of the same height and width, powers of two; found samples "
            f"{list(shape)} and conditions {list(condition_shape) or 'none'}. Choose another architecture or other data."
        )
    networks: dict[str, nn.Module] = {
        "generator": UNet(own, shape[0], condition_shape[0], n_halvings),
        "discriminator": PatchDiscriminator(
            shape[0], condition_shape[0], own.discriminator_width, own.halvings
        ),
    }
    return in_channels_last(networks)


UNET = Architecture("unet", UNetSettings, build)
