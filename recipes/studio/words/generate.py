"""The generate tab."""

WORDS: dict[str, tuple[str, str]] = {}
