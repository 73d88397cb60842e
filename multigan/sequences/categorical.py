"""Draws from categorical distributions over many tokens, as a function of uniform numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from multigan.errors import ConfigError
from multigan.sequences.decoding import Decoding

_BLOCK = 64
"""Tokens whose probabilities are summed before the search: about the square root of usual vocabularies."""


def draw(logits: Tensor, uniform: Tensor) -> Tensor:
    """The inverse of the cumulative distribution: logits [N, V] (-inf: never), uniform [N] in [0, 1] -> int64 [N].

    Token k where P(token < k) <= u < P(token <= k). Sums over blocks tell the block and only its tokens are summed up
    one by one, so that a draw costs little more than the softmax; no token of zero probability is ever drawn, and
    u = 1 is its last token of positive probability.
    """
    weights = logits.softmax(1)
    n_tokens = weights.shape[1]
    n_blocks = n_tokens // _BLOCK
    sums = weights[:, : n_blocks * _BLOCK].unflatten(1, (n_blocks, _BLOCK)).sum(2)
    if n_blocks * _BLOCK < n_tokens:
        sums = torch.cat((sums, weights[:, n_blocks * _BLOCK :].sum(1, keepdim=True)), 1)
    cumulative = sums.cumsum(1)
    block, left = _reached(cumulative, uniform[:, None] * cumulative[:, -1:])
    tokens = block * _BLOCK + torch.arange(min(_BLOCK, n_tokens), device=block.device)
    inside = weights.gather(1, tokens.clamp(max=n_tokens - 1)).masked_fill_(tokens >= n_tokens, 0)
    return (block * _BLOCK + _reached(inside.cumsum(1), left)[0])[:, 0]


def _reached(cumulative: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The first column [N, 1] of [N, K] above the target [N, 1], and how far beyond the column before it that lies."""
    below_all = torch.nextafter(cumulative[:, -1:], torch.zeros_like(target))  # sums differ by their rounding
    target = torch.minimum(target, below_all)
    column = (cumulative <= target).sum(1, keepdim=True)
    before = cumulative.gather(1, (column - 1).clamp(min=0)).masked_fill_(column == 0, 0)
    return column, target - before


def filtered(logits: Tensor, decoding: Decoding) -> Tensor:
    """Logits [N, V] after temperature, banned tokens and the nucleus, in this order; -inf where nothing is drawn."""
    if decoding.banned:
        logits = _without(logits, decoding.banned)
    if decoding.temperature != 1:
        # differences first: a temperature near 0 would make logits infinite
        logits = (logits - logits.amax(1, keepdim=True)) / decoding.temperature
    return logits if decoding.top_p == 1 else _nucleus(logits, decoding.top_p)


def _without(logits: Tensor, banned: tuple[int, ...]) -> Tensor:
    n_tokens = logits.shape[1]
    if max(banned) >= n_tokens or len(set(banned)) == n_tokens:
        raise ConfigError(
            f"Some of the tokens 0 to {n_tokens - 1} may be banned, not all; found {len(set(banned))} up to {max(banned)}."
        )
    return logits.index_fill(1, torch.tensor(banned, device=logits.device), -torch.inf)


def _nucleus(logits: Tensor, top_p: float) -> Tensor:
    """Nucleus sampling (arXiv:1904.09751, eq. 2): the likeliest tokens until their probabilities reach ``top_p``."""
    ordered, tokens = logits.sort(dim=1, descending=True, stable=True)
    probability = ordered.softmax(1)
    dropped = probability.cumsum(1) - probability >= top_p
    dropped[:, 0] = False
    return ordered.masked_fill(dropped, -torch.inf).gather(1, tokens.argsort(1))
