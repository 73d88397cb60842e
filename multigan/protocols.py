"""What the engine asks of data and networks.

A generator has ``latent`` and ``forward``; what it can do beyond that is one of the Protocols below, checked when a run is
assembled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from torch import Generator as RandomState
from torch import Tensor, nn


@dataclass(frozen=True)
class Batch:
    """Real samples [N, ...] and their condition: [N, C], any tensor whose first axis is N, or None."""

    real: Tensor
    condition: Tensor | None

    def to(self, device: Any) -> Batch:
        condition = None if self.condition is None else self.condition.to(device, non_blocking=True)
        return Batch(self.real.to(device, non_blocking=True), condition)

    def chunks(self, n: int) -> list[Batch]:
        """``n`` equal parts in order (gradient accumulation)."""
        conditions = [None] * n if self.condition is None else self.condition.chunk(n)
        return [
            Batch(real, condition) for real, condition in zip(self.real.chunk(n), conditions, strict=True)
        ]


class Dataset(Protocol):
    """One split of real samples."""

    labels: tuple[str, ...]
    """Class names, () where the data has no labels. They are the columns of the condition, unless the data has a
    ``condition_shape`` of its own: labels then say what samples are, and no more."""
    sample_shape: tuple[int, ...]

    def __len__(self) -> int: ...

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at ``indices`` on the CPU, float32 in [-1, 1] or int64 tokens, and their condition.

        That is the one-hot of the label times the intensity, or a tensor of the data's ``condition_shape``.
        """
        ...


def condition_shape_of(data: Dataset) -> tuple[int, ...]:
    """The shape of one sample's condition: the data's own ``condition_shape``, or else (C,) of C labels, or ()."""
    own = getattr(data, "condition_shape", None)
    if own is not None:
        return tuple(own)
    return (len(data.labels),) if data.labels else ()


def is_tensor(condition_shape: tuple[int, ...]) -> bool:
    """Whether a condition of this shape is a sample itself, such as a picture to enlarge, and no vector of labels."""
    return len(condition_shape) > 1


def is_of_labels(condition_shape: tuple[int, ...], n_labels: int) -> bool:
    """Whether a condition of this shape is a vector [C] of labels, or one over time [T, C]."""
    return len(condition_shape) in (1, 2) and condition_shape[-1] == n_labels


class DescribedDataset(Dataset, Protocol):
    """A data set that a recipe can report on."""

    names: tuple[str, ...]
    """One a sample, for a person."""
    classes: np.ndarray | None
    """int64 [N]: the column of each label, which a condition of intensity 0 does not tell; None without labels."""
    conditions: np.ndarray | None
    """float32 [N, C]: one-hot of the label times intensity; None without labels."""
    n_originals: int
    """The first so many samples are what was given; the others are their mirror images, in the same order."""

    def original(self, index: int) -> Any:
        """Sample ``index`` below ``n_originals`` as its file holds it: uint8 [H, W, 3], a ``Clip`` or a text."""
        ...


@runtime_checkable
class Generates(Protocol):
    """A generator: ``latent(n)`` [N, Z] from a random state, and ``forward(latent, condition)`` -> samples [N, ...]."""

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor: ...

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor: ...


@runtime_checkable
class StyleGenerator(Generates, Protocol):
    """A generator with an intermediate latent space: mapping -> styles [N, L, W], synthesis(styles) -> samples."""

    def mapping(self, latent: Tensor, condition: Tensor | None) -> Tensor: ...

    def synthesis(self, styles: Tensor) -> Tensor: ...


@runtime_checkable
class SequenceGenerator(Generates, Protocol):
    """A generator of token sequences, int64 [N, T]; log-probabilities are in nats, 0 after the token that ends."""

    def log_prob(self, tokens: Tensor, condition: Tensor | None) -> Tensor:
        """log p(token_t | tokens before t, condition) [N, T], by teacher forcing."""
        ...

    def complete(
        self, prefix: Tensor, condition: Tensor | None, random_state: RandomState | None = None
    ) -> Tensor:
        """Prefixes [N, t] -> whole sequences [N, T] that begin with them."""
        ...


@runtime_checkable
class RollsOut(Protocol):
    """A sequence generator that completes every prefix of tokens [N, T] in one pass, R times: [R, T - 1, N, T]."""

    def roll_out(self, tokens: Tensor, condition: Tensor | None, n_rollouts: int) -> Tensor: ...


@runtime_checkable
class RelaxedGenerator(Protocol):
    """A sequence generator whose samples carry a gradient: one-hot [N, T, V] forward, relaxed backward."""

    def relax(self, n: int, condition: Tensor | None, temperature: float) -> Tensor: ...


@runtime_checkable
class TabulatedDiscriminator(Protocol):
    """A discriminator that prepares to score many sequences: the function gives ``forward``'s logits in evaluation mode.

    It holds until the next step of the optimiser.
    """

    def tabulated(self) -> Callable[[Tensor, Tensor | None], Tensor]: ...


@runtime_checkable
class ClassifyingDiscriminator(Protocol):
    """A discriminator that also reads the label: ``judge`` -> logits [N] or [N, K], class logits [N, C]."""

    def judge(self, samples: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]: ...


@runtime_checkable
class Layered(Protocol):
    """A discriminator that tells its layers, from the sample on, of which the first may be frozen."""

    def layers(self) -> tuple[nn.Module, ...]: ...


@runtime_checkable
class Pretrained(Protocol):
    """A network a part of which is frozen and comes from files: no checkpoint holds that part.

    ``load_pretrained`` is called when a run is assembled; sampling, which needs the generator alone, does without the files.
    """

    def load_pretrained(self) -> None: ...


@runtime_checkable
class Representation(Protocol):
    """What the networks see in place of samples, such as a spectrogram, and the way back."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one encoded sample."""
        ...

    def fit(self, samples: Tensor) -> None:
        """Take what it must know of the data (means, deviations) from real samples [N, ...], once before training."""
        ...

    def encode(self, samples: Tensor) -> Tensor:
        """Samples [N, ...] -> float32 [N, *shape], of about unit scale."""
        ...

    def decode(self, encoded: Tensor) -> Tensor:
        """[N, *shape] -> samples [N, ...], the same for the same input."""
        ...


@runtime_checkable
class Represents(Protocol):
    """A generator that makes encoded samples, for a discriminator of encoded samples.

    What the representation knows of the data are buffers of the generator, so that a checkpoint holds them. The trainer
    encodes real samples before any network, penalty or augmentation sees them; sampling decodes.
    """

    representation: Representation


@runtime_checkable
class Grows(Protocol):
    """A network whose resolution grows in training (PGGAN, arXiv:1710.10196): level 3 is 8x8 pixels, 2.3 on the way there.

    ``levels`` are the lowest and the highest. The level is a buffer, so that a checkpoint and averaged weights have it.
    """

    levels: tuple[int, int]

    def grow(self, level: float) -> None: ...
