"""The compare tab."""

WORDS: dict[str, tuple[str, str]] = {}
