"""What the engine asks of a modality and an architecture.

A modality is data handling; an architecture is a pair of networks. A generator has ``latent`` and ``forward``; what
it can do beyond that is one of the Protocols below, checked when a run is assembled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.protocols import DescribedDataset, Generates
from multigan.registry import Registry


@dataclass(frozen=True)
class Splits:
    """Real data, split by a stable hash. ``notes`` are sentences for the person (what was skipped, and why)."""

    train: DescribedDataset
    held_out: DescribedDataset
    notes: tuple[str, ...] = ()
    data: Any = None
    """The modality's data settings with what was found in the data, such as a vocabulary; None: as they were given."""


@dataclass(frozen=True)
class Architecture:
    """``build(settings, sample_shape, condition_shape)`` -> networks by name, a generator and a discriminator among them.

    ``condition_shape`` is that of one sample's condition: (C,) of a vector, more axes of a tensor, () where there is none.
    An architecture that cannot take it raises ConfigError.
    """

    name: str
    settings: type
    build: Callable[[Any, tuple[int, ...], tuple[int, ...]], dict[str, nn.Module]]


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
    modality: Modality, raw: dict[str, Any], sample_shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """The networks of an architecture by name, on the CPU, drawn from torch's global random state."""
    architecture, options = architecture_of(modality, raw)
    networks = dict(architecture.build(options, sample_shape, condition_shape))
    missing = [name for name in ("generator", "discriminator") if name not in networks]
    if missing:
        raise ConfigError(
            f"The architecture {architecture.name!r} builds {', '.join(networks) or 'nothing'} and lacks "
            f"{' and '.join(missing)}; name its networks so."
        )
    generator = networks["generator"]
    if not isinstance(generator, Generates):
        raise ConfigError(
            f"The generator of architecture {architecture.name!r} ({type(generator).__name__}) lacks latent(n) or forward, "
            "which the trainer draws samples with; add them."
        )
    return networks


MODALITIES: Registry[Modality] = Registry(
    "modality",
    {
        "image": "multigan.image.modality:IMAGE",
        "audio": "multigan.audio.modality:AUDIO",
        "text": "multigan.text.modality:TEXT",
    },
)
