"""The pictures and files that a run ends with: one grid, an intensity ladder, an interpolation, labelled samples."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from multigan.errors import ConfigError
from multigan.sampling import TrainedGenerator, condition_for, generate, latents, require_truncation

if TYPE_CHECKING:
    from recipes.sounds import SoundFiles

_LADDER_ROWS = 8
_LADDER_STEPS = 8
_INTERPOLATION_STEPS = 10
_GRID_COLUMNS = 12


@dataclass(frozen=True)
class SampleRequest:
    """Which samples are drawn: the first ``n`` of ``seed`` for each of ``emotions`` at one intensity."""

    n: int
    emotions: tuple[str, ...]
    intensity: float
    truncation: float
    seed: int


@dataclass(frozen=True)
class PictureRequest:
    """How the pictures at the end are drawn; ``how`` is what else the generator takes, such as the decoding of texts."""

    seed: int
    intensity: float
    truncation: float
    how: dict[str, Any]
    preview: Callable[[Tensor, int, Path, Any], None] | None = None
    """In place of the modality's own."""


def write_samples(
    trained: TrainedGenerator, request: SampleRequest, folder: Path, sounds: SoundFiles | None = None
) -> list[Path]:
    """Sample files and their ``labels.csv`` (file, emotion, intensity, seed, index, truncation) in ``folder``.

    ``sounds`` says how sounds are finished; None writes samples as they are.
    """
    suffix = trained.modality.file_suffix if sounds is None else sounds.suffix
    if request.truncation != 1:
        require_truncation(trained.network)
    conditions = {
        emotion: _conditions(trained, emotion, [request.intensity] * request.n)
        for emotion in request.emotions or ("",)
    }
    rows, paths = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for emotion, given in conditions.items():
            stem = _file_name(emotion) or "sample"
            names = [f"{stem}-{request.seed}-{index:05d}{suffix}" for index in range(request.n)]
            own = [folder / name for name in names]
            if sounds is None:
                drawn = latents(trained.network, request.seed, range(request.n))
                made = generate(trained.network, drawn, given, request.truncation)
                trained.modality.write_samples(made, own, trained.data)
            else:
                sounds.write(trained, given, request.seed, request.truncation, own)
            paths += own
            facts = (emotion, request.intensity, request.seed)
            rows += [[name, *facts, index, request.truncation] for index, name in enumerate(names)]
        with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "emotion", "intensity", "seed", "index", "truncation"])
            writer.writerows(rows)
    except OSError as error:
        raise ConfigError(
            f"Cannot write samples to {folder}: {error.strerror}. Choose another --out."
        ) from error
    return paths


def _file_name(label: str) -> str:
    """A label, which a person chose, as part of a file's name on any system; no two labels share one."""
    return re.sub(r'[\x00-\x1f/\\:*?"<>|%]', lambda found: f"%{ord(found[0]):02X}", label)


def write_pictures(trained: TrainedGenerator, folder: Path, view: PictureRequest) -> None:
    """``grid.png`` (a row an emotion), ``intensity.png`` (a row a sample, rising intensity) and ``interpolation.png``."""
    labels, data = trained.facts.labels, trained.data
    preview = view.preview or trained.modality.preview
    rows = [(label, [view.intensity] * _GRID_COLUMNS) for label in labels] or [
        ("", [1.0] * _GRID_COLUMNS)
    ] * 8
    grid = [
        _row(trained, label, levels, range(row * _GRID_COLUMNS, (row + 1) * _GRID_COLUMNS), view)
        for row, (label, levels) in enumerate(rows)
    ]
    preview(torch.cat(grid), _GRID_COLUMNS, folder / "grid.png", data)
    if labels:
        levels = [step / (_LADDER_STEPS - 1) for step in range(_LADDER_STEPS)]
        ladder = [
            _row(trained, label, levels, [i] * _LADDER_STEPS, view)
            for i, label in enumerate(labels[:_LADDER_ROWS])
        ]
        preview(torch.cat(ladder), _LADDER_STEPS, folder / "intensity.png", data)
    preview(_interpolation(trained, view), _INTERPOLATION_STEPS, folder / "interpolation.png", data)


def _row(
    trained: TrainedGenerator, label: str, levels: list[float], indices: Sequence[int], view: PictureRequest
) -> Tensor:
    given = _conditions(trained, label, levels)
    drawn = latents(trained.network, view.seed, indices)
    return generate(trained.network, drawn, given, view.truncation, **view.how)


def _interpolation(trained: TrainedGenerator, view: PictureRequest) -> Tensor:
    """From one face and emotion to the next: latents on the sphere, conditions on the line."""
    labels = trained.facts.labels
    strips = []
    n_rows = max(len(labels), 4) if labels else 4
    share = torch.linspace(0, 1, _INTERPOLATION_STEPS)[:, None]
    for row in range(n_rows):
        start, end = latents(trained.network, view.seed, [row, row + 1]).split(1)
        given = None
        if labels:
            ends = [condition_for(labels, labels[(row + i) % len(labels)], view.intensity) for i in (0, 1)]
            given = ends[0].lerp(ends[1], share)
        between = _slerp(start, end, share)
        strips.append(generate(trained.network, between, given, view.truncation, **view.how))
    return torch.cat(strips)


def _slerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    angle = torch.nn.functional.cosine_similarity(start, end).clamp(-1, 1).acos()
    return (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)


def _conditions(trained: TrainedGenerator, label: str, levels: list[float]) -> Tensor | None:
    if not label:
        return None
    return torch.stack([condition_for(trained.facts.labels, label, level) for level in levels])


def fixed_preview(trained: TrainedGenerator, seed: int) -> Callable[[Path], None]:
    """Draws the same latents and conditions each time, so that one sees the same faces grow."""
    labels = trained.facts.labels
    columns = 8
    n = columns * max(len(labels), 4) if labels else columns * 4
    latent = latents(trained.network, seed, range(n))
    given = None
    if labels:
        given = torch.stack([condition_for(labels, label, 1.0) for label in labels for _ in range(columns)])
        latent = latent[: len(given)]

    def draw(path: Path) -> None:
        trained.modality.preview(generate(trained.network, latent, given), columns, path, trained.data)

    return draw
