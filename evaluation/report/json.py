"""Report -> plain values that JSON holds."""

from __future__ import annotations

import dataclasses
from typing import Any

from evaluation.report import Report

FORMAT_VERSION = 1


def to_json(report: Report) -> dict[str, Any]:
    """The report as nested dicts, lists, strings and finite numbers, with the version of this layout."""
    return {"format_version": FORMAT_VERSION, **_plain(dataclasses.asdict(report))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(held) for key, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, tuple | list) else value
