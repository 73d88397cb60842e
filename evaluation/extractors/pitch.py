"""CREPE, a network that hears which pitch a sound has: how often each pitch is heard in a clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from evaluation.metrics.audio import SILENT_DBFS
from evaluation.metrics.pitch import N_BINS
from multigan.errors import CheckpointError
from multigan.pretrained.folding import State
from multigan.pretrained.weights import digest_of_files, read_state
from multigan.reading.audio import Clip, resampled

RATE_HZ, WINDOW, HOP = 16_000, 1024, 320
"""64 ms every 20 ms."""
VOICED = 0.7
"""Where the network is surer than this, a frame has a pitch; at 0.5 it errs by an octave more often."""
KERNELS, CHANNELS = (512, 64, 64, 64, 64, 64), (1, 128, 16, 16, 16, 32, 64)
PARTS = ("running_mean", "running_var", "weight", "bias")
"""Of the normalisation after each convolution."""
EPSILON = 1e-3
_BATCH = 256


class Crepe:
    """``crepe-tiny``: in how many frames each of 360 pitches is heard, and how many frames there are [N, 361].

    arXiv:1802.06182, the smallest of its networks. 16 kHz; frames of 64 ms every 20 ms, centred from the clip's start to its
    end, each shifted and scaled to mean 0 and variance 1. A frame has the pitch that the network finds likeliest where that
    is likelier than 0.7 and the frame is not silent (-60 dBFS).
    """

    name = "crepe-tiny"
    preprocessing = (
        "16000 Hz, frames of 64 ms every 20 ms above -60 dBFS; pitch where it is likelier than 0.7; v1"
    )

    def __init__(self, state: State, digest: str, device: torch.device) -> None:
        self.digest, self._device = digest, device
        self._state = {
            name: state[name].reshape(shape).float().to(device) for name, shape in shapes().items()
        }

    def prepare(self, sample: Clip) -> np.ndarray:
        """The waveform float32 [T + 1024] with silence around it."""
        return np.pad(resampled(sample, RATE_HZ), WINDOW // 2)

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Counts float32 [N, 361]."""
        return np.stack([self._counts(padded) for padded in prepared])

    def _counts(self, padded: np.ndarray) -> np.ndarray:
        frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
        counts = np.zeros(N_BINS + 1)
        counts[N_BINS] = len(frames)
        for start in range(0, len(frames), _BATCH):
            block = frames[start : start + _BATCH]
            loud = np.mean(np.square(block, dtype=np.float64), axis=1) >= 10 ** (SILENT_DBFS / 10)
            if loud.any():
                likelihood, place = self.likelihoods(block[loud]).max(dim=1)
                heard = place[likelihood > VOICED].cpu().numpy()
                counts[:N_BINS] += np.bincount(heard, minlength=N_BINS)
        return counts.astype(np.float32)

    def likelihoods(self, frames: np.ndarray) -> Tensor:
        """How likely each pitch is in frames [F, 1024]: [F, 360], each from 0 to 1."""
        state = self._state
        with torch.inference_mode():
            values = torch.from_numpy(frames).to(self._device)
            values = values - values.mean(dim=1, keepdim=True)
            values = (values / values.std(dim=1, keepdim=True).clamp_min(1e-10))[:, None]
            for layer, kernel in enumerate(KERNELS, 1):
                stride = 4 if layer == 1 else 1
                values = F.pad(values, ((kernel - stride) // 2, (kernel - stride + 1) // 2))
                weight, bias = state[f"conv{layer}.weight"], state[f"conv{layer}.bias"]
                values = F.relu(F.conv1d(values, weight, bias, stride))
                mean, variance, gain, offset = (state[f"conv{layer}_BN.{part}"] for part in PARTS)
                values = F.max_pool1d(F.batch_norm(values, mean, variance, gain, offset, eps=EPSILON), 2)
            flat = values.transpose(1, 2).flatten(1)
            return F.linear(flat, state["classifier.weight"], state["classifier.bias"]).sigmoid()


def shapes() -> dict[str, tuple[int, ...]]:
    """What the network is made of: names and shapes, without the last axis of a convolution's weights, which is 1."""
    shapes: dict[str, tuple[int, ...]] = {
        "classifier.weight": (N_BINS, 4 * CHANNELS[-1]),
        "classifier.bias": (N_BINS,),
    }
    for layer, (kernel, inputs, outputs) in enumerate(
        zip(KERNELS, CHANNELS[:-1], CHANNELS[1:], strict=True), 1
    ):
        shapes[f"conv{layer}.weight"] = (outputs, inputs, kernel)
        shapes |= {f"conv{layer}{part}": (outputs,) for part in (".bias", *(f"_BN.{one}" for one in PARTS))}
    return shapes


def load(device: torch.device, files: Mapping[str, Path]) -> Crepe:
    """``crepe-tiny``; CheckpointError where the file holds another network."""
    state = read_state(files["weights"])
    try:
        return Crepe(state, digest_of_files(files), device)
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"{files['weights']} is not CREPE's tiny network: {error}. `multigan weights` names the file."
        ) from error
