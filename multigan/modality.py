"""What the engine asks of a modality and an architecture.

A modality is data handling; an architecture is a pair of networks. A generator has ``latent`` and ``forward``; what
it can do beyond that is one of the Protocols below, checked when a run is assembled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.protocols import DescribedDataset, Generates
from multigan.registry import Registry, unknown_name
from multigan.writing import replacing


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


@dataclass(frozen=True)
class Samples:
    """Samples as a person gets them, under some of the N conditions: all, unless a filter left some out."""

    tensor: Tensor
    """[M, ...]."""
    rows: tuple[int, ...]
    """[M]: which of the N conditions each has."""
    indices: tuple[int, ...]
    """[M]: of their latents."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """How they were drawn, for ``report.json``."""
    warnings: tuple[str, ...] = ()
    """Sentences that a report of these samples must show."""


@dataclass(frozen=True)
class Written:
    """Files of samples, and what a person is told of them."""

    paths: list[Path]
    sentence: str
    """What was written and where."""
    lines: tuple[str, ...] = ()
    """The samples themselves, where a terminal can show them."""


@dataclass(frozen=True)
class Sampling:
    """How a modality hands over samples of a trained generator.

    ``trained`` is a ``multigan.sampling.TrainedGenerator`` and ``options`` are of the class ``settings``. Latents [N, Z] and
    conditions [N, C] or [N, ...] (None: of a run without any) go row by row; sample i of a seed has the latent of (seed, i).
    A modality that does something else than ``multigan.sampling.PLAIN`` replaces some of its parts.
    """

    settings: type
    """A ``multigan.sampling_settings.SamplingSettings``."""
    check: Callable[[nn.Module, Any], None]
    """(generator, options): ConfigError where they do not fit, before anything is trained or drawn."""
    generate: Callable[[Any, Tensor, Tensor | None, Any], Tensor]
    """(trained, latents, conditions, options) -> samples [N, ...], before any filter: what pictures are made of."""
    draw: Callable[[Any, Tensor | None, int, int, Any], Samples]
    """(trained, conditions, seed, n, options) -> ``Samples`` behind the modality's filter, if it has one."""
    write: Callable[[Any, Any, Sequence[str], int, Path], Written]
    """(trained, options, labels, seed, folder): ``options.per_label`` samples of each of the labels, as files or a table."""
    page: Callable[[Any, Tensor, int, Path, Any], None]
    """(trained, samples, columns, path, options): one picture of samples, behind the same filter."""
    from_files: Callable[[Any, Path, Any, int, Path], Written] | None = None
    """(trained, folder or file, options, seed, folder to write to): what the generator makes of a person's own files, where
    its condition is a sample. None: a run has no use for files."""


def uniform_samples(n: int, sample_shape: tuple[int, ...]) -> Tensor:
    """float32 [n, *sample_shape] in [-1, 1)."""
    return torch.rand(n, *sample_shape) * 2 - 1


def as_arrays(samples: Tensor, data: Any) -> list[np.ndarray]:
    """Each of the samples [N, ...] as an array of its own."""
    return list(samples.numpy())


def write_arrays(samples: Tensor, paths: Sequence[Path], data: Any) -> None:
    """Each of the samples as the array that numpy.load reads."""
    for array, path in zip(samples.numpy(), paths, strict=True):
        with replacing(path) as stream:
            np.save(stream, array)


@dataclass(frozen=True)
class Film:
    """How a run films the game that its networks play."""

    hook: Callable[[Any, Any], Any]
    """(``RunSettings``, training data) -> the hook that does, in the place of a run's previews."""
    check: Callable[[Path], None]
    """(run folder): ConfigError where there is no finished film."""
    beside: Callable[[Sequence[Path], Path], None]
    """(run folders, path): their films side by side."""


@dataclass(frozen=True, kw_only=True)
class Modality:
    """How samples of one kind are read, augmented, written and previewed, and which architectures make them.

    ``data`` in its functions is the modality's own data settings: a sound's rate, for one, is there. Samples are arrays in
    .npy files unless ``media``, ``write_samples`` and ``file_suffix`` say otherwise.
    """

    name: str
    data_settings: type
    open_data: Callable[[Any, Path | None, Callable[[str, int, int], None]], Splits]
    """(data, folder of real data or None for the embedded default, progress(what, done, total)) -> Splits."""
    sample_shape: Callable[[Any], tuple[int, ...]]
    """(data) -> the shape of one sample, before any data is read."""
    architectures: Registry[Architecture]
    preview: Callable[[Tensor, int, Path, Any], None]
    """(samples, columns, path, data): one picture of all samples."""
    augmentations: Registry[Callable[..., nn.Module]] = field(
        default_factory=lambda: Registry("augmentation", {})
    )
    media: Callable[[Tensor, Any], Sequence[Any]] = as_arrays
    """(samples [N, ...] in [-1, 1] or tokens, data) -> what their files hold: uint8 [H, W, 3], a ``Clip`` or a text."""
    under: Callable[[Sequence[Any], Tensor], Sequence[Any]] = lambda media, conditions: media
    """(media, the conditions [N, ...] that they were made under) -> media that tell the evaluation what it must know of
    these."""
    write_samples: Callable[[Tensor, Sequence[Path], Any], None] = write_arrays
    """(samples [N, ...] in [-1, 1], one path each, data)."""
    file_suffix: str = ".npy"
    kind: Any = None
    """What the evaluation takes its ``media`` for: the name of a kind ("image"), or "package.module:ATTR" or an object of
    one's own. None: a run ends without a report."""
    random_samples: Callable[[int, tuple[int, ...]], Tensor] = uniform_samples
    """(n, sample_shape) -> noise of the kind that samples are, for plans and checks."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Data settings of earlier versions -> what a person who still has one is told."""
    look: Callable[[Any, Path | None], Sequence[str] | None] | None = None
    """(data, folder of real data or None) -> its labels, or None where they are not known, without decoding a sample: what a
    dry run checks. DataError where the data cannot be read."""
    read_sample: Callable[[Path, Any], Tensor] | None = None
    """(a person's file, data) -> one sample [...] of it, as training data are made of such files; DataError with the reason
    where it cannot be used. None: no single file can be read."""
    levels: Callable[[tuple[int, ...]], Callable[[Tensor], Sequence[Tensor]]] | None = None
    """(sample_shape) -> what makes of samples [N, ...] the feature maps by which two samples are told apart when one is to
    become the other. None: they are compared by their values."""
    sampling: Sampling | None = None
    """None: ``multigan.sampling.PLAIN``, each sample as it is in a file of its own."""
    film: Film | None = None
    """None: a run's previews are pictures of its samples alone."""
    condition_shape: Callable[[Any], tuple[int, ...]] | None = None
    """(data) -> the shape of one sample's condition, before data is read, where that is a tensor. None: labels, if any."""
    show_condition: Callable[[Tensor, Any], Tensor] | None = None
    """(conditions [N, ...], data) -> samples [N, ...]: what a condition that is a tensor comes to without a network, such as
    the picture enlarged by interpolation. Pictures show it beside what is generated; the report ``pairs`` measures it."""


def data_settings_of(modality: Modality, raw: Mapping[str, Any], source: str) -> Any:
    """The modality's data settings from plain values; ConfigError where they do not fit or a setting has moved.

    A setting that has moved and says nothing (null) is passed over: an earlier version wrote them all.
    """
    for key, sentence in modality.moved.items():
        if raw.get(key) is not None:
            raise ConfigError(f"{source}: {sentence}.")
    kept = {key: value for key, value in raw.items() if key not in modality.moved}
    return load(modality.data_settings, kept, source)


def architecture_of(modality: Modality, raw: dict[str, Any]) -> tuple[Architecture, Any]:
    """The architecture named in ``raw`` and its own settings from the other keys."""
    if "name" not in raw:
        raise ConfigError(f"architecture.name is missing; choose one of {', '.join(modality.architectures)}.")
    if not isinstance(raw["name"], str):
        raise ConfigError(
            f"architecture.name is {raw['name']!r}, which is no word; choose one of {', '.join(modality.architectures)}."
        )
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
        "tokens": "multigan.tokens.modality:TOKENS",
        "points": "multigan.points.modality:POINTS",
        "video": "multigan.video.modality:VIDEO",
        "super-resolution": "multigan.image.superresolution.modality:SUPER_RESOLUTION",
        "audio-super-resolution": "multigan.audio.bandwidth.modality:BANDWIDTH",
        "image-translation": "multigan.image.translation.modality:TRANSLATION",
    },
)
ENTRY_POINTS = "multigan.modalities"
"""The group of entry points by which an installed package offers modalities."""


def installed() -> dict[str, str]:
    """The modalities that installed packages offer: name -> "package.module:ATTR"; nothing is imported."""
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def modality_of(name: str, plugins: Sequence[str] = ()) -> Modality:
    """The modality of a name: of this package, of an installed one's entry points, or "package.module:ATTR".

    The last imports code, so that a person must have named its package or module among ``plugins``: a recipe, which may be
    someone else's, imports nothing by itself. ConfigError where there is no such modality.
    """
    if not isinstance(name, str):
        raise ConfigError(f"modality is {name!r}, which is no word; choose one of {', '.join(MODALITIES)}.")
    if name in MODALITIES:
        return MODALITIES[name]
    offered = {} if ":" in name else installed()
    if ":" not in name and name not in offered:
        raise ConfigError(
            unknown_name("modality", name, [*MODALITIES, *offered])
            + " One from outside is named package.module:ATTRIBUTE."
        )
    modality = trusted(name, plugins) if ":" in name else _imported(name, offered[name])
    if not isinstance(modality, Modality):
        raise ConfigError(
            f"{offered.get(name, name)!r} is no modality: found a {type(modality).__name__}; a multigan.modality.Modality "
            "is needed."
        )
    return modality


def trusted(reference: str, plugins: Sequence[str]) -> object:
    """What lies at "package.module:ATTR", whose package or module a person has named among ``plugins``.

    ConfigError, with nothing imported, where nobody has; and where it cannot be imported.
    """
    module, _, attribute = reference.partition(":")
    if not (module and attribute):
        raise ConfigError(
            f"The modality {reference!r} lacks a module or an attribute; give package.module:ATTRIBUTE."
        )
    if not any(module == plugin or module.startswith(f"{plugin}.") for plugin in plugins):
        package = module.partition(".")[0]
        raise ConfigError(
            f"The modality {reference!r} is code of {package!r}, and multigan imports no code by itself: if you trust that "
            f"package, add --plugin {package}."
        )
    return _imported(reference, reference)


def _imported(name: str, reference: str) -> object:
    try:
        return Registry[object]("modality", {name: reference})[name]
    except (ImportError, AttributeError, SyntaxError, ValueError) as error:
        raise ConfigError(
            f"The modality {name!r} cannot be imported ({error}); give package.module:ATTRIBUTE of a module that Python "
            "finds (installed, or on PYTHONPATH)."
        ) from error
    except Exception as error:  # code of a person's own may fail in any way
        raise ConfigError(
            f"The modality {name!r} cannot be imported: its code fails ({type(error).__name__}: {error}); mend it."
        ) from error
