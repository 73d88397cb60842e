"""RelGAN's discriminator (ICLR 2019, section 2.3): several embedded representations of a text, read by one text CNN."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from multigan.text.networks.cnn import TextFeatures, embedded, text_head


class MultiheadDiscriminator(nn.Module):
    """Rows of tokens, int64 [N, T] or relaxed [N, T, V], condition [N, C] or None -> logits [N], larger = more real.

    Each of S heads has an embedding [V, E] of its own; filters, highway layer and the linear logit are shared. A logit is
    the mean over the heads', where the paper averages the losses of the heads: a loss here takes one logit a sample.
    """

    def __init__(
        self,
        length: int,
        n_tokens: int,
        condition_size: int,
        n_heads: int,
        head_size: int,
        widths: Sequence[int],
        filters: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.embedding = nn.Parameter(torch.randn(n_tokens, n_heads * head_size))
        """Of all heads, side by side."""
        self.features = TextFeatures(length, head_size, widths, filters)
        self.dropout = nn.Dropout(dropout)
        self.head = text_head(self.features.size, condition_size)

    def forward(self, tokens: Tensor, condition: Tensor | None) -> Tensor:
        with torch.autocast(self.embedding.device.type, enabled=False):
            return self.head(self._features(tokens), condition)

    def judge(self, tokens: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N], and class logits [N, C] read from the text alone (AC-GAN, arXiv:1610.09585)."""
        with torch.autocast(self.embedding.device.type, enabled=False):
            features = self._features(tokens)
            return self.head(features, condition), self.head.class_logits(features)

    def _features(self, tokens: Tensor) -> Tensor:
        """[N, F], the mean over the heads: what follows is linear, so that it is the mean of the heads' logits."""
        n, length = tokens.shape[:2]
        heads = embedded(tokens, self.embedding).view(n, length, self.n_heads, -1).transpose(1, 2)
        features = self.dropout(self.features(heads.reshape(n * self.n_heads, length, -1)))
        return features.view(n, self.n_heads, -1).mean(1)
