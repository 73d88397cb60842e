"""Small worlds that the engine must learn."""

import pytest
import torch

from multigan.config import load
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from tests.worlds import ring

pytestmark = pytest.mark.kernels

RECIPE = {
    "modality": "ring",
    "device": "cpu",
    "architecture": {"name": "perceptron"},
    "training": {
        "samples": 400_000,
        "batch": 256,
        "penalties": [{"name": "r1", "weight": 0.2, "every": 2}],
        "ema": {"half_life_samples": 40_000},
    },
}


def test_a_ring_of_gaussians_is_learnt_whole(tmp_path):
    """The whole engine on points in the plane: the averaged generator finds every mode and stays in them."""
    trainer = assemble(ring.RING, load(RunSettings, RECIPE, "ring"), ring.Ring(), tmp_path)
    trainer.run()
    averaged = next(hook for hook in trainer.hooks if hook.name == "ema_generator").network
    with torch.no_grad():
        points = averaged(averaged.latent(4000, torch.Generator().manual_seed(0)), None)
    distance, mode = torch.cdist(points, ring.centres()).min(1)
    within = distance < 3 * ring.DEVIATION
    counts = torch.bincount(mode[within], minlength=ring.N_MODES)
    assert within.float().mean() >= 0.8
    assert (counts >= 0.02 * len(points)).sum() >= 7
