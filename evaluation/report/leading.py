"""The few figures that a report leads with; the rest stand under "more figures"."""

from __future__ import annotations

from evaluation.figures import Report
from evaluation.kinds import kind_of
from evaluation.samples import SampleKind

LEADING = (
    ("emotion accuracy",), ("chance accuracy",), ("C2ST",), ("MIND", "KD"), ("clipped density", "precision"),
    ("clipped coverage", "recall"), ("copies", "exact copies", "authenticity"), ("nearest distance ratio",),
    ("noise level", "high-frequency energy"), ("fine detail",), ("silent clips",), ("clipped clips",), ("self-BLEU-4",),
    ("curve agreement",), ("flicker",),
)  # fmt: skip
"""Of each group the first metric that there is: whether the label comes through, whether samples can be told from real
ones, by how much, fidelity, variety, copies, noise and silence, repetition, and how samples move over time."""


def base(name: str) -> str:
    """The name of a figure without its features: "recall" of "recall[dinov2, k=3]"."""
    return name.partition("[")[0].strip()


def features_in(name: str) -> str:
    """The features that a figure's name holds: "dinov2" of "recall[dinov2, k=3]"."""
    return name.partition("[")[2].rstrip("]").partition(",")[0]


def leads(metric: str) -> bool:
    """Whether figures of a metric may lead."""
    return any(metric in group for group in LEADING)


def features_of_labels(kind: SampleKind) -> str | None:
    """The features of the classifier of labels that is trained on samples of a kind, None where there is none."""
    record = kind_of(kind).classifier
    return None if record is None else record.name


def leading(report: Report) -> tuple[str, ...]:
    """The names of the figures that lead, in their order, the kind's own last; all where none of ``LEADING`` is there.

    Figures in the features of the classifier of labels lead only where there are no other features.
    """
    names = dict.fromkeys(figure.name for figure in report.figures)
    own = features_of_labels(report.kind)
    through = {figure.name: figure.features for figure in report.figures}
    found: list[str] = []
    for group in LEADING:
        of_metric = next(
            (m for metric in group if (m := [name for name in names if base(name) == metric])), []
        )
        other = [name for name in of_metric if through[name] != own]
        found += other or of_metric
    own_metrics = kind_of(report.kind).leading
    return tuple((*found, *(name for name in names if base(name) in own_metrics)) if found else names)
