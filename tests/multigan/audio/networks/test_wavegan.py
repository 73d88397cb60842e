"""WaveGAN against its plain twin in float64, its lengths, and its contracts."""

import dataclasses
import math

import pytest
import torch
from torch.nn.functional import softplus

from multigan.audio.networks import convolution
from multigan.audio.networks.wavegan import WAVEGAN, WaveGANSettings, stride_plan
from multigan.config import load
from multigan.errors import ConfigError
from multigan.registry import Registry
from multigan.testing import check_architecture
from tests.worlds import plain_wavegan, ring

N, LABELS = 4, 3
LENGTHS = [4_096, 5_000, 8_000, 11_025, 16_000, 16_384, 22_050, 32_768, 44_100, 48_000, 65_536, 131_072]
WORLD = dataclasses.replace(
    ring.RING, name="sounds", architectures=Registry("architecture", {"wavegan": WAVEGAN})
)


@pytest.fixture
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def small(**more):
    return WaveGANSettings(**{"width": 3, "latent_size": 5, "post_filter": 64} | more)


def pairs(n_samples, **more):
    """(generator, discriminator) fast and plain, with the same weights, none of them 0."""
    options, shape = small(**more), (1, n_samples)
    fast, plain = (
        tuple(WAVEGAN.build(options, shape, (LABELS,)).values()),
        plain_wavegan.build(options, shape, LABELS),
    )
    for which, (quick, slow) in enumerate(zip(fast, plain, strict=True)):
        with torch.no_grad():
            for parameter in quick.parameters():
                parameter.add_(torch.randn(parameter.shape), alpha=0.1)
        slow.load_state_dict(plain_weights(which, quick.state_dict(), options))
    return fast, plain, options


def plain_weights(which, tensors, options):
    return plain_wavegan.plain_weights(tensors, which == 0 and options.upsampling == "transposed")


def inputs(n_samples):
    condition = torch.eye(LABELS)[torch.arange(N) % LABELS] * torch.rand(N, 1)
    return torch.rand(N, 5) * 2 - 1, torch.rand(N, 1, n_samples) * 2 - 1, condition


# ---- parity ----


def wasserstein_generator(generator, discriminator, latent, real, condition):
    return -discriminator(generator(latent, condition), condition).mean()


def critic(generator, discriminator, latent, real, condition):
    with torch.no_grad():
        fake = generator(latent, condition)
    logits, classes = discriminator.judge(real, condition)
    losses = softplus(-logits) + softplus(discriminator(fake, condition))
    return (losses - (condition * classes.log_softmax(1)).sum(1)).mean()


def penalty(generator, discriminator, latent, real, condition):
    """WGAN-GP."""
    points = (0.3 * real + 0.7 * generator(latent, condition).detach()).requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(points, condition).sum(), points, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


def slope_of_slope(generator, discriminator, latent, real, condition):
    """A third derivative, of a discriminator that is linear wherever it is differentiable: through the generator."""
    latent = latent.clone().requires_grad_()
    samples = generator(latent, condition)
    (slope,) = torch.autograd.grad((samples * real).sum(), latent, create_graph=True)
    (curve,) = torch.autograd.grad(slope.square().sum(), latent, create_graph=True)
    return curve.square().sum()


UPDATES = (wasserstein_generator, critic, penalty, slope_of_slope)


def gradients(networks, update, arguments):
    """The loss, and its gradient for every parameter that it has one for, of each network."""
    torch.manual_seed(2)
    for network in networks:
        network.zero_grad(set_to_none=True)
    loss = update(*networks, *arguments)
    loss.backward()
    return loss, [
        {name: p.grad for name, p in network.named_parameters() if p.grad is not None} for network in networks
    ]


def assert_same(found, wanted, what):
    error, size = float((found - wanted).detach().norm()), float(wanted.detach().norm())
    # a bias adds up thousands of terms that cancel: some processors' kernels round it by 4e-15 of 2e-3
    assert error <= 1e-12 * size + 1e-13, f"{what}: off by {error:.1e} of {size:.1e}"


def assert_updates_agree(fast, plain, arguments, options):
    for update in UPDATES:
        loss, found = gradients(fast, update, arguments)
        wanted_loss, wanted = gradients(plain, update, arguments)
        assert_same(loss, wanted_loss, update.__name__)
        for which in (0, 1):
            ours = plain_weights(which, found[which], options)
            missing = {
                name for name in wanted[which].keys() - ours.keys() if float(wanted[which][name].norm())
            }
            assert not missing, f"{update.__name__}: no gradient for {missing}"
            for name in ours:
                assert_same(ours[name], wanted[which][name], f"{update.__name__}, {name}")


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("upsampling", ["transposed", "nearest"])
@pytest.mark.parametrize(("n_samples", "post_filter"), [(1_024, 64), (1_100, 33), (2_000, 0), (4_096, 512)])
def test_outputs_and_gradients_of_all_updates_equal_the_plain_twins(n_samples, post_filter, upsampling):
    """In training, so that phases shuffle as in the twin; 1,100 is padded and 2,000 has a stride of 2."""
    fast, plain, options = pairs(n_samples, post_filter=post_filter, upsampling=upsampling)
    arguments = inputs(n_samples)
    latent, real, condition = arguments
    with torch.no_grad():
        outputs = []
        for generator, discriminator in (fast, plain):
            torch.manual_seed(2)
            outputs.append((generator(latent, condition), *discriminator.judge(real, condition)))
    assert [tensor.shape for tensor in outputs[0]] == [(N, 1, n_samples), (N,), (N, LABELS)]
    for ours, wanted in zip(*outputs, strict=True):
        assert_same(ours, wanted, "outputs")
    assert_updates_agree(fast, plain, arguments, options)


@pytest.mark.usefixtures("float64")
def test_the_twin_notices_a_tap_in_the_wrong_place():
    fast, plain, options = pairs(1_024)
    with torch.no_grad():
        weight = fast[1].layers[1].weight
        weight.copy_(weight.roll(1, 1))
    with pytest.raises(AssertionError, match="off by"):
        assert_updates_agree(fast, plain, inputs(1_024), options)


@pytest.mark.kernels
@pytest.mark.parametrize("upsampling", ["transposed", "nearest"])
def test_in_float32_the_papers_form_gives_the_twins_samples_and_logits(upsampling):
    options = WaveGANSettings(width=8, upsampling=upsampling)
    fast, plain = (
        tuple(WAVEGAN.build(options, (1, 16_384), ()).values()),
        plain_wavegan.build(options, (1, 16_384), 0),
    )
    for which in (0, 1):
        plain[which].load_state_dict(plain_weights(which, fast[which].state_dict(), options))
    latent = fast[0].latent(2)
    with torch.no_grad():
        samples = fast[0](latent, None)
        torch.testing.assert_close(samples, plain[0](latent, None), atol=1e-6, rtol=0)
        noise = torch.rand(2, 1, 16_384) * 2 - 1
        logits = [networks[1].eval()(noise, None) for networks in (fast, plain)]
    torch.testing.assert_close(*logits, atol=1e-6, rtol=0)


def test_a_penalty_takes_no_gradient_that_it_does_not_need(monkeypatch):
    """In each layer, two of inputs or kernels: for the slope at the inputs, and for the kernel of that slope."""
    calls = []
    compute = convolution._gradients
    monkeypatch.setattr(
        convolution, "_gradients", lambda *given: calls.append(given[3] and "inputs") or compute(*given)
    )
    _, discriminator = WAVEGAN.build(small(), (1, 4_096), ()).values()
    points = torch.rand(2, 1, 4_096).requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(points, None).sum(), points, create_graph=True)
    assert calls == ["inputs"] * len(discriminator.layers)
    calls.clear()
    slope.square().sum().backward()
    assert calls == [False] * len(discriminator.layers)
    assert all(layer.weight.grad is not None for layer in discriminator.layers)


# ---- lengths ----


@pytest.mark.parametrize(
    ("n_samples", "start", "strides"),
    [
        (16_384, 16, (4,) * 5), (65_536, 16, (4,) * 6), (32_768, 16, (2, *(4,) * 5)), (1_024, 16, (4,) * 3),
        (1_048_576, 16, (4,) * 8), (48_000, 24, (2, *(4,) * 5)), (22_050, 22, (4,) * 5), (4_097, 17, (4,) * 4),
        (1_985, 16, (2, *(4,) * 3)),
    ],
)  # fmt: skip
def test_the_stride_plan(n_samples, start, strides):
    assert stride_plan(n_samples) == (start, strides)


def test_every_length_has_a_plan_close_to_it():
    for n_samples in [*range(1_024, 9_000, 7), *LENGTHS, *(length + 1 for length in LENGTHS), 2**20]:
        start, strides = stride_plan(n_samples)
        made = start * math.prod(strides)
        assert 16 <= start <= 31
        assert n_samples <= made <= n_samples * 16 / 15
        assert strides.count(2) <= 1
        assert set(strides) <= {2, 4}
        assert (start, list(strides)) == plain_wavegan.plan(n_samples)


@pytest.mark.parametrize("n_samples", [1_023, 2**20 + 1])
def test_other_lengths_are_refused(n_samples):
    with pytest.raises(ConfigError, match="1,024 to 1,048,576 samples"):
        stride_plan(n_samples)


@pytest.mark.parametrize(("n_samples", "widest"), [(16_384, 16), (65_536, 32), (262_144, 32)])
def test_channels_are_the_papers(n_samples, widest):
    generator, discriminator = WAVEGAN.build(small(width=2), (1, n_samples), ()).values()
    n_layers = len(stride_plan(n_samples)[1])
    widths = [2 * min(widest, 2**k) for k in reversed(range(n_layers))]
    assert generator.dense.out_features == 16 * widths[0]
    assert [layer.weight.shape for layer in generator.layers] == [
        (n_out, 25, n_in) for n_in, n_out in zip(widths, [*widths[1:], 1], strict=True)
    ]
    assert [layer.weight.shape for layer in discriminator.layers] == [
        (n_out, 25, n_in) for n_in, n_out in zip([1, *widths[:0:-1]], widths[::-1], strict=True)
    ]
    assert discriminator.head.logit.in_features == 16 * widths[0]


@pytest.mark.parametrize("n_samples", LENGTHS)
def test_sounds_of_any_length_are_made_and_judged(n_samples):
    generator, discriminator = WAVEGAN.build(
        WaveGANSettings(width=1, latent_size=3), (1, n_samples), (2,)
    ).values()
    condition = torch.eye(2)
    samples = generator(generator.latent(2), condition)
    assert samples.shape == (2, 1, n_samples)
    assert samples.dtype == torch.float32
    discriminator(samples, condition).sum().backward()
    assert all(p.grad.norm() > 0 for p in generator.parameters() if p.ndim > 1)


def test_samples_are_cut_and_padded_at_their_end():
    """1,100 and 1,152 = 18 * 4^3 samples have the same networks."""
    long, short = (tuple(WAVEGAN.build(small(), (1, n), ()).values()) for n in (1_152, 1_100))
    for ours, theirs in zip(short, long, strict=True):
        ours.load_state_dict(theirs.state_dict())
        ours.eval(), theirs.eval()
    latent, samples = long[0].latent(2), torch.rand(2, 1, 1_100)
    assert torch.equal(short[0](latent, None), long[0](latent, None)[:, :, :1_100])
    padded = torch.cat((samples, torch.zeros(2, 1, 52)), 2)
    assert torch.equal(short[1](samples, None), long[1](padded, None))


def test_phases_are_drawn_for_each_layer_and_call_in_training_alone(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "multigan.audio.networks.wavegan.phase_shuffle", lambda signal, shift: drawn.append(shift) or signal
    )
    _, discriminator = WAVEGAN.build(small(width=1), (1, 4_096), ()).values()
    samples = torch.zeros(1, 1, 4_096)
    calls = []
    for _ in range(100):
        discriminator(samples, None)
        calls.append(tuple(drawn))
        drawn.clear()
    assert {len(call) for call in calls} == {3}  # of four layers, all but the last
    assert {shift for call in calls for shift in call} == {-2, -1, 0, 1, 2}
    assert len(set(calls)) > 50
    assert any(len(set(call)) == 3 for call in calls)
    torch.manual_seed(5)
    discriminator(samples, None)
    torch.manual_seed(5)
    discriminator(samples, None)
    assert drawn[:3] == drawn[3:]
    drawn.clear()
    discriminator.eval()(samples, None)
    assert set(drawn) == {0}


def test_the_post_filter_runs_when_sampling():
    generator, _ = WAVEGAN.build(small(), (1, 1_024), ()).values()
    latent = generator.eval().latent(2)
    with torch.no_grad():
        before = generator(latent, None)
        generator.post_filter.taps.mul_(-3)
        torch.testing.assert_close(generator(latent, None), -3 * before)


# ---- contracts ----


@pytest.mark.parametrize("upsampling", ["transposed", "nearest"])
@pytest.mark.parametrize("n_labels", [LABELS, 0])
def test_it_keeps_the_contracts_of_an_architecture(n_labels, upsampling, tmp_path):
    raw = {"name": "wavegan", "width": 2, "latent_size": 4, "upsampling": upsampling}
    check_architecture(WORLD, raw, (1, 1_500), n_labels, tmp_path)


def test_latents_are_uniform():
    generator, _ = WAVEGAN.build(small(), (1, 1_024), ()).values()
    drawn = generator.latent(10_000, torch.Generator().manual_seed(1))
    assert drawn.shape == (10_000, 5)
    assert -1 <= drawn.min() < -0.99
    assert 0.99 < drawn.max() < 1
    assert abs(float(drawn.var()) - 1 / 3) < 0.01


@pytest.mark.parametrize(
    ("condition", "found"), [(None, "none"), (torch.zeros(N, 2), r"\[4, 2\]"), (torch.zeros(N), r"\[4\]")]
)
def test_a_condition_of_the_wrong_size_is_refused(condition, found):
    generator, discriminator = WAVEGAN.build(small(), (1, 1_024), (LABELS,)).values()
    with pytest.raises(ConfigError, match=rf"generator takes a condition \[N, 3\]; found {found}"):
        generator(generator.latent(N), condition)
    with pytest.raises(ConfigError, match=rf"discriminator takes a condition \[N, 3\]; found {found}"):
        discriminator(torch.zeros(N, 1, 1_024), condition)


@pytest.mark.parametrize("shape", [(2, 16_384), (16_384,), (1, 128, 128), (1, 100)])
def test_shapes_that_are_no_waveforms_are_refused(shape):
    with pytest.raises(ConfigError, match="WaveGAN makes"):
        WAVEGAN.build(small(), shape, ())


@pytest.mark.parametrize(
    "wrong",
    [{"width": 0}, {"latent_size": 0}, {"phase_shuffle": 17}, {"post_filter": -1}, {"upsampling": "linear"}],
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        load(WaveGANSettings, wrong, "architecture wavegan")


def test_the_condition_enters_by_projection():
    """logit(x, c) = logit(x, 0) + <V c, h>: linear in the condition."""
    _, discriminator = WAVEGAN.build(small(), (1, 1_024), (LABELS,)).values()
    samples, one = torch.rand(N, 1, 1_024), torch.eye(LABELS)[[0] * N]
    discriminator.eval()
    with torch.no_grad():
        without, half, whole = (discriminator(samples, share * one) for share in (0.0, 0.5, 1.0))
    assert (whole - without).abs().min() > 1e-4
    torch.testing.assert_close(half - without, (whole - without) / 2, atol=1e-6, rtol=0)


def test_the_judges_classes_come_from_the_sound_alone():
    _, discriminator = WAVEGAN.build(small(), (1, 1_024), (LABELS,)).values()
    samples, condition = torch.rand(N, 1, 1_024), torch.eye(LABELS)[[0, 1, 2, 0]]
    discriminator.eval()
    logits, classes = discriminator.judge(samples, condition)
    other_logits, other_classes = discriminator.judge(samples, condition.roll(1, 1))
    assert torch.equal(classes, other_classes)
    assert not torch.allclose(logits, other_logits)
    assert torch.equal(logits, discriminator(samples, condition))


@pytest.mark.kernels
def test_bfloat16_gives_float32_samples_and_gradients_near_those_of_float32():
    generator, discriminator = WAVEGAN.build(WaveGANSettings(width=4), (1, 4_096), ()).values()
    latent = generator.latent(N)

    def run(half):
        torch.manual_seed(1)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            samples = generator(latent, None)
            logits = discriminator(samples, None).float()
        weights = generator.layers[0].weight, discriminator.layers[0].weight
        return samples, *torch.autograd.grad(logits.sum(), weights)

    for ours, wanted in zip(run(True), run(False), strict=True):
        assert ours.dtype == torch.float32
        assert not torch.equal(ours, wanted)
        assert (ours - wanted).norm() < 0.25 * wanted.norm()
