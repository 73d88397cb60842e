"""Spectral normalisation: values by hand, the paper's gradient, and steps in parts and after a resume."""

import copy

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.modality import ARCHITECTURES
from multigan.layers import Linear
from multigan.points.modality import POINTS
from multigan.spectral import SpectralNorm, follow, is_normalised, normalise, normalised
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from tests.multigan.test_regularisers import run_until
from tests.worlds.ring import Ring


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def test_a_weight_by_hand():
    layer = nn.Linear(2, 2)
    layer.weight.data = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    normalised(layer)
    torch.testing.assert_close(layer.weight, torch.tensor([[1.0, 0.0], [0.0, 1 / 3]]))


@pytest.mark.parametrize(
    ("layer", "matrix"),
    [
        (nn.Linear(5, 7), lambda w: w),
        (nn.Conv1d(4, 6, 3), lambda w: w.flatten(1)),
        (nn.Conv2d(4, 6, 3, groups=2), lambda w: w.flatten(1)),
        (nn.ConvTranspose2d(4, 6, 3), lambda w: w.transpose(0, 1).flatten(1)),
    ],
)
def test_the_largest_singular_value_becomes_one_and_the_direction_stays(layer, matrix):
    before = layer.weight.detach().clone()
    normalised(layer)
    for _ in range(200):
        follow(layer)
    after = layer.weight.detach()
    assert torch.linalg.matrix_norm(matrix(after), 2).item() == pytest.approx(1, abs=1e-4)
    torch.testing.assert_close(
        after * torch.linalg.matrix_norm(matrix(before), 2), before, rtol=1e-3, atol=1e-5
    )


def test_the_gradient_is_that_of_the_paper():
    """d(W / sigma): (G - <G, W> / sigma u v^T) / sigma, for a gradient G of the normalised weight (eq. 12)."""
    layer = normalised(nn.Linear(4, 3).double())
    (norm,) = (module for module in layer.modules() if isinstance(module, SpectralNorm))
    weight, gradient = layer.parametrizations.weight.original, torch.randn(3, 4, dtype=torch.float64)
    (layer.weight * gradient).sum().backward()
    sigma = norm.left @ weight @ norm.right
    by_hand = (gradient - (gradient * weight).sum() / sigma * torch.outer(norm.left, norm.right)) / sigma
    torch.testing.assert_close(weight.grad, by_hand.detach())


def test_a_pass_changes_nothing_and_a_step_follows_the_weight():
    layer = normalised(nn.Linear(6, 6))
    before = copy.deepcopy(layer.state_dict())
    for _ in range(3):
        layer(torch.randn(2, 6))
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())
    with torch.no_grad():
        layer.parametrizations.weight.original.copy_(torch.diag(torch.tensor([1.0, 9, 2, 3, 4, 5])))
    for _ in range(30):
        follow(layer)
    assert layer.weight.detach()[1, 1].item() == pytest.approx(1, abs=1e-5)


def run(folder, **training):
    own = {"samples": 320, "batch": 16, "loss": "hinge", "spectral_normalisation": True, **training}
    architecture = {"name": "mlp", "width": 16, "generator_layers": 2, "discriminator_layers": 2}
    raw = {"modality": "points", "device": "cpu", "architecture": architecture, "training": own}
    return assemble(POINTS, load(RunSettings, raw, "test"), Ring(n=320), folder)


def state_of(trainer):
    return {name: value.clone() for name, value in trainer.networks["discriminator"].state_dict().items()}


@pytest.mark.kernels
def test_a_run_resumes_with_the_same_bits(tmp_path):
    whole, first, second = (run(tmp_path) for _ in range(3))
    begun = state_of(whole)
    whole.run()
    run_until(first, 7)
    second.load_state_dict(first.state_dict())
    second.run()
    ended = state_of(whole)
    assert all(torch.equal(value, ended[name]) for name, value in state_of(second).items())
    assert any("left" in name and not torch.equal(value, begun[name]) for name, value in ended.items())
    for module in whole.networks["discriminator"].modules():
        if isinstance(module, nn.Linear):
            assert torch.linalg.matrix_norm(module.weight.detach(), 2).item() == pytest.approx(1, abs=0.1)


def test_parts_of_a_batch_see_the_weights_of_the_whole(tmp_path):
    """However many parts a step has, power iteration moves once: as many parts as processes give the same network."""
    whole, parts = run(tmp_path, samples=16), run(tmp_path, samples=16, accumulate=4)
    moved = []
    for trainer in (whole, parts):
        calls = []
        for module in trainer.networks["discriminator"].modules():
            if isinstance(module, SpectralNorm):
                own = module.follow
                module.follow = lambda weight, own=own, calls=calls: (calls.append(1), own(weight))
        trainer.run()
        moved.append(len(calls))
    assert moved == [3, 3]


def test_the_generator_is_left_alone_and_layers_that_scale_themselves_are_refused(tmp_path):
    trainer = run(tmp_path)
    assert is_normalised(trainer.networks["discriminator"])
    assert not is_normalised(trainer.networks["generator"])

    with pytest.raises(
        ConfigError,
        match=r"the discriminator of x scales its weights itself .*spectral_normalisation to false",
    ):
        normalise(nn.Sequential(Linear(2, 2)), "the discriminator of x")


def test_a_layer_that_starts_at_0_has_norm_1_too():
    """The last layers of R3GAN's blocks: 0 / 0 was no number, and a run ended at its first step."""
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 4, 1, bias=False)
    nn.init.zeros_(layer.weight)
    normalised(layer)
    found = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
    assert float(found) == pytest.approx(1, rel=0.05)
    critic = ARCHITECTURES["r3gan"]
    own = critic.settings(channel_base=64, channel_max=8, group_channels=4, latent_size=8, blocks=1)
    discriminator = critic.build(own, (3, 16, 16), ())["discriminator"]
    normalise(discriminator, "r3gan")
    assert discriminator(torch.randn(2, 3, 16, 16), None).isfinite().all()
