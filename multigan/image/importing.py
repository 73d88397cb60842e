"""Files of official StyleGAN2 networks -> run folders."""

from __future__ import annotations

from pathlib import Path

import torch

from multigan.checkpoint import save
from multigan.config import to_dict
from multigan.errors import ConfigError, DataError
from multigan.image.modality import IMAGE
from multigan.image.official import OfficialGenerator, read_generator
from multigan.image.settings import ImageData
from multigan.modality import build_networks
from multigan.reading import regular
from multigan.runs import RunFacts
from multigan.writing import make_folder


def run_of(file: Path, labels: tuple[str, ...] | None, run_folder: Path) -> OfficialGenerator:
    """Write a run folder whose averaged generator is that of an official file, and tell what it is.

    ``labels`` name its classes; None: 0, 1, ... DataError for a file that is none, ConfigError for labels that do not fit.
    """
    try:
        content = regular.content(file)
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror or error}); give a .pkl file.") from error
    official = read_generator(content, str(file))
    names = _names(labels, official.n_labels, file)
    condition_shape = (len(names),) if names else ()
    with torch.device("meta"):
        network = build_networks(IMAGE, official.architecture, official.shape, condition_shape)["generator"]
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    found = {name: tensor.shape for name, tensor in official.weights.items()}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise DataError(
            f"{file} does not fit the architecture stylegan2 at {wrong[0]}; only its networks are read."
        )
    make_folder(run_folder)
    data = to_dict(ImageData(resolution=official.shape[-1]))
    RunFacts("image", official.architecture, names, official.shape, data).save(
        run_folder, data_elsewhere=True
    )
    state = {"parts": {"hooks.ema_generator": official.weights}}
    save(
        run_folder / "checkpoints" / "000000000",
        state,
        meta={"samples": 0, "figure": None, "better": "lower"},
    )
    return official


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


def said(official: OfficialGenerator, run_folder: Path) -> str:
    """What a person is told of a generator that was taken over."""
    resolution, n = official.shape[-1], official.n_labels
    of = f" of {n} classes" if n else ""
    return f"Took over a generator{of} at {resolution}x{resolution} pixels; `multigan sample {run_folder}` draws from it."
