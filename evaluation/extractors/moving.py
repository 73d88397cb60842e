"""Features of clips of moving pictures: over time by fixed random weights, of single frames, and how they move."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from evaluation.extractors.image_tensors import prepared
from evaluation.extractors.networks import digest_of, seeded_weights
from evaluation.extractors.random_features import RandomFeatures, with_drawn_weights
from evaluation.metrics.moving import flicker
from evaluation.samples.checks import check_images
from multigan.errors import DataError
from multigan.reading.video import Video

N_FRAMES, RESOLUTION = 16, 32
CHANNELS = (3, 32, 64, 128)
FEATURE_SIZE = 512
SEED = 19_070_657
FRAMES_SEEN = 4
"""Of each clip, by what looks at single frames."""


def frames_at_even_times(clip: Video, n: int) -> np.ndarray:
    """uint8 [n, H, W, 3]: frames of a clip, the first and the last among them; DataError where it is no clip."""
    check_images(clip.frames, "given")
    if len(clip.frames) < 2:
        raise DataError("it has one frame, and a clip has at least two")
    return clip.frames[np.linspace(0, len(clip.frames) - 1, n).round().astype(int)]


class RandomClipFeatures:
    """``random-conv3d-v1``: clips, of 16 frames at 32x32, through random convolutions over time and space.

    As ``random-conv-v1`` is for images, after arXiv:2002.09797 (section 4.1.1); over time, since features of frames alone
    say nothing of how a clip moves (FVD, arXiv:1812.01717, has a network of action recognition there). Three times (3x3x3
    convolution, ReLU, 2x2x2 mean), 32, 64 and 128 channels, then a projection of the 2x4x4x128 map to 512 features.
    Weights ~ N(0, 2 / fan-in), those of the projection ~ N(0, 1 / 512), from numpy's legacy random stream (NEP 19).
    """

    name = "random-conv3d-v1"
    preprocessing = "16 frames at even times; area means to 32x32; x / 127.5 - 1; v1"

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        with seeded_weights(SEED):
            layers: list[nn.Module] = []
            for inputs, outputs in itertools.pairwise(CHANNELS):
                layers += [nn.Conv3d(inputs, outputs, 3, padding=1, bias=False), nn.ReLU(), nn.AvgPool3d(2)]
            flat = CHANNELS[-1] * (N_FRAMES // 8) * (RESOLUTION // 8) ** 2
            network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, FEATURE_SIZE, bias=False))
        self._network = with_drawn_weights(network, SEED).to(self._device)

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return digest_of(self._network)

    def prepare(self, sample: Video) -> Tensor:
        """A clip as float32 [3, 16, 32, 32] in [-1, 1]."""
        frames = prepared(frames_at_even_times(sample, N_FRAMES), RESOLUTION, torch.device("cpu"))
        return frames.transpose(0, 1).contiguous()

    def forward(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """Features float32 [N, 512] of prepared clips."""
        with torch.inference_mode():
            return self._network(torch.stack(list(prepared)).to(self._device)).cpu().numpy()


class FrameFeatures:
    """``frames-random-conv-v1``: four frames of a clip through ``random-conv-v1``, one after another [N, 4 * 512]."""

    name = "frames-random-conv-v1"
    preprocessing = f"{FRAMES_SEEN} frames at even times; {RandomFeatures.preprocessing}"

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._images = RandomFeatures(device)

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return self._images.digest

    def prepare(self, sample: Video) -> list[Tensor]:
        return [self._images.prepare(frame) for frame in frames_at_even_times(sample, FRAMES_SEEN)]

    def forward(self, prepared: Sequence[list[Tensor]]) -> np.ndarray:
        """float32 [N, 2048]."""
        features = self._images.forward([frame for frames in prepared for frame in frames])
        return features.reshape(len(prepared), -1)


class ClipFacts:
    """``clip-facts-v1``: how much successive frames of a clip differ, how many it has, and the curve it was asked for.

    [2 + 16]: ``metrics.moving.flicker`` and the number of frames; the intensity at 16 even times, -1 where nobody asked.
    """

    name = "clip-facts-v1"
    preprocessing = (
        "none; mean difference of successive frames; number of frames; asked intensity at 16 times; v1"
    )
    digest = hashlib.sha256(preprocessing.encode()).hexdigest()

    def prepare(self, sample: Video) -> np.ndarray:
        frames_at_even_times(sample, 2)
        curve = np.full(N_FRAMES, -1.0)
        if sample.curve is not None:
            known = np.asarray(sample.curve, np.float64)
            curve = np.interp(np.linspace(0, len(known) - 1, N_FRAMES), np.arange(len(known)), known)
        return np.array([flicker(sample.frames), len(sample.frames), *curve], np.float32)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack(prepared)


def load(device: torch.device, files: Mapping[str, Path]) -> RandomClipFeatures:
    """``random-conv3d-v1``, which needs no files."""
    return RandomClipFeatures(device)


def load_frames(device: torch.device, files: Mapping[str, Path]) -> FrameFeatures:
    """``frames-random-conv-v1``, which needs no files."""
    return FrameFeatures(device)


def load_facts(device: torch.device, files: Mapping[str, Path]) -> ClipFacts:
    """It is computed on the CPU and has no files."""
    return ClipFacts()
