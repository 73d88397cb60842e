"""Spectral normalisation (arXiv:1802.05957): every layer's weight divided by its largest singular value.

sigma(W) = u^T W v, with u and v from power iteration (algorithm 1), W as a matrix [outputs, everything else] (section 2.1);
the gradient flows through sigma, with u and v constant (eq. 12). They move once per step of the optimiser (``follow``), not
in every forward pass: so a batch in parts, or on several processes, sees the same weights as a whole one, a pass changes
nothing, and a checkpoint between two steps holds all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils import parametrize

from multigan.errors import ConfigError

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)
_FIRST_STEPS = 15
"""Of power iteration at the start: so many that sigma is about right when training begins."""


class SpectralNorm(nn.Module):
    """Weight -> weight / sigma."""

    left: Tensor
    right: Tensor

    def __init__(self, weight: Tensor, output_axis: int) -> None:
        super().__init__()
        self.output_axis = output_axis
        matrix = self._matrix(weight.detach())
        for name, size in zip(("left", "right"), matrix.shape, strict=True):
            self.register_buffer(name, normalize(torch.randn(size, dtype=matrix.dtype), dim=0))
        for _ in range(_FIRST_STEPS):
            self.follow(weight)

    def forward(self, weight: Tensor) -> Tensor:
        # copies, since the buffers move in place while a graph may still need them
        left, right = self.left.clone(), self.right.clone()
        return weight / (left @ (self._matrix(weight) @ right))

    @torch.no_grad()
    def follow(self, weight: Tensor) -> None:
        """One step of power iteration at the weight as it is now."""
        matrix = self._matrix(weight)
        self.right.copy_(normalize(matrix.T @ self.left, dim=0))
        self.left.copy_(normalize(matrix @ self.right, dim=0))

    def _matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self.output_axis, 0).flatten(1)


def normalised(layer: nn.Module) -> nn.Module:
    """The same layer, a linear one or a convolution, divided by its spectral norm from now on.

    Its norm is 1 then, whatever the size of its weights; 0 has no direction to keep, so that a layer that starts at 0
    (the last of R3GAN's blocks) starts from drawn weights.
    """
    weight = cast(Tensor, layer.weight)
    if not weight.detach().any():
        nn.init.normal_(weight)
    output_axis = int(isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d))
    parametrize.register_parametrization(layer, "weight", SpectralNorm(weight, output_axis))
    return layer


def normalise(network: nn.Module, which: str) -> None:
    """Normalise every layer of a network; ConfigError where its layers scale their weights in another way."""
    layers = [module for module in network.modules() if isinstance(module, LAYERS)]
    if not layers or any(hasattr(module, "weight_gain") for module in network.modules()):
        raise ConfigError(
            f"Spectral normalisation divides the weights of torch's own layers, and {which} scales its weights itself "
            "(equalised learning rates); set training.spectral_normalisation to false or choose another architecture."
        )
    for layer in layers:
        if not parametrize.is_parametrized(layer, "weight"):
            normalised(layer)


def _norms(network: nn.Module) -> Iterator[tuple[SpectralNorm, Tensor]]:
    for module in network.modules():
        if isinstance(module, parametrize.ParametrizationList):
            for each in module:
                if isinstance(each, SpectralNorm):
                    yield each, cast(Tensor, module.original)


def is_normalised(network: nn.Module) -> bool:
    """Whether any layer is divided by its spectral norm."""
    return any(True for _ in _norms(network))


def follow(network: nn.Module) -> None:
    """After a step of the optimiser: one step of power iteration for every normalised layer."""
    for norm, weight in _norms(network):
        norm.follow(weight)
