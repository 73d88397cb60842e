"""The pictures that a run ends with, and those of its progress: a grid, an intensity ladder, an interpolation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from multigan.interpolating import between
from multigan.outputs import publishing
from multigan.sampling import TrainedGenerator, condition_for, conditions_for, generate, latents
from multigan.sampling_settings import SamplingSettings
from recipes.conditions import Examples

_LADDER_ROWS = 8
_LADDER_STEPS = 8
_INTERPOLATION_STEPS = 10
_GRID_COLUMNS = 12


@dataclass(frozen=True)
class _Painter:
    """A trained generator, a seed, and how its samples are drawn."""

    trained: TrainedGenerator
    seed: int
    options: SamplingSettings

    def row(self, label: str, levels: list[float], indices: Sequence[int]) -> Tensor:
        """Samples of one label at rising or equal intensities, by the numbers of their latents."""
        latent = latents(self.trained.network, self.seed, indices)
        return self.generate(latent, conditions_for(self.trained, label, levels))

    def generate(self, latent: Tensor, conditions: Tensor | None) -> Tensor:
        return self.trained.sampling.generate(self.trained, latent, conditions, self.options)

    def examples(self, examples: Examples, columns: int) -> Tensor:
        """Every example as condition, generated and real sample, side by side; as many as fill whole rows of columns."""
        latent = latents(self.trained.network, self.seed, range(len(examples.real)))
        columns_of = examples.beside(self.trained, self.generate(latent, examples.conditions))
        n = len(examples.real) // max(1, columns // len(columns_of)) * max(1, columns // len(columns_of))
        each = torch.stack([column[: n or len(examples.real)] for column in columns_of], 1)
        return each.flatten(0, 1)

    def page(self, rows: list[Tensor], columns: int, path: Path) -> None:
        self.trained.sampling.page(self.trained, torch.cat(rows), columns, path, self.options)


def write_pictures(
    trained: TrainedGenerator,
    folder: Path,
    seed: int,
    options: SamplingSettings,
    examples: Examples | None = None,
) -> tuple[str, ...]:
    """``grid.png`` (a row a label), ``intensity.png`` (a row a sample, rising intensity) and ``interpolation.png``.

    Of ``examples``, whose conditions are tensors, ``grid.png`` alone: condition, generated and real side by side. Gives the
    names of the pictures to look at.
    """
    painter = _Painter(trained, seed, options)
    with publishing(folder) as stage:
        if examples is not None:
            made = painter.examples(examples, _GRID_COLUMNS)
            painter.page([made], _GRID_COLUMNS, stage.folder / "grid.png")
            return ("grid.png",)
        _write_pictures(painter, stage.folder)
    return ("grid.png", "interpolation.png")


def _write_pictures(painter: _Painter, folder: Path) -> None:
    labels, options = painter.trained.facts.labels, painter.options
    rows = [(label, [options.intensity] * _GRID_COLUMNS) for label in labels] or [
        ("", [1.0] * _GRID_COLUMNS)
    ] * 8
    grid = [
        painter.row(label, levels, range(row * _GRID_COLUMNS, (row + 1) * _GRID_COLUMNS))
        for row, (label, levels) in enumerate(rows)
    ]
    painter.page(grid, _GRID_COLUMNS, folder / "grid.png")
    if labels:
        levels = [step / (_LADDER_STEPS - 1) for step in range(_LADDER_STEPS)]
        ladder = [
            painter.row(label, levels, [i] * _LADDER_STEPS) for i, label in enumerate(labels[:_LADDER_ROWS])
        ]
        painter.page(ladder, _LADDER_STEPS, folder / "intensity.png")
    painter.page(_interpolation(painter), _INTERPOLATION_STEPS, folder / "interpolation.png")


def _interpolation(painter: _Painter) -> list[Tensor]:
    """From one sample and label to the next: latents on the sphere, conditions on the line."""
    network, labels = painter.trained.network, painter.trained.facts.labels
    strips = []
    n_rows = max(len(labels), 4) if labels else 4
    share = torch.linspace(0, 1, _INTERPOLATION_STEPS)[:, None]
    for row in range(n_rows):
        start, end = latents(network, painter.seed, [row, row + 1]).split(1)
        conditions = None
        if labels:
            level = painter.options.intensity
            ends = [condition_for(labels, labels[(row + i) % len(labels)], level) for i in (0, 1)]
            conditions = ends[0].lerp(ends[1], share)
        strips.append(painter.generate(between(start, end, share), conditions))
    return strips


def fixed_preview(
    trained: TrainedGenerator, seed: int, examples: Examples | None = None
) -> Callable[[Path], None]:
    """Draws the same latents and conditions each time, so that one sees the same samples grow."""
    if examples is not None:
        painter = _Painter(trained, seed, trained.sampling.settings())

        def draw_examples(path: Path) -> None:
            samples = painter.examples(examples, _GRID_COLUMNS)
            trained.modality.preview(samples, _GRID_COLUMNS, path, trained.data)

        return draw_examples
    labels = trained.facts.labels
    columns = 8
    n = columns * max(len(labels), 4) if labels else columns * 4
    latent = latents(trained.network, seed, range(n))
    conditions = None
    if labels:
        rows = [condition_for(labels, label, 1.0) for label in labels for _ in range(columns)]
        conditions = torch.stack(rows)
        latent = latent[: len(conditions)]

    def draw(path: Path) -> None:
        samples = generate(trained.network, latent, conditions)
        trained.modality.preview(samples, columns, path, trained.data)

    return draw
