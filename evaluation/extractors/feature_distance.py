"""How different two images look to a network that needs no learnt weights of a distance: LPIPS without its last layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluation.extractors.networks import digest_of, seeded_weights
from evaluation.samples.checks import check_images
from multigan.errors import DataError
from multigan.pretrained.efficientnet import COLOURS, levels, wrong_file
from multigan.pretrained.weights import digest_of_files, read_state

SMALLEST = 16
CHANNELS = (3, 32, 64, 128)
SEED = 18_010_392
N_LEVELS = 3
"""Of the pretrained network: at a quarter, an eighth and a sixteenth of the size."""


class FeatureDistance:
    """The distance of arXiv:1801.03924, eq. 1, with every w_l 1, so that no layer has to be learnt for it.

    d = sum_l 1/(H_l W_l) sum_hw |y_l - y'_l|^2, y_l the features of level l scaled to length 1 at each place. Images are
    seen at the size that they have, of 16 pixels or more.
    """

    def __init__(
        self, name: str, digest: str, levels_of: Callable[[Tensor], Sequence[Tensor]], device: torch.device
    ) -> None:
        self.name, self.digest = name, digest
        self._levels_of, self._device = levels_of, device

    def distance(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The distance [N], float32, of uint8 images [N, H, W, 3] to others: 0 where they are the same."""
        for images, what in ((first, "first"), (second, "second")):
            check_images(images, what)
        if first.shape != second.shape or min(first.shape[1:3]) < SMALLEST:
            raise DataError(
                f"This distance is of images of one size, {SMALLEST} pixels or more; found {list(first.shape)} and "
                f"{list(second.shape)}. Resize them."
            )
        with torch.inference_mode():
            pixels = torch.from_numpy(np.concatenate([first, second])).to(self._device).permute(0, 3, 1, 2)
            total = torch.zeros(len(first), device=self._device)
            for maps in self._levels_of(pixels.float()):
                directions = maps / (maps.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)
                one, other = directions.split(len(first))
                total += (one - other).square().sum(dim=1).mean(dim=(1, 2))
            return total.cpu().numpy()


def load_random(device: torch.device, files: Mapping[str, Path]) -> FeatureDistance:
    """Three times (3x3 convolution, ReLU, 2x2 mean) with fixed random weights ~ N(0, 2 / fan-in), as ``random-conv-v1``
    has them but at the images' own size; seen after each ReLU."""
    stream = np.random.RandomState(SEED)
    layers: list[nn.Conv2d] = []
    with seeded_weights(SEED):  # what a layer draws by itself leaves the global random state as it is
        for n_in, n_out in itertools.pairwise(CHANNELS):
            layers.append(nn.Conv2d(n_in, n_out, 3, padding=1, bias=False).requires_grad_(False))
    for layer in layers:
        n_out, n_in = layer.weight.shape[:2]
        values = stream.standard_normal((n_out, n_in, 3, 3)) * (2 / (9 * n_in)) ** 0.5
        layer.weight.copy_(torch.from_numpy(values.astype(np.float32)))
    convolutions = nn.ModuleList(layers)
    convolutions.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def levels_of(pixels: Tensor) -> list[Tensor]:
        maps, now = [], pixels / 127.5 - 1
        for convolution in layers:
            now = functional.relu(convolution(now))
            maps.append(now)
            now = functional.avg_pool2d(now, 2)
        return maps

    return FeatureDistance("random-levels-v1", digest_of(convolutions), levels_of, device)


def load_lite0(device: torch.device, files: Mapping[str, Path]) -> FeatureDistance:
    """Through the first levels of EfficientNet-Lite0, which has learnt the classes of ImageNet."""
    state = read_state(files["weights"])
    try:
        parts = levels(state)[:N_LEVELS].eval().to(device)
    except KeyError as error:
        raise wrong_file(files["weights"], error) from error
    mean, deviation = torch.tensor(COLOURS, device=device)[:, :, None, None]

    def levels_of(pixels: Tensor) -> list[Tensor]:
        maps, now = [], (pixels / 255 - mean) / deviation
        for part in parts:
            now = part(now.contiguous(memory_format=torch.channels_last))
            maps.append(now)
        return maps

    return FeatureDistance("lite0-levels", digest_of_files(files), levels_of, device)
