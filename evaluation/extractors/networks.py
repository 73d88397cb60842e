"""Networks that extract features: what names their weights, how fixed weights are drawn, and silence as they load."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


def digest_of(network: nn.Module) -> str:
    """sha256 over the names, shapes and bytes of a network's state."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def seeded_weights(seed: int) -> Iterator[None]:
    """Layers built inside take their weights from ``seed``; the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would also reseed every GPU
        yield


@contextmanager
def quietly() -> Iterator[None]:
    """transformers says nothing inside: no progress bar, and no list of weights that belong to parts which are not used."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
