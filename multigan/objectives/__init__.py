"""How a network gets its gradient.

An objective maps (players, batch) to an ``Outcome``: one loss per sample, to be minimised, and signals to log.
It draws from torch's global random state, leaves train or eval mode as it finds it, and never steps, averages
or freezes: the trainer freezes the other network, takes the mean and calls backward.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from multigan.game import Players
from multigan.protocols import Batch


@dataclass(frozen=True)
class Outcome:
    """Loss [N], carrying gradient, and detached signals, each [N], such as ``real_logits``."""

    loss: Tensor
    signals: dict[str, Tensor]


Objective = Callable[[Players, Batch], Outcome]
