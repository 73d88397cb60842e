"""Files of official StyleGAN2 networks -> run folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from multigan.checkpoint import save
from multigan.config import to_dict
from multigan.errors import ConfigError, DataError
from multigan.image.modality import IMAGE
from multigan.image.official import OfficialNetworks, read_networks
from multigan.image.settings import ImageData
from multigan.modality import build_networks
from multigan.reading import regular
from multigan.runs import RunFacts
from multigan.writing import make_folder


def run_of(file: Path, labels: tuple[str, ...] | None, run_folder: Path) -> OfficialNetworks:
    """Write a run folder whose averaged generator and discriminator are those of an official file, and tell what they are.

    ``labels`` name its classes; None: 0, 1, ... DataError for a file that is none, ConfigError for labels that do not fit.
    """
    official = read_file(file)
    names = _names(labels, official.n_labels, file)
    make_folder(run_folder)
    data = to_dict(ImageData(resolution=official.shape[-1]))
    RunFacts("image", official.architecture, names, official.shape, data).save(
        run_folder, data_elsewhere=True
    )
    parts = {"hooks.ema_generator": official.weights}
    if official.discriminator is not None:
        parts["networks.discriminator"] = official.discriminator
    state = {"parts": parts}
    save(
        run_folder / "checkpoints" / "000000000",
        state,
        meta={"samples": 0, "figure": None, "better": "lower"},
    )
    return official


def read_file(file: Path) -> OfficialNetworks:
    """The networks of an official file; DataError where it cannot be read."""
    try:
        content = regular.content(file)
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror or error}); give a .pkl file.") from error
    return _fitting(read_networks(content, str(file)), str(file))


def _fitting(official: OfficialNetworks, source: str) -> OfficialNetworks:
    """What fits the architecture that the settings make; DataError where the generator does not."""
    condition_shape = (official.n_labels,) if official.n_labels else ()
    with torch.device("meta"):
        networks = build_networks(IMAGE, official.architecture, official.shape, condition_shape)
    wrong = _wrong(networks["generator"], official.weights)
    if wrong is not None:
        raise DataError(
            f"{source} does not fit the architecture stylegan2 at {wrong}; only its networks are read."
        )
    if official.discriminator is None:
        return official
    wrong = _wrong(networks["discriminator"], official.discriminator)
    if wrong is None:
        return official
    return replace(
        official, discriminator=None, lacking=f"it does not fit the architecture stylegan2 at {wrong}"
    )


def _wrong(network: nn.Module, weights: Mapping[str, Tensor]) -> str | None:
    """A name at which weights are missing, too many or of another shape."""
    expected = {
        name: tensor.shape for name, tensor in network.state_dict().items() if not name.startswith(OWN)
    }
    found = {name: tensor.shape for name, tensor in weights.items()}
    return next((n for n in sorted({*expected, *found}) if expected.get(n) != found.get(n)), None)


OWN = "head.classes."
"""Of a discriminator, what reads labels from pictures alone: no official one has it."""


def _names(labels: tuple[str, ...] | None, n: int, file: Path) -> tuple[str, ...]:
    if labels is None:
        return tuple(map(str, range(n)))
    if len(labels) != n:
        raise ConfigError(
            f"{file} has {n} classes, and --labels names {len(labels)}: name each once, in their order."
        )
    if len({*labels}) != n or not all(labels):
        raise ConfigError(f"--labels has a name that is empty or there twice: {', '.join(labels)}.")
    return labels


def said(official: OfficialNetworks, run_folder: Path) -> str:
    """What a person is told of networks that were taken over."""
    resolution, n = official.shape[-1], official.n_labels
    of = f" of {n} classes" if n else ""
    sampled = f"`multigan sample {run_folder}` draws from it"
    if official.discriminator is None:
        lacking = official.lacking.rstrip(".")
        return f"Took over a generator{of} at {resolution}x{resolution} pixels, and no discriminator ({lacking}); {sampled}."
    return (
        f"Took over a generator{of} at {resolution}x{resolution} pixels and its discriminator; {sampled}, and `multigan "
        f"recipe run emotive-images --start-from {run_folder} --data FOLDER` tunes them."
    )
