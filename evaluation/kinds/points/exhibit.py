"""How points are shown: each as a dot on a small map of all that the page shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.exhibits.exhibit import Show
from evaluation.exhibits.markup import Html, element
from evaluation.figures import Example


def show(points: Sequence[np.ndarray], n_bytes: int) -> tuple[Show, str]:
    """A map for each point, faint dots being the others."""
    reach = 1.1 * max((float(np.abs(point).max()) for point in points), default=1.0) or 1.0

    def place(point: np.ndarray) -> tuple[float, float]:
        return 50 + 50 * float(point[0]) / reach, 50 - 50 * float(point[1]) / reach

    cloud = "".join("M{:.1f} {:.1f}h.01".format(*place(point)) for point in points)
    frame = element("rect", class_="frame", x=0.5, y=0.5, width=99, height=99, rx=6)

    def drawing(example: Example, words: str) -> Html:
        x, y = place(example.content)
        dot = element("circle", class_="dot", cx=f"{x:.1f}", cy=f"{y:.1f}", r=5)
        others = element("path", class_="cloud real", d=cloud)
        title = element("title", words)
        return element("svg", title, frame, others, dot, viewBox="0 0 100 100", role="img", width=72)

    return drawing, f"Each square reaches from -{reach:.2f} to {reach:.2f}; faint dots are all points shown."
