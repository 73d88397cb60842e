"""Intensities as tables say them: numbers from 0 to 1, or words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from multigan.errors import DataError
from multigan.reading.tables import whole

_LEVELS = (
    (0.1, "very low", "very weak", "very mild"),
    (0.25, "low", "weak", "mild"),
    (0.5, "normal", "medium", "moderate"),
    (0.75, "strong", "high", "intense"),
    (1.0, "very strong", "very high", "very intense"),
)
WORDS: Mapping[str, float] = {word: value for value, *words in _LEVELS for word in words}
"""What each word means where nobody says: quarters of the whole, and a tenth below the first."""
_PLAIN = re.compile(r"\w[\w .-]*")
_COMMA = re.compile(r"0,\d+|1,0{1,2}")
"""A number in [0, 1] as German, French and Spanish write it."""


def key_of_word(text: str) -> str:
    """A word without regard to case, and to what stands between its parts ("Very_High")."""
    return re.sub(r"[\s_-]+", " ", whole(text)).casefold()


class Scale:
    """Turns intensities into numbers, and keeps what it took the words of ``WORDS`` for.

    ``own``: what words mean to the person, beside and before ``WORDS``; ``setting(name, value)`` says how a person gives
    a setting.
    """

    def __init__(self, own: Mapping[str, float] | None, setting: Callable[[str, str], str]) -> None:
        self._own = {key_of_word(word): value for word, value in (own or {}).items()}
        self._setting = setting
        self._used: dict[str, float] = {}

    def value(self, cell: Any, where: str) -> float:
        """The number in [0, 1] that a cell means, 1 where it is empty; DataError, which begins with ``where``, otherwise."""
        text = "" if cell is None else str(cell).strip()
        if not text:
            return 1.0
        word = key_of_word(text)
        if word in self._own:
            return self._own[word]
        if word in WORDS:
            self._used[word] = WORDS[word]
            return WORDS[word]
        try:
            number = float(text.replace(",", ".") if _COMMA.fullmatch(text) else text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            example = text if _PLAIN.fullmatch(text) else "WORD"
            words = ", ".join(name for _, *names in _LEVELS for name in names[:2])
            raise DataError(
                f"{where}: the intensity is {text!r}, and it must be a number from 0 to 1 or one of the words {words}; say "
                f"what it means ({self._example({example: 0.5})}), name another column "
                f"({self._setting('intensity', 'NAME')}), or leave intensities out ({self._setting('intensity', 'none')})."
            )
        return number

    @property
    def notes(self) -> tuple[str, ...]:
        """What the words that were met are taken for, in a sentence; nothing where there was none."""
        if not self._used:
            return ()
        used = sorted(self._used.items(), key=lambda item: (item[1], item[0]))
        said = ", ".join(f"{word!r} is {value:g}" for word, value in used)
        highest = used[-1][1]
        example = {word: round(value / highest, 2) for word, value in used}
        return (f"Intensities are words: {said}. Others can be given, such as {self._example(example)}.",)

    def _example(self, values: Mapping[str, float]) -> str:
        mapping = ", ".join(f"{word}: {value:g}" for word, value in values.items())
        return self._setting("intensity_values", f'"{{{mapping}}}"')
