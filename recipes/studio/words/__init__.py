"""Every string of the studio in each of its languages: one table, in a file for each tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from multigan.errors import ConfigError, MultiganError
from recipes.studio.words import compare, errors, general, generate, steer, train

LANGUAGES = {"en": "English", "es": "Español"}
TABLE: Mapping[str, tuple[str, str]] = {
    **general.WORDS,
    **generate.WORDS,
    **steer.WORDS,
    **train.WORDS,
    **compare.WORDS,
    **errors.WORDS,
}
"""Key -> the string in each of ``LANGUAGES``, in their order; ``{name}`` is filled in."""


@dataclass(frozen=True)
class Words:
    """The strings of one language: ``words("no_run", folder="runs")``."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        text = TABLE[key][list(LANGUAGES).index(self.language)]
        return text.format(**values) if values else text

    def error(self, error: MultiganError) -> str:
        """What an error says: what is the studio's own in this language, all else as it is, and said to be English."""
        return error.in_words(self) if isinstance(error, StudioError) else self("in_english", said=error)


class StudioError(ConfigError):
    """A sentence of the studio by its key: English as any error's, until a page says it in its own language."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(self.in_words(Words("en")))

    def in_words(self, words: Words) -> str:
        """In a language; the value ``of`` is the key of what the sentence is about."""
        own = {name: words(str(value)) if name == "of" else value for name, value in self.values.items()}
        return words(self.key, **own)
