"""Progressive growing: a level is a fixed small pair, a fade is a convex mix, and what it penalises is the small pair's."""

import math
from contextlib import nullcontext

import pytest
import torch
from torch import nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.game import Players
from multigan.image.networks.layers import pixel_norm
from multigan.image.networks.progressive import ProgressiveSettings, Pyramid, build
from multigan.penalties import PENALTIES
from multigan.protocols import Batch, Grows, Represents

OWN = ProgressiveSettings(channel_base=64, channel_max=8, minibatch_group=4)


def pair(side, n_labels=3, seed=0):
    torch.manual_seed(seed)
    networks = build(OWN, (3, side, side), (n_labels,) if n_labels else ())
    return [networks[name].double() for name in ("generator", "discriminator")]


def small_of(large, small):
    """The small network with the large one's weights of the resolutions that it has."""
    wanted = small.state_dict()
    levels = {name for name in wanted if name.rpartition(".")[2] == "level"}
    small.load_state_dict(
        {k: wanted[k] if k in levels else v for k, v in large.state_dict().items() if k in wanted}
    )
    return small


@pytest.fixture
def both():
    """A 32x32 pair that has grown to level 3, and a fixed 8x8 pair with its weights."""
    large, small = pair(32), pair(8, seed=1)
    for network in large:
        network.grow(3.0)
    return large, [small_of(a, b) for a, b in zip(large, small, strict=True)]


def inputs(n=4, side=8):
    torch.manual_seed(2)
    condition = torch.eye(3, dtype=torch.float64)[torch.arange(n) % 3]
    return (
        torch.randn(n, 8, dtype=torch.float64),
        condition,
        torch.randn(n, 3, side, side, dtype=torch.float64),
    )


def test_at_level_three_it_is_a_fixed_pair_of_eight_pixels(both):
    (generator, critic), (small_generator, small_critic) = both
    assert isinstance(generator, Grows)
    assert isinstance(critic, Grows)
    assert isinstance(generator, Represents)
    latent, condition, images = inputs()
    made = generator(latent, condition)
    assert made.shape == (4, 3, 8, 8)
    assert torch.equal(made, small_generator(latent, condition))
    assert torch.equal(critic(images, condition), small_critic(images, condition))
    for one, other in zip(
        critic.judge(images, condition), small_critic.judge(images, condition), strict=True
    ):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", ["r1", "r2", "wgan_gp", "drift"])
def test_a_penalty_at_a_level_is_that_of_the_small_pair(both, name):
    """The same value and the same gradients: what has not grown yet has none."""
    _, condition, images = inputs()
    results = []
    for generator, critic in both:
        torch.manual_seed(5)
        players = Players(generator, critic, nn.Identity(), nullcontext)
        players.generate = lambda n, condition, g=generator: g(
            torch.ones(n, 8, dtype=torch.float64), condition
        )
        values, _ = PENALTIES[name]()(players, Batch(images, condition))
        values.sum().backward()
        results.append((values.detach(), {k: p.grad for k, p in critic.named_parameters()}))
    (large, gradients), (small, expected) = results
    assert torch.equal(large, small)
    assert float(large.sum()) > 0
    for name in gradients:
        if name in expected and expected[name] is not None:
            assert torch.equal(gradients[name], expected[name]), name
        else:
            assert gradients[name] is None, name


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_fade_is_a_convex_mix(share):
    """Between level 2 and 3 the generator mixes pictures, and the discriminator what its layers make of both sizes."""
    generator, critic = pair(32)
    latent, condition, images = inputs()

    def at(network, level, *arguments):
        network.grow(level)
        return network(*arguments)

    old = functional.interpolate(at(generator, 2.0, latent, condition), scale_factor=2, mode="nearest")
    new = at(generator, 3.0, latent, condition)
    assert torch.allclose(
        at(generator, 2 + share, latent, condition), share * new + (1 - share) * old, atol=1e-12
    )
    seen = {}
    critic.last.register_forward_hook(lambda module, arguments, output: seen.update(now=arguments[0][:, :8]))
    at(critic, 3.0, images, condition)
    new = seen["now"]
    at(critic, 2.0, functional.avg_pool2d(images, 2), condition)
    old = seen["now"]
    at(critic, 2 + share, images, condition)
    assert torch.allclose(seen["now"], share * new + (1 - share) * old, atol=1e-12)


def test_real_images_are_mixed_by_the_same_shares():
    images = torch.randn(2, 3, 16, 16, dtype=torch.float64)
    pyramid = Pyramid(3, 16).double()
    assert pyramid.shape == (3, 16, 16)
    assert torch.equal(pyramid.encode(images), images)
    pyramid.level.fill_(2.0)
    fours = functional.avg_pool2d(images, 4)
    assert torch.allclose(pyramid.encode(images), fours, atol=1e-12)
    assert torch.equal(pyramid.decode(fours), fours.repeat_interleave(4, 2).repeat_interleave(4, 3))
    pyramid.level.fill_(2.25)
    assert pyramid.shape == (3, 8, 8)
    eights = functional.avg_pool2d(images, 2)
    mixed = 0.25 * eights + 0.75 * fours.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.allclose(pyramid.encode(images), mixed, atol=1e-12)


def test_layers_are_those_of_the_paper():
    """Channels min(16384 / r, 512), He's constant at run time, weights ~ N(0, 1), pixel norm of mean square 1."""
    own = ProgressiveSettings()
    assert [own.channels(level) for level in range(2, 11)] == [512, 512, 512, 512, 256, 128, 64, 32, 16]
    torch.manual_seed(0)
    networks = build(ProgressiveSettings(channel_base=1024, channel_max=64), (3, 16, 16), ())
    generator = networks["generator"]
    layer = generator.blocks[1].second
    assert float(layer.weight.detach().std()) == pytest.approx(1, rel=0.02)
    assert layer.weight_gain == pytest.approx(math.sqrt(2 / (64 * 9)))
    assert not layer.bias.any()
    assert not any(
        p.requires_grad and p.ndim > 1 and float(p.detach().std()) < 0.8 for p in generator.parameters()
    )
    features = generator.blocks[0](pixel_norm(generator.latent(5)))
    assert torch.allclose(features.square().mean(1), torch.ones(5, 4, 4), atol=1e-4)


def test_images_of_another_level_are_one_sentence():
    _, critic = pair(32)
    critic.grow(2.5)
    with pytest.raises(ConfigError, match="has grown to 8x8 pixels; found images \\[4, 3, 16, 16\\]"):
        critic(
            torch.zeros(4, 3, 16, 16, dtype=torch.float64), torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0]]
        )
