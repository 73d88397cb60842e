"""HTML and SVG from Python: whatever is not markup already is escaped, so that no name or text can break out."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = frozenset({"br", "img", "input", "meta"})


class Html(str):
    """Text that is markup already; every other string is escaped when it becomes part of an element."""

    __slots__ = ()


Child = str | Iterable["Child"] | None


def element(tag: str, /, *children: Child, **attributes: object) -> Html:
    """``<tag attributes>children</tag>``.

    Attributes that are None or False are left out, True stands alone; ``class_`` is ``class`` and other
    underscores are hyphens. Children are strings, elements, iterables of them, or None.
    """
    words = [tag]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        words.append(key if value is True else f'{key}="{html.escape(str(value))}"')
    opening = f"<{' '.join(words)}>"
    return Html(opening if tag in VOID else f"{opening}{joined(children)}</{tag}>")


def joined(child: Child) -> Html:
    """All of a child's parts in a row, escaped where they are not markup."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return Html(html.escape(child, quote=False))
    return Html("".join(joined(part) for part in child))
