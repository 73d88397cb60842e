"""Images whose condition is a picture: made from each of them as it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from multigan.image.data import ImageArrays
from multigan.protocols import Batch


@dataclass(eq=False)
class DerivedPairs:
    """Images as ``images`` has them; the condition [N, *condition_shape] of each is ``derive`` of it.

    Labels say what the images are, and take no part in the condition.
    """

    images: ImageArrays
    derive: Callable[[Tensor], Tensor]
    """Images float32 [N, C, H, W] in [-1, 1] -> conditions."""
    condition_shape: tuple[int, ...]
    digest: str
    """A key of the content, conditions included."""
    labels: tuple[str, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    sample_shape: tuple[int, ...] = field(init=False)
    conditions: np.ndarray | None = field(init=False)
    classes: np.ndarray | None = field(init=False)
    n_originals: int = field(init=False)

    def __post_init__(self) -> None:
        images = self.images
        self.labels, self.names, self.sample_shape = images.labels, images.names, images.sample_shape
        self.conditions, self.classes, self.n_originals = (
            images.conditions,
            images.classes,
            images.n_originals,
        )

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """float32 [N, 3, R, R] in [-1, 1] and their conditions."""
        real = self.images.batch(indices).real
        return Batch(real, self.derive(real))

    def original(self, index: int) -> np.ndarray:
        """uint8 [R, R, 3]."""
        return self.images.original(index)
