"""A modality of one's own in one file: points of the plane, on two rings.

PYTHONPATH=examples multigan recipe run examples/points.yaml --plugin points
PYTHONPATH=examples multigan sample runs/points --plugin points --set spread=0.5
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch import nn

from multigan.config import settings
from multigan.modality import Architecture, Modality, Splits
from multigan.protocols import Batch
from multigan.registry import Registry
from multigan.sampling import PLAIN, generate
from multigan.sampling_settings import SamplingSettings

RADII = {"inner": 0.3, "outer": 0.8}


@settings
class PointData:
    n: int = 4_000
    """Points for training; a tenth as many are held out."""
    seed: int = 0


@settings
class PointSampling(SamplingSettings):
    spread: float = 1.0
    """What latents are multiplied by: below 1 draws towards the middle of what was learnt."""


@settings
class PerceptronSettings:
    width: int = 64
    latent_size: int = 4


@dataclass
class Points:
    """A ``multigan.protocols.DescribedDataset``: points float32 [N, 2], a label each."""

    points: np.ndarray
    classes: np.ndarray

    def __post_init__(self):
        self.labels, self.sample_shape, self.n_originals = tuple(RADII), (2,), len(self.points)
        self.names = tuple(f"point-{row}" for row in range(len(self)))
        self.conditions = np.eye(len(RADII), dtype=np.float32)[self.classes]

    def __len__(self):
        return len(self.points)

    def batch(self, indices):
        rows = np.asarray(indices)
        return Batch(torch.from_numpy(self.points[rows]), torch.from_numpy(self.conditions[rows]))

    def original(self, index):
        return self.points[index]


def open_points(data, folder, progress):
    """Points that the seed draws; ``folder`` would hold a person's own."""
    random, n = np.random.default_rng(data.seed), data.n + data.n // 10
    classes, angle = np.arange(n) % 2, random.uniform(0, 2 * np.pi, n)
    radius = np.array(list(RADII.values()))[classes] + random.normal(0, 0.03, n)
    points = (radius * np.stack([np.cos(angle), np.sin(angle)])).T.astype(np.float32)
    return Splits(Points(points[: data.n], classes[: data.n]), Points(points[data.n :], classes[data.n :]))


class Generator(nn.Module):
    def __init__(self, options, n_labels):
        super().__init__()
        self.latent_size, sizes = options.latent_size, (options.latent_size + n_labels, options.width)
        hidden = nn.Linear(options.width, options.width)
        self.layers = nn.Sequential(nn.Linear(*sizes), nn.ReLU(), hidden, nn.ReLU(), nn.Linear(sizes[1], 2))

    def latent(self, n, random_state=None):
        return torch.randn(n, self.latent_size, generator=random_state)

    def forward(self, latent, condition):
        return self.layers(latent if condition is None else torch.cat((latent, condition), 1))


class Discriminator(nn.Module):
    def __init__(self, options, n_labels):
        super().__init__()
        hidden = nn.Linear(options.width, options.width)
        first, last = nn.Linear(2 + n_labels, options.width), nn.Linear(options.width, 1)
        self.layers = nn.Sequential(first, nn.LeakyReLU(0.2), hidden, nn.LeakyReLU(0.2), last)

    def forward(self, points, condition):
        return self.layers(points if condition is None else torch.cat((points, condition), 1)).squeeze(1)


def build(options, sample_shape, condition_shape):
    n_labels = sum(condition_shape)
    return {"generator": Generator(options, n_labels), "discriminator": Discriminator(options, n_labels)}


def write_points(samples, paths, data):
    """A line "x y" in a file each."""
    for point, path in zip(samples.tolist(), paths, strict=True):
        path.write_text(" ".join(map(str, point)) + "\n", encoding="utf-8")


def write_map(samples, columns, path, data):
    """All points as dots on one square picture."""
    places = (samples.numpy().clip(-1, 1) * 127 + 128).astype(int)
    pixels = np.full((256, 256), 255, np.uint8)
    pixels[places[:, 1], places[:, 0]] = 0
    Image.fromarray(pixels).save(path)


def generate_points(trained, latent, conditions, options):
    return generate(trained.network, latent * options.spread, conditions)


POINTS = Modality(
    name="points",
    data_settings=PointData,
    open_data=open_points,
    sample_shape=lambda data: (2,),
    architectures=Registry("point architecture", {"mlp": Architecture("mlp", PerceptronSettings, build)}),
    augmentations=Registry("point augmentation", {}),
    media=lambda samples, data: list(samples.numpy()),
    write_samples=write_points,
    preview=write_map,
    file_suffix=".txt",
    sampling=replace(PLAIN, settings=PointSampling, generate=generate_points),
)
