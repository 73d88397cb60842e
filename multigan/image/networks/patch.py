"""PatchGAN's discriminator (arXiv:1611.07004, section 3.2.2): a logit for each patch of a picture beside its condition."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.layers import SLOPE


class PatchDiscriminator(nn.Module):
    """Images [N, C, H, W] and a condition [N, D, h, w] -> logits [N, K], one for each patch, larger = more real.

    The condition is brought to the size of the images (each of its pixels repeated) and lies beside them as further
    channels, as in pix2pix (section 3.1, eq. 1). 4x4 convolutions halve the size ``n_halvings`` times, with ``width``
    channels at first and twice as many each time, then a 3x3 convolution and the logit: with 2 halvings a patch is 26 pixels
    wide, with 3 it is 54. No normalisation: the paper's, of batches, mixes samples, and no penalty on a slope goes with it.

    With ``n_labels`` there are so many logits more for each patch, which ``by_label`` weighs. With ``every_pixel`` a 3x3
    convolution at full size comes first, as in ESRGAN's discriminator: one that begins with a stride of 2 hardly sees a
    pattern of single pixels.
    """

    def __init__(
        self,
        channels: int,
        condition_channels: int,
        width: int,
        n_halvings: int,
        n_labels: int = 0,
        every_pixel: bool = False,
    ) -> None:
        super().__init__()
        self.condition_channels = condition_channels
        layers: list[nn.Module] = []
        n_in = channels + condition_channels
        if every_pixel:
            layers += [nn.Conv2d(n_in, width, 3, padding=1), nn.LeakyReLU(SLOPE)]
            n_in = width
        for halving in range(n_halvings):
            n_out = width * 2**halving
            layers += [nn.Conv2d(n_in, n_out, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
            n_in = n_out
        layers += [nn.Conv2d(n_in, n_in, 3, padding=1), nn.LeakyReLU(SLOPE)]
        layers += [nn.Conv2d(n_in, 1 + n_labels, 3, padding=1)]
        self.layers = nn.Sequential(*layers)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, SLOPE)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def by_label(self, images: Tensor, labels: Tensor) -> Tensor:
        """Images [N, C, H, W] and labels [N, n_labels] -> logits [N, K]: l_0 + sum_c labels_c l_c for each patch.

        Projection (arXiv:1802.05637, eq. 3) of each patch: the l_c are <v_c, h> of its features h.
        """
        logits = self.layers(images)
        return (logits[:, 0] + torch.einsum("nc,nchw->nhw", labels, logits[:, 1:])).flatten(1)

    def forward(self, images: Tensor, condition: Tensor | None) -> Tensor:
        pictures = required_picture(condition, self.condition_channels, "discriminator")
        if pictures.shape[2:] != images.shape[2:]:
            pictures = functional.interpolate(pictures, images.shape[2:], mode="nearest")
        return self.layers(torch.cat((images, pictures), 1)).flatten(1)


def required_picture(condition: Tensor | None, channels: int, network: str) -> Tensor:
    """The condition [N, channels, h, w]; ConfigError where there is none or one of another form."""
    if condition is None or condition.ndim != 4 or condition.shape[1] != channels:
        found = "none" if condition is None else list(condition.shape)
        raise ConfigError(
            f"This {network} takes a picture [N, {channels}, H, W] as its condition; found {found}."
        )
    return condition
