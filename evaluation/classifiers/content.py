"""The labelled samples that a classifier is trained on, and what names them: the same files train the same classifier."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from evaluation.extractors.protocol import Progress
from evaluation.features.subset import Subset
from multigan.reading.files import cache_root
from multigan.writing import private_folder

Contents = TypeVar("Contents", np.ndarray, list[str])


def cache_folder() -> Path:
    """Where trained classifiers are kept."""
    return private_folder(cache_root() / "classifiers")


def content_of(
    training: Subset,
    read: Callable[[Subset, np.ndarray, Progress | None], Contents],
    progress: Progress | None,
) -> tuple[str, Callable[[], Contents], np.ndarray]:
    """(what names them, a function that reads them, their labels): samples in the order of their names.

    So that the same files train the same classifier whatever the seed drew first.
    """
    assert training.labels is not None
    order = np.argsort(training.rows)
    rows, labels = training.rows[order], training.labels[order]
    digests = training.samples.digests
    if digests is None:
        contents = read(training, rows, progress)
        names, reads = [hashlib.sha256(_bytes(contents)).hexdigest()], lambda: contents
    else:
        names, reads = digests(rows, progress), partial(read, training, rows, progress)
    digest = hashlib.sha256("\n".join([*names, labels.tobytes().hex()]).encode()).hexdigest()
    return digest, reads, labels


def _bytes(contents: np.ndarray | list[str]) -> bytes:
    return json.dumps(contents).encode() if isinstance(contents, list) else contents.tobytes()
