"""The first GAN (Goodfellow 2014, arXiv:1406.2661): two multilayer perceptrons on the pixels."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.config import settings
from multigan.layers import ConditionalHead, beside, perceptron, uniform_latent, vector_size
from multigan.modality import Architecture


@settings
class ImageMlpSettings:
    """The networks of the paper's experiment on MNIST, by its authors' code (``mnist.yaml``), which the paper points to.

    Generator: 100 uniform numbers, two layers of 1,200 ReLUs, and a squashed output (a sigmoid there, for pixels in [0, 1];
    here tanh, for pixels in [-1, 1]); weights ~ U(-0.05, 0.05). Discriminator: two maxout layers of 240 units with 5 pieces
    each, and one logit; weights ~ U(-0.005, 0.005); dropout of 0.2 at the pixels and 0.5 at the other layers. Biases start
    at 0 (there, those of the generator's pixels as the mean picture). Training there: SGD with rate 0.1 and momentum 0.5,
    rising to 0.7, batches of 100. A 28x28 grey pair has 2,503,984 and 1,231,441 parameters.

    Labels, which the paper has not, are further inputs of the generator, as in the conditional GAN (arXiv:1411.1784), and
    enter the discriminator by projection, as they do in this package's other networks. Joined to its pixels, or to what a
    layer of their own makes of them as in section 4.1 of that paper, they were not heard in the samples that a CPU affords
    (benchmarks/HISTORY.md). With labels all weights begin with variance 1 / fan-in, those of the generator's label 3 times
    as large: at 0.005 what is multiplied by a label hardly moves.
    """

    latent_size: int = 100
    width: int = 1200
    """ReLUs of each hidden layer of the generator."""
    units: int = 240
    """Maxout units of each hidden layer of the discriminator, ..."""
    pieces: int = 5
    """... and how many linear functions each is the largest of."""

    def __post_init__(self) -> None:
        for name in ("latent_size", "width", "units", "pieces"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")


_LOUDER = 3.0
"""How many times a label's weights are the latent's at the start: a twelfth of what the first layer hears is the label then.
At 10 times, a half, digits of a label were all the same (benchmarks/HISTORY.md)."""


class Maxout(nn.Module):
    """[N, I] -> [N, O]: the largest of ``pieces`` linear functions each (arXiv:1302.4389)."""

    def __init__(self, n_in: int, n_out: int, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces
        self.linear = nn.Linear(n_in, n_out * pieces)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.linear(inputs).unflatten(1, (-1, self.pieces)).amax(2)


class Generator(nn.Module):
    """Latent [N, Z] and condition [N, C] or None -> images [N, channels, H, W] in [-1, 1]."""

    def __init__(self, own: ImageMlpSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        self.latent_size, self.shape, self.condition_size = own.latent_size, shape, condition_size
        self.layers = perceptron(own.latent_size + condition_size, own.width, 2, math.prod(shape), 0.0)
        _uniform(self, None if condition_size else 0.05)
        if condition_size:
            with torch.no_grad():
                cast(nn.Linear, self.layers[0]).weight[:, own.latent_size :].mul_(_LOUDER)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """U(-sqrt(3), sqrt(3)) of variance 1, [n, Z]."""
        return math.sqrt(3) * uniform_latent(self, n, self.latent_size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        inputs = beside(latent, condition, self.condition_size, "generator")
        return torch.tanh(self.layers(inputs)).view(-1, *self.shape)


class Discriminator(nn.Module):
    """Images [N, channels, H, W] and condition [N, C] or None -> logits [N], larger = more real."""

    def __init__(self, own: ImageMlpSettings, shape: tuple[int, ...], condition_size: int) -> None:
        super().__init__()
        self.condition_size = condition_size
        self.layers = nn.Sequential(
            nn.Dropout(0.2), Maxout(math.prod(shape), own.units, own.pieces), nn.Dropout(0.5),
            Maxout(own.units, own.units, own.pieces), nn.Dropout(0.5),
        )  # fmt: skip
        logit = nn.Linear(own.units, 1)
        embedding = nn.Linear(condition_size, own.units, bias=False) if condition_size else None
        self.head = ConditionalHead(logit, condition_size, embedding)
        _uniform(self, None if condition_size else 0.005)
        if embedding is not None:  # it multiplies the features that the logit reads
            limit = math.sqrt(3 / own.units)
            nn.init.uniform_(embedding.weight, -limit, limit)

    def forward(self, images: Tensor, condition: Tensor | None) -> Tensor:
        return self.head(self.layers(images.flatten(1)), condition)


def _uniform(network: nn.Module, limit: float | None) -> None:
    """Weights ~ U(-limit, limit), without a limit of variance 1 / fan-in; biases 0."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            own = limit or math.sqrt(3 / layer.in_features)
            nn.init.uniform_(layer.weight, -own, own)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def build(
    own: ImageMlpSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for images of ``shape`` (channels, H, W)."""
    condition_size = vector_size(condition_shape, "mlp")
    return {
        "generator": Generator(own, shape, condition_size),
        "discriminator": Discriminator(own, shape, condition_size),
    }


MLP = Architecture("mlp", ImageMlpSettings, build)
