"""Every string of the studio in each of its languages: one table, in a file for each tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recipes.studio.words import compare, general, generate, steer, train

LANGUAGES = {"en": "English", "es": "Español"}
TABLE: Mapping[str, tuple[str, str]] = {
    **general.WORDS,
    **generate.WORDS,
    **steer.WORDS,
    **train.WORDS,
    **compare.WORDS,
}
"""Key -> the string in each of ``LANGUAGES``, in their order; ``{name}`` is filled in."""


@dataclass(frozen=True)
class Words:
    """The strings of one language: ``words("no_run", folder="runs")``."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        text = TABLE[key][list(LANGUAGES).index(self.language)]
        return text.format(**values) if values else text
