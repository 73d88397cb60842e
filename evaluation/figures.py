"""The records that a report is made of: figures that say what they are, and everything needed to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multigan.errors import ConfigError
from multigan.registry import unknown_name

if TYPE_CHECKING:
    import numpy as np

    from evaluation.samples import SampleKind

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
    """The extractor that the metric looked through; "" where it needs none."""
    note: str
    """What the interval is, and what else a reader must know."""
    subject: str = GENERATED
    """What was measured: one set of fakes by its name or, for scale, real samples."""
    reading: str = ""
    """One plain sentence on how to read the figure."""


@dataclass(frozen=True)
class Difference:
    """The first set's figure minus the second's, measured against the same real samples."""

    figure: str
    first: str
    second: str
    difference: float
    low: float
    high: float
    n: int
    verdict: str
    """"FIRST is better", "SECOND is better" or "no difference can be told at this n"."""


@dataclass(frozen=True)
class ClosestPair:
    """A fake and the real training sample nearest to it: positions in the samples that were given."""

    fake: int
    train: int
    distance: float
    subject: str = GENERATED
    fake_name: str = ""
    train_name: str = ""


@dataclass(frozen=True)
class Report:
    """All figures of one evaluation."""

    kind: SampleKind
    figures: tuple[Figure, ...]
    differences: tuple[Difference, ...]
    subjects: tuple[str, ...]
    """The names of the sets of fakes, in the order given."""
    labels: tuple[str, ...]
    confusions: dict[str, tuple[tuple[int, ...], ...]]
    """Subject -> counts: rows are the labels asked for, columns those read. Real samples under HELD_OUT."""
    closest: tuple[ClosestPair, ...]
    """For each set of fakes, those that lie closest to a training sample, closest first."""
    warnings: tuple[str, ...]
    """What to know before believing a figure: few samples, files that were skipped, ..."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Versions, seed, counts, command, and for every extractor its name, digest and preprocessing."""

    @property
    def modality(self) -> str:
        """The name of the samples' kind."""
        return self.kind.name

    def figure(self, name: str, subject: str | None = None) -> Figure:
        """The figure of that name, of the first set of fakes by default; ConfigError with a near match if none."""
        subject = self.subjects[0] if subject is None else subject
        for figure in self.figures:
            if (figure.name, figure.subject) == (name, subject):
                return figure
        known = sorted({figure.name for figure in self.figures if figure.subject == subject})
        raise ConfigError(unknown_name(f"figure of {subject!r}", name, known))


@dataclass(frozen=True, eq=False)
class Example:
    """One sample to look at, hear or read, as ``Samples.read`` gives it, with what is known of it."""

    content: Any
    name: str = ""
    label: str | None = None
    intensity: float | None = None


@dataclass(frozen=True)
class Advice:
    """What is the case with a run's game, and what to change."""

    name: str
    sentence: str
    change: tuple[str, ...]
    """Arguments of ``--set``."""
    source: str
    good: bool


@dataclass(frozen=True)
class Equilibrium:
    """What was measured of the game that made a generator."""

    lead: str
    advice: tuple[Advice, ...]
    curves: dict[str, tuple[tuple[float, float, float, float], ...]]
    """Title -> (samples seen, value, and the ends of its 95% interval, NaN where there is none)."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """What the page shows beside the figures; small: a few samples per label."""

    samples: dict[str, tuple[Example, ...]] = field(default_factory=dict)
    """Subject (HELD_OUT for real samples, shown under "real") -> some of its samples."""
    pairs: dict[str, tuple[tuple[Example, Example, float], ...]] = field(default_factory=dict)
    """Subject -> (fake, its nearest training sample, their distance), closest first."""
    maps: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    """Extractor -> subject -> [n, 2]: features on the first two principal axes of the real ones."""
    curves: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    """Name of a training curve -> (samples seen, value)."""
    grid: np.ndarray | None = None
    """The picture that a run ends with, uint8 [H, W, 3]: samples of each label."""
    equilibrium: Equilibrium | None = None
    """Of the game that trained a run's generator, where it was watched."""
    sets: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Subject -> the contents of all its samples, where the kind shows them together."""
