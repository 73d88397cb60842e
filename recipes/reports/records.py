"""What a report of a run looks at, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from evaluation.figures import Figure
from evaluation.samples import Samples as MeasuredSamples
from multigan.modality import Samples, Splits
from multigan.sampling import TrainedGenerator

THERE_AND_BACK = "held-out real, there and back"
"""Held-out samples, encoded and decoded as generated ones are."""


@dataclass(frozen=True)
class Evidence:
    """A trained generator, its data and the samples of it that the evaluation measured."""

    trained: TrainedGenerator
    splits: Splits
    samples: Samples
    rows: np.ndarray
    """int64 [M]: the sample whose condition each of the M samples has, of ``recipes.conditions.measured_side``."""
    run_folder: Path
    folder: Path
    """Where the evaluation's own report goes, and files of this one."""
    n: int
    """How many samples the evaluation measures."""
    seed: int
    back: MeasuredSamples | None = None
    """``THERE_AND_BACK``; None for a generator that makes samples as they are, and where too few are held out."""


@dataclass(frozen=True)
class Findings:
    """Figures that join ``report.json``, and lines for the terminal."""

    figures: tuple[Figure, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunReport:
    """A report by its two functions."""

    check: Callable[[nn.Module, Splits], None]
    """(generator, data): ConfigError before training where a run of these cannot have this report."""
    make: Callable[[Evidence], Findings]
