"""An estimate of a report of its own as a figure of ``report.json``."""

from __future__ import annotations

from evaluation.figures import Figure
from evaluation.statistics.estimate import Estimate


def figure_of(
    name: str, estimate: Estimate, subject: str, seed: int, higher_is_better: bool | None, reading: str
) -> Figure:
    """The figure of an estimate that needs no features."""
    interval = estimate.interval
    note = f"Interval: {interval.method}. {estimate.note}".strip()
    bounds = (interval.low, interval.high)
    return Figure(
        name, estimate.value, *bounds, estimate.n, seed, higher_is_better, "", note, subject, reading
    )
