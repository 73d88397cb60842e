"""The features of EfficientNet-Lite0, of pictures as its authors prepared them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from evaluation.extractors.vision import ImageNetwork, stretched
from multigan.pretrained.efficientnet import COLOURS, network, wrong_file
from multigan.pretrained.weights import digest_of_files, read_state

PART = 4
"""Images at a time: so few that what the first layers make of them stays in the processor's cache."""


def load(device: torch.device, files: Mapping[str, Path]) -> ImageNetwork:
    """``efficientnet-lite0``: the features that its classes of ImageNet are told by, before the last layer."""
    state = read_state(files["weights"])
    try:
        built = network(state).eval().to(device)
    except KeyError as error:
        raise wrong_file(files["weights"], error) from error
    preprocessing = "PIL bicubic to 224x224, stretched; (x - 127) / 128; v1"
    return ImageNetwork(
        "efficientnet-lite0", digest_of_files(files), preprocessing, stretched, COLOURS,
        lambda images: torch.cat([built(part) for part in images.split(PART)]), device,
    )  # fmt: skip
