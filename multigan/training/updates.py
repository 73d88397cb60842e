"""One update: which networks it trains, and their gradient from all parts of a batch, on one process or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from multigan.game import Game, Roles
from multigan.objectives import Objective, Outcome
from multigan.protocols import Batch
from multigan.training.chance import seed_all
from multigan.training.world import World


@dataclass(frozen=True)
class Update:
    """Networks take ``repeat`` optimiser steps on an objective, in every ``every``-th step of the loop."""

    name: str
    trains: tuple[str, ...]
    objective: Objective
    roles: Roles = field(default_factory=Roles)
    optimiser: str | None = None
    """By default the one of the first network's name."""
    every: int = 1
    repeat: int = 1
    eager: bool = False
    """Runs uncompiled: torch.compile does not differentiate twice."""

    @property
    def optimiser_name(self) -> str:
        return self.optimiser or self.trains[0]


@dataclass(frozen=True)
class Stage:
    """``samples`` real samples seen with these updates, in this order; ``batch``: another size than the run's."""

    name: str
    samples: int
    updates: tuple[Update, ...]
    batch: int | None = None

    @property
    def n_batches(self) -> int:
        """Real batches that a step draws: repetition k of any update uses batch k."""
        return max(update.repeat for update in self.updates)


@dataclass(frozen=True)
class Part:
    """A part of a batch, its number among all, and whether it counts (a process without a part of its own repeats one)."""

    number: int
    batch: Batch
    counts: bool = True


@dataclass(frozen=True)
class Place:
    """Where a run is, which tells what is drawn: its seed, step, repetition of the update, and real samples seen."""

    seed: int
    step: int
    repetition: int
    samples_seen: int


def gradients(
    game: Game,
    update: Update,
    parts: Sequence[Part],
    *,
    n_parts: int,
    world: World,
    place: Place,
    stopping: bool = False,
) -> tuple[Outcome, Tensor]:
    """Add the mean gradient over all ``n_parts`` parts of a batch, of all processes, to .grad of what ``update`` trains.

    ``parts`` are those of this process. Each begins from a seed of (seed, step, update, repetition, part), so that n
    processes with one part each are one process with n parts, but for the order of sums. A lazy update stands for ``every``
    steps, so it weighs that many times more. Returns the outcome of all parts in order, and how many processes are
    ``stopping``.
    """
    trained = [p for name in update.trains for p in game.parameters[name]]
    layers = game.notes_of(update.trains)
    for name, parameters in game.parameters.items():
        for parameter in parameters:
            parameter.requires_grad_(name in update.trains)
    earlier = [p.grad for p in trained]
    for parameter in trained:
        parameter.grad = None
    players = game.players(update.roles, update.eager, place.samples_seen)
    outcomes = []
    for part in parts:
        seed_all(place.seed, place.step, update.name, place.repetition, part.number)
        for layer in layers.values():
            layer.take()  # what was seen beside this update
        outcome = update.objective(players, part.batch)
        # a lazy update stands for `every` steps; a part that does not count is there for the shapes of what is summed
        (outcome.loss.mean() * (update.every * part.counts / n_parts)).backward()
        notes = {name: layer.take()[None] for name, layer in layers.items()}
        outcomes.append(Outcome(outcome.loss.detach(), outcome.signals, notes))
    if world.size == 1:
        whole, n_stopping = _joined(outcomes), torch.tensor(float(stopping))
    else:
        whole, n_stopping = _summed(trained, outcomes, parts, n_parts, world, stopping)
    for parameter, before in zip(trained, earlier, strict=True):
        if before is not None:
            parameter.grad = before if parameter.grad is None else before + parameter.grad
    return whole, n_stopping


def _summed(
    trained: Sequence[nn.Parameter],
    outcomes: Sequence[Outcome],
    parts: Sequence[Part],
    n_parts: int,
    world: World,
    stopping: bool,
) -> tuple[Outcome, Tensor]:
    """Sum gradients over all processes, and gather what the parts gave, in one message.

    Behind the flat gradient ride the losses and signals, each part's in a slot of its own, and whether to stop: so all
    processes see the same numbers, and stop at the same step.
    """
    own = [p for p in trained if p.grad is not None]
    grads = [p.grad for p in own if p.grad is not None]
    first = outcomes[0]
    shapes = [value.shape for value in _values(first, first)]
    sizes = [shape.numel() for shape in shapes]
    dtype = grads[0].dtype if grads else first.loss.dtype
    slots = first.loss.new_zeros(n_parts, sum(sizes), dtype=dtype)
    for part, outcome in zip(parts, outcomes, strict=True):
        if part.counts:
            values = [value.reshape(-1).to(dtype) for value in _values(outcome, first)]
            slots[part.number] = torch.cat(values)
    tail = slots.new_full((1,), float(stopping))
    flat = torch.cat([*(g.reshape(-1) for g in grads), slots.reshape(-1), tail])
    world.sum_(flat)
    pieces = flat[: -slots.numel() - 1].split([g.numel() for g in grads]) if grads else ()
    for parameter, piece in zip(own, pieces, strict=True):
        # laid out as autograd lays it out: the fused Adam of torch walks through memory and does not look at strides
        parameter.grad = torch.empty_like(parameter).copy_(piece.view_as(parameter))
    gathered = flat[-slots.numel() - 1 : -1].view(n_parts, -1).split(sizes, 1)
    whole = [
        values.reshape(n_parts * shape[0], *shape[1:]) for values, shape in zip(gathered, shapes, strict=True)
    ]
    return _outcome(whole, first), flat[-1]


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    if len(outcomes) == 1:
        return outcomes[0]
    first = outcomes[0]
    each = zip(*(_values(outcome, first) for outcome in outcomes), strict=True)
    return _outcome([torch.cat(values) for values in each], first)


def _values(outcome: Outcome, like: Outcome) -> list[Tensor]:
    """Loss, signals and notes in the order that ``like`` has them."""
    signals, notes = outcome.signals, outcome.notes
    return [outcome.loss, *(signals[name] for name in like.signals), *(notes[name] for name in like.notes)]


def _outcome(values: Sequence[Tensor], like: Outcome) -> Outcome:
    """The outcome of ``_values``."""
    n = len(like.signals)
    signals, notes = values[1 : n + 1], values[n + 1 :]
    return Outcome(
        values[0], dict(zip(like.signals, signals, strict=True)), dict(zip(like.notes, notes, strict=True))
    )
