"""The augmentation pipeline of adaptive discriminator augmentation (arXiv:2006.06676, appendices B and C).

Each transform is applied to each sample with probability ``p``. All blits and geometric transforms of a
sample are one affine matrix, executed once; all its colour transforms are one colour matrix. Differences from
the paper, which leave the transforms and their strengths as they are:

- Samples whose matrix only moves whole pixels (flips, quarter turns, integer translations) are copied pixel
  by pixel; the paper sends them through its filter too. Samples without a change are not touched.
- The picture is continued by reflection about its outer edge, in the coordinates; the paper pads, by
  reflection about the centres of the outermost pixels.
- The positions of the supersampled picture account for the delay of the (not quite symmetric) sym6 filter, so
  that rotations and flips turn about the picture's centre.
- The filters are dense matrices with the reflection folded in: at 32 and 64 pixels several times faster on a
  CPU than convolutions of one channel. Their cost grows with the cube of the image's side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.registry import unknown_name

# The low-pass filter of the sym6 wavelet: sum sqrt(2), orthonormal to its even shifts, six vanishing moments.
SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
_CENTRE = sum(k * tap for k, tap in enumerate(SYM6)) / sum(SYM6)
"""Where the filter puts a pixel on the supersampled axis: pixel k is centred at 2k + _CENTRE (5.098)."""
_FIRST = math.floor(_CENTRE - 1)
"""The first supersampled position that a point inside the picture can read."""

GROUPS: dict[str, tuple[str, ...]] = {
    "blit": ("flip", "rotate90", "integer_translation"),
    "geometry": ("isotropic_scaling", "rotation", "anisotropic_scaling", "fractional_translation"),
    "colour": ("brightness", "contrast", "luma_flip", "hue_rotation", "saturation"),
}
"""The paper's groups ("bgc" together) and the transforms in each; both may be named as kinds."""


class _Sample(torch.autograd.Function):
    """``grid_sample`` of images [N, C, H, W] at a constant grid [N, h, w, 2], differentiable at any order.

    Until lately torch did not differentiate grid_sample twice (pytorch/pytorch#34704). Sampling at a constant
    grid is linear in the images: its gradient is the adjoint, and the adjoint's gradient the sampling itself.
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor, mode: str) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(grid)
        ctx.mode, ctx.shape = mode, images.shape
        return functional.grid_sample(images, grid, mode, padding_mode="border", align_corners=False)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:  # type: ignore[override]
        (grid,) = ctx.saved_tensors
        return _Adjoint.apply(gradient, grid, ctx.mode, ctx.shape), None, None


class _Adjoint(torch.autograd.Function):
    """The transpose of ``_Sample`` onto images of ``shape``."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor, mode: str, shape: torch.Size) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(grid)
        ctx.mode = mode
        images = gradient.new_zeros(1).expand(shape)  # only its shape matters to the gradient of the images
        interpolation, border = ("bilinear", "nearest").index(mode), 1
        return torch.ops.aten.grid_sampler_2d_backward(
            gradient, images, grid, interpolation, border, False, (True, False)
        )[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:  # type: ignore[override]
        (grid,) = ctx.saved_tensors
        return _Sample.apply(gradient, grid, ctx.mode), None, None, None


@dataclass(frozen=True)
class _Axis:
    """What resampling along an axis of ``length`` pixels needs; positions are in pixels from the centre."""

    upsample: Tensor  # [2 length + 2, length]
    downsample: Tensor  # [length, 2 length + 10]
    pixels: Tensor  # [length]: positions of the pixels
    subpixels: Tensor  # [2 length + 10]: positions of the supersampled points that downsampling reads


@lru_cache(maxsize=16)
def _axis(length: int, device: torch.device, dtype: torch.dtype) -> _Axis:
    taps = len(SYM6)
    upsample = torch.zeros(2 * length + 2, length, dtype=torch.float64)
    downsample = torch.zeros(length, 2 * length + taps - 2, dtype=torch.float64)
    for row in range(len(upsample)):
        for tap, value in enumerate(SYM6):
            pixel, odd = divmod(row + _FIRST - tap, 2)
            if not odd:
                pixel %= 2 * length
                upsample[row, min(pixel, 2 * length - 1 - pixel)] += value * math.sqrt(2)
    for pixel in range(length):
        downsample[pixel, 2 * pixel : 2 * pixel + taps] = torch.tensor(SYM6, dtype=torch.float64) / math.sqrt(
            2
        )
    pixels = torch.arange(length, dtype=torch.float64) - (length - 1) / 2
    subpixels = (torch.arange(2 * length + taps - 2, dtype=torch.float64) - _CENTRE) / 2 - (length - 1) / 2
    # otherwise, made first in inference mode, they would be tensors that a training step may not save
    with torch.inference_mode(False):
        return _Axis(*(t.clone().to(device, dtype) for t in (upsample, downsample, pixels, subpixels)))


def _reflected(inverse: Tensor, x: Tensor, y: Tensor, size: tuple[int, int]) -> list[Tensor]:
    """Where points (x, y), in pixels from the centre, are read, after reflection about the picture's edges.

    inverse [N, 3, 3], x [w], y [h] -> two tensors [N, h, w] in [0, 1/2]: the distance from the left (top)
    edge in units of twice the width (height), the period of the reflection, which is a triangle wave.
    """
    places = []
    for axis, length in enumerate((size[1], size[0])):
        along_x, along_y, shift = (inverse[:, axis] / (2 * length)).unbind(1)
        place = (along_x[:, None] * x)[:, None, :] + (along_y[:, None] * y + shift[:, None] + 0.25)[
            :, :, None
        ]
        places.append(place.sub_(place.round()).abs_())
    return places


def _move_pixels(images: Tensor, inverse: Tensor) -> Tensor:
    """``warp`` for matrices that map pixel centres onto pixel centres: exact copies of pixels."""
    height, width = images.shape[-2:]
    x, y = (_axis(length, images.device, images.dtype).pixels for length in (width, height))
    with torch.no_grad():
        places = _reflected(inverse, x, y, (height, width))
        grid = torch.stack(places, 1).mul_(4).sub_(1).permute(0, 2, 3, 1)
    return _Sample.apply(images, grid, "nearest")  # type: ignore[no-any-return]


def _supersampled_warp(images: Tensor, inverse: Tensor) -> Tensor:
    """``warp`` for any matrix: up by two with sym6, bilinear sampling, down by two with its adjoint."""
    height, width = images.shape[-2:]
    columns, rows = (_axis(length, images.device, images.dtype) for length in (width, height))
    with torch.no_grad():
        places = _reflected(inverse, columns.subpixels, rows.subpixels, (height, width))
        for place, length in zip(places, (width, height), strict=True):
            # pixel 2 L place - 1/2 is at 4 L place - 1 + _CENTRE; the supersampled array begins at _FIRST
            position = place.mul_(4 * length).add_(_CENTRE - 1 - _FIRST)
            position.mul_(2).add_(1).div_(2 * length + 2).sub_(1)
        grid = torch.stack(places, 1).permute(0, 2, 3, 1)
    fine = _Sample.apply(rows.upsample @ images @ columns.upsample.T, grid, "bilinear")
    return rows.downsample @ fine @ columns.downsample.T  # type: ignore[no-any-return]


def warp(images: Tensor, inverse: Tensor) -> Tensor:
    """Affine transforms of images, executed once: out(x) = in(inverse x), x in pixels from the centre.

    images [N, C, H, W], inverse [N, 3, 3] homogeneous (arXiv:2006.06676, appendix B). Beyond its edges the
    picture is reflected. Differentiable at any order in the images; no gradient flows to ``inverse``.
    """
    identity = torch.eye(3, device=inverse.device, dtype=inverse.dtype)
    changed = (inverse != identity).flatten(1).any(1)
    between = (inverse != inverse.round()).flatten(1).any(1)
    steps: tuple[tuple[Tensor, Callable[[Tensor, Tensor], Tensor]], ...] = (
        (changed & ~between, _move_pixels),
        (between, _supersampled_warp),
    )
    for chosen, transform in steps:
        index = chosen.nonzero().flatten()
        if len(index) == len(images):
            return transform(images, inverse)
        if len(index):
            images = images.index_copy(0, index, transform(images[index], inverse[index]))
    return images


def scale(x: Tensor, y: Tensor) -> Tensor:
    """Scaling by x and y about the centre: [N], [N] -> [N, 3, 3]."""
    return torch.stack((x, y, torch.ones_like(x)), 1).diag_embed()


def rotate(angle: Tensor) -> Tensor:
    """Rotation by ``angle`` radians from the x towards the y axis: [N] -> [N, 3, 3]."""
    cosine, sine, zero = torch.cos(angle), torch.sin(angle), torch.zeros_like(angle)
    return torch.stack((cosine, -sine, zero, sine, cosine, zero, zero, zero, zero + 1), 1).view(-1, 3, 3)


def translate(x: Tensor, y: Tensor) -> Tensor:
    """Translation by x and y pixels: [N], [N] -> [N, 3, 3]."""
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    return torch.stack((one, zero, x, zero, one, y, zero, zero, one), 1).view(-1, 3, 3)


def recolour(
    images: Tensor, brightness: Tensor, contrast: Tensor, luma: Tensor, hue: Tensor, saturation: Tensor
) -> Tensor:
    """The paper's colour transforms, in its order, as one matrix: [N, 3, H, W] and five [N] -> [N, 3, H, W].

    ``brightness`` is added, ``contrast`` multiplies, ``luma`` -1 mirrors the luma axis (1, 1, 1), ``hue``
    turns about it (radians), ``saturation`` multiplies what is across it (arXiv:2006.06676, appendix B). With
    L the projection on the luma axis, P = I - L, and K the cross product with its unit vector, the product of
    the five homogeneous 4x4 matrices is

        contrast [luma L + saturation (cos(hue) P + sin(hue) K)]    and    brightness contrast luma (1, 1, 1)

    as linear part and translation, because all but brightness commute.
    """
    identity = torch.eye(3, device=images.device, dtype=images.dtype)
    projection = torch.full_like(identity, 1 / 3)
    cross = (identity.roll(1, 0) - identity.roll(1, 1)) / math.sqrt(3)
    along, across, turned = (
        factor[:, None, None]
        for factor in (luma - 1, saturation * torch.cos(hue) - 1, saturation * torch.sin(hue))
    )
    # written as changes from the identity, so that a sample without a change keeps its bits
    matrix = identity + along * projection + across * (identity - projection) + turned * cross
    offset = (brightness * contrast * luma)[:, None, None].expand(-1, 3, 1)
    return torch.baddbmm(offset, contrast[:, None, None] * matrix, images.flatten(2)).view(images.shape)


@dataclass(frozen=True)
class _Draw:
    """Random parameters [N], each kept with a probability and otherwise replaced by its neutral value."""

    n: int
    options: dict[str, Any]

    def uniform(self) -> Tensor:
        return torch.rand(self.n, **self.options)

    def normal(self, deviation: float) -> Tensor:
        return torch.randn(self.n, **self.options) * deviation

    def kept(self, values: Tensor, neutral: float, probability: float) -> Tensor:
        """values [..., N]: those of a sample are kept or replaced together."""
        return torch.where(self.uniform() < probability, values, neutral)


def _random_inverse(draw: _Draw, kinds: frozenset[str], p: float, size: tuple[int, int]) -> Tensor:
    """Inverse matrices [N, 3, 3] of random blits and geometric transforms, in the paper's order."""
    height, width = size
    inverse = torch.eye(3, **draw.options).expand(draw.n, 3, 3)
    if "flip" in kinds:
        sign = draw.kept((draw.uniform() - 0.5).sign(), 1, p)
        inverse = inverse @ scale(sign, torch.ones_like(sign))
    if "rotate90" in kinds:
        turns = draw.kept((draw.uniform() * 4).floor(), 0, p)
        inverse = inverse @ rotate(turns * (math.pi / 2)).round()
    if "integer_translation" in kinds:
        x, y = draw.kept(torch.stack((draw.uniform(), draw.uniform())) * 0.25 - 0.125, 0, p)
        inverse = inverse @ translate((x * width).round(), (y * height).round())
    if "isotropic_scaling" in kinds:
        factor = draw.kept(torch.exp2(draw.normal(0.2)), 1, p)
        inverse = inverse @ scale(1 / factor, 1 / factor)
    # two rotations, before and after the anisotropic scaling: at least one of them happens with probability p
    p_rotation = 1 - math.sqrt(1 - p)
    if "rotation" in kinds:
        inverse = inverse @ rotate(draw.kept((draw.uniform() * 2 - 1) * math.pi, 0, p_rotation))
    if "anisotropic_scaling" in kinds:
        factor = draw.kept(torch.exp2(draw.normal(0.2)), 1, p)
        inverse = inverse @ scale(1 / factor, factor)
    if "rotation" in kinds:
        inverse = inverse @ rotate(draw.kept((draw.uniform() * 2 - 1) * math.pi, 0, p_rotation))
    if "fractional_translation" in kinds:
        x, y = draw.kept(torch.stack((draw.normal(0.125), draw.normal(0.125))), 0, p)
        inverse = inverse @ translate(x * width, y * height)
    return inverse


def _randomly_recoloured(images: Tensor, draw: _Draw, kinds: frozenset[str], p: float) -> Tensor:
    neutral = torch.ones(draw.n, **draw.options)
    brightness = draw.kept(draw.normal(0.2), 0, p) if "brightness" in kinds else neutral - 1
    contrast = draw.kept(torch.exp2(draw.normal(0.5)), 1, p) if "contrast" in kinds else neutral
    luma = draw.kept((draw.uniform() - 0.5).sign(), 1, p) if "luma_flip" in kinds else neutral
    hue = draw.kept((draw.uniform() * 2 - 1) * math.pi, 0, p) if "hue_rotation" in kinds else neutral - 1
    saturation = draw.kept(torch.exp2(draw.normal(1.0)), 1, p) if "saturation" in kinds else neutral
    return recolour(images, brightness, contrast, luma, hue, saturation)


class AdaptiveAugment(nn.Module):
    """Random augmentation of everything that the discriminator sees, each transform with probability ``p``.

    ``p`` is a buffer, 0 at the start, which ``multigan.training.hooks.ada.AdaptiveProbability`` moves; at
    0 the input itself comes back. ``kinds`` are groups ("blit", "geometry", "colour") or single transforms
    (see ``GROUPS``); the default is the paper's "bgc". Its flips and quarter turns may leak into generated
    images once ``p`` exceeds about 0.8 (section 2.2); where an orientation must hold, name the other kinds.
    Colour kinds need RGB.

    Random numbers come from torch's global generator of the images' device.
    """

    p: Tensor

    def __init__(self, kinds: tuple[str, ...] = ("blit", "geometry", "colour")) -> None:
        super().__init__()
        allowed = [*GROUPS, *(kind for group in GROUPS.values() for kind in group)]
        for kind in kinds:
            if kind not in allowed:
                raise ConfigError(unknown_name("kind of augmentation", kind, allowed))
        self.kinds = frozenset(single for kind in kinds for single in GROUPS.get(kind, (kind,)))
        self.register_buffer("p", torch.zeros(()))

    def forward(self, images: Tensor) -> Tensor:
        """Images [N, C, H, W] in [-1, 1] -> augmented images, same shape, which may leave that range."""
        colours = self.kinds & set(GROUPS["colour"])
        if colours and images.shape[1] != 3:
            raise ConfigError(
                f"The augmentations {', '.join(sorted(colours))} need images of 3 channels (RGB), found "
                f"{images.shape[1]}; name only kinds of the groups 'blit' and 'geometry' for these images "
                "(training.augmentation.kinds)."
            )
        p = float(self.p)
        if p == 0:
            return images
        with torch.autocast(images.device.type, enabled=False):
            images = images.to(torch.promote_types(images.dtype, torch.float32))
            draw = _Draw(len(images), {"device": images.device, "dtype": images.dtype})
            if self.kinds - colours:
                height, width = images.shape[-2:]
                images = warp(images, _random_inverse(draw, self.kinds, p, (height, width)))
            return _randomly_recoloured(images, draw, self.kinds, p) if colours else images
