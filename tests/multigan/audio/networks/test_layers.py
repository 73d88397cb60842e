"""The convolutions, phase shuffle and post-filter of WaveGAN by hand."""

import pytest
import torch

from multigan.audio.networks import convolution
from multigan.audio.networks.layers import (
    PostFilter,
    StridedConvolution,
    UpsamplingConvolution,
    phase_shuffle,
)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("slope", [1.0, 0.2, 0.0])
def test_the_convolutions_derivatives_are_those_of_finite_differences(slope):
    inputs, kernel, bias = (
        torch.randn(*shape, dtype=torch.float64) for shape in ((2, 6, 3), (4, 5, 3), (4,))
    )
    arguments = tuple(tensor.requires_grad_() for tensor in (inputs, kernel, bias))

    def function(*tensors):
        return convolution.convolve(*tensors, slope)

    assert torch.autograd.gradcheck(function, arguments)
    assert torch.autograd.gradgradcheck(function, arguments)


def one_tap(layer, tap):
    with torch.no_grad():
        layer.weight.zero_()[0, tap] = 1
    return layer


@pytest.mark.parametrize(("stride", "before"), [(4, 10), (2, 11)])
def test_a_strided_convolution_has_tensorflows_zeros(stride, before):
    signal = torch.arange(1.0, 33)
    for tap in (0, before, 24):
        found = one_tap(StridedConvolution(1, 1, stride, 1.0), tap)(signal.reshape(1, 32, 1)).flatten()
        places = stride * torch.arange(32 // stride) + tap - before
        inside = (places >= 0) & (places < 32)
        assert torch.equal(found, torch.where(inside, signal[places.clamp(0, 31)], 0.0))


@pytest.mark.parametrize(("stride", "before"), [(4, 10), (2, 11)])
def test_a_transposed_convolution_is_the_adjoint_of_the_strided_one(stride, before):
    signal = torch.arange(1.0, 9)
    for tap in (0, 14, 24):
        layer = one_tap(UpsamplingConvolution(1, 1, stride, 1.0, "transposed"), tap)
        places = stride * torch.arange(8) + (24 - tap) - before
        wanted = torch.zeros(8 * stride)
        inside = (places >= 0) & (places < len(wanted))
        wanted[places[inside]] = signal[inside]
        assert torch.equal(layer(signal.reshape(1, 8, 1)).flatten(), wanted)


@pytest.mark.parametrize("stride", [2, 4])
def test_nearest_upsampling_repeats_and_then_convolves(stride):
    signal = torch.arange(1.0, 9)
    repeated = torch.nn.functional.pad(signal.repeat_interleave(stride), (12, 12))
    for tap in (0, 12, 24):
        layer = one_tap(UpsamplingConvolution(1, 1, stride, 1.0, "nearest"), tap)
        found = layer(signal.reshape(1, 8, 1)).flatten()
        assert torch.equal(found, repeated[tap : tap + 8 * stride])


def test_few_channels_in_blocks_are_the_same():
    plain, blocks = (UpsamplingConvolution(3, 1, 4, 1.0, "transposed", block) for block in (1, 4))
    blocks.load_state_dict(plain.state_dict())
    signal = torch.randn(2, 16, 3)
    torch.testing.assert_close(blocks(signal), plain(signal), atol=1e-6, rtol=0)


def test_phase_shuffle_by_hand():
    signal = torch.arange(1.0, 7).reshape(1, 6, 1).repeat(1, 1, 2)
    for shift, wanted in {
        0: [1, 2, 3, 4, 5, 6],
        1: [2, 1, 2, 3, 4, 5],
        2: [3, 2, 1, 2, 3, 4],
        -1: [2, 3, 4, 5, 6, 5],
        -2: [3, 4, 5, 6, 5, 4],
    }.items():
        found = phase_shuffle(signal, shift)
        assert found[0, :, 0].tolist() == wanted
        assert torch.equal(found[..., 0], found[..., 1])


def test_the_post_filter_by_hand():
    """Even numbers of taps reach one step further forward, as TensorFlow's "SAME"."""
    waveform = torch.tensor([[1.0, 0, 0, 2, 0, 0, 0, 3]])
    layer = PostFilter(4)
    torch.testing.assert_close(layer(waveform), waveform)
    with torch.no_grad():
        layer.taps.copy_(torch.tensor([1.0, 10, 100, 1_000]))
    wanted = torch.tensor([[10.0, 2_001, 200, 20, 2, 3_000, 300, 30]])
    torch.testing.assert_close(layer(waveform), wanted, atol=1e-3, rtol=0)
    odd = PostFilter(3)
    with torch.no_grad():
        odd.taps.copy_(torch.tensor([1.0, 10, 100]))
    wanted = torch.tensor([[10.0, 1, 200, 20, 2, 0, 300, 30]])
    torch.testing.assert_close(odd(waveform), wanted, atol=1e-4, rtol=0)
