"""How tokens are drawn from a generator's distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass

from multigan.errors import ConfigError


@dataclass(frozen=True)
class Decoding:
    """What is done to the distribution of each token before it is drawn; the default leaves it alone."""

    temperature: float = 1.0
    """Logits are divided by it: below 1 the likely tokens are drawn more often, towards 0 only the likeliest."""
    top_p: float = 1.0
    """Nucleus sampling (arXiv:1904.09751): only the fewest, likeliest tokens of at least this probability together."""
    banned: tuple[int, ...] = ()
    """Tokens that are never drawn."""

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and math.isfinite(self.temperature)):
            raise ConfigError(
                f"A temperature is a number above 0, found {self.temperature}; give 1 for the model's own distribution."
            )
        if not 0 < self.top_p <= 1:
            raise ConfigError(
                f"top-p is a probability above 0 and at most 1, found {self.top_p}; give 1 to keep every token."
            )
        if any(token < 0 for token in self.banned):
            raise ConfigError(f"Banned tokens are numbers from 0 on, found {min(self.banned)}; leave it out.")


UNCHANGED = Decoding()
"""Tokens are drawn from the model's own distribution."""
