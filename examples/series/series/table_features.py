"""Rows of a table as features: numbers at the deviation of the training data, and one-hots of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from series.columns import Column
from series.table_data import Row

REACH = 4.0
"""Deviations beyond which a number counts as that many."""


class ColumnFeatures:
    """[N, D]: of a number its deviations from the mean, and 1 where it is missing; of a category its one-hot / sqrt(2).

    Two rows that differ in one category are as far apart as two whose number differs by a deviation.
    """

    name, digest, preprocessing = "columns", "none", "numbers by mean and deviation, one-hots; v1"

    def prepare(self, sample: Any) -> np.ndarray:
        """float32 [D] of a ``Row``."""
        row: Row = sample
        parts = [
            part_of(column, value) for column, value in zip(row.columns.columns, row.values, strict=True)
        ]
        return np.concatenate(parts).astype(np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """float32 [N, D]."""
        return np.stack(prepared)


def column_features(device: Any, files: Mapping[str, Path]) -> ColumnFeatures:
    """It needs neither."""
    return ColumnFeatures()


def part_of(column: Column, value: float | str) -> np.ndarray:
    """What a cell adds to the features of its row."""
    if column.numbers is None:
        return np.array([value == category for category in column.categories]) / np.sqrt(2)
    number = float(value)
    gone = np.isnan(number)
    scaled = 0.0 if gone else float(np.clip((number - column.mean) / column.deviation, -REACH, REACH))
    return np.array([scaled] if column.numbers.missing is None else [scaled, gone])
