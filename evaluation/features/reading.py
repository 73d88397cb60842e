"""Samples -> features: which rows are drawn, what is read of them, and which numbers their labels get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from evaluation.extractors.protocol import Extractor, Progress
from evaluation.features.featurise import featurise
from evaluation.features.subset import Seen
from evaluation.samples import Samples
from multigan.emotions import ordered
from multigan.errors import DataError

FEWEST = 6
"""A fifth nearest neighbour takes as many."""
Rows = Sequence[int] | np.ndarray
NOUNS = {"image": "images", "audio": "clips", "text": "texts"}


@dataclass
class Reader:
    """How samples are read in one evaluation, and what could not be."""

    max_bad: float
    cache: bool
    progress: Progress | None
    skipped: dict[str, dict[str, str]] = field(default_factory=dict)
    """Set -> name of a sample -> why it was skipped."""

    def see(
        self,
        what: str,
        samples: Samples,
        rows: Rows,
        extractors: Sequence[Extractor],
        more_rows: int = 0,
    ) -> Seen:
        """The rows that can be read, in the order given, through every extractor.

        ``more_rows`` of the same set could be read before: what could not is judged as a share of all.
        """
        before = (more_rows, len(self.skipped.get(what, {}))) if more_rows else (0, 0)
        found = featurise(
            samples, rows, extractors, max_bad=self.max_bad, seen_before=before, cache=self.cache,
            progress=self.progress,
        )  # fmt: skip
        if found.bad:
            self.skipped.setdefault(what, {}).update(found.bad)
        return Seen(samples, found.rows, found.features)

    def add(self, seen: Seen, extractor: Extractor) -> Seen:
        """The same samples through one more extractor."""
        more = featurise(
            seen.samples,
            seen.rows,
            [extractor],
            max_bad=self.max_bad,
            cache=self.cache,
            progress=self.progress,
        )
        if len(more.rows) != len(seen.rows):
            raise DataError(f"{seen.samples.source} changed while it was read; start again.")
        return replace(seen, features={**seen.features, **more.features})


def drawn(n: int, seed: Sequence[int]) -> np.ndarray:
    """All of n samples in an order drawn by the seed."""
    return np.random.default_rng(list(seed)).permutation(n)


def refuse_too_few(what: str, n: int, modality: str) -> None:
    """DataError where a set is too small to measure."""
    if n < FEWEST:
        raise DataError(
            f"There are {n} {what} {NOUNS[modality]}; an evaluation needs {FEWEST} or more. Add {NOUNS[modality]}."
        )


def label_names(real: Samples) -> tuple[str, ...]:
    """The reference's labels in the order of a confusion matrix: () where it has none, or only one."""
    names = ordered(set(real.labels)) if real.labels is not None else ()
    return names if len(names) > 1 else ()


def numbered(seen: Seen, names: Sequence[str]) -> Seen:
    """``seen`` with its labels as numbers, where the reference has such labels, and its intensities."""
    samples = seen.samples
    intensities = None
    if samples.intensities is not None:
        values = np.asarray(samples.intensities, np.float64)[seen.rows]
        intensities = values if len(values) and np.ptp(values) > 0 else None
    if samples.labels is None or not names:
        return replace(seen, intensities=intensities)
    places = {name: place for place, name in enumerate(names)}
    asked = [samples.labels[int(row)] for row in seen.rows]
    if not set(asked) <= set(names):
        return replace(seen, intensities=intensities)
    labels = np.array([places[label] for label in asked], np.int64)
    return replace(seen, labels=labels, intensities=intensities)


def mirrored(samples: Samples) -> Samples:
    """The mirror images of images."""
    plain = samples.digests

    def digests(rows: Rows | None = None, progress: Progress | None = None) -> Sequence[str]:
        assert plain is not None
        return [f"mirrored-{digest}" for digest in plain(rows, progress)]

    def read(row: int) -> np.ndarray:
        return np.ascontiguousarray(samples.read(row)[:, ::-1])

    return replace(samples, read=read, digests=None if plain is None else digests)
