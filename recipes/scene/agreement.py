"""How often the samples of a scene are read as one emotion, by what reads the labels of each kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.extractors.protocol import Progress
from evaluation.statistics.intervals import wilson
from multigan.errors import ConfigError
from multigan.sampling import TrainedGenerator
from recipes.console import console_of_files, progress_bar
from recipes.label_reader import LabelReader, Readings
from recipes.scene.draw import Asked, Part, part_of


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
        if part.kind.classifier is None:
            raise ConfigError(
                f"There is nothing that reads the labels of {part.kind.noun}; leave --agreement out."
            )
        reader = LabelReader(part.kind, part.run, run, progress)
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
