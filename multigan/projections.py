"""Samples of a person's own as styles of a run's generator: how they are kept, and how they are changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.directions import require_styles
from multigan.errors import CheckpointError, ConfigError
from multigan.projecting import Inverted, Space, noise_inputs, synthesised
from multigan.reading import regular
from multigan.reading.json import parse_json
from multigan.sampling import TrainedGenerator, condition_for, decoded, identity
from multigan.truncation import latents_of_means, mean_styles
from multigan.writing import write_bytes, write_text

SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Projection:
    """One sample: its name, its styles [1, L, W] and noise inputs, and what it is taken to be."""

    name: str
    inverted: Inverted
    space: Space
    label: str = ""
    """The label under which it was projected; "" of a run without labels."""
    intensity: float = 1.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What was measured of it."""


# ---- kept in files ----


def write_projection(folder: Path, projection: Projection, of: str) -> None:
    """Write NAME.safetensors and NAME.json to a folder; ``of`` is the generator's identity."""
    tensors = {"styles": projection.inverted.styles.cpu().contiguous()}
    tensors |= {f"noise.{name}": maps.cpu().contiguous() for name, maps in projection.inverted.noise.items()}
    facts = {
        "generator": of,
        "name": projection.name,
        "space": projection.space,
        "label": projection.label,
        "intensity": projection.intensity,
        **projection.facts,
    }
    write_bytes(folder / f"{projection.name}{SUFFIX}", safetensors.torch.save(tensors))
    write_text(folder / f"{projection.name}.json", json.dumps(facts, indent=2) + "\n")


def read_projection(path: Path, trained: TrainedGenerator) -> Projection:
    """What ``write_projection`` wrote, given the path of its tensors; ConfigError where it is of another generator."""
    again = f"project the sample again with `multigan project {trained.run_folder} FILE`."
    try:
        tensors = safetensors.torch.load(regular.content(path))
        facts: Any = parse_json(regular.content(path.with_suffix(".json")))
        noise = {
            name.removeprefix("noise."): maps for name, maps in tensors.items() if name.startswith("noise.")
        }
        projection = Projection(
            path.stem,  # what the JSON calls it may be somebody else's way out of a folder
            Inverted(tensors["styles"].float(), noise),
            "w+" if facts["space"] == "w+" else "w",
            str(facts["label"]),
            float(facts["intensity"]),
        )
        of = facts["generator"]
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no {error.filename or path}: give NAME.safetensors of `multigan project`, with NAME.json beside it."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read as a projected sample ({error}): {again}") from error
    if of != identity(trained.network):
        raise ConfigError(f"{path} is of other weights than the generator of this run has now: {again}")
    _refuse_misfit(path, projection, trained, again)
    return projection


def _refuse_misfit(path: Path, projection: Projection, trained: TrainedGenerator, again: str) -> None:
    """CheckpointError where tensors or the label are not as the generator takes them."""
    network = trained.network
    require_styles(network)
    shape = (1, *style_shape(trained))
    noise = {name: maps.shape[1:] for name, maps in noise_inputs(network).items()}
    ours = {name: maps.shape[1:] for name, maps in projection.inverted.noise.items()}
    known = projection.label in trained.facts.labels or (not projection.label and not trained.facts.labels)
    fits = tuple(projection.inverted.styles.shape) == shape and ours in (noise, {}) and known
    if not fits or not 0 <= projection.intensity <= 1:
        raise CheckpointError(f"{path} does not fit the generator of this run: {again}")


# ---- what becomes of them ----


@torch.no_grad()
def style_shape(trained: TrainedGenerator) -> tuple[int, int]:
    """(L, W): how many layers a generator steers, and the size of a style."""
    network = trained.network
    latent = network.latent(1, RandomState().manual_seed(0))  # type: ignore[operator]
    latent = latent.to(next(network.parameters()).device)
    sizes = trained.facts.condition_shape
    _, n_layers, width = network.mapping(latent, latent.new_zeros(1, *sizes) if sizes else None).shape  # type: ignore[operator]
    return n_layers, width


@torch.no_grad()
def label_means(network: nn.Module, conditions: Tensor) -> Tensor:
    """[N, W]: the mean style under each of the conditions [N, C], over the latents that truncation uses."""
    drawn = latents_of_means(network)  # type: ignore[arg-type]
    rows = [row.expand(len(drawn), -1) for row in conditions.to(drawn.device)]
    return torch.stack([network.mapping(drawn, row)[:, 0].mean(0) for row in rows])  # type: ignore[operator]


@torch.no_grad()
def rendered(
    trained: TrainedGenerator,
    projection: Projection,
    label: str = "",
    intensity: float = 1.0,
    truncation: float = 1.0,
    shift: Tensor | None = None,
) -> Tensor:
    """The sample [1, ...] on the CPU, as a person gets it, under another label or mix if one is named.

    Styles move by what lies between the mean styles of the two labels, then towards the mean of the new one
    (``truncation``), then by ``shift`` [W].
    """
    network = trained.network
    device = next(network.parameters()).device
    styles = projection.inverted.styles.to(device)
    labels = trained.facts.labels
    condition = condition_for(labels, label or projection.label, intensity)[None] if labels else None
    if label and condition is not None:
        own = condition_for(labels, projection.label, projection.intensity)
        before, after = label_means(network, torch.stack([own, condition[0]]))
        styles = styles + (after - before)
    if truncation != 1:
        here = None if condition is None else condition.to(device)
        centre = mean_styles(network, latents_of_means(network), here)  # type: ignore[arg-type]
        styles = centre.lerp(styles, truncation)
    if shift is not None:
        styles = styles + shift.to(device)
    noise = {name: maps.to(device) for name, maps in projection.inverted.noise.items()}
    return decoded(network, synthesised(network, Inverted(styles, noise)))
