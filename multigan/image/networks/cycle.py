"""CycleGAN's four networks (arXiv:1703.10593): a generator and a discriminator each way, for pictures without pairs."""

from __future__ import annotations

from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.image.networks.layers import in_channels_last
from multigan.image.networks.patch import PatchDiscriminator, required_picture
from multigan.image.networks.unet import UNet, UNetSettings, n_halvings_of
from multigan.modality import Architecture
from multigan.objectives.terms import DISCRIMINATOR_BACK, GENERATOR_BACK


class UnseenSource(nn.Module):
    """A discriminator of pictures [N, C, H, W] that is not shown what they were made of: logits [N, K].

    Of the condition [N, C + L, H, W] it hears the last L channels, the planes of a label, by projection; with L = 0 nothing.
    One that saw the source would learn from unpaired ones that real pictures have nothing to do with it.
    """

    def __init__(self, channels: int, n_planes: int, width: int, n_halvings: int) -> None:
        super().__init__()
        self.channels, self.n_planes = channels, n_planes
        self.patches = PatchDiscriminator(channels, 0, width, n_halvings, n_planes)

    def forward(self, images: Tensor, condition: Tensor | None) -> Tensor:
        whole = required_picture(condition, self.channels + self.n_planes, "discriminator")
        return self.patches.by_label(images, whole[:, self.channels :, 0, 0])


def build(
    own: UNetSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """The networks of both ways; the condition is a picture and the planes of a label. ConfigError for other shapes."""
    n_planes = condition_shape[0] - shape[0] if len(condition_shape) == 3 else -1
    n_halvings = n_halvings_of(shape)
    if not n_halvings or n_planes < 0 or shape[1:] != condition_shape[1:]:
        raise ConfigError(
            "cycle makes pictures [C, H, W] of pictures of the same height and width, powers of two, with planes of a label "
            f"behind them; found samples {list(shape)} and conditions {list(condition_shape) or 'none'}. Choose another "
            "architecture or other data."
        )
    networks: dict[str, nn.Module] = {}
    for names in (("generator", "discriminator"), (GENERATOR_BACK, DISCRIMINATOR_BACK)):
        networks[names[0]] = UNet(own, shape[0], shape[0], n_halvings, n_planes)
        networks[names[1]] = UnseenSource(shape[0], n_planes, own.discriminator_width, own.halvings)
    return in_channels_last(networks)


CYCLE = Architecture("cycle", UNetSettings, build)
