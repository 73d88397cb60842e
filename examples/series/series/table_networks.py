"""Networks of rows [C, 1 + K]: residual perceptrons, as CTGAN has them (arXiv:1907.00503, section 4.4)."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.layers import (
    HeadedDiscriminator,
    beside,
    normal_latent,
    plain_head,
    vector_size,
    with_deviation,
)
from multigan.normalisation import BatchNorm, start_generator
from series.table_coding import WIDTHS


@settings
class CtganSettings:
    width: int = 128
    depth: int = 2
    """Hidden layers of each network."""
    latent_size: int = 64
    temperature: float = 0.2
    """Of the Gumbel softmax (arXiv:1611.01144) that a mode or a category is drawn by."""

    def __post_init__(self) -> None:
        if min(self.width, self.depth, self.latent_size) < 1 or not self.temperature > 0:
            raise ValueError(
                f"width, depth and latent_size are at least 1 and temperature is above 0, found {self.width}, {self.depth}, "
                f"{self.latent_size} and {self.temperature}"
            )


class SlotsInUse(nn.Module):
    """Which of the 1 + K numbers of each column any row uses: a representation that leaves rows as they are.

    Of generated rows it makes what a table holds: one slot per column. The mask is a buffer, so that a checkpoint has it.
    """

    mask: Tensor

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("mask", torch.ones(shape))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.mask.shape)

    def fit(self, samples: Tensor) -> None:
        """Take the slots that samples [N, C, 1 + K] use."""
        used = (samples != 0).any(0).to(self.mask)
        used[:, 1] = 1.0  # a column has one slot at least
        self.mask.copy_(used)

    def encode(self, samples: Tensor) -> Tensor:
        return samples

    def decode(self, encoded: Tensor) -> Tensor:
        """Each column's likeliest slot as a one-hot, and its number in [-1, 1]."""
        slots = encoded[..., 1:].masked_fill(self.mask[:, 1:] == 0, -1.0)
        one_hot = functional.one_hot(slots.argmax(-1), slots.shape[-1]).to(encoded)
        return torch.cat((encoded[..., :1].clamp(-1, 1), one_hot), -1)


class Residual(nn.Module):
    """[N, D] -> [N, D + W]: the input beside a layer of it, normalised over the batch."""

    def __init__(self, n_in: int, width: int) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(n_in, width), BatchNorm(width)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.cat((self.norm(self.layer(inputs)).relu(), inputs), 1)


class Generator(nn.Module):
    """Latent [N, Z + C (1 + K)] and condition [N, L] -> rows [N, C, 1 + K].

    The first Z numbers of a latent are what layers see; the others are the chance by which each column takes its number, of
    a mean and a deviation that layers give, and its slot. So a row is a function of its latent. In training a slot is soft
    backward and one-hot forward (straight-through).
    """

    def __init__(self, shape: tuple[int, ...], n_labels: int, options: CtganSettings) -> None:
        super().__init__()
        self.representation = SlotsInUse(shape)
        self.sizes, self.n_labels = (options.latent_size, shape[0] * shape[1]), n_labels
        self.temperature = options.temperature
        n_in = options.latent_size + n_labels
        widths = [n_in + options.width * layer for layer in range(options.depth + 1)]
        self.layers = nn.Sequential(*(Residual(width, options.width) for width in widths[:-1]))
        self.last = nn.Linear(widths[-1], shape[0] * (1 + shape[1]))

    def latent(self, n: int, random_state: torch.Generator | None = None) -> Tensor:
        return normal_latent(self, n, sum(self.sizes), random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        seen, chance = latent.split(self.sizes, 1)
        outputs = self.last(self.layers(beside(seen, condition, self.n_labels, "generator")))
        mean, deviation, logits = outputs.unflatten(1, (-1, 1 + self.representation.shape[1])).split(
            (1, 1, self.representation.shape[1] - 1), -1
        )
        mask, chance = self.representation.mask, chance.unflatten(1, self.representation.shape)
        numbers = (mean + functional.softplus(deviation) * chance[..., :1]).tanh()
        share = torch.special.ndtr(chance[..., 1:].float()).clamp(1e-6, 1 - 1e-6)
        gumbel = -(-share.log()).log()
        chosen = ((logits + gumbel).masked_fill(mask[:, 1:] == 0, -1e4) / self.temperature).softmax(-1)
        hard = functional.one_hot(chosen.argmax(-1), chosen.shape[-1]).to(chosen)
        slots = hard - chosen.detach() + chosen if self.training else hard
        return torch.cat((numbers * mask[:, :1], slots), -1)


class Discriminator(HeadedDiscriminator):
    """Rows [N, C, 1 + K] -> logits [N], which also hear how much the rows of the batch vary.

    Numbers are seen at about unit deviation within their mode, so that they count as much as slots.
    """

    def __init__(self, shape: tuple[int, ...], n_labels: int, options: CtganSettings) -> None:
        super().__init__()
        widths = [shape[0] * shape[1], *[options.width] * options.depth]
        self.layers = nn.ModuleList(nn.Linear(n_in, n_out) for n_in, n_out in itertools.pairwise(widths))
        self.head = plain_head(options.width + 1, n_labels)

    def embed(self, rows: Tensor, condition: Tensor | None) -> Tensor:
        features = torch.cat((WIDTHS * rows[..., :1], rows[..., 1:]), -1).flatten(1)
        for layer in self.layers:
            features = functional.leaky_relu(layer(features), 0.2)
        return with_deviation(features, condition, "group", 8)


def build(
    options: CtganSettings, sample_shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """The two networks of rows of ``sample_shape``, conditional where there are labels."""
    n_labels = vector_size(condition_shape, "ctgan")
    generator = Generator(sample_shape, n_labels, options)
    start_generator(generator, n_labels)
    return {"generator": generator, "discriminator": Discriminator(sample_shape, n_labels, options)}
