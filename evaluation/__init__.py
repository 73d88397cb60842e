"""Metrics of samples, whoever made them: ``evaluate`` takes samples from anywhere and gives a ``Report``.

What is heavy is imported when it is first asked for, so that a command's help does not wait for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaluation.accumulator import Accumulator
    from evaluation.figures import Report
    from evaluation.pipeline import evaluate
    from evaluation.sources import as_samples

__all__ = ["Accumulator", "Report", "as_samples", "evaluate"]
_PLACES = {
    "Accumulator": "evaluation.accumulator",
    "Report": "evaluation.figures",
    "as_samples": "evaluation.sources",
    "evaluate": "evaluation.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
