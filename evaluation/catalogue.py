"""The metrics: one record each. Every figure of a report is made through its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evaluation.metrics.emotion import accuracy, intensity_correlation
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.inception_score import inception_score
from evaluation.metrics.memorisation import authenticity, distance_ratio
from evaluation.metrics.prdc import prdc
from multigan.registry import Registry


@dataclass(frozen=True)
class Metric:
    """The function that computes a metric, what that looks at, which way is better, and its paper."""

    name: str
    function: Callable[..., Any]
    needs: str
    higher_is_better: bool | None
    paper: str

    def named(self, features: str) -> str:
        """The name of a figure: with its features where there is a choice (FD alone would say Inception)."""
        return self.name if self.needs.startswith("labels") else f"{self.name}[{features}]"


_TABLE = (
    Metric("emotion accuracy", accuracy, "labels", True, "arXiv:1807.09499 (GAN-test)"),
    Metric("chance accuracy", accuracy, "labels", None, ""),
    Metric("intensity correlation", intensity_correlation, "labels, intensities", True, "Spearman 1904"),
    Metric("FD", frechet_distance, "features", False, "arXiv:1706.08500, eq. 6"),
    Metric("IS", inception_score, "probabilities", True, "arXiv:1606.03498, section 4"),
    Metric("precision", prdc, "features", True, "arXiv:1904.06991, eq. 1"),
    Metric("recall", prdc, "features", True, "arXiv:1904.06991, eq. 2"),
    Metric("density", prdc, "features", True, "arXiv:2002.09797, section 3"),
    Metric("coverage", prdc, "features", True, "arXiv:2002.09797, section 3"),
    Metric("nearest distance ratio", distance_ratio, "features of all training images", None, ""),
    Metric("authenticity", authenticity, "features of all training images", True, "arXiv:2102.08921"),
)
METRICS: Registry[Metric] = Registry("metric", {metric.name: metric for metric in _TABLE})
