"""Pictures of samples as training goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multigan.training.trainer import Trainer
from multigan.training.hooks.every import Every
from multigan.writing import make_folder


class Previews:
    """Pictures at the start, each interval and the end: ``render(path)`` draws ``previews/<samples>.png``."""

    name = "previews"

    def __init__(self, interval_samples: int, render: Callable[[Path], None]) -> None:
        self._every = Every(interval_samples)
        self._render = render
        self._drawn = -1

    def on_start(self, trainer: Trainer) -> None:
        self._every.start(trainer.samples_seen)
        self._draw(trainer)

    def after_step(self, trainer: Trainer) -> None:
        if self._every.due(trainer.samples_seen):
            self._draw(trainer)

    def on_end(self, trainer: Trainer) -> None:
        if self._drawn != trainer.samples_seen:
            self._draw(trainer)

    def _draw(self, trainer: Trainer) -> None:
        path = trainer.run_folder / "previews" / f"{trainer.samples_seen:09d}.png"
        make_folder(path.parent, within=trainer.run_folder)
        self._render(path)
        self._drawn = trainer.samples_seen
