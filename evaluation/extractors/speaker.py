"""The speaker encoder of Resemblyzer: who speaks, whatever is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from evaluation.extractors.sound import by_length
from multigan.errors import CheckpointError
from multigan.pretrained.folding import State
from multigan.pretrained.weights import digest_of_files, read_state
from multigan.reading.audio import Clip, resampled

RATE_HZ, WINDOW, HOP = 16_000, 400, 160
"""25 ms every 10 ms."""
N_BANDS, SIZE, N_LAYERS = 40, 256, 3
PART, STEP, LEAST = 160, 77, 0.75
"""A part is 1.6 s long, one begins every 0.77 s (1.3 a second), and the last must be filled to this share."""
QUIETEST_DBFS = -30.0
"""Softer clips are brought to this loudness."""
_BLOCK = 4096


class SpeakerEncoder:
    """``speaker``: embeddings [N, 256] of unit length, near to each other where one person speaks (arXiv:1710.10467).

    16 kHz, softer clips raised to -30 dBFS; parts of 1.6 s, a short clip or the last part filled with silence; of each part
    the power in 40 mel bands goes through three LSTM layers, and the last state through a linear layer and ReLU to unit
    length. A clip has the mean of its parts, at unit length; nothing but zeros where no unit answers.
    """

    name = "speaker"
    preprocessing = (
        "mono 16000 Hz, not softer than -30 dBFS; power in 40 Slaney mel bands, windows of 25 ms every 10 ms; parts of "
        "1.6 s every 0.77 s, filled with silence; mean of unit length; v1"
    )

    def __init__(self, state: State, digest: str, device: torch.device) -> None:
        self.digest, self._device = digest, device
        with torch.device("meta"):
            self._lstm = nn.LSTM(N_BANDS, SIZE, N_LAYERS, batch_first=True)
            self._linear = nn.Linear(SIZE, SIZE)
        for name, module in (("lstm", self._lstm), ("linear", self._linear)):
            shapes = {key: value.shape for key, value in module.state_dict().items()}
            own = {key: state[f"{name}.{key}"].float().reshape(shape) for key, shape in shapes.items()}
            module.load_state_dict(own, assign=True)
            module.eval().requires_grad_(False).to(device)

    def prepare(self, sample: Clip) -> list[np.ndarray]:
        """The mel bands float32 [160, 40] of each part."""
        waveform = louder(resampled(sample, RATE_HZ))
        starts = parts(len(waveform))
        mel = mel_bands(waveform, starts[-1] + PART)
        return [mel[start : start + PART] for start in starts]

    def forward(self, prepared: Sequence[list[np.ndarray]]) -> np.ndarray:
        """Features float32 [N, 256]."""
        means = by_length(prepared, self._device, self._embedded)
        return F.normalize(torch.from_numpy(means), dim=1).numpy()

    def _embedded(self, mel: Tensor) -> Tensor:
        states = self._lstm(mel)[1][0]
        return F.normalize(F.relu(self._linear(states[-1])), dim=1)


def load(device: torch.device, files: Mapping[str, Path]) -> SpeakerEncoder:
    """``speaker`` with the weights of Resemblyzer; CheckpointError where the file holds another network."""
    state = read_state(files["weights"])
    try:
        return SpeakerEncoder(state["model_state"], digest_of_files(files), device)  # type: ignore[arg-type]
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"{files['weights']} is not the speaker encoder of Resemblyzer: {error}. `multigan weights` names the file."
        ) from error


def louder(waveform: np.ndarray) -> np.ndarray:
    """A waveform [T] at -30 dBFS where it is softer; silence stays."""
    rms = float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
    gain = 10 ** (QUIETEST_DBFS / 20) / rms if rms else 1.0
    return waveform * np.float32(max(1.0, gain))


def parts(n: int) -> list[int]:
    """The frames at which the parts of a waveform of n samples begin.

    As many as begin before the last whole part ends, and one more, which is left out where less than 75% of it is sound.
    """
    n_frames = -(-(n + 1) // HOP)
    starts = list(range(0, max(1, n_frames - PART + STEP + 1), STEP))
    if len(starts) > 1 and n - starts[-1] * HOP < LEAST * PART * HOP:
        starts.pop()
    return starts


def mel_bands(waveform: np.ndarray, n_frames: int) -> np.ndarray:
    """The power float32 [n_frames, 40] in mel bands of frames centred at 0, 160, ... samples; silence lies around.

    M |F(w x)|^2 with a periodic Hann window w and Slaney's mel triangles M [40, 201] of unit area, from 0 to 8,000 Hz.
    """
    padded = np.zeros((n_frames - 1) * HOP + WINDOW, np.float32)
    heard = waveform[: len(padded) - WINDOW // 2]
    padded[WINDOW // 2 : WINDOW // 2 + len(heard)] = heard
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window, bands = _window(), _bands()
    blocks = []
    for start in range(0, n_frames, _BLOCK):
        transformed = np.fft.rfft(frames[start : start + _BLOCK] * window)
        blocks.append((transformed.real**2 + transformed.imag**2) @ bands)
    return np.concatenate(blocks).astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@lru_cache(maxsize=1)
def _bands() -> np.ndarray:
    """The mel triangles [201, 40]."""
    from torchaudio.functional import melscale_fbanks

    return melscale_fbanks(WINDOW // 2 + 1, 0.0, RATE_HZ / 2, N_BANDS, RATE_HZ, "slaney", "slaney").numpy()
