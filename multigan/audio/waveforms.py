"""Generated samples as waveforms."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from multigan.reading.audio import pcm16


def waveforms(samples: Tensor) -> np.ndarray:
    """[N, 1, T] in [-1, 1] -> float32 [N, T], rounded as a 16-bit file holds them."""
    parts = [part[:, 0].detach().float().cpu().numpy() for part in samples.split(64)]
    return np.concatenate([pcm16(part).astype(np.float32) / 2**15 for part in parts])
