"""A modality of one's own in one file: points of the plane, on two rings. points_kind.py says how they are measured.

PYTHONPATH=examples multigan recipe run examples/points.yaml --plugin points
PYTHONPATH=examples multigan sample runs/points --plugin points --set spread=0.5
"""

from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from torch import nn

from multigan.arrays import ArrayDataset
from multigan.config import settings
from multigan.layers import vector_size
from multigan.modality import Architecture, Modality, Splits
from multigan.registry import Registry
from multigan.sampling import PLAIN, generate
from multigan.sampling_settings import SamplingSettings

RADII = {"inner": 0.3, "outer": 0.8}


@settings
class PointData:
    n: int = 4_000
    """Points for training; a quarter as many are held out."""
    seed: int = 0


@settings
class PointSampling(SamplingSettings):
    spread: float = 1.0
    """What latents are multiplied by: below 1 draws towards the middle of what was learnt."""


@settings
class PerceptronSettings:
    width: int = 64
    latent_size: int = 4


def open_points(data, folder, progress):
    """Points that the seed draws, float32 [N, 2] in [-1, 1]; ``folder`` would hold a person's own."""
    random, n = np.random.default_rng(data.seed), data.n + data.n // 4
    classes, angle = np.arange(n) % len(RADII), random.uniform(0, 2 * np.pi, n)
    radius = np.array([*RADII.values()])[classes] + random.normal(0, 0.03, n)
    points = (radius * np.stack([np.cos(angle), np.sin(angle)])).T.astype(np.float32)
    parts = slice(None, data.n), slice(data.n, None)
    return Splits(*(ArrayDataset(points[part], tuple(RADII), classes[part]) for part in parts))


class Perceptron(nn.Sequential):
    def __init__(self, n_in, width, n_out):
        hidden = nn.Linear(n_in, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2)
        super().__init__(*hidden, nn.Linear(width, n_out))

    def forward(self, numbers, condition):
        return super().forward(numbers if condition is None else torch.cat((numbers, condition), 1))


class Generator(Perceptron):
    def __init__(self, latent_size, n_labels, width):
        super().__init__(latent_size + n_labels, width, 2)
        self.latent_size = latent_size

    def latent(self, n, random_state=None):
        return torch.randn(n, self.latent_size, generator=random_state)


def build(options, sample_shape, condition_shape):
    n_labels = vector_size(condition_shape, "mlp")
    generator = Generator(options.latent_size, n_labels, options.width)
    return {"generator": generator, "discriminator": Perceptron(2 + n_labels, options.width, 1)}


def draw_map(samples, columns, path, data):
    """All points as dots on one square picture."""
    places = (samples.numpy().clip(-1, 1) * 49.5 + 50).astype(int)
    pixels = np.full((100, 100), 255, np.uint8)
    pixels[99 - places[:, 1], places[:, 0]] = 0
    Image.fromarray(pixels).resize((400, 400), Image.Resampling.NEAREST).save(path)


def generate_points(trained, latent, conditions, options):
    return generate(trained.network, latent * options.spread, conditions)


POINTS = Modality(
    name="points",
    data_settings=PointData,
    open_data=open_points,
    sample_shape=lambda data: (2,),
    architectures=Registry("point architecture", {"mlp": Architecture("mlp", PerceptronSettings, build)}),
    preview=draw_map,
    kind="points_kind:POINTS",
    sampling=replace(PLAIN, settings=PointSampling, generate=generate_points),
)
