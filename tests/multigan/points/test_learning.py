"""A short training that captures every mode."""

import pytest

from multigan.config import load
from multigan.points.modality import POINTS
from multigan.points.settings import PointData
from multigan.points.worlds import WORLDS
from multigan.sampling import generate, latents
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings

pytestmark = pytest.mark.kernels

FALLING = {"name": "adam", "lr": {"shape": "cosine", "start": 0.005}}
GAMMA = {"shape": "cosine", "start": 0.05, "end": 1e-4}
RECIPE = {
    "modality": "points",
    "device": "cpu",
    "architecture": {"name": "mlp", "width": 64},
    "training": {
        "samples": 128_000,
        "batch": 128,
        "loss": "relativistic",
        "penalties": [{"name": name, "weight": GAMMA} for name in ("r1", "r2")],
        "optimisers": {"generator": FALLING, "discriminator": FALLING},
        "ema": {"half_life_samples": 2_000},
    },
}


def test_the_ring_is_captured_whole_in_a_thousand_steps(tmp_path):
    averages = []
    data = POINTS.open_data(PointData(), None, lambda *facts: None).train
    run = load(RunSettings, RECIPE, "a test")
    assemble(POINTS, run, data, tmp_path, lambda ema: averages.append(ema) or []).run()
    points = generate(averages[0], latents(averages[0], 1, range(2_000)), None).numpy()
    counts = WORLDS["ring"].good_of_modes(points)
    assert (counts > 0).all()
    assert counts.sum() > 0.5 * len(points)
