"""Settings that several runs share, as a command says them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def sets_of(values: Mapping[str, Any]) -> list[str]:
    """What ``--set`` says of nested settings: "data.resolution=32"."""
    return [f"{key}={json.dumps(value)}" for key, value in _flat(values)]


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
