"""What is measured of tables alone: columns, pairs of columns, training on one table and testing on another, and copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.evidence import Estimates, Evidence
from evaluation.features.subset import Subset
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import wilson_effective
from series.columns import Columns
from series.measures import (
    estimate_associations,
    estimate_columns,
    estimate_trained_elsewhere,
    number_distance,
    scores_of,
    total_variation,
    training_and_test,
)
from series.table_data import Row
from series.table_features import ColumnFeatures


def columns_of_rows(rows: Sequence[Row]) -> list[np.ndarray]:
    """The values of each column: float64 [N], NaN where one is missing, or object [N]."""
    columns = rows[0].columns.columns
    return [
        np.array([row.values[place] for row in rows], np.float64 if column.numbers is not None else object)
        for place, column in enumerate(columns)
    ]


def column_distances(evidence: Evidence) -> Estimates:
    """Kolmogorov-Smirnov or total variation of each column."""
    columns = _columns(evidence.real)
    distances = [total_variation if one.numbers is None else number_distance for one in columns.columns]
    mean, worst = estimate_columns(
        [one.name for one in columns.columns],
        distances,
        columns_of_rows(evidence.real.contents),
        columns_of_rows(evidence.fake.contents),
    )
    return {"column distance": mean, "worst column distance": worst}


def association_differences(evidence: Evidence) -> Estimates:
    """How differently pairs of columns hang together, that of the labels among them."""
    names, real = _scores(evidence.real, evidence.n_labels)
    others, fake = _scores(evidence.fake, evidence.n_labels)
    shared = [name for name in names if name in others]
    if len(shared) < 2:
        return {}
    real, fake = ([side[own.index(name)] for name in shared] for own, side in ((names, real), (others, fake)))
    mean, worst = estimate_associations(shared, real, fake)
    return {"association difference": mean, "worst association difference": worst}


def trained_elsewhere(evidence: Evidence) -> Estimates:
    """A classifier of labels that is trained on these rows, or for scale on real ones, and tested on other real ones."""
    sides = training_and_test(evidence)
    if sides is None:
        return {}
    (inputs, tested), (labels, asked) = map(_features, sides), (np.asarray(side.labels) for side in sides)
    estimate = estimate_trained_elsewhere(
        inputs, labels, tested, asked, evidence.n_labels, evidence.options.seed
    )
    return {"train here, test on real": estimate}


def identical_rows(evidence: Evidence) -> Estimates:
    """The share of rows all of whose cells are those of a training row."""
    known = {_key(row) for row in evidence.training.contents}
    same = np.array([_key(row) in known for row in evidence.fake.contents], float)
    without = left_out_means(same, n_groups_of(len(same)))
    share = float(same.mean())
    return {
        "identical rows": Estimate(share, without, wilson_effective(share, len(same), without), len(same))
    }


def _key(row: Row) -> tuple:
    return tuple("" if value != value else value for value in row.values)


def _columns(subset: Subset) -> Columns:
    return subset.contents[0].columns


def _features(subset: Subset) -> np.ndarray:
    extractor = ColumnFeatures()
    if extractor.name in subset.features:
        return np.asarray(subset.features[extractor.name], np.float64)
    return extractor.forward([extractor.prepare(row) for row in subset.contents]).astype(np.float64)


def _scores(subset: Subset, n_labels: int) -> tuple[list[str], list[np.ndarray]]:
    columns = _columns(subset)
    names = [one.name for one in columns.columns]
    scores = [
        scores_of(values, None if one.numbers is not None else one.categories)
        for one, values in zip(columns.columns, columns_of_rows(subset.contents), strict=True)
    ]
    if subset.labels is not None and n_labels > 1:
        names, scores = [*names, columns.label or "the label"], [*scores, np.eye(n_labels)[subset.labels]]
    return names, scores
