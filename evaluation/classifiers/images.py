"""A small classifier trained on real labelled images: it reads an image's label, and gives features."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from evaluation.classifiers.content import cache_folder, content_of
from evaluation.classifiers.training import (
    Network,
    block,
    cached,
    check_labels,
    facts_of,
    save_tensors,
    trained,
)
from evaluation.extractors.image_tensors import prepared
from evaluation.extractors.networks import digest_of, seeded_weights
from evaluation.extractors.protocol import Progress, features_of
from evaluation.features.subset import Subset
from evaluation.samples.checks import check_images

VERSION = 1
"""Part of the cache's key: raise it when the network or its training changes."""
KIND = "emotion classifier"
FEATURE_SIZE = 128
FEATURE_BATCH = 256
RESOLUTIONS = (32, 64)
"""Images are brought to the larger one, or to the smaller where they are no larger."""
SAMPLES_AT = {32: 30_000, 64: 60_000}
"""Resolution of the input -> images seen in training: under a minute on two CPU cores."""


def _network(n_classes: int, resolution: int) -> Network:
    """For images [N, 3, R, R] in [-1, 1]; R is 32 or 64, at once brought down to 16."""
    stem = [block(3, 32, stride=2)] if resolution == 32 else [block(3, 16, stride=2), block(16, 32, stride=2)]
    width = FEATURE_SIZE
    body = [block(32, 64, stride=2), block(64, 64), block(64, width, stride=2), block(width, width)]
    return Network([*stem, *body], width, n_classes)


@dataclass(frozen=True)
class ImageClassifier:
    """A trained classifier; it resizes images to ``resolution``, and its columns are those of its labels."""

    network: Network
    n_classes: int
    resolution: int
    device: torch.device
    name: str = "emotion-classifier"

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return digest_of(self.network)

    @property
    def preprocessing(self) -> str:
        size = f"{self.resolution}x{self.resolution}"
        return f"x / 127.5 - 1, resized to {size} by area means; version {VERSION}"

    def prepare(self, sample: np.ndarray) -> Tensor:
        """One uint8 image [H, W, 3] as float32 [3, R, R] in [-1, 1]."""
        image = np.asarray(sample)[None]
        check_images(image, "given")
        return prepared(image, self.resolution, torch.device("cpu"))[0]

    @torch.inference_mode()
    def forward(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """Features float32 [N, 128] of prepared images: the last convolution's channel means."""
        return self.network.features(torch.stack(list(prepared)).to(self.device)).float().cpu().numpy()

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features float32 [N, 128] of uint8 images [N, H, W, 3]."""
        check_images(images, "given")
        return features_of(self, images, FEATURE_BATCH)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, C] of uint8 images [N, H, W, 3]; each row sums to 1."""
        return self.probabilities_of(self.features(images))

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, C] of this classifier's own features [N, 128]."""
        return self.network.probabilities_of(features)

    def save(self, path: Path) -> None:
        """Write weights and shape as safetensors; a file already there is replaced whole or not at all."""
        facts = {
            "format": f"multigan {KIND}",
            "n_classes": str(self.n_classes),
            "resolution": str(self.resolution),
        }
        save_tensors(path, self.network.state_dict(), facts)


def load_classifier(path: Path, device: torch.device | str = "cpu") -> ImageClassifier:
    """The classifier that ``save`` wrote; CheckpointError when there is none or the file is damaged."""
    with facts_of(path, KIND) as facts:
        n_classes, resolution = int(facts["n_classes"]), int(facts["resolution"])
        with seeded_weights(0):
            network = _network(n_classes, resolution)
        network.load_state_dict(load_file(path))
    chosen = torch.device(device)
    return ImageClassifier(network.finished(chosen), n_classes, resolution, chosen)


def train_classifier(
    images: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    n_samples: int | None = None,
    augment: bool = True,
) -> ImageClassifier:
    """Train on real images uint8 [N, H, W, 3] and labels int [N] in 0..C-1, for a fixed number of samples.

    As ``training.trained`` does, unless ``augment`` is off with small shifts, turns, stretches, changes of colour and noise
    (no flips: a smirk has a side). ``n_samples`` None takes ``SAMPLES_AT``. The global random state stays as it was.
    """
    check_images(images, "training")
    check_labels(labels, len(images), n_classes, "images")
    chosen = torch.device(device)
    resolution = 32 if min(images.shape[1:3]) <= 32 else 64
    random_state = torch.Generator().manual_seed(seed)
    with seeded_weights(seed):
        network = _network(n_classes, resolution)

    def batch_of(rows: np.ndarray) -> Tensor:
        inputs = prepared(images[rows], resolution, chosen)
        return _augmented(inputs, random_state) if augment else inputs

    network = trained(
        network, batch_of, np.asarray(labels), n_samples or SAMPLES_AT[resolution], random_state, chosen,
        "the emotion classifier", progress,
    )  # fmt: skip
    return ImageClassifier(network, n_classes, resolution, chosen)


def cached_classifier(
    folder: Path,
    data_digest: str,
    images: np.ndarray | Callable[[], np.ndarray],
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    n_samples: int | None = None,
) -> ImageClassifier:
    """``train_classifier``, or its saved result when the same data, seed and code have trained one before.

    ``data_digest`` names the content of ``images`` (a function reads them where it must train) and ``labels``. Instead of
    a damaged file it trains anew.
    """
    key = hashlib.sha256(repr((VERSION, data_digest, n_classes, seed, n_samples)).encode()).hexdigest()[:20]

    def train() -> ImageClassifier:
        pixels = images() if callable(images) else images
        return train_classifier(pixels, labels, n_classes, seed, device, progress, n_samples)

    path = folder / f"emotion-classifier-{key}.safetensors"
    return cached(path, lambda path: load_classifier(path, device), train)


def recalled(
    training: Subset, n_labels: int, device: torch.device | str, progress: Progress | None
) -> ImageClassifier:
    """The classifier of labelled images: trained, or recalled where the same ones have trained one before."""
    digest, images, labels = content_of(training, _squares, progress)
    return cached_classifier(
        cache_folder(), digest, images, labels, n_labels, device=device, progress=progress
    )


def taught(
    images: Sequence[np.ndarray],
    labels: np.ndarray,
    n_classes: int,
    *,
    seed: int,
    n_samples: int,
    augment: bool,
    device: torch.device | str = "cpu",
) -> ImageClassifier:
    """``train_classifier`` on images uint8 [H, W, 3] of any size; nothing is recalled or kept."""
    squares = _squares_of(images.__getitem__, range(len(images)), None)
    return train_classifier(squares, labels, n_classes, seed, device, n_samples=n_samples, augment=augment)


def _squares(training: Subset, rows: np.ndarray, progress: Progress | None) -> np.ndarray:
    return _squares_of(training.samples.read, rows.tolist(), progress)


def _squares_of(
    read: Callable[[int], np.ndarray], rows: Sequence[int], progress: Progress | None
) -> np.ndarray:
    """uint8 [N, R, R, 3]: the images as the classifier sees them."""
    resolution, cpu = RESOLUTIONS[0], torch.device("cpu")
    if min(read(rows[0]).shape[:2]) > RESOLUTIONS[0]:
        resolution = RESOLUTIONS[1]
    images = np.empty((len(rows), resolution, resolution, 3), np.uint8)
    for place, row in enumerate(rows):
        image = prepared(read(row)[None], resolution, cpu)[0]
        images[place] = (image * 127.5 + 128).clamp(0, 255).byte().permute(1, 2, 0).numpy()
        if progress:
            progress("reading images for the classifier", place + 1, len(rows))
    return images


def _augmented(images: Tensor, random_state: torch.Generator) -> Tensor:
    """Images [N, 3, R, R] turned by up to 12 degrees, scaled, stretched, shifted, recoloured, with noise."""
    n, device = len(images), images.device

    def spread(extent: float, *shape: int) -> Tensor:
        # drawn on the CPU, so that every device trains on the same numbers
        return ((torch.rand(*shape, generator=random_state) * 2 - 1) * extent).to(device)

    angle, wide = spread(math.radians(12), n), spread(0.12, n).exp()
    high = wide * spread(0.06, n).exp()
    across = torch.stack([angle.cos() * wide, -angle.sin() * high, spread(0.12, n)], 1)
    down = torch.stack([angle.sin() * wide, angle.cos() * high, spread(0.12, n)], 1)
    grid = F.affine_grid(torch.stack([across, down], 1), list(images.shape), align_corners=False)
    images = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * spread(0.3, n, 1, 1, 1).exp() + mean
    images = images + spread(0.15, n, 1, 1, 1) + spread(0.1, n, 3, 1, 1)
    noise = torch.randn(images.shape, generator=random_state).to(device)
    return images + noise * spread(0.1, n, 1, 1, 1)
