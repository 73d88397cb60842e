"""How texts are shown in the page: as quotations, the longest of them cut."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.exhibits.exhibit import Show, caption
from evaluation.exhibits.markup import Html, element
from evaluation.figures import Example

MOST_CHARACTERS = 600


def show(texts: Sequence[str], n_bytes: int) -> tuple[Show, str]:
    """How one of the texts is shown; there is nothing to say of that."""
    return _text, ""


def _text(example: Example, words: str) -> Html:
    text = str(example.content)
    cut = text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS].rstrip() + " […]"
    details = caption(example)
    return element(
        "blockquote", element("p", cut), element("footer", details) if details else None, title=words
    )
