"""The few real samples of a trial: which they are, and the folder that is all its generator is given."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from multigan.errors import DataError
from multigan.modality import Modality, Splits
from multigan.protocols import DescribedDataset
from multigan.reading.formulas import no_formula
from multigan.writing import make_folder, write_text

TABLE = "labels.csv"
HELD_OUT = "held-out"
COLUMNS = ("data.label=label", "data.intensity=intensity", f"data.split=split={HELD_OUT}")
"""How the table of the folder is read."""


def choose(train: DescribedDataset, n: int, seed: int) -> np.ndarray:
    """int64 [n C]: the rows of ``n`` training samples per label, label by label, mirror images left out.

    Those of a smaller ``n`` are among those of a larger one. DataError where a label has fewer.
    """
    if train.classes is None:
        raise DataError(
            "The data have no labels that a classifier could learn; name their column (data.label)."
        )
    classes = train.classes[: train.n_originals]
    rows = []
    for number, label in enumerate(train.labels):
        own = np.random.default_rng((seed, number)).permutation(np.flatnonzero(classes == number))
        if len(own) < n:
            raise DataError(
                f"The label {label!r} has {len(own)} training samples, and {n} are asked for; lower counts, or add samples."
            )
        rows.append(own[:n])
    return np.concatenate(rows)


def intensities_of(data: DescribedDataset, rows: np.ndarray) -> np.ndarray:
    """[N] in [0, 1] of some samples."""
    return np.ones(len(rows)) if data.conditions is None else data.conditions[rows].max(1)


def write_few(
    folder: Path, splits: Splits, rows: np.ndarray, seed: int, modality: Modality, data: object
) -> None:
    """Files of the training samples ``rows``, and a table of their labels and intensities (its ``index`` are the rows).

    One held-out sample more is there, and the table says so: a run must have one, and shows it to no network.
    """
    make_folder(folder)
    table: list[dict[str, object]] = []
    for side, own, name in (
        (splits.train, rows, "train"),
        (splits.held_out, np.zeros(1, np.int64), HELD_OUT),
    ):
        assert side.classes is not None
        originals = [side.original(int(row)) for row in own]
        if all(isinstance(each, str) for each in originals):
            samples = [{"text": no_formula(each)} for each in originals]
        else:
            paths = [folder / f"{name}-{place:05d}{modality.file_suffix}" for place in range(len(own))]
            modality.write_samples(side.batch(own).real, paths, data)
            samples = [{"file": path.name} for path in paths]
        labels = [side.labels[number] for number in side.classes[own]]
        for place, (sample, label, intensity) in enumerate(
            zip(samples, labels, intensities_of(side, own), strict=True)
        ):
            facts = {"label": no_formula(label), "intensity": f"{intensity:.6f}", "split": name}
            table.append({**sample, **facts, "seed": seed, "index": int(own[place])})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    write_text(folder / TABLE, text.getvalue())
