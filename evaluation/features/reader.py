"""The sets of one evaluation on their way to features, and a record of what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from evaluation.extractors.protocol import Extractor, Progress
from evaluation.features.featurise import featurise
from evaluation.features.subset import Subset
from evaluation.samples import Samples
from multigan.errors import DataError


@dataclass
class Reader:
    """How samples are read in one evaluation, and what could not be."""

    max_bad: float
    cache: bool
    progress: Progress | None
    skipped: dict[str, dict[str, str]] = field(default_factory=dict)
    """Set -> name of a sample -> why it was skipped."""

    def read(
        self,
        what: str,
        samples: Samples,
        rows: Sequence[int] | np.ndarray,
        extractors: Sequence[Extractor],
        n_before: int = 0,
    ) -> Subset:
        """The rows of the set ``what`` that can be read, in the order given, through every extractor.

        ``n_before`` samples of the same set could be read before: what could not is judged as a share of all.
        """
        before = (n_before, len(self.skipped.get(what, {}))) if n_before else (0, 0)
        table = featurise(
            samples, rows, extractors, max_bad=self.max_bad, before=before, cache=self.cache, progress=self.progress,
        )  # fmt: skip
        if table.bad:
            self.skipped.setdefault(what, {}).update(table.bad)
        return Subset(samples, table.rows, table.features)

    def read_again(self, subset: Subset, extractor: Extractor) -> Subset:
        """The same samples through one more extractor."""
        table = featurise(
            subset.samples,
            subset.rows,
            [extractor],
            max_bad=self.max_bad,
            cache=self.cache,
            progress=self.progress,
        )
        if len(table.rows) != len(subset.rows):
            raise DataError(f"{subset.samples.source} changed while it was read; start again.")
        return replace(subset, features={**subset.features, **table.features})
