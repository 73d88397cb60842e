"""Projected samples as files: what `multigan project` writes, and what `multigan sample --projected` makes of that."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from multigan.directions import require_styles, shift_of
from multigan.errors import ConfigError
from multigan.modality import Written
from multigan.outputs import publishing
from multigan.projecting import Search
from multigan.projections import SUFFIX, Projection, read_projection, rendered, write_projection
from multigan.sampling import TrainedGenerator, file_stem, identity, unwritable, write_labelled
from multigan.sampling_settings import option_of
from recipes.console import console_of_files, progress_bar
from recipes.projecting import Result, labels_read, measured, names_of, projected, read_files, training_data

_DIALS = ("intensity", "truncation", "direction")
"""Settings of samples that change a projected one."""


def project_files(
    trained: TrainedGenerator,
    run_folder: Path,
    files: Sequence[Path],
    emotion: str | None,
    search: Search,
    out: Path,
) -> list[str]:
    """Project files and write what comes of each to ``out``; sentences for a person."""
    require_styles(trained.network)
    samples = read_files(trained, files)
    with progress_bar(console_of_files()) as progress:
        labels = labels_read(trained, run_folder, samples, emotion, progress)
        started = time.process_time()
        pairs = projected(trained, samples, names_of(files), labels, search, progress)
        seconds = (time.process_time() - started) / len(files)
        train = training_data(trained, run_folder, progress)
        results = measured(trained, samples, pairs, train, progress)
    try:
        with publishing(out, by=identity(trained.network)) as stage:
            for result in results:
                _write(trained, result, stage.folder)
    except OSError as error:
        raise unwritable(out, error) from error
    lines = [in_a_sentence(result) for result in results]
    n = len(results)
    return [*lines, f"Wrote {n} projection{'s' * (n != 1)} to {out} ({seconds:.1f} processor seconds each)."]


def _write(trained: TrainedGenerator, result: Result, folder: Path) -> None:
    projection, modality = result.projection, trained.modality
    write_projection(folder, projection, identity(trained.network))
    path = folder / f"{projection.name}-reconstruction{modality.file_suffix}"
    modality.write_samples(result.reconstruction[None], [path], trained.data)
    row = strip(trained, result)
    modality.preview(row, len(row), folder / f"{projection.name}-strip.png", trained.data)


def strip(trained: TrainedGenerator, result: Result) -> Tensor:
    """[N, ...]: the original, its reconstruction, and that under each label of the run at full intensity."""
    edited = [rendered(trained, result.projection, label)[0] for label in trained.facts.labels]
    return torch.stack([result.original, result.reconstruction, *edited])


def in_a_sentence(result: Result) -> str:
    """How near a projection is, for a person."""
    projection, distance, nearest = result.projection, result.distance, result.nearest
    as_what = f" as {projection.label} of intensity {projection.intensity:g}" if projection.label else ""
    said = f"{projection.name}{as_what}: distance {distance.values:.3f}, in features {distance.features:.2f}"
    if nearest is None:
        return f"{said}."
    return f"{said} (the nearest training samples: {nearest.values:.3f} and {nearest.features:.2f})."


# ---- changed by the dials ----


def write_changed(
    trained: TrainedGenerator,
    paths: Sequence[Path],
    options: Any,
    labels: Sequence[str],
    folder: Path,
    own: bool = False,
) -> Written:
    """Each projected sample under each of ``labels`` and the options, as files with rows in labels.csv.

    Without labels each stays under its own, and ``own`` says whether at the intensity of the options. ConfigError for
    options that are of fresh samples alone.
    """
    default = type(options)()
    fresh = [field.name for field in fields(options) if field.name not in _DIALS]
    others = [name for name in fresh if getattr(options, name) != getattr(default, name)]
    if others:
        raise ConfigError(
            f"{option_of(options, others[0])} is of fresh samples; a projected one is changed by --emotion, --intensity, "
            "--direction and --truncation: leave it out."
        )
    projections = [read_projection(_tensors_of(path), trained) for path in paths]
    names = [
        projection.name.lower() for projection in projections
    ]  # some file systems hold "Me" and "me" for one
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(
            f"Two of the projected samples are called {twice}, and their files would be too: change them one after the "
            "other, each with an --out of its own."
        )
    shift = None if options.direction is None else shift_of(trained.directions, options.direction)

    def write(into: Path) -> Iterator[dict[str, object]]:
        for projection in projections:
            for label in labels or (projection.label if own else "",):
                intensity = options.intensity if label else projection.intensity
                sample = rendered(trained, projection, label, intensity, options.truncation, shift)
                row = _row(trained, projection, label, intensity, options)
                trained.modality.write_samples(sample, [into / str(row["file"])], trained.data)
                yield row

    return write_labelled(trained, folder, write)


def _row(
    trained: TrainedGenerator, projection: Projection, label: str, intensity: float, options: Any
) -> dict[str, object]:
    stem = file_stem(trained.facts.labels, label or projection.label, options)
    facts = {"emotion": label or projection.label, "intensity": intensity, "projected": projection.name}
    return {
        "file": f"{projection.name}-{stem}{trained.modality.file_suffix}",
        **facts,
        **options.columns(),
    }


def _tensors_of(path: Path) -> Path:
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
