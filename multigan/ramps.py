"""A setting that may move with the samples seen: a learning rate, a half-life, a weight, a probability."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from multigan.config import settings


@settings
class Ramp:
    """From ``start`` to ``end`` while samples are seen, and ``end`` from there on.

    With t the samples seen after the first ``after``, over ``over`` of them: linear is start + (end - start) t, cosine
    end + (start - end) (1 + cos(pi t)) / 2 (arXiv:1608.03983, eq. 5, without restarts), t in [0, 1].
    """

    shape: Literal["linear", "cosine"] = "linear"
    start: float
    end: float = 0.0
    after: int | float = 0
    """Samples during which the value stays at ``start``; below 1 the share of the run (or of the stages)."""
    over: int | None = None
    """Samples that the way takes; null: all that are left of the run (a learning rate's: of the stages that use it)."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.start) or not math.isfinite(self.end):
            raise ValueError(f"start and end are numbers, found {self.start} and {self.end}")
        whole = isinstance(self.after, int) or (self.after > 1 and self.after.is_integer())
        if self.after < 0 or not (self.after < 1 or whole):
            raise ValueError(
                f"after is a number of samples, or a share of the run below 1, found {self.after}"
            )
        if self.over is not None and self.over < 1:
            raise ValueError(f"over is at least 1 sample, found {self.over}")


Number = float | Ramp
"""A constant, or a value that moves."""


def value_of(number: Number, total_samples: int) -> Callable[[int], float]:
    """The value as a function of the samples seen, in a run of ``total_samples``."""
    if not isinstance(number, Ramp):
        constant = float(number)
        return lambda samples: constant
    ramp = number
    after = round(ramp.after * total_samples) if ramp.after < 1 else int(ramp.after)
    over = ramp.over or max(total_samples - after, 1)

    def value(samples: int) -> float:
        share = max((samples - after) / over, 0.0)
        if share >= 1:
            return ramp.end  # to the bit, which start + (end - start) is not
        if ramp.shape == "cosine":
            return ramp.end + (ramp.start - ramp.end) * (1 + math.cos(math.pi * share)) / 2
        return ramp.start + (ramp.end - ramp.start) * share

    return value


def ends_of(number: Number) -> tuple[float, float]:
    """The first and the last value, for checks of a range."""
    return (number.start, number.end) if isinstance(number, Ramp) else (float(number), float(number))
