"""The line drawing of a picture: black where it is darker than what lies around."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

VERSION = 1
"""Names the rule: any change of a drawing raises it."""
LUMA = (299, 587, 114)
"""Of red, green and blue in a thousand (ITU-R BT.601)."""
SIDE = 5
"""Of the square of pixels around a pixel, with which it is compared."""
DARKER = 12
"""How many 8-bit levels below the mean of that square the pixels of a line are, at least."""


def line_drawing(images: Tensor) -> Tensor:
    """Images [N, 3, H, W] in [-1, 1] -> [N, 3, H, W], -1 on the lines and 1 elsewhere.

    A pixel is on a line where its luma is at least ``DARKER`` levels under the mean of the square of ``SIDE`` pixels around
    it: an outline is drawn once, where the slope of brightness would have both of its sides. Beyond the picture its edge
    repeats. All of it is arithmetic of whole numbers, so that a picture has the same drawing on every processor.
    """
    levels = (images * 127.5 + 127.5).round().clamp(0, 255)
    weights = torch.tensor(LUMA, dtype=levels.dtype, device=levels.device)[:, None, None]
    luma = (levels * weights).sum(1, keepdim=True)
    padded = functional.pad(luma, [SIDE // 2] * 4, mode="replicate")
    # shifts and no convolution, whose kernels may round; the sums stay below 2^24, up to which float32 is exact
    height, width = luma.shape[2:]
    shifts = [padded[:, :, y : y + height, x : x + width] for y in range(SIDE) for x in range(SIDE)]
    around = sum(shifts[1:], shifts[0])
    lines = around - SIDE**2 * luma >= SIDE**2 * sum(LUMA) * DARKER
    return torch.where(lines, -1.0, 1.0).expand(-1, 3, -1, -1).contiguous()
