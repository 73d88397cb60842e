"""Objectives made of others: sums, weights, and penalties as objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from multigan.game import Players
from multigan.objectives import Objective, Outcome, Weight, weight_at
from multigan.penalties import Penalty
from multigan.protocols import Batch


class _Penalise:
    """See ``penalise``."""

    def __init__(self, penalty: Penalty, weight: Weight) -> None:
        self._penalty, self._weight = penalty, weight

    def __call__(self, players: Players, batch: Batch) -> Outcome:
        values, signals = self._penalty(players, batch)
        weight = weight_at(self._weight, players.samples_seen)
        return Outcome(weight * values, {self._penalty.name: values.detach(), **signals})

    def settle(self, players: Players, outcome: Outcome) -> None:
        if hasattr(self._penalty, "settle"):
            self._penalty.settle(outcome.signals)  # type: ignore[attr-defined]

    def state_dict(self) -> dict[str, Any]:
        return self._penalty.state_dict() if hasattr(self._penalty, "state_dict") else {}  # type: ignore[attr-defined]

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        if hasattr(self._penalty, "load_state_dict"):
            self._penalty.load_state_dict(state)  # type: ignore[attr-defined]


def penalise(penalty: Penalty, weight: Weight) -> _Penalise:
    """``weight`` times the penalty, without autocast; the signal is the penalty, by its name.

    The objective has ``settle``, ``state_dict`` and ``load_state_dict``: the penalty's (nothing where it has none).
    """
    return _Penalise(penalty, weight)


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

    def settle(self, players: Players, outcome: Outcome) -> None:
        for part in self._parts:
            if hasattr(part, "settle"):
                part.settle(players, outcome)  # type: ignore[attr-defined]

    def _stateful(self) -> dict[str, Any]:
        return {str(place): part for place, part in enumerate(self._parts) if hasattr(part, "state_dict")}

    def state_dict(self) -> dict[str, Any]:
        return {place: part.state_dict() for place, part in self._stateful().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        for place, part in self._stateful().items():
            part.load_state_dict(state[place])


def together(first: Objective, *others: Objective) -> Objective:
    """Objectives of the same network in one loss, their sum."""
    return _Together((first, *others)) if others else first


def weighed(objective: Objective, weight: float) -> Objective:
    """An objective without state whose loss counts ``weight`` times."""

    def weighing(players: Players, batch: Batch) -> Outcome:
        outcome = objective(players, batch)
        return Outcome(weight * outcome.loss, outcome.signals)

    return weighing
