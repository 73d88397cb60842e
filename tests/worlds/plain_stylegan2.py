"""StyleGAN2 (arXiv:1912.04958) written plainly: the reference of parity and speed.

As in the paper and the public code, weights are modulated for each sample and applied by a grouped
convolution, resampling inserts zeros, pads and convolves, and gains are multiplied where the paper has them.
Nothing is imported from ``multigan``; the ``state_dict`` has the same keys, so that ``load_state_dict``
copies the weights.
"""

import math

import torch
from torch import nn
from torch.nn import functional

DETAIL_GAIN = 0.25
HAAR = torch.tensor([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]).reshape(4, 2, 2) / 2
"""Bands mean, horizontal, vertical, diagonal over the pixels of a 2x2 block."""


def upfirdn(images, up=1, pad=(0, 0)):
    """Insert zeros after each pixel, pad, convolve every channel with up * [1, 3, 3, 1]/8 along both axes."""
    n, channels, height, width = images.shape
    images = functional.pad(images.reshape(n, channels, height, 1, width, 1), (0, up - 1, 0, 0, 0, up - 1))
    images = functional.pad(images.reshape(n, channels, height * up, width * up), (*pad, *pad))
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=images.dtype, device=images.device)
    kernel = torch.outer(taps, taps) / 64 * up**2
    return functional.conv2d(images, kernel.repeat(channels, 1, 1, 1), groups=channels)


def haar(images):
    """[N, C, H, W] -> [N, 4C, H/2, W/2]."""
    n, channels, height, width = images.shape
    blocks = images.reshape(n, channels, height // 2, 2, width // 2, 2)
    bands = torch.einsum("ncyixj,bij->nbcyx", blocks, HAAR.to(images))
    return bands.reshape(n, 4 * channels, height // 2, width // 2)


def inverse_haar(bands, detail_gain=1.0):
    """[N, 4C, H, W] -> [N, C, 2H, 2W], the detail bands scaled first."""
    n, channels, height, width = bands.shape
    gains = bands.new_tensor([1.0, detail_gain, detail_gain, detail_gain])
    bands = bands.reshape(n, 4, channels // 4, height, width) * gains[:, None, None, None]
    blocks = torch.einsum("nbcyx,bij->ncyixj", bands, HAAR.to(bands))
    return blocks.reshape(n, channels // 4, 2 * height, 2 * width)


def activation(features):
    return functional.leaky_relu(features, 0.2) * math.sqrt(2)


class Linear(nn.Module):
    def __init__(self, n_in, n_out, activate=False, bias=0.0, lr_multiplier=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in) / lr_multiplier)
        self.bias = nn.Parameter(torch.full((n_out,), bias / lr_multiplier))
        self.activate, self.lr_multiplier = activate, lr_multiplier

    def forward(self, inputs):
        weight = self.weight * (self.lr_multiplier / math.sqrt(self.weight.shape[1]))
        outputs = functional.linear(inputs, weight, self.bias * self.lr_multiplier)
        return activation(outputs) if self.activate else outputs


class Convolution(nn.Module):
    def __init__(self, n_in, n_out, kernel, down=False, activate=True, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None
        self.down, self.activate = down, activate

    def forward(self, images):
        n_in, kernel = self.weight.shape[1:3]
        weight = self.weight / math.sqrt(n_in * kernel**2)
        if self.down:
            images = upfirdn(images, pad=((kernel + 1) // 2, (kernel + 1) // 2))
            outputs = functional.conv2d(images, weight, self.bias, stride=2)
        else:
            outputs = functional.conv2d(images, weight, self.bias, padding=kernel // 2)
        return activation(outputs) if self.activate else outputs


class Modulated(nn.Module):
    """Weights scaled by a sample's style (eq. 1) and demodulated (eq. 3); a group of channels a sample."""

    def __init__(self, n_in, n_out, n_style, kernel):
        super().__init__()
        self.affine = Linear(n_style, n_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(n_out))

    def modulated(self, images, style, demodulate, up=False):
        n, n_in, height, width = images.shape
        n_out, _, kernel, _ = self.weight.shape
        weight = self.weight / math.sqrt(n_in * kernel**2)
        weight = weight * self.affine(style)[:, None, :, None, None]  # [N, O, I, K, K]
        if demodulate:
            weight = weight / (weight.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
        images = images.reshape(1, n * n_in, height, width)
        if up:
            weight = weight.transpose(1, 2).reshape(n * n_in, n_out, kernel, kernel)
            images = functional.conv_transpose2d(images, weight, stride=2, groups=n)
            return upfirdn(images.reshape(n, n_out, *images.shape[2:]), pad=(1, 1)) * 4
        weight = weight.reshape(n * n_out, n_in, kernel, kernel)
        images = functional.conv2d(images, weight, padding=kernel // 2, groups=n)
        return images.reshape(n, n_out, height, width)


class StyledConvolution(Modulated):
    def __init__(self, n_in, n_out, n_style, size, up=False, noise=True):
        super().__init__(n_in, n_out, n_style, 3)
        self.up = up
        self.noise_strength = nn.Parameter(torch.zeros(())) if noise else None
        if noise:
            self.register_buffer("noise", torch.randn(1, 1, size, size))

    def forward(self, images, style):
        images = self.modulated(images, style, demodulate=True, up=self.up)
        if self.noise_strength is not None:
            n, _, height, width = images.shape
            noise = torch.randn(n, 1, height, width, device=images.device) if self.training else self.noise
            images = images + noise * self.noise_strength
        return activation(images + self.bias[:, None, None])


class ToImage(Modulated):
    def __init__(self, n_in, n_out, n_style):
        super().__init__(n_in, n_out, n_style, 1)

    def forward(self, images, style):
        return self.modulated(images, style, demodulate=False) + self.bias[:, None, None]


class Mapping(nn.Module):
    def __init__(self, options, condition_size):
        super().__init__()
        self.condition_size = condition_size
        self.embedding = Linear(condition_size, options.latent_size) if condition_size else None
        n_in = options.latent_size * (2 if condition_size else 1)
        layers = []
        for _ in range(options.mapping_layers):
            layers.append(Linear(n_in, options.style_size, True, lr_multiplier=options.mapping_lr_multiplier))
            n_in = options.style_size
        self.layers = nn.Sequential(*layers)

    def forward(self, latent, condition):
        features = latent / (latent.square().mean(1, keepdim=True) + 1e-8).sqrt()
        if self.embedding is not None:
            embedded = self.embedding(condition * math.sqrt(self.condition_size))
            features = torch.cat((features, embedded), 1)
        return self.layers(features)


class SynthesisBlock(nn.Module):
    def __init__(self, n_in, n_out, resolution, image_channels, options, to_image):
        super().__init__()
        style, noise = options.style_size, options.noise
        if n_in:
            self.grow = StyledConvolution(n_in, n_out, style, resolution, True, noise)
        else:
            self.constant = nn.Parameter(torch.randn(n_out, resolution, resolution))
        self.refine = StyledConvolution(n_out, n_out, style, resolution, False, noise)
        residual = n_in and options.generator == "residual"
        self.shortcut = Convolution(n_in, n_out, 1, activate=False, bias=False) if residual else None
        self.to_image = ToImage(n_out, image_channels, style) if to_image else None

    def forward(self, features, styles):
        if features is None:
            return self.refine(self.constant.repeat(len(styles), 1, 1, 1), styles[:, 0])
        grown = self.refine(self.grow(features, styles[:, 0]), styles[:, 1])
        if self.shortcut is None:
            return grown
        return (grown + self.shortcut(upfirdn(features, up=2, pad=(2, 1)))) / math.sqrt(2)


class Generator(nn.Module):
    def __init__(self, options, sample_shape, condition_size, wavelet):
        super().__init__()
        channels, resolution = sample_shape[:2]
        if wavelet:
            channels, resolution = 4 * channels, resolution // 2
        self.options, self.wavelet = options, wavelet
        self.mapping_network = Mapping(options, condition_size)
        self.blocks = nn.ModuleList()
        n_in, size = 0, 4
        while size <= resolution:
            to_image = options.generator == "skip" or size == resolution
            n_out = options.channels(size)
            self.blocks.append(SynthesisBlock(n_in, n_out, size, channels, options, to_image))
            n_in, size = n_out, 2 * size
        self.n_styles = 2 * len(self.blocks)

    def latent(self, n, random_state=None):
        return torch.randn(n, self.options.latent_size, generator=random_state)

    def mapping(self, latent, condition):
        return self.mapping_network(latent, condition)[:, None].expand(-1, self.n_styles, -1)

    def synthesis(self, styles):
        features, image, layer = None, None, 0
        for block in self.blocks:
            n = 1 if features is None else 2
            features = block(features, styles[:, layer : layer + n])
            layer += n
            if block.to_image is not None:
                made = block.to_image(features, styles[:, layer])
                made = inverse_haar(made, DETAIL_GAIN) if self.wavelet else made
                image = made if image is None else upfirdn(image, up=2, pad=(2, 1)) + made
        return image

    def forward(self, latent, condition):
        styles = self.mapping(latent, condition)
        if self.training and self.options.style_mixing > 0:
            n = len(styles)
            other = self.mapping(self.latent(n), condition)
            cutoffs = torch.randint(1, self.n_styles, (n,))
            mixes = torch.rand(n) < self.options.style_mixing
            cutoffs = torch.where(mixes, cutoffs, self.n_styles).tolist()
            pairs = zip(styles, other, cutoffs, strict=True)
            styles = torch.stack([torch.cat((a[:cutoff], b[cutoff:])) for a, b, cutoff in pairs])
        return self.synthesis(styles)


class DiscriminatorBlock(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.first = Convolution(n_in, n_in, 3)
        self.second = Convolution(n_in, n_out, 3, down=True)
        self.shortcut = Convolution(n_in, n_out, 1, down=True, activate=False, bias=False)

    def forward(self, features):
        return (self.second(self.first(features)) + self.shortcut(features)) / math.sqrt(2)


def minibatch_standard_deviation(features, group_size):
    """One more channel, group by group; groups are strided: group k is samples k, k + n/group, ..."""
    n, _, height, width = features.shape
    group = max(size for size in range(1, min(group_size, n) + 1) if n % size == 0)
    statistics = []
    for k in range(n // group):
        members = features[k :: n // group]
        deviation = ((members - members.mean(0)).square().mean(0) + 1e-8).sqrt()
        statistics.append(deviation.mean())
    rows = [statistics[i % (n // group)].expand(1, height, width) for i in range(n)]
    return torch.cat((features, torch.stack(rows)), 1)


class Discriminator(nn.Module):
    def __init__(self, options, sample_shape, condition_size, wavelet):
        super().__init__()
        channels, resolution = sample_shape[:2]
        if wavelet:
            channels, resolution = 4 * channels, resolution // 2
        self.options, self.wavelet, self.condition_size = options, wavelet, condition_size
        width = options.channels(resolution)
        self.from_image = Convolution(channels, width, 1)
        self.blocks = nn.Sequential()
        while resolution > 4:
            resolution //= 2
            self.blocks.append(DiscriminatorBlock(width, options.channels(resolution)))
            width = options.channels(resolution)
        self.last = Convolution(width + 1, width, 3)
        self.features = Linear(width * 16, width, True)
        self.head = nn.Module()
        self.head.logit = Linear(width, 1)
        if condition_size:
            self.head.embedding = nn.Sequential(Linear(condition_size, width, True), Linear(width, width))
            self.head.classes = Linear(width, condition_size)

    def forward(self, images, condition):
        return self.logits(self.described(images), condition)

    def judge(self, images, condition):
        features = self.described(images)
        return self.logits(features, condition), self.head.classes(features)

    def described(self, images):
        features = self.blocks(self.from_image(haar(images) if self.wavelet else images))
        features = self.last(minibatch_standard_deviation(features, self.options.minibatch_group))
        return self.features(features.flatten(1))

    def logits(self, features, condition):
        logits = self.head.logit(features).squeeze(1)
        if not self.condition_size:
            return logits
        embedded = self.head.embedding(condition * math.sqrt(self.condition_size))
        return logits + (embedded * features).sum(1) / math.sqrt(features.shape[1])


def build(options, sample_shape, condition_size, wavelet=False):
    """Generator and discriminator; ``options`` are the settings of the fast networks, ``wavelet`` is one word for each."""
    return tuple(
        network(options, sample_shape, condition_size, own)
        for network, own in zip((Generator, Discriminator), wavelet, strict=True)
    )
