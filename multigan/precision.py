"""Numbers of few bits: where they are quick, and where more are wanted."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Precision = Literal["auto", "float32", "bfloat16"]

_QUICK_ON_CPU = ("avx512_bf16", "amx_bf16")
"""Units of a processor that compute in bfloat16. Without them PyTorch's convolutions fall back to loops that take tens of
times as long as float32."""


def choose_precision(name: Precision, device: torch.device) -> Literal["float32", "bfloat16"]:
    """``name``, and for "auto" bfloat16 where ``device`` has units that compute in it, else float32."""
    if name != "auto":
        return name
    if device.type == "cuda":
        quick = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        units = getattr(torch.cpu, "get_capabilities", dict)()  # older versions of torch do not tell
        quick = any(units.get(unit, False) for unit in _QUICK_ON_CPU)
    else:
        quick = False
    return "bfloat16" if quick else "float32"


def full_precision(values: Tensor) -> Tensor:
    """bfloat16 and float16 as float32; anything else (float32, float64, tokens) as it is."""
    return values.float() if values.dtype in (torch.bfloat16, torch.float16) else values
