"""The page's section on the game that made the generator: verdicts in words, and what was measured, as plots."""

from __future__ import annotations

from evaluation.exhibits.markup import Child, element
from evaluation.figures import Equilibrium, Gallery, Report
from evaluation.report import charts


def section(report: Report, gallery: Gallery) -> Child:
    """Verdicts with what to change, then a plot of each measurement."""
    return None if gallery.equilibrium is None else content(gallery.equilibrium)


def content(found: Equilibrium) -> Child:
    """What ``section`` holds."""
    items = [
        element(
            "li",
            element(
                "b", "good" if advice.good else "look", class_=f"mark {'good' if advice.good else 'bad'}"
            ),
            element(
                "span",
                element("b", f"{advice.name[0].upper()}{advice.name[1:]}. "),
                advice.sentence,
                [[" Try ", element("code", f"--set '{change}'"), "."] for change in advice.change],
                element("small", f" Source: {advice.source}."),
            ),
        )
        for advice in found.advice
    ]
    verdicts = (
        element("ul", items, class_="answers", aria_label="Verdicts on the game")
        if items
        else element("p", "No verdict: nothing that was measured passed a limit.", class_="lead")
    )
    figures = [
        element("figure", element("figcaption", name),
                charts.line(f"{name} over the samples seen in training", [(x, y) for x, y, *_ in points], "samples seen",
                            [(x, low, high) for x, _, low, high in points]))
        for name, points in found.curves.items()
    ]  # fmt: skip
    return element("p", found.lead, class_="lead"), verdicts, element("div", figures, class_="plots curves")
