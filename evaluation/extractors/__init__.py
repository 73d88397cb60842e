"""What turns images into features: an extractor has a name, a digest of its weights, and ``features``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from multigan.errors import DataError

BATCH = 256
Progress = Callable[[str, int, int], None]
"""``progress(what, done, total)``."""


class Extractor(Protocol):
    """Turns samples of one modality into features float32 [N, D].

    ``prepare`` does what is done to one sample alone (resizing, resampling, a spectrogram) and is safe to call from
    several threads; ``forward`` takes prepared samples to features [N, D]. A row does not depend on its neighbours.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str:
        """sha256 of the weights, or of the constants where there are none."""
        ...

    @property
    def preprocessing(self) -> str:
        """What is done to a sample before the network, in one line, and a version: it is part of a cache's key."""
        ...

    def prepare(self, sample: Any) -> Any: ...

    def forward(self, prepared: Sequence[Any]) -> np.ndarray: ...


class Classifies(Extractor, Protocol):
    """An extractor whose features also give class probabilities [N, C] (float64, rows sum to 1)."""

    def probabilities_of(self, features: np.ndarray) -> np.ndarray: ...


def features_of(extractor: Extractor, samples: Sequence[Any] | np.ndarray, batch: int = 64) -> np.ndarray:
    """Features float32 [N, D] of samples in memory, N > 0."""
    starts = range(0, len(samples), batch)
    prepared = ([extractor.prepare(sample) for sample in samples[start : start + batch]] for start in starts)
    return np.concatenate([extractor.forward(held) for held in prepared])


def check_images(images: np.ndarray, what: str) -> None:
    """DataError unless ``images`` is a uint8 array [N, H, W, 3] with at least one image."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3 or not len(images):
        raise DataError(
            f"The {what} images are {images.dtype} {list(images.shape)}; "
            "give a uint8 array [N, H, W, 3] with at least one image."
        )


def prepared(images: np.ndarray, resolution: int, device: torch.device) -> Tensor:
    """uint8 images [N, H, W, 3] as float32 [N, 3, R, R] in [-1, 1]: x / 127.5 - 1, resized by area means."""
    # a copy, because torch warns of arrays that it must not write to, such as a read-only memory map
    pixels = torch.from_numpy(np.array(images, order="C")).to(device).permute(0, 3, 1, 2)
    scaled = (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    if scaled.shape[2:] == (resolution, resolution):
        return scaled
    return F.interpolate(scaled, (resolution, resolution), mode="area")


def extracted(
    images: np.ndarray, resolution: int, device: torch.device, forward: Callable[[Tensor], Tensor]
) -> np.ndarray:
    """Features float32 [N, D] of images [N, H, W, 3], batch by batch: a memory map is never held whole."""
    with torch.inference_mode():
        parts = [
            forward(prepared(images[start : start + BATCH], resolution, device)).float().cpu().numpy()
            for start in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts)


def digest_of(network: nn.Module) -> str:
    """sha256 over the names, shapes and bytes of a network's state."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def seeded_weights(seed: int) -> Iterator[None]:
    """Layers built inside take their weights from ``seed``; the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would also reseed every GPU
        yield
