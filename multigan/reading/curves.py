"""Curves of intensity over time, as people write them: "0..1..0" rises to 1 and falls again, in straight lines."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from multigan.errors import DataError

if TYPE_CHECKING:
    import numpy as np

SEPARATOR = ".."
MOST_PLACES = 64
_ALLOWED = 'numbers from 0 to 1 with ".." between them, such as 0..1..0 (up and down), 0.2..0.9 (up) or 0.5 (it stays)'


def places_of(text: str) -> tuple[float, ...]:
    """The numbers of a curve, evenly spaced over time; DataError for what is no curve.

    "0..1..0" -> (0, 1, 0); a single number is a curve that stays. A number may begin with its point: "0...5" is 0 and .5.
    """
    words = _words(text.strip())
    try:
        values = tuple(float(word) for word in words)
    except ValueError:
        values = ()
    if not values or not all(0 <= value <= 1 for value in values):
        raise DataError(f"{text!r} is no curve of intensity: give {_ALLOWED}.")
    if len(values) > MOST_PLACES:
        raise DataError(
            f"The curve of intensity {text[:40]!r}... has {len(values)} numbers; give at most {MOST_PLACES}."
        )
    return values


def _words(text: str) -> list[str]:
    """The parts between separators, where a third point belongs to the number behind it."""
    words = [""]
    rest = text
    while rest:
        if rest.startswith(SEPARATOR):
            words.append("")
            rest = rest[len(SEPARATOR) :]
        else:
            words[-1] += rest[0]
            rest = rest[1:]
    return words


def curve_at(text: str, n: int) -> np.ndarray:
    """float32 [n]: the curve at n even times, the first at its beginning and the last at its end.

    Piecewise linear between the numbers of ``text``; DataError for what is no curve.
    """
    import numpy as np  # only here: `multigan sample --help` imports this module

    values = places_of(text)
    if len(values) == 1 or n == 1:
        return np.full(n, values[0], np.float32)
    return np.interp(np.linspace(0, len(values) - 1, n), range(len(values)), values).astype(np.float32)


def written(text: str) -> str:
    """The curve in its shortest form, so that equal curves are written alike: "0.50..1.0" is "0.5..1"."""
    values = list(places_of(text))
    same = all(one == other for one, other in pairwise(values))
    return SEPARATOR.join(f"{value:g}" for value in (values[:1] if same else values))
