"""Batch normalisation whose running statistics are the same for any number of processes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError


@runtime_checkable
class Notes(Protocol):
    """A layer whose buffers follow what it sees: it notes something of each batch and settles once per update.

    The trainer takes the notes of each part of a batch, gathers those of all parts and processes, and lets the layers of
    the networks that the update trained settle with them.
    """

    def take(self) -> Tensor:
        """What was noted since it was last taken, of one shape."""
        ...

    def settle(self, noted: Tensor) -> None:
        """Move the buffers by the notes [n_parts, ...] of all parts."""
        ...


class BatchNorm(nn.Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias over a batch; arXiv:1502.03167.

    [N, C] or [N, C, H, W]. In training mean and variance are those of the part of the batch that is seen, in evaluation
    running ones, which move by ``momentum`` at each update that trains the network (``Notes``); the running variance is the
    unbiased one. ``affine``: whether weight (1) and bias (0) are learnt.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, n: int, *, affine: bool = True, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(n)) if affine else None
        self.bias = nn.Parameter(torch.zeros(n)) if affine else None
        self.register_buffer("mean", torch.zeros(n))
        self.register_buffer("variance", torch.ones(n))
        self._noted: Tensor | None = None
        self._n_noted = 0

    def forward(self, features: Tensor) -> Tensor:
        if not self.training:
            return functional.batch_norm(
                features, self.mean, self.variance, self.weight, self.bias, False, 0.0, self.eps
            )
        if features.numel() == features.shape[1]:
            raise ConfigError(
                "Batch normalisation compares the samples of a part of a batch, and a part has 1; raise training.batch or "
                "lower training.accumulate to have 2 or more."
            )
        mean, variance = torch.zeros_like(self.mean), torch.ones_like(self.variance)
        # a momentum of 1 writes the batch's own statistics
        outputs = functional.batch_norm(features, mean, variance, self.weight, self.bias, True, 1.0, self.eps)
        seen = torch.stack((mean, variance))
        self._noted = seen if self._noted is None else self._noted + seen
        self._n_noted += 1
        return outputs

    def take(self) -> Tensor:
        """Mean and variance [2, C], averaged over the calls since they were last taken."""
        noted = torch.stack((self.mean, self.variance))  # none: they stay
        if self._noted is not None:
            noted = self._noted / self._n_noted
        self._noted, self._n_noted = None, 0
        return noted

    @torch.no_grad()
    def settle(self, noted: Tensor) -> None:
        """Move the running statistics towards the mean over all parts [n_parts, 2, C]."""
        mean, variance = noted.mean(0).to(self.mean)
        self.mean.lerp_(mean, self.momentum)
        self.variance.lerp_(variance, self.momentum)


@torch.no_grad()
def start_generator(generator: nn.Module, condition_size: int, n: int = 32) -> None:
    """Let the running statistics of a fresh generator be those of ``n`` latents under each label in turn.

    So that it can be looked at in evaluation before it has learnt anything.
    """
    condition = torch.eye(condition_size)[torch.arange(n) % condition_size] if condition_size else None
    generator(generator.latent(n), condition)  # type: ignore[operator]
    for layer in generator.modules():
        if isinstance(layer, BatchNorm):
            mean, variance = layer.take()
            layer.mean.copy_(mean)
            layer.variance.copy_(variance)
