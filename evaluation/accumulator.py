"""Samples that come batch by batch, as from a training loop: update, compute and reset, as torchmetrics has them."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.figures import GENERATED, Report
from evaluation.pipeline import evaluate
from evaluation.samples import SampleKind, Samples
from evaluation.sources import as_samples, of_media
from multigan.errors import DataError


class Accumulator:
    """Takes in batches of real samples and of fakes, and measures them when asked.

    ``modality``, ``rate_hz`` and ``n`` are as ``evaluation.evaluate`` has them, and so are all other ``options``
    (``metrics``, ``features``, ``seed``, ``device``, ...). Of each side the first ``n`` samples are kept, tensors in
    temporary files. A batch is whatever ``evaluate`` takes from memory: arrays, tensors, lists of texts.
    """

    def __init__(
        self,
        modality: str | SampleKind | None = None,
        *,
        rate_hz: int | None = None,
        n: int = 10_000,
        **options: Any,
    ) -> None:
        self.modality, self.rate_hz, self.n, self.options = modality, rate_hz, n, options
        self._batches: dict[bool, list[Samples]] = {True: [], False: []}

    def update(self, samples: Any, real: bool, labels: Sequence[Any] | None = None) -> None:
        """Take in a batch of real samples or of fakes, with a label for each where there are labels.

        DataError or ConfigError for what the modality does not take. What comes after the first ``n`` is passed over.
        """
        own = self._batches[real]
        if len(samples) == 0 or sum(map(len, own)) >= self.n:
            return
        if isinstance(samples, np.ndarray):
            samples = samples.copy()  # whoever gave it may fill it anew
        batch = as_samples(samples, self.modality, rate_hz=self.rate_hz, labels=labels)
        if own and (own[0].labels is None) != (batch.labels is None):
            side = "real samples" if real else "fakes"
            raise DataError(
                f"Some batches of {side} have labels and others none; give labels with each or none."
            )
        self.modality = batch.kind
        own.append(batch)

    def report(self) -> Report:
        """Everything that is measured of the samples so far; DataError where there are too few of a side."""
        kind = self.modality
        if kind is None:
            raise DataError("There are no samples yet: call update with real ones and with fakes first.")
        real, fake = (_joined(self._batches[side], kind, self.n) for side in (True, False))
        return evaluate(real, fake, n=self.n, **self.options)

    def compute(self) -> dict[str, float]:
        """The figures of the fakes by their names, for a log."""
        return {figure.name: figure.value for figure in self.report().figures if figure.subject == GENERATED}

    def reset(self, real: bool = False) -> None:
        """Forget the fakes, and with ``real`` the real samples too."""
        for side in (True, False) if real else (False,):
            self._batches[side].clear()


def _joined(batches: Sequence[Samples], kind: str | SampleKind, n: int) -> Samples:
    """Several batches as one set, of which the first n."""
    batches = list(batches)
    ends = list(itertools.accumulate(map(len, batches)))
    total = min(n, ends[-1] if ends else 0)

    def read(row: int) -> Any:
        batch = bisect.bisect_right(ends, row)
        return batches[batch].read(row - (ends[batch] - len(batches[batch])))

    labels = None
    if batches and batches[0].labels is not None:
        labels = [label for batch in batches for label in batch.labels or ()][:total]
    return of_media(kind, [f"sample {row}" for row in range(total)], read, labels=labels)
