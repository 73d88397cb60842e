"""Everything that one evaluation looks at: every set drawn, read and featurised once, and a classifier of labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evaluation.classifiers.label_classifier import LabelClassifier
from evaluation.evidence import Neighbours
from evaluation.extractors.protocol import Extractor
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT
from evaluation.metrics.labels import confusion
from evaluation.options import FEWEST, Options
from evaluation.plan.request import Request


@dataclass(eq=False)
class Inputs:
    """Everything that was read, ready to be measured."""

    request: Request
    extractors: tuple[Extractor, ...]
    """Those whose features are measured."""
    default: Extractor
    more: tuple[Extractor, ...]
    """What single metrics look through besides."""
    real: Subset
    """As many as of each set of fakes."""
    pool: Subset
    """These and, where there are more real samples, as many fresh ones for scale."""
    training: Subset
    """All real samples (those looked at, where no metric asks for more), through the default features at least."""
    fakes: dict[str, Subset]
    held_out: Subset | None
    classifier: LabelClassifier | None = None
    known: Subset | None = None
    """Labelled real samples that the classifier was trained on."""
    ceiling: Subset | None = None
    """Labelled real samples that it was not trained on."""
    treated: dict[str, Subset] = field(default_factory=dict)
    """Held-out real samples after some treatment."""
    neighbours: Neighbours | None = None
    models: dict[str, Any] = field(default_factory=dict)
    """Networks that single metrics have loaded, by name."""
    skipped: dict[str, dict[str, str]] = field(default_factory=dict)
    """Set -> name of a sample -> why it was skipped."""
    warnings: list[str] = field(default_factory=list)

    @property
    def options(self) -> Options:
        return self.request.options

    @property
    def labels(self) -> tuple[str, ...]:
        return self.request.labels

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the report, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def halves(self) -> tuple[Subset, Subset] | None:
        """Real samples beside as many fresh ones: held-out samples or, without them, other real samples."""
        if self.held_out is not None:
            n = min(len(self.real), len(self.held_out))
            pair = self.real.part(slice(n)), self.held_out.part(slice(n))
        else:
            n = min(len(self.real), len(self.pool) // 2)
            pair = self.pool.part(slice(n)), self.pool.part(slice(n, 2 * n))
        return pair if n >= FEWEST else None

    def confusions(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        """Subject -> counts [C, C] of what was asked for (rows) and what the classifier reads (columns)."""
        matrices = {}
        for subject, subset in (*self.fakes.items(), (HELD_OUT, self.ceiling)):
            if self.classifier is not None and subset is not None and subset.labels is not None:
                features = subset.features[self.classifier.features]
                predictions = self.classifier.probabilities_of(features).argmax(axis=1)
                counts = confusion(subset.labels, predictions, len(self.labels))
                matrices[subject] = tuple(tuple(int(count) for count in row) for row in counts)
        return matrices
