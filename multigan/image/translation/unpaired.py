"""Pictures of two kinds that are in no pairs: neutral and other drawn faces, or a person's two folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from multigan.emotions import NAMES
from multigan.errors import DataError
from multigan.image.data import ImageArrays, open_images
from multigan.image.translation.settings import PairData
from multigan.modality import Splits
from multigan.protocols import Batch, DescribedDataset
from multigan.reading.columns import NONE
from multigan.reading.prepare import Progress

NEUTRAL = "neutral"
EMOTIONS = tuple(name for name in NAMES if name != NEUTRAL)
"""What the drawn faces are changed to: the columns of the labels, and the planes of a condition."""
VERSION = 1
"""Of how pictures are put together."""


@dataclass(eq=False)
class UnpairedPictures:
    """Samples are pictures of one kind; the condition [N, C + L, R, R] of each is some picture of the other, and its label.

    The label, where there is one, is L planes: the one-hot times the intensity, at every pixel. Which picture goes with
    which is drawn once, and means nothing; where one kind has fewer pictures, they come again.
    """

    made: ImageArrays
    made_rows: np.ndarray
    """int64 [n]: the samples."""
    given: ImageArrays
    given_rows: np.ndarray
    """int64 [m]: what they are to be made of."""
    labels: tuple[str, ...] = ()
    """The labels of the samples in the columns of a condition; () where ``made`` has none."""
    digest: str = field(init=False)
    names: tuple[str, ...] = field(init=False)
    sample_shape: tuple[int, ...] = field(init=False)
    condition_shape: tuple[int, ...] = field(init=False)
    conditions: np.ndarray | None = field(init=False, default=None)
    classes: np.ndarray | None = field(init=False, default=None)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        n, m = len(self.made_rows), len(self.given_rows)
        self._rows = self.made_rows[np.arange(max(n, m)) % n]
        order = np.random.default_rng(0).permutation(m)
        self._partners = self.given_rows[order[np.arange(max(n, m)) % m]]
        self.digest = f"{self.made.digest}-{self.given.digest}-unpaired-v{VERSION}"
        self.names = tuple(self.made.names[row] for row in self._rows)
        self.sample_shape = self.made.sample_shape
        self.condition_shape = (3 + len(self.labels), *self.sample_shape[1:])
        self.n_originals = int((self.made_rows < self.made.n_originals).sum())
        if self.labels and self.made.classes is not None and self.made.conditions is not None:
            columns = [self.made.labels.index(label) for label in self.labels]
            self.conditions = self.made.conditions[self._rows][:, columns]
            self.classes = np.argsort(columns)[
                np.searchsorted(np.sort(columns), self.made.classes[self._rows])
            ]

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """Samples float32 [N, 3, R, R] in [-1, 1] and their conditions."""
        rows = np.asarray(indices, np.int64)
        given = self.given.batch(self._partners[rows]).real
        conditions = None if self.conditions is None else torch.from_numpy(self.conditions[rows])
        return Batch(self.made.batch(self._rows[rows]).real, with_planes(given, conditions))

    def original(self, index: int) -> np.ndarray:
        """uint8 [R, R, 3]."""
        return self.made.original(int(self._rows[index]))


def with_planes(pictures: Tensor, conditions: Tensor | None) -> Tensor:
    """Pictures [N, C, H, W] and conditions [N, L], or None, -> [N, C + L, H, W]."""
    if conditions is None:
        return pictures
    planes = conditions[:, :, None, None].expand(-1, -1, *pictures.shape[2:])
    return torch.cat((pictures, planes.to(pictures.dtype)), 1)


def open_unpaired(settings: PairData, folder: Path | None, progress: Progress) -> Splits:
    """Pictures of the folder B and what is given of A (by ``direction`` the other way), or of drawn faces the neutral ones.

    DataError where one of the two folders is missing.
    """
    if folder is None:
        splits = open_images(settings.images(), None, progress)
        return Splits(_by_emotion(splits.train), _by_emotion(splits.held_out), splits.notes)
    missing = [name for name in ("A", "B") if not (folder / name).is_dir()]
    if missing:
        raise DataError(
            f"{folder} has no folder {' and no folder '.join(missing)}: unpaired pictures of the two kinds lie in A and B."
        )
    own = replace(settings.images(), label=NONE)
    first, second = (open_images(own, folder / name, progress) for name in ("A", "B"))
    given, made = (first, second) if settings.direction == "AtoB" else (second, first)
    train, held_out = _all(made.train, given.train), _all(made.held_out, given.held_out)
    return Splits(train, held_out, (*first.notes, *second.notes))


def _all(made: DescribedDataset, given: DescribedDataset) -> UnpairedPictures:
    assert isinstance(made, ImageArrays)  # as ``open_images`` gives them
    assert isinstance(given, ImageArrays)
    return UnpairedPictures(made, np.arange(len(made)), given, np.arange(len(given)))


def _by_emotion(faces: DescribedDataset) -> UnpairedPictures:
    assert isinstance(faces, ImageArrays)
    assert faces.classes is not None  # of drawn faces
    neutral = faces.classes == faces.labels.index(NEUTRAL)
    if not neutral.any() or neutral.all():
        raise DataError(
            f"Of {len(faces)} drawn faces {neutral.sum()} are neutral, and both kinds are needed: raise data.drawn and "
            "data.drawn_held_out to 16 or more."
        )
    return UnpairedPictures(faces, np.flatnonzero(~neutral), faces, np.flatnonzero(neutral), EMOTIONS)
