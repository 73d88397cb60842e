"""Frozen networks whose levels a perceptual term compares: with fixed random weights, or with pretrained ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.pretrained.efficientnet import COLOURS, published_levels

CHANNELS = (16, 32, 64)
"""Of the levels of ``RandomLevels``, at the full size, a half and a quarter."""
SEED = 1_609_048
N_LEVELS = 2
"""Levels of the pretrained network that are compared, at a quarter and an eighth of the size: places, and no classes yet."""


class RandomLevels(nn.Module):
    """Images [N, C, H, W] -> three levels, each two 3x3 convolutions, seen before the second's ReLU.

    VGG's structure with weights that are drawn once and for all: as a perceptual loss of super-resolution it does about as
    well as the trained one (arXiv:2103.10571, section 1 and figure 1). Between levels 2x2 means halve the size. Weights ~
    N(0, 2 / fan-in) from numpy's legacy random stream, which is frozen (NEP 19): every machine and version has the same
    network.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        stream = np.random.RandomState(SEED)
        for level, (n_in, n_out) in enumerate(pairwise((channels, *CHANNELS))):
            for place, inputs in enumerate((n_in, n_out)):
                values = stream.standard_normal((n_out, inputs, 3, 3)) * (2 / (9 * inputs)) ** 0.5
                weight = torch.from_numpy(values.astype(np.float32)).contiguous(
                    memory_format=torch.channels_last
                )
                # frozen: nothing trains it, and no checkpoint has to hold what is drawn again
                self.register_buffer(f"weight_{level}_{place}", weight, persistent=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        levels, now = [], images
        for level in range(len(CHANNELS)):
            if level:
                now = functional.avg_pool2d(functional.relu(now), 2)
            first = functional.conv2d(now, self.get_buffer(f"weight_{level}_0"), padding=1)
            now = functional.conv2d(functional.relu(first), self.get_buffer(f"weight_{level}_1"), padding=1)
            levels.append(now)
        return levels


class PretrainedLevels(nn.Module):
    """Colour images [N, 3, H, W] -> the first levels of EfficientNet-Lite0, which has learnt the classes of ImageNet."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.pretrained: nn.ModuleList | None = None
        for name, colours in zip(("mean", "deviation"), COLOURS, strict=True):
            self.register_buffer(name, torch.tensor(colours)[None, :, None, None], persistent=False)

    def load_pretrained(self) -> None:
        """Read the weights; ConfigError with what to install where they are not there."""
        self.pretrained = published_levels()[:N_LEVELS].to(self.mean.device)

    def forward(self, images: Tensor) -> list[Tensor]:
        if self.pretrained is None:
            raise ConfigError(
                "The pretrained network of these features is not there yet; call load_pretrained()."
            )
        levels, now = [], ((images + 1) / 2 - self.mean) / self.deviation
        for level in self.pretrained:
            now = level(now.contiguous(memory_format=torch.channels_last))
            levels.append(now)
        return levels
