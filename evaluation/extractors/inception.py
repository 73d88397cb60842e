"""The Inception network of the Fréchet inception distance, from torch-fidelity's file, with two kinds of preprocessing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from multigan.errors import CheckpointError, DataError
from multigan.pretrained.folding import State, folded
from multigan.pretrained.weights import digest_of_files, read_state

RESOLUTION = 299
FEATURE_SIZE = 2048
EPSILON = 1e-3
"""Of its batch normalisation, as in TensorFlow."""


# ---- preprocessing: uint8 [H, W, 3] -> float32 [299, 299, 3] in [-1, 1) ----


def reference(image: np.ndarray) -> np.ndarray:
    """Bilinear to 299x299 without antialiasing, as TensorFlow 1 resized; then (x - 128) / 128.

    With s = size / 299, pixel i lies at i * s: between rows (columns) floor(i * s) and the next, at the distance i * s -
    floor(i * s). Every operation is that of torch-fidelity in the same order, so results are equal bit for bit; columns
    first, since a row's do not depend on where it is used.
    """
    pixels = image.astype(np.float32)
    left, right, across = _neighbours(image.shape[1])
    upper, lower, down = _neighbours(image.shape[0])
    rows, place = np.unique(np.concatenate([upper, lower]), return_inverse=True)
    pixels = pixels[rows]
    start = pixels[:, left]
    wide = start + (pixels[:, right] - start) * across[:, None]
    above, below = wide[place[:RESOLUTION]], wide[place[RESOLUTION:]]
    return _scaled(above + (below - above) * down[:, None, None])


def clean(image: np.ndarray) -> np.ndarray:
    """Bicubic with antialiasing by PIL on each channel as floats, clipped to [0, 255] and not rounded; then (x - 128) / 128.

    What clean-fid does in its mode "clean" (Parmar et al., arXiv:2104.11222); it clips since March 2022.
    """
    channels = [
        np.asarray(
            Image.fromarray(channel).resize((RESOLUTION, RESOLUTION), Image.Resampling.BICUBIC), np.float32
        )
        for channel in image.astype(np.float32).transpose(2, 0, 1)
    ]
    return _scaled(np.stack(channels, axis=2).clip(0, 255))


def _neighbours(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    place = np.arange(RESOLUTION, dtype=np.float32) * np.float32(size / RESOLUTION)
    low = place.astype(np.int64)
    return low, np.minimum(low + 1, size - 1), place - low.astype(np.float32)


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return (pixels - np.float32(128)) / np.float32(128)


# ---- the network ----

ROWS = 4096
"""So many features are turned to probabilities at once."""


class _Convolution(nn.Module):
    """Convolution, batch normalisation and ReLU; the normalisation is folded into the weights.

    Several names make one convolution of several outputs, for those that look at the same input.
    """

    def __init__(self, state: State, *names: str, stride: int = 1, padded: bool = True) -> None:
        super().__init__()
        parts = [folded(state, f"{name}.conv.weight", f"{name}.bn", EPSILON) for name in names]
        weight = torch.cat([weight for weight, _ in parts])
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last), requires_grad=False)
        self.bias = nn.Parameter(torch.cat([bias for _, bias in parts]), requires_grad=False)
        self.sizes = [len(bias) for _, bias in parts]
        self.stride = stride
        self.padding = (weight.shape[2] // 2, weight.shape[3] // 2) if padded else (0, 0)

    def linear(self, images: Tensor) -> Tensor:
        return F.conv2d(images, self.weight, self.bias, self.stride, self.padding)

    def forward(self, images: Tensor) -> Tensor:
        return F.relu_(self.linear(images))


class _Fork(nn.ModuleList):
    """Several modules of the same input, side by side."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat([branch(images) for branch in self], dim=1)


class _Mixed(nn.Module):
    """Branches that all begin with a 1x1 convolution, and one that pools first; their outputs side by side.

    The 1x1 convolutions are one. A mean over neighbours commutes with a 1x1 convolution, so the pooled branch joins them
    and pools its few outputs in place of the many inputs; the largest of neighbours does not commute.
    """

    def __init__(
        self, state: State, block: str, branches: Mapping[str, nn.Module], pool: str = "mean"
    ) -> None:
        super().__init__()
        pooled = f"{block}.branch_pool"
        heads = [f"{block}.{name}" for name in branches]
        self.first = _Convolution(state, *heads, *([pooled] if pool == "mean" else []))
        self.pooled = None if pool == "mean" else _Convolution(state, pooled)
        self.rest = nn.ModuleList(branches.values())

    def forward(self, images: Tensor) -> Tensor:
        parts = self.first.linear(images).split(self.first.sizes, dim=1)
        outputs = [rest(F.relu(part)) for rest, part in zip(self.rest, parts, strict=False)]
        if self.pooled is None:
            last = F.relu_(F.avg_pool2d(parts[-1], 3, 1, 1, count_include_pad=False))
        else:
            last = self.pooled(F.max_pool2d(images, 3, 1, 1))
        return torch.cat([*outputs, last], dim=1)


def network(state: State) -> nn.Sequential:
    """Images [N, 3, 299, 299] in [-1, 1) -> [N, 2048, 8, 8], with the weights of torch-fidelity's file.

    Inception v3 (arXiv:1512.00567) as its authors published it on 2015-12-05: means leave out the padding, and the last
    block takes the largest of neighbours in place of their mean.
    """

    def convolution(name: str, stride: int = 1, padded: bool = True) -> nn.Module:
        return _Convolution(state, name, stride=stride, padded=padded)

    def chain(*names: str, shrinks: bool = False) -> nn.Sequential:
        last = convolution(names[-1], 2, False) if shrinks else convolution(names[-1])
        return nn.Sequential(*map(convolution, names[:-1]), last)

    def numbered(stem: str, first: int, last: int, shrinks: bool = False) -> nn.Sequential:
        return chain(*(f"{stem}_{i}" for i in range(first, last + 1)), shrinks=shrinks)

    def low(block: str) -> nn.Module:
        five, three = numbered(f"{block}.branch5x5", 2, 2), numbered(f"{block}.branch3x3dbl", 2, 3)
        return _Mixed(
            state, block, {"branch1x1": nn.Identity(), "branch5x5_1": five, "branch3x3dbl_1": three}
        )

    def middle(block: str) -> nn.Module:
        short, long = numbered(f"{block}.branch7x7", 2, 3), numbered(f"{block}.branch7x7dbl", 2, 5)
        return _Mixed(
            state, block, {"branch1x1": nn.Identity(), "branch7x7_1": short, "branch7x7dbl_1": long}
        )

    def high(block: str, pool: str) -> nn.Module:
        short = _Fork([convolution(f"{block}.branch3x3_2{half}") for half in "ab"])
        ends = _Fork([convolution(f"{block}.branch3x3dbl_3{half}") for half in "ab"])
        long = nn.Sequential(convolution(f"{block}.branch3x3dbl_2"), ends)
        return _Mixed(
            state, block, {"branch1x1": nn.Identity(), "branch3x3_1": short, "branch3x3dbl_1": long}, pool
        )

    to_17 = [chain("Mixed_6a.branch3x3", shrinks=True), numbered("Mixed_6a.branch3x3dbl", 1, 3, shrinks=True)]
    to_8 = [
        numbered("Mixed_7a.branch3x3", 1, 2, shrinks=True),
        numbered("Mixed_7a.branch7x7x3", 1, 4, shrinks=True),
    ]
    return nn.Sequential(
        convolution("Conv2d_1a_3x3", 2, False), convolution("Conv2d_2a_3x3", 1, False), convolution("Conv2d_2b_3x3"),
        nn.MaxPool2d(3, 2), convolution("Conv2d_3b_1x1"), convolution("Conv2d_4a_3x3", 1, False), nn.MaxPool2d(3, 2),
        low("Mixed_5b"), low("Mixed_5c"), low("Mixed_5d"), _Fork([*to_17, nn.MaxPool2d(3, 2)]),
        middle("Mixed_6b"), middle("Mixed_6c"), middle("Mixed_6d"), middle("Mixed_6e"),
        _Fork([*to_8, nn.MaxPool2d(3, 2)]), high("Mixed_7b", "mean"), high("Mixed_7c", "largest"),
    )  # fmt: skip


# ---- the extractors ----


@dataclass(frozen=True, eq=False)
class Inception:
    """Features [N, 2048]: the means over all places of the last block; and the probabilities of its 1,008 classes."""

    name: str
    digest: str
    preprocessing: str
    resize: Callable[[np.ndarray], np.ndarray]
    network: nn.Sequential
    classes: np.ndarray
    """[1008, 2048] float64; its offset is left out, as the Inception score has it."""
    device: torch.device
    precision: torch.dtype

    def prepare(self, sample: np.ndarray) -> np.ndarray:
        """An image uint8 [H, W, 3] as float32 [299, 299, 3]."""
        if sample.dtype != np.uint8 or sample.ndim != 3 or sample.shape[2] != 3:
            raise DataError(f"An image is {sample.dtype} {list(sample.shape)}; give uint8 [H, W, 3].")
        return self.resize(sample)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, 2048] of prepared images."""
        with torch.inference_mode():
            # rows of three channels are what channels_last means: no copy is made
            images = torch.from_numpy(np.stack(prepared)).permute(0, 3, 1, 2)
            places = self.network(images.to(self.device, self.precision))
            return places.float().mean((2, 3)).cpu().numpy()

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, 1008] of features [N, 2048]: softmax(W h), without the offset of the logits."""
        probabilities = np.empty((len(features), len(self.classes)))
        for start in range(0, len(features), ROWS):
            logits = features[start : start + ROWS].astype(np.float64) @ self.classes.T
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            probabilities[start : start + ROWS] = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


REFERENCE = "bilinear to 299x299 without antialiasing, as TensorFlow 1 (torch-fidelity); (x - 128) / 128; v1"
CLEAN = "PIL bicubic to 299x299 on float channels, clipped to [0, 255], unrounded (clean-fid); (x - 128) / 128; v2"


def load(device: torch.device, files: Mapping[str, Path]) -> Inception:
    """``inception``: the reference preprocessing in float32. Only these features may be called FID, IS and KID."""
    return _loaded("inception", REFERENCE, reference, torch.float32, device, files)


def load_clean(device: torch.device, files: Mapping[str, Path]) -> Inception:
    """``inception-clean``: the preprocessing of clean-fid in float32."""
    return _loaded("inception-clean", CLEAN, clean, torch.float32, device, files)


def load_bfloat16(device: torch.device, files: Mapping[str, Path]) -> Inception:
    """``inception-bf16``: the reference preprocessing, the network in bfloat16: about twice as fast, 0.4% away."""
    preprocessing = f"{REFERENCE}; network in bfloat16"
    return _loaded("inception-bf16", preprocessing, reference, torch.bfloat16, device, files)


def _loaded(
    name: str,
    preprocessing: str,
    resize: Callable[[np.ndarray], np.ndarray],
    precision: torch.dtype,
    device: torch.device,
    files: Mapping[str, Path],
) -> Inception:
    state = read_state(files["weights"])
    try:
        built = network(state).eval().to(device, precision)
        classes = state["fc.weight"].double().numpy()
    except KeyError as error:
        raise CheckpointError(
            f"{files['weights']} is not torch-fidelity's Inception: it has no {error}. `multigan weights` names the file."
        ) from error
    return Inception(name, digest_of_files(files), preprocessing, resize, built, classes, device, precision)
