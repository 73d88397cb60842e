"""Report -> tables on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from evaluation.report import GENERATED, HELD_OUT, Figure, Report


def print_table(report: Report, console: Console) -> None:
    """One row a metric, generated beside held-out real images; then what was read for each emotion."""
    table = Table(title="How good are the generated images?", caption="in brackets: 95% intervals")
    for column in ("metric", "better", "generated", "n", "held-out real", "n"):
        table.add_column(
            column, justify="left" if column in ("metric", "better") else "right", overflow="fold"
        )
    by_place = {(figure.name, figure.subject): figure for figure in report.figures}
    for name in dict.fromkeys(figure.name for figure in report.figures):
        generated, held_out = by_place.get((name, GENERATED)), by_place.get((name, HELD_OUT))
        figure = generated or held_out
        better = {True: "higher", False: "lower", None: ""}[figure.higher_is_better if figure else None]
        table.add_row(_escaped(name), better, *_shown(generated), *_shown(held_out))
    console.print(table)
    if report.confusion:
        console.print(_confusion(report.labels, report.confusion))


def _shown(figure: Figure | None) -> tuple[str, str]:
    if figure is None:
        return "", ""
    if figure.low == figure.high:
        return f"{figure.value:.3g}", str(figure.n or "")
    return f"{figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g})", str(figure.n)


def _confusion(labels: tuple[str, ...], counts: tuple[tuple[int, ...], ...]) -> Table:
    table = Table(title="Emotion asked for (rows), and read by the classifier (columns)")
    for column in ("", *labels):
        table.add_column(_escaped(column), justify="right" if column else "left")
    for label, row in zip(labels, counts, strict=True):
        cells = (
            f"[bold]{n}[/]" if column == label else str(n) for column, n in zip(labels, row, strict=True)
        )
        table.add_row(_escaped(label), *cells)
    return table


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
