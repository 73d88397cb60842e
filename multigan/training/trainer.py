"""The adversarial trainer: stages of updates in reading order; everything else is a hook."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from multigan.checkpoint import checkpoint_folders
from multigan.errors import CheckpointError, TrainingError
from multigan.game import Game
from multigan.objectives import Outcome
from multigan.protocols import Dataset
from multigan.training.chance import seed_all
from multigan.training.optimisers import Optimiser
from multigan.training.plays import PLAYS, Play
from multigan.training.sampler import EpochSampler
from multigan.training.updates import Part, Place, Stage, Update, gradients
from multigan.training.world import World

__all__ = ["Stage", "Trainer", "Update"]

_LOOK_EVERY = 32
"""Steps after which what an accelerator found is looked at: looking waits for it."""


class Trainer:
    """Runs stages over real data. Its whole state goes to ``state_dict`` and comes back bit for bit.

    ``batch_size`` is that of all processes together; it is cut into ``n_parts``, ``accumulate`` for each process. A run that
    goes on with another number of processes keeps its parts, so that its result is the same.
    """

    def __init__(
        self,
        *,
        game: Game,
        optimisers: Mapping[str, Optimiser],
        stages: Sequence[Stage],
        data: Dataset,
        batch_size: int,
        accumulate: int,
        seed: int,
        device: torch.device,
        run_folder: Path,
        play: Play | None = None,
        world: World | None = None,
        hooks: Sequence[Any] = (),
    ) -> None:
        self.game, self.optimisers, self.stages = game, dict(optimisers), tuple(stages)
        self.data, self.batch_size, self.accumulate, self.seed = data, batch_size, accumulate, seed
        self.play, self.world = play or PLAYS["alternating"], world or World()
        self.n_parts = accumulate * self.world.size
        self.sampler = EpochSampler(len(data), seed)
        own = [] if self.play.hook is None else [self.play.hook()]
        self.device, self.run_folder, self.hooks = device, run_folder, [*own, *hooks]
        self.total_samples = sum(stage.samples for stage in stages)
        self.samples_seen = 0
        self.step_samples = 0  # real samples that the last step saw: what half-lives count
        self.updated: frozenset[str] = frozenset()  # the networks that the last step changed
        self.n_steps = 0
        self.signals: dict[str, float] = {}
        self.interrupted = False
        self._stopping = False
        self._outcomes: dict[str, Outcome] = {}
        self._flags: list[tuple[str, int, int, Tensor]] = []

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        """The networks of the game, uncompiled, by name."""
        return self.game.networks

    # ---- the loop ----

    def run(self) -> None:
        """Train until every stage is done or a stop is asked for (SIGINT, SIGTERM, SIGHUP), then let the hooks end."""
        with self._stopping_on_signals():
            self._call("on_start")
            end = 0
            for stage in self.stages:
                end += stage.samples
                while self.samples_seen < end and not self.interrupted:
                    self._step(stage)
                if self.samples_seen >= end:
                    self._call("after_stage", stage)
            self.look()
            self._call("on_end")

    def _step(self, stage: Stage) -> None:
        batches = self.begin(stage)
        due = [update for update in stage.updates if self.n_steps % update.every == 0]
        self.play.move(self, due, batches)
        self.updated = frozenset(name for update in due for name in update.trains)
        self.step_samples = (stage.batch or self.batch_size) * len(batches)
        self.samples_seen += self.step_samples
        self.n_steps += 1
        if self.device.type == "cpu" or self.n_steps % _LOOK_EVERY == 0:
            self.look()
        self._call("after_step")

    def begin(self, stage: Stage) -> list[list[Part]]:
        """Let the hooks prepare a step, and draw its batches."""
        self._call("before_step", stage)
        return self.batches(stage)

    def batches(self, stage: Stage) -> list[list[Part]]:
        """The real batches of one step, each as the parts that this process computes."""
        size = stage.batch or self.batch_size
        if size % self.n_parts:
            raise TrainingError(
                f"A batch of {size} cannot be cut into {self.n_parts} equal parts; change training.batch or "
                "training.accumulate, or the number of processes."
            )
        n_batches = max(stage.n_batches, self.play.n_batches)
        return [self._parts(self.sampler.take(size), k) for k in range(n_batches)]

    def _parts(self, rows: np.ndarray, k: int) -> list[Part]:
        cut = np.split(rows, self.n_parts)
        numbers = self.world.parts_of(self.n_parts)
        parts = []
        for number in numbers or (self.n_parts - 1,):
            seed_all(self.seed, self.n_steps, "data", k, number)
            batch = self.data.batch(cut[number]).to(self.device)
            parts.append(Part(number, batch, counts=bool(numbers)))
        return parts

    # ---- what a play is made of ----

    def clear(self, updates: Sequence[Update]) -> None:
        """Forget the gradients of what these updates train."""
        for optimiser in self._optimisers_of(updates):
            optimiser.clear()

    def gradients(self, update: Update, parts: Sequence[Part], repetition: int) -> None:
        """Add the gradient of ``update``; TrainingError where it cannot be computed or is not finite."""
        place = Place(self.seed, self.n_steps, repetition, self.samples_seen)
        try:
            outcome, n_stopping = gradients(
                self.game, update, parts, n_parts=self.n_parts, world=self.world, place=place,
                stopping=self._stopping,
            )  # fmt: skip
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"The device ran out of memory in update {update.name!r} with a batch of {self.batch_size} in "
                f"{self.n_parts} part(s). Raise training.accumulate, lower training.batch, or choose a smaller preset."
            ) from error
        self._outcomes[update.name] = outcome
        grads = [p.grad for name in update.trains for p in self.game.parameters[name] if p.grad is not None]
        norms = torch.stack(torch._foreach_norm(grads)) if grads else outcome.loss.new_zeros(1)
        found = torch.stack(
            (
                ~torch.isfinite(outcome.loss).all(),
                ~torch.isfinite(norms).all(),
                n_stopping.to(norms.device) > 0,
            )
        )
        self._flags.append((update.name, self.n_steps, self.samples_seen, found))
        if self.device.type == "cpu":
            self.look()

    def move(self, updates: Sequence[Update]) -> None:
        """One step of every optimiser of these updates."""
        for optimiser in self._optimisers_of(updates):
            optimiser.step(self.samples_seen)

    def step(self, updates: Sequence[Update]) -> None:
        """``move``, and what follows a step: layers and objectives settle, and hooks see what was computed."""
        self.move(updates)
        for update in updates:
            outcome = self._outcomes.pop(update.name)
            for name, layer in self.game.notes_of(update.trains).items():
                layer.settle(outcome.notes[name])
            if hasattr(update.objective, "settle"):
                players = self.game.players(update.roles, update.eager, self.samples_seen)
                update.objective.settle(players, outcome)  # type: ignore[attr-defined]
            for hook in self.hooks:
                if hasattr(hook, "after_update"):
                    hook.after_update(self, update, outcome)

    def point(self, updates: Sequence[Update]) -> list[tuple[nn.Parameter, Tensor]]:
        """The parameters that these updates train, and their values."""
        names = dict.fromkeys(name for update in updates for name in update.trains)
        return [(p, p.detach().clone()) for name in names for p in self.networks[name].parameters()]

    @torch.no_grad()
    def restore(self, point: Sequence[tuple[nn.Parameter, Tensor]]) -> None:
        """Put parameters back to a ``point``."""
        for parameter, value in point:
            parameter.copy_(value)

    def _optimisers_of(self, updates: Sequence[Update]) -> list[Optimiser]:
        return [self.optimisers[name] for name in dict.fromkeys(update.optimiser_name for update in updates)]

    # ---- stopping ----

    def look(self) -> None:
        """Read what the device found since the last look: TrainingError where a loss or gradient was not finite."""
        flags, self._flags = self._flags, []
        found = torch.stack([flag for *_, flag in flags]).tolist() if flags else []
        for (name, step, samples, _), (loss, gradient, stopping) in zip(flags, found, strict=True):
            if loss or gradient:
                raise TrainingError(self._not_finite("loss" if loss else "gradient", name, step, samples))
            self.interrupted |= stopping
        if self.world.size == 1:
            self.interrupted |= self._stopping

    def _not_finite(self, what: str, update: str, step: int, samples: int) -> str:
        saved = checkpoint_folders(self.run_folder / "checkpoints")
        kept = f"the last good checkpoint is {saved[-1]}" if saved else "no checkpoint had been saved yet"
        return (
            f"The {what} of update {update!r} is not finite at step {step} ({samples:,} samples); {kept}. "
            "Lower the learning rate, raise the R1 weight, or use precision float32, and resume from there."
        )

    def _call(self, event: str, *facts: object) -> None:
        for hook in self.hooks:
            if hasattr(hook, event):
                getattr(hook, event)(self, *facts)

    @contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        """The first SIGINT, SIGTERM or SIGHUP lets the step finish, on every process; a second one acts as it always does.

        A SIGHUP that is ignored (``nohup``) stays so.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        hangup = getattr(signal, "SIGHUP", None)  # Windows has none
        if hangup is not None and signal.getsignal(hangup) != signal.SIG_IGN:
            before[hangup] = signal.getsignal(hangup)

        def restore() -> None:
            for number, handler in before.items():
                signal.signal(number, handler)

        def ask_to_stop(number: int, frame: object) -> None:
            self._stopping = True
            if self.world.size == 1:
                self.interrupted = True
            restore()

        for number in before:
            signal.signal(number, ask_to_stop)
        try:
            yield
        finally:
            restore()

    # ---- state ----

    def _stateful(self) -> dict[str, Any]:
        """Everything with a ``state_dict``, by a stable name."""
        parts: dict[str, Any] = {f"networks.{name}": network for name, network in self.networks.items()}
        parts |= {f"optimisers.{name}": optimiser for name, optimiser in self.optimisers.items()}
        parts |= {f"hooks.{hook.name}": hook for hook in self.hooks if hasattr(hook, "state_dict")}
        for stage in self.stages:
            for update in stage.updates:
                if hasattr(update.objective, "state_dict"):
                    parts[f"objectives.{stage.name}.{update.name}"] = update.objective
        parts["sampler"] = self.sampler
        return parts

    def state_dict(self) -> dict[str, Any]:
        """The whole state of the run: nested dictionaries of tensors and plain values. No random state is needed."""
        self.look()
        return {
            "samples_seen": self.samples_seen,
            "step": self.n_steps,
            "n_parts": self.n_parts,
            "accumulate": self.accumulate,
            "parts": {name: part.state_dict() for name, part in self._stateful().items()},
        }

    def _stages_from(self, samples_seen: int) -> list[str]:
        """The names of the stages that have seen none of the first ``samples_seen`` samples."""
        starts = accumulate((stage.samples for stage in self.stages), initial=0)
        return [
            stage.name for stage, start in zip(self.stages, starts, strict=False) if start >= samples_seen
        ]

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put a saved state back; CheckpointError where it belongs to a run of other parts."""
        parts, saved = self._stateful(), state["parts"]
        # the objectives of a stage to come may be other ones now; none has learnt anything yet
        to_come = tuple(f"objectives.{name}." for name in self._stages_from(state["samples_seen"]))
        if not self.world.leads:  # it has no hooks that write
            to_come = (
                *to_come,
                *(f"{name}" for name in saved.keys() - parts.keys() if name.startswith("hooks.")),
            )
        odd = ", ".join(sorted(name for name in parts.keys() ^ saved.keys() if not name.startswith(to_come)))
        if odd:
            raise CheckpointError(
                f"The checkpoint does not fit this run: one of them lacks {odd}. Resume with the run's own recipe."
            )
        for name, part in parts.items():
            if name not in saved or name.startswith(to_come):
                continue
            try:
                part.load_state_dict(saved[name])
            except (RuntimeError, ValueError, KeyError) as error:
                reason = " ".join(str(error).split()).rpartition(" state_dict for ")[2][:200]
                raise CheckpointError(
                    f"The checkpoint's {name} does not fit this run ({reason}). Resume with the run's own recipe."
                ) from error
        self.samples_seen, self.n_steps = state["samples_seen"], state["step"]
        if (
            state["accumulate"] == self.accumulate
        ):  # else a person cuts batches anew, such as for want of memory
            self.n_parts = state["n_parts"]
