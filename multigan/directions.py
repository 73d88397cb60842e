"""Directions in the space of styles: vectors [W] that change a sample's style, whatever it is of.

SeFa (arXiv:2007.06600) takes them from the weights of the layers that hear the style, GANSpace (arXiv:2004.02546) from
the principal components of styles; with labels a direction is the difference of mean styles, or the normal of the plane
that parts the styles of samples which are read as a label from the others (InterFaceGAN, arXiv:1907.10786).

A strength of 1 moves a style by one standard deviation of styles along the direction; along that of a label, as far as
the mean style of the label lies from those of the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.errors import CheckpointError, ConfigError
from multigan.layers import Linear
from multigan.protocols import StyleGenerator
from multigan.reading import regular
from multigan.reading.json import parse_json
from multigan.registry import unknown_name
from multigan.sampling_settings import parse_strengths
from multigan.writing import write_bytes, write_text

FOLDER, TENSORS, FACTS = "directions", "directions.safetensors", "directions.json"
_STEPS = 50
_RIDGE = 1e-3


@dataclass(frozen=True)
class Direction:
    """A unit vector [W] of styles, how far a strength of 1 goes along it, and where it comes from."""

    name: str
    way: str
    """sefa, pca, mean or boundary."""
    vector: Tensor
    unit: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What it changes, as measured."""

    def shift(self, strength: float) -> Tensor:
        """[W]: what is added to a style."""
        return self.vector * (self.unit * strength)


def require_styles(network: nn.Module, what: str = "Directions need") -> StyleGenerator:
    """The generator; ConfigError where it has no styles, of which ``what`` tells."""
    if not isinstance(network, StyleGenerator) or not style_layers(network):
        raise ConfigError(
            f"{what} a generator with styles, which {type(network).__name__} has none of: take a run whose "
            "architecture is stylegan2, half-wavelet-stylegan2, wavelet-stylegan2 or spectral."
        )
    return network


def style_layers(network: nn.Module) -> list[Linear]:
    """The layers that make of a style the gains of a convolution's inputs, from coarse to fine."""
    named = (getattr(module, "affine", None) for module in network.modules())
    return [layer for layer in named if isinstance(layer, Linear)]


@torch.no_grad()
def styles_of(network: StyleGenerator, latent: Tensor, conditions: Tensor | None) -> Tensor:
    """[N, W], float64 on the CPU: the style of each sample, the same at every layer."""
    return network.mapping(latent, conditions)[:, 0].double().cpu()


def sefa(network: nn.Module, n: int) -> Tensor:
    """[n, W]: the unit vectors that the style layers' outputs move most by, |A v| (arXiv:2007.06600, eq. 4 to 6).

    Eigenvectors of A'A, largest first, A the weights of all style layers one over another.
    """
    weights = torch.cat([layer.weight.detach() * layer.weight_gain for layer in style_layers(network)])
    gram = (weights.double().T @ weights.double()).cpu()
    return _leading(gram, n)


def principal(styles: Tensor, groups: Tensor, n: int) -> Tensor:
    """[n, W]: the principal components of styles [N, W] within their groups [N] (arXiv:2004.02546, section 2.1).

    Within: how labels differ is what directions of labels are for.
    """
    centred = styles.clone()
    for group in groups.unique():
        rows = groups == group
        centred[rows] -= styles[rows].mean(0)
    return _leading(centred.T @ centred, n)


def _leading(gram: Tensor, n: int) -> Tensor:
    """[n, W]: eigenvectors of the largest eigenvalues; the largest entry of each is positive."""
    vectors = torch.linalg.eigh(gram).eigenvectors.flip(1).T[:n]
    return vectors * vectors.gather(1, vectors.abs().argmax(1, keepdim=True)).sign()


def difference(styles: Tensor, groups: Tensor, group: int) -> Tensor:
    """[W]: from the mean of the other groups' mean styles to that of a group, as a unit vector."""
    others = [styles[groups == other].mean(0) for other in groups.unique() if other != group]
    step = styles[groups == group].mean(0) - torch.stack(others).mean(0)
    return step / step.norm()


def boundary(styles: Tensor, positive: Tensor) -> Tensor | None:
    """[W]: the unit normal of the plane that parts styles [N, W] where ``positive`` [N] from the others, towards the former.

    By logistic regression on standardised styles with a small ridge, each side weighing half, where arXiv:1907.10786
    (section 2.2) has a linear support vector machine. None where one side has fewer than two samples.
    """
    if min(int(positive.sum()), int((~positive).sum())) < 2:
        return None
    scale = styles.std(0).clamp(min=1e-9)
    inputs = (styles - styles.mean(0)) / scale
    targets = positive.to(styles.dtype)
    weights = torch.where(positive, 0.5 / targets.sum(), 0.5 / (1 - targets).sum())
    plane = torch.zeros(styles.shape[1] + 1, dtype=styles.dtype, requires_grad=True)
    solver = torch.optim.LBFGS([plane], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        logits = inputs @ plane[:-1] + plane[-1]
        each = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        value = (weights * each).sum() + _RIDGE * plane[:-1].square().sum()
        value.backward()
        return value

    solver.step(loss)
    normal = plane.detach()[:-1] / scale
    return normal / normal.norm()


def unsupervised(network: StyleGenerator, styles: Tensor, groups: Tensor, n: int) -> list[Direction]:
    """``n`` directions by SeFa and ``n`` by principal components, named sefa-1, ..., pca-1, ..."""
    assert isinstance(network, nn.Module)
    n = min(n, styles.shape[1])
    named = {"sefa": sefa(network, n), "pca": principal(styles, groups, n)}
    return [
        Direction(f"{way}-{place}", way, vector.float(), float((styles @ vector).std()))
        for way, vectors in named.items()
        for place, vector in enumerate(vectors, 1)
    ]


def of_label(name: str, way: str, vector: Tensor, styles: Tensor, groups: Tensor, group: int) -> Direction:
    """A label's direction [W], whose strength of 1 is the way from the other labels' mean to the label's."""
    along = styles @ vector
    means = [along[groups == other].mean() for other in groups.unique() if other != group]
    step = along[groups == group].mean() - torch.stack(means).mean()
    return Direction(name, way, vector.float(), float(step))


def draw_styles(
    network: StyleGenerator, n_labels: int, n: int, seed: int
) -> tuple[Tensor, Tensor | None, Tensor]:
    """``n`` latents [N, Z] of a seed, their conditions [N, C] at full intensity, labels in turn (None without labels), and
    the labels' numbers [N]."""
    latent = network.latent(n, RandomState().manual_seed(seed)).cpu()
    groups = torch.arange(n) % max(n_labels, 1)
    return latent, torch.eye(n_labels)[groups] if n_labels else None, groups


# ---- kept in the run ----


def write_directions(folder: Path, directions: Sequence[Direction], of: str) -> None:
    """Write ``directions.safetensors`` and ``directions.json`` to a folder; ``of`` is the generator's identity."""
    tensors = {one.name: one.vector.contiguous() for one in directions}
    facts = {
        "generator": of,
        "directions": [
            {"name": one.name, "way": one.way, "unit": one.unit, **one.facts} for one in directions
        ],
    }
    write_bytes(folder / TENSORS, safetensors.torch.save(tensors))
    write_text(folder / FACTS, json.dumps(facts, indent=2) + "\n")


def read_directions(run_folder: Path, of: str) -> dict[str, Direction]:
    """The directions of a run by name; ConfigError where it has none, or has those of other weights."""
    again = f"run `multigan directions {run_folder}`."
    try:
        facts: Any = parse_json(regular.content(run_folder / FOLDER / FACTS))
        tensors = safetensors.torch.load(regular.content(run_folder / FOLDER / TENSORS))
        directions = {
            str(one["name"]): Direction(
                str(one["name"]), str(one["way"]), tensors[one["name"]].float(), float(one["unit"])
            )
            for one in facts["directions"]
        }
        written_for = facts["generator"]
    except FileNotFoundError as error:
        raise ConfigError(f"{run_folder} has no directions yet: {again}") from error
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"The directions of {run_folder} cannot be read ({error}): {again}") from error
    if written_for != of:
        raise ConfigError(
            f"The directions of {run_folder} are of other weights than its generator has now: {again}"
        )
    return directions


def shift_of(directions: Mapping[str, Direction], asked: str) -> Tensor:
    """[W]: the sum of what ``asked`` ("joy:2,sefa-1:-1.5") names; ConfigError for an unknown name."""
    shifts = []
    for name, strength in parse_strengths(asked).items():
        if name not in directions:
            raise ConfigError(unknown_name("direction of this run", name, list(directions)))
        shifts.append(directions[name].shift(strength))
    return torch.stack(shifts).sum(0)
