"""Quality against diversity: a generator of texts at several temperatures is a curve, not a point (arXiv:1811.02549)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.metrics.bleu import estimate_bleu, estimate_self_bleu
from evaluation.metrics.tokens import Tokens, tokens
from multigan.errors import DataError
from multigan.writing import replacing

ORDER = 4
"""Of BLEU: four-grams, as papers of text GANs report first."""


@dataclass(frozen=True)
class Point:
    """Texts at one setting; errors are half the widths of 95% intervals."""

    setting: float
    """The temperature that they were sampled at."""
    quality: float
    """BLEU-4 against real texts, in [0, 1]."""
    quality_error: float
    diversity: float
    """1 - self-BLEU-4, in [0, 1]."""
    diversity_error: float
    n: int


@dataclass(frozen=True)
class Frontier:
    """What a generator can choose from: points, by their setting."""

    points: tuple[Point, ...]

    @property
    def best(self) -> tuple[Point, ...]:
        """The points that no other beats in both, the most varied first."""
        ordered = sorted(self.points, key=lambda point: (-point.diversity, -point.quality))
        kept: list[Point] = []
        for point in ordered:
            if not kept or point.quality > kept[-1].quality:
                kept.append(point)
        return tuple(kept)

    @property
    def area(self) -> float:
        """The part of the unit square that some point beats or equals in both: 1 is perfect, and more points add to it."""
        area, below = 0.0, 0.0
        for point in self.best:
            area += point.diversity * (point.quality - below)
            below = point.quality
        return area

    def plot(self, path: Path, others: Mapping[str, Frontier] | None = None, name: str = "generated") -> None:
        """A PNG: diversity over quality with the settings as numbers, and ``others`` (real text, another model) beside."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.5, 5.5), dpi=120, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for label, frontier in {name: self, **(others or {})}.items():
            points = sorted(frontier.points, key=lambda point: point.setting)
            axes.errorbar(
                [point.quality for point in points], [point.diversity for point in points],
                yerr=[point.diversity_error for point in points], xerr=[point.quality_error for point in points],
                marker="o", alpha=0.8, label=f"{label}: area {frontier.area:.3f}",
            )  # fmt: skip
            for point in points if len(points) > 1 else ():
                axes.annotate(
                    f"{point.setting:g}", (point.quality, point.diversity), textcoords="offset points", xytext=(5, 5),
                    fontsize=8,
                )  # fmt: skip
        axes.set(
            xlabel=f"quality: BLEU-{ORDER} against real text", ylabel=f"diversity: 1 - self-BLEU-{ORDER}",
            title="Up and to the right is better; numbers are temperatures",
        )  # fmt: skip
        axes.grid(alpha=0.3)
        axes.legend()
        with replacing(path) as stream:
            figure.savefig(stream, format="png", metadata={"Software": None})


def text_frontier(real: Sequence[str], fakes: Mapping[float, Sequence[str]]) -> Frontier:
    """The frontier of texts generated at several settings (setting -> texts), against real ones.

    BLEU and self-BLEU depend on the number of texts: of every setting as many are taken as the fewest have. DataError of
    fewer than three texts.
    """
    if not fakes:
        raise DataError("A frontier needs texts of one setting at least; found none.")
    n = min(map(len, fakes.values()))
    references = [tokens(text) for text in real]
    return Frontier(tuple(_point(setting, references, fakes[setting][:n]) for setting in sorted(fakes)))


def _point(setting: float, references: Sequence[Tokens], texts: Sequence[str]) -> Point:
    own = [tokens(text) for text in texts]
    quality, alike = estimate_bleu(references, own)[ORDER], estimate_self_bleu(own)[ORDER]
    errors = [(each.interval.high - each.interval.low) / 2 for each in (quality, alike)]
    return Point(setting, quality.value, errors[0], 1 - alike.value, errors[1], len(own))
