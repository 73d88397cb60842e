"""A stand-in for the official StyleGAN2-ADA networks, written from arXiv:1912.04958 and 2006.06676 with that repository's
names of classes and attributes, pickled as it pickles: the source of a class, its name, and the attributes of an object.

``python -m tests.worlds.official_stylegan2 FOLDER`` writes files for the importer and what each network makes, in float64.
"""

import math
import pickle
import sys
import types
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def _reconstruct_persistent_obj(meta):
    raise AssertionError("the importer must not call what a file names")


class EasyDict(dict):
    pass


def _stand_in(name, **content):
    module = types.ModuleType(name)
    for key, value in content.items():
        value.__module__, value.__qualname__ = name, key
        setattr(module, key, value)
    sys.modules[name] = module


for package in ("torch_utils", "dnnlib"):
    _stand_in(package)
_stand_in("torch_utils.persistence", _reconstruct_persistent_obj=_reconstruct_persistent_obj)
_stand_in("dnnlib.util", EasyDict=EasyDict)


class Persistent(nn.Module):
    def __reduce__(self):
        meta = {
            "type": "class",
            "version": 6,
            "module_src": "raise SystemExit('code of a file was run')",
            "class_name": type(self).__name__,
            "state": self.__dict__,
        }
        return _reconstruct_persistent_obj, (meta,), None


def second_moment(x):
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def spread(images, up):
    """Zeros after each pixel, then [1, 3, 3, 1] along both axes, so that sizes are ``up`` times as large."""
    n, c, h, w = images.shape
    wide = images.new_zeros(n, c, h, up, w, up)
    wide[:, :, :, 0, :, 0] = images
    return wide.reshape(n, c, h * up, w * up)


def filtered(images, kernel, before, after, gain):
    c = images.shape[1]
    padded = functional.pad(images, (before, after, before, after))
    return functional.conv2d(padded, (kernel * gain).to(images).repeat(c, 1, 1, 1), groups=c)


class FullyConnectedLayer(Persistent):
    def __init__(self, n_in, n_out, activation="linear", lr_multiplier=1.0, bias_init=0.0):
        super().__init__()
        self.activation = activation
        self.weight = nn.Parameter(torch.randn(n_out, n_in) / lr_multiplier)
        self.bias = nn.Parameter(
            torch.full([n_out], float(bias_init)) + 0.1 * torch.randn(n_out) / lr_multiplier
        )
        self.weight_gain = lr_multiplier / np.sqrt(n_in)  # a number of numpy's, as there
        self.bias_gain = lr_multiplier

    def forward(self, x):
        y = x @ (self.weight * float(self.weight_gain)).T + self.bias * self.bias_gain
        return functional.leaky_relu(y, 0.2) * math.sqrt(2) if self.activation == "lrelu" else y


class MappingNetwork(Persistent):
    def __init__(self, z_dim, c_dim, w_dim, num_layers):
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim, self.num_layers = z_dim, c_dim, w_dim, num_layers
        if c_dim:
            self.embed = FullyConnectedLayer(c_dim, w_dim)
        sizes = [z_dim + (w_dim if c_dim else 0)] + [w_dim] * num_layers
        for place in range(num_layers):
            layer = FullyConnectedLayer(sizes[place], sizes[place + 1], "lrelu", 0.01)
            setattr(self, f"fc{place}", layer)
        self.register_buffer("w_avg", torch.randn(w_dim))

    def forward(self, z, c, truncation=1.0):
        x = second_moment(z)
        if self.c_dim:
            x = torch.cat([x, second_moment(self.embed(c))], 1)
        for place in range(self.num_layers):
            x = getattr(self, f"fc{place}")(x)
        return self.w_avg + (x - self.w_avg) * truncation


class SynthesisLayer(Persistent):
    def __init__(self, n_in, n_out, w_dim, resolution, up, conv_clamp, use_noise):
        super().__init__()
        self.up, self.conv_clamp, self.use_noise, self.act_gain = up, conv_clamp, use_noise, np.sqrt(2)
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("resample_filter", torch.outer(row, row) / 64)
        self.affine = FullyConnectedLayer(w_dim, n_in, bias_init=1)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 3, 3))
        if use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(0.3 * torch.randn([]))
        self.bias = nn.Parameter(0.1 * torch.randn(n_out))

    def forward(self, x, w, gain=1.0):
        style = self.affine(w)
        weight = self.weight[None] * style[:, None, :, None, None]
        weight = weight * (weight.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()
        rows = []
        for one, own in zip(x, weight, strict=True):
            if self.up == 2:
                # a transposed convolution: the kernel is turned as a true convolution's, the filter follows
                wide = functional.conv_transpose2d(one[None], own.transpose(0, 1), stride=2)
                rows.append(filtered(wide, self.resample_filter, 1, 1, 4))
            else:
                rows.append(functional.conv2d(one[None], own, padding=1))
        y = torch.cat(rows)
        if self.use_noise:
            y = y + self.noise_const * self.noise_strength
        y = functional.leaky_relu(y + self.bias[:, None, None], 0.2) * float(self.act_gain) * gain
        return y if self.conv_clamp is None else y.clamp(-self.conv_clamp * gain, self.conv_clamp * gain)


class ToRGBLayer(Persistent):
    def __init__(self, n_in, n_out, w_dim, conv_clamp):
        super().__init__()
        self.conv_clamp = conv_clamp
        self.affine = FullyConnectedLayer(w_dim, n_in, bias_init=1)
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 1, 1))
        self.bias = nn.Parameter(0.1 * torch.randn(n_out))
        self.weight_gain = 1 / np.sqrt(n_in)

    def forward(self, x, w):
        style = self.affine(w) * float(self.weight_gain)
        y = torch.einsum("nihw,oi,ni->nohw", x, self.weight[:, :, 0, 0], style) + self.bias[:, None, None]
        return y if self.conv_clamp is None else y.clamp(-self.conv_clamp, self.conv_clamp)


class Conv2dLayer(Persistent):
    """The skip of residual blocks: 1x1, twice the size, without bias and activation."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 1, 1))
        self.weight_gain = 1 / np.sqrt(n_in)
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("resample_filter", torch.outer(row, row) / 64)

    def forward(self, x, gain):
        y = functional.conv2d(x, self.weight * float(self.weight_gain))
        return filtered(spread(y, 2), self.resample_filter, 2, 1, 4) * gain


class SynthesisBlock(Persistent):
    def __init__(self, n_in, n_out, w_dim, resolution, architecture, is_last, conv_clamp, use_noise):
        super().__init__()
        self.in_channels, self.architecture, self.is_last = n_in, architecture, is_last
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("resample_filter", torch.outer(row, row) / 64)
        if n_in == 0:
            self.const = nn.Parameter(torch.randn(n_out, resolution, resolution))
        else:
            self.conv0 = SynthesisLayer(n_in, n_out, w_dim, resolution, 2, conv_clamp, use_noise)
        self.conv1 = SynthesisLayer(n_out, n_out, w_dim, resolution, 1, conv_clamp, use_noise)
        if is_last or architecture == "skip":
            self.torgb = ToRGBLayer(n_out, 3, w_dim, conv_clamp)
        if n_in and architecture == "resnet":
            self.skip = Conv2dLayer(n_in, n_out)

    def forward(self, x, image, w):
        if self.in_channels == 0:
            x = self.conv1(self.const.expand(len(w), -1, -1, -1), w)
        elif self.architecture == "resnet":
            y = self.skip(x, math.sqrt(0.5))
            x = y + self.conv1(self.conv0(x, w), w, gain=math.sqrt(0.5))
        else:
            x = self.conv1(self.conv0(x, w), w)
        if image is not None:
            image = filtered(spread(image, 2), self.resample_filter, 2, 1, 4)
        if hasattr(self, "torgb"):
            layer = self.torgb(x, w)
            image = layer if image is None else image + layer
        return x, image


class SynthesisNetwork(Persistent):
    def __init__(self, w_dim, resolution, channels, **block):
        super().__init__()
        self.block_resolutions = [2**k for k in range(2, int(math.log2(resolution)) + 1)]
        before = 0
        for size in self.block_resolutions:
            made = SynthesisBlock(before, channels[size], w_dim, size, is_last=size == resolution, **block)
            setattr(self, f"b{size}", made)
            before = channels[size]

    def forward(self, w):
        x, image = None, None
        for size in self.block_resolutions:
            x, image = getattr(self, f"b{size}")(x, image, w)
        return image


class Generator(Persistent):
    def __init__(self, z_dim, c_dim, w_dim, resolution, channels, num_layers=2, **block):
        super().__init__()
        self._init_kwargs = EasyDict(z_dim=z_dim)
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.img_resolution, self.img_channels = resolution, 3
        self.synthesis = SynthesisNetwork(w_dim, resolution, channels, **block)
        self.mapping = MappingNetwork(z_dim, c_dim, w_dim, num_layers)

    def forward(self, z, c, truncation=1.0):
        return self.synthesis(self.mapping(z, c, truncation))


class DownLayer(Persistent):
    """A convolution of the discriminator: bias and leaky ReLU unless it is a skip; half the size where it is told to."""

    def __init__(self, n_in, n_out, kernel, down=1, activate=True, conv_clamp=None):
        super().__init__()
        self.down, self.activate, self.conv_clamp = down, activate, conv_clamp
        self.weight = nn.Parameter(torch.randn(n_out, n_in, kernel, kernel))
        self.bias = nn.Parameter(0.1 * torch.randn(n_out)) if activate else None
        self.weight_gain = 1 / np.sqrt(n_in * kernel**2)
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("resample_filter", torch.outer(row, row) / 64)

    def forward(self, x, gain=1.0):
        weight, edge = self.weight * float(self.weight_gain), self.weight.shape[-1] // 2
        if (
            self.down == 2
        ):  # the filter over all pixels, with (4 - 2 + 1)//2 and (4 - 2)//2 more of edge, then the kernel
            y = filtered(x, self.resample_filter, edge + 1, edge + 1, 1)
            y = functional.conv2d(y, weight, stride=2)
        else:
            y = functional.conv2d(x, weight, padding=edge)
        if not self.activate:
            return y * gain
        y = functional.leaky_relu(y + self.bias[:, None, None], 0.2) * math.sqrt(2) * gain
        return y if self.conv_clamp is None else y.clamp(-self.conv_clamp * gain, self.conv_clamp * gain)


class MinibatchStdLayer(Persistent):
    def __init__(self, group_size, num_channels):
        super().__init__()
        self.group_size, self.num_channels = group_size, num_channels

    def forward(self, x):
        n, channels, height, width = x.shape
        group = n if self.group_size is None else min(self.group_size, n)
        rows = []
        for one in range(n):
            members = x[torch.arange(one % (n // group), n, n // group)]
            deviation = (members.var(0, unbiased=False) + 1e-8).sqrt()
            parts = deviation.reshape(self.num_channels, channels // self.num_channels, height, width)
            rows.append(parts.mean((1, 2, 3)).reshape(1, -1, 1, 1).expand(1, -1, height, width))
        return torch.cat([x, torch.cat(rows)], 1)


class DiscriminatorBlock(Persistent):
    def __init__(self, n_in, n_tmp, n_out, architecture, conv_clamp):
        super().__init__()
        self.in_channels, self.architecture = n_in, architecture
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("resample_filter", torch.outer(row, row) / 64)
        if n_in == 0 or architecture == "skip":
            self.fromrgb = DownLayer(3, n_tmp, 1, conv_clamp=conv_clamp)
        self.conv0 = DownLayer(n_tmp, n_tmp, 3, conv_clamp=conv_clamp)
        self.conv1 = DownLayer(n_tmp, n_out, 3, down=2, conv_clamp=conv_clamp)
        if architecture == "resnet":
            self.skip = DownLayer(n_tmp, n_out, 1, down=2, activate=False)

    def forward(self, x, image):
        if hasattr(self, "fromrgb"):
            seen = self.fromrgb(image)
            x = seen if x is None else x + seen
            image = filtered(image, self.resample_filter, 1, 1, 1)[:, :, ::2, ::2]
        if self.architecture == "resnet":
            return self.skip(x, math.sqrt(0.5)) + self.conv1(self.conv0(x), math.sqrt(0.5)), image
        return self.conv1(self.conv0(x)), image


class DiscriminatorEpilogue(Persistent):
    def __init__(self, width, cmap_dim, architecture, conv_clamp, group_size, num_channels):
        super().__init__()
        self.architecture, self.cmap_dim = architecture, cmap_dim
        if architecture == "skip":
            self.fromrgb = DownLayer(3, width, 1)
        self.mbstd = MinibatchStdLayer(group_size, num_channels)
        self.conv = DownLayer(width + num_channels, width, 3, conv_clamp=conv_clamp)
        self.fc = FullyConnectedLayer(width * 16, width, "lrelu")
        self.out = FullyConnectedLayer(width, cmap_dim or 1)

    def forward(self, x, image, label):
        if self.architecture == "skip":
            x = x + self.fromrgb(image)
        y = self.out(self.fc(self.conv(self.mbstd(x)).flatten(1)))
        return (y * label).sum(1) / math.sqrt(self.cmap_dim) if self.cmap_dim else y[:, 0]


class LabelMapping(Persistent):
    def __init__(self, c_dim, w_dim, num_layers=8):
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim, self.num_layers = 0, c_dim, w_dim, num_layers
        self.embed = FullyConnectedLayer(c_dim, w_dim)
        for place in range(num_layers):
            setattr(self, f"fc{place}", FullyConnectedLayer(w_dim, w_dim, "lrelu", 0.01))

    def forward(self, c):
        x = second_moment(self.embed(c))
        for place in range(self.num_layers):
            x = getattr(self, f"fc{place}")(x)
        return x


class Discriminator(Persistent):
    def __init__(self, c_dim, resolution, channels, architecture, conv_clamp, group_size=4, num_channels=1):
        super().__init__()
        self.c_dim, self.img_resolution, self.img_channels = c_dim, resolution, 3
        self.block_resolutions = sorted((size for size in channels if size > 4), reverse=True)
        for size in self.block_resolutions:
            n_in = channels[size] if size < resolution else 0
            made = DiscriminatorBlock(n_in, channels[size], channels[size // 2], architecture, conv_clamp)
            setattr(self, f"b{size}", made)
        if c_dim:
            self.mapping = LabelMapping(c_dim, channels[4])
        cmap_dim = channels[4] if c_dim else 0
        self.b4 = DiscriminatorEpilogue(
            channels[4], cmap_dim, architecture, conv_clamp, group_size, num_channels
        )

    def forward(self, image, c):
        x, seen = None, image
        for size in self.block_resolutions:
            x, seen = getattr(self, f"b{size}")(x, seen)
        return self.b4(x, seen, self.mapping(c) if self.c_dim else None)


CRITICS = {
    "plain": {"architecture": "resnet"},
    "labels": {"architecture": "skip", "group_size": None, "num_channels": 2},
    "residual": {"architecture": "orig", "group_size": 3},
}
CASES = {
    "plain": {"c_dim": 0, "architecture": "skip", "conv_clamp": None, "use_noise": True, "num_layers": 3},
    "labels": {"c_dim": 3, "architecture": "skip", "conv_clamp": 256, "use_noise": True},
    "residual": {"c_dim": 3, "architecture": "resnet", "conv_clamp": 0.5, "use_noise": False},
}


WIDTHS = {4: 12, 8: 12, 16: 6}


def write(folder):
    for place, (name, more) in enumerate(CASES.items()):
        torch.manual_seed(place)
        network = Generator(z_dim=8, w_dim=8, resolution=16, channels=WIDTHS, **more)
        critic = Discriminator(more["c_dim"], 16, WIDTHS, conv_clamp=more["conv_clamp"], **CRITICS[name])
        snapshot = EasyDict(G=None, D=critic, G_ema=network, training_set_kwargs=EasyDict(path="faces.zip"))
        (folder / f"{name}.pkl").write_bytes(pickle.dumps(snapshot, protocol=2 + place))
        network = network.double()
        z = torch.randn(5, 8, dtype=torch.float64)
        c = torch.eye(3, dtype=torch.float64)[torch.arange(5) % 3] if more["c_dim"] else None
        with torch.no_grad():
            made = {f"at_{t}": network(z, c, t).numpy() for t in (1.0, 0.5)}
            images = torch.randn(12, 3, 16, 16, dtype=torch.float64)
            own = None if c is None else torch.eye(3, dtype=torch.float64)[torch.arange(12) % 3]
            made |= {"images": images.numpy(), "logits": critic.double()(images, own).numpy()}
        np.savez(folder / f"{name}.npz", z=z.numpy(), **made)
    (folder / "third.pkl").write_bytes(pickle.dumps({"G_ema": third()}))


def third():
    """What a StyleGAN3-T generator looks like from outside."""
    network = Persistent()
    network.synthesis, network.mapping = Persistent(), Persistent()
    network.synthesis.L0_36_512 = Persistent()
    return network


if __name__ == "__main__":
    write(Path(sys.argv[1]))
