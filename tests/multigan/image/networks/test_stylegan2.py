"""StyleGAN2 against its plain twin in float64 (outputs, gradients of all four updates), and its contracts."""

import math

import pytest
import torch
from torch.nn.functional import softplus

from multigan.config import load
from multigan.errors import ConfigError
from multigan.image.networks.stylegan2 import (
    HALF_WAVELET_STYLEGAN2,
    STYLEGAN2,
    WAVELET_STYLEGAN2,
    StyleGAN2Settings,
)
from tests.worlds import plain_stylegan2

N, LABELS = 8, 3
ARCHITECTURES = {
    "skip": (STYLEGAN2, "skip"),
    "residual": (STYLEGAN2, "residual"),
    "wavelet": (WAVELET_STYLEGAN2, "skip"),
    "wavelet-residual": (WAVELET_STYLEGAN2, "residual"),
    "half-wavelet": (HALF_WAVELET_STYLEGAN2, "skip"),
}
IN_WAVELETS = {
    STYLEGAN2: (False, False),
    WAVELET_STYLEGAN2: (True, True),
    HALF_WAVELET_STYLEGAN2: (False, True),
}
"""Whether the generator and the discriminator are in wavelet space."""


@pytest.fixture(autouse=True)
def float64():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


def small(**more):
    chosen = {"channel_base": 128, "channel_max": 12, "latent_size": 10, "style_size": 9} | more
    return StyleGAN2Settings(**chosen)


def pairs(name, resolution, **more):
    """(generator, discriminator) fast and plain, with the same weights (none of them zero) and noise."""
    architecture, kind = ARCHITECTURES[name]
    options, shape = small(generator=kind, **more), (3, resolution, resolution)
    fast = tuple(architecture.build(options, shape, (LABELS,)).values())
    plain = plain_stylegan2.build(options, shape, LABELS, IN_WAVELETS[architecture])
    for quick, slow in zip(fast, plain, strict=True):
        with torch.no_grad():
            for parameter in quick.parameters():
                parameter.add_(torch.randn(parameter.shape), alpha=0.3)
        slow.load_state_dict(quick.state_dict())
    return fast, plain


def inputs(resolution):
    condition = torch.eye(LABELS)[torch.arange(N) % LABELS] * torch.rand(N, 1)
    return torch.randn(N, 10), torch.rand(N, 3, resolution, resolution) * 2 - 1, condition


# ---- the four updates, written out: (networks, latent, real, condition) -> loss ----


def non_saturating(generator, discriminator, latent, real, condition):
    return softplus(-discriminator(generator(latent, condition), condition)).mean()


def path_length(generator, discriminator, latent, real, condition):
    styles = generator.mapping(latent, condition)
    samples = generator.synthesis(styles)
    direction = torch.randn(samples.shape, generator=torch.Generator().manual_seed(1)) / samples.shape[-1]
    (slope,) = torch.autograd.grad((samples * direction).sum(), styles, create_graph=True)
    return (slope.square().sum(2).mean(1).sqrt() - 0.1).square().mean()


def logistic(generator, discriminator, latent, real, condition):
    with torch.no_grad():
        fake = generator(latent, condition)
    real_logits, classes = discriminator.judge(real, condition)
    losses = softplus(-real_logits) + softplus(discriminator(fake, condition))
    return (losses - (condition * classes.log_softmax(1)).sum(1)).mean()


def r1(generator, discriminator, latent, real, condition):
    real = real.clone().requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(real, condition).sum(), real, create_graph=True)
    return slope.square().sum((1, 2, 3)).mean()


UPDATES = {"generator": (non_saturating, path_length), "discriminator": (logistic, r1)}


def gradients(networks, update, arguments):
    """The loss, and its gradient for every parameter of both networks (zeros where it has none)."""
    torch.manual_seed(2)
    named = [pair for network in networks for pair in network.named_parameters()]
    loss = update(*networks, *arguments)
    found = torch.autograd.grad(loss, [parameter for _, parameter in named], allow_unused=True)
    return loss, {
        f"{i}.{name}": torch.zeros_like(parameter) if gradient is None else gradient
        for i, ((name, parameter), gradient) in enumerate(zip(named, found, strict=True))
    }


def assert_same(found, wanted, what):
    error, size = float((found - wanted).detach().norm()), float(wanted.detach().norm())
    # a bias adds up thousands of terms that cancel: some processors' kernels round it by 8e-15 of 2e-3
    assert error <= 1e-12 * size + 1e-13, f"{what}: off by {error:.1e} of {size:.1e}"


def assert_updates_agree(fast, plain, arguments):
    for network, updates in UPDATES.items():
        for update in updates:
            loss, found = gradients(fast, update, arguments)
            wanted_loss, wanted = gradients(plain, update, arguments)
            assert_same(loss, wanted_loss, update.__name__)
            for name in wanted:
                assert_same(found[name], wanted[name], f"{update.__name__}, {name}")
            own = [value for name, value in wanted.items() if (network == "generator") == (".blocks" in name)]
            assert any(value.norm() > 0 for value in own)


@pytest.mark.kernels
@pytest.mark.parametrize("training", [False, True], ids=["constant-noise", "drawn-noise-and-mixing"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_outputs_and_every_gradient_of_all_updates_equal_the_plain_twins(name, training):
    fast, plain = pairs(name, 16)
    for network in (*fast, *plain):
        network.train(training)
    arguments = inputs(16)
    latent, real, condition = arguments
    with torch.no_grad():
        images, logits = [], []
        for generator, discriminator in (fast, plain):
            torch.manual_seed(2)
            images.append(generator(latent, condition))
            logits.append(discriminator(real, condition))
    assert images[0].shape == (N, 3, 16, 16)
    assert logits[0].shape == (N,)
    assert_same(*images, "images")
    assert_same(*logits, "logits")
    assert_updates_agree(fast, plain, arguments)


@pytest.mark.kernels
@pytest.mark.parametrize("name", ["skip", "wavelet"])
def test_they_agree_at_the_next_resolution_and_without_noise(name):
    fast, plain = pairs(name, 32, noise=False, mapping_layers=3, minibatch_group=3)
    assert_updates_agree(fast, plain, inputs(32))


@pytest.mark.kernels
@pytest.mark.parametrize("name", ["skip", "wavelet-residual"])
def test_a_clamp_bounds_every_convolution_but_the_shortcuts(name):
    """As in the official code: of activations, before the gain of residual blocks, and of image layers."""
    fast, plain = pairs(name, 16, conv_clamp=0.7)
    arguments = inputs(16)
    unclamped = plain[0].eval()(arguments[0], arguments[2])
    for network in (*fast, *plain):
        network.eval()
    for network in plain:
        for path, module in network.named_modules():
            if (
                type(module).__name__ in ("Convolution", "StyledConvolution", "ToImage")
                and "short" not in path
            ):
                module.register_forward_hook(lambda _module, _given, features: features.clamp(-0.7, 0.7))
    assert (plain[0](arguments[0], arguments[2]) - unclamped).abs().max() > 0.1
    assert_updates_agree(fast, plain, arguments)


@pytest.mark.parametrize("name", ["skip", "wavelet"])
def test_no_clamp_and_one_that_nothing_reaches_are_the_same_bits(name):
    torch.manual_seed(0)
    free = pairs(name, 16)[0]
    torch.manual_seed(0)
    bounded = pairs(name, 16, conv_clamp=256.0)[0]
    latent, real, condition = inputs(16)
    with torch.no_grad():
        for one, other, given in zip(free, bounded, (latent, real), strict=True):
            assert torch.equal(one.eval()(given, condition), other.eval()(given, condition))


def test_a_clamp_is_above_0():
    with pytest.raises(ConfigError, match=r"conv_clamp is a number above 0, or null for none, found 0"):
        load(StyleGAN2Settings, {"conv_clamp": 0}, "architecture")
    assert load(StyleGAN2Settings, {"conv_clamp": None}, "architecture").conv_clamp is None


def test_the_twin_notices_a_wrong_gain():
    """The comparison can fail: a part in a million in one weight's gain is seen."""
    fast, plain = pairs("skip", 16)
    fast[1].blocks[1].first.weight_gain *= 1 + 1e-6
    with pytest.raises(AssertionError, match="off by"):
        assert_updates_agree(fast, plain, inputs(16))


@pytest.mark.parametrize("name", ["skip", "wavelet"])
def test_in_training_without_gradient_the_output_is_that_with_gradient(name):
    """Paths taken only under ``no_grad`` change nothing."""
    (generator, discriminator), _ = pairs(name, 16)
    latent, real, condition = inputs(16)
    torch.manual_seed(2)
    images, logits = generator(latent, condition), discriminator(real, condition)
    with torch.no_grad():
        torch.manual_seed(2)
        assert_same(generator(latent, condition), images, "images")
        assert_same(discriminator(real, condition), logits, "logits")


# ---- layout and precision ----


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_channels_last_is_kept_from_end_to_end(name):
    """Every convolution takes and gives channels_last (NCHW kernels and conversions are slower on a CPU)."""
    networks, _ = pairs(name, 32)
    latent, _, condition = inputs(32)
    seen = []

    def look(module, arguments, output):
        tensors = [
            value for value in (*arguments, output) if isinstance(value, torch.Tensor) and value.ndim == 4
        ]
        wide = [value for value in tensors if value.shape[1] > 1 and value.shape[2] > 1]
        seen.extend((module, value.is_contiguous(memory_format=torch.channels_last)) for value in wide)

    for network in networks:
        for module in network.modules():
            if type(module).__name__ in ("Convolution", "StyledConvolution", "ToImage"):
                module.register_forward_hook(look)
                assert module.weight.is_contiguous(memory_format=torch.channels_last)
    generator, discriminator = networks
    discriminator(generator(latent, condition), condition)
    assert len(seen) > 20
    assert [type(module).__name__ for module, kept in seen if not kept] == []


@pytest.mark.kernels
@pytest.mark.parametrize("name", ["skip", "residual", "wavelet"])
def test_bfloat16_autocast_gives_float32_images_near_those_of_float32(name):
    torch.set_default_dtype(torch.float32)
    (generator, discriminator), _ = pairs(name, 16)
    latent, real, condition = inputs(16)
    generator.eval()
    with torch.no_grad():
        exact, exact_logits = generator(latent, condition), discriminator(real, condition)
    with torch.autocast("cpu", torch.bfloat16):
        images, logits = generator(latent, condition), discriminator(real, condition)
        logits.float().sum().backward()
    assert images.dtype == torch.float32
    assert float((images.detach() - exact).norm() / exact.norm()) < 0.03
    assert float((logits.detach().float() - exact_logits).norm() / exact_logits.norm()) < 0.1
    assert all(p.grad is None or p.grad.dtype == torch.float32 for p in discriminator.parameters())


# ---- evaluation ----


@pytest.mark.kernels
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_evaluation_is_a_function_of_the_inputs_whatever_else_is_in_the_batch(name):
    (generator, _), _ = pairs(name, 16)
    generator.eval()
    latent, _, condition = inputs(16)
    with torch.no_grad():
        images = generator(latent, condition)
        assert torch.equal(generator(latent, condition), images)
        one_by_one = [generator(latent[i : i + 1], condition[i : i + 1]) for i in range(N)]
        backwards = generator(latent.flip(0), condition.flip(0)).flip(0)
    assert_same(torch.cat(one_by_one), images, "one by one")
    assert_same(backwards, images, "backwards")


def test_training_draws_noise_and_evaluation_does_not():
    (generator, _), _ = pairs("skip", 16, style_mixing=0.0)
    latent, _, condition = inputs(16)
    assert not torch.allclose(generator(latent, condition), generator(latent, condition))
    generator.eval()
    assert torch.equal(generator(latent, condition), generator(latent, condition))


def test_a_fresh_generator_has_no_noise_yet_and_without_noise_it_never_draws():
    latent, _, condition = inputs(16)
    fresh, _ = STYLEGAN2.build(small(style_mixing=0.0), (3, 16, 16), (LABELS,)).values()
    assert torch.equal(fresh(latent, condition), fresh(latent, condition))
    silent, _ = STYLEGAN2.build(small(style_mixing=0.0, noise=False), (3, 16, 16), (LABELS,)).values()
    assert not [name for name in silent.state_dict() if "noise" in name]
    before = torch.get_rng_state()
    silent(latent, condition)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_latent_is_drawn_from_the_random_state_that_is_given():
    (generator, _), _ = pairs("skip", 16)
    first, second = (generator.latent(4, torch.Generator().manual_seed(3)) for _ in range(2))
    assert first.shape == (4, 10)
    assert torch.equal(first, second)
    assert not torch.equal(generator.latent(4), first)


# ---- style mixing ----


def mixed_styles(generator, latent, condition):
    """The styles that synthesis receives."""
    seen = []
    generator.synthesis = lambda styles: seen.append(styles) or styles
    generator(latent, condition)
    del generator.synthesis
    return seen[0]


def test_style_mixing_takes_two_latents_with_a_cutoff_for_each_sample():
    (generator, _), _ = pairs("skip", 16, style_mixing=1.0)
    latent, condition = torch.randn(400, 10), torch.eye(LABELS)[torch.arange(400) % LABELS]
    own = generator.mapping(latent, condition)
    styles = mixed_styles(generator, latent, condition)
    assert styles.shape == own.shape == (400, 6, 9)
    is_own = (styles == own).all(2)  # [N, L]
    assert bool(is_own[:, 0].all())
    assert bool((is_own[:, 1:] <= is_own[:, :-1]).all())  # own up to the cut-off, the other's from there on
    assert set(is_own.sum(1).tolist()) == {1, 2, 3, 4, 5}
    others = torch.where(is_own[..., None], math.nan, styles)[:, 1:]
    last = styles[:, -1:].expand_as(others)
    assert torch.equal(others.nan_to_num(), torch.where(others.isnan(), 0, last))  # one other latent a sample


def test_style_mixing_happens_as_often_as_asked_and_never_in_evaluation():
    (generator, _), _ = pairs("skip", 16, style_mixing=0.5)
    latent, condition = torch.randn(400, 10), torch.eye(LABELS)[torch.arange(400) % LABELS]
    own = generator.mapping(latent, condition)
    share = (mixed_styles(generator, latent, condition) != own).flatten(1).any(1).double().mean()
    assert 0.4 < float(share) < 0.6  # 4 standard deviations
    generator.eval()
    assert torch.equal(mixed_styles(generator, latent, condition), own)
    (generator, _), _ = pairs("skip", 16, style_mixing=0.0)
    own = generator.mapping(latent, condition)
    assert torch.equal(mixed_styles(generator, latent, condition), own)


# ---- conditions ----


def test_the_condition_steers_both_networks():
    (generator, discriminator), _ = pairs("skip", 16)
    generator.eval()
    latent, real, condition = inputs(16)
    other = condition.roll(1, 1)
    assert not torch.allclose(generator(latent, condition), generator(latent, other))
    assert not torch.allclose(discriminator(real, condition), discriminator(real, other))
    classes = discriminator.judge(real, condition)[1]
    assert classes.shape == (N, LABELS)
    assert torch.equal(classes, discriminator.judge(real, other)[1])  # read from the image alone


@pytest.mark.parametrize(
    ("shape", "found"), [(None, "none"), ((N, 4), r"\[8, 4\]"), ((N,), r"\[8\]"), ((N, 3, 1), r"\[8, 3, 1\]")]
)
def test_a_condition_that_does_not_fit_is_named(shape, found):
    (generator, discriminator), _ = pairs("skip", 16)
    latent, real, _ = inputs(16)
    condition = None if shape is None else torch.zeros(shape)
    with pytest.raises(ConfigError, match=rf"generator takes a condition \[N, 3\]; found {found}"):
        generator(latent, condition)
    with pytest.raises(ConfigError, match=rf"discriminator takes a condition \[N, 3\]; found {found}"):
        discriminator(real, condition)


def test_networks_without_labels_take_no_condition():
    generator, discriminator = STYLEGAN2.build(small(), (1, 16, 16), ()).values()
    images = generator(torch.randn(2, 10), None)
    assert images.shape == (2, 1, 16, 16)
    assert discriminator(images, None).shape == (2,)
    assert not [
        name for network in (generator, discriminator) for name in network.state_dict() if "embed" in name
    ]


# ---- sizes ----


@pytest.mark.parametrize("architecture", IN_WAVELETS, ids=lambda a: a.name)
@pytest.mark.parametrize("resolution", [16, 32, 64, 128, 256, 512, 1024])
def test_every_resolution_can_be_built_and_run(architecture, resolution):
    torch.set_default_dtype(torch.float32)
    options = small(channel_base=64, channel_max=4, latent_size=4, style_size=4)
    generator, discriminator = architecture.build(options, (3, resolution, resolution), (LABELS,)).values()
    levels, seen = (int(math.log2(resolution)) - 1 - wavelet for wavelet in IN_WAVELETS[architecture])
    assert len(generator.blocks) == levels
    assert len(discriminator.blocks) == seen - 1
    assert generator.mapping(torch.randn(1, 4), torch.eye(LABELS)[:1]).shape == (1, 2 * levels, 4)
    if resolution <= 128:
        with torch.no_grad():
            images = generator(torch.randn(1, 4), torch.eye(LABELS)[:1])
            assert images.shape == (1, 3, resolution, resolution)
            assert bool(torch.isfinite(discriminator(images, torch.eye(LABELS)[:1])).all())


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 2048, 2048), (3, 48, 48), (3, 16, 32), (16, 16), (3, 0, 0)])
@pytest.mark.parametrize("architecture", IN_WAVELETS, ids=lambda a: a.name)
def test_a_shape_that_cannot_be_made_is_named(architecture, shape):
    with pytest.raises(ConfigError, match=r"power-of-two side from 16 to 1024; found \["):
        architecture.build(small(), shape, ())


@pytest.mark.parametrize("name", ["skip", "wavelet", "half-wavelet"])
def test_channels_follow_the_base_and_the_maximum(name):
    (generator, discriminator), _ = pairs(name, 32)
    wanted = [
        [max(min(128 // size, 12), 4) for size in ([4, 8, 16] if wavelet else [4, 8, 16, 32])]
        for wavelet in IN_WAVELETS[ARCHITECTURES[name][0]]
    ]
    assert [block.refine.weight.shape[0] for block in generator.blocks] == wanted[0]
    assert [block.first.weight.shape[0] for block in discriminator.blocks] == wanted[1][:0:-1]
