"""Layers of WaveGAN (arXiv:1802.04208) on signals [N, L, C], each one ``convolve`` of blocks of time.

They equal the plain layers (``tests/worlds/plain_wavegan.py``), whose weights are these with other axes: kernels here are
[O, 25, I]. A stride of s reads blocks of s steps, and an upsampling by s writes them: 25 taps at the high rate are 7 at
the low one for s = 4, and 13 for s = 2. Padding is that of the authors' TensorFlow code, "SAME": a stride s has
(25 - s)//2 zeros before and one more after where 25 - s is odd (10 and 11 for s = 4), and the transposed convolution is
its adjoint; after nearest upsampling it is 12 and 12.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from multigan.audio.networks.convolution import convolve

N_TAPS = 25


class StridedConvolution(nn.Module):
    """[N, L, I] -> [N, L/stride, O]; stride 2 or 4."""

    def __init__(self, n_in: int, n_out: int, stride: int, slope: float) -> None:
        super().__init__()
        self.stride, self.slope = stride, slope
        self.weight, self.bias = _glorot(n_in, n_out)

    def forward(self, signal: Tensor) -> Tensor:
        n, length, n_in = signal.shape
        left = (N_TAPS - self.stride) // 2
        reach = -(-left // self.stride)
        taps = _with_zeros(self.weight, self.stride * reach - left, self.stride * (2 * reach + 1))
        kernel = taps.reshape(len(taps), -1, self.stride * n_in)
        return convolve(signal.reshape(n, length // self.stride, -1), kernel, self.bias, self.slope)


class UpsamplingConvolution(nn.Module):
    """[N, L, I] -> [N, L*stride, O]; stride 2 or 4.

    y[t] = bias + sum_k weight[k] u[t + k - left], where u has ``stride`` steps for each of x. ``transposed``, the paper's:
    the first is that of x, the others 0, and left = 24 - (25 - stride)//2; ``nearest``: all are that of x, and left = 12.
    ``block`` steps of x are taken at once, which is faster for few channels; it divides L.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        stride: int,
        slope: float,
        upsampling: Literal["transposed", "nearest"],
        block: int = 1,
    ) -> None:
        super().__init__()
        self.stride, self.slope, self.upsampling, self.block = stride, slope, upsampling, block
        self.weight, self.bias = _glorot(n_in, n_out)

    def forward(self, signal: Tensor) -> Tensor:
        n, length, _ = signal.shape
        n_out, _, n_in = self.weight.shape
        kernel, left = self.weight, N_TAPS - 1 - (N_TAPS - self.stride) // 2
        if self.upsampling == "nearest":  # a step meets the sum of the taps that lie on its repetitions
            kernel, left = _window_sums(kernel, self.stride), N_TAPS // 2 + self.stride - 1
        reach = left // self.stride
        last = self.stride - 1
        taps = _with_zeros(kernel, self.stride * reach + last - left, self.stride * (2 * reach + 1))
        # step q of a stride sees x[t + j] through the tap stride*j - q + left
        kernel = torch.cat([taps[:, last - q :: self.stride] for q in range(self.stride)])
        found = convolve(
            signal.reshape(n, length // self.block, self.block * n_in),
            _of_blocks(kernel, self.block),
            self.bias.repeat(self.stride * self.block),
            self.slope,
        )
        return found.reshape(n, length * self.stride, n_out)


class PostFilter(nn.Module):
    """The paper's learnt post-processing filter, without bias, of the generator's waveform [N, L]; a product of spectra.

    y[t] = sum_k taps[k] x[t + k - (K - 1)//2], with zeros beyond both ends. It starts as the identity, so that only training
    makes a filter of it. The waveform is float32: the 8 bits of bfloat16 would be heard as noise.
    """

    def __init__(self, n_taps: int) -> None:
        super().__init__()
        self.taps = nn.Parameter(torch.zeros(n_taps))
        with torch.no_grad():
            self.taps[(n_taps - 1) // 2] = 1

    def forward(self, waveform: Tensor) -> Tensor:
        n_taps, length = len(self.taps), waveform.shape[1]
        n = length + n_taps - 1
        step = 2 ** max(n.bit_length() - 4, 0)
        n = -(-n // step) * step  # a length of small prime factors
        spectrum = torch.fft.rfft(waveform, n) * torch.fft.rfft(self.taps.flip(0), n)
        return torch.fft.irfft(spectrum, n)[:, n_taps // 2 : n_taps // 2 + length]


def phase_shuffle(signal: Tensor, shift: int) -> Tensor:
    """[N, L, C] later by ``shift`` steps (earlier, where it is negative), what is missing reflected (section 3.3)."""
    if shift > 0:
        return torch.cat((signal[:, 1 : shift + 1].flip(1), signal[:, :-shift]), 1)
    if shift < 0:
        return torch.cat((signal[:, -shift:], signal[:, shift - 1 : -1].flip(1)), 1)
    return signal


def _glorot(n_in: int, n_out: int) -> tuple[nn.Parameter, nn.Parameter]:
    """Weights [O, 25, I] ~ U(-a, a), a = sqrt(6 / (25 (I + O))), and biases of 0: TensorFlow's, so the authors' code's."""
    limit = math.sqrt(6 / (N_TAPS * (n_in + n_out)))
    weight = torch.empty(n_out, N_TAPS, n_in).uniform_(-limit, limit)
    return nn.Parameter(weight), nn.Parameter(torch.zeros(n_out))


def _with_zeros(taps: Tensor, before: int, total: int) -> Tensor:
    """[O, K, I] -> [O, total, I]."""
    n_out, n_taps, n_in = taps.shape
    zeros = taps.new_zeros(1).expand(n_out, total - n_taps, n_in)
    return torch.cat((zeros[:, :before], taps, zeros[:, before:]), 1)


def _window_sums(taps: Tensor, size: int) -> Tensor:
    """[O, K, I] -> [O, K + size - 1, I]: sums of ``size`` neighbouring taps, a power of 2, beyond both ends too."""
    sums, done = _with_zeros(taps, size - 1, taps.shape[1] + 2 * (size - 1)), 1
    while done < size:
        sums, done = sums[:, :-done] + sums[:, done:], 2 * done
    return sums


def _of_blocks(kernel: Tensor, block: int) -> Tensor:
    """The kernel [b*O, J', b*C] that does to blocks of b steps what [O, J, C] does to steps.

    Entry (q, o), j, (p, c), for j counted from the middle, is that of the tap b*j + p - q, and 0 where there is none.
    """
    if block == 1:
        return kernel
    n_out, n_taps, n_in = kernel.shape
    reach = -(-(n_taps // 2) // block)
    width = block * (2 * reach + 1)
    row = _with_zeros(kernel, block * reach - n_taps // 2, width + 1)
    # rows of width + 1 read as rows of width: each begins one step later in the one before it
    rows = row[:, None].expand(-1, block, -1, -1).reshape(n_out, -1, n_in)[:, : block * width]
    rows = rows.reshape(n_out, block, width, n_in).transpose(0, 1)
    return rows.reshape(block * n_out, 2 * reach + 1, block * n_in)
