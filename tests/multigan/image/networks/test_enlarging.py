"""The networks of super-resolution: what averages back, how far a place looks, fixed features, patches."""

import hashlib

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.errors import ConfigError
from multigan.image.networks import features
from multigan.image.networks.enlarging import EnlargingSettings, build, consistent, interpolated, reduced
from multigan.image.networks.features import PretrainedLevels, RandomLevels
from multigan.image.networks.patch import PatchDiscriminator
from multigan.objectives.terms import FEATURES
from multigan.pretrained.efficientnet import levels
from tests.evaluation.extractors.test_efficientnet import STATE
from tests.worlds.pictures import noise

SMALL = EnlargingSettings(width=4, blocks=2, discriminator_width=4)


def networks(scale=2, seed=0, channels=3, **more):
    torch.manual_seed(seed)
    own = EnlargingSettings(width=4, blocks=2, discriminator_width=4, **more)
    return build(own, (channels, 16, 16), (channels, 16 // scale, 16 // scale))


def pictures(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_the_consistent_picture_by_hand():
    """A block of 0, 0, 0, 4 with mean 1 that should be 3: each pixel rises by 2."""
    image = torch.tensor([[0.0, 0.0], [0.0, 4.0]]).view(1, 1, 2, 2)
    assert consistent(image, torch.full((1, 1, 1, 1), 3.0), 2).flatten().tolist() == [2.0, 2.0, 2.0, 6.0]
    assert reduced(image, 2).item() == 1.0


@pytest.mark.parametrize("scale", [2, 4])
def test_what_is_generated_averages_back_to_its_input(scale):
    generator = networks(scale)["generator"]
    small = pictures(2, 3, 7, 9)
    large = generator(generator.latent(2), small)
    assert large.shape == (2, 3, 7 * scale, 9 * scale)
    assert torch.allclose(reduced(large, scale), small, atol=1e-5)
    assert not torch.allclose(large, consistent(interpolated(small, scale), small, scale), atol=1e-3)
    assert generator.latent(5).shape == (5, 0)


@pytest.mark.parametrize("scale", [2, 4])
def test_the_interpolation_is_pillows(scale):
    """Bicubic, on each channel in floating point."""
    small = pictures(1, 3, 11, 13)
    expected = [
        np.asarray(
            Image.fromarray(plane.numpy(), "F").resize((13 * scale, 11 * scale), Image.Resampling.BICUBIC)
        )
        for plane in small[0]
    ]
    assert np.allclose(interpolated(small, scale)[0].numpy(), np.stack(expected), atol=1e-5)


@pytest.mark.parametrize("scale", [2, 4])
def test_a_place_looks_no_farther_than_it_says(scale):
    """The gradient of one place's output is zero beyond its reach, and not far within it."""
    generator = networks(scale)["generator"]
    reach, side = generator.reach, 2 * generator.reach + 7
    small = pictures(1, 3, side, side).requires_grad_()
    middle = side // 2
    block = slice(middle * scale, (middle + 1) * scale)
    generator(None, small)[:, :, block, block].sum(0).square().sum().backward()
    rows = small.grad.abs().sum((0, 1, 2)).nonzero().flatten()
    assert middle - reach <= rows.min()
    assert rows.max() <= middle + reach
    assert rows.max() - middle >= reach - 3


def test_builds_for_pictures_half_or_a_quarter_as_large_alone():
    for shape, condition in (
        ((3, 16, 16), (3, 2, 2)),
        ((3, 16, 16), (1, 8, 8)),
        ((3, 16, 16), ()),
        ((3, 16, 16), (3,)),
    ):
        with pytest.raises(ConfigError, match="enlarging makes pictures"):
            build(SMALL, shape, condition)
    with pytest.raises(ConfigError, match=r"takes a picture \[N, 3, H, W\] as its condition; found none"):
        networks()["generator"](None, None)
    with pytest.raises(ConfigError, match="3 channels"):
        networks(channels=1, features="efficientnet-lite0")
    assert networks(channels=1)["generator"](None, pictures(1, 1, 8, 8)).shape == (1, 1, 16, 16)


def test_a_patch_is_as_wide_as_stated():
    """With 2 halvings one logit hangs on 26 pixels, with 3 on 54; two more where every pixel is looked at first."""
    for halvings, width, every_pixel in ((2, 26, False), (3, 54, False), (2, 28, True), (3, 56, True)):
        torch.manual_seed(0)
        critic = PatchDiscriminator(3, 3, 4, halvings, every_pixel=every_pixel)
        images, condition = pictures(1, 3, 96, 96).requires_grad_(), pictures(1, 3, 48, 48, seed=1)
        logits = critic(images, condition)
        side = 96 // 2**halvings
        assert logits.shape == (1, side**2)
        logits[0, side * (side // 2) + side // 2].backward()
        seen = images.grad.abs().sum((0, 1, 2)).nonzero().flatten()
        assert seen.max() - seen.min() + 1 == width


def test_random_features_are_the_same_everywhere():
    network = RandomLevels(3)
    digest = hashlib.sha256()
    for _, weight in network.named_buffers():
        digest.update(weight.contiguous(memory_format=torch.contiguous_format).numpy().tobytes())
    assert digest.hexdigest()[:16] == "9c836ec81aa40138"
    found = network(pictures(2, 3, 16, 16))
    assert [list(level.shape) for level in found] == [[2, 16, 16, 16], [2, 32, 8, 8], [2, 64, 4, 4]]
    assert not list(network.parameters())
    assert network.state_dict() == {}


def test_pretrained_features_are_read_when_a_run_begins(monkeypatch):
    network = networks(features="efficientnet-lite0")[FEATURES]
    assert isinstance(network, PretrainedLevels)
    with pytest.raises(ConfigError, match="not there yet"):
        network(pictures(1, 3, 32, 32))
    monkeypatch.setattr(features, "published_levels", lambda: levels(STATE).eval())
    network.load_pretrained()
    found = network(pictures(1, 3, 32, 32))
    assert [list(level.shape) for level in found] == [[1, 24, 8, 8], [1, 40, 4, 4]]
    # as its authors prepare pictures: (x - 127) / 128 of 8 bits
    pixels = torch.from_numpy(noise(1, 0, 32)).permute(0, 3, 1, 2).float()
    expected = levels(STATE).eval()[0]((pixels - 127) / 128)
    assert torch.allclose(network(pixels / 127.5 - 1)[0], expected, atol=1e-4)
