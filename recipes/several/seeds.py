"""Figures of several seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

_SHARES = ("precision", "recall", "coverage", "emotion accuracy", "copies")
_LIMITS = {
    **dict.fromkeys(_SHARES, (0.0, 1.0)),
    **dict.fromkeys(("FD", "FAD"), (0.0, math.inf)),
    "intensity correlation": (-1.0, 1.0),
}
"""Between which numbers a mean of a figure lies."""


def over_seeds(values: Sequence[float], name: str = "") -> tuple[float, float, float]:
    """Mean and its 95% interval by Student's t; infinite of one value.

    With two or three seeds that interval may leave what a figure by its name can be, such as a share above 1. It is cut
    there: the mean to be estimated lies within those limits, so that the cut interval holds it as often as the whole one.
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, -math.inf, math.inf
    reach = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values)))
    lowest, highest = _LIMITS.get(name.partition("[")[0], (-math.inf, math.inf))
    return mean, max(mean - reach, lowest), min(mean + reach, highest)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
