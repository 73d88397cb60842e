"""What every generator of tokens does alike: latents, and sequences from them or from a prefix."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.layers import normal_latent
from multigan.sequences.decoding import UNCHANGED, Decoding


class TokenGenerator(nn.Module):
    """A generator that draws token after token; a class of it completes prefixes, and has a ``length`` T."""

    length: int

    @abstractmethod
    def _completed(
        self, prefix: Tensor, condition: Tensor | None, uniform: Tensor, decoding: Decoding
    ) -> Tensor:
        """Prefixes [N, t] -> tokens int64 [N, T]: token t is the inverse of its distribution at uniform [N, T]."""

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """``n`` latents [N, T] ~ N(0, I), drawn on the device of ``random_state`` or of the network."""
        return normal_latent(self, n, self.length, random_state)

    @torch.no_grad()
    def forward(self, latent: Tensor, condition: Tensor | None, decoding: Decoding = UNCHANGED) -> Tensor:
        """Latent [N, T] -> tokens int64 [N, T]: token t is the inverse of its distribution at u = Phi(latent t)."""
        prefix = latent.new_empty((len(latent), 0), dtype=torch.int64)
        return self._completed(prefix, condition, torch.special.ndtr(latent), decoding)

    @torch.no_grad()
    def complete(
        self, prefix: Tensor, condition: Tensor | None, random_state: RandomState | None = None
    ) -> Tensor:
        """Prefixes [N, t] -> whole sequences [N, T] that begin with them; one that has ended is filled up."""
        drawn_on = random_state.device if random_state is not None else prefix.device
        uniform = torch.rand(len(prefix), self.length, generator=random_state, device=drawn_on)
        return self._completed(prefix, condition, uniform.to(prefix.device), UNCHANGED)
