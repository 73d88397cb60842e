"""LPIPS: how different two images look to a network that was trained to tell objects apart."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from evaluation.samples.checks import check_images
from multigan.errors import CheckpointError, DataError
from multigan.pretrained.weights import digest_of_files, read_state, sha256_of

LAYERS = {"alexnet": (2, 5, 8, 10, 12), "vgg16": (4, 9, 16, 23, 30)}
"""Where, in torchvision's ``features``, the five layers that are compared end: each after a ReLU."""
HEADS = {
    "alexnet": ("alex.pth", "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0"),
    "vgg16": ("vgg.pth", "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868"),
}
"""The authors' weights of the channels, version 0.1, as torchmetrics brings them, and their SHA-256."""
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of the channels in [-1, 1]."""
SMALLEST = 32


class Lpips:
    """The distance of arXiv:1801.03924, version 0.1, through AlexNet or VGG16 trained on ImageNet.

    d = sum_l 1/(H_l W_l) sum_hw |w_l * (y_l - y'_l)|^2 (eq. 1, with the squares of its w_l held), y_l the features of
    layer l, scaled to length 1 at each place. Images are seen at the size that they have, of 32 pixels or more.
    """

    def __init__(
        self, network: str, digest: str, features: nn.Sequential, heads: list[Tensor], device: torch.device
    ) -> None:
        self.name, self.digest = f"lpips-{network}", digest
        cuts = (0, *LAYERS[network])
        self._slices = [features[start:end].to(device) for start, end in itertools.pairwise(cuts)]
        self._heads = [head.to(device) for head in heads]
        self._device = device
        shift, scale = (torch.tensor(values, device=device)[:, None, None] for values in (SHIFT, SCALE))
        self._shift, self._scale = shift, scale

    def distance(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The distance [N], float32, of uint8 images [N, H, W, 3] to others: 0 where they are the same."""
        for images, what in ((first, "first"), (second, "second")):
            check_images(images, what)
        if first.shape != second.shape or min(first.shape[1:3]) < SMALLEST:
            raise DataError(
                f"LPIPS compares images of one size, {SMALLEST} pixels or more; found {list(first.shape)} and "
                f"{list(second.shape)}. Resize them."
            )
        with torch.inference_mode():
            pixels = torch.from_numpy(np.concatenate([first, second])).to(self._device).permute(0, 3, 1, 2)
            maps = (pixels.float() / 127.5 - 1 - self._shift) / self._scale
            total = torch.zeros(len(first), device=self._device)
            for layers, head in zip(self._slices, self._heads, strict=True):
                maps = layers(maps)
                directions = maps / (maps.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)
                one, other = directions.split(len(first))
                total += F.conv2d((one - other).square(), head).mean(dim=(1, 2, 3))
            return total.cpu().numpy()


def load(device: torch.device, files: Mapping[str, Path]) -> Lpips:
    """LPIPS with the network whose ImageNet weights (torchvision's AlexNet or VGG16) ``files["weights"]`` holds."""
    import torchvision

    state = {
        name.removeprefix("features."): value
        for name, value in read_state(files["weights"]).items()
        if name.startswith("features.")
    }
    network = "vgg16" if "28.weight" in state else "alexnet"
    with torch.device("meta"):  # its classifier, which is not needed, is never made
        features = getattr(torchvision.models, network)(weights=None).features
    try:
        features.load_state_dict(state, assign=True)
    except RuntimeError as error:
        raise CheckpointError(
            f"{files['weights']} does not hold the weights of torchvision's AlexNet or VGG16: {error}"
        ) from error
    heads = _heads_file(network)
    values = read_state(heads)
    return Lpips(
        network,
        digest_of_files({**files, "heads": heads}),
        features.eval().requires_grad_(False),
        [values[f"lin{layer}.model.1.weight"] for layer in range(len(LAYERS[network]))],
        device,
    )


def _heads_file(network: str) -> Path:
    """The file of torchmetrics that holds the weights of the channels; found without importing torchmetrics."""
    filename, sha256 = HEADS[network]
    package = find_spec("torchmetrics")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "functional/image/lpips_models" / filename
    if not path.is_file() or sha256_of(path) != sha256:
        raise CheckpointError(
            f"{path} is missing or is not LPIPS version 0.1 (SHA-256 {sha256}). Install another version of torchmetrics."
        )
    return path
