"""What a monitor looks at beside a copy of the game, and how it draws samples and scores of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from multigan.game import Game, Players
from multigan.objectives import Objective
from multigan.protocols import Batch, Dataset
from multigan.training.chance import seed_all
from multigan.training.updates import Update

MOST_SCORED = 1024
"""Held-out samples that a score is the mean of, and as many that choose what is scored."""

FEWEST = 16
"""With fewer held-out samples than these nothing can be said of them."""

Value = Callable[[Players, Batch], Tensor]
"""(players, batch) -> [N]: what the discriminator wins and the generator loses."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Data, which are only read, and facts of the run at this moment."""

    updates: tuple[Update, ...]
    """Those of the stage that is played."""
    value: Value
    train: Dataset
    held_out: Dataset
    fresh: Callable[[], Mapping[str, nn.Module]]
    """Networks as they were before training, on the device of the run."""
    batch_size: int
    seed: int
    samples_seen: int
    device: torch.device
    before: Mapping[str, Sequence[Tensor]] = field(default_factory=dict)
    """The parameters of each network before the last step."""
    past: Sequence[Mapping[str, Tensor]] = ()
    """The parameters of all networks, flat, at earlier measurements, oldest first."""

    def objectives(self, network: str) -> list[Objective]:
        """What trains a network: its loss, and each lazy penalty as it is in the mean over steps."""
        return [update.objective for update in self.updates if network in update.trains]

    def training_batch(self, number: int, *place: int | str) -> Batch:
        """Random training samples, the same for the same number and place."""
        seed_all(self.seed, self.samples_seen, "monitor", *place, number)
        rows = np.random.randint(len(self.train), size=self.batch_size)
        return self.train.batch(rows).to(self.device)

    def halves(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of held-out samples: those that choose among answers, and others that score the chosen one."""
        rows = np.random.default_rng((self.seed, 17)).permutation(len(self.held_out))[: 2 * MOST_SCORED]
        return rows[::2], rows[1::2]

    def scores(self, game: Game, rows: np.ndarray, value: Value | None = None) -> Tensor:
        """The value [N] of held-out samples and as many fakes, of the same latents in every call with these rows."""
        value, players, found = value or self.value, game.players(samples_seen=self.samples_seen), []
        for start in range(0, len(rows), self.batch_size):
            seed_all(self.seed, "score", int(rows[start]))
            batch = self.held_out.batch(rows[start : start + self.batch_size]).to(self.device)
            with torch.no_grad():
                found.append(value(players, batch))
        return torch.cat(found).cpu().double()


@dataclass(frozen=True)
class Monitor:
    """``measure(copy of the game, watch)`` -> values by name; NaN where there is none."""

    name: str
    measure: Callable[[Game, Watch], dict[str, float]]
    paper: str
    what: str
    """What it says, for a person."""
    steps: int = 1
    """About as many steps of training as it takes, until its first measurement tells better."""
    n_held_out: int = 0
    """With fewer held-out samples than these it is not measured."""


def mean_and_error(values: Tensor) -> tuple[float, float]:
    """The mean of [N], and its standard error, which one value leaves open (inf)."""
    n = len(values)
    return float(values.mean()), float(values.std()) / math.sqrt(n) if n > 1 else math.inf


Z = 1.959964
"""Of a 95% interval."""


def with_interval(name: str, value: float, error: float) -> dict[str, float]:
    """A value and the ends of its 95% interval."""
    return {name: value, f"{name}_low": value - Z * error, f"{name}_high": value + Z * error}


def wilson(n_right: float, n: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    share, extra = n_right / n, Z**2 / n
    middle = (share + extra / 2) / (1 + extra)
    reach = Z * math.sqrt(share * (1 - share) / n + extra / (4 * n)) / (1 + extra)
    return middle - reach, middle + reach


def flat(tensors: Sequence[Tensor]) -> Tensor:
    """One vector of all, on the CPU in float64."""
    return torch.cat([tensor.detach().reshape(-1).cpu().double() for tensor in tensors])
