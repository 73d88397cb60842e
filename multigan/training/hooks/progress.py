"""How far a run is: a bar on a terminal, a plain line now and then anywhere else."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from multigan.display import Display

if TYPE_CHECKING:
    from multigan.training.trainer import Trainer

WINDOW_SECONDS = 30.0
SIGNALS = {
    "discriminator/real_logits": "D(real)",
    "discriminator/fake_logits": "D(fake)",
    "ada/p": "ADA p",
}


class ProgressBar:
    """Samples seen, samples/s of the last 30 s, the time left and the signals that matter.

    ``signals`` maps a key of ``trainer.signals`` to its label; a key that is not there is passed over.
    Elsewhere than on a terminal a line is printed every 10% and every 30 s. Train inside ``with bar:`` so
    that the terminal is put in order when training ends in an error.
    """

    name = "progress"

    def __init__(self, signals: Mapping[str, str] = SIGNALS, console: Console | None = None) -> None:
        self._labels = dict(signals)
        self._console = console or Console(file=cast(TextIO, Display()))
        self._marks: deque[tuple[float, int]] = deque()
        self._bar: Progress | None = None
        self._last_line = (0.0, 0)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def on_start(self, trainer: Trainer) -> None:
        now = monotonic()
        self._marks = deque([(now, trainer.samples_seen)])
        self._last_line = (now, self._tenths(trainer))
        if not self._console.is_terminal:
            return
        columns = BarColumn(bar_width=24), TextColumn("{task.description}", markup=False)
        self._bar = Progress(*columns, console=self._console, refresh_per_second=2)
        self._task = self._bar.add_task(
            "starting", total=trainer.total_samples, completed=trainer.samples_seen
        )
        self._bar.start()
        weakref.finalize(self, self._bar.stop)

    def after_step(self, trainer: Trainer) -> None:
        now = monotonic()
        self._marks.append((now, trainer.samples_seen))
        while len(self._marks) > 2 and self._marks[1][0] < now - WINDOW_SECONDS:
            self._marks.popleft()
        if self._bar is not None:
            self._bar.update(self._task, completed=trainer.samples_seen, description=self._text(trainer))
        elif self._tenths(trainer) > self._last_line[1] or now - self._last_line[0] >= WINDOW_SECONDS:
            self._print(trainer)
            self._last_line = (now, self._tenths(trainer))

    def on_end(self, trainer: Trainer) -> None:
        self._stop()
        if self._tenths(trainer) < 10:
            self._print(trainer)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _print(self, trainer: Trainer) -> None:
        self._console.print(self._text(trainer), markup=False, highlight=False, soft_wrap=True)

    def _tenths(self, trainer: Trainer) -> int:
        return 10 * trainer.samples_seen // trainer.total_samples

    def _text(self, trainer: Trainer) -> str:
        seen, total = trainer.samples_seen, trainer.total_samples
        (then, before), (now, after) = self._marks[0], self._marks[-1]
        speed = (after - before) / (now - then) if now > then else 0.0
        left = str(timedelta(seconds=round(max(total - seen, 0) / speed))) if speed else "?"
        shown = [
            f"{label} {trainer.signals[key]:.2f}"
            for key, label in self._labels.items()
            if key in trainer.signals
        ]
        head = f"{min(100 * seen // total, 100):3d}%  {seen:,}/{total:,} samples  {speed:,.0f}/s  {left} left"
        return "  ".join([head, *shown])
