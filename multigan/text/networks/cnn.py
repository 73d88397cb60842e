"""SeqGAN's discriminator (arXiv:1609.05473, section 3.3): the text CNN of arXiv:1408.5882 with a highway layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.layers import ConditionalHead

_TOKENS_AT_ONCE = 2_560
"""Windows of so many positions fit into a core's cache."""
_ROWS_AT_ONCE = 2_048


class _WindowMaxima(torch.autograd.Function):
    """max_t <window_t, weight_f> + bias_f: inputs [N, T, E], weight [F, K*E], bias [F] -> [N, F].

    The gradient of a maximum reaches one window a filter and sample: sums over those few are cheaper than the
    gradients of a convolution, 17 ms in place of 43 of SeqGAN's own sizes and a batch of 64.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        n, length, size = inputs.shape
        width = weight.shape[1] // size
        windows = inputs.unfold(1, width, 1).transpose(2, 3).reshape(-1, width * size)
        outputs = functional.linear(windows, weight, bias).view(n, length - width + 1, -1)
        maxima, position = outputs.max(1)
        ctx.save_for_backward(windows, weight, position)
        ctx.shape = (n, length, size)
        return maxima

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, gradient: Tensor
    ) -> tuple[Tensor | None, Tensor, Tensor]:
        windows, weight, position = ctx.saved_tensors
        n, length, size = ctx.shape
        n_positions = len(windows) // n
        chosen = position + torch.arange(n, device=position.device)[:, None] * n_positions
        weight_gradient = functional.embedding_bag(
            chosen.t().contiguous(), windows, mode="sum", per_sample_weights=gradient.t().contiguous()
        )
        if not ctx.needs_input_grad[0]:
            return None, weight_gradient, gradient.sum(0)
        order = chosen.flatten().argsort()
        counts = torch.bincount(chosen.flatten(), minlength=len(windows))
        window_gradient = functional.embedding_bag(
            order % len(weight),
            weight,
            counts.cumsum(0) - counts,
            mode="sum",
            per_sample_weights=gradient.flatten()[order],
        ).view(n, n_positions, -1, size)
        input_gradient = gradient.new_zeros(n, length, size)
        for offset in range(window_gradient.shape[2]):
            input_gradient[:, offset : offset + n_positions] += window_gradient[:, :, offset]
        return input_gradient, weight_gradient, gradient.sum(0)


class Filters(nn.Module):
    """``n_filters`` convolutions of one ``width`` over time and the largest output of each: [N, T, E] -> [N, F]."""

    def __init__(self, embedding_size: int, width: int, n_filters: int) -> None:
        super().__init__()
        self.width = width
        bound = 1 / math.sqrt(width * embedding_size)
        self.weight = nn.Parameter(torch.empty(n_filters, width * embedding_size).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(n_filters))

    def forward(self, embedded: Tensor) -> Tensor:
        return _WindowMaxima.apply(embedded, self.weight, self.bias)  # pyright: ignore[reportReturnType]

    def of_tokens(self, tokens: Tensor, embedding: Tensor) -> Tensor:
        """``forward`` of ``embedding[tokens]``, tokens [N, T], embedding [V, E], without gradient.

        A window's output is the sum of ``width`` rows of a table: the products of every token with every column of the
        filters. V such products are few beside N * T.
        """
        n_filters = len(self.weight)
        columns = self.weight.view(n_filters, self.width, -1).permute(2, 1, 0).reshape(embedding.shape[1], -1)
        table = (embedding @ columns).view(-1, n_filters)
        offsets = torch.arange(self.width, device=tokens.device)
        maxima = table.new_empty(len(tokens), n_filters)
        chunk = max(_TOKENS_AT_ONCE // tokens.shape[1], 1)
        for rows, out in zip(tokens.split(chunk), maxima.split(chunk), strict=True):
            windows = rows.unfold(1, self.width, 1) * self.width + offsets
            outputs = functional.embedding_bag(windows.flatten(0, 1), table, mode="sum")
            torch.amax(outputs.view(*windows.shape[:2], n_filters), 1, out=out)
        return maxima.add_(self.bias)


class Highway(nn.Module):
    """tau * relu(W_H x + b_H) + (1 - tau) * x with tau = sigmoid(W_T x + b_T); arXiv:1505.00387, eq. 3."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.transform = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)

    def forward(self, features: Tensor) -> Tensor:
        return torch.lerp(features, self.transform(features).relu(), self.gate(features).sigmoid())


class TextFeatures(nn.Module):
    """Embedded tokens [N, T, E] -> features [N, F]: relu(maxima over time) of filters of several widths, one highway layer.

    Widths above T find no window and are left out.
    """

    def __init__(
        self, length: int, embedding_size: int, widths: Sequence[int], filters: Sequence[int]
    ) -> None:
        super().__init__()
        pairs = [(width, n) for width, n in zip(widths, filters, strict=True) if width <= length]
        if not pairs:
            raise ConfigError(
                f"No filter is as narrow as a row of {length} tokens: widths are {list(widths)}; give one up to {length}."
            )
        self.filters = nn.ModuleList(Filters(embedding_size, width, n) for width, n in pairs)
        self.size = sum(n for _, n in pairs)
        self.highway = Highway(self.size)

    def forward(self, embedded: Tensor) -> Tensor:
        return self.highway(torch.cat([each(embedded) for each in self.filters], 1).relu())

    def of_tokens(self, tokens: Tensor, embedding: Tensor) -> Tensor:
        """``forward`` of ``embedding[tokens]`` for many rows [N, T], without gradient."""
        # tokens that do not occur need no row in the tables
        occurs = torch.zeros(len(embedding), dtype=torch.long, device=tokens.device)
        occurs[tokens.flatten()] = 1
        tokens, embedding = (occurs.cumsum(0) - 1)[tokens], embedding[occurs.bool()]
        ends = list(accumulate((len(each.bias) for each in self._filters()), initial=0))
        maxima = embedding.new_empty(len(tokens), self.size)
        for each, start, end in zip(self._filters(), ends, ends[1:], strict=False):
            maxima[:, start:end] = each.of_tokens(tokens, embedding)
        for rows in maxima.relu_().split(_ROWS_AT_ONCE):
            rows.copy_(self.highway(rows))
        return maxima

    def _filters(self) -> list[Filters]:
        return [each for each in self.filters if isinstance(each, Filters)]


class _Projection(nn.Module):
    """[N, C] -> [N, F] by one matrix without a bias."""

    def __init__(self, n_features: int, condition_size: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(n_features)
        self.weight = nn.Parameter(torch.empty(n_features, condition_size).uniform_(-bound, bound))

    def forward(self, condition: Tensor) -> Tensor:
        return functional.linear(condition, self.weight)


def text_head(n_features: int, condition_size: int) -> ConditionalHead:
    """The head of discriminators of texts: logit = <w, h> + b + <V condition, h>."""
    logit = nn.Linear(n_features, 1)
    if not condition_size:
        return ConditionalHead(logit)
    embedding = _Projection(n_features, condition_size)
    return ConditionalHead(logit, condition_size, embedding, nn.Linear(n_features, condition_size))


class CnnDiscriminator(nn.Module):
    """Rows of tokens, int64 [N, T] or relaxed [N, T, V], condition [N, C] or None -> logits [N]; P(real) = sigmoid."""

    def __init__(
        self,
        length: int,
        n_tokens: int,
        condition_size: int,
        embedding_size: int,
        widths: Sequence[int],
        filters: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(n_tokens, embedding_size))
        self.features = TextFeatures(length, embedding_size, widths, filters)
        self.dropout = nn.Dropout(dropout)
        self.head = text_head(self.features.size, condition_size)

    def forward(self, tokens: Tensor, condition: Tensor | None) -> Tensor:
        with torch.autocast(self.embedding.device.type, enabled=False):  # bfloat16 is slower here
            return self.head(self._features(tokens), condition)

    def judge(self, tokens: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N], and class logits [N, C] read from the text alone (AC-GAN, arXiv:1610.09585)."""
        with torch.autocast(self.embedding.device.type, enabled=False):
            features = self._features(tokens)
            return self.head(features, condition), self.head.class_logits(features)

    def _features(self, tokens: Tensor) -> Tensor:
        return self.dropout(self.features(embedded(tokens, self.embedding)))

    def tabulated(self) -> Callable[[Tensor, Tensor | None], Tensor]:
        """``forward`` without dropout and gradient, for many rows of tokens [N, T] in one call.

        The more rows a call gets, the less each costs: SeqGAN's 19,456 rollouts at a time take half of forward's time, most
        of it for the highway layer.
        """

        def score(tokens: Tensor, condition: Tensor | None) -> Tensor:
            with torch.no_grad(), torch.autocast(tokens.device.type, enabled=False):
                # rollouts of a text that has ended are all the same
                distinct, row = tokens.unique(dim=0, return_inverse=True)
                features = self.features.of_tokens(distinct, self.embedding)
                return self.head(features[row], condition)

        return score


def embedded(tokens: Tensor, embedding: Tensor) -> Tensor:
    """Rows of ``embedding`` [V, E] for tokens int64 [N, T] or their mixtures for relaxed tokens [N, T, V] -> [N, T, E]."""
    if tokens.is_floating_point():
        return tokens.to(embedding.dtype) @ embedding
    return functional.embedding(tokens, embedding)
