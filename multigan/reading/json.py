"""JSON from files that anybody may have written."""

from __future__ import annotations

import json
from typing import Any

from multigan.reading.budget import TABLE_BYTES, in_words


def parse_json(content: str | bytes, at_most: int = TABLE_BYTES) -> Any:
    """The value of a JSON text; ValueError with the reason whatever is wrong with it, its depth and length too."""
    if len(content) > at_most:
        raise ValueError(f"it is larger than {in_words(at_most)}")
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
