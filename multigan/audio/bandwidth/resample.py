"""A waveform at a half or a quarter of its rate, and back without what was above the band."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

ZEROS = 16
"""Zero crossings of the sinc on each side, at the lower rate."""
ROLL_OFF = 0.94
"""The filter ends at this share of the band."""


@lru_cache
def low_pass(factor: int) -> Tensor:
    """[2 ZEROS factor + 1]: a sinc in a Hann window, of sum 1, that passes ``ROLL_OFF`` of the band of the lower rate."""
    half = ZEROS * factor
    place = torch.arange(-half, half + 1, dtype=torch.float64)
    kernel = torch.sinc(place * ROLL_OFF / factor) * torch.hann_window(
        2 * half + 1, False, dtype=torch.float64
    )
    return (kernel / kernel.sum()).float()


def narrowed(samples: Tensor, factor: int) -> Tensor:
    """[N, 1, T] -> [N, 1, T / factor] at the lower rate, rounded to 16 bits as a file of it is."""
    kernel = low_pass(factor).to(samples)[None, None]
    low = functional.conv1d(samples, kernel, stride=factor, padding=ZEROS * factor)
    low = low[..., : samples.shape[-1] // factor]
    return (low * 2**15).round().clamp(-(2**15), 2**15 - 1) / 2**15


def widened(low: Tensor, factor: int) -> Tensor:
    """[N, 1, t] -> [N, 1, t factor] at the higher rate, with nothing above the band of the lower one."""
    kernel = factor * low_pass(factor).to(low)[None, None]
    return functional.conv_transpose1d(
        low, kernel, stride=factor, padding=ZEROS * factor, output_padding=factor - 1
    )
