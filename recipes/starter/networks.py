"""The networks: perceptrons that get the condition beside their numbers."""

import math

import torch
from torch import nn

from multigan.config import settings
from multigan.layers import beside, normal_latent, perceptron, vector_size
from multigan.modality import Architecture


@settings
class PerceptronSettings:
    """What ``--set architecture.NAME=VALUE`` changes."""

    latent_size: int = 16
    width: int = 128


class Generator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> samples [N, ...] in [-1, 1]."""

    def __init__(self, own, sample_shape, n_labels):
        super().__init__()
        self.latent_size, self.n_labels, self.sample_shape = own.latent_size, n_labels, sample_shape
        self.layers = perceptron(own.latent_size + n_labels, own.width, 2, math.prod(sample_shape), 0.2)

    def latent(self, n, random_state=None):
        return normal_latent(self, n, self.latent_size, random_state)

    def forward(self, latent, condition):
        numbers = torch.tanh(self.layers(beside(latent, condition, self.n_labels, "generator")))
        return numbers.unflatten(1, self.sample_shape)


class Discriminator(nn.Module):
    """Samples [N, ...] and condition [N, C] or None -> logits [N], larger = more real."""

    def __init__(self, own, sample_shape, n_labels):
        super().__init__()
        self.n_labels = n_labels
        self.layers = perceptron(math.prod(sample_shape) + n_labels, own.width, 2, 1, 0.2)

    def forward(self, samples, condition):
        return self.layers(beside(samples.flatten(1), condition, self.n_labels, "discriminator")).squeeze(1)


def build(own, sample_shape, condition_shape):
    """Both networks for samples of any shape."""
    n_labels = vector_size(condition_shape, "perceptron")
    return {
        "generator": Generator(own, sample_shape, n_labels),
        "discriminator": Discriminator(own, sample_shape, n_labels),
    }


PERCEPTRON = Architecture("perceptron", PerceptronSettings, build)
