"""How voices speak: pitch, energy and speaking rate of generated clips beside held-out ones, in all and by label."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence

import numpy as np
from torch import nn

from evaluation.figures import GENERATED, HELD_OUT, Figure
from evaluation.metrics.audio import estimate_mean
from evaluation.metrics.prosody import PROSODY, prosody
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.outputs import publishing
from multigan.reading.audio import Clip
from multigan.writing import write_text
from recipes.reports.figures import figure_of
from recipes.reports.records import Evidence, Findings, RunReport

NAMES = {
    "pitch": ("voice pitch", "How high voices are, in Hz: the mean over clips; compare with held-out clips."),
    "pitch_spread": (
        "voice pitch spread",
        "How far the pitch moves within a clip, in semitones; below that of held-out clips, voices are flat.",
    ),
    "voiced_share": ("voiced time", "The share of what is no silence that has a pitch."),
    "energy_spread": (
        "energy spread",
        "How far loudness moves within a clip, in dB; below that of held-out clips, nothing is stressed.",
    ),
    "speaking_rate": ("speaking rate", "Syllables per second, counted as voiced peaks of loudness."),
}
"""Column of ``prosody`` -> what its figure is called, and how it is read."""
_NOTE = "Pitch from 60 to 500 Hz by YIN, without a network."


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where samples are no sounds."""
    if not isinstance(splits.train.original(0), Clip):
        raise ConfigError(
            "The report 'speech' is of sounds, and these are none; leave it out of the recipe's report."
        )


def figures_of(values: np.ndarray, subject: str, seed: int) -> list[Figure]:
    """The mean over clips of each column of ``prosody`` [N, 5]; none where fewer than two clips have it."""
    figures = []
    for column, (name, reading) in enumerate(NAMES.values()):
        own = values[np.isfinite(values[:, column]), column]
        if len(own) > 1:
            note = f"Of the {len(own):,} of {len(values):,} clips that have one. {_NOTE}"
            estimate = estimate_mean(own, lowest=0).with_note(note)
            figures.append(figure_of(name, estimate, subject, seed, None, reading))
    return figures


def by_label(
    values: np.ndarray, classes: np.ndarray | None, labels: Sequence[str]
) -> list[dict[str, object]]:
    """A row for each label of clips: how many there are, and the means of their ``prosody`` [N, 5], None without any."""
    rows: list[dict[str, object]] = []
    for number, label in enumerate(labels):
        own = values[classes == number] if classes is not None else values[:0]
        if len(own):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # of a column in which no clip has anything
                means = np.nanmean(own, axis=0)
            told = {
                name: round(float(mean), 4) if np.isfinite(mean) else None
                for name, mean in zip(PROSODY, means, strict=True)
            }
            rows.append({"label": label, "n": len(own), **told})
    return rows


def _findings(evidence: Evidence) -> Findings:
    trained, splits = evidence.trained, evidence.splits
    fakes = trained.modality.media(evidence.samples.tensor, trained.data)
    held_out = splits.held_out
    rows = np.arange(min(held_out.n_originals, evidence.n))
    both = {
        GENERATED: np.stack([prosody(clip) for clip in fakes]),
        HELD_OUT: np.stack([prosody(held_out.original(int(row))) for row in rows]),
    }
    train = splits.train
    asked = None if train.classes is None else train.classes[evidence.rows]
    heard = None if held_out.classes is None else held_out.classes[rows]
    tables = {
        GENERATED: by_label(both[GENERATED], asked, train.labels),
        HELD_OUT: by_label(both[HELD_OUT], heard, held_out.labels),
    }
    with publishing(evidence.folder) as stage:
        write_text(stage.folder / "speech.json", json.dumps(tables, indent=2) + "\n")
    figures = [figure for name, values in both.items() for figure in figures_of(values, name, evidence.seed)]
    return Findings(tuple(figures), _lines(tables))


def _lines(tables: dict[str, list[dict[str, object]]]) -> tuple[str, ...]:
    """A line for each label: the pitch, energy and rate of generated clips, and those of held-out ones in brackets."""
    real = {row["label"]: row for row in tables[HELD_OUT]}
    lines = []
    for row in tables[GENERATED]:
        beside = real.get(row["label"], {})
        parts = [
            f"{words} {_shown(row[name], digits)}{unit} ({_shown(beside.get(name), digits)})"
            for name, words, digits, unit in (
                ("pitch", "pitch", 0, " Hz"),
                ("pitch_spread", "its spread", 1, " semitones"),
                ("energy_spread", "energy spread", 1, " dB"),
                ("speaking_rate", "rate", 1, "/s"),
            )
        ]
        lines.append(f"{row['label']}: {', '.join(parts)}.")
    return ("How voices speak (held-out clips in brackets):", *lines) if lines else ()


def _shown(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float) else "none"


SPEECH = RunReport(check, _findings)
