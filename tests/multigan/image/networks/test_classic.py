"""The networks of 2014 to 2017 as their papers have them: sizes, what they start with, and layers by hand."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from multigan.errors import ConfigError
from multigan.image.modality import ARCHITECTURES
from multigan.image.networks.mlp import Maxout


def pair(name, shape, condition_shape=(), **own):
    torch.manual_seed(0)
    architecture = ARCHITECTURES[name]
    networks = architecture.build(architecture.settings(**own), shape, condition_shape)
    return networks["generator"], networks["discriminator"]


def n_parameters(network):
    return sum(p.numel() for p in network.parameters())


def test_the_first_gan_has_the_sizes_of_its_authors_code():
    """mnist.yaml: 100 -> 1200 -> 1200 -> 784, and 784 -> 240x5 -> 240x5 -> 1, with biases."""
    generator, critic = pair("mlp", (1, 28, 28))
    assert n_parameters(generator) == 101 * 1200 + 1201 * 1200 + 1201 * 784
    assert n_parameters(critic) == 785 * 1200 + 241 * 1200 + 241
    for network, limit in ((generator, 0.05), (critic, 0.005)):
        for layer in (layer for layer in network.modules() if isinstance(layer, nn.Linear)):
            assert float(layer.weight.detach().abs().max()) <= limit
            if layer.weight.numel() > 1000:
                assert float(layer.weight.detach().std()) == pytest.approx(limit / math.sqrt(3), rel=0.02)
            assert not layer.bias.any()
    latent = generator.latent(1000)
    assert float(latent.abs().max()) <= math.sqrt(3)
    assert float(latent.std()) == pytest.approx(1, abs=0.01)
    drops = [layer.p for layer in critic.modules() if isinstance(layer, nn.Dropout)]
    assert drops == [0.2, 0.5, 0.5]


def test_the_first_gan_hears_a_label_from_the_start():
    """Of a fresh pair with labels; where they were inputs among pixels of weights at 0.005, a label moved nothing."""
    generator, critic = pair("mlp", (1, 16, 16), (4,), width=100, units=40)
    conditions = torch.eye(4)
    with torch.no_grad():
        latent = generator.latent(200)
        pictures = torch.stack([generator(latent, each.expand(200, 4)) for each in conditions])
        share = (
            pictures.mean(1).var(0, correction=0).mean() / pictures.flatten(0, 1).var(0, correction=0).mean()
        )
        assert 0.02 < float(share) < 0.3  # neither unheard nor all that is heard
        critic.eval()
        logits = torch.stack([critic(pictures[0], each.expand(200, 4)) for each in conditions])
        assert float(logits.std(0).mean()) > 0.5 * float(logits.std(1).mean())
    weights = [layer.weight.detach() for layer in generator.layers if isinstance(layer, nn.Linear)]
    assert float(weights[0][:, :100].std()) == pytest.approx(104**-0.5, rel=0.05)
    assert float(weights[0][:, 100:].std()) == pytest.approx(3 * 104**-0.5, rel=0.1)
    # one logit, and by projection one number for each feature of the label
    assert n_parameters(critic) == 257 * 200 + 41 * 200 + 41 + 4 * 40


def test_maxout_by_hand():
    layer = Maxout(2, 2, 2)
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]]))
        layer.linear.bias.copy_(torch.tensor([0.0, 0, 0, 1]))
    assert layer(torch.tensor([[2.0, 5.0], [-3.0, -1.0]])).tolist() == [[5, -2], [-1, 3]]


def test_dcgan_has_the_channels_and_start_of_its_paper():
    """Figure 1: 100 -> 4x4x1024 -> 8x8x512 -> 16x16x256 -> 32x32x128 -> 64x64x3 by 5x5 kernels, and the mirror image."""
    generator, critic = pair("dcgan", (3, 64, 64))
    kernels = 25 * (1024 * 512 + 512 * 256 + 256 * 128)
    n_norms = 2 * (512 + 256 + 128)
    assert n_parameters(generator) == 100 * 16384 + 2 * 16384 + kernels + 25 * 128 * 3 + n_norms
    # no norm at the images
    assert n_parameters(critic) == kernels + 25 * 128 * 3 + n_norms - 2 * 128 + 2 * 1024 + 16384
    seen = []
    for layer in (*generator.modules(), *critic.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            assert layer.bias is None
            seen.append(float(layer.weight.detach().std()))
            assert float(layer.weight.detach().mean()) == pytest.approx(0, abs=1e-3)
        if isinstance(layer, nn.LeakyReLU):
            assert layer.negative_slope == 0.2
    assert len(seen) == 10
    assert seen == pytest.approx([0.02] * 10, rel=0.02)
    gains = torch.cat([norm.gain for norm in generator.norms]).detach()
    assert float(gains.mean()) == pytest.approx(1, abs=1e-3)
    assert float(gains.std()) == pytest.approx(0.02, rel=0.02)
    latent = generator.latent(1000)
    assert float(latent.abs().max()) <= 1
    assert float(latent.std()) == pytest.approx(1 / math.sqrt(3), rel=0.02)


def test_dcgan_generates_what_its_layers_say():
    """In training: batch normalisation of the batch itself, twice the side by transposed convolutions."""
    generator, _ = pair("dcgan", (1, 16, 16), latent_size=5, width=3)
    generator.double()
    latent = generator.latent(4).double()
    projected = latent @ generator.project.weight.T

    def normalised(features, norm):
        axes = [0, *range(2, features.ndim)]
        mean, variance = features.mean(axes, keepdim=True), features.var(axes, correction=0, keepdim=True)
        by_channel = [1, -1, *[1] * (features.ndim - 2)]
        gain, bias = norm.gain.view(by_channel), norm.bias.view(by_channel)
        return ((features - mean) / (variance + 1e-5).sqrt() * gain + bias).relu()

    features = normalised(projected, generator.norms[0]).view(4, 6, 4, 4)
    grow = [layer.weight for layer in generator.grow]
    features = functional.conv_transpose2d(features, grow[0], stride=2, padding=2, output_padding=1)
    features = normalised(features, generator.norms[1])
    images = functional.conv_transpose2d(features, grow[1], stride=2, padding=2, output_padding=1).tanh()
    assert torch.allclose(generator(latent, None), images, atol=1e-12)


def test_wgan_gp_has_the_sizes_of_its_authors_code():
    """gan_cifar_resnet.py without labels; the critic's last number has no bias here, which no loss of differences sees."""
    generator, critic = pair("wgan-gp", (3, 32, 32))
    three, one = 9 * 128 * 128 + 128, 128 * 128 + 128
    norms = 2 * 128
    assert n_parameters(generator) == (
        129 * 2048 + 3 * (2 * three + one + 2 * norms) + norms + 9 * 128 * 3 + 3
    )
    first = (9 * 3 * 128 + 128) + three + (3 * 128 + 128)
    assert n_parameters(critic) == first + (2 * three + one) + 2 * 2 * three + 128
    assert not any("norm" in name for name, _ in critic.named_parameters())
    block = generator.blocks[0]
    he, glorot = (float(layer.weight.detach().std()) for layer in (block.first, block.shortcut))
    assert he == pytest.approx(math.sqrt(4 / (2 * 128 * 9)), rel=0.02)
    assert glorot == pytest.approx(math.sqrt(2 / (2 * 128)), rel=0.02)


def test_a_critic_block_halves_by_a_mean():
    """mean pool of two 3x3 convolutions, plus a 1x1 convolution of the pooled input."""
    _, critic = pair("wgan-gp", (3, 32, 32), width=4)
    block = critic.blocks[1].double()
    features = torch.randn(2, 4, 8, 8, dtype=torch.float64)
    hidden = block.two(block.one(features.relu()).relu())
    expected = functional.avg_pool2d(hidden, 2) + functional.avg_pool2d(block.shortcut(features), 2)
    assert torch.allclose(block(features), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["dcgan", "wgan-gp"])
def test_sides_that_cannot_be_halved_are_refused(name):
    with pytest.raises(ConfigError, match=f"{name} makes square images with a power-of-two side from 16"):
        pair(name, (1, 28, 28))


def test_labels_shift_gains_and_biases():
    generator, _ = pair("dcgan", (1, 16, 16), (2,), latent_size=5, width=3)
    norm = generator.norms[1].double()
    features = torch.randn(6, 3, 8, 8, dtype=torch.float64)
    condition = torch.eye(2, dtype=torch.float64)[torch.arange(6) % 2]
    found = norm(features, condition)
    plain = functional.batch_norm(features, None, None, training=True)
    shift = norm.labels.weight
    for row in range(6):
        gain, bias = (shift[:3, row % 2] + norm.gain)[:, None, None], (shift[3:, row % 2])[:, None, None]
        assert torch.allclose(found[row], plain[row] * gain + bias, atol=1e-12)
