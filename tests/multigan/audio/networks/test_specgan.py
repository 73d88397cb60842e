"""SpecGAN: the paper's sizes, any length, its contracts and its penalty."""

import dataclasses

import pytest
import torch

from multigan.audio.networks.specgan import SPECGAN, SpecGANSettings
from multigan.config import load
from multigan.errors import ConfigError
from multigan.game import Players
from multigan.penalties import PENALTIES
from multigan.protocols import Batch, ClassifyingDiscriminator, Represents
from multigan.registry import Registry
from multigan.testing import check_architecture
from tests.worlds import ring

SMALL = {"width": 2, "latent_size": 8, "window": 128, "griffin_lim": 1}
WORLD = dataclasses.replace(
    ring.RING, name="sounds", architectures=Registry("architecture", {"specgan": SPECGAN})
)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def build(n_samples=2048, n_labels=3, **options):
    return tuple(
        SPECGAN.build(load(SpecGANSettings, SMALL | options, "test"), (1, n_samples), (n_labels,)).values()
    )


def test_sizes_are_the_papers():
    """arXiv:1802.04208, appendix D: d = 64, a dense layer to 4 x 4 x 16d, five layers of 5 x 5 to 128 x 128 and back."""
    generator, critic = SPECGAN.build(SpecGANSettings(), (1, 16_384), ()).values()
    assert generator.representation.shape == (128, 128)
    assert generator.dense.weight.shape == (256 * 64, 100)
    channels = [(layer.in_channels // 64, layer.out_channels) for layer in generator.layers]
    assert channels == [(16, 512), (8, 256), (4, 128), (2, 64), (1, 1)]
    assert [layer.out_channels for layer in critic.layers] == [64, 128, 256, 512, 1024]
    assert critic.head.logit.weight.shape == (1, 256 * 64)
    assert {layer.kernel_size for layer in (*generator.layers, *critic.layers)} == {(5, 5)}


@pytest.mark.parametrize("n_samples", [1024, 4096, 4999, 16_384, 131_072])
def test_sounds_of_any_length_are_made_and_judged(n_samples):
    generator, critic = build(n_samples, window=256)
    assert isinstance(generator, Represents)
    assert isinstance(critic, ClassifyingDiscriminator)
    bins, frames = generator.representation.shape
    assert bins == 128
    assert frames % 32 == 0
    assert (frames - 32) * 128 < n_samples <= frames * 128
    made = generator(generator.latent(2), torch.eye(3)[:2])
    assert made.shape == (2, bins, frames)
    assert float(made.detach().abs().max()) <= 1
    assert generator.representation.decode(made).shape == (2, 1, n_samples)
    logits, classes = critic.judge(made, torch.eye(3)[:2])
    torch.testing.assert_close(logits, critic(made, torch.eye(3)[:2]))
    assert classes.shape == (2, 3)


@pytest.mark.parametrize("n_labels", [0, 3])
def test_it_keeps_the_contracts_of_an_architecture(n_labels, tmp_path):
    check_architecture(WORLD, {"name": "specgan", **SMALL}, (1, 2048), n_labels, tmp_path)


def test_the_penalty_reaches_the_weights_through_a_second_backward_pass():
    generator, critic = build()
    players = Players(
        generator, critic, lambda samples: samples, lambda: torch.autocast("cpu", enabled=False)
    )
    batch = Batch(torch.rand(4, *generator.representation.shape), torch.eye(3)[[0, 1, 2, 0]])
    PENALTIES["wgan_gp"]()(players, batch)[0].mean().backward()
    for name, parameter in critic.named_parameters():
        if name.endswith("weight") and "classes" not in name:
            assert parameter.grad is not None, name
            assert float(parameter.grad.abs().sum()) > 0, name
    assert all(parameter.grad is None for parameter in generator.parameters())


def test_the_condition_enters_by_projection():
    """logit = f(h) + <E c, h> / sqrt(D): linear in the condition, of which intensity is the length."""
    generator, critic = build()
    samples = torch.rand(2, *generator.representation.shape)
    label = torch.eye(3)[:2]
    bare, half, full = (critic(samples, strength * label) for strength in (0, 0.5, 1))
    torch.testing.assert_close(half, (bare + full) / 2)
    assert not torch.allclose(bare, full)


@pytest.mark.parametrize(("condition", "found"), [(None, "none"), (torch.eye(2), r"\[2, 2\]")])
def test_a_condition_of_the_wrong_size_is_refused(condition, found):
    generator, critic = build()
    with pytest.raises(ConfigError, match=rf"This generator takes a condition \[N, 3\]; found {found}"):
        generator(generator.latent(2), condition)
    with pytest.raises(ConfigError, match=rf"This discriminator takes a condition \[N, 3\]; found {found}"):
        critic(torch.rand(2, *generator.representation.shape), condition)


def test_shapes_that_are_no_waveforms_are_refused():
    with pytest.raises(ConfigError, match=r"sounds of one channel, \[1, T\]; found \[2, 2048\]"):
        SPECGAN.build(SpecGANSettings(), (2, 2048), ())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"width": 0}, "width and latent_size are at least 1"),
        ({"window": 200}, "window is a power of two"),
        ({"griffin_lim": 300}, "griffin_lim is 0 to 256"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load(SpecGANSettings, wrong, "test")
