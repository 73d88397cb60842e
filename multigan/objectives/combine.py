"""Objectives made of others: sums, weights, and penalties as objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from multigan.game import Players
from multigan.objectives import Objective, Outcome
from multigan.penalties import Regulariser
from multigan.protocols import Batch


class _Regularise:
    """See ``regularise``."""

    def __init__(self, regulariser: Regulariser, weight: float) -> None:
        self._regulariser, self._weight = regulariser, weight

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        penalty = self._regulariser.penalty(players, batch)
        return Outcome(self._weight * penalty, {self._regulariser.name: penalty.detach()})

    def state_dict(self) -> dict[str, Tensor]:
        state = self._regulariser.state
        return {} if state is None else state.state_dict()

    def load_state_dict(self, held: Mapping[str, Tensor]) -> None:
        state = self._regulariser.state
        if state is not None:
            state.load_state_dict(held)


def regularise(regulariser: Regulariser, weight: float) -> _Regularise:
    """``weight`` times the penalty, without autocast; the signal is the penalty, by the regulariser's name.

    The objective has ``state_dict`` and ``load_state_dict``: the regulariser's (empty where it has no state).
    """
    return _Regularise(regulariser, weight)


class _Together:
    """See ``together``."""

    def __init__(self, parts: Sequence[Objective]) -> None:
        self._parts = parts

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        whole = self._parts[0](players, batch)
        for part in self._parts[1:]:
            more = part(players, batch)
            whole = Outcome(whole.loss + more.loss, whole.signals | more.signals)
        return whole

    def _stateful(self) -> dict[str, Any]:
        return {str(place): part for place, part in enumerate(self._parts) if hasattr(part, "state_dict")}

    def state_dict(self) -> dict[str, Any]:
        return {place: part.state_dict() for place, part in self._stateful().items()}

    def load_state_dict(self, held: Mapping[str, Any]) -> None:
        for place, part in self._stateful().items():
            part.load_state_dict(held[place])


def together(first: Objective, *others: Objective) -> Objective:
    """Objectives of the same network in one loss, their sum: WGAN-GP has its penalty so (arXiv:1704.00028, eq. 3)."""
    return _Together((first, *others)) if others else first


def weighed(objective: Objective, weight: float) -> Objective:
    """An objective without state whose loss counts ``weight`` times."""

    def weighing(players: Players, batch: Batch) -> Outcome:
        outcome = objective(players, batch)
        return Outcome(weight * outcome.loss, outcome.signals)

    return weighing
