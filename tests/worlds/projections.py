"""Random projections as an extractor, and features through it: what tests of featurising and of its cache share."""

import threading

import numpy as np

from evaluation.features.featurise import featurise as features_of
from evaluation.sources import open_folder
from multigan.errors import DataError

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)


class Projected:
    """Random projections of an image's pixels, or of a text's letters; it counts what it is asked for."""

    preprocessing = "none, v1"

    def __init__(self, name="projected", size=7, refuses=None):
        self.name, self.digest, self.size, self.refuses = name, f"digest of {name}", size, refuses
        self.prepared = self.forwarded = 0
        self._lock = threading.Lock()

    def prepare(self, sample):
        with self._lock:
            self.prepared += 1
        if isinstance(sample, str):
            sample = np.frombuffer(sample.encode(), np.uint8)
        if self.refuses is not None and sample.ravel()[0] == self.refuses:
            raise DataError(f"{self.name} refuses it")
        return sample.astype(np.float32).ravel()

    def forward(self, prepared):
        self.forwarded += len(prepared)
        weights = np.random.default_rng(len(self.name)).normal(size=(len(prepared[0]), self.size))
        return np.stack([row @ weights for row in prepared]).astype(np.float32)


def of_folder(folder, extractor=None, rows=None, **options):
    samples = open_folder(folder, "image")
    rows = range(len(samples)) if rows is None else rows
    extractors = [Projected()] if extractor is None else [extractor]
    return features_of(samples, rows, extractors, **{"max_bad": 1, **options})


def expected(pixels, extractor=None):
    extractor = extractor or Projected()
    return extractor.forward([extractor.prepare(image) for image in pixels])


def entries(cache_folder, pattern="*.npy"):
    """Files of features; what is remembered of the files of folders is not among them."""
    found = (cache_folder / "features").glob(f"*/{pattern}")
    return sorted(path for path in found if path.parent.name != "seen")
