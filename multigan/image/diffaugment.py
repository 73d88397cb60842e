"""Differentiable augmentation with a fixed policy (DiffAugment, arXiv:2006.10738)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from multigan.transforms import Transforms


def colour(images: Tensor) -> Tensor:
    """Random brightness, saturation and contrast, in this order, one draw a sample: [N, C, H, W] -> the same.

    brightness: x + b, b ~ U(-0.5, 0.5); saturation: m + (x - m) s, s ~ U(0, 2), m the mean over the channels
    of a pixel; contrast: m + (x - m) c, c ~ U(0.5, 1.5), m the mean of the image (arXiv:2006.10738).
    """
    brightness, saturation, contrast = torch.rand(
        3, len(images), 1, 1, 1, device=images.device, dtype=images.dtype
    )
    images = images + (brightness - 0.5)
    images = torch.lerp(images.mean(1, keepdim=True), images, saturation * 2)
    return torch.lerp(images.mean((1, 2, 3), keepdim=True), images, contrast + 0.5)


def translation(images: Tensor) -> Tensor:
    """Shift by whole pixels, uniform within 1/8 of each side; zeros come in: [N, C, H, W] -> the same."""
    n, channels, height, width = images.shape
    places, inside = [], []
    for length in (height, width):
        limit = (length + 4) // 8
        shift = torch.randint(-limit, limit + 1, (n, 1), device=images.device)
        place = torch.arange(length, device=images.device) + shift
        places.append(place.clamp(0, length - 1))
        inside.append(place == places[-1])
    source = (places[0][:, :, None] * width + places[1][:, None, :]).view(n, 1, -1)
    mask = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return images.flatten(2).gather(2, source.expand(-1, channels, -1)).view_as(images) * mask


def cutout(images: Tensor) -> Tensor:
    """Zero a rectangle of half of each side, its centre uniform over the image: [N, C, H, W] -> the same."""
    cut = []
    for length in images.shape[-2:]:
        size = (length + 1) // 2
        start = torch.randint(0, length + 1 - size % 2, (len(images), 1), device=images.device) - size // 2
        place = torch.arange(length, device=images.device)
        cut.append((place >= start) & (place < start + size))
    return images * ~(cut[0][:, None, :, None] & cut[1][:, None, None, :])


def flip(images: Tensor) -> Tensor:
    """Mirror a sample or not, evenly: [N, C, H, W] -> the same."""
    mirrored = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
    return torch.where(mirrored, images.flip(-1), images)


_TRANSFORMS = {"colour": colour, "translation": translation, "cutout": cutout}


class FlipAndShift(nn.Module):
    """The transform of consistency regularisation: mirror or not, and shift by a few pixels (arXiv:1910.12027)."""

    def forward(self, images: Tensor) -> Tensor:
        return translation(flip(images))


class DiffAugment(Transforms):
    """Augment everything that the discriminator sees, always and with the paper's fixed strengths.

    ``kinds`` are among "colour", "translation" and "cutout" and are applied in this order. Gradients flow
    through, at any order; random numbers come from torch's global generator of the images' device. Images [N, C, H, W] in
    [-1, 1] may leave that range.
    """

    def __init__(self, kinds: tuple[str, ...] = tuple(_TRANSFORMS)) -> None:
        super().__init__(_TRANSFORMS, kinds)
