"""Samples that fit into memory, as a data set that a recipe can train on and report on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from multigan.errors import DataError
from multigan.protocols import Batch
from multigan.reading import prepare
from multigan.reading.columns import Columns
from multigan.reading.files import content_digest, values_digest
from multigan.reading.listing import Kind, list_files
from multigan.reading.split import of_equal, split_of


@dataclass(eq=False)
class ArrayDataset:
    """A ``multigan.protocols.DescribedDataset`` of an array, each sample with a label, or all without.

    ValueError where samples are neither, where there is not one class a sample, or a class is no column of the labels, and
    where intensities are no numbers from 0 to 1, one a sample.
    """

    samples: np.ndarray
    """Floats [N, ...] in [-1, 1], which are kept as float32, or whole numbers [N, T] of tokens, as int64."""
    labels: tuple[str, ...] = ()
    classes: np.ndarray | None = None
    """int64 [N]: the column of each sample's label; None without labels."""
    names: tuple[str, ...] = ()
    """By default the number of each sample."""
    intensities: np.ndarray | None = None
    """[N] in [0, 1]: how strong each label is; None: all are 1, or there are no labels."""
    sample_shape: tuple[int, ...] = field(init=False)
    conditions: np.ndarray | None = field(init=False, default=None)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_originals, *shape = self.samples.shape
        kept = _kept_as(self.samples.dtype, len(shape))
        if kept is None:
            raise ValueError(f"samples are {_ALLOWED}; found {self.samples.dtype} {list(self.samples.shape)}")
        self.samples = self.samples.astype(kept, copy=False)
        self.sample_shape = tuple(shape)
        self.names = self.names or tuple(f"sample-{row}" for row in range(len(self)))
        if bool(self.labels) != (self.classes is not None):
            raise ValueError("labels and classes are given together, or neither")
        if self.classes is not None:
            if len(self.classes) != len(self) or not np.isin(self.classes, range(len(self.labels))).all():
                raise ValueError(
                    f"classes are {len(self)} numbers, one a sample, from 0 to {len(self.labels) - 1}"
                )
            self.conditions = np.eye(len(self.labels), dtype=np.float32)[self.classes]
        if self.intensities is not None:
            own = np.asarray(self.intensities, np.float32)
            if self.conditions is None or own.shape != (len(self),) or not ((own >= 0) & (own <= 1)).all():
                raise ValueError(
                    f"intensities are {len(self)} numbers from 0 to 1, one a sample that has a label"
                )
            self.conditions *= own[:, None]

    def __len__(self) -> int:
        return self.n_originals

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at ``indices``, and the one-hot of their labels times the intensity."""
        rows = np.asarray(indices, np.int64)
        condition = None if self.conditions is None else torch.from_numpy(self.conditions[rows])
        return Batch(torch.from_numpy(self.samples[rows]), condition)

    def original(self, index: int) -> np.ndarray:
        return self.samples[index]


_ALLOWED = "floats from -1 to 1, or a row of whole numbers, which are tokens"


def _kept_as(dtype: np.dtype, n_axes: int) -> type | None:
    """What numbers of samples with so many axes become: as networks have floats, or tokens; None for what is neither."""
    if dtype.kind == "f":
        return np.float32
    return np.int64 if dtype.kind in "iu" and n_axes == 1 else None


def _sample(values: np.ndarray, path: Path) -> np.ndarray:
    sample = np.asarray(values)
    kept = _kept_as(sample.dtype, sample.ndim)
    if kept is None:
        raise DataError(f"{path.name} is {sample.dtype} {list(sample.shape)}: a sample is {_ALLOWED}")
    with np.errstate(over="ignore"):  # told below
        sample = sample.astype(kept, copy=False)
    if not np.isfinite(sample).all():
        raise DataError(f"{path.name} holds something else than finite numbers")
    return sample


def _of_one_shape(
    samples: Mapping[int, np.ndarray], names: Sequence[str], bad: dict[str, str]
) -> dict[int, np.ndarray]:
    """Those that have the shape of most; ``bad``: the others, and why."""
    if not samples:
        return {}
    (shape, _), *_ = Counter(sample.shape for sample in samples.values()).most_common(1)
    for row, sample in samples.items():
        if sample.shape != shape:
            bad[names[row]] = f"its shape is {list(sample.shape)}, and that of most is {list(shape)}"
    return {row: sample for row, sample in samples.items() if names[row] not in bad}


def open_arrays(
    folder: Path,
    kind: Kind,
    read: Callable[[Path], np.ndarray],
    columns: Columns,
    held_out: float,
    progress: prepare.Progress,
) -> tuple[ArrayDataset, ArrayDataset, tuple[str, ...]]:
    """The files of a folder as two data sets, for training and held out, and notes for a person.

    Labels, intensities and what is held out are found as of images: class folders, or a table beside the files, whose
    ``columns`` say what they mean; without a column of a split, the share ``held_out`` is chosen by a hash of the contents.
    ``read(path)`` gives a sample as ``ArrayDataset`` has it. A file is left out, and the reason told, where ``read`` raises
    an error, numbers are not finite, or the shape is not that of most. DataError where nothing is left to train on.
    """
    listing = list_files(folder, kind, columns)
    split, notes = split_of(listing.split, columns, held_out, folder, kind.one, kind.several)
    bad: dict[str, str] = {}
    paths = [listing.folder / name for name in listing.names]
    sample = prepare.guarded(lambda path: _sample(read(path), path))
    usable = prepare.usable(listing, kind, lambda row: sample(paths[row]), bad, progress, waiting=256)
    samples = _of_one_shape(dict(usable), listing.names, bad)
    prepare.refuse_unusable(listing, kind, list(samples), bad)
    more = [prepare.skipped(bad)] if bad else []
    contents = {row: values_digest(sample) for row, sample in samples.items()}
    digests = of_equal([content_digest(path) for path in paths], contents)
    out = split.contents_held_out(list(samples), listing.names, listing.labels, digests, more)
    column = {label: number for number, label in enumerate(listing.classes)}

    def part(of_held_out: bool) -> ArrayDataset:
        rows = [row for row in samples if (digests[row] in out) == of_held_out]
        labelled = {}
        if listing.labels is not None:
            classes = np.array([column[listing.labels[row]] for row in rows])
            labelled = {
                "classes": classes,
                "intensities": np.array([listing.intensities[row] for row in rows]),
            }
        names = tuple(listing.names[row] for row in rows)
        return ArrayDataset(
            np.stack([samples[row] for row in rows]), listing.classes, names=names, **labelled
        )

    return part(False), part(True), (*listing.notes, *notes, *more)
