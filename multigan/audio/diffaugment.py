"""Differentiable augmentation of sounds along time: the policy of DiffAugment (arXiv:2006.10738) in one dimension."""

from __future__ import annotations

import torch
from torch import Tensor

from multigan.transforms import Transforms


def gain(sounds: Tensor) -> Tensor:
    """x g, g ~ U(0.5, 1.5), one draw a sample: [N, ..., T] -> the same.

    Waveforms become louder or softer; spectrograms, normalised about 0, gain or lose contrast.
    """
    strength = torch.rand(len(sounds), *[1] * (sounds.ndim - 1), device=sounds.device, dtype=sounds.dtype)
    return sounds * (strength + 0.5)


def translation(sounds: Tensor) -> Tensor:
    """Shift in time by whole steps, uniform within 1/8 of the length; zeros come in: [N, ..., T] -> the same."""
    n, length = len(sounds), sounds.shape[-1]
    limit = (length + 4) // 8
    shift = torch.randint(-limit, limit + 1, (n, 1), device=sounds.device)
    place = torch.arange(length, device=sounds.device) + shift
    source = place.clamp(0, length - 1)
    flat = sounds.reshape(n, -1, length)
    moved = flat.gather(2, source[:, None].expand_as(flat)) * (place == source)[:, None]
    return moved.view_as(sounds)


def cutout(sounds: Tensor) -> Tensor:
    """Zero a quarter of the time, its centre uniform over the sound: [N, ..., T] -> the same."""
    n, length = len(sounds), sounds.shape[-1]
    size = (length + 2) // 4
    start = torch.randint(0, length, (n, 1), device=sounds.device) - size // 2
    place = torch.arange(length, device=sounds.device)
    kept = (place < start) | (place >= start + size)
    return sounds * kept.view(n, *[1] * (sounds.ndim - 2), length)


_TRANSFORMS = {"gain": gain, "translation": translation, "cutout": cutout}


class DiffAugment(Transforms):
    """Augment everything that the discriminator sees, always and with fixed strengths.

    ``kinds`` are among "gain", "translation" and "cutout" and are applied in this order. The last axis is time, of waveforms
    [N, 1, T] and of spectrograms [N, ..., T]. Gradients flow through, at any order; random numbers come from torch's global
    generator of the sounds' device.
    """

    def __init__(self, kinds: tuple[str, ...] = tuple(_TRANSFORMS)) -> None:
        super().__init__(_TRANSFORMS, kinds)
