"""Of pictures that are changed in one thing: how far their corners, which have nothing of it, are from the source."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from evaluation.figures import GENERATED, HELD_OUT, Figure
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import ConfigError
from multigan.modality import Splits
from recipes.conditions import conditions_of, takes_tensors
from recipes.reports.figures import figure_of
from recipes.reports.records import Evidence, Findings, RunReport

NAME = "change of the corners"
_READING = (
    "The mean absolute difference from the source in levels of 255, outside the circle that touches the picture's sides, "
    "where no expression reaches; 0 keeps them. Of held-out samples: from a source that they were not made of."
)


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where samples are not made of pictures of their size."""
    data = splits.train
    shape = tuple(getattr(data, "condition_shape", ()))
    if not takes_tensors(data) or len(shape) != 3 or shape[1:] != tuple(data.sample_shape[1:]):
        raise ConfigError(
            "The report 'kept' is of pictures that are made of pictures of the same size, and these are not; leave it out "
            "of the recipe's report."
        )


def change_of_corners(pictures: Tensor, sources: Tensor) -> np.ndarray:
    """[N]: the mean |picture - source| in levels of 255 outside the inscribed circle, of [N, C, H, W] in [-1, 1]."""
    height, width = pictures.shape[2:]
    y, x = (((torch.arange(n) + 0.5) * 2 / n - 1) for n in (height, width))
    corners = y[:, None].square() + x.square() > 1
    apart = (pictures.double() - sources.double()).abs().mean(1) * 127.5
    return apart[:, corners].mean(1).numpy()


def _findings(evidence: Evidence) -> Findings:
    data, fakes = evidence.splits.held_out, evidence.samples.tensor
    conditions = conditions_of(data, evidence.rows)
    assert conditions is not None  # as ``check`` found
    sources = conditions[:, : fakes.shape[1]]
    real = torch.cat(
        [data.batch(rows).real for rows in np.array_split(evidence.rows, -(-len(evidence.rows) // 64))]
    )
    figures = [
        _figure(change_of_corners(samples, sources), subject, evidence.seed)
        for subject, samples in ((GENERATED, fakes), (HELD_OUT, real))
    ]
    own, other = figures
    line = (
        f"The corners of {own.n:,} pictures change by {own.value:.1f} of 255 levels [{own.low:.1f}, {own.high:.1f}] from "
        f"their sources; those of pictures that have nothing to do with each other by {other.value:.1f}."
    )
    return Findings(tuple(figures), (line,))


def _figure(values: np.ndarray, subject: str, seed: int) -> Figure:
    value, without = float(values.mean()), left_out_means(values, n_groups_of(len(values)))
    estimate = Estimate(value, without, jackknife(value, without), len(values))
    return figure_of(NAME, estimate, subject, seed, False, _READING)


KEPT = RunReport(check, _findings)
