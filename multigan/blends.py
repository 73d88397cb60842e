"""Mixes of a run's emotions, in place of one of its labels: "joy:0.7,surprise:0.3", or a point of valence and arousal."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence

from multigan.emotions import EMOTIONS
from multigan.errors import ConfigError
from multigan.registry import unknown_name

_DECIMALS = 4
_MOST = 1_000


def shares_of(labels: Sequence[str], emotion: str) -> dict[str, float]:
    """Label -> its share: {emotion: 1} for a label, else those of the mix that ``emotion`` writes out, in the labels' order.

    Only the proportion of a mix's weights counts; shares are rounded to 0.0001, so that the name of a mix (``blend_name``)
    is exact. What is a label, whatever it holds, is no mix. ConfigError for what is neither.
    """
    if emotion in labels:
        return {emotion: 1.0}
    if not labels:
        raise ConfigError(
            f"This run was trained without labels, so it cannot make {emotion!r}; leave out --emotion."
        )
    if ":" not in emotion:
        hint = " A mix has weights, such as joy:0.7,surprise:0.3." if "," in emotion else ""
        raise ConfigError(unknown_name("emotion in this run", emotion, list(labels)) + hint)
    return _normalised(labels, _weights(labels, emotion), emotion)


def blend_name(shares: Mapping[str, float]) -> str:
    """How a mix is written: "joy:0.7,surprise:0.3"; one label alone is its own name."""
    if len(shares) == 1:
        return next(iter(shares))
    return ",".join(f"{label}:{share:g}" for label, share in shares.items())


def in_words(shares: Mapping[str, float]) -> str:
    """A mix for a person: "70% joy, 30% surprise"; one label alone is its own name."""
    if len(shares) == 1:
        return next(iter(shares))
    return ", ".join(f"{100 * share:g}% {label}" for label, share in shares.items())


def shares_at(labels: Sequence[str], valence: float, arousal: float) -> dict[str, float]:
    """The mix at a point of the plane: label -> share, by the places of the run's labels that ``multigan.emotions`` has.

    Barycentric weights within the Delaunay triangle that holds the point, so that a label's own place gives that label
    alone and shares never jump; beyond the hull, those of its nearest point. ConfigError for fewer than three such labels.
    """
    places = {label: _PLACES[label] for label in labels if label in _PLACES}
    if len(places) < 3:
        raise ConfigError(
            "A point of valence and arousal is a mix of three labels or more whose place is known "
            f"({', '.join(_PLACES)}); this run has {' and '.join(places) or 'none of them'}: name a mix by --emotion."
        )
    point = (valence, arousal)
    for corners in itertools.combinations(places, 3):
        weights = _barycentric(point, *(places[label] for label in corners))
        if weights is not None and min(weights) >= -_NEAR and _is_delaunay(corners, places):
            return _normalised(labels, dict(zip(corners, (max(0.0, w) for w in weights), strict=True)), "")
    return _normalised(labels, _nearest_of_lines(point, places), "")


def place_of(shares: Mapping[str, float]) -> tuple[float, float]:
    """Valence and arousal of a mix of labels whose places are known."""
    total = sum(shares.values())
    first, second = (
        sum(share * _PLACES[label][axis] for label, share in shares.items()) / total for axis in (0, 1)
    )
    return first, second


_Point = tuple[float, float]
_PLACES: dict[str, _Point] = {emotion.name: (emotion.valence, emotion.arousal) for emotion in EMOTIONS}
_NEAR = 1e-9


def _barycentric(point: _Point, a: _Point, b: _Point, c: _Point) -> tuple[float, float, float] | None:
    """The weights of three corners whose weighted mean the point is; None where they lie on one line."""
    area = _cross(a, b, c)
    if abs(area) < _NEAR:
        return None
    return _cross(point, b, c) / area, _cross(a, point, c) / area, _cross(a, b, point) / area


def _cross(a: _Point, b: _Point, c: _Point) -> float:
    """Twice the signed area of a triangle."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_delaunay(corners: Sequence[str], places: Mapping[str, _Point]) -> bool:
    """Whether no other place lies within the circle through three corners."""
    a, b, c = (places[label] for label in corners)
    turn = math.copysign(1, _cross(a, b, c))
    return all(
        turn * _in_circle(a, b, c, place) <= _NEAR for label, place in places.items() if label not in corners
    )


def _in_circle(a: _Point, b: _Point, c: _Point, point: _Point) -> float:
    """Above 0 where the point lies within the circle through a, b and c, which turn anticlockwise."""
    (ax, ay), (bx, by), (cx, cy) = ((x - point[0], y - point[1]) for x, y in (a, b, c))
    a2, b2, c2 = (x * x + y * y for x, y in ((ax, ay), (bx, by), (cx, cy)))
    return a2 * (bx * cy - by * cx) - b2 * (ax * cy - ay * cx) + c2 * (ax * by - ay * bx)


def _nearest_of_lines(point: _Point, places: Mapping[str, _Point]) -> dict[str, float]:
    """Of all lines between two places, the weights of the point that is nearest: beyond the hull it is on its border."""
    found: list[tuple[float, dict[str, float]]] = []
    for first, second in itertools.combinations(places, 2):
        a, b = places[first], places[second]
        share = _share_of_second(point, a, b)
        found.append((math.dist(point, _between(a, b, share)), {first: 1 - share, second: share}))
    return min(found, key=lambda pair: pair[0])[1]


def _share_of_second(point: _Point, a: _Point, b: _Point) -> float:
    """Where on the line from a (0) to b (1) the point of it lies that is nearest to ``point``."""
    along = (b[0] - a[0], b[1] - a[1])
    ahead = (point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]
    return min(1.0, max(0.0, ahead / (along[0] ** 2 + along[1] ** 2)))


def _between(a: _Point, b: _Point, share: float) -> _Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def _weights(labels: Sequence[str], emotion: str) -> dict[str, float]:
    """The weights that a mix writes out; the longest label that fits is meant, since labels may hold ":" and ","."""
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    part = re.compile(rf"\s*({names})\s*:([^,:]*)(?:,|$)")
    weights: dict[str, float] = {}
    place = 0
    while place < len(emotion):
        match = part.match(emotion, place)
        if match is None:
            rest = emotion[place:].partition(",")[0]
            name = (rest.rpartition(":")[0] or rest).strip()
            if name not in labels:
                raise ConfigError(unknown_name("emotion in this run", name, list(labels)))
            raise _bad_weight(emotion, name, "none")
        label, text = match[1], match[2].strip()
        if label in weights:
            raise ConfigError(f"The mix {emotion!r} names {label!r} twice; give each emotion one weight.")
        try:
            weights[label] = float(text)
        except ValueError:
            raise _bad_weight(emotion, label, repr(text)) from None
        if not 0 <= weights[label] <= _MOST:
            raise _bad_weight(emotion, label, text)
        place = match.end()
    return weights


def _bad_weight(emotion: str, label: str, found: str) -> ConfigError:
    return ConfigError(
        f"In the mix {emotion!r} the weight of {label!r} is a number from 0 to {_MOST:,}, found {found}; write it as in "
        "joy:0.7,surprise:0.3."
    )


def _normalised(labels: Sequence[str], weights: Mapping[str, float], emotion: str) -> dict[str, float]:
    total = sum(weights.values())
    if not total:
        raise ConfigError(f"The mix {emotion!r} has no weight above 0; give one emotion or more a weight.")
    shares = {label: round(weights[label] / total, _DECIMALS) for label in labels if label in weights}
    return {label: share for label, share in shares.items() if share}
