"""Reports of what is measured on each clip alone: generated ones beside held-out ones, in all and by label.

Of a representation, held-out ones there and back are measured as well: what it could reach.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from torch import nn

from evaluation.figures import GENERATED, HELD_OUT, Figure
from evaluation.metrics.audio import estimate_mean
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.outputs import publishing
from multigan.reading.audio import Clip
from multigan.writing import write_text
from recipes.reports.figures import figure_of
from recipes.reports.records import THERE_AND_BACK, Evidence, Findings, RunReport


@dataclass(frozen=True)
class Column:
    """One thing that is measured on a clip, >= 0."""

    figure: str
    """What its mean over clips is called."""
    reading: str
    words: str = ""
    """What it is called in the line of a label; "" leaves it out there."""
    digits: int = 1
    unit: str = ""


@dataclass(frozen=True)
class ClipMeasures:
    """What is measured on clips, and how it is told."""

    name: str
    """Of the report, and of its file NAME.json."""
    title: str
    columns: Mapping[str, Column]
    measure: Callable[[Clip, bool], np.ndarray]
    """(clip, whether the generated sounds repeat as they are) -> float64 [columns], nan where there is nothing to tell."""
    note: str = ""

    def figures(self, values: np.ndarray, subject: str, seed: int) -> list[Figure]:
        """The mean over clips of each column of values [N, columns]; none where fewer than two clips have it."""
        figures = []
        for place, column in enumerate(self.columns.values()):
            own = values[np.isfinite(values[:, place]), place]
            if len(own) > 1:
                note = f"Of the {len(own):,} of {len(values):,} clips that have one. {self.note}".strip()
                estimate = estimate_mean(own, lowest=0).with_note(note)
                figures.append(figure_of(column.figure, estimate, subject, seed, None, column.reading))
        return figures

    def by_label(
        self, values: np.ndarray, classes: np.ndarray | None, labels: Sequence[str]
    ) -> list[dict[str, object]]:
        """A row for each label of clips: how many there are, and the means of values [N, columns], None without any."""
        rows: list[dict[str, object]] = []
        for number, label in enumerate(labels):
            own = values[classes == number] if classes is not None else values[:0]
            if len(own):
                with warnings.catch_warnings():
                    warnings.simplefilter(
                        "ignore", RuntimeWarning
                    )  # of a column in which no clip has anything
                    means = np.nanmean(own, axis=0)
                told = {
                    name: round(float(mean), 4) if np.isfinite(mean) else None
                    for name, mean in zip(self.columns, means, strict=True)
                }
                rows.append({"label": label, "n": len(own), **told})
        return rows

    def lines(self, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> tuple[str, ...]:
        """A line for each label: generated clips, and held-out ones in brackets."""
        real = {row["label"]: row for row in tables[HELD_OUT]}
        shown = {name: column for name, column in self.columns.items() if column.words}
        lines = [
            f"{row['label']}: "
            + ", ".join(
                f"{column.words} {_shown(row[name], column.digits)}{column.unit} "
                f"({_shown(real.get(row['label'], {}).get(name), column.digits)})"
                for name, column in shown.items()
            )
            + "."
            for row in tables[GENERATED]
        ]
        return (f"{self.title} (held-out clips in brackets):", *lines) if lines else ()

    def check(self, generator: nn.Module, splits: Splits) -> None:
        """ConfigError where samples are no sounds."""
        if not isinstance(splits.train.original(0), Clip):
            raise ConfigError(
                f"The report {self.name!r} is of sounds, and these are none; leave it out of the recipe's report."
            )

    def findings(self, evidence: Evidence) -> Findings:
        """Figures of all sides, NAME.json with a row for each label, and lines that say the same."""
        trained, train, held_out = evidence.trained, evidence.splits.train, evidence.splits.held_out
        rows = np.arange(min(held_out.n_originals, evidence.n))
        repeats = trained.data.sounds == "loops"
        fakes = trained.modality.media(evidence.samples.tensor, trained.data)
        values = {
            GENERATED: np.stack([self.measure(clip, repeats) for clip in fakes]),
            HELD_OUT: np.stack([self.measure(held_out.original(int(row)), repeats) for row in rows]),
        }
        back = evidence.back
        if back is not None:
            values[THERE_AND_BACK] = np.stack(
                [self.measure(cast(Clip, back.read(place)), repeats) for place in range(len(back))]
            )
        asked = None if train.classes is None else train.classes[evidence.rows]
        heard = None if held_out.classes is None else held_out.classes[rows]
        tables = {
            GENERATED: self.by_label(values[GENERATED], asked, train.labels),
            HELD_OUT: self.by_label(values[HELD_OUT], heard, held_out.labels),
        }
        with publishing(evidence.folder) as stage:
            write_text(stage.folder / f"{self.name}.json", json.dumps(tables, indent=2) + "\n")
        figures = [
            figure for name, own in values.items() for figure in self.figures(own, name, evidence.seed)
        ]
        return Findings(tuple(figures), self.lines(tables))

    @property
    def report(self) -> RunReport:
        """These measures as a report that a recipe can ask for."""
        return RunReport(self.check, self.findings)


def _shown(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float) else "none"
