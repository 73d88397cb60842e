"""The classifier of labelled clips: it reads every frame as the classifier of images does, and a clip by all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from evaluation.classifiers.content import cache_folder, content_of
from evaluation.classifiers.images import FEATURE_SIZE, RESOLUTIONS, ImageClassifier, cached_classifier
from evaluation.extractors.image_tensors import prepared
from evaluation.extractors.moving import N_FRAMES, frames_at_even_times
from evaluation.extractors.protocol import Progress
from evaluation.features.subset import Subset
from evaluation.metrics.moving import strong_frames
from multigan.reading.video import Video

VERSION = 1
"""Part of the cache's key: raise it when the choice of frames changes."""
FRAMES_OF_A_CLIP = 4
"""So many frames of a clip train the classifier: of those that show the label, at even times."""


@dataclass(frozen=True)
class FrameReader:
    """Features float32 [N, 16 * 128] of clips: those of 16 frames, one after another, by a classifier of images."""

    images: ImageClassifier
    name: str = "frame-classifier-by-frame"

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return self.images.digest

    @property
    def preprocessing(self) -> str:
        return f"{N_FRAMES} frames at even times; {self.images.preprocessing}"

    def prepare(self, sample: Video) -> Tensor:
        """A clip as float32 [16, 3, R, R] in [-1, 1]."""
        frames = frames_at_even_times(sample, N_FRAMES)
        return prepared(frames, self.images.resolution, torch.device("cpu"))

    def forward(self, prepared: Sequence[Tensor]) -> np.ndarray:
        return self.images.forward(list(torch.cat(list(prepared)))).reshape(len(prepared), -1)

    def by_frame(self, features: np.ndarray) -> np.ndarray:
        """Features [N, 16, 128] of frames out of those of clips [N, 16 * 128]."""
        return np.asarray(features).reshape(len(features), N_FRAMES, FEATURE_SIZE)

    def probabilities_by_frame(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, 16, C] of every frame, from features [N, 16 * 128]."""
        frames = np.asarray(features).reshape(-1, FEATURE_SIZE)
        return self.images.probabilities_of(frames).reshape(len(features), N_FRAMES, -1)


@dataclass(frozen=True)
class ClipClassifier:
    """A classifier of images that looks at 16 frames of a clip; features [N, 128] are their mean.

    Its last layer is linear, so that the probabilities are of the frames' mean logits: frames that show little say little.
    """

    images: ImageClassifier
    name: str = "frame-classifier"

    @property
    def frames(self) -> FrameReader:
        """The same, which keeps the frames apart."""
        return FrameReader(self.images)

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return self.images.digest

    @property
    def preprocessing(self) -> str:
        return f"{self.frames.preprocessing}; the mean of their features"

    def prepare(self, sample: Video) -> Tensor:
        """A clip as float32 [16, 3, R, R] in [-1, 1]."""
        return self.frames.prepare(sample)

    def forward(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """Features float32 [N, 128] of prepared clips."""
        return self.frames.by_frame(self.frames.forward(prepared)).mean(1)

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, C] of features [N, 128]."""
        return self.images.probabilities_of(features)


def recalled(
    training: Subset, n_labels: int, device: torch.device | str, progress: Progress | None
) -> ClipClassifier:
    """The classifier of labelled clips: trained, or recalled where the same ones have trained one before."""
    digest, images, labels = content_of(training, _frames, progress)
    key = hashlib.sha256(f"clips {VERSION} {digest}".encode()).hexdigest()
    labels = np.repeat(labels, FRAMES_OF_A_CLIP)
    return ClipClassifier(
        cached_classifier(cache_folder(), key, images, labels, n_labels, device=device, progress=progress)
    )


def _frames(training: Subset, rows: np.ndarray, progress: Progress | None) -> np.ndarray:
    """uint8 [N * 4, R, R, 3]: frames of the clips in which their label shows."""
    first = training.samples.read(int(rows[0])).frames
    resolution = RESOLUTIONS[0] if min(first.shape[1:3]) <= RESOLUTIONS[0] else RESOLUTIONS[1]
    images = np.empty((len(rows), FRAMES_OF_A_CLIP, resolution, resolution, 3), np.uint8)
    for place, row in enumerate(rows):
        clip = training.samples.read(int(row))
        shown = np.arange(len(clip.frames))
        if clip.curve is not None and len(clip.curve) == len(shown):
            shown = np.flatnonzero(strong_frames(np.asarray(clip.curve)[None])[0])
        chosen = shown[np.linspace(0, len(shown) - 1, FRAMES_OF_A_CLIP).round().astype(int)]
        frames = prepared(clip.frames[chosen], resolution, torch.device("cpu"))
        images[place] = (frames * 127.5 + 128).clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
        if progress:
            progress("reading clips for the classifier", place + 1, len(rows))
    return images.reshape(-1, resolution, resolution, 3)
