"""Transforms of samples by name, one after the other: what augmentations are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.registry import unknown_name


class Transforms(nn.Module):
    """Those of a table of transforms that ``kinds`` names, in the order of the table; ConfigError for a name it has not."""

    def __init__(self, table: Mapping[str, Callable[[Tensor], Tensor]], kinds: Iterable[str]) -> None:
        super().__init__()
        chosen = frozenset(kinds)
        for kind in sorted(chosen - table.keys()):
            raise ConfigError(unknown_name("kind of augmentation", kind, list(table)))
        self.transforms = [transform for kind, transform in table.items() if kind in chosen]

    def forward(self, samples: Tensor) -> Tensor:
        """Samples [N, ...] -> samples of the same shape, which may leave their range."""
        for transform in self.transforms:
            samples = transform(samples)
        return samples
