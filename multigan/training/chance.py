"""Random numbers of training as a function of where they are drawn: a run needs no random state to go on."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import torch


@cache
def _seed_torch() -> Callable[[int], object]:
    # without any other device torch.manual_seed writes down where it was called from, for a device that may come later
    return torch.manual_seed if torch.accelerator.is_available() else torch.default_generator.manual_seed


def seed_all(*where: int | str) -> None:
    """Seed every global random generator (torch on each device, numpy, Python) by a place: (seed, step, update, part)."""
    numbers = [zlib.crc32(item.encode()) if isinstance(item, str) else item for item in where]
    first, second, third = np.random.SeedSequence(numbers).generate_state(3, np.uint32).tolist()
    _seed_torch()(first << 32 | second)
    np.random.seed(third)
    random.seed(first)
