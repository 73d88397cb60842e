"""The processes that train one run together: who is who, and sums over all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, distributed

from multigan.errors import ConfigError

Result = TypeVar("Result")
_PATIENCE = timedelta(days=2)
"""How long a process waits for the others: the first one may prepare a large data set meanwhile."""


@dataclass(frozen=True)
class World:
    """This process among ``size`` (``rank`` counts from 0); alone by default."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that prepares data, writes files and speaks."""
        return self.rank == 0

    def parts_of(self, n_parts: int) -> range:
        """The parts of a batch that this process computes: shares as equal as can be, in order; none of too few."""
        return range(self.rank * n_parts // self.size, (self.rank + 1) * n_parts // self.size)

    def sum_(self, values: Tensor) -> None:
        """Add up ``values`` over all processes, in place."""
        if self.size > 1:
            distributed.all_reduce(values)

    def same_(self, tensors: Sequence[Tensor]) -> None:
        """Give every process the first one's ``tensors``, in place."""
        if self.size > 1:
            for tensor in tensors:
                distributed.broadcast(tensor, src=0)

    def first(self, work: Callable[[], Result]) -> Result:
        """What ``work`` gives, done by the first process while the others wait, and then by them: they find what it left."""
        if not self.leads:
            self.barrier()
        result = work()
        if self.leads:
            self.barrier()
        return result

    def barrier(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            distributed.barrier()


def join(accelerated: bool = False) -> World:
    """The world that torchrun's environment tells of (RANK, WORLD_SIZE, LOCAL_RANK); alone without it.

    ``accelerated``: each process has a GPU of its own, the one of its local rank. ConfigError where the environment is odd.
    """
    told = {name: os.environ.get(name) for name in ("RANK", "WORLD_SIZE")}
    if told["WORLD_SIZE"] in (None, "1"):
        return World()
    try:
        world = World(int(told["RANK"] or ""), int(told["WORLD_SIZE"] or ""))
    except ValueError as error:
        raise ConfigError(
            f"RANK and WORLD_SIZE are whole numbers that torchrun sets; found {told['RANK']!r} and {told['WORLD_SIZE']!r}. "
            "Start with torchrun, or unset both."
        ) from error
    if not distributed.is_initialized():
        if accelerated:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        distributed.init_process_group("nccl" if accelerated else "gloo", timeout=_PATIENCE)
    return world


def leave() -> None:
    """Take leave of the other processes, where there are any."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
