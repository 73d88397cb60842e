"""WaveGAN (arXiv:1802.04208) written plainly: the reference of parity and speed.

As in the paper and the public code, signals are [N, C, L]; layers are torch's strided, transposed and upsampled
convolutions of 25 taps with the padding of TensorFlow's "SAME"; the post-filter is a convolution of one channel.
Nothing is imported from ``multigan``; ``plain_weights`` gives the ``state_dict`` for that of the fast networks.
"""

import math

import torch
from torch import nn
from torch.nn import functional

KERNEL = 25


def plan(n_samples):
    """(start, strides) by trying: the first start of 16 to 31 steps that strides of 4, and one of 2, take to T or beyond."""
    for n_fours in range(11):
        for strides in ([4] * n_fours, [2] + [4] * n_fours):
            for start in range(16, 32):
                if start * math.prod(strides) >= n_samples:
                    return start, strides
    raise ValueError(n_samples)


def same(length, stride):
    """Zeros before and after, so that a convolution gives ceil(length / stride) steps ("SAME")."""
    n = max((math.ceil(length / stride) - 1) * stride + KERNEL - length, 0)
    return n // 2, n - n // 2


class Down(nn.Module):
    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, KERNEL))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.stride = stride

    def forward(self, signal):
        signal = functional.pad(signal, same(signal.shape[2], self.stride))
        return functional.conv1d(signal, self.weight, self.bias, stride=self.stride)


class TransposedUp(nn.Module):
    """The gradient of ``Down`` with respect to its input."""

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out, KERNEL))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.stride = stride

    def forward(self, signal):
        length = signal.shape[2] * self.stride
        before, _ = same(length, self.stride)
        whole = functional.conv_transpose1d(
            signal, self.weight, self.bias, stride=self.stride, padding=before
        )
        return whole[:, :, :length]


class NearestUp(nn.Module):
    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, KERNEL))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.stride = stride

    def forward(self, signal):
        signal = functional.interpolate(signal, scale_factor=self.stride, mode="nearest")
        return functional.conv1d(signal, self.weight, self.bias, padding=KERNEL // 2)


class PostFilter(nn.Module):
    def __init__(self, n_taps):
        super().__init__()
        self.taps = nn.Parameter(torch.zeros(n_taps))

    def forward(self, waveform):
        n = len(self.taps) - 1
        return functional.conv1d(functional.pad(waveform, (n // 2, n - n // 2)), self.taps[None, None])


class Generator(nn.Module):
    def __init__(self, options, n_samples, condition_size):
        super().__init__()
        self.latent_size, self.condition_size, self.n_samples = options.latent_size, condition_size, n_samples
        self.start, strides = plan(n_samples)
        width = options.width * min(2 ** (len(strides) - 1), 32)
        inputs = options.latent_size
        if condition_size:
            self.embedding = nn.Linear(condition_size, options.latent_size)
            inputs *= 2
        self.dense = nn.Linear(inputs, self.start * width)
        up = TransposedUp if options.upsampling == "transposed" else NearestUp
        self.layers = nn.ModuleList()
        for left, stride in zip(reversed(range(len(strides))), strides, strict=True):
            narrower = options.width * min(2 ** (left - 1), 32) if left else 1
            self.layers.append(up(width, narrower, stride))
            width = narrower
        self.post_filter = PostFilter(options.post_filter) if options.post_filter else nn.Identity()

    def latent(self, n):
        return torch.rand(n, self.latent_size) * 2 - 1

    def forward(self, latent, condition):
        if self.condition_size:
            embedded = self.embedding(condition * math.sqrt(self.condition_size))
            latent = torch.cat((latent, embedded), 1)
        signal = torch.relu(self.dense(latent).reshape(len(latent), self.start, -1).transpose(1, 2))
        for layer in self.layers[:-1]:
            signal = torch.relu(layer(signal))
        return self.post_filter(torch.tanh(self.layers[-1](signal)))[:, :, : self.n_samples]


def phase_shuffle(signal, shift):
    """x[t - shift], the signal reflected at its ends."""
    padded = functional.pad(signal, (max(shift, 0), max(-shift, 0)), mode="reflect")
    return padded[:, :, max(-shift, 0) :][:, :, : signal.shape[2]]


class Discriminator(nn.Module):
    def __init__(self, options, n_samples, condition_size):
        super().__init__()
        self.condition_size, self.shuffle = condition_size, options.phase_shuffle
        start, strides = plan(n_samples)
        self.n_steps = start * math.prod(strides)
        self.layers = nn.ModuleList()
        channels = 1
        for layer, stride in enumerate(reversed(strides)):
            wider = options.width * min(2**layer, 32)
            self.layers.append(Down(channels, wider, stride))
            channels = wider
        self.head = nn.Module()
        self.head.logit = nn.Linear(start * channels, 1)
        if condition_size:
            self.head.embedding = nn.Linear(condition_size, start * channels, bias=False)
            self.head.classes = nn.Linear(start * channels, condition_size)

    def forward(self, samples, condition):
        return self.logits(self.described(samples), condition)

    def judge(self, samples, condition):
        features = self.described(samples)
        return self.logits(features, condition), self.head.classes(features)

    def described(self, samples):
        signal = functional.pad(samples, (0, self.n_steps - samples.shape[2]))
        for number, layer in enumerate(self.layers):
            signal = functional.leaky_relu(layer(signal), 0.2)
            if self.training and self.shuffle and number < len(self.layers) - 1:
                signal = phase_shuffle(signal, int(torch.randint(-self.shuffle, self.shuffle + 1, ())))
        return signal.transpose(1, 2).flatten(1)

    def logits(self, features, condition):
        logits = self.head.logit(features).squeeze(1)
        if not self.condition_size:
            return logits
        return logits + (self.head.embedding(condition) * features).sum(1)


def build(options, sample_shape, condition_size):
    """Generator and discriminator; ``options`` are the settings of the fast networks."""
    n_samples = sample_shape[1]
    return Generator(options, n_samples, condition_size), Discriminator(options, n_samples, condition_size)


def plain_weights(tensors, transposed):
    """Of the fast kernels [O, 25, I]: [O, I, 25], or [I, O, 25] backwards where ``transposed``; others as they are.

    ``tensors`` by their names, a ``state_dict`` or gradients; ``transposed``: of a generator with transposed convolutions.
    """

    def plain(kernel):
        return (
            kernel.flip(1).permute(2, 0, 1).contiguous()
            if transposed
            else kernel.transpose(1, 2).contiguous()
        )

    return {name: plain(value) if value.ndim == 3 else value for name, value in tensors.items()}
