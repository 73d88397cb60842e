"""DNSMOS P.835: what listeners would say of speech, by a network in a file of ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multigan.errors import ConfigError
from multigan.pretrained.weights import digest_of_files
from multigan.reading.audio import Clip, resampled

RATE_HZ, SEGMENT = 16_000, 144_160
"""9.01 s."""
SCALES = ("SIG", "BAK", "OVRL")
"""The columns of features: the voice, what is around it, and the whole."""
SCALED = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)
"""Of each the polynomial, highest power first, that takes what the network gives to the scale of listeners."""


class Dnsmos:
    """``dnsmos``: mean opinions [N, 3] of voice, background and whole, about 1 to 5 (arXiv:2110.01763).

    16 kHz; a clip shorter than 9.01 s is doubled until it is longer. Segments of 9.01 s begin every second, as many as the
    whole seconds of the clip less 9, and one at least; a clip has the mean of theirs. As in the authors' code, which by a
    rounding leaves out the segments that begin after 7 to 23 s and 119 to 122 s.
    """

    name = "dnsmos"
    preprocessing = "DNSMOS P.835, 16000 Hz, short clips doubled, segments of 9.01 s every second; v1"

    def __init__(self, network: Callable[[np.ndarray], np.ndarray], digest: str) -> None:
        """``network`` takes segments float32 [1, 144160] to [1, 3]."""
        self._network, self.digest = network, digest

    def prepare(self, sample: Clip) -> np.ndarray:
        """The waveform float32 [T], T >= 144,160."""
        waveform = resampled(sample, RATE_HZ)
        while len(waveform) < SEGMENT:
            waveform = np.tile(waveform, 2)
        return waveform

    def forward(self, prepared: Sequence[np.ndarray]) -> np.ndarray:
        """Opinions float32 [N, 3]."""
        return np.stack([self._opinion(waveform) for waveform in prepared])

    def _opinion(self, waveform: np.ndarray) -> np.ndarray:
        starts = range(0, max(1, len(waveform) // RATE_HZ - 9) * RATE_HZ, RATE_HZ)
        raw = np.concatenate([self._network(waveform[None, start : start + SEGMENT]) for start in starts])
        scaled = [np.polyval(by, raw[:, place].astype(np.float64)) for place, by in enumerate(SCALED)]
        return np.mean(scaled, axis=1).astype(np.float32)


def load(device: torch.device, files: Mapping[str, Path]) -> Dnsmos:
    """``dnsmos`` on the CPU; ConfigError where onnxruntime is not installed."""
    try:
        onnxruntime: Any = import_module("onnxruntime")
    except ImportError as error:
        raise ConfigError(
            f"dnsmos needs the package onnxruntime, which reads its network; run `pip install onnxruntime` ({error})."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors alone
    session = onnxruntime.InferenceSession(files["network"], options, providers=["CPUExecutionProvider"])

    def network(segments: np.ndarray) -> np.ndarray:
        return session.run(None, {"input_1": segments})[0]

    return Dnsmos(network, digest_of_files(files))
