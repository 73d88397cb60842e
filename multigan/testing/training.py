"""What is asked of networks in training: a resume changes nothing, and two processes are one with two parts."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from multigan import checkpoint
from multigan.config import load
from multigan.protocols import SequenceGenerator
from multigan.testing.subject import BATCH, RandomData, Subject, alike, require
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from multigan.training.trainer import Trainer
from multigan.training.world import World

_TOLERANCE = 0.01
"""How far two processes may end from one, as a share of the way that training went: sums round in another order."""


def check_training(subject: Subject, folder: Path) -> None:
    """A few updates on random samples; checkpoints are written to ``folder``."""
    networks = subject.networks()
    _check_resume(subject, networks, folder)
    _check_two_processes(subject, networks, folder)


def _check_resume(subject: Subject, networks: Mapping[str, nn.Module], folder: Path) -> None:
    """A run that is stopped, saved and resumed ends with the bits of one that is not."""
    whole, stopped, resumed = (_trainer(subject, networks, folder, n_steps=2) for _ in range(3))
    whole.run()
    stopped.hooks.append(SimpleNamespace(name="stop", after_step=lambda t: setattr(t, "interrupted", True)))
    stopped.run()
    checkpoint.save(folder / "000000002", stopped.state_dict())
    resumed.load_state_dict(checkpoint.load(folder / "000000002"))
    resumed.run()
    for name, network in whole.networks.items():
        state = resumed.networks[name].state_dict()
        odd = [key for key, value in network.state_dict().items() if not torch.equal(value, state[key])]
        require(
            not odd,
            f"{subject.what}: a run that is resumed ends with another {name} ({', '.join(odd[:3])}); all that it has "
            "learnt or counted must be parameters or buffers",
        )


def _check_two_processes(subject: Subject, networks: Mapping[str, nn.Module], folder: Path) -> None:
    """A step of two processes, each with half a batch, is one of a single process that takes the halves in turn."""
    alone = _trainer(subject, networks, folder, n_steps=1, accumulate=2)
    before = {name: _state(network) for name, network in alone.networks.items()}
    alone.run()
    first = _first_of_two(subject, networks, folder)
    for name, network in alone.networks.items():
        expected, found = _state(network), _state(first.networks[name])
        learnt = [key for key, _ in network.named_parameters()]
        way = _length([expected[key] - before[name][key] for key in learnt])
        apart = _length([expected[key] - found[key] for key in learnt])
        require(
            apart <= _TOLERANCE * way,
            f"{subject.what}: two processes train another {name} than one does with the same two parts of each batch; what "
            "it does may hang on nothing but its input, its parameters and torch's random state",
        )
        odd = [key for key in expected if key not in learnt and not alike(expected[key], found[key])]
        require(
            not odd,
            f"{subject.what}: two processes end with other buffers of the {name} than one does ({', '.join(odd[:3])}): what "
            "forward notes of a batch stays in its process, so use layers without running statistics, or "
            "multigan.normalisation.BatchNorm",
        )


def _trainer(
    subject: Subject,
    networks: Mapping[str, nn.Module],
    folder: Path,
    *,
    n_steps: int,
    accumulate: int = 1,
    world: World | None = None,
) -> Trainer:
    training: dict[str, Any] = {"samples": BATCH * n_steps, "batch": BATCH, "accumulate": accumulate}
    if isinstance(networks["generator"], SequenceGenerator):
        objective = {"name": "policy_gradient", "n_rollouts": 2}
        training["schedule"] = {"name": "sequence", "objective": objective, "likelihood_weight": 1.0}
    if subject.labels and hasattr(networks["discriminator"], "judge"):
        training["classification"] = 0.1
    if (
        n_steps == 1
    ):  # where two ways are compared: the steps of Adam would blow up what only rounds differently
        training["optimisers"] = {
            name: {"name": "sgd", "lr": 0.01} for name in ("generator", "discriminator")
        }
    raw = {"modality": subject.modality.name, "device": "cpu", "architecture": dict(subject.raw)}
    settings = load(RunSettings, {**raw, "training": training}, subject.what)
    return assemble(subject.modality, settings, RandomData(subject), folder, world=world)


def _state(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().double().clone() for key, value in network.state_dict().items()}


def _length(tensors: Sequence[Tensor]) -> float:
    return float(torch.cat([tensor.flatten() for tensor in tensors]).norm()) if tensors else 0.0


# ---- two processes in one: threads, of which one runs at a time ----


class _PartedError(Exception):
    """A process waits for a message that the other one does not send."""


@dataclass
class _Exchange:
    """What two threads have sent each other; the one whose turn it is runs, until it needs what the other has not sent."""

    sent: tuple[list[Tensor], list[Tensor]] = field(default_factory=lambda: ([], []))
    turns: tuple[threading.Semaphore, threading.Semaphore] = field(
        default_factory=lambda: (threading.Semaphore(0), threading.Semaphore(0))
    )
    ended: list[bool] = field(default_factory=lambda: [False, False])
    start: list[Tensor] = field(default_factory=list)

    def sum_(self, rank: int, values: Tensor) -> None:
        self.sent[rank].append(values.clone())
        other, n = 1 - rank, len(self.sent[rank])
        if len(self.sent[other]) < n and not self.ended[other]:
            random_state = torch.get_rng_state()  # two processes would not share it
            self.turns[other].release()
            self.turns[rank].acquire()
            torch.set_rng_state(random_state)
        if len(self.sent[other]) < n or self.sent[other][n - 1].shape != values.shape:
            raise _PartedError
        values.copy_(self.sent[0][n - 1] + self.sent[1][n - 1])

    def end(self, rank: int) -> None:
        self.ended[rank] = True
        self.turns[1 - rank].release()


@dataclass(frozen=True)
class _OneOfTwo(World):
    """A process whose messages go through an ``_Exchange``."""

    size: int = 2
    exchange: _Exchange = field(default_factory=_Exchange)

    def sum_(self, values: Tensor) -> None:
        self.exchange.sum_(self.rank, values)

    def same_(self, tensors: Sequence[Tensor]) -> None:
        if self.leads:
            self.exchange.start.extend(tensor.clone() for tensor in tensors)
            return
        for tensor, value in zip(tensors, self.exchange.start, strict=True):
            tensor.copy_(value)

    def barrier(self) -> None:
        """The one that runs is where it is; nothing is waited for."""


def _first_of_two(subject: Subject, networks: Mapping[str, nn.Module], folder: Path) -> Trainer:
    """The trainer of the first of two processes, after one step."""
    exchange = _Exchange()
    exchange.turns[0].release()

    def process(rank: int) -> Trainer:
        exchange.turns[rank].acquire()
        try:
            world = _OneOfTwo(rank, 2, exchange)
            trainer = _trainer(subject, networks, folder, n_steps=1, world=world)
            trainer.run()
        finally:
            exchange.end(rank)
        return trainer

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(process, rank) for rank in (0, 1))
    errors = [error for error in (first.exception(), second.exception()) if error is not None]
    for error in errors:
        if not isinstance(error, _PartedError):
            raise error
    require(
        not errors,
        f"{subject.what}: two processes do not fit together: some parameters get a gradient from some batches alone, which "
        "would leave each waiting for the other; let every parameter take part in every batch",
    )
    return first.result()
