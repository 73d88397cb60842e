"""How often the samples of a scene are read as one emotion, by what reads the labels of each kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.extractors.protocol import Progress, features_of
from evaluation.features.subset import Subset
from evaluation.statistics.intervals import wilson
from multigan.errors import ConfigError
from multigan.runs import read_run
from multigan.sampling import TrainedGenerator
from recipes.console import console_of_files, progress_bar
from recipes.measure import real_samples
from recipes.scene.draw import Asked, Part, part_of

Readings = list[str | None]
"""The label that each sample is read as; None where there is no sample."""


def measured_agreement(
    runs: Mapping[str, Path],
    trained: Mapping[str, TrainedGenerator],
    asked: Asked,
    intensity: float,
    n: int,
) -> dict[str, object]:
    """``agreement`` of n samples of each run, the first of which are those of a scene, and what was asked."""
    parts = [part_of(role, runs[role], one, asked, [intensity] * n) for role, one in trained.items()]
    with progress_bar(console_of_files()) as progress:
        found = agreement(parts, tuple(trained.values()), intensity, asked.seed, progress)
    made = [
        {"kind": part.kind.name, "run": str(part.run), "checkpoint": part.checkpoint, "emotion": part.emotion}
        for part in parts
    ]
    return {"parts": made, "intensity": intensity, "seed": asked.seed, **found}


def in_a_sentence(found: Mapping[str, Any]) -> str:
    """What ``measured_agreement`` found, for a person."""
    first, real = found["generated"], found["real"]
    beside = "" if real is None else f", of {real['n']} real ones {_typeset(real['alike'])}"
    return (
        f"Of {first['n']} rows {_typeset(first['alike'])} are read as one emotion by all readers{beside}; by chance "
        f"{found['chance']:.3f}."
    )


def _typeset(share: Mapping[str, float]) -> str:
    return f"{share['value']:.3f} ({share['low']:.3f} to {share['high']:.3f})"


def agreement(
    parts: Sequence[Part],
    trained: Sequence[TrainedGenerator],
    intensity: float,
    seed: int,
    progress: Progress | None,
) -> dict[str, object]:
    """How often sample i of all parts is read as one label, and as the label asked for; the same of real samples, which were
    held out, of that label and of the nearest intensities, in an order drawn by the seed; and by chance.

    Each reader is the classifier that a report of the run trains, or the one that it has trained. Of a mix there are no real
    samples: ``real`` is then None.
    """
    generated: list[Readings] = []
    real: list[Readings] = []
    for stream, (part, run) in enumerate(zip(parts, trained, strict=True)):
        reader = _Reader(part, run, progress)
        generated.append(reader.read(part.media))
        order = np.random.default_rng((seed, stream))
        real.append(reader.read(reader.held_out(part.emotion, intensity, len(part.media), order)))
    asked = [part.emotion for part in parts]
    return {
        "generated": shares(generated, asked),
        "real": shares(real, asked) if all(real) else None,
        "chance": chance([run.facts.labels for run in trained]),
    }


def shares(readings: Sequence[Readings], asked: Sequence[str]) -> dict[str, object]:
    """Of N rows in which every part has a sample: the share that all parts are read alike in, and of each part the share
    that is read as was asked, with 95% intervals."""
    rows = [row for row in zip(*readings, strict=False) if None not in row]
    if not rows:
        raise ConfigError("There is no sample in which all runs have something to read; give a larger --n.")
    alike = sum(len({*row}) == 1 for row in rows)
    read = [sum(row[place] == label for row in rows) for place, label in enumerate(asked)]
    return {
        "n": len(rows),
        "alike": _share(alike, len(rows)),
        "as_asked": [_share(k, len(rows)) for k in read],
    }


def chance(labels: Sequence[Sequence[str]]) -> float:
    """How often guesses at random among each part's own labels are alike."""
    shared = set(labels[0]).intersection(*labels[1:])
    return len(shared) / math.prod(len(own) for own in labels)


def _share(successes: int, n: int) -> dict[str, float]:
    interval = wilson(successes, n)
    return {"value": successes / n, "low": interval.low, "high": interval.high}


class _Reader:
    """The classifier of a run's labels, trained on its training samples."""

    def __init__(self, part: Part, trained: TrainedGenerator, progress: Progress | None) -> None:
        record = part.kind.classifier
        if record is None:
            raise ConfigError(
                f"There is nothing that reads the labels of {part.kind.noun}; leave --agreement out."
            )
        folder = read_run(part.run).get("data")
        silent: Progress = progress or (lambda *told: None)
        splits = trained.modality.open_data(trained.data, Path(str(folder)) if folder else None, silent)
        train, self._held_out = splits.train, splits.held_out
        samples = real_samples(trained.modality.kind, train, "training samples of the run")
        assert train.classes is not None
        rows = np.arange(train.n_originals)
        subset = Subset(samples, rows, {}, train.classes[rows], samples.intensities)
        device = next(trained.network.parameters()).device
        self._classifier = record.train(subset, len(train.labels), device, progress)
        self._labels = train.labels

    def read(self, media: Sequence[Any]) -> Readings:
        """The label of each sample."""
        there = [row for row, one in enumerate(media) if one is not None]
        readings: Readings = [None] * len(media)
        if there:
            features = features_of(self._classifier, [media[row] for row in there])
            numbers = self._classifier.probabilities_of(features).argmax(1)
            for row, number in zip(there, numbers, strict=True):
                readings[row] = self._labels[int(number)]
        return readings

    def held_out(self, label: str, intensity: float, n: int, order: np.random.Generator) -> list[Any]:
        """Up to n held-out samples of a label, those of the nearest intensities; none of a mix."""
        data = self._held_out
        if label not in data.labels or data.classes is None or data.conditions is None:
            return []
        rows = np.flatnonzero(data.classes[: data.n_originals] == data.labels.index(label))
        distance = np.abs(data.conditions[rows].max(1) - intensity)
        return [
            data.original(int(row))
            for row in order.permutation(rows[np.argsort(distance, kind="stable")][:n])
        ]
