"""What the engine asks of a modality and an architecture.

A modality is data handling; an architecture is a pair of networks. A generator has ``latent`` and ``forward``; what
it can do beyond that is one of the Protocols below, checked when a run is assembled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.registry import Registry


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
    """Class names in the column order of the condition; () where the data has no labels."""
    sample_shape: tuple[int, ...]

    def __len__(self) -> int: ...

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at ``indices`` on the CPU, float32 in [-1, 1] or int64 tokens; condition = one-hot times intensity."""
        ...


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


@dataclass(frozen=True)
class Splits:
    """Real data, split by a stable hash. ``notes`` are sentences for the person (what was skipped, and why)."""

    train: DescribedDataset
    held_out: DescribedDataset
    notes: tuple[str, ...] = ()
    data: Any = None
    """The modality's data settings with what was found in the data, such as a vocabulary; None: as they were given."""


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
    """A discriminator that also reads the label: ``judge`` -> logits [N] and class logits [N, C]."""

    def judge(self, samples: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]: ...


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


@dataclass(frozen=True)
class Architecture:
    """``build(settings, sample_shape, condition_size)`` -> generator, discriminator."""

    name: str
    settings: type
    build: Callable[[Any, tuple[int, ...], int], tuple[nn.Module, nn.Module]]


def uniform_samples(n: int, sample_shape: tuple[int, ...]) -> Tensor:
    """float32 [n, *sample_shape] in [-1, 1)."""
    return torch.rand(n, *sample_shape) * 2 - 1


@dataclass(frozen=True)
class Modality:
    """How samples of one kind are read, augmented, written and previewed, and which architectures make them.

    ``data`` in its functions is the modality's own data settings: a sound's rate, for one, is there.
    """

    name: str
    data_settings: type
    open_data: Callable[[Any, Path | None, Callable[[str, int, int], None]], Splits]
    """(data, folder of real data or None for the embedded default, progress(what, done, total)) -> Splits."""
    sample_shape: Callable[[Any], tuple[int, ...]]
    """(data) -> the shape of one sample, before any data is read."""
    architectures: Registry[Architecture]
    augmentations: Registry[Callable[..., nn.Module]]
    media: Callable[[Tensor, Any], Sequence[Any]]
    """(samples [N, ...] in [-1, 1] or tokens, data) -> what their files hold: uint8 [H, W, 3], a ``Clip`` or a text."""
    write_samples: Callable[[Tensor, Sequence[Path], Any], None]
    """(samples [N, ...] in [-1, 1], one path each, data)."""
    preview: Callable[[Tensor, int, Path, Any], None]
    """(samples, columns, path, data): one picture of all samples."""
    file_suffix: str
    measured_as: Literal["image", "audio", "text"] | None = None
    """What the evaluation takes its ``media`` for; None: a run ends without a report."""
    random_samples: Callable[[int, tuple[int, ...]], Tensor] = uniform_samples
    """(n, sample_shape) -> noise of the kind that samples are, for plans and checks."""


def architecture_of(modality: Modality, raw: dict[str, Any]) -> tuple[Architecture, Any]:
    """The architecture named in ``raw`` and its own settings from the other keys."""
    if "name" not in raw:
        raise ConfigError(f"architecture.name is missing; choose one of {', '.join(modality.architectures)}.")
    architecture = modality.architectures[raw["name"]]
    own = {key: value for key, value in raw.items() if key != "name"}
    return architecture, load(architecture.settings, own, f"architecture {raw['name']}")


def build_networks(
    modality: Modality, raw: dict[str, Any], sample_shape: tuple[int, ...], n_labels: int
) -> tuple[nn.Module, nn.Module]:
    """Generator and discriminator on the CPU, drawn from torch's global random state."""
    architecture, options = architecture_of(modality, raw)
    generator, critic = architecture.build(options, sample_shape, n_labels)
    if not isinstance(generator, Generates):
        raise ConfigError(
            f"The generator of architecture {architecture.name!r} ({type(generator).__name__}) lacks latent(n) or forward, "
            "which the trainer draws samples with; add them."
        )
    return generator, critic


MODALITIES: Registry[Modality] = Registry(
    "modality",
    {
        "image": "multigan.image.modality:IMAGE",
        "audio": "multigan.audio.modality:AUDIO",
        "text": "multigan.text.modality:TEXT",
    },
)
