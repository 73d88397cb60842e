"""The train tab."""

WORDS: dict[str, tuple[str, str]] = {}
