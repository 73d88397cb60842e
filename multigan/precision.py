"""Numbers of few bits, where more are wanted."""

from __future__ import annotations

import torch
from torch import Tensor


def full_precision(values: Tensor) -> Tensor:
    """bfloat16 and float16 as float32; anything else (float32, float64, tokens) as it is."""
    return values.float() if values.dtype in (torch.bfloat16, torch.float16) else values
