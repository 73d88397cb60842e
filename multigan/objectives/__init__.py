"""How a network gets its gradient.

An objective maps (players, batch) to an ``Outcome``: one loss per sample, to be minimised, and signals to log. It draws from
torch's global random state, leaves train or eval mode as it finds it, and never steps, averages or freezes: the trainer
freezes the other networks, takes the mean and calls backward.

An objective that learns from what it saw has ``settle(players, outcome)``, called once per update, after the optimiser's
step, with the outcome of all parts of the batch; one with state has ``state_dict`` and ``load_state_dict``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from multigan.game import Players
from multigan.protocols import Batch


@dataclass(frozen=True)
class Outcome:
    """Loss [N], carrying gradient, and detached signals, each [N, ...], such as ``real_logits``."""

    loss: Tensor
    signals: dict[str, Tensor]
    notes: dict[str, Tensor] = field(default_factory=dict)
    """What layers noted [n_parts, ...], by their names (``multigan.normalisation.Notes``); the trainer fills it in."""


Objective = Callable[[Players, Batch], Outcome]

Weight = float | Callable[[int], float]
"""A constant, or a function of the samples seen."""


def weight_at(weight: Weight, samples_seen: int) -> float:
    """The weight after so many real samples."""
    return weight(samples_seen) if callable(weight) else weight


def per_sample(values: Tensor) -> Tensor:
    """[N] of [N] or [N, K]: the mean over several logits of one sample."""
    return values if values.ndim == 1 else values.flatten(1).mean(1)
