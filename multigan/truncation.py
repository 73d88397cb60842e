"""The mean styles of a generator's labels, which truncation draws towards."""

from __future__ import annotations

import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.protocols import StyleGenerator

_MEAN_OF = 512


def require_truncation(generator: nn.Module) -> None:
    """ConfigError for a generator that cannot be truncated."""
    if not isinstance(generator, StyleGenerator):
        raise ConfigError(
            f"Truncation needs a generator with mapping and synthesis; {type(generator).__name__} has none: "
            "use truncation 1 (--truncation 1, or --set sampling.truncation=1 in a recipe)."
        )


def style_means(generator: nn.Module, condition: Tensor | None, n: int) -> Tensor:
    """[N, L, W]: the mean style of each sample's own condition, over fixed latents (arXiv:1812.04948, appendix B).

    A mean over all conditions would pull every emotion towards the same face.
    """
    require_truncation(generator)
    assert isinstance(generator, StyleGenerator)
    drawn = latents_of_means(generator)
    if condition is None:
        return mean_styles(generator, drawn, None).expand(n, -1, -1)
    rows, which = condition.unique(dim=0, return_inverse=True)
    means = [mean_styles(generator, drawn, row[None].to(drawn.device)) for row in rows]
    return torch.cat(means)[which.to(drawn.device)]


def latents_of_means(generator: StyleGenerator) -> Tensor:
    """The fixed latents [M, Z] whose mean styles truncation draws towards."""
    assert isinstance(generator, nn.Module)
    return generator.latent(_MEAN_OF, RandomState().manual_seed(0)).to(next(generator.parameters()).device)


def mean_styles(generator: StyleGenerator, drawn: Tensor, conditions: Tensor | None) -> Tensor:
    """[N, L, W]: the mean styles of latents ``drawn`` [M, Z] under each of the conditions [N, C], or [1, L, W] without any.

    A generator that brings a ``style_mean`` [W] has that in their place.
    """
    n = 1 if conditions is None else conditions.shape[0]
    own = getattr(generator, "style_mean", None)
    if own is not None:
        return own.expand(n, generator.n_styles, -1)  # type: ignore[attr-defined]
    if conditions is None:
        return generator.mapping(drawn, None).mean(0, keepdim=True)
    m = drawn.shape[0]
    styles = generator.mapping(drawn.repeat(n, 1), conditions.repeat_interleave(m, 0))
    return styles.unflatten(0, (n, m)).mean(1)
