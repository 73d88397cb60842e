"""The layers and resamplers of images: closed forms, adjoints, derivatives of both orders, zero-insertion twins."""

import math

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck
from torch.nn import functional

from multigan.image.networks.layers import Convolution, StyledConvolution, ToImage, modulated_convolution
from multigan.image.networks.resample import downsample, haar, inverse_haar, smooth, upsample
from multigan.layers import Linear, label_standard_deviation, minibatch_standard_deviation
from tests.worlds import plain_stylegan2

FILTERS = {
    "upsample": (upsample, lambda x: plain_stylegan2.upfirdn(x, up=2, pad=(2, 1))),
    "downsample": (downsample, lambda x: plain_stylegan2.upfirdn(x, pad=(1, 1))[:, :, ::2, ::2]),
    "smooth": (lambda x: smooth(x, 1, 4.0), lambda x: 4 * plain_stylegan2.upfirdn(x, pad=(1, 1))),
    "smooth-padding-2": (lambda x: smooth(x, 2), lambda x: plain_stylegan2.upfirdn(x, pad=(2, 2))),
}


@pytest.fixture(autouse=True)
def float64():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


def channels_last(tensor):
    return tensor.contiguous(memory_format=torch.channels_last)


# ---- equalised learning rates ----


@pytest.mark.parametrize("lr_multiplier", [1.0, 0.01])
def test_a_linear_layer_scales_at_run_time_and_starts_at_the_inverse_multiplier(lr_multiplier):
    """w ~ N(0, 1)/m, effective w m/sqrt(fan_in): variance 1/fan_in; the bias comes out as it was asked for."""
    layer = Linear(64, 500, bias=1.0, lr_multiplier=lr_multiplier)
    assert float(layer.weight.detach().std()) == pytest.approx(1 / lr_multiplier, rel=0.02)
    offset = layer(torch.zeros(1, 64)).detach()
    assert torch.allclose(offset, torch.ones(1, 500), rtol=1e-12)
    effective = (layer(torch.eye(64)) - offset).T
    assert torch.allclose(effective, layer.weight * lr_multiplier / 8, rtol=1e-10, atol=1e-14)
    assert float(layer(torch.randn(2000, 64)).detach().var()) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("lr_multiplier", [1.0, 0.01])
def test_one_step_moves_the_effective_weight_by_the_multiplier(lr_multiplier):
    """A step of size e on the weight moves the output by e m/sqrt(fan_in) an input, on the bias by e m."""
    layer = Linear(16, 1, lr_multiplier=lr_multiplier)
    before = layer(torch.ones(1, 16)).item()
    with torch.no_grad():
        layer.weight += 0.5
        middle = layer(torch.ones(1, 16)).item()
        layer.bias += 0.5
        after = layer(torch.ones(1, 16)).item()
    assert middle - before == pytest.approx(0.5 * lr_multiplier * 16 / 4, rel=1e-9)
    assert after - middle == pytest.approx(0.5 * lr_multiplier, rel=1e-9)


def test_an_active_linear_layer_is_a_leaky_relu_times_root_two():
    layer = Linear(1, 1, activate=True)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        layer.bias.fill_(0.5)
    outputs = layer(torch.tensor([[1.5], [-2.5]])).squeeze(1).tolist()
    assert outputs == pytest.approx([2.0 * math.sqrt(2), -2.0 * 0.2 * math.sqrt(2)], rel=1e-12)


def test_a_convolution_keeps_unit_variance_and_scales_by_its_fan_in():
    layer = Convolution(32, 32, 3, activate=False)
    assert float(layer.weight.detach().std()) == pytest.approx(1, rel=0.03)
    assert float(layer(torch.randn(4, 32, 16, 16))[:, :, 1:-1, 1:-1].detach().var()) == pytest.approx(
        1, rel=0.1
    )
    impulse = torch.zeros(1, 32, 3, 3)
    impulse[0, 5, 1, 1] = 1
    response = layer(impulse)[0].flip(1, 2)
    assert torch.allclose(response, layer.weight[:, 5] / math.sqrt(32 * 9), rtol=1e-12)


def test_a_gain_scales_a_convolution_with_its_bias_and_activation():
    images = torch.randn(2, 3, 8, 8)
    torch.manual_seed(1)
    plain = Convolution(3, 4, 3, down=True)
    torch.manual_seed(1)
    halved = Convolution(3, 4, 3, down=True, gain=0.5)
    with torch.no_grad():
        for layer in (plain, halved):
            layer.bias.copy_(torch.tensor([1.0, -1.0, 0.5, 0.0]))
    assert torch.allclose(halved(images), plain(images) / 2, rtol=1e-12)


@pytest.mark.parametrize("kernel", [1, 3])
def test_a_halving_convolution_filters_first(kernel):
    layer, images = Convolution(3, 4, kernel, down=True, activate=False, bias=False), torch.randn(2, 3, 8, 8)
    pad = (kernel + 1) // 2
    filtered = plain_stylegan2.upfirdn(images, pad=(pad, pad))
    wanted = functional.conv2d(filtered, layer.weight / math.sqrt(3 * kernel**2), stride=2)
    assert wanted.shape == (2, 4, 4, 4)
    assert torch.allclose(layer(images), wanted, rtol=1e-11, atol=1e-13)


# ---- modulation ----


def test_demodulated_outputs_have_unit_variance_whatever_the_style():
    weight, style = torch.randn(16, 8, 3, 3), torch.exp(2 * torch.randn(4, 8))
    outputs = modulated_convolution(torch.randn(4, 8, 64, 64), weight, style, demodulate=True)
    assert torch.allclose(outputs[:, :, 1:-1, 1:-1].var((2, 3)), torch.ones(4, 16), atol=0.2)


@pytest.mark.parametrize("up", [False, True])
def test_demodulation_undoes_any_scale_of_the_style_and_the_gain_is_applied_after_it(up):
    images, weight, style = torch.randn(2, 3, 4, 4), torch.randn(5, 3, 3, 3), torch.rand(2, 3) + 0.5
    once = modulated_convolution(images, weight, style, demodulate=True, up=up)
    assert torch.allclose(
        modulated_convolution(images, weight, style * 7, demodulate=True, up=up), once, rtol=1e-6
    )
    twice = modulated_convolution(images, weight, style, demodulate=True, up=up, gain=2.0)
    assert torch.allclose(twice, 2 * once, rtol=1e-12)
    assert once.shape == (2, 5, 8, 8) if up else (2, 5, 4, 4)


def test_modulation_scales_input_channels_sample_by_sample():
    """A 1x1 kernel: output = sum_i w_i s_i x_i."""
    images = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).reshape(2, 2, 1, 1)
    style = torch.tensor([[10.0, 100.0], [-1.0, 0.5]])
    outputs = modulated_convolution(
        images, torch.tensor([[1.0, 2.0]]).reshape(1, 2, 1, 1), style, demodulate=False
    )
    assert outputs.flatten().tolist() == pytest.approx([410.0, 1.0], rel=1e-12)


@pytest.mark.parametrize("up", [False, True])
def test_the_derivatives_of_a_modulated_convolution_are_right_to_second_order(up):
    arguments = [torch.randn(2, 2, 3, 3), torch.randn(3, 2, 3, 3), torch.rand(2, 2) + 0.5]
    arguments = [argument.requires_grad_() for argument in arguments]

    def layer(images, weight, style):
        return modulated_convolution(images, weight, style, demodulate=True, up=up)

    assert gradcheck(layer, arguments)
    assert gradgradcheck(layer, arguments)


def test_noise_enters_by_its_strength_before_the_activation():
    layer = StyledConvolution(2, 2, 3, 4).eval()
    images, style = torch.zeros(1, 2, 4, 4), torch.randn(1, 3)
    assert torch.equal(layer(images, style), torch.zeros(1, 2, 4, 4))  # the strength starts at 0
    with torch.no_grad():
        layer.noise_strength.fill_(3.0)
        layer.bias.copy_(torch.tensor([0.5, -0.5]))
    before = 3 * layer.noise + layer.bias[:, None, None]
    assert torch.allclose(layer(images, style), functional.leaky_relu(before, 0.2) * math.sqrt(2), rtol=1e-12)


def test_training_noise_is_one_map_a_sample_for_all_channels():
    layer = StyledConvolution(2, 3, 3, 4)
    with torch.no_grad():
        layer.noise_strength.fill_(1.0)
    maps = layer(torch.zeros(400, 2, 4, 4), torch.randn(400, 3)).detach() / math.sqrt(2)
    assert torch.equal(maps[:, :1].expand_as(maps), maps)
    drawn = torch.where(maps > 0, maps, maps / 0.2)[:, 0]
    assert float(drawn.mean()) == pytest.approx(0, abs=0.05)
    assert float(drawn.std()) == pytest.approx(1, rel=0.05)


def test_a_fresh_layer_does_not_modulate_and_an_image_layer_does_not_demodulate():
    """The style's bias starts at 1, so that a zero style leaves the channels as they are."""
    layer, images = ToImage(4, 3, 5), torch.randn(2, 4, 2, 2)
    wanted = functional.conv2d(images, layer.weight / 2)
    assert torch.allclose(layer(images, torch.zeros(2, 5)), wanted, rtol=1e-11, atol=1e-13)


# ---- the resampling filter ----


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("layout", [torch.Tensor.contiguous, channels_last], ids=["nchw", "channels_last"])
def test_filters_equal_zero_insertion_padding_and_convolution(name, layout):
    fast, plain = FILTERS[name]
    images = torch.randn(2, 3, 6, 8)
    found = fast(layout(images))
    assert torch.allclose(found, plain(images), rtol=1e-12, atol=1e-14)
    if layout is channels_last:
        assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", FILTERS)
def test_filters_are_differentiated_right_to_second_order(name):
    images = torch.randn(1, 2, 4, 4, requires_grad=True)
    assert gradcheck(FILTERS[name][0], [images])
    assert gradgradcheck(FILTERS[name][0], [images])
    assert gradgradcheck(
        lambda x: FILTERS[name][0](x).square(), [images]
    )  # not linear: both orders carry values


@pytest.mark.parametrize("name", FILTERS)
def test_the_gradient_of_a_filter_is_its_adjoint(name):
    """<F x, y> = <x, F^T y>, with F^T from the backward pass and again from the backward pass of that."""
    fast, plain = FILTERS[name]
    images = torch.randn(2, 3, 6, 6, requires_grad=True)
    outputs = fast(images)
    probe = torch.randn(outputs.shape, requires_grad=True)
    (adjoint,) = torch.autograd.grad(outputs, images, probe, create_graph=True)
    products = [(a * b).detach().sum().item() for a, b in ((outputs, probe), (images, adjoint))]
    assert products[0] == pytest.approx(products[1], rel=1e-11)
    (wanted,) = torch.autograd.grad(plain(images), images, probe)
    assert torch.allclose(adjoint, wanted, rtol=1e-12, atol=1e-14)
    other = torch.randn(images.shape)
    (again,) = torch.autograd.grad(adjoint, probe, other)
    assert torch.allclose(again, plain(other), rtol=1e-12, atol=1e-14)


def test_resampling_keeps_constants_away_from_the_border():
    ones = torch.ones(1, 2, 8, 8)
    assert torch.allclose(upsample(ones)[:, :, 1:-1, 1:-1], torch.ones(1, 2, 14, 14), rtol=1e-12)
    assert torch.allclose(downsample(ones)[:, :, 1:-1, 1:-1], torch.ones(1, 2, 2, 2), rtol=1e-12)
    assert torch.allclose(smooth(ones, 2)[:, :, 2:-2, 2:-2], torch.ones(1, 2, 5, 5), rtol=1e-12)


def test_upsampling_is_four_times_the_transpose_of_downsampling():
    low, high = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 8, 8)
    assert float((upsample(low) * high).sum()) == pytest.approx(
        4 * float((low * downsample(high)).sum()), rel=1e-12
    )


def test_an_impulse_is_spread_by_the_filter():
    """Upsampling puts [1, 3, 3, 1]/4 along each axis, two pixels on each side of the impulse's centre."""
    impulse = torch.zeros(1, 1, 5, 5)
    impulse[0, 0, 2, 2] = 1
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4
    wanted = torch.zeros(10, 10)
    wanted[3:7, 3:7] = torch.outer(taps, taps)
    assert torch.allclose(upsample(impulse)[0, 0], wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", FILTERS)
def test_filters_keep_the_precision_of_their_input(name):
    images = torch.randn(2, 3, 6, 6)
    coarse = FILTERS[name][0](images.bfloat16())
    assert coarse.dtype == torch.bfloat16
    assert torch.allclose(coarse.double(), FILTERS[name][1](images), atol=0.05)


# ---- the wavelet ----


def test_haar_bands_of_one_block_by_hand():
    block = torch.tensor([[1.0, 2.0], [4.0, 8.0]]).reshape(1, 1, 2, 2)
    assert haar(block).flatten().tolist() == [7.5, -2.5, -4.5, 1.5]


def test_haar_is_orthonormal_and_inverted():
    images, bands = torch.randn(2, 3, 8, 8), torch.randn(2, 12, 4, 4)
    assert haar(images).shape == (2, 12, 4, 4)
    assert torch.allclose(haar(images), plain_stylegan2.haar(images), rtol=1e-12, atol=1e-14)
    assert torch.allclose(inverse_haar(haar(images)), images, rtol=1e-12, atol=1e-14)
    assert torch.allclose(haar(inverse_haar(bands)), bands, rtol=1e-12, atol=1e-14)
    assert float(haar(images).norm()) == pytest.approx(float(images.norm()), rel=1e-12)
    assert float((haar(images) * bands).sum()) == pytest.approx(
        float((images * inverse_haar(bands)).sum()), rel=1e-11
    )


def test_the_inverse_scales_detail_bands_only():
    bands = torch.randn(2, 12, 4, 4)
    scaled = torch.cat((bands[:, :3], bands[:, 3:] * 0.25), 1)
    assert torch.allclose(inverse_haar(bands, 0.25), inverse_haar(scaled), rtol=1e-12, atol=1e-14)
    assert torch.allclose(
        inverse_haar(bands, 0.25), plain_stylegan2.inverse_haar(bands, 0.25), rtol=1e-12, atol=1e-14
    )
    flat = torch.zeros(1, 4, 1, 1)
    flat[:, 0] = 2
    assert inverse_haar(flat, 0.25).flatten().tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("transform", [haar, inverse_haar, lambda x: inverse_haar(x, 0.25)])
def test_the_wavelet_is_differentiated_right_to_second_order(transform):
    images = torch.randn(1, 4, 4, 4, requires_grad=True)
    assert gradcheck(transform, [images])
    assert gradgradcheck(lambda x: transform(x).square(), [images])


# ---- minibatch standard deviation ----


def test_groups_are_strided_and_each_sample_gets_its_groups_mean_deviation():
    """N = 4 in groups of 2: samples {0, 2} and {1, 3}; pixels 0 and 2 apart deviate by 1, 0 and 6 apart by 3."""
    features = torch.tensor([[0.0, 0.0], [0.0, 5.0], [2.0, 2.0], [6.0, 5.0]]).reshape(4, 2, 1, 1)
    outputs = minibatch_standard_deviation(features, 2)
    assert torch.equal(outputs[:, :2], features)
    assert outputs[:, 2].flatten().tolist() == pytest.approx([1, 1.5, 1, 1.5], abs=1e-4)


@pytest.mark.parametrize(
    ("n", "asked", "used"), [(8, 4, 4), (6, 4, 3), (7, 4, 1), (2, 4, 2), (1, 4, 1), (12, 5, 4)]
)
def test_the_group_is_the_largest_that_divides_the_batch(n, asked, used):
    features = torch.randn(n, 3, 4, 4)
    outputs = minibatch_standard_deviation(features, asked)
    assert torch.allclose(outputs, plain_stylegan2.minibatch_standard_deviation(features, used), rtol=1e-12)
    assert outputs.shape == (n, 4, 4, 4)
    assert len(outputs[:, 3, 0, 0].unique()) == n // used if used > 1 else 1


def test_a_collapsed_batch_has_deviation_near_zero_and_a_finite_gradient():
    features = torch.ones(4, 3, 2, 2, requires_grad=True)
    outputs = minibatch_standard_deviation(features, 4)
    assert torch.allclose(outputs[:, 3], torch.full((4, 2, 2), 1e-4), rtol=1e-9)  # sqrt(1e-8)
    outputs.sum().backward()
    assert bool(torch.isfinite(features.grad).all())


def test_the_deviation_is_computed_in_full_precision():
    """bfloat16 would round 100 + 0.25 to 100; in float32 the values that are there have their deviation."""
    features = (100 + torch.arange(4).reshape(4, 1, 1, 1) * 0.5).bfloat16().expand(4, 2, 2, 2)
    outputs = minibatch_standard_deviation(features, 4)
    assert outputs.dtype == torch.bfloat16
    wanted = features.double()[:, 0, 0, 0].std(unbiased=False)
    assert float(outputs[0, 2, 0, 0]) == pytest.approx(float(wanted), rel=0.01)


def test_deviation_within_labels_by_hand():
    """Samples 0, 2 and 3 have one label, 1 and 4 another, 5 a third: unbiased variances 4, 0.5 and none."""
    values = torch.tensor([1.0, 7, 3, 5, 8, 100], dtype=torch.float64)
    features = values[:, None, None, None].expand(6, 2, 4, 4)
    condition = torch.tensor([[0.5, 0, 0], [0, 1, 0], [1, 0, 0], [0.7, 0, 0], [0, 0.6, 0], [0, 0, 1]])
    outputs = label_standard_deviation(features, condition.double())
    assert outputs.shape == (6, 3, 4, 4)
    expected = torch.tensor([2, 0.5**0.5, 2, 2, 0.5**0.5, 0], dtype=torch.float64)
    torch.testing.assert_close(outputs[:, 2, 1, 2], expected, atol=2e-4, rtol=0)
    assert torch.equal(outputs[:, :2], features)


def test_samples_without_a_label_are_among_themselves():
    """0 and 1 have the first label, 2 and 3 none: variances 2 and 8."""
    features = torch.tensor([1.0, 3, 2, 6], dtype=torch.float64)[:, None, None, None].expand(4, 2, 4, 4)
    condition = torch.tensor([[1.0, 0], [0.5, 0], [0, 0], [0, 0]], dtype=torch.float64)
    seen = label_standard_deviation(features, condition)[:, 2, 0, 0]
    torch.testing.assert_close(
        seen, torch.tensor([2, 2, 8, 8], dtype=torch.float64).sqrt(), atol=2e-4, rtol=0
    )


def test_deviation_within_labels_is_not_moved_by_what_sets_labels_apart():
    torch.manual_seed(0)
    features = torch.randn(12, 3, 4, 4, dtype=torch.float64)
    condition = torch.eye(3, dtype=torch.float64)[torch.arange(12) // 4]
    apart = features + 10 * condition.argmax(1)[:, None, None, None]
    alike = features * 0.1 + 10 * condition.argmax(1)[:, None, None, None]
    seen = [label_standard_deviation(x, condition)[:, 3, 0, 0] for x in (features, apart, alike)]
    torch.testing.assert_close(seen[0], seen[1])
    torch.testing.assert_close(seen[0], 10 * seen[2], rtol=1e-4, atol=0)
    grouped = [minibatch_standard_deviation(x, 4)[:, 3, 0, 0] for x in (apart, alike)]
    assert bool((grouped[1] > 0.5 * grouped[0]).all())  # in groups of mixed labels the collapse hardly shows


def test_deviation_within_labels_has_finite_slopes_of_both_orders_where_a_label_comes_once():
    features = torch.randn(3, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    outputs = label_standard_deviation(features, torch.eye(3, dtype=torch.float64))
    (slope,) = torch.autograd.grad(outputs.square().sum(), features, create_graph=True)
    (second,) = torch.autograd.grad(slope.square().sum(), features)
    assert bool(slope.isfinite().all())
    assert bool(second.isfinite().all())
