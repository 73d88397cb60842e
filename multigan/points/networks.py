"""Multilayer perceptrons, with which the story begins."""

from __future__ import annotations

import math

from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.config import settings
from multigan.layers import beside, normal_latent, perceptron, vector_size
from multigan.modality import Architecture


@settings
class MlpSettings:
    """Two multilayer perceptrons, as in the first GAN (Goodfellow 2014, arXiv:1406.2661, section 5).

    That one had hidden layers of 1,200 units for digits, with maxout and dropout in the discriminator. Points of the plane
    need less: 2 hidden layers of 128 units and a latent of 256 numbers, N(0, I), are what Unrolled GAN has for them
    (arXiv:1611.02163; its authors' notebook, whose units are tanh and which says that it is not in all the paper's);
    PacGAN has 4 of 400 ReLUs and 3 of 200 maxout units (arXiv:1712.04086, its authors' code). Neither has normalisation or
    dropout here, so that a penalty on a slope is sound.
    """

    width: int = 128
    """Units of a hidden layer."""
    generator_layers: int = 5
    """Hidden layers of the generator: deep ones leave fewer points between modes (benchmarks/HISTORY.md)."""
    discriminator_layers: int = 3
    latent_size: int = 2
    """2, as PacGAN's: a plane that is folded into the world."""

    def __post_init__(self) -> None:
        for name in ("width", "generator_layers", "discriminator_layers", "latent_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")


class MlpGenerator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> samples [N, ...]."""

    def __init__(self, own: MlpSettings, sample_shape: tuple[int, ...], n_labels: int) -> None:
        super().__init__()
        self.latent_size, self.sample_shape, self.n_labels = own.latent_size, sample_shape, n_labels
        n_in, n_out = own.latent_size + n_labels, math.prod(sample_shape)
        self.layers = perceptron(n_in, own.width, own.generator_layers, n_out, 0.0)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """N(0, I), [n, Z]."""
        return normal_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        inputs = beside(latent, condition, self.n_labels, "generator")
        return self.layers(inputs).view(-1, *self.sample_shape)


class MlpDiscriminator(nn.Module):
    """Samples [N, ...] and condition [N, C] or None -> logits [N]."""

    def __init__(self, own: MlpSettings, sample_shape: tuple[int, ...], n_labels: int) -> None:
        super().__init__()
        self.n_labels = n_labels
        n_in = math.prod(sample_shape) + n_labels
        self.layers = perceptron(n_in, own.width, own.discriminator_layers, 1, 0.2)

    def forward(self, samples: Tensor, condition: Tensor | None) -> Tensor:
        inputs = beside(samples.flatten(1), condition, self.n_labels, "discriminator")
        return self.layers(inputs).squeeze(1)


def build(
    own: MlpSettings, sample_shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator."""
    n_labels = vector_size(condition_shape, "mlp")
    return {
        "generator": MlpGenerator(own, sample_shape, n_labels),
        "discriminator": MlpDiscriminator(own, sample_shape, n_labels),
    }


MLP = Architecture("mlp", MlpSettings, build)
