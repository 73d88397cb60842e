"""What is played: the networks of an update, and how they are run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn

from multigan.precision import full_precision
from multigan.protocols import Batch, ClassifyingDiscriminator, Generates


@dataclass
class Players:
    """The two networks of one update, and how they are run.

    ``augment`` is applied to all that the discriminator sees, real and fake, and gradients flow through it;
    ``autocast()`` is the context in which networks run forward.
    """

    generator: nn.Module
    discriminator: nn.Module
    augment: Callable[[Tensor], Tensor]
    autocast: Callable[[], AbstractContextManager[Any]]

    def generate(self, n: int, condition: Tensor | None) -> Tensor:
        """Fresh samples [n, ...] under ``condition``, in float32 (or tokens)."""
        latent = cast(Generates, self.generator).latent(n)
        with self.autocast():
            return full_precision(self.generator(latent, condition))

    def fake(self, batch: Batch) -> Tensor:
        """Fresh augmented samples, as many as the batch has and under its condition."""
        return self.augment(self.generate(len(batch.real), batch.condition))

    def logits(self, samples: Tensor, condition: Tensor | None) -> Tensor:
        """The discriminator's logits [N] in float32 for samples as they are (already augmented)."""
        with self.autocast():
            return full_precision(self.discriminator(samples, condition))

    def judge(self, samples: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N] and the auxiliary classifier's class logits [N, C], both in float32."""
        with self.autocast():
            logits, classes = cast(ClassifyingDiscriminator, self.discriminator).judge(samples, condition)
            return full_precision(logits), full_precision(classes)
