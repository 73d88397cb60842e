"""StyleGAN2's settings: those that cannot be are named, and what the discriminator sees of a batch's variety."""

import pytest
import torch

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.networks.stylegan2 import HALF_WAVELET_STYLEGAN2, STYLEGAN2, StyleGAN2Settings

LABELS = 3


@pytest.fixture(autouse=True)
def float64():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


def small(**more):
    return StyleGAN2Settings(channel_base=128, channel_max=12, latent_size=10, style_size=9, **more)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"channel_base": 0}, "channel_base must be at least 1, found 0"),
        ({"channel_max": -1}, "channel_max must be at least 1, found -1"),
        ({"latent_size": 0}, "latent_size must be at least 1, found 0"),
        ({"style_size": 0}, "style_size must be at least 1, found 0"),
        ({"mapping_layers": 0}, "mapping_layers must be at least 1, found 0"),
        ({"minibatch_group": 0}, "minibatch_group must be at least 1, found 0"),
        ({"style_mixing": 1.5}, r"style_mixing is a probability in \[0, 1\], found 1.5"),
        ({"style_mixing": -0.1}, r"style_mixing is a probability in \[0, 1\], found -0.1"),
        ({"generator": "progressive"}, "generator"),
        ({"channels_max": 4}, "channels_max"),
        ({"noise": 1}, "noise"),
    ],
)
def test_a_setting_that_cannot_be_is_named(given, message):
    with pytest.raises(ConfigError, match=message):
        load(StyleGAN2Settings, given, "architecture stylegan2")


def test_by_label_a_sample_is_judged_beside_those_of_its_own_label_alone():
    """Labels 0, 0, 1, 1: other samples of label 1 move only what is judged beside them, in groups of four all of it."""
    condition = torch.eye(LABELS)[[0, 0, 1, 1]]
    images = torch.rand(4, 3, 16, 16) * 2 - 1
    others = torch.cat((images[:2], torch.rand(2, 3, 16, 16) * 2 - 1))
    for deviation, moves in (("label", False), ("group", True)):
        options = small(minibatch_deviation=deviation)
        critic = HALF_WAVELET_STYLEGAN2.build(options, (3, 16, 16), (LABELS,))["discriminator"]
        first, second = critic(images, condition), critic(others, condition)
        assert torch.allclose(first[:2], second[:2], rtol=1e-12) is not moves
        assert not torch.allclose(first[2:], second[2:])


def test_without_labels_the_deviation_is_that_of_groups():
    images, judged = torch.rand(4, 3, 16, 16), []
    for deviation in ("label", "group"):
        torch.manual_seed(0)
        options = small(minibatch_deviation=deviation)
        judged.append(STYLEGAN2.build(options, (3, 16, 16), ())["discriminator"](images, None))
    assert torch.equal(*judged)
