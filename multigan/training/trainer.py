"""The adversarial trainer: stages of updates in reading order; everything else is a hook."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from torch import nn

from multigan.checkpoint import checkpoint_folders, random_state, restore_random_state
from multigan.errors import CheckpointError, TrainingError
from multigan.game import Players
from multigan.objectives import Objective, Outcome
from multigan.protocols import Batch, Dataset
from multigan.training.sampler import EpochSampler


@dataclass(frozen=True)
class Update:
    """One network takes ``repeat`` optimiser steps on an objective, in every ``every``-th step of the loop."""

    name: str
    network: str
    objective: Objective
    every: int = 1
    repeat: int = 1
    eager: bool = False
    """Runs uncompiled: what is differentiated twice cannot be compiled (TRAPS 16)."""
    optimiser: str | None = None
    """By default the one of its network's name."""
    clip_gradient: float | None = None
    """The norm that the gradient of all parameters together is cut to."""


@dataclass(frozen=True)
class Stage:
    """``samples`` real samples seen with these updates, in this order."""

    name: str
    samples: int
    updates: tuple[Update, ...]

    @property
    def n_batches(self) -> int:
        """Real batches that a step draws: repetition k of any update uses batch k."""
        return max(update.repeat for update in self.updates)


class Trainer:
    """Runs stages over real data. Its whole state goes to ``state_dict`` and comes back bit for bit."""

    def __init__(
        self,
        *,
        players: Players,
        eager_players: Players,
        optimisers: Mapping[str, torch.optim.Optimizer],
        stages: Sequence[Stage],
        data: Dataset,
        batch_size: int,
        accumulate: int,
        seed: int,
        device: torch.device,
        run_folder: Path,
        hooks: Sequence[Any] = (),
    ) -> None:
        self.players, self.eager_players = players, eager_players
        self.networks: dict[str, nn.Module] = {
            "generator": eager_players.generator,
            "discriminator": eager_players.discriminator,
        }
        self.optimisers, self.stages, self.hooks = dict(optimisers), tuple(stages), list(hooks)
        self.data, self.batch_size, self.accumulate = data, batch_size, accumulate
        self.sampler = EpochSampler(len(data), seed)
        self.device, self.run_folder = device, run_folder
        self.total_samples = sum(stage.samples for stage in stages)
        self.samples_seen = 0
        self.step_samples = 0  # real samples that the last step saw: what half-lives count
        self.updated: frozenset[str] = frozenset()  # the networks that the last step changed
        self.step = 0
        self.signals: dict[str, float] = {}
        self.interrupted = False

    def run(self) -> None:
        """Train until every stage is done or a stop is asked for (SIGINT, SIGTERM), then let the hooks end."""
        with self._stopping_on_signals():
            self._call("on_start")
            end = 0
            for stage in self.stages:
                end += stage.samples
                while self.samples_seen < end and not self.interrupted:
                    self._step(stage)
                if self.samples_seen >= end:
                    self._call("after_stage", stage)
            self._call("on_end")

    def _step(self, stage: Stage) -> None:
        batches = [self.next_batch() for _ in range(stage.n_batches)]
        due = [update for update in stage.updates if self.step % update.every == 0]
        for update in due:
            for repetition in range(update.repeat):
                self.apply(update, batches[repetition])
        self.updated = frozenset(update.network for update in due)
        self.step_samples = self.batch_size * stage.n_batches
        self.samples_seen += self.step_samples
        self.step += 1
        self._call("after_step")

    def next_batch(self) -> Batch:
        return self.data.batch(self.sampler.take(self.batch_size)).to(self.device)

    def apply(self, update: Update, batch: Batch) -> None:
        """One optimiser step of ``update`` on ``batch``; TrainingError where it cannot be taken."""
        try:
            self._apply(update, batch)
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"The device ran out of memory in update {update.name!r} with a batch of {self.batch_size} in "
                f"{self.accumulate} part(s). Raise training.accumulate, lower training.batch, or choose a smaller preset."
            ) from error

    def _apply(self, update: Update, batch: Batch) -> None:
        for name, network in self.networks.items():
            network.requires_grad_(name == update.network)
        optimiser = self.optimisers[update.optimiser or update.network]
        optimiser.zero_grad(set_to_none=True)
        players = self.eager_players if update.eager else self.players
        parts: list[Outcome] = []
        for part in batch.chunks(self.accumulate):
            outcome = update.objective(players, part)
            # a lazy update stands for `every` steps, so it weighs that many times more
            (outcome.loss.mean() * (update.every / self.accumulate)).backward()
            parts.append(Outcome(outcome.loss.detach(), outcome.signals))
        whole = _joined(parts)
        self._require_finite(update, whole)
        if update.clip_gradient is not None:
            nn.utils.clip_grad_norm_(self.networks[update.network].parameters(), update.clip_gradient)
        optimiser.step()
        for hook in self.hooks:
            if hasattr(hook, "after_update"):
                hook.after_update(self, update, whole)

    def _require_finite(self, update: Update, outcome: Outcome) -> None:
        gradients = [p.grad for p in self.networks[update.network].parameters() if p.grad is not None]
        norms = torch.stack(torch._foreach_norm(gradients)) if gradients else outcome.loss.new_zeros(1)
        if bool(torch.isfinite(outcome.loss).all() & torch.isfinite(norms).all()):
            return
        what = "gradient" if bool(torch.isfinite(outcome.loss).all()) else "loss"
        saved = checkpoint_folders(self.run_folder / "checkpoints")
        kept = f"the last good checkpoint is {saved[-1]}" if saved else "no checkpoint had been saved yet"
        raise TrainingError(
            f"The {what} of update {update.name!r} is not finite at step {self.step} "
            f"({self.samples_seen:,} samples); {kept}. "
            "Lower the learning rate, raise the R1 weight, or use precision float32, and resume from there."
        )

    def _call(self, event: str, *facts: object) -> None:
        for hook in self.hooks:
            if hasattr(hook, event):
                getattr(hook, event)(self, *facts)

    @contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        """The first SIGINT or SIGTERM lets the step finish; a second one acts as it always does."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def restore() -> None:
            for number, handler in before.items():
                signal.signal(number, handler)

        def ask_to_stop(number: int, frame: object) -> None:
            self.interrupted = True
            restore()

        for number in before:
            signal.signal(number, ask_to_stop)
        try:
            yield
        finally:
            restore()

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
        """The whole state of the run: nested dictionaries of tensors and plain values."""
        return {
            "samples_seen": self.samples_seen,
            "step": self.step,
            "random": random_state(),
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
        odd = ", ".join(sorted(name for name in parts.keys() ^ saved.keys() if not name.startswith(to_come)))
        if odd:
            raise CheckpointError(
                f"The checkpoint does not fit this run: one of them lacks {odd}. Resume with the run's own recipe."
            )
        for name, part in parts.items():
            if name not in saved or name.startswith(to_come):
                continue
            own = saved[name]
            if isinstance(part, torch.optim.Optimizer):  # its rates are settings: --set may change them
                own = {**own, "param_groups": part.state_dict()["param_groups"]}
            try:
                part.load_state_dict(own)
            except (RuntimeError, ValueError, KeyError) as error:
                reason = " ".join(str(error).split()).rpartition(" state_dict for ")[2][:200]
                raise CheckpointError(
                    f"The checkpoint's {name} does not fit this run ({reason}). Resume with the run's own recipe."
                ) from error
        for optimiser in self.optimisers.values():
            _like_parameters(optimiser)
        self.samples_seen, self.step = state["samples_seen"], state["step"]
        restore_random_state(state["random"])


def _joined(parts: list[Outcome]) -> Outcome:
    if len(parts) == 1:
        return parts[0]
    names = parts[0].signals
    signals = {name: torch.cat([part.signals[name].reshape(-1) for part in parts]) for name in names}
    return Outcome(torch.cat([part.loss for part in parts]), signals)


def _like_parameters(optimiser: torch.optim.Optimizer) -> None:
    """Lay the moments out in memory as the parameters are: other kernels would round in another way."""
    for parameter, state in optimiser.state.items():
        for name, value in state.items():
            if name != "step" and isinstance(value, torch.Tensor):
                state[name] = torch.empty_like(parameter).copy_(value)
