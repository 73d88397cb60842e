"""The order in which real samples are seen: shuffled epochs whose place is two numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from multigan.errors import CheckpointError


class EpochSampler:
    """Endless batches of indices: each epoch is a permutation drawn from (seed, epoch), so that a place resumes exactly."""

    def __init__(self, n: int, seed: int) -> None:
        self.n = n
        self.seed = seed
        self.epoch = 0
        self.position = 0
        self._order = self._permutation()

    def _permutation(self) -> np.ndarray:
        return np.random.default_rng((self.seed, self.epoch)).permutation(self.n)

    def take(self, size: int) -> np.ndarray:
        """The next ``size`` indices; an epoch's rest runs on into the next epoch, so that none is left out."""
        parts = []
        while size > 0:
            part = self._order[self.position : self.position + size]
            parts.append(part)
            self.position += len(part)
            size -= len(part)
            if self.position == self.n:
                self.epoch, self.position = self.epoch + 1, 0
                self._order = self._permutation()
        return np.concatenate(parts)

    def state_dict(self) -> dict[str, Any]:
        return {"n": self.n, "epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if state["n"] != self.n:
            raise CheckpointError(
                f"The run was trained on {state['n']:,} samples and its data now holds {self.n:,}; "
                "restore the data, or start a new run."
            )
        self.epoch, self.position = state["epoch"], state["position"]
        self._order = self._permutation()
