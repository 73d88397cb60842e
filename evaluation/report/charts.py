"""Charts as inline SVG: no script, colours from the page's style, and a title that says what is to be seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from evaluation.exhibits.markup import Html, element
from evaluation.report.wording import number, with_interval

WIDTH, HEIGHT = 360, 220
SIDE, MARGIN = 300, 12
MOST_POINTS = 500
"""Points of one set in a scatter plot, and of one line."""
SEED = 0

MINUS = "\N{MINUS SIGN}"

Scale = tuple[float, float, float]
"""Lowest, highest, and the step between grid lines."""


def scale_of(values: Iterable[float], n_steps: int = 3) -> Scale:
    """The round ends, and the round step between them, of an axis that holds all finite values."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = abs(high) / 10 or 1.0
        low, high = low - margin, high + margin
    rough = (high - low) / n_steps
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = magnitude * next(round_ for round_ in (1, 2, 5, 10) if round_ * magnitude >= rough * (1 - 1e-9))
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


def ticks(scale: Scale) -> list[float]:
    """The places of the grid lines, both ends among them."""
    low, high, step = scale
    return [low + step * i for i in range(round((high - low) / step) + 1)]


def whisker(
    title: str, ends: tuple[float, float, float], scale: Scale, lines: Sequence[float], hollow: bool = False
) -> Html:
    """A dot with its interval (value, low, high) before grid lines, as wide as its box: places are per cent."""
    value, low, high = ends
    dot = element("circle", class_="hollow" if hollow else "dot", cx=_percent(value, scale), cy=10, r=4.5)
    left, right = _percent(low, scale), _percent(high, scale)
    bar = element("line", class_="whisker", x1=left, x2=right, y1=10, y2=10)
    caps = [element("line", class_="whisker", x1=end, x2=end, y1=6, y2=14) for end in (left, right)]
    grid = [
        element("line", class_="grid", x1=place, x2=place, y1=-12, y2=32)
        for place in (_percent(tick, scale) for tick in lines)
    ]
    bars = [bar, *caps] if math.isfinite(low) and math.isfinite(high) else []
    shown = [*bars, dot] if math.isfinite(value) else []
    return element("svg", element("title", title), grid, shown, class_="row", height=20, role="img")


def scale_labels(scale: Scale) -> Html:
    """The ends of a scale as text, under its whiskers; the values stand beside them for those who do not see it."""
    ends = [element("span", tick_label(end)) for end in scale[:2]]
    return element("div", ends, class_="scale", aria_hidden="true")


def difference_whisker(title: str, difference: float, low: float, high: float) -> Html:
    """A difference with its interval on a scale of its own, no difference in the middle."""
    ends = difference, low, high
    reach = 1.08 * max((abs(value) for value in ends if math.isfinite(value)), default=1.0) or 1.0
    return whisker(title, ends, (-reach, reach, reach), (0.0,))


def scatter(title: str, real: np.ndarray, fake: np.ndarray, everything: Sequence[np.ndarray]) -> Html:
    """Real points [n, 2] under fake ones; the frame holds ``everything``, so that plots side by side compare."""
    every = np.concatenate([np.asarray(points, np.float64).reshape(-1, 2) for points in everything])
    every = every[np.isfinite(every).all(axis=1)]
    lowest, highest = (every.min(axis=0), every.max(axis=0)) if len(every) else (np.zeros(2), np.zeros(2))
    across, up = highest - lowest
    unit = (SIDE - 2 * MARGIN) / (max(across, up) or 1.0)
    height = round(max(SIDE / 2, min(SIDE, up * unit + 2 * MARGIN)))

    def placed(points: np.ndarray) -> np.ndarray:
        shown = np.asarray(points, np.float64).reshape(-1, 2)
        shown = shown[np.isfinite(shown).all(axis=1)]
        if len(shown) > MOST_POINTS:
            shown = shown[np.random.default_rng(SEED).choice(len(shown), MOST_POINTS, replace=False)]
        return (SIDE / 2, height / 2) + (shown - (lowest + highest) / 2) * (unit, -unit)

    frame = element("rect", class_="frame", x=0.5, y=0.5, width=SIDE - 1, height=height - 1, rx=6)
    dots = [
        element("path", class_=kind, d="".join(f"M{x:.1f} {y:.1f}h.01" for x, y in placed(points)))
        for kind, points in (("cloud real", real), ("cloud", fake))
    ]
    return _drawing(title, SIDE, height, frame, dots)


Mark = tuple[float, str]
"""A place on an axis, and what it says there."""

Bar = tuple[float, float, float]
"""Samples seen, and the ends of an interval there."""


def line(title: str, points: Sequence[tuple[float, float]], unit: str, bars: Sequence[Bar] = ()) -> Html:
    """A curve over the number of samples seen, with both axes and the intervals of its points."""
    return lines(title, [("", points)], unit, bars)


def lines(
    title: str,
    curves: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    unit: str,
    bars: Sequence[Bar] = (),
    across_marks: Sequence[Mark] = (),
    up_marks: Sequence[Mark] = (),
) -> Html:
    """Curves, each with a class of its own, in one frame with both axes; ``bars`` are intervals over them.

    ``across_marks``, ``up_marks``: what the horizontal and the vertical axis have in place of round numbers.
    """
    kept = [(name, _thinned(points)) for name, points in curves]
    bars = [bar for bar in bars if all(map(math.isfinite, bar))]
    across, across_marks = _axis([x for _, points in kept for x, _ in points], across_marks, thousands)
    ends = [end for _, *own in bars for end in own]
    up, up_marks = _axis([*(y for _, points in kept for _, y in points), *ends], up_marks, tick_label)
    widest = max(len(label) for _, label in up_marks)
    left, top, right, bottom = 14 + 7 * widest, 10, WIDTH - 20, HEIGHT - 42

    def x_of(value: float) -> float:
        return left + _share(value, across) * (right - left)

    def y_of(value: float) -> float:
        return bottom - _share(value, up) * (bottom - top)

    grid = [
        element("line", class_="grid", x1=left, x2=right, y1=_r(y_of(at)), y2=_r(y_of(at)))
        for at, _ in up_marks
    ]
    beside = [
        element("text", label, x=left - 6, y=_r(y_of(at) + 4), text_anchor="end") for at, label in up_marks
    ]
    under = [
        element("text", label, x=_r(x_of(at)), y=bottom + 17, text_anchor="middle")
        for at, label in across_marks
    ]
    below = element("text", unit, x=(left + right) / 2, y=HEIGHT - 6, text_anchor="middle")
    paths = [
        element(
            "polyline",
            class_=f"curve {name}".strip(),
            points=" ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points),
        )
        for name, points in kept
    ]
    whiskers = [
        element("line", class_="whisker", x1=_r(x_of(x)), x2=_r(x_of(x)), y1=_r(y_of(low)), y2=_r(y_of(high)))
        for x, low, high in bars
    ]
    return _drawing(title, WIDTH, HEIGHT, grid, beside, under, below, whiskers, paths)


def logarithmic(values: Iterable[float]) -> list[Mark]:
    """Marks of an axis that shows log10 of positive values: one, two and five times powers of ten around all of them."""
    ends = [value for value in values if 0 < value < math.inf] or [1.0]
    powers = range(math.floor(math.log10(min(ends))), math.ceil(math.log10(max(ends))) + 1)
    steps = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    low = max(step for step in steps if step <= min(ends) * (1 + 1e-9))
    high = min(step for step in steps if step >= max(ends) * (1 - 1e-9))
    return [(math.log10(step), tick_label(step)) for step in steps if low <= step <= high]


def _axis(
    values: Sequence[float], marks: Sequence[Mark], label: Callable[[float], str]
) -> tuple[Scale, Sequence[Mark]]:
    """The ends of an axis that holds all values, and its marks: round numbers where none are given."""
    if marks:
        return _with_room([*values, *(at for at, _ in marks)]), marks
    scale = scale_of(values, 4)
    return scale, [(tick, label(tick)) for tick in ticks(scale)]


def _with_room(values: Sequence[float]) -> Scale:
    """The ends of an axis a little beyond all values."""
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 0.5
    return low - room, high + room, high - low


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The finite points, or as many of them as a line shows."""
    kept = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    if len(kept) > MOST_POINTS:
        kept = [kept[i] for i in np.linspace(0, len(kept) - 1, MOST_POINTS).round().astype(int)]
    return kept


def thousands(value: float) -> str:
    """20,000 as 20k and 1,500,000 as 1.5M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"


def tick_label(value: float) -> str:
    """A round number of an axis, rid of what adding steps left behind."""
    return number(float(f"{value:.6g}")).replace("-", MINUS)


def described(subject: str, value: float, low: float, high: float) -> str:
    """What a whisker shows, in words."""
    shown, interval = with_interval(value, low, high)
    return f"{subject}: " + (f"{shown}, 95% interval {interval}" if interval else shown).replace("-", MINUS)


def _drawing(title: str, width: int, height: int, *parts: Html | list[Html]) -> Html:
    box = f"0 0 {width} {height}"
    return element("svg", element("title", title), parts, class_="plot", viewBox=box, role="img")


def _share(value: float, scale: Scale) -> float:
    return (value - scale[0]) / (scale[1] - scale[0])


def _percent(value: float, scale: Scale) -> str:
    return f"{100 * min(1.0, max(0.0, _share(value, scale))):.4g}%" if math.isfinite(value) else "0%"


def _r(value: float) -> float:
    return round(value, 1)
