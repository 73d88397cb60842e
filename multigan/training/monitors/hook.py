"""The hook that runs monitors on copies of the game, within a budget of time, and writes ``monitors.jsonl``."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from multigan.errors import TrainingError
from multigan.losses import AdversarialLoss
from multigan.protocols import Dataset, Represents
from multigan.reading.json import parse_json
from multigan.training.encoding import Encoded
from multigan.training.hooks.every import Every
from multigan.training.monitors.field import parameters_of
from multigan.training.monitors.responses import value_of_loss
from multigan.training.monitors.watch import Monitor, Watch
from multigan.writing import append_line, write_text

if TYPE_CHECKING:
    from multigan.training.trainer import Stage, Trainer

FILE = "monitors.jsonl"
MOST_PAST = 40
"""Earlier points of the players that are kept, ..."""
MOST_NUMBERS = 2**25
"""... or fewer, of as many numbers together."""
PLAYERS = {"generator", "discriminator"}


class Monitors:
    """Each monitor at the first step and in every ``interval_samples``, where its turn fits into the budget.

    ``budget`` is the most time that they take, as a share of the time spent training since this process began (None: no
    limit). A measurement that would go beyond it waits until there is room; what the first of each monitor takes is guessed
    from the time of a step. What is measured depends on the clock, what is trained does not. They measure only in stages
    that train both players. Monitors that need more held-out samples than there are measure nothing (``idle``).
    """

    name = "monitors"

    def __init__(
        self,
        monitors: Sequence[Monitor],
        interval_samples: int,
        budget: float | None,
        held_out: Dataset,
        loss: AdversarialLoss,
        fresh: Callable[[], Mapping[str, nn.Module]],
        tell: Callable[[Path], None] = lambda log: None,
    ) -> None:
        """``fresh()`` makes networks as they were before training; ``tell(log)`` is called after each measurement."""
        self.idle = [monitor.name for monitor in monitors if len(held_out) < monitor.n_held_out]
        self._monitors = [monitor for monitor in monitors if monitor.name not in self.idle]
        self._budget = budget
        self._every = Every(interval_samples)
        self._held_out, self._value, self._fresh, self._tell = held_out, value_of_loss(loss), fresh, tell
        self._waiting: list[Monitor] = []
        self._costs: dict[str, float] = {}
        self._past: list[Mapping[str, Tensor]] = []
        self._before: dict[str, list[Tensor]] = {}
        self._stage: Stage | None = None
        self._n_steps = 0  # of this process
        self.seconds = 0.0
        """Spent on measurements."""
        self._started = time.monotonic()

    @property
    def share(self) -> float:
        """Of the time of training without it."""
        return self.seconds / max(time.monotonic() - self._started - self.seconds, 1e-9)

    def on_start(self, trainer: Trainer) -> None:
        self._every.start(trainer.samples_seen)
        self._started = time.monotonic()
        self._log = trainer.run_folder / FILE
        _drop_lines_after(self._log, trainer.samples_seen)
        generator = trainer.networks["generator"]
        if isinstance(generator, Represents):
            self._held_out = Encoded(self._held_out, generator.representation, trainer.device)
        self._waiting = list(self._monitors)

    def before_step(self, trainer: Trainer, stage: Stage) -> None:
        self._stage = stage
        self._before = {}
        if self._next() is not None:  # a step may be looked at
            with torch.no_grad():
                own = trainer.game.parameters
                self._before = {name: [p.clone() for p in own[name]] for name in own}

    def after_step(self, trainer: Trainer) -> None:
        self._n_steps += 1
        if self._every.due(trainer.samples_seen):
            self._waiting = list(self._monitors)
        if self._before and self._stage is not None:
            self._take_turns(trainer, self._stage)

    def _take_turns(self, trainer: Trainer, stage: Stage) -> None:
        if not {name for update in stage.updates for name in update.trains} >= PLAYERS:
            return
        while (monitor := self._next()) is not None:
            self._waiting.remove(monitor)
            self._measure(trainer, stage, monitor)

    def on_end(self, trainer: Trainer) -> None:
        self._before = {}
        if self._waiting and self._stage is not None and trainer.samples_seen >= trainer.total_samples:
            self._take_turns(trainer, self._stage)

    def _next(self) -> Monitor | None:
        """Of those that wait the first one that there is room for."""
        if self._budget is None:
            return self._waiting[0] if self._waiting else None
        training = time.monotonic() - self._started - self.seconds
        room = self._budget * training - self.seconds
        a_step = training / max(self._n_steps, 1)
        return next(
            (each for each in self._waiting if self._costs.get(each.name, each.steps * a_step) <= room), None
        )

    def _measure(self, trainer: Trainer, stage: Stage, monitor: Monitor) -> None:
        begun = time.monotonic()
        with _nothing_touched(trainer.device):
            game = trainer.game.copy()
            watch = Watch(
                updates=stage.updates,
                value=self._value,
                train=trainer.data,
                held_out=self._held_out,
                fresh=lambda: {name: each.to(trainer.device).train() for name, each in self._fresh().items()},
                batch_size=trainer.batch_size // trainer.n_parts,
                seed=trainer.seed,
                samples_seen=trainer.samples_seen,
                device=trainer.device,
                before=self._before,
                past=self._past,
            )
            here = parameters_of(game, watch) if monitor.name == "path" else None
            values = monitor.measure(game, watch)
        if here is not None:
            most = max(2, min(MOST_PAST, MOST_NUMBERS // sum(len(part) for part in here.values())))
            self._past = [*self._past, here][-most:]
        cost = time.monotonic() - begun
        self._costs[monitor.name] = cost
        self.seconds += cost
        head = {"samples": trainer.samples_seen, "monitor": monitor.name, "seed": trainer.seed}
        finite = {key: value if math.isfinite(value) else None for key, value in values.items()}
        tail = {"seconds": round(cost, 3), "share_of_time": round(self.share, 4)}
        try:
            append_line(self._log, json.dumps({**head, **finite, **tail}, allow_nan=False))
        except OSError as error:
            raise TrainingError(
                f"Cannot write {self._log}: {error.strerror}; mend that and resume from the last checkpoint."
            ) from error
        self._tell(self._log)


@contextmanager
def _nothing_touched(device: torch.device) -> Iterator[None]:
    """Random states, and whether gradients are on, are afterwards as they were."""
    devices = [device] if device.type == "cuda" else []
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=devices), torch.enable_grad():
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


def read_records(log: Path) -> list[dict[str, Any]]:
    """The measurements of a run in their order; lines that are none are passed over."""
    records = []
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            record = parse_json(line)
        except ValueError:  # of a run that was killed while it wrote
            continue
        if isinstance(record, dict) and isinstance(record.get("monitor"), str):
            records.append(record)
    return records


def _drop_lines_after(log: Path, samples: int) -> None:
    """A resumed run measures anew what came after its checkpoint."""
    if log.is_file():
        kept = [record for record in read_records(log) if record.get("samples", math.inf) <= samples]
        write_text(log, "".join(json.dumps(record) + "\n" for record in kept))
