"""What has to be read beside samples, in the language of a page."""

from __future__ import annotations

from multigan.text.safety import NOTICES
from recipes.judging import blind
from recipes.scene.page import MADE
from recipes.studio.words import Words

_KNOWN = {MADE: "made", blind.MADE: "made_by_machines"}


def in_language(note: str, words: Words) -> str:
    """A note as the page says it; one that only the command line's library knows is said to be English."""
    if note in NOTICES.values():
        return NOTICES[words.language]
    return words(_KNOWN[note]) if note in _KNOWN else words("in_english", said=note)
