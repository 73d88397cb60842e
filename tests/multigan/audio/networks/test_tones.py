"""Two labelled tones that WaveGAN must learn."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from multigan.audio.networks.wavegan import WAVEGAN
from multigan.config import load
from multigan.protocols import Batch
from multigan.registry import Registry
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from tests.worlds import ring

pytestmark = pytest.mark.kernels

WORLD = dataclasses.replace(
    ring.RING, name="sounds", architectures=Registry("architecture", {"wavegan": WAVEGAN})
)
RATE_HZ, N_SAMPLES, TONES_HZ = 8_000, 1_024, (440.0, 880.0)


class Tones:
    """Two tones of any phase and loudness, labelled."""

    labels, sample_shape = ("440 Hz", "880 Hz"), (1, N_SAMPLES)

    def __init__(self, n=1_000):
        random_state = torch.Generator().manual_seed(0)
        tone = torch.arange(n) % 2
        phase = 2 * math.pi * torch.rand(n, 1, generator=random_state)
        loudness = 0.4 + 0.4 * torch.rand(n, 1, generator=random_state)
        turns = torch.tensor(TONES_HZ)[tone, None] * torch.arange(N_SAMPLES) / RATE_HZ
        self.sounds = (loudness * torch.sin(2 * math.pi * turns + phase))[:, None]
        self.conditions = torch.eye(2)[tone]

    def __len__(self):
        return len(self.sounds)

    def batch(self, indices):
        rows = torch.as_tensor(np.asarray(indices))
        return Batch(self.sounds[rows], self.conditions[rows])


def test_the_asked_tone_is_learnt(tmp_path):
    recipe = {
        "modality": "sounds",
        "device": "cpu",
        "architecture": {"name": "wavegan", "width": 8},
        "training": {
            "samples": 3_200,
            "optimisers": {"generator": {"lr": 0.001}, "discriminator": {"lr": 0.001}},
            "penalties": [{"name": "r1", "weight": 1.0, "every": 4}],
            "ema": {"half_life_samples": 500},
        },
    }
    trainer = assemble(WORLD, load(RunSettings, recipe, "tones"), Tones(), tmp_path)
    trainer.run()
    averaged = next(hook for hook in trainer.hooks if hook.name == "ema_generator").network
    for which, tone_hz in enumerate(TONES_HZ):
        with torch.no_grad():
            latent = averaged.latent(100, torch.Generator().manual_seed(1))
            sounds = averaged(latent, torch.eye(2)[[which] * 100])[:, 0]
        power = torch.fft.rfft(sounds * torch.hann_window(N_SAMPLES)).abs().square()
        peak_hz = power.argmax(1) * RATE_HZ / N_SAMPLES
        assert ((peak_hz - tone_hz).abs() < 12).float().mean() >= 0.95
        assert 0.15 < sounds.std() < 0.7
