"""A small classifier trained on real labelled sounds: it reads a clip's label (emotion, digit, mood), and gives features."""

from __future__ import annotations

import hashlib
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
from evaluation.extractors.log_mel import FLOOR_DB, MIDDLE_DB, N_BANDS, UNIT_DB, LogMelFrames, spectrogram
from evaluation.extractors.networks import digest_of, seeded_weights
from evaluation.extractors.protocol import Progress
from evaluation.features.featurise import featurise
from evaluation.features.subset import Subset
from multigan.errors import DataError
from multigan.reading.audio import Clip

VERSION = 1
"""Part of the cache's key: raise it when the network or its training changes."""
KIND = "sound classifier"
FEATURE_SIZE = 128
SAMPLES = 30_000
"""Clips seen in training: under a minute on two CPU cores, with ..."""
COLUMNS = 2_000_000
"""... so many columns of their spectrograms at most, ..."""
PASSES = 100
"""... and each of a few clips no more often."""
MOST_FRAMES = 625
"""What lies beyond (10 s) is not heard."""
MOST_COLUMNS = 160
"""More frames (over 2.6 s) are averaged to as many columns, so that long clips are seen more often in the same time."""
MEASURED = 500
"""So many clips tell the length that all are brought to: ..."""
COVERED = 95
"""... this percentile of theirs."""


def _network(n_classes: int) -> Network:
    """For levels [N, 1, 64, F]: frequency and time are halved four times, and the four bands that are left become one.

    A mean over bands in its place would not tell how high a sound is.
    """
    width = FEATURE_SIZE
    body = [
        block(1, 16, stride=2), block(16, 32, stride=2), block(32, 64, stride=2), block(64, 64),
        block(64, width, stride=2), block(width, width),
    ]  # fmt: skip
    return Network([*body, block(width, width, kernel=(N_BANDS // 16, 1), padding=0)], width, n_classes)


@dataclass(frozen=True)
class SoundClassifier:
    """A trained classifier; it hears the first ``n_frames`` of a clip, and its columns are those of its labels."""

    network: Network
    n_classes: int
    n_frames: int
    device: torch.device
    name: str = "sound-classifier"

    @property
    def digest(self) -> str:
        """sha256 of the weights."""
        return digest_of(self.network)

    @property
    def preprocessing(self) -> str:
        averaged = f"means over {_stride(self.n_frames)} frames"
        return f"the spectrogram of {LogMelFrames.name}, {_in_words(self.n_frames)}; {averaged}; version {VERSION}"

    def prepare(self, sample: Clip) -> np.ndarray:
        """The spectrogram of a clip in dB, float32 [64, F]: cut, or the floor beyond its end."""
        return levels(sample, self.n_frames)

    @torch.inference_mode()
    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Features float32 [N, 128] of prepared clips: the last convolution's channel means over time."""
        maps = _columns(torch.from_numpy(np.stack(prepared)).to(self.device))
        return self.network.features(_scaled(maps)).float().cpu().numpy()

    def probabilities_of(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float64 [N, C] of this classifier's own features [N, 128]."""
        return self.network.probabilities_of(features)

    def save(self, path: Path) -> None:
        """Write weights and shape as safetensors; a file already there is replaced whole or not at all."""
        facts = {"n_classes": str(self.n_classes), "n_frames": str(self.n_frames)}
        save_tensors(path, self.network.state_dict(), {"format": f"multigan {KIND}", **facts})


class Levels:
    """Spectrograms laid out flat, frequency by frequency [N, 64 F]: what the classifier is trained on."""

    def __init__(self, n_frames: int) -> None:
        self.name, self._n_frames = "levels", n_frames
        self.preprocessing = f"the spectrogram of {LogMelFrames.name}, {_in_words(n_frames)}"
        self.digest = hashlib.sha256(self.preprocessing.encode()).hexdigest()

    def prepare(self, sample: Clip) -> np.ndarray:
        return levels(sample, self._n_frames).ravel()

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack(prepared)


def levels(clip: Clip, n_frames: int) -> np.ndarray:
    """The spectrogram float32 [64, n_frames] of a clip in dB: cut, or the floor beyond its end."""
    heard = spectrogram(clip)[:, :n_frames]
    filled = np.full((N_BANDS, n_frames), FLOOR_DB, np.float32)
    filled[:, : heard.shape[1]] = heard
    return filled


def n_frames_for(lengths: Sequence[int]) -> int:
    """The frames that clips are brought to, out of those that the training clips have."""
    return min(MOST_FRAMES, int(np.ceil(np.percentile(lengths, COVERED))))


def load_sound_classifier(path: Path, device: torch.device | str = "cpu") -> SoundClassifier:
    """The classifier that ``save`` wrote; CheckpointError when there is none or the file is damaged."""
    with facts_of(path, KIND) as facts:
        n_classes, n_frames = int(facts["n_classes"]), int(facts["n_frames"])
        with seeded_weights(0):
            network = _network(n_classes)
        network.load_state_dict(load_file(path))
    chosen = torch.device(device)
    return SoundClassifier(network.finished(chosen), n_classes, n_frames, chosen)


def train_sound_classifier(
    spectrograms: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    n_samples: int | None = None,
    augment: bool = True,
) -> SoundClassifier:
    """Train on ``levels`` of real clips, float32 [N, 64, F], and labels int [N] in 0..C-1, for a fixed number of samples.

    As ``training.trained`` does, unless ``augment`` is off with what leaves a label as it is: see ``_augmented``.
    ``n_samples`` None takes ``SAMPLES``, or fewer where clips are long or few. The global random state stays as it was.
    """
    if spectrograms.ndim != 3 or spectrograms.shape[1] != N_BANDS or not spectrograms.shape[2]:
        raise DataError(f"Spectrograms are [N, {N_BANDS}, F]; found {list(spectrograms.shape)}.")
    check_labels(labels, len(spectrograms), n_classes, "clips")
    chosen, n_frames = torch.device(device), spectrograms.shape[2]
    random_state = torch.Generator().manual_seed(seed)
    with seeded_weights(seed):
        network = _network(n_classes)

    def batch_of(rows: np.ndarray) -> Tensor:
        columns = _columns(torch.from_numpy(spectrograms[rows]).to(chosen))
        return _scaled(_augmented(columns, random_state) if augment else columns)

    n_seen = n_samples or min(SAMPLES, COLUMNS // -(-n_frames // _stride(n_frames)), PASSES * len(labels))
    network = trained(
        network, batch_of, np.asarray(labels), n_seen, random_state, chosen, f"the {KIND}", progress
    )
    return SoundClassifier(network, n_classes, n_frames, chosen)


def cached_sound_classifier(
    folder: Path,
    data_digest: str,
    spectrograms: Callable[[], np.ndarray],
    labels: np.ndarray,
    n_classes: int,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> SoundClassifier:
    """``train_sound_classifier``, or its saved result when the same data, seed and code have trained one before.

    ``data_digest`` names the content of what ``spectrograms`` gives where it must train, and ``labels``. Instead of a
    damaged file it trains anew.
    """
    named = (VERSION, LogMelFrames.digest, data_digest, n_classes, seed)
    key = hashlib.sha256(repr(named).encode()).hexdigest()[:20]

    def train() -> SoundClassifier:
        return train_sound_classifier(spectrograms(), labels, n_classes, seed, device, progress)

    path = folder / f"sound-classifier-{key}.safetensors"
    return cached(path, lambda path: load_sound_classifier(path, device), train)


def recalled(
    training: Subset, n_labels: int, device: torch.device | str, progress: Progress | None
) -> SoundClassifier:
    """The classifier of labelled clips: trained, or recalled where the same ones have trained one before."""
    digest, spectrograms, labels = content_of(training, _spectrograms, progress)
    return cached_sound_classifier(
        cache_folder(), digest, spectrograms, labels, n_labels, device=device, progress=progress
    )


def taught(
    clips: Sequence[Clip],
    labels: np.ndarray,
    n_classes: int,
    *,
    seed: int,
    n_samples: int,
    augment: bool,
    device: torch.device | str = "cpu",
) -> SoundClassifier:
    """``train_sound_classifier`` on clips, heard as long as ``n_frames_for`` says; nothing is recalled or kept."""
    n_frames = n_frames_for([spectrogram(clip).shape[1] for clip in clips[:: -(-len(clips) // MEASURED)]])
    maps = np.stack([levels(clip, n_frames) for clip in clips])
    return train_sound_classifier(maps, labels, n_classes, seed, device, n_samples=n_samples, augment=augment)


def _spectrograms(training: Subset, rows: np.ndarray, progress: Progress | None) -> np.ndarray:
    """float32 [N, 64, F], memory-mapped: the clips as the classifier hears them, all of one length."""
    some = rows[:: -(-len(rows) // MEASURED)]
    lengths = [spectrogram(training.samples.read(int(row))).shape[1] for row in some]
    extractor = Levels(n_frames_for(lengths))
    # the trained classifier is kept, so that these are not wanted again
    table = featurise(training.samples, rows, [extractor], max_bad=0, cache=False, progress=progress)
    return table.features[extractor.name].reshape(len(rows), N_BANDS, -1)


def _in_words(n_frames: int) -> str:
    return f"its first {n_frames} frames of 16 ms, the floor beyond a clip's end"


def _stride(n_frames: int) -> int:
    return -(-n_frames // MOST_COLUMNS)


def _columns(levels: Tensor) -> Tensor:
    """Levels [N, 64, F] as maps [N, 1, 64, columns]: means over as many frames as make ``MOST_COLUMNS`` at most."""
    return F.avg_pool2d(levels[:, None], (1, _stride(levels.shape[2])), ceil_mode=True)


def _scaled(levels: Tensor) -> Tensor:
    return (levels - MIDDLE_DB) / UNIT_DB


def _augmented(maps: Tensor, random_state: torch.Generator) -> Tensor:
    """Levels [N, 1, 64, F] in dB a little earlier or later (a tenth of the whole), faster or slower (15%), higher or
    lower (1.6 bands), louder or softer (6 dB), brighter or duller (3 dB at the ends), and masked.

    Masks are as in SpecAugment (arXiv:1904.08779, section 2): one of up to 8 bands and one of up to an eighth of the
    frames, filled with the clip's mean.
    """
    n, n_bands, n_frames, device = len(maps), maps.shape[2], maps.shape[3], maps.device

    def spread(extent: float, *shape: int) -> Tensor:
        # drawn on the CPU, so that every device trains on the same numbers
        return ((torch.rand(*shape, generator=random_state) * 2 - 1) * extent).to(device)

    def mask(longest: int, size: int) -> Tensor:
        length = (torch.rand(n, 1, generator=random_state) * (longest + 1)).long()
        start = (torch.rand(n, 1, generator=random_state) * (size - length + 1)).long()
        place = torch.arange(size)
        return ((place >= start) & (place < start + length)).to(device)

    pace = spread(0.15, n).exp()
    none, whole = torch.zeros_like(pace), torch.ones_like(pace)
    # from -1 to 1: the pace leaves the clip's beginning in its place
    across = torch.stack([pace, none, pace - 1 + spread(0.2, n)], 1)
    down = torch.stack([none, whole, spread(0.05, n)], 1)
    grid = F.affine_grid(torch.stack([across, down], 1), list(maps.shape), align_corners=False)
    maps = F.grid_sample(maps - FLOOR_DB, grid, align_corners=False) + FLOOR_DB
    tilt = torch.linspace(-1, 1, n_bands, device=device)[:, None]
    maps = (maps + spread(6, n, 1, 1, 1) + spread(3, n, 1, 1, 1) * tilt).clamp_min(FLOOR_DB)
    masked = mask(8, n_bands)[:, None, :, None] | mask(max(1, n_frames // 8), n_frames)[:, None, None, :]
    return torch.where(masked, maps.mean((1, 2, 3), keepdim=True), maps)
