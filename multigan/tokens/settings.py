"""How sequences of token numbers are drawn, and what can be asked of generated ones."""

from __future__ import annotations

from multigan.config import settings
from multigan.sequences.settings import DecodedSampling


@settings
class TokenData:
    """What SeqGAN's oracle draws (arXiv:1609.05473, section 4): rows of ordinary tokens without an end."""

    length: int = 20
    """T: tokens of a row."""
    vocabulary_size: int = 5_000
    """V: tokens are numbers from 0 to V - 1; that of the oracle's file where there is one."""
    oracle: str | None = None
    """The safetensors file of the oracle's LSTM; None: one drawn by the seed."""
    drawn: int = 10_000
    """Rows drawn for training."""
    drawn_held_out: int = 5_000
    seed: int = 0
    """Of the rows, and of an oracle without a file."""

    def __post_init__(self) -> None:
        if not 2 <= self.length <= 1_024:
            raise ValueError(f"length is between 2 and 1,024 tokens, found {self.length}")
        if not 2 <= self.vocabulary_size <= 200_000:
            raise ValueError(f"vocabulary_size is between 2 and 200,000, found {self.vocabulary_size}")
        for name in ("drawn", "drawn_held_out"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, found {self.seed}")


@settings
class TokenSampling(DecodedSampling):
    """What can be asked of generated token numbers."""
