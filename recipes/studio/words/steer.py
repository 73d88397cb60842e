"""The steer tab."""

WORDS: dict[str, tuple[str, str]] = {}
