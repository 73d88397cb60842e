"""What a run logs: ``metrics.jsonl``, TensorBoard and the signals of the progress line."""

from __future__ import annotations

import json
import math
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from multigan.errors import TrainingError

if TYPE_CHECKING:
    from multigan.objectives import Outcome
    from multigan.training.trainer import Trainer, Update
from multigan.training.hooks.every import Every
from multigan.writing import append_line, make_folder, write_text


class MetricsLog:
    """Means since the last line, to ``metrics.jsonl``, TensorBoard and ``trainer.signals``.

    Keys are ``update/loss`` and ``update/signal`` (``discriminator/real_logits``), and ``hook/signal`` for a
    hook with ``signals()``. Values leave the device once an interval.
    """

    name = "metrics"

    def __init__(self, interval_samples: int) -> None:
        self._every = Every(interval_samples)
        self._totals: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self._seconds = self._processor_seconds = 0.0
        self._last_line = (0, 0.0)
        self._begin()

    def _begin(self) -> None:
        self._started, self._processor_started = time.monotonic(), time.process_time()

    def on_start(self, trainer: Trainer) -> None:
        from torch.utils.tensorboard import SummaryWriter  # 1 s: only a run that trains pays it

        self._every.start(trainer.samples_seen)
        self._begin()
        self._path = trainer.run_folder / "metrics.jsonl"
        make_folder(trainer.run_folder / "tensorboard", within=trainer.run_folder)
        _drop_lines_after(self._path, trainer.samples_seen)
        purge = trainer.samples_seen + 1 if trainer.samples_seen else None
        self._writer = SummaryWriter(str(trainer.run_folder / "tensorboard"), purge_step=purge)
        self._close = weakref.finalize(self, self._writer.close)  # also where training ends in an error

    def after_update(self, trainer: Trainer, update: Update, outcome: Outcome) -> None:
        for signal, values in {"loss": outcome.loss, **outcome.signals}.items():
            key = f"{update.name}/{signal}"
            mean = values.detach().float().mean()
            self._totals[key] = self._totals[key] + mean if key in self._totals else mean
            self._counts[key] = self._counts.get(key, 0) + 1

    def after_step(self, trainer: Trainer) -> None:
        if self._every.due(trainer.samples_seen):
            self._log(trainer)

    def on_end(self, trainer: Trainer) -> None:
        # a run that was stopped keeps its means for the line that it writes once resumed
        if self._counts and trainer.samples_seen >= trainer.total_samples:
            self._log(trainer)
        self._close()

    def _log(self, trainer: Trainer) -> None:
        held = list(self._totals.values())  # some on the CPU after a resume, until their update comes again
        totals = torch.stack([total.to(held[-1].device) for total in held]).tolist() if held else []
        means = {key: total / self._counts[key] for key, total in zip(self._totals, totals, strict=True)}
        for hook in trainer.hooks:
            if hasattr(hook, "signals"):
                means |= {f"{hook.name}/{key}": float(value) for key, value in hook.signals().items()}
        samples, seconds = trainer.samples_seen, self._elapsed()
        speed = (samples - self._last_line[0]) / max(seconds - self._last_line[1], 1e-9)
        head = {"samples": samples, "step": trainer.n_steps}
        times = {
            "seconds": round(seconds, 3),
            "processor_seconds": round(self._processor(), 3),
            "samples_per_second": round(speed, 3),
        }
        _append_line(self._path, head | times | means)
        for key, value in {**means, "samples_per_second": speed}.items():
            self._writer.add_scalar(key, value, samples)
        self._writer.flush()
        trainer.signals = means
        self._totals, self._counts, self._last_line = {}, {}, (samples, seconds)

    def _elapsed(self) -> float:
        """Seconds of training, those before a resume included."""
        return self._seconds + time.monotonic() - self._started

    def _processor(self) -> float:
        """Processor time of the same, of all threads of this process: other work on the machine does not count."""
        return self._processor_seconds + time.process_time() - self._processor_started

    def state_dict(self) -> dict[str, Any]:
        return {
            "totals": dict(self._totals),
            "counts": dict(self._counts),
            "seconds": self._elapsed(),
            "processor_seconds": self._processor(),
            "last_line": list(self._last_line),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._totals, self._counts = dict(state["totals"]), dict(state["counts"])
        self._seconds, self._processor_seconds = state["seconds"], state.get("processor_seconds", 0.0)
        self._begin()
        self._last_line = (state["last_line"][0], state["last_line"][1])


def append_values(trainer: Trainer, values: Mapping[str, float]) -> None:
    """A line of its own in the run's ``metrics.jsonl``, for what is measured now and then."""
    make_folder(trainer.run_folder)
    _append_line(trainer.run_folder / "metrics.jsonl", {"samples": trainer.samples_seen, **values})


def _append_line(path: Path, values: Mapping[str, float]) -> None:
    finite = {key: value if math.isfinite(value) else None for key, value in values.items()}
    try:
        append_line(path, json.dumps(finite, allow_nan=False))
    except OSError as error:
        raise TrainingError(
            f"Cannot write {path}: {error.strerror}; mend that and resume from the last checkpoint."
        ) from error


def _drop_lines_after(path: Path, samples: int) -> None:
    """Leave only whole lines of at most ``samples``: what came after them is going to happen again."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    kept = [line for line in lines if _samples_of(line) <= samples]
    if kept != lines:
        write_text(path, "".join(kept))


def _samples_of(line: str) -> float:
    """Infinity for a line that a kill cut short."""
    try:
        return json.loads(line)["samples"] if line.endswith("\n") else math.inf
    except (ValueError, KeyError, TypeError):
        return math.inf
