"""What both modalities do when samples are handed over: one file, in which labels are as frequent as in the data."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.sampling import TrainedGenerator
from multigan.sampling_settings import SamplingSettings
from series.splitting import labels_by_share


def check_label_strength(network: nn.Module, options: SamplingSettings) -> None:
    """ConfigError where labels are asked for at another intensity than 1."""
    if options.intensity != 1:
        raise ConfigError(f"A sample has a label or has not: intensity is 1, found {options.intensity:g}.")


def conditions_by_share(
    trained: TrainedGenerator, asked: Sequence[str], shares: Sequence[float], n: int, seed: int
) -> tuple[Tensor | None, list[str]]:
    """The conditions [n, L] of samples whose labels are as frequent as in the training data, and these labels."""
    labels = trained.facts.labels
    if not labels:
        return None, [""] * n
    numbers = labels_by_share(labels, asked or labels, shares or [1 / len(labels)] * len(labels), n, seed)
    return torch.eye(len(labels))[torch.from_numpy(numbers)], [labels[number] for number in numbers]
