"""The exponential moving average of a network's parameters, which sampling and evaluation use."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError, TrainingError
from multigan.objectives import weight_at


class ExponentialMovingAverage:
    """A hook with an averaged copy of a network, its memory a half-life in samples (arXiv:1710.10196).

    After every step, parameters become beta * average + (1 - beta) * network with

        beta = 0.5 ** (step_samples / half_life),  half_life = min(half_life_samples, ramp_up * samples_seen),

    the ramp-up (of StyleGAN2-ADA's code; None: off) so that the start of training is forgotten sooner.
    Buffers are copied, not averaged. The copy is in evaluation mode and needs no gradient.
    """

    def __init__(
        self,
        network_name: str = "generator",
        half_life_samples: float | Callable[[int], float] = 10_000,
        ramp_up: float | None = 0.05,
    ) -> None:
        if (not callable(half_life_samples) and half_life_samples <= 0) or (
            ramp_up is not None and ramp_up <= 0
        ):
            raise ConfigError(
                "The moving average needs a half-life and a ramp-up above 0 (or no ramp-up: null); found "
                f"half-life {half_life_samples} samples, ramp-up {ramp_up}."
            )
        self.name = f"ema_{network_name}"
        self._network_name = network_name
        self._half_life_samples, self._ramp_up = half_life_samples, ramp_up
        self._copy: nn.Module | None = None

    @property
    def network(self) -> nn.Module:
        """The averaged copy."""
        if self._copy is None:
            raise TrainingError(
                f"The moving average of the {self._network_name} has no copy yet: call start(network) first."
            )
        return self._copy

    def start(self, network: nn.Module) -> None:
        """Begin from a copy of ``network`` as it is now."""
        self._copy = copy.deepcopy(network).eval().requires_grad_(False)

    def on_start(self, trainer: Any) -> None:
        """Begin from the trainer's network, unless there is a copy already."""
        if self._copy is None:
            self.start(trainer.networks[self._network_name])

    @torch.no_grad()
    def after_step(self, trainer: Any) -> None:
        """Move the copy towards the network; ``trainer.samples_seen`` counts this step already.

        Not after a step that left the network as it was: the average would become its last state.
        """
        if self._network_name not in trainer.updated:
            return
        network = trainer.networks[self._network_name]
        half_life = weight_at(self._half_life_samples, trainer.samples_seen)
        if self._ramp_up is not None:
            half_life = min(half_life, trainer.samples_seen * self._ramp_up)
        beta = 0.5 ** (trainer.step_samples / half_life)
        averages: list[Tensor] = list(self.network.parameters())
        if averages:
            torch._foreach_lerp_(averages, list(network.parameters()), 1 - beta)
        copies = list(self.network.buffers())
        if copies:
            torch._foreach_copy_(copies, list(network.buffers()))

    def state_dict(self) -> dict[str, Tensor]:
        """The copy's parameters and buffers."""
        return self.network.state_dict()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Put a saved copy back; after ``start``, which says what network it is."""
        self.network.load_state_dict(state)
