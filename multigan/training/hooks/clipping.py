"""Weights kept in a box: WGAN's critic (arXiv:1701.07875)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from multigan.errors import ConfigError


def clip_weights(module: nn.Module, limit: float) -> None:
    """Clamp every parameter to [-limit, limit]; arXiv:1701.07875 algorithm 1 (c = 0.01 there)."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.clamp_(-limit, limit)


class WeightClipping:
    """A hook that clips the discriminator's weights after each of its updates."""

    name = "weight_clipping"

    def __init__(self, limit: float = 0.01) -> None:
        if not limit > 0:
            raise ConfigError(
                f"The limit of weight clipping is {limit}; give a number above 0, such as 0.01."
            )
        self.limit = limit

    def after_update(self, trainer: Any, update: Any, outcome: Any) -> None:
        if update.network == "discriminator":
            clip_weights(trainer.networks["discriminator"], self.limit)

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to restore: the weights are in the network."""
