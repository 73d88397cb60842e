"""A generator of what is above the band of a sound, a discriminator of its parts, and spectrograms as features."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.audio.bandwidth.resample import ZEROS, widened
from multigan.config import settings
from multigan.errors import ConfigError
from multigan.layers import SLOPE, normal_latent
from multigan.modality import Architecture
from multigan.objectives.terms import FEATURES

DILATIONS = (1, 3, 9)
WINDOWS = (256, 512, 1024)
"""Of the spectrograms that the perceptual term compares, in samples."""


@settings
class ExtendingSettings:
    """Widths of a small convolutional pair."""

    width: int = 24
    """Channels of the generator."""
    blocks: int = 4
    """Residual blocks of two convolutions, dilated by 1, 3, 9, 1, 3, ..."""
    discriminator_width: int = 16
    """Channels of the discriminator at a quarter of the rate, twice as many at each quarter of that."""

    def __post_init__(self) -> None:
        for name in ("width", "blocks", "discriminator_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")


def required_sound(condition: Tensor | None, network: str) -> Tensor:
    """The condition [N, 1, t]; ConfigError where there is none or one of another form."""
    if condition is None or condition.ndim != 3 or condition.shape[1] != 1:
        found = "none" if condition is None else list(condition.shape)
        raise ConfigError(f"This {network} takes a sound [N, 1, t] as its condition; found {found}.")
    return condition


class _Block(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, width, 7, padding=3 * dilation, dilation=dilation)
        self.second = nn.Conv1d(width, width, 1)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.second(functional.leaky_relu(self.first(features), SLOPE))


class Extender(nn.Module):
    """A sound [N, 1, t] at the lower rate as the condition -> [N, 1, t factor], the widened sound and what is added to it.

    Blocks work at the lower rate; sub-pixel convolutions double it (arXiv:1708.00853, section 3.2). The latent has size 0.
    """

    def __init__(self, own: ExtendingSettings, factor: int) -> None:
        super().__init__()
        self.factor = factor
        # samples at the lower rate, on each side, that one of the higher rate depends on: those of the blocks, of the
        # convolutions around them (3 each, fewer where they are finer), and of the widened sound
        dilations = sum(DILATIONS[place % len(DILATIONS)] for place in range(own.blocks))
        self.reach = max(3 * (dilations + 4), ZEROS + 1)
        self.enter = nn.Conv1d(1, own.width, 7, padding=3)
        self.blocks = nn.Sequential(
            *(_Block(own.width, DILATIONS[place % len(DILATIONS)]) for place in range(own.blocks))
        )
        self.grow = nn.ModuleList(
            nn.Conv1d(own.width, 2 * own.width, 7, padding=3) for _ in range(factor.bit_length() - 1)
        )
        self.leave = nn.Conv1d(own.width, 1, 7, padding=3)
        with torch.no_grad():  # at first it is the widened sound
            self.leave.weight.mul_(0.1)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """[n, 0]: there is nothing to draw."""
        return normal_latent(self, n, 0, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        low = required_sound(condition, "generator")
        features = self.blocks(self.enter(low))
        for convolution in self.grow:
            pairs = functional.leaky_relu(convolution(features), SLOPE).unflatten(1, (-1, 2))
            features = pairs.transpose(2, 3).flatten(2)
        return widened(low, self.factor) + self.leave(features)


class PartDiscriminator(nn.Module):
    """A sound [N, 1, T] and its condition [N, 1, t], widened, as two channels -> logits [N, K], one per 64 samples."""

    def __init__(self, own: ExtendingSettings, factor: int) -> None:
        super().__init__()
        self.factor = factor
        widths = (2, *(own.discriminator_width * 2**halving for halving in range(3)))
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(widths):
            layers += [nn.Conv1d(n_in, n_out, 15, stride=4, padding=7), nn.LeakyReLU(SLOPE)]
        self.layers = nn.Sequential(*layers, nn.Conv1d(widths[-1], 1, 5, padding=2))

    def forward(self, sounds: Tensor, condition: Tensor | None) -> Tensor:
        wide = widened(required_sound(condition, "discriminator"), self.factor)
        return self.layers(torch.cat((sounds, wide), 1)).flatten(1)


class Spectrograms(nn.Module):
    """[N, 1, T] -> log10 magnitudes [N, F, M] of three windows: the perceptual term is a multi-resolution spectral distance.

    As arXiv:1910.11480 (section 2.2) compares them, without its spectral convergence.
    """

    def forward(self, sounds: Tensor) -> list[Tensor]:
        levels = []
        for size in WINDOWS:
            window = torch.hann_window(size, device=sounds.device)
            found = torch.stft(
                sounds[:, 0].float(), size, size // 4, window=window, return_complex=True, pad_mode="constant"
            )
            # the square root of a small power has a gradient, an absolute value of 0 has none
            levels.append((found.real.square() + found.imag.square() + 1e-5).log10() / 2)
        return levels


def build(
    own: ExtendingSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator, discriminator and spectrograms for sounds [1, T] from sounds [1, T / 2] or [1, T / 4]; ConfigError else."""
    factor = shape[-1] / condition_shape[-1] if len(condition_shape) == 2 else 0
    if len(shape) != 2 or shape[0] != 1 or condition_shape[:1] != (1,) or factor not in (2, 4):
        raise ConfigError(
            "extending makes sounds [1, T] of sounds with a half or a quarter of their samples; found samples "
            f"{list(shape)} and conditions {list(condition_shape) or 'none'}. Choose another architecture or other data."
        )
    return {
        "generator": Extender(own, int(factor)),
        "discriminator": PartDiscriminator(own, int(factor)),
        FEATURES: Spectrograms(),
    }


EXTENDING = Architecture("extending", ExtendingSettings, build)
