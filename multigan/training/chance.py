"""Random numbers of training as a function of where they are drawn: a run needs no random state to go on."""

from __future__ import annotations

import random
import zlib

import numpy as np
import torch


def seed_all(*where: int | str) -> None:
    """Seed every global random generator (torch on each device, numpy, Python) by a place: (seed, step, update, part)."""
    numbers = [zlib.crc32(item.encode()) if isinstance(item, str) else item for item in where]
    first, second, third = np.random.SeedSequence(numbers).generate_state(3, np.uint32).tolist()
    torch.manual_seed(first << 32 | second)
    np.random.seed(third)
    random.seed(first)
