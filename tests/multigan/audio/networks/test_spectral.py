"""The spectral architecture: its filters and layers by hand, its contracts, and two tones that it must learn."""

import dataclasses
import math

import pytest
import torch
from torch.nn import functional

from multigan.audio.networks.spectral import (
    SPECTRAL,
    SpectralSettings,
    StyledConvolution,
    downsampling,
    smoothing,
    upsampling,
)
from multigan.config import load
from multigan.errors import ConfigError
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.penalties import PENALTIES
from multigan.protocols import Batch, ClassifyingDiscriminator, Represents, StyleGenerator
from multigan.registry import Registry
from multigan.sampling import generate
from multigan.testing import check_architecture
from tests.worlds import ring

SMALL = {"channel_base": 128, "channel_max": 16, "latent_size": 8, "style_size": 8, "components": 24}
SMALL |= {"window": 256, "stride": 128, "griffin_lim": 1}
WORLD = dataclasses.replace(
    ring.RING, name="sounds", architectures=Registry("architecture", {"spectral": SPECTRAL})
)


def build(n_samples=2048, n_labels=3, **options):
    return tuple(
        SPECTRAL.build(load(SpectralSettings, SMALL | options, "test"), (1, n_samples), (n_labels,)).values()
    )


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def players(generator, critic):
    return Players(generator, critic, lambda samples: samples, lambda: torch.autocast("cpu", enabled=False))


def test_filters_are_the_taps_1_3_3_1():
    taps = torch.tensor([1.0, 3, 3, 1]) / 8
    signal = torch.randn(2, 3, 12)
    plain = functional.conv1d(signal.view(6, 1, 12), taps.view(1, 1, 4), padding=2).view(2, 3, 13)
    torch.testing.assert_close(smoothing(12, 13, left=2)(signal), plain)
    torch.testing.assert_close(smoothing(12, 11, left=1)(signal), plain[..., 1:-1])
    torch.testing.assert_close(downsampling(12)(signal), plain[..., 1:-1:2])
    spread = torch.zeros(2, 3, 24)
    spread[..., ::2] = 2 * signal
    plain = functional.conv1d(spread.view(6, 1, 24), taps.view(1, 1, 4), padding=2).view(2, 3, 25)
    torch.testing.assert_close(upsampling(12)(signal), plain[..., :-1])
    ones = torch.ones(1, 1, 12)
    assert upsampling(12)(ones)[..., 1:-1].unique().tolist() == [1.0]


@pytest.mark.parametrize("up", [False, True])
def test_a_styled_convolution_is_one_with_modulated_and_demodulated_weights(up):
    """arXiv:1912.04958, eq. 1 and 3, a kernel of its own for each sample."""
    layer = StyledConvolution(5, 7, 4, 12, up=up, noise=False).double()
    layer.bias.data.normal_()
    features, style = torch.randn(3, 5, 6 if up else 12).double(), torch.randn(3, 4).double()
    expected = []
    for sample, s in zip(features, layer.affine(style), strict=True):
        weight = layer.weight / math.sqrt(5 * 3) * s[None, :, None]
        weight = weight / (weight.square().sum((1, 2), keepdim=True) + 1e-8).sqrt()
        if up:
            spread = torch.zeros(5, 13).double()
            spread[:, 1::2] = 2 * sample
            full = functional.conv1d(spread[None], weight.flip(2), padding=1)  # transposed: turned round
            taps = (torch.tensor([1.0, 3, 3, 1]).double() / 8).expand(7, 1, 4)
            outputs = functional.conv1d(full, taps, padding=1, groups=7)[0]
        else:
            outputs = functional.conv1d(sample[None], weight, padding=1)[0]
        outputs = outputs + layer.bias[:, None]
        expected.append(functional.leaky_relu(outputs, 0.2) * math.sqrt(2))
    torch.testing.assert_close(layer(features, style), torch.stack(expected))


@pytest.mark.parametrize(
    ("n_samples", "positions"),
    [
        (512, [1]),
        (2048, [2, 4]),
        (5000, [3, 6, 12]),
        (16_384, [2, 4, 8, 16, 32]),
        (22_050, [3, 6, 12, 24, 48]),
        (131_072, [2, 4, 8, 16, 32, 64, 128, 256]),
    ],
)
def test_layers_double_from_2_or_3_positions_until_they_cover_the_sound(n_samples, positions):
    assert SpectralSettings(stride=512).positions(n_samples) == positions


@pytest.mark.parametrize("n_samples", [1024, 4096, 4999, 16_384, 22_050, 131_072])
def test_sounds_of_any_length_are_made_and_judged(n_samples):
    generator, critic = build(n_samples, window=1024, stride=512)
    assert isinstance(generator, Represents)
    assert isinstance(generator, StyleGenerator)
    assert isinstance(critic, ClassifyingDiscriminator)
    condition = torch.eye(3)[:2]
    made = generator(generator.latent(2), condition)
    representation = generator.representation
    assert made.shape == (2, *representation.shape)
    assert representation.decode(made).shape == (2, 1, n_samples)
    assert representation.encode(torch.randn(2, 1, n_samples)).shape == made.shape
    logits, classes = critic.judge(made, condition)
    assert logits.shape == (2,)
    assert classes.shape == (2, 3)
    torch.testing.assert_close(logits, critic(made, condition))


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("n_labels", [0, 3])
def test_it_keeps_the_contracts_of_an_architecture(n_labels, noise, tmp_path):
    raw = {"name": "spectral", "noise": noise, **SMALL}
    check_architecture(WORLD, raw, (1, 2048), n_labels, tmp_path)


@pytest.mark.parametrize("penalty", ["r1", "r2", "wgan_gp", "path_length"])
def test_penalties_reach_the_weights_through_a_second_backward_pass(penalty):
    generator, critic = build()
    made = PENALTIES[penalty]()
    network = {"generator": generator, "discriminator": critic}[made.network]
    batch = Batch(torch.randn(4, *generator.representation.shape), torch.eye(3)[[0, 1, 2, 0]])
    made(players(generator, critic), batch)[0].mean().backward()
    for name, parameter in network.named_parameters():
        if name.endswith("weight") and "classes" not in name:
            assert parameter.grad is not None, name
            assert bool(parameter.grad.isfinite().all()), name
            assert float(parameter.grad.abs().sum()) > 0, name


@pytest.mark.kernels
def test_a_penalty_is_the_same_as_by_finite_differences():
    """R1 of one sample: half the squared slope, each of its directions tried in float64."""
    generator, critic = build(1024, 0, components=3, window=256, stride=256)
    critic = critic.double()
    real = torch.randn(1, *generator.representation.shape, dtype=torch.float64)
    got = PENALTIES["r1"]()(players(generator, critic), Batch(real, None))[0]
    slope = [
        (critic(real + step, None) - critic(real - step, None)).item() / 2e-5
        for step in (1e-5 * torch.eye(real.numel(), dtype=torch.float64)).view(-1, *real.shape)
    ]
    assert got.item() == pytest.approx(0.5 * sum(value**2 for value in slope), rel=1e-5)


def test_a_checkpoint_holds_what_the_representation_knows_of_the_data():
    (first, _), (second, _) = build(), build()
    first.representation.fit(torch.randn(16, 1, 2048))
    second.load_state_dict(first.state_dict())
    latent, condition = first.latent(3), torch.eye(3)
    assert torch.equal(generate(first.eval(), latent, condition), generate(second.eval(), latent, condition))
    assert {key for key in first.state_dict() if key.startswith("representation")} == {
        f"representation.{name}" for name in ("mean", "basis", "dual", "highest", "fades")
    }


def test_truncation_draws_sounds_towards_the_mean_of_their_label():
    generator, _ = build()
    generator.representation.fit(torch.randn(16, 1, 2048))
    latent, condition = generator.latent(4), torch.eye(3)[[1, 1, 2, 2]]
    with torch.no_grad():
        spread = [generate(generator.eval(), latent, condition, truncation)[:2] for truncation in (1.0, 0.0)]
    assert not torch.equal(spread[0][0], spread[0][1])
    torch.testing.assert_close(spread[1][0], spread[1][1], atol=1e-4, rtol=0)


def test_intensity_is_the_conditions_length():
    generator, _ = build()
    generator.eval()
    latent = generator.latent(1).expand(3, -1)
    condition = torch.eye(3)[:1] * torch.tensor([[0.0], [0.5], [1.0]])
    styles = generator.mapping_network.embedding(condition * generator.mapping_network.condition_scale)
    torch.testing.assert_close(styles[1], (styles[0] + styles[2]) / 2)
    made = generator(latent, condition)
    assert not torch.allclose(made[0], made[1])
    assert not torch.allclose(made[1], made[2])


@pytest.mark.parametrize(("condition", "found"), [(None, "none"), (torch.eye(2), r"\[2, 2\]")])
def test_a_condition_of_the_wrong_size_is_refused(condition, found):
    generator, critic = build()
    with pytest.raises(ConfigError, match=rf"This generator takes a condition \[N, 3\]; found {found}"):
        generator(generator.latent(2), condition)
    with pytest.raises(ConfigError, match=rf"This discriminator takes a condition \[N, 3\]; found {found}"):
        critic(torch.randn(2, *generator.representation.shape), condition)


@pytest.mark.parametrize("shape", [(2, 2048), (2048,), (1, 64, 64)])
def test_shapes_that_are_no_waveforms_are_refused(shape):
    with pytest.raises(ConfigError, match=r"sounds of one channel, \[1, T\]; found"):
        SPECTRAL.build(SpectralSettings(), shape, ())


def test_a_sound_too_short_for_its_fades_is_refused():
    with pytest.raises(ConfigError, match=r"at least 1,024 samples; found 20\. Change data\.n_samples"):
        SPECTRAL.build(SpectralSettings(), (1, 20), ())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"window": 1000}, "window is a power of two"),
        ({"window": 32}, "window is a power of two"),
        ({"stride": 128}, "stride is a power of two"),
        ({"stride": 600}, "stride is a power of two"),
        ({"griffin_lim": -1}, "griffin_lim is 0 to 256"),
        ({"components": 0}, "components must be at least 1"),
        ({"channel_max": 0}, "channel_max must be at least 1"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load(SpectralSettings, wrong, "test")


@pytest.mark.kernels
def test_bfloat16_gives_float32_samples_and_losses_near_those_of_float32():
    generator, critic = build()
    batch = Batch(torch.randn(8, *generator.representation.shape), torch.eye(3)[torch.arange(8) % 3])
    losses = {}
    for enabled in (False, True):
        torch.manual_seed(1)

        def context(enabled=enabled):
            return torch.autocast("cpu", torch.bfloat16, enabled=enabled)

        both = Players(generator, critic, lambda samples: samples, context)
        assert both.generate(2, batch.condition[:2]).dtype == torch.float32
        torch.manual_seed(1)
        loss = LOSSES["relativistic"]
        outcome = discriminator(loss, 0.1)(both, batch), pathwise(loss, 0.1)(both, batch)
        losses[enabled] = torch.stack([part.loss.detach().mean() for part in outcome])
    torch.testing.assert_close(losses[True], losses[False], atol=0.03, rtol=0)


@pytest.mark.kernels
def test_two_tones_are_learnt_for_their_labels():
    rate_hz, n_samples, pitches_hz = 8000, 1024, (700.0, 2100.0)
    seconds = torch.arange(n_samples) / rate_hz

    def draw(labels):
        pitch = torch.tensor(pitches_hz)[labels] * (1 + 0.02 * torch.randn(len(labels)))
        phase = 2 * math.pi * (pitch[:, None] * seconds + torch.rand(len(labels), 1))
        return (0.3 * phase.sin() + 0.01 * torch.randn(len(labels), n_samples))[:, None]

    generator, critic = build(n_samples, 2, channel_max=32, griffin_lim=4)
    representation = generator.representation
    representation.fit(draw(torch.arange(256) % 2))
    loss = LOSSES["relativistic"]
    objectives = (
        (generator, critic, pathwise(loss, 0.1)),
        (critic, generator, discriminator(loss, 0.1)),
    )
    optimisers = [torch.optim.Adam(net.parameters(), 0.01, betas=(0.0, 0.99)) for net, _, _ in objectives]
    both, r1 = players(generator, critic), PENALTIES["r1"]()
    for step in range(150):
        labels = torch.arange(16) % 2
        batch = Batch(representation.encode(draw(labels)), torch.eye(2)[labels])
        for (network, other, objective), optimiser in zip(objectives, optimisers, strict=True):
            network.requires_grad_(True)
            other.requires_grad_(False)
            optimiser.zero_grad()
            losses = objective(both, batch).loss
            if network is critic and step % 4 == 0:
                losses = losses + 4 * r1(both, batch)[0]
            losses.mean().backward()
            optimiser.step()
    labels = torch.arange(32) % 2
    sounds = generate(generator.eval(), generator.latent(32), torch.eye(2)[labels])[:, 0]
    heard_hz = torch.fft.rfft(sounds * torch.hann_window(n_samples)).abs().argmax(1) * rate_hz / n_samples
    right = (heard_hz - torch.tensor(pitches_hz)[labels]).abs() < 0.15 * torch.tensor(pitches_hz)[labels]
    assert float(right.float().mean()) > 0.9


def test_by_label_a_sound_is_judged_beside_those_of_its_own_label_alone():
    """Labels 0, 0, 1, 1: other sounds of label 1 move only what is judged beside them, in groups of four all of it."""
    condition = torch.eye(3)[[0, 0, 1, 1]]
    for deviation, moves in (("label", False), ("group", True)):
        generator, critic = build(minibatch_deviation=deviation)
        encoded = torch.randn(4, *generator.representation.shape)
        others = torch.cat((encoded[:2], torch.randn_like(encoded[2:])))
        first, second = critic(encoded, condition), critic(others, condition)
        assert torch.allclose(first[:2], second[:2], rtol=1e-5) is not moves
        assert not torch.allclose(first[2:], second[2:], rtol=1e-3)
        assert torch.allclose(critic.judge(encoded, condition)[0], first)
