"""Features of audio by pretrained networks, from files on disk only: CLAP, wav2vec 2.0 and EnCodec.

All three: a clip longer than 10 s is cut into ceil(T / 10 s) windows of 10 s, evenly spaced from its start to its end
(they overlap), and its features are the mean of theirs; a clip up to 10 s is one window. Only windows of one length share
a batch, so that nothing is padded for a neighbour's sake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from evaluation.extractors.networks import quietly
from multigan.errors import CheckpointError
from multigan.pretrained.weights import digest_of_files
from multigan.reading.audio import Clip, resampled

WINDOW_SECONDS = 10
BATCH = 16
_IN_WINDOWS = f"longer clips in evenly spaced windows of {WINDOW_SECONDS} s, averaged"


class Clap:
    """Embeddings [N, 512] of unit length that CLAP compares with text (arXiv:2211.06687).

    48 kHz; a window shorter than 10 s is repeated as often as it fits whole and then filled with zeros, as in CLAP's
    training ("repeatpad"). For a clip of several windows, the mean of their embeddings, which is shorter than 1.
    """

    name = "clap"

    def __init__(self, device: torch.device, files: Mapping[str, Path]) -> None:
        from transformers import ClapAudioModelWithProjection, ClapFeatureExtractor

        self._network = _network(ClapAudioModelWithProjection, device, files)
        self._features = ClapFeatureExtractor.from_pretrained(_folder(files), local_files_only=True)
        self._rate_hz = self._features.sampling_rate
        self._device = device
        self.digest = digest_of_files(files)
        self.preprocessing = (
            f"mono {self._rate_hz} Hz, up to {WINDOW_SECONDS} s repeated and then filled with zeros, "
            f"{_IN_WINDOWS}; projection of unit length; v1"
        )

    def prepare(self, sample: Clip) -> list[np.ndarray]:
        """The mel spectrogram of each window."""
        spectrograms = []
        for window in windows(resampled(sample, self._rate_hz), self._rate_hz):
            spectrogram = self._features(window, sampling_rate=self._rate_hz, return_tensors="np")
            spectrograms.append(np.asarray(spectrogram["input_features"][0], np.float32))
        return spectrograms

    def forward(self, prepared: Sequence[list[np.ndarray]]) -> np.ndarray:
        return by_length(prepared, self._device, self._embedded)

    def _embedded(self, spectrograms: Tensor) -> Tensor:
        # left to itself the preprocessing calls one clip of each batch "longer", drawn at random
        longer = torch.zeros(len(spectrograms), 1, dtype=torch.bool, device=self._device)
        return F.normalize(self._network(input_features=spectrograms, is_longer=longer).audio_embeds, dim=-1)


class Wav2vec2:
    """The mean over time of wav2vec 2.0's last hidden layer [N, 768] (arXiv:2006.11477).

    16 kHz, each window shifted and scaled to mean 0 and variance 1 where the checkpoint asks for it, so that loudness
    leaves no trace. A window shorter than the receptive field (400 samples, 25 ms) is first filled with zeros to it;
    longer ones are not padded.
    """

    name = "wav2vec2"

    def __init__(self, device: torch.device, files: Mapping[str, Path]) -> None:
        from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

        self._network = _network(Wav2Vec2Model, device, files, unused=["masked_spec_embed"])
        self._features = Wav2Vec2FeatureExtractor.from_pretrained(_folder(files), local_files_only=True)
        self._rate_hz = self._features.sampling_rate
        self._shortest = receptive_field(self._network.config.conv_kernel, self._network.config.conv_stride)
        self._device = device
        self.digest = digest_of_files(files)
        scaled = "scaled to mean 0 and variance 1, " if self._features.do_normalize else ""
        self.preprocessing = (
            f"mono {self._rate_hz} Hz, {scaled}filled with zeros to {self._shortest} samples, {_IN_WINDOWS}; "
            "mean over time of the last hidden layer; v1"
        )

    def prepare(self, sample: Clip) -> list[np.ndarray]:
        """Each window, scaled."""
        waveforms = []
        for window in windows(resampled(sample, self._rate_hz), self._rate_hz):
            filled = np.pad(window, (0, max(0, self._shortest - len(window))))
            waveforms.append(
                self._features(filled, sampling_rate=self._rate_hz, return_tensors="np")["input_values"][0]
            )
        return waveforms

    def forward(self, prepared: Sequence[list[np.ndarray]]) -> np.ndarray:
        return by_length(prepared, self._device, self._pooled)

    def _pooled(self, waveforms: Tensor) -> Tensor:
        return self._network(waveforms).last_hidden_state.mean(dim=1)


class Encodec:
    """The mean over time of what EnCodec's encoder gives before it is quantised [N, 128] (arXiv:2210.13438).

    24 kHz, nothing scaled; the encoder itself mirrors the ends of a waveform to whole frames of 320 samples.
    """

    name = "encodec"

    def __init__(self, device: torch.device, files: Mapping[str, Path]) -> None:
        from transformers import EncodecModel

        self._network = _network(EncodecModel, device, files)
        self._rate_hz = self._network.config.sampling_rate
        self._device = device
        self.digest = digest_of_files(files)
        self.preprocessing = (
            f"mono {self._rate_hz} Hz, {_IN_WINDOWS}; mean over time of the encoder before quantising; v1"
        )

    def prepare(self, sample: Clip) -> list[np.ndarray]:
        """Each window."""
        return windows(resampled(sample, self._rate_hz), self._rate_hz)

    def forward(self, prepared: Sequence[list[np.ndarray]]) -> np.ndarray:
        return by_length(prepared, self._device, self._pooled)

    def _pooled(self, waveforms: Tensor) -> Tensor:
        return self._network.encoder(waveforms[:, None]).mean(dim=2)


load_clap, load_wav2vec2, load_encodec = Clap, Wav2vec2, Encodec


def windows(waveform: np.ndarray, rate_hz: int) -> list[np.ndarray]:
    """The waveform [T] itself up to 10 s, else ceil(T / 10 s) windows of 10 s, evenly spaced from start to end."""
    length = WINDOW_SECONDS * rate_hz
    if len(waveform) <= length:
        return [waveform]
    starts = np.linspace(0, len(waveform) - length, -(-len(waveform) // length)).round().astype(int)
    return [waveform[start : start + length] for start in starts]


def by_length(
    prepared: Sequence[list[np.ndarray]], device: torch.device, forward: Callable[[Tensor], Tensor]
) -> np.ndarray:
    """Rows float32 [N, D]: of each clip the mean of ``forward`` over its windows, those of one shape batched together."""
    of_shape: dict[tuple[int, ...], list[tuple[int, np.ndarray]]] = defaultdict(list)
    for row, clip_windows in enumerate(prepared):
        for window in clip_windows:
            of_shape[window.shape].append((row, window))
    parts: dict[int, list[np.ndarray]] = defaultdict(list)
    for members in of_shape.values():
        for start in range(0, len(members), BATCH):
            rows, clip_windows = zip(*members[start : start + BATCH], strict=True)
            with torch.inference_mode():
                block = forward(torch.from_numpy(np.stack(clip_windows)).to(device)).float().cpu().numpy()
            for row, features in zip(rows, block, strict=True):
                parts[row].append(features)
    return np.stack([np.mean(parts[row], axis=0, dtype=np.float64) for row in range(len(prepared))]).astype(
        np.float32
    )


def receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """How many samples make one frame after convolutions without padding."""
    samples = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        samples = (samples - 1) * stride + kernel
    return samples


def _network(kind: Any, device: torch.device, files: Mapping[str, Path], unused: Sequence[str] = ()) -> Any:
    """A network of ``kind`` with its weights from the files' folder; CheckpointError where the file lacks some.

    ``unused`` names weights that only training needs.
    """
    with quietly():
        network, loading = kind.from_pretrained(
            _folder(files), local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    missing = sorted(set(loading["missing_keys"]).difference(unused))
    if missing:  # they would keep random values
        raise CheckpointError(
            f"{files['model.safetensors']} lacks {len(missing)} weights of {kind.__name__}, {missing[0]} for one; "
            "fetch the file that `multigan weights` names."
        )
    return network.float().eval().requires_grad_(False).to(device)


def _folder(files: Mapping[str, Path]) -> Path:
    return files["config.json"].parent
