"""Emotive sentences: for each emotion of ``multigan.emotions`` the rules of what people say of their lives, by language.

Rules lie in ``emotive_en`` and ``emotive_es``, a file an emotion, in the notation of ``grammar``. All emotions of a language
share the shapes of sentences (``shared.txt``); situations, feelings, reactions and wishes are each emotion's own. What can
tell the strength of a feeling has three levels. The content is everyday and harmless. Relatives (``kin``) stand only in the
shared shapes, and what happens names others, so that nobody is there twice.

Those in Spanish are made as those in English, not translated from them. Braces write a rule once for two forms: the genders
of who feels (``_m``, ``_f``), or the first and the third person of who does (``_1``, ``_3``).
"""

from __future__ import annotations

from importlib import resources

from multigan.text.drawn.grammar import Rules, rules
from multigan.text.drawn.spelling import SPELLINGS

EMOTIONS = ("joy", "sadness", "anger", "fear", "surprise", "disgust", "calm", "neutral")


def emotive(language: str) -> dict[str, Rules]:
    """The rules of each emotion in a language of ``SPELLINGS``."""
    folder, spelling = resources.files("multigan.text.drawn") / f"emotive_{language}", SPELLINGS[language]

    def read(name: str) -> Rules:
        return rules((folder / f"{name}.txt").read_text(encoding="utf-8"), spelling)

    shared = read("shared")
    return {emotion: {**shared, **read(emotion)} for emotion in EMOTIONS}
