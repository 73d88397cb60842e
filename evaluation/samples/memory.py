"""What data in memory have in common, whatever their kind: batches, names, and one sentence for what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from torch import Tensor

from multigan.errors import DataError

_SPLIT = 64


def batches_of(data: Any, allowed: str) -> Iterator[Any]:
    """A tensor in parts, an array whole, or what an iterable holds; DataError, with what is allowed, for all else."""
    if isinstance(data, Tensor):
        yield from data.split(_SPLIT)
    elif isinstance(data, np.ndarray):
        yield data
    elif isinstance(data, Iterable) and not isinstance(data, (str, bytes)):
        yield from data
    else:
        raise DataError(unfit(data, allowed))


def unfit(data: Any, allowed: str) -> str:
    """One sentence: what the data are, and what is allowed."""
    what = type(data).__name__
    if isinstance(data, (np.ndarray, Tensor)):
        what = f"{what} {str(data.dtype).removeprefix('torch.')} {list(data.shape)}"
    return f"A {what} cannot be used: {allowed}."
