"""3D-GAN (arXiv:1610.07584): transposed convolutions of volumes against strided ones."""

from itertools import pairwise

import torch
from torch import nn

from multigan.config import settings
from multigan.layers import HeadedDiscriminator, beside, normal_latent, plain_head, vector_size
from multigan.modality import Architecture
from multigan.normalisation import BatchNorm, start_generator


@settings
class VolumeSettings:
    """The paper's networks with fewer channels; at 64^3 it has 512, 256, 128 and 64 of them, and a latent of 200 numbers."""

    latent_size: int = 64
    width: int = 16
    """Channels at half the shapes' side; twice as many at each half of that, down to 4 voxels."""

    def __post_init__(self):
        if min(self.latent_size, self.width) < 1:
            raise ValueError(f"both are at least 1, found {self.latent_size} and {self.width}")

    def widths(self, side):
        """Channels at 4 voxels, 8, ... up to half the shapes' side."""
        return [self.width * side // 2**k for k in range(3, side.bit_length())]


class Generator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> shapes [N, 1, R, R, R] in [-1, 1]."""

    def __init__(self, own, side, n_labels):
        super().__init__()
        self.latent_size, self.n_labels = own.latent_size, n_labels
        widths = own.widths(side)
        self.project = nn.Linear(own.latent_size + n_labels, widths[0] * 4**3, bias=False)
        self.norms = nn.ModuleList(BatchNorm(n) for n in widths)
        self.grow = nn.ModuleList(
            nn.ConvTranspose3d(a, b, 4, stride=2, padding=1, bias=b == 1) for a, b in pairwise((*widths, 1))
        )

    def latent(self, n, random_state=None):
        return normal_latent(self, n, self.latent_size, random_state)

    def forward(self, latent, condition):
        numbers = beside(latent, condition, self.n_labels, "generator")
        features = self.project(numbers).unflatten(1, (-1, 4, 4, 4))
        for norm, grow in zip(self.norms, self.grow, strict=True):
            features = grow(torch.relu(norm(features)))
        return torch.tanh(features)


class Discriminator(HeadedDiscriminator):
    """Shapes [N, 1, R, R, R] and condition [N, C] or None -> logits [N], larger = more real."""

    def __init__(self, own, side, n_labels):
        super().__init__()
        widths = own.widths(side)[::-1]
        layers = []
        for n_in, n_out in pairwise((1, *widths)):
            layers += [nn.Conv3d(n_in, n_out, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.head = plain_head(widths[-1] * 4**3, n_labels)

    def embed(self, shapes, condition):
        return self.layers(shapes)


def build(own, sample_shape, condition_shape):
    """Generator and discriminator for shapes [1, R, R, R], R a power of two from 8."""
    n_labels, side = vector_size(condition_shape, "3d-gan"), sample_shape[1]
    generator = Generator(own, side, n_labels)
    start_generator(generator, n_labels)
    return {"generator": generator, "discriminator": Discriminator(own, side, n_labels)}


VOLUMES = Architecture("3d-gan", VolumeSettings, build)
