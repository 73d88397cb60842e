"""A picture of any size through a convolutional network, tile by tile, as if it went through whole."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


@torch.no_grad()
def by_tiles(
    enlarge: Callable[[Tensor], Tensor], picture: Tensor, scale: int, reach: int, tile: int
) -> Tensor:
    """``enlarge`` of a picture [1, C, H, W] -> [1, C, H scale, W scale], in tiles of ``tile`` pixels a side.

    Each tile is seen with ``reach`` pixels of the picture around it, which are cut off what comes out. Where no place of
    the output hangs on more than that many pixels around it, tiles are what the whole picture would give, but for rounding:
    there is no seam to hide. At the picture's own edges a tile ends where the picture does.
    """
    _, channels, height, width = picture.shape
    whole = picture.new_empty(1, channels, height * scale, width * scale)
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            bottom, right = min(top + tile, height), min(left + tile, width)
            y, x = max(top - reach, 0), max(left - reach, 0)
            seen = picture[:, :, y : min(bottom + reach, height), x : min(right + reach, width)]
            made = enlarge(seen)
            whole[:, :, top * scale : bottom * scale, left * scale : right * scale] = made[
                :, :, (top - y) * scale : (bottom - y) * scale, (left - x) * scale : (right - x) * scale
            ]
    return whole
