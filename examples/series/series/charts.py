"""Whole sets over one another in the page of a report: histograms of numbers, shares of categories, and curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evaluation.exhibits.markup import Html, element

WIDTH, HEIGHT, BASE = 300, 130, 108
N_BINS = 30
MOST_CATEGORIES = 12
Tone = Callable[[str], str]
"""Subject -> its class in the page."""


def figure(title: str, drawing: Sequence[Html], subjects: Sequence[str], tone: Tone) -> Html:
    """A drawing with its title and its key."""
    said = element("title", f"{title}: {' and '.join(subjects)}")
    svg = element("svg", said, drawing, class_="plot", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")
    key = [element("span", name, class_=f"key {tone(name)}") for name in subjects]
    return element("figure", element("figcaption", element("b", title), key), svg)


def histogram(title: str, sets: Mapping[str, np.ndarray], tone: Tone, write: Callable[[float], str]) -> Html:
    """Shares of numbers [N], but NaN, in equal bins; the first set is filled, the others are lines."""
    there = {name: values[np.isfinite(values)] for name, values in sets.items()}
    every = np.concatenate([*there.values()])
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    ends = np.linspace(low, high if high > low else low + 1, N_BINS + 1)
    shares = {name: np.histogram(values, ends)[0] / max(1, len(values)) for name, values in there.items()}
    highest = max(float(own.max()) for own in shares.values()) or 1.0
    drawn = [
        _steps(own / highest, tone(name), filled=place == 0)
        for place, (name, own) in enumerate(shares.items())
    ]
    return figure(title, [_axis(), *drawn, *_labels(write(low), write(high))], list(sets), tone)


def bars(title: str, sets: Mapping[str, np.ndarray], tone: Tone) -> Html:
    """Shares of categories [N]: a bar for each set, the most frequent of the first set first."""
    first = next(iter(sets.values())).astype(str)
    names, counts = np.unique(first, return_counts=True)
    more = sorted({*np.concatenate([own.astype(str) for own in sets.values()])} - set(names))
    order = [*names[np.argsort(-counts, kind="stable")], *more][:MOST_CATEGORIES]
    shares = {name: [float((own.astype(str) == one).mean()) for one in order] for name, own in sets.items()}
    highest = max(max(own) for own in shares.values()) or 1.0
    wide = WIDTH / len(order)
    each = wide * 0.8 / len(sets)
    parts = [_axis()]
    for place, (name, own) in enumerate(shares.items()):
        for slot, share in enumerate(own):
            height = share / highest * (BASE - 10)
            box = {"x": f"{slot * wide + wide * 0.1 + place * each:.1f}", "y": f"{BASE - height:.1f}"}
            parts.append(
                _toned(
                    "rect",
                    tone(name),
                    0.85 if place else 0.4,
                    **box,
                    width=f"{each:.1f}",
                    height=f"{height:.1f}",
                )
            )
    letters = max(2, int(wide / 6.5))
    for slot, one in enumerate(order):
        shown = one if len(one) <= letters else f"{one[: letters - 1]}…"
        parts.append(
            element(
                "text", shown or "(empty)", x=f"{(slot + 0.5) * wide:.1f}", y=BASE + 16, text_anchor="middle"
            )
        )
    return figure(title, parts, list(sets), tone)


def curves(title: str, sets: Mapping[str, np.ndarray], tone: Tone, unit: str) -> Html:
    """Values [T] of each set over steps from 0 on, between -1 and 1."""
    drawn = []
    for name, own in sets.items():
        across = np.linspace(2, WIDTH - 2, len(own))
        down = BASE / 2 + 4 - np.clip(own, -1, 1) * (BASE / 2 - 8)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
        style = "fill:none;stroke:var(--tone);stroke-width:2"
        drawn.append(element("polyline", points=points, class_=tone(name), style=style))
    longest = max(map(len, sets.values()))
    middle = element("line", class_="grid", x1=0, x2=WIDTH, y1=BASE / 2 + 4, y2=BASE / 2 + 4)
    return figure(title, [middle, *drawn, *_labels("0", f"{longest - 1} {unit}")], list(sets), tone)


def _steps(heights: np.ndarray, tone: str, filled: bool) -> Html:
    across = np.repeat(np.linspace(2, WIDTH - 2, len(heights) + 1), 2)[1:-1]
    down = BASE - np.repeat(heights, 2) * (BASE - 10)
    path = (
        f"M2 {BASE}"
        + "".join(f"L{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))
        + f"L{WIDTH - 2} {BASE}"
    )
    paint = (
        "fill:var(--tone);fill-opacity:.35" if filled else "fill:none;stroke:var(--tone);stroke-width:1.75"
    )
    return element("path", d=path, class_=tone, style=paint)


def _toned(tag: str, tone: str, strength: float, **places: object) -> Html:
    return element(tag, class_=tone, style=f"fill:var(--tone);fill-opacity:{strength}", **places)


def _axis() -> Html:
    return element("line", class_="grid", x1=0, x2=WIDTH, y1=BASE, y2=BASE)


def _labels(low: str, high: str) -> list[Html]:
    return [
        element("text", low, x=2, y=BASE + 16),
        element("text", high, x=WIDTH - 2, y=BASE + 16, text_anchor="end"),
    ]
