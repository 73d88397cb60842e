"""Features of a convolution network with fixed random weights: no training, the same everywhere."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from evaluation.extractors.image_tensors import extracted, prepared
from evaluation.extractors.networks import digest_of, seeded_weights
from evaluation.samples.checks import check_images

RESOLUTION = 32
CHANNELS = (3, 32, 64, 128)
FEATURE_SIZE = 512
SEED = 20_020_997


def with_drawn_weights(network: nn.Sequential, seed: int) -> nn.Sequential:
    """The network with weights that numpy draws from a seed, which no version changes, and that are never trained."""
    stream = np.random.RandomState(seed)
    for weight in network.requires_grad_(False).parameters():
        deviation = FEATURE_SIZE**-0.5 if weight.ndim == 2 else (2 / weight[0].numel()) ** 0.5
        values = stream.standard_normal(tuple(weight.shape)) * deviation
        weight.copy_(torch.from_numpy(values.astype(np.float32)))
    return network


class RandomFeatures:
    """``random-conv-v1``: images, resized to 32x32, through random convolutions and a random projection.

    After Naeem et al. (arXiv:2002.09797, section 4.1.1), who embed with a randomly initialised VGG16 where no
    pretrained network suits the data. Here: three times (3x3 convolution, ReLU, 2x2 mean), 32, 64 and 128
    channels, then a projection of the 4x4x128 map to 512 features. Weights ~ N(0, 2 / fan-in), those of the
    projection ~ N(0, 1 / 512), from numpy's legacy random stream, which is frozen (NEP 19): every machine and
    version has the same network.
    """

    name = "random-conv-v1"
    preprocessing = "area means to 32x32; x / 127.5 - 1; v1"

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        with seeded_weights(SEED):
            layers: list[nn.Module] = []
            for inputs, outputs in itertools.pairwise(CHANNELS):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.ReLU(), nn.AvgPool2d(2)]
            flat = CHANNELS[-1] * (RESOLUTION // 8) ** 2
            network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, FEATURE_SIZE, bias=False))
        self._network = with_drawn_weights(network, SEED).to(self._device)

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return digest_of(self._network)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features float32 [N, 512] of uint8 images [N, H, W, 3]."""
        check_images(images, "given")
        return extracted(images, RESOLUTION, self._device, self._network)

    def prepare(self, sample: np.ndarray) -> Tensor:
        """An image uint8 [H, W, 3] as float32 [3, 32, 32] in [-1, 1]."""
        check_images(sample[None], "given")
        return prepared(sample[None], RESOLUTION, torch.device("cpu"))[0]

    def forward(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """Features float32 [N, 512] of prepared images."""
        images = torch.stack(list(prepared)).to(self._device, memory_format=torch.channels_last)
        with torch.inference_mode():
            return self._network(images).cpu().numpy()


def load(device: torch.device, files: Mapping[str, Path]) -> RandomFeatures:
    """``random-conv-v1``, which needs no files."""
    del files
    return RandomFeatures(device)
