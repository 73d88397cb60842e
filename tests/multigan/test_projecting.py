"""Projection: schedules and distances by hand, and a linear generator whose styles are known."""

import math

import pytest
import torch
from torch import nn

from multigan.image.networks.features import RandomLevels
from multigan.modality import build_networks, modality_of
from multigan.projecting import (
    Inverted,
    Search,
    described,
    noise_at,
    noise_inputs,
    project,
    rate_at,
    repeats,
    synthesised,
)


class LinearGenerator(nn.Module):
    """Samples [N, 6]: a fixed well-conditioned matrix times the styles of two layers, three values of each."""

    def __init__(self):
        super().__init__()
        mixing = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(0)))[0]
        self.register_buffer("mixing", mixing)

    def latent(self, n, random_state=None):
        return torch.randn(n, 3, generator=random_state)

    def mapping(self, latent, condition):
        return latent[:, None].expand(-1, 2, -1)

    def synthesis(self, styles):
        return styles.flatten(1) @ self.mixing

    def forward(self, latent, condition):
        return self.synthesis(self.mapping(latent, condition))


def test_the_rate_rises_in_a_twentieth_and_falls_in_a_quarter():
    assert [rate_at(at) for at in (0, 0.025, 0.05, 0.5, 0.75)] == pytest.approx([0, 0.5, 1, 1, 1])
    assert [rate_at(at) for at in (0.875, 1)] == pytest.approx([0.5, 0])


def test_the_noise_falls_as_a_square_in_three_quarters():
    assert [noise_at(at) for at in (0, 0.375, 0.75, 1)] == pytest.approx([1, 0.25, 0, 0])


def test_a_flat_map_repeats_itself_and_signs_in_turn_do_too():
    # 16x16 ones: 1 + 1, then means times 2: mean(2 * 2)^2 on both axes
    assert repeats(torch.ones(1, 1, 16, 16)).tolist() == [2 + 2 * 16]
    # of one axis means are times the square root of 2
    assert repeats(torch.ones(1, 1, 16)).tolist() == pytest.approx([1 + 4])
    in_turn = torch.tensor([1.0, -1.0]).repeat(8).expand(1, 1, 16)
    assert repeats(in_turn).tolist() == [1]  # and their means are 0
    white = torch.randn(4, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert float(repeats(white).max()) < 0.2


def test_distances_are_of_values_and_of_the_directions_of_features():
    first, second = torch.tensor([[[[3.0]], [[0.0]]]]), torch.tensor([[[[0.0]], [[2.0]]]])
    apart = (described(first) - described(second)).square().sum()
    assert float(apart) == pytest.approx((9 + 4) / 2)
    # at right angles, whatever their lengths, at each of two levels: 2, and the mean of 2 and 2
    with_levels = described(first, lambda x: [x, x]) - described(second, lambda x: [x, x])
    assert float(with_levels.square().sum()) == pytest.approx((9 + 4) / 2 + 2)


def test_features_of_levels_have_the_squared_distance_of_each_place_averaged():
    levels = RandomLevels(3)
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    total = (images[0] - images[1]).square().mean()
    for maps in levels(images):
        one, other = maps / maps.square().sum(1, keepdim=True).sqrt()
        total = total + (one - other).square().sum(0).mean() / 3
    first, second = described(images, levels)
    assert float((first - second).square().sum()) == pytest.approx(float(total), rel=1e-4)


@pytest.mark.parametrize("space", ["w", "w+"])
def test_a_linear_generator_is_projected_exactly(space):
    network = LinearGenerator()
    styles = torch.randn(4, 2, 3, generator=torch.Generator().manual_seed(1))
    if space == "w":
        styles = styles[:, :1].expand(-1, 2, -1)
    start = torch.zeros(4, 2, 3)
    found = project(network, network.synthesis(styles), start, math.sqrt(3), Search(400, space))
    assert torch.allclose(found.styles, styles, atol=1e-3)
    assert (found.styles[:, 0] == found.styles[:, 1]).all() == (space == "w")


def test_one_style_for_all_layers_comes_as_near_as_least_squares():
    network = LinearGenerator()
    target = torch.randn(1, 6, generator=torch.Generator().manual_seed(2))
    found = project(network, target, torch.zeros(1, 2, 3), math.sqrt(3), Search(600, "w"))
    # layers weigh the same and the matrix is a rotation: the best style is the mean of those of both layers
    both = (target @ network.mixing.T).unflatten(1, (2, 3))
    assert torch.allclose(found.styles[:, 0], both.mean(1), atol=2e-3)


def test_a_search_has_the_same_bits_again_and_another_seed_has_others():
    network = LinearGenerator()
    target = torch.ones(2, 6)
    start = torch.zeros(2, 2, 3)
    first, again, other = (project(network, target, start, 1.0, Search(30, seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(first.styles, again.styles)
    assert not torch.equal(first.styles, other.styles)


# ---- noise inputs ----


@pytest.fixture(scope="module")
def noisy():
    """An untrained StyleGAN2 that hears its noise."""
    torch.manual_seed(0)
    settings = {"name": "stylegan2", "channel_base": 128, "channel_max": 8, "latent_size": 8, "style_size": 8}
    network = build_networks(modality_of("image"), settings, (3, 16, 16), ())["generator"].eval()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(False)
        if name.endswith("noise_strength"):
            parameter.fill_(0.3)
    return network


def test_noise_is_optimised_and_stays_white(noisy):
    before = {name: maps.clone() for name, maps in noise_inputs(noisy).items()}
    assert [tuple(maps.shape) for maps in before.values()] == [(1, 1, s, s) for s in (4, 8, 8, 16, 16)]
    styles = noisy.mapping(noisy.latent(2, torch.Generator().manual_seed(1)), None)
    noise = {
        name: torch.randn(2, *maps.shape[1:], generator=torch.Generator().manual_seed(2))
        for name, maps in before.items()
    }
    with torch.no_grad():
        target = synthesised(noisy, Inverted(styles, noise))
        still = noisy.synthesis(styles)
    found = project(noisy, target, styles, 1.0, Search(60))
    with torch.no_grad():
        made = synthesised(noisy, found)
    before_it, after_it = ((one - target).square().mean() for one in (still, made))
    assert float(after_it) < 0.9 * float(before_it)
    for name, maps in found.noise.items():
        assert maps.shape == noise[name].shape
        assert maps.flatten(1).mean(1).abs().max() < 1e-4
        assert maps.flatten(1).square().mean(1).tolist() == pytest.approx([1, 1], abs=1e-3)
    assert all(torch.equal(maps, before[name]) for name, maps in noise_inputs(noisy).items())


def test_without_noise_of_its_own_the_network_has_what_it_has(noisy):
    styles = noisy.mapping(noisy.latent(1, torch.Generator().manual_seed(1)), None)
    own = {name: maps.clone() for name, maps in noise_inputs(noisy).items()}
    assert torch.equal(synthesised(noisy, Inverted(styles)), synthesised(noisy, Inverted(styles, own)))
