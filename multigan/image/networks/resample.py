"""The [1, 3, 3, 1] resampling filter of StyleGAN2 and the Haar wavelet, each its own exact adjoint."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

_TAPS = (0.125, 0.375, 0.375, 0.125)


def _kernel(like: Tensor, gain: float) -> Tensor:
    return _taps(gain, like.dtype, like.device).expand(like.shape[1], 1, 4, 4)


@lru_cache(maxsize=64)
def _taps(gain: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    taps = torch.tensor(_TAPS, dtype=dtype, device=device)
    return taps[:, None] * taps[None, :] * gain


class _Filter(torch.autograd.Function):
    """Depthwise convolution with the filter; its gradient is the adjoint filter, at any order.

    The gradient that autograd itself derives for a grouped convolution's gradient loops over groups.
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, stride: int, padding: int, gain: float) -> Tensor:  # type: ignore[override]
        ctx.arguments = (stride, padding, gain, images.shape[-2:])
        kernel = _kernel(images, gain)
        return functional.conv2d(images, kernel, stride=stride, padding=padding, groups=len(kernel))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:  # type: ignore[override]
        return _Adjoint.apply(gradient, *ctx.arguments), None, None, None


class _Adjoint(torch.autograd.Function):
    """The transpose of ``_Filter`` onto images of ``size``."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, images: Tensor, stride: int, padding: int, gain: float, size: Any
    ) -> Tensor:
        ctx.arguments = (stride, padding, gain)
        if stride == 1:  # the filter is symmetric: its transpose is itself with the complementary padding
            kernel = _kernel(images, gain)
            return functional.conv2d(images, kernel, padding=3 - padding, groups=len(kernel))
        return _double(images, gain)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:  # type: ignore[override]
        return _Filter.apply(gradient, *ctx.arguments), None, None, None, None


def _double(images: Tensor, gain: float) -> Tensor:
    """[N, C, H, W] -> [N, C, 2H, 2W]: the stride-2 transpose, each axis by its two phases (two taps each)."""
    gain = gain**0.5
    images = images.permute(0, 2, 3, 1)  # interleaving then copies runs of channels and keeps channels_last
    for axis, pad in ((1, (0, 0, 0, 0, 1, 1)), (2, (0, 0, 1, 1))):
        length = images.shape[axis]
        padded = functional.pad(images, pad)
        centre = images * (_TAPS[1] * gain)
        even = centre.add(padded.narrow(axis, 0, length), alpha=_TAPS[0] * gain)
        odd = centre.add(padded.narrow(axis, 2, length), alpha=_TAPS[0] * gain)
        images = torch.stack((even, odd), axis + 1).flatten(axis, axis + 1)
    return images.permute(0, 3, 1, 2)


def upsample(images: Tensor) -> Tensor:
    """Twice the size, [N, C, H, W] -> [N, C, 2H, 2W] (arXiv:1912.04958, section 3 and its code's filter)."""
    height, width = images.shape[-2:]
    return _Adjoint.apply(images, 2, 1, 4.0, (2 * height, 2 * width))  # type: ignore[no-any-return]


def downsample(images: Tensor) -> Tensor:
    """Half the size, [N, C, H, W] -> [N, C, H/2, W/2]."""
    return _Filter.apply(images, 2, 1, 1.0)  # type: ignore[no-any-return]


def smooth(images: Tensor, padding: int, gain: float = 1.0) -> Tensor:
    """Filter at the same rate: [N, C, H, W] -> [N, C, H + 2 padding - 3, W + 2 padding - 3]."""
    return _Filter.apply(images, 1, padding, gain)  # type: ignore[no-any-return]


def haar(images: Tensor) -> Tensor:
    """Orthonormal Haar bands mean, horizontal, vertical, diagonal: [N, C, H, W] -> [N, 4C, H/2, W/2]."""
    top, bottom = images[..., 0::2, :], images[..., 1::2, :]
    a, b, c, d = top[..., 0::2], top[..., 1::2], bottom[..., 0::2], bottom[..., 1::2]
    return torch.cat((a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d), 1) * 0.5


def inverse_haar(bands: Tensor, detail_gain: float = 1.0) -> Tensor:
    """The inverse (and adjoint) of ``haar``, detail bands scaled first: [N, 4C, H, W] -> [N, C, 2H, 2W]."""
    mean, details = (bands * 0.5).split((bands.shape[1] // 4, bands.shape[1] // 4 * 3), 1)
    across, down, diagonal = (details * detail_gain if detail_gain != 1 else details).chunk(3, 1)
    upper, lower, tilt = mean + down, mean - down, across + diagonal
    top = torch.stack((upper + tilt, upper - tilt), -1).flatten(-2)
    tilt = across - diagonal
    bottom = torch.stack((lower + tilt, lower - tilt), -1).flatten(-2)
    return torch.stack((top, bottom), -2).flatten(-3, -2)
