"""What is held out of training, and which label each written sample gets: both are functions of content or of the seed."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np

from multigan.errors import ConfigError, DataError
from multigan.reading.split import chosen_by_hash

_GOLDEN = 0.6180339887498949


def held_out_rows(
    contents: Sequence[str], classes: Sequence[Hashable], share: float, source: str
) -> np.ndarray:
    """bool [N]: a stable share of the different contents; copies lie on one side, and no class vanishes from training."""
    digests = [hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest() for content in contents]
    by_class: dict[Hashable, set[str]] = {}
    for digest, own in zip(digests, classes, strict=True):
        by_class.setdefault(own, set()).add(digest)
    out = chosen_by_hash(by_class.values(), share)
    if not out:
        raise DataError(
            f"{source} holds no two different samples of one label, so that none can be held out; add some."
        )
    return np.array([digest in out for digest in digests])


def labels_by_share(
    labels: Sequence[str], asked: Sequence[str], shares: Sequence[float], n: int, seed: int
) -> np.ndarray:
    """int64 [n]: a label's number for each sample, those that are ``asked`` for as often as in the training data.

    Sample i of a seed has the same label however many are asked for (an additive sequence of the golden ratio). ConfigError
    for a mix of labels.
    """
    mixes = [label for label in asked if label not in labels]
    if mixes:
        raise ConfigError(
            f"A row has one label, and {mixes[0]!r} is a mix; ask for some of {', '.join(labels)}."
        )
    numbers = np.array([labels.index(label) for label in asked])
    ends = np.cumsum(np.array(shares)[numbers])
    start = np.random.default_rng((seed, 2)).random()
    places = (start + _GOLDEN * np.arange(n)) % 1 * ends[-1]
    return numbers[np.minimum(np.searchsorted(ends, places, side="right"), len(ends) - 1)]
