"""What a person may ask of samples: settings that a recipe's ``sampling`` holds and ``multigan sample`` makes its flags of.

A modality has a class of its own, which adds to ``SamplingSettings``. It lies in a module that imports no torch, since
``multigan sample --help`` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self

from multigan.config import settings


@dataclass(frozen=True)
class Flag:
    """How ``multigan sample`` offers a setting; the type of the setting is that of the flag."""

    name: str
    help: str
    metavar: str | None = None


def flagged(default: Any, name: str, help: str, metavar: str | None = None) -> Any:
    """A setting with a default that ``multigan sample`` offers as the flag ``name``."""
    return field(default=default, metadata={"flag": Flag(name, help, metavar)})


@settings
class SamplingSettings:
    """What is drawn of every modality, at the end of a run and by ``multigan sample``."""

    per_label: int = 16
    """Samples of each label, or in all where there are no labels."""
    intensity: float = 1.0
    """How strong the label is, from 0 to 1."""

    def __post_init__(self) -> None:
        if self.per_label < 1 or not 0 <= self.intensity <= 1:
            raise ValueError(
                f"per_label is at least 1 and intensity in [0, 1], found {self.per_label} and {self.intensity}"
            )

    def measured(self) -> Self:
        """The settings under which the evaluation measures: samples as the generator makes them."""
        return type(self)()

    def distinctions(self) -> dict[str, object]:
        """The settings that make another sample of the same label, seed and index, where they are not the default."""
        default = type(self)()
        names = [item.name for item in fields(self) if item.name != "per_label"]
        chosen = {name: getattr(self, name) for name in names}
        return {name: value for name, value in chosen.items() if value != getattr(default, name)}

    def columns(self) -> dict[str, object]:
        """What a table of samples says of each beside its label, intensity, seed and index."""
        return {}

    def refuse_code(self) -> None:
        """ValueError where a setting names code: a recipe, which may be someone else's, runs none."""


@settings
class TruncatedSampling(SamplingSettings):
    """Of generators with styles (``multigan.protocols.StyleGenerator``)."""

    truncation: float = flagged(
        1.0, "--truncation", "Below 1 draws towards the label's mean: safer and less varied [default: 1]."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.truncation >= 0:
            raise ValueError(f"truncation is at least 0, found {self.truncation}")

    def distinctions(self) -> dict[str, object]:
        """The settings that make another sample of the same label, seed and index, where they are not the default."""
        default = type(self)()
        names = [item.name for item in fields(self) if item.name != "per_label"]
        chosen = {name: getattr(self, name) for name in names}
        return {name: value for name, value in chosen.items() if value != getattr(default, name)}

    def columns(self) -> dict[str, object]:
        return {"truncation": self.truncation}
