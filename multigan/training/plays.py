"""The order of gradients and steps in one step of the loop: how the players' moves follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from multigan.registry import Registry
from multigan.training.updates import Part, Update

if TYPE_CHECKING:
    from multigan.training.trainer import Trainer

Batches = Sequence[Sequence[Part]]


@dataclass(frozen=True)
class Play:
    """An order of play: ``move(trainer, due updates, batches)``; it takes at least ``n_batches`` real batches per step."""

    name: str
    move: Callable[[Trainer, Sequence[Update], Batches], None]
    n_batches: int
    repeats: bool
    """Whether every update is a step of its own, which may be repeated."""
    paper: str
    hook: Callable[[], Any] | None = None
    """Makes what acts after a step, before all other hooks."""


def alternating(trainer: Trainer, due: Sequence[Update], batches: Batches) -> None:
    """One update after the other, each seeing what those before it did; repetition k uses batch k."""
    for update in due:
        for repetition in range(update.repeat):
            trainer.clear((update,))
            trainer.gradients(update, batches[repetition], repetition)
            trainer.step((update,))


def simultaneous(trainer: Trainer, due: Sequence[Update], batches: Batches) -> None:
    """All gradients at one point, and then all steps: gradient descent-ascent (arXiv:1705.10461, section 2)."""
    trainer.clear(due)
    for update in due:
        trainer.gradients(update, batches[0], 0)
    trainer.step(due)


def extragradient(trainer: Trainer, due: Sequence[Update], batches: Batches) -> None:
    """A look ahead by a simultaneous step, and a step from where one stood by the gradients there.

    The second gradients are of another batch; moments of Adam follow both, as in algorithm 4.
    """
    point = trainer.point(due)
    trainer.clear(due)
    for update in due:
        trainer.gradients(update, batches[0], 0)
    trainer.move(due)
    trainer.clear(due)
    for update in due:
        trainer.gradients(update, batches[-1], 1)
    trainer.restore(point)
    trainer.step(due)


class Lookahead:
    """After every ``k`` steps both players go back to a share of the way that they came; arXiv:2006.14567, algorithm 1.

    slow <- slow + alpha (fast - slow), fast <- slow, for both at once: a turn of the game is cut short to its chord. Moments
    of optimisers stay as they are. k = 5 and alpha = 0.5 are the paper's.
    """

    name = "lookahead"

    def __init__(self, k: int = 5, alpha: float = 0.5) -> None:
        self._k, self._alpha = k, alpha
        self._slow: dict[str, list[Tensor]] = {}

    def on_start(self, trainer: Trainer) -> None:
        if not self._slow:
            self._keep(trainer)

    @torch.no_grad()
    def after_step(self, trainer: Trainer) -> None:
        if trainer.n_steps % self._k:
            return
        for name, slow in self._slow.items():
            fast = trainer.game.parameters[name]
            for own, other in zip(fast, slow, strict=True):
                own.copy_(other + self._alpha * (own - other))
        self._keep(trainer)

    def _keep(self, trainer: Trainer) -> None:
        own = trainer.game.parameters
        self._slow = {name: [p.detach().clone() for p in own[name]] for name in own}

    def state_dict(self) -> dict[str, dict[str, Tensor]]:
        """Where the last return led to."""
        return {name: {str(i): p for i, p in enumerate(parts)} for name, parts in self._slow.items()}

    def load_state_dict(self, state: Mapping[str, Mapping[str, Tensor]]) -> None:
        self._slow = {
            name: [parts[str(i)].clone() for i in range(len(parts))] for name, parts in state.items()
        }


_TABLE = (
    Play("alternating", alternating, 1, True, "arXiv:1406.2661, algorithm 1"),
    Play("simultaneous", simultaneous, 1, False, "arXiv:1705.10461, section 2"),
    Play("extragradient", extragradient, 2, False, "arXiv:1802.10551, algorithm 2"),
    Play("lookahead", alternating, 1, True, "arXiv:2006.14567, algorithm 1", Lookahead),
)
PLAYS: Registry[Play] = Registry("play", {play.name: play for play in _TABLE})
