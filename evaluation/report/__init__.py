"""What an evaluation found: figures that say what they are, and everything needed to read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from multigan.errors import ConfigError
from multigan.registry import unknown_name

GENERATED = "generated"
HELD_OUT = "held-out real"


@dataclass(frozen=True)
class Figure:
    """One number: of what, from how many samples, with a 95% interval, and how all that was found."""

    name: str
    """The metric, with its features in brackets where it has a choice of them."""
    value: float
    low: float
    high: float
    n: int
    """The number of samples on each side."""
    seed: int
    higher_is_better: bool | None
    """None where neither way is better."""
    features: str
    """The extractor that the metric looked through."""
    note: str
    """What the interval is, and what else a reader must know."""
    subject: str = GENERATED
    """What was measured: the generated images, or, for scale, held-out real ones."""


@dataclass(frozen=True)
class ClosestPair:
    """A generated image and the training image nearest to it: positions in the arrays that were given."""

    fake: int
    train: int
    distance: float


@dataclass(frozen=True)
class Report:
    """All figures of one evaluation. Confusion matrices: rows are emotions asked for, columns those read."""

    figures: tuple[Figure, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...] | None
    held_out_confusion: tuple[tuple[int, ...], ...] | None
    closest: tuple[ClosestPair, ...]
    """The generated images that lie closest to a training image, closest first."""
    provenance: dict[str, Any]
    """Versions, seed, counts, and the name and digest of every extractor."""

    def figure(self, name: str, subject: str = GENERATED) -> Figure:
        """The figure of that name; ConfigError with a near match when there is none."""
        for figure in self.figures:
            if (figure.name, figure.subject) == (name, subject):
                return figure
        known = sorted({figure.name for figure in self.figures if figure.subject == subject})
        raise ConfigError(unknown_name(f"figure of {subject} images", name, known))
