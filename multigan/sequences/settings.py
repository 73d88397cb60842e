"""What can be asked of generated sequences. Imports no torch: `multigan sample --help` reads it."""

from __future__ import annotations

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.sampling_settings import SamplingSettings, flagged
from multigan.sequences.decoding import Decoding


@settings
class DecodedSampling(SamplingSettings):
    """How the tokens of generated sequences are drawn."""

    temperature: float = flagged(1.0, "--temperature", "Below 1, the likely words more often [default: 1].")
    top_p: float = flagged(
        1.0, "--top-p", "Only the likeliest words, of so much probability together [default: 1]."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            Decoding(self.temperature, self.top_p)
        except ConfigError as error:
            raise ValueError(str(error)) from error

    def columns(self) -> dict[str, object]:
        return {"temperature": self.temperature, "top_p": self.top_p, **super().columns()}
