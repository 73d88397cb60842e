"""A real sample into the styles of a generator, by optimisation (arXiv:1912.04958, appendix D).

Styles are moved until the generator makes the sample of them; noise that is added to them shrinks to nothing meanwhile,
so that the search explores first and settles then. In the space W one style steers all layers, in W+ each has its own
(arXiv:1904.03189, section 4). Noise inputs, where a generator has some, are optimised too, and kept from carrying the
picture. What the paper has in units of its own networks is in units of the spread of styles here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.protocols import StyleGenerator

Space = Literal["w", "w+"]
Levels = Callable[[Tensor], Sequence[Tensor]]
"""Samples [N, ...] -> feature maps [N, C, ...] of several sizes."""
Progress = Callable[[str, int, int], None]

LEARNING_RATE = 0.1
"""Of Adam, in standard deviations of a style's entries."""
RAMP_UP, RAMP_DOWN = 0.05, 0.25
"""Of the steps: the first, in which the rate rises in a line; the last, in which it falls as a cosine."""
NOISE, NOISE_ENDS = 0.05, 0.75
"""What is added to styles at first, as a share of the length of their deviations; when it has come to nothing."""
FLATNESS = 1e5
"""The weight of what noise maps have in common with themselves, moved by a place."""
FEATURES = 1.0
"""The weight of the distance in features; that of values has 1."""
_SMALLEST_MAP = 8


@dataclass(frozen=True)
class Search:
    """How long is searched, and where."""

    steps: int = 400
    space: Space = "w+"
    seed: int = 0


@dataclass(frozen=True)
class Inverted:
    """Styles [N, L, W], and by the name of its buffer each noise input [N, ...], that samples were projected to."""

    styles: Tensor
    noise: Mapping[str, Tensor] = field(default_factory=dict)

    def part(self, rows: Tensor | slice) -> Inverted:
        """Of some of the samples."""
        return Inverted(self.styles[rows], {name: maps[rows] for name, maps in self.noise.items()})


# ---- how far samples are from what they should be ----


def described(samples: Tensor, levels: Levels | None = None) -> Tensor:
    """Samples [N, ...] -> [N, D], whose squared Euclidean distances are those that are searched by.

    Such a distance is the mean squared difference of values and, with ``levels``, the mean over these of that of features,
    which have length 1 at each place (arXiv:1801.03924, eq. 1, with every w_l 1).
    """
    flat = samples.flatten(1)
    parts = [flat / math.sqrt(flat.shape[1])]
    maps = [] if levels is None else list(levels(samples))
    for each in maps:
        n_places = math.prod(each.shape[2:])
        parts.append(functional.normalize(each).flatten(1) * math.sqrt(FEATURES / (n_places * len(maps))))
    return torch.cat(parts, 1)


def repeats(noise: Tensor) -> Tensor:
    """[N]: how much noise maps [N, C, ...] repeat themselves, 0 for white noise (arXiv:1912.04958, appendix D).

    sum over sizes and axes of mean(n_x n_{x+1})^2, maps made half as large by means of 2, times 2^(axes / 2), down to 8
    places.
    """
    axes = range(2, noise.ndim)
    pool = functional.avg_pool1d if len(axes) == 1 else functional.avg_pool2d
    total = noise.new_zeros(len(noise))
    while True:
        for axis in axes:
            total = total + (noise * noise.roll(1, axis)).flatten(1).mean(1).square()
        if min(noise.shape[2:]) <= _SMALLEST_MAP:
            return total
        noise = pool(noise, 2) * 2 ** (len(axes) / 2)


# ---- from styles to samples ----


class _Synthesis(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, styles: Tensor) -> Tensor:
        return self.network.synthesis(styles)  # type: ignore[operator]


def synthesised(network: nn.Module, inverted: Inverted) -> Tensor:
    """What the generator makes of styles [N, L, W] and noise inputs, as it writes it: encoded, if it encodes."""
    if not inverted.noise:
        return network.synthesis(inverted.styles)  # type: ignore[operator]
    buffers = {f"network.{name}": maps for name, maps in inverted.noise.items()}
    return torch.func.functional_call(_Synthesis(network), buffers, (inverted.styles,))


def noise_inputs(network: nn.Module) -> dict[str, Tensor]:
    """The noise that a generator adds in evaluation [1, ...], by the name of its buffer; {} where it has none."""
    return {
        f"{name}.noise".lstrip("."): module.get_buffer("noise")
        for name, module in network.named_modules()
        if getattr(module, "noise_strength", None) is not None
    }


# ---- the search ----


def rate_at(progress: float) -> float:
    """The share of the learning rate at ``progress`` in [0, 1] of the search."""
    down = min(1.0, (1 - progress) / RAMP_DOWN)
    return (0.5 - 0.5 * math.cos(down * math.pi)) * min(1.0, progress / RAMP_UP)


def noise_at(progress: float) -> float:
    """The share of the noise that is added to styles at ``progress`` in [0, 1] of the search."""
    return max(0.0, 1 - progress / NOISE_ENDS) ** 2


def project(
    network: StyleGenerator,
    targets: Tensor,
    start: Tensor,
    spread: float,
    search: Search,
    levels: Levels | None = None,
    progress: Callable[[int], None] = lambda step: None,
) -> Inverted:
    """Styles of which the generator makes ``targets`` [N, ...], from ``start`` [N, L, W] on.

    ``targets`` are as the generator writes its samples: encoded, if it encodes. ``spread``: the root mean square length of
    styles' deviations from their mean. The noise that is added is the same for each sample, so that a sample's styles do
    not depend on its company, but for the last digits.
    """
    assert isinstance(network, nn.Module)
    n, n_layers, width = start.shape
    unit = max(spread / math.sqrt(width), 1e-8)
    wanted = described(targets, levels)
    # in units of the spread, so that the rate means the same for every generator
    moved = torch.zeros(
        n, n_layers if search.space == "w+" else 1, width, device=start.device, requires_grad=True
    )
    noise = {
        name: maps.expand(n, *maps.shape[1:]).clone().requires_grad_(True)
        for name, maps in noise_inputs(network).items()
    }
    optimiser = torch.optim.Adam([moved, *noise.values()], betas=(0.9, 0.999))
    chance = RandomState().manual_seed(search.seed)
    for step in range(search.steps):
        at = step / search.steps
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * rate_at(at)
        added = torch.randn(1, 1, width, generator=chance).to(start) * (NOISE * spread * noise_at(at))
        now = Inverted(start + unit * moved + added, noise)
        loss = (described(synthesised(network, now), levels) - wanted).square().sum()
        loss = loss + FLATNESS * sum(repeats(maps).sum() for maps in noise.values())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        _standardise(noise)
        progress(step + 1)
    with torch.no_grad():
        return Inverted(start + unit * moved, {name: maps.detach() for name, maps in noise.items()})


@torch.no_grad()
def _standardise(noise: Mapping[str, Tensor]) -> None:
    """Each map of noise has mean 0 and variance 1 again."""
    for maps in noise.values():
        flat = maps.flatten(1)
        flat -= flat.mean(1, keepdim=True)
        flat *= flat.square().mean(1, keepdim=True).clamp(min=1e-12).rsqrt()
