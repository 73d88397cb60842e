"""Words that are written in another way beside their neighbours: English "an", Spanish "al", "del", "e" and "u".

Rules of a grammar have the plain words alone; sentences have them as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Words = tuple[str, ...]

_NO_VOWEL_SOUND = frozenset(("one", "once", "unicorn", "uniform", "useful", "used", "usual"))
_DRAWN_TOGETHER = {("a", "el"): "al", ("de", "el"): "del"}
_DIPHTHONGS = ("hia", "hie")


@dataclass(frozen=True)
class Spelling:
    """``written`` makes of plain words those of a sentence; ``plain`` maps each word that only sentences have back."""

    written: Callable[[Sequence[str]], Words]
    plain: Mapping[str, Words]

    def of(self, words: Sequence[str]) -> Words | None:
        """The plain words of a sentence's; None where it has written them in another way."""
        found = tuple(part for word in words for part in self.plain.get(word, (word,)))
        return found if self.written(found) == tuple(words) else None


def with_articles(words: Sequence[str]) -> Words:
    """Each "a" as the word after it wants it."""
    following = (*words, "")[1:]
    return tuple(
        "an" if word == "a" and after[:1] in set("aeiou") and after not in _NO_VOWEL_SOUND else word
        for word, after in zip(words, following, strict=True)
    )


def with_contractions(words: Sequence[str]) -> Words:
    """ "al" and "del" for "a el" and "de el"; "e" for "y" before the sound of i, "u" for "o" before that of o."""
    found: list[str] = []
    for word, after in zip(words, (*words, "")[1:], strict=True):
        if found and (together := _DRAWN_TOGETHER.get((found[-1], word))):
            found[-1] = together
        elif word == "y" and after.startswith(("i", "í", "hi", "hí")) and not after.startswith(_DIPHTHONGS):
            found.append("e")
        elif word == "o" and after.startswith(("o", "ó", "ho", "hó")):
            found.append("u")
        else:
            found.append(word)
    return tuple(found)


ENGLISH = Spelling(with_articles, {"an": ("a",)})
SPANISH = Spelling(with_contractions, {"al": ("a", "el"), "del": ("de", "el"), "e": ("y",), "u": ("o",)})
SPELLINGS = {"en": ENGLISH, "es": SPANISH}
"""By language."""
