"""A world that is not made of images: a ring of 8 Gaussians, and two perceptrons to learn it."""

import math

import numpy as np
import torch
from torch import nn

from multigan.config import settings
from multigan.layers import vector_size
from multigan.modality import Architecture, Modality
from multigan.protocols import Batch
from multigan.registry import Registry

N_MODES, RADIUS, DEVIATION = 8, 0.75, 0.05


def centres():
    """[8, 2], on a circle."""
    angle = torch.arange(N_MODES) * (2 * math.pi / N_MODES)
    return RADIUS * torch.stack((angle.cos(), angle.sin()), 1)


class Ring:
    """Points [N, 2]; with labels, the condition is the one-hot of the Gaussian."""

    def __init__(self, n=8000, labelled=False, seed=0):
        random_state = torch.Generator().manual_seed(seed)
        mode = torch.arange(n) % N_MODES
        noise = torch.randn(n, 2, generator=random_state)
        self.points = centres()[mode] + DEVIATION * noise
        self.conditions = torch.eye(N_MODES)[mode] if labelled else None
        self.labels = tuple(f"mode-{i}" for i in range(N_MODES)) if labelled else ()
        self.sample_shape = (2,)

    def __len__(self):
        return len(self.points)

    def batch(self, indices):
        rows = torch.as_tensor(np.asarray(indices))
        return Batch(self.points[rows], None if self.conditions is None else self.conditions[rows])


@settings
class PerceptronSettings:
    """``noise`` is drawn in training and added to the hidden layer, as StyleGAN's is."""

    width: int = 64
    latent_size: int = 8
    noise: float = 0.0


class Generator(nn.Module):
    """latent [N, Z] and condition [N, C] or None -> points [N, 2]."""

    def __init__(self, options, n_labels):
        super().__init__()
        self.latent_size, self.noise = options.latent_size, options.noise
        self.first = nn.Linear(options.latent_size + n_labels, options.width)
        self.rest = nn.Sequential(
            nn.ReLU(), nn.Linear(options.width, options.width), nn.ReLU(), nn.Linear(options.width, 2)
        )

    def latent(self, n, random_state=None):
        return torch.randn(n, self.latent_size, generator=random_state)

    def forward(self, latent, condition):
        hidden = self.first(latent if condition is None else torch.cat((latent, condition), 1))
        if self.training and self.noise:
            hidden = hidden + self.noise * torch.randn_like(hidden)
        return self.rest(hidden)


class Discriminator(nn.Module):
    """points [N, 2] and condition [N, C] or None -> logits [N]."""

    def __init__(self, options, n_labels):
        super().__init__()
        width = options.width
        self.layers = nn.Sequential(
            nn.Linear(2 + n_labels, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )  # fmt: skip

    def forward(self, points, condition):
        return self.layers(points if condition is None else torch.cat((points, condition), 1)).squeeze(1)


def build(options, sample_shape, condition_shape):
    n_labels = vector_size(condition_shape, "perceptron")
    return {"generator": Generator(options, n_labels), "discriminator": Discriminator(options, n_labels)}


def write_points(samples, paths, data):
    for sample, path in zip(samples.tolist(), paths, strict=True):
        path.write_text(" ".join(map(str, sample)), encoding="utf-8")


def preview(samples, columns, path, data):
    write_points(samples.flatten()[None], [path], data)


RING = Modality(
    name="ring",
    data_settings=PerceptronSettings,
    open_data=lambda settings, folder, progress: None,  # tests hand their data to ``assemble``
    architectures=Registry(
        "ring architecture", {"perceptron": Architecture("perceptron", PerceptronSettings, build)}
    ),
    sample_shape=lambda data: (2,),
    augmentations=Registry("ring augmentation", {}),
    media=lambda samples, data: [" ".join(map(str, sample)) for sample in samples.tolist()],
    write_samples=write_points,
    preview=preview,
    file_suffix=".txt",
)
