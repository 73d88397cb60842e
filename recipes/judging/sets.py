"""Runs and folders -> sets of samples that people compare: as many of each label, at the same intensity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.extractors.protocol import Progress
from evaluation.human import TIE
from evaluation.kinds import Kind
from evaluation.samples import Samples
from evaluation.sources import of_media, open_folder
from multigan.errors import ConfigError, DataError
from multigan.protocols import is_tensor
from multigan.runs import data_of, has_data
from multigan.sampling import TrainedGenerator, conditions_for, load_generator
from recipes.evaluations import names_of
from recipes.judging.design import Pools, n_needed, shared_labels
from recipes.kinds import kind_named, kind_of_modality
from recipes.measure import real_samples

REAL = "real"
"""The set that is hidden among the others, as their control."""
MOST = 4


@dataclass(frozen=True)
class Asked:
    """Which sets people compare, and how."""

    places: tuple[Path, ...]
    """Run folders, or folders of samples."""
    real: Path | None = None
    """A folder of real samples; None: held-out samples of the first run."""
    modality: str | None = None
    """Of folders; a run tells its own."""
    intensity: float = 1.0
    seed: int = 0
    device: Any = "cpu"
    plugins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A set before any of it is drawn."""

    labels: frozenset[str]
    """{""} where there are none."""
    draw: Callable[[Sequence[str], int], Samples]
    """(labels, n) -> samples among which are n of each of these labels, or as many as there are."""


def samples_of(
    asked: Asked, question: str, n: int, progress: Progress
) -> tuple[Kind, dict[str, Samples], Pools]:
    """The kind, the samples of each set by name, and which rows of them are to be shown: real ones under ``REAL``.

    ConfigError or DataError where sets are of different kinds, or have no label in common.
    """
    names = names_of_places(asked.places)
    missing = next((place for place in asked.places if not place.exists()), None)
    if missing is not None:
        raise DataError(f"There is no folder {missing}; name runs, or folders of samples.")
    runs = {
        name: load_generator(place, asked.device, asked.plugins)
        for name, place in zip(names, asked.places, strict=True)
        if (place / "run.json").is_file()
    }
    kind = _kind(asked, runs)
    sources = {
        name: _of_run(kind, runs[name], asked) if name in runs else _of_folder(kind, place, asked)
        for name, place in zip(names, asked.places, strict=True)
    }
    sources[REAL] = _real(kind, next(iter(runs.values()), None), asked, progress)
    labels = shared_labels({name: dict.fromkeys(source.labels, ()) for name, source in sources.items()})
    each = n_needed(question, len(sources), len(labels), n)
    sets = {name: source.draw(labels, each) for name, source in sources.items()}
    if asked.intensity != 1 and not any(_has_intensity(runs.get(name), sets[name]) for name in sets):
        raise ConfigError(
            "--intensity chooses none of these samples, which have no intensities: leave it out."
        )
    random = np.random.default_rng((asked.seed, 3))
    pools = {
        name: {label: _nearest(samples, label, each, asked.intensity, random) for label in labels}
        for name, samples in sets.items()
    }
    return kind, sets, pools


def names_of_places(places: Sequence[Path]) -> tuple[str, ...]:
    """What sets are called: the names of their folders, or whole paths where one would read as something else."""
    if not 1 <= len(places) <= MOST:
        raise ConfigError(
            f"A blind test is of 1 to {MOST} runs or folders beside real samples; found {len(places)}."
        )
    return tuple(
        str(place.resolve()) if name.casefold() in TIE else name
        for name, place in zip(names_of(places), places, strict=True)
    )


def _kind(asked: Asked, runs: Mapping[str, TrainedGenerator]) -> Kind:
    kinds = {kind_of_modality(trained.modality).name: trained for trained in runs.values()}
    if asked.modality is not None:
        kinds.setdefault(kind_named(asked.modality, asked.plugins).name, next(iter(runs.values()), None))  # type: ignore[arg-type]
    if not kinds:
        raise ConfigError(
            "Say what the samples of the folders are: add --modality image, audio, text or video."
        )
    if len(kinds) > 1:
        raise ConfigError(f"People compare samples of one kind, and these are {' and '.join(sorted(kinds))}.")
    if asked.modality is not None:
        return kind_named(asked.modality, asked.plugins)
    return kind_of_modality(next(iter(runs.values())).modality)


def _of_folder(kind: Kind, place: Path, asked: Asked) -> Source:
    samples = open_folder(place, kind)
    labels = {""} if samples.labels is None else set(samples.labels) - {""}
    return Source(frozenset(labels), lambda labels, n: samples)


def _real(kind: Kind, run: TrainedGenerator | None, asked: Asked, progress: Progress) -> Source:
    if asked.real is not None:
        return _of_folder(kind, asked.real, asked)
    if run is None or not has_data(run.run_folder):
        raise ConfigError(
            "Real samples are hidden in the test as its control: name a folder of them with --real."
        )
    splits = run.modality.open_data(run.data, data_of(run.run_folder), progress)
    held_out = real_samples(kind, splits.held_out, f"held-out samples of {run.run_folder}")
    labels = {""} if held_out.labels is None else set(held_out.labels)
    return Source(frozenset(labels), lambda labels, n: held_out)


def _of_run(kind: Kind, trained: TrainedGenerator, asked: Asked) -> Source:
    """What a run makes, as ``multigan sample`` does: with the filter of texts, without truncation."""
    if is_tensor(trained.facts.condition_shape):
        raise ConfigError(
            f"{trained.run_folder} makes samples of other samples; write some by multigan sample --input, and give their "
            "folder."
        )
    options = trained.sampling.settings()

    def draw(labels: Sequence[str], n: int) -> Samples:
        media: list[Any] = []
        marks: list[str] = []
        warnings: list[str] = []
        for label in labels:
            conditions = conditions_for(trained, label, [asked.intensity] * n)
            drawn = trained.sampling.draw(trained, conditions, asked.seed, n, options)
            media += trained.modality.media(drawn.tensor, trained.data)
            marks += [label] * len(drawn.rows)
            warnings += drawn.warnings
        names = [f"{label or kind.singular} {number}" for number, label in enumerate(marks)]
        source = f"{trained.run_folder}, checkpoint {trained.checkpoint.name}, seed {asked.seed}"
        own = None if labels == ("",) else marks
        samples = of_media(kind, names, media.__getitem__, labels=own, source=source)
        return replace(samples, notes=tuple(dict.fromkeys(warnings)))

    return Source(frozenset(trained.facts.labels or ("",)), draw)


def _has_intensity(run: TrainedGenerator | None, samples: Samples) -> bool:
    return samples.intensities is not None if run is None else bool(run.facts.labels)


def _nearest(
    samples: Samples, label: str, n: int, intensity: float, random: np.random.Generator
) -> list[int]:
    """Up to ``n`` rows of a label, of the nearest intensities, in a drawn order."""
    rows = np.array(
        [row for row in range(len(samples)) if samples.labels is None or samples.labels[row] == label], int
    )
    rows = random.permutation(rows)
    if samples.intensities is not None:
        rows = rows[np.argsort(np.abs(samples.intensities[rows] - intensity), kind="stable")]
    return random.permutation(rows[:n]).tolist()
