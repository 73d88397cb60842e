"""A small classifier trained on real labelled images: it reads an image's emotion, and gives features."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from evaluation.extractors import Progress, check_images, digest_of, features_of, prepared, seeded_weights
from multigan.errors import CheckpointError, DataError

VERSION = 1
"""Part of the cache's key: raise it when the network or its training changes."""
FORMAT = "multigan emotion classifier"
FEATURE_SIZE = 128
BATCH = 64
FEATURE_BATCH = 256
LEARNING_RATE = 4e-3
EMA_HALF_LIFE_SAMPLES = 6_000
SAMPLES_AT = {32: 30_000, 64: 60_000}
"""Resolution of the input -> images seen in training: under a minute on two CPU cores."""


class _Network(nn.Module):
    """Images [N, 3, R, R] in [-1, 1] -> logits [N, C]; R is 32 or 64, at once brought down to 16."""

    def __init__(self, n_classes: int, resolution: int) -> None:
        super().__init__()
        stem = [_block(3, 32, 2)] if resolution == 32 else [_block(3, 16, 2), _block(16, 32, 2)]
        width = FEATURE_SIZE
        body = [_block(32, 64, 2), _block(64, 64, 1), _block(64, width, 2), _block(width, width, 1)]
        self.blocks = nn.Sequential(*stem, *body)
        self.head = nn.Linear(width, n_classes)

    def features(self, images: Tensor) -> Tensor:
        return self.blocks(images.contiguous(memory_format=torch.channels_last)).mean((2, 3))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))


def _block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


@dataclass(frozen=True)
class EmotionClassifier:
    """A trained classifier; it resizes images to ``resolution``, and its columns are those of its labels."""

    network: _Network
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
        head = self.network.head
        weight, bias = (held.cpu().double().numpy() for held in (head.weight, head.bias))
        return softmax(features @ weight.T + bias)

    def save(self, path: Path) -> None:
        """Write weights and shape as safetensors; a file already there is replaced whole or not at all."""
        facts = {"format": FORMAT, "n_classes": str(self.n_classes), "resolution": str(self.resolution)}
        save_tensors(path, self.network.state_dict(), facts)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities [N, C] of logits [N, C]."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def save_tensors(path: Path, tensors: Mapping[str, Tensor], facts: dict[str, str]) -> None:
    """Write tensors and facts as safetensors; a file already there is replaced whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        save_file({name: value.cpu().contiguous() for name, value in tensors.items()}, part, metadata=facts)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_classifier(path: Path, device: torch.device | str = "cpu") -> EmotionClassifier:
    """The classifier that ``save`` wrote; CheckpointError when there is none or the file is damaged."""
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
        if facts.get("format") != FORMAT:
            raise CheckpointError(
                f"{path} is not an emotion classifier; give a file that EmotionClassifier.save wrote."
            )
        n_classes, resolution = int(facts["n_classes"]), int(facts["resolution"])
        with seeded_weights(0):
            network = _Network(n_classes, resolution)
        network.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"Cannot read the emotion classifier {path}: {error}. Delete it to train anew."
        ) from error
    return _finished(network, n_classes, resolution, torch.device(device))


def train_classifier(
    images: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    n_samples: int | None = None,
) -> EmotionClassifier:
    """Train on real images uint8 [N, H, W, 3] and labels int [N] in 0..C-1, for a fixed number of samples.

    AdamW with a warm-up and a cosine; plain cross-entropy (smoothed labels would level the margins that
    intensity shows in); small shifts, turns, stretches, changes of colour and noise (no flips: a smirk has a
    side). The result is the average of the weights at the end, so that no held-out figure chooses it.
    ``n_samples`` None takes ``SAMPLES_AT``. The global random state stays as it was.
    """
    check_images(images, "training")
    check_labels(labels, len(images), n_classes, "images")
    device = torch.device(device)
    resolution = 32 if min(images.shape[1:3]) <= 32 else 64
    random_state = torch.Generator().manual_seed(seed)
    with seeded_weights(seed):
        network = _Network(n_classes, resolution)
    network = network.to(device=device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network)
    optimiser = _optimiser(network)
    n_steps = max(1, (n_samples or SAMPLES_AT[resolution]) // BATCH)
    for step, chosen in enumerate(_draws(len(images), n_steps, random_state)):
        pixels = _augmented(prepared(images[chosen], resolution, device), random_state)
        targets = torch.as_tensor(np.asarray(labels)[chosen], dtype=torch.long, device=device)
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * _schedule((step + 0.5) / n_steps)
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(network(pixels), targets).backward()
        optimiser.step()
        _follow(average, network, min(0.5 ** (BATCH / EMA_HALF_LIFE_SAMPLES), (step + 1) / (step + 10)))
        if progress:
            progress("training the emotion classifier", (step + 1) * BATCH, n_steps * BATCH)
    return _finished(average, n_classes, resolution, device)


def cached_classifier(
    cache_folder: Path,
    data_digest: str,
    images: np.ndarray | Callable[[], np.ndarray],
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    n_samples: int | None = None,
) -> EmotionClassifier:
    """``train_classifier``, or its saved result when the same data, seed and code have trained one before.

    ``data_digest`` names the content of ``images`` (a function reads them where it must train) and ``labels``. Instead of
    a damaged file it trains anew.
    """
    key = hashlib.sha256(repr((VERSION, data_digest, n_classes, seed, n_samples)).encode()).hexdigest()[:20]
    path = cache_folder / f"emotion-classifier-{key}.safetensors"
    if path.exists():
        try:
            return load_classifier(path, device)
        except CheckpointError:
            path.unlink()
    held = images() if callable(images) else images
    classifier = train_classifier(held, labels, n_classes, seed, device, progress, n_samples)
    with contextlib.suppress(
        OSError, SafetensorError
    ):  # a cache that cannot be written costs time, not the report
        classifier.save(path)
    return classifier


def _finished(network: _Network, n_classes: int, resolution: int, device: torch.device) -> EmotionClassifier:
    network = network.to(device=device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return EmotionClassifier(network.eval().requires_grad_(False), n_classes, resolution, device)


def check_labels(labels: np.ndarray, n: int, n_classes: int, what: str) -> None:
    """DataError unless ``labels`` holds n whole numbers, n > 0, from 0 to C-1: one for each of ``what``."""
    labels = np.asarray(labels)
    if not n or labels.shape != (n,) or not np.issubdtype(labels.dtype, np.integer):
        found = f"{labels.dtype} {list(labels.shape)}"
        raise DataError(f"The labels are {found}; give one whole number for each of the {n} {what}.")
    if labels.min() < 0 or labels.max() >= n_classes:
        raise DataError(
            f"The labels run from {labels.min()} to {labels.max()}; "
            f"with {n_classes} classes they are 0 to {n_classes - 1}."
        )


def _optimiser(network: nn.Module) -> torch.optim.AdamW:
    """AdamW whose decay spares biases and normalisation."""
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.99))


def _draws(n_images: int, n_steps: int, random_state: torch.Generator) -> Iterator[np.ndarray]:
    """Indices [BATCH] of each step: every image once, in random order, before any comes again."""
    order = torch.empty(0, dtype=torch.long)
    for _ in range(n_steps):
        while len(order) < BATCH:
            order = torch.cat([order, torch.randperm(n_images, generator=random_state)])
        yield order[:BATCH].numpy()
        order = order[BATCH:]


def _schedule(fraction: float) -> float:
    """A factor of the learning rate: up over the first tenth, down along a cosine."""
    return min(1.0, fraction / 0.1) * (0.5 + 0.5 * math.cos(math.pi * fraction))


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    for held, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if held.is_floating_point():
            held.lerp_(value, 1 - decay)
        else:
            held.copy_(value)


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
