"""Checkpoints of a run as training goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from torch import nn

from multigan.checkpoint import read_meta, save, save_and_prune

if TYPE_CHECKING:
    from multigan.training.trainer import Stage, Trainer
from multigan.training.hooks.every import Every
from multigan.training.hooks.log import append_values
from multigan.writing import refuse_links

FIGURE = "checkpoints/figure"
"""What ``metrics.jsonl`` calls the figure that chooses the best."""


class Checkpoints:
    """``checkpoints/<samples>`` at each interval and the end; the ``keep_last`` newest and the best one stay.

    ``validate()`` gives the figure that chooses the best. A run that is being stopped saves without one; where a run that
    nobody stopped has one it is taken once the run goes on, so that both choose the same. Comes last among the hooks, so
    that it saves what the others became in this step.
    """

    name = "checkpoints"

    def __init__(
        self,
        interval_samples: int,
        keep_last: int,
        validate: Callable[[], float] | None = None,
        better: Literal["lower", "higher"] = "lower",
    ) -> None:
        self._every = Every(interval_samples)
        self._keep_last, self._validate = keep_last, validate
        self._better: Literal["lower", "higher"] = better
        self._saved = -1

    def on_start(self, trainer: Trainer) -> None:
        self._every.start(trainer.samples_seen)
        self._saved = trainer.samples_seen
        folder = trainer.run_folder / "checkpoints" / f"{trainer.samples_seen:09d}"
        if self._validate is not None and folder.exists() and read_meta(folder).get("owed"):
            self._save(trainer)

    def after_step(self, trainer: Trainer) -> None:
        if self._every.due(trainer.samples_seen):
            self._save(trainer)

    def on_end(self, trainer: Trainer) -> None:
        if self._saved != trainer.samples_seen:
            self._save(trainer, due=trainer.samples_seen >= trainer.total_samples)

    def _save(self, trainer: Trainer, due: bool = True) -> None:
        """``due``: a run that nobody stopped saves here too."""
        figure = None
        if self._validate is not None and not trainer.interrupted:
            figure = float(self._validate())
            append_values(trainer, {FIGURE: figure})
        root = trainer.run_folder / "checkpoints"
        refuse_links(root, trainer.run_folder)
        save_and_prune(
            root,
            trainer.samples_seen,
            trainer.state_dict(),
            keep_last=self._keep_last,
            figure=figure,
            better=self._better,
            owed=due and figure is None and self._validate is not None,
        )
        self._saved = trainer.samples_seen


class StageNetworks:
    """``stages/<stage>`` in the run folder: what ``network()`` is at the end of each stage but the last."""

    name = "stage_networks"

    def __init__(self, network: Callable[[], nn.Module]) -> None:
        self._network = network

    def after_stage(self, trainer: Trainer, stage: Stage) -> None:
        folder = trainer.run_folder / "stages" / stage.name
        if stage is not trainer.stages[-1] and not folder.exists():
            refuse_links(folder, trainer.run_folder)
            save(folder, self._network().state_dict())
