"""Report -> plain values that JSON holds."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from evaluation.figures import Report
from evaluation.report.answers import answers

FORMAT_VERSION = 3
"""docs/report.schema.json describes this layout; a field that goes or changes its meaning raises the number."""


def to_json(report: Report) -> dict[str, Any]:
    """The report as nested dicts, lists, strings, booleans and finite numbers, with the version of this layout.

    A number that is not finite becomes null, because JSON has no name for it.
    """
    names = [field.name for field in dataclasses.fields(report) if field.name != "kind"]  # whose name is all
    own = {name: _plain(getattr(report, name)) for name in names}
    said = [_plain(answer) for answer in answers(report)]
    return {"format_version": FORMAT_VERSION, "modality": report.kind.name, "answers": said, **own}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # numpy's numbers and arrays say what they are themselves; paths and the like are text
    return _plain(value.tolist()) if hasattr(value, "tolist") else str(value)
