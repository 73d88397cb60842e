"""The order of gradients and steps in one step of the loop: how the players' moves follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


_TABLE = (
    Play("alternating", alternating, 1, True, "arXiv:1406.2661, algorithm 1"),
    Play("simultaneous", simultaneous, 1, False, "arXiv:1705.10461, section 2"),
    Play("extragradient", extragradient, 2, False, "arXiv:1802.10551, algorithm 1"),
)
PLAYS: Registry[Play] = Registry("play", {play.name: play for play in _TABLE})
