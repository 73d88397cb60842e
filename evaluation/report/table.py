"""Report -> tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evaluation.catalogue import metrics_of
from evaluation.figures import Difference, Figure, Report
from evaluation.kinds import kind_of
from evaluation.report.answers import answers, first_shown
from evaluation.report.leading import base, leads
from evaluation.report.wording import (
    by_name,
    cautions,
    counts,
    measured,
    number,
    pairs_of,
    tally,
    told,
    with_interval,
    without_weights,
)

NAME = 18
"""Columns that names of figures get at least."""
PADDING = 2
MOST_CONFUSED = 6
FAILS = " *"
FAILS_MEANS = " * fails sanity checks of its kind (docs/metrics.md), so do not read it alone."
INTERVALS = "In brackets: 95% intervals."
STYLES = {"good": "bold green", "fair": "bold yellow", "bad": "bold red"}
"""Of verdicts; all others are bold."""


def print_tables(report: Report, console: Console, full: bool = False) -> None:
    """What a report says: sentences, the figures that lead, the comparison of fakes in these, and warnings.

    ``full``: all figures, and what was read for each label.
    """
    shown, n_more = report, 0
    if not full:
        names = first_shown(report)
        shown = restricted(report, names)
        n_more = len({figure.name for figure in report.figures}) - len(names)
    console.print(Text(f"How good are the generated {report.kind.noun}?", style="bold"))
    print_answers(report, console)
    _print_figures(shown, console)
    if n_more:
        figures = "figure is" if n_more == 1 else "figures are"
        console.print(Text(f"{n_more} more {figures} in the page; multigan evaluate --verbose prints all."))
    _print_differences(shown, console)
    if full and report.subjects and report.subjects[0] in report.confusions:
        words = "label asked for (rows), and read by the classifier (columns)"
        console.print(Text(f"\n{report.subjects[0]}: {words}", style="bold"))
        _print_confusion(report, report.subjects[0], console)
        console.print(Text("Share read as asked for, by label:"))
        console.print(_by_label(report))
    print_end(report, console, full)


def print_answers(report: Report, console: Console) -> None:
    """The sentences, each after its verdict."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, PADDING, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    for answer in answers(report):
        table.add_row(Text(answer.verdict, style=STYLES.get(answer.verdict, "bold")), Text(answer.sentence))
    if table.rows:
        console.print(table)


def print_end(report: Report, console: Console, full: bool) -> None:
    """Warnings, which folder is which set, and what was left out for want of weights.

    Not ``full``: without warnings that a metric was not measured which does not lead.
    """
    others = tuple(name for name in metrics_of(kind_of(report.kind)) if not leads(name))
    for warning in cautions(report):
        if full or not warning.startswith(others):
            console.print(Text(f"Warning: {warning}"))
    sources = report.provenance.get("sources", {})
    others_named = (name for name in report.subjects if sources.get(name) not in (None, "", name))
    folders = ", ".join(f"{name} = {sources[name]}" for name in others_named)
    if report.differences:
        console.print(Text(f"{folders + '. ' if folders else ''}{tally(report.differences)}"))
    if without_weights(report):
        console.print(Text(without_weights(report)))


def restricted(report: Report, names: Sequence[str]) -> Report:
    """A report of these figures alone, in their order."""
    figures = sorted((f for f in report.figures if f.name in names), key=lambda f: names.index(f.name))
    rows = sorted((r for r in report.differences if r.figure in names), key=lambda r: names.index(r.figure))
    return replace(report, figures=tuple(figures), differences=tuple(rows))


def arrows_of(console: Console) -> dict[bool | None, str]:
    """What tells which way is better, as far as the output's encoding has it."""
    higher, lower = "^v" if console.options.ascii_only else "↑↓"
    return {True: f"{higher} ", False: f"{lower} ", None: "  "}


def _print_figures(report: Report, console: Console) -> None:
    arrows = arrows_of(console)
    n = counts(figure.n for figure in report.figures)
    for subjects in _fitting(report, console.width):
        console.print(_figures(report, subjects, arrows))
    legend = f"{arrows[True]}higher is better, {arrows[False]}lower."
    marks = FAILS_MEANS if any(fails_checks(report, figure.name) for figure in report.figures) else ""
    console.print(Text(f"{INTERVALS} {legend}{marks} n = {n or 0} on each side."))


def _print_differences(report: Report, console: Console) -> None:
    for pair in pairs_of(report):
        rows = [row for row in report.differences if (row.first, row.second) == pair]
        console.print(Text(f"\n{pair[0]} minus {pair[1]}: is the difference more than chance?", style="bold"))
        console.print(_differences(rows, console.width))
        console.print(
            Text(f"{INTERVALS} Each holds for its row alone. n = {counts(row.n for row in rows) or 0}.")
        )


def _fitting(report: Report, width: int) -> list[tuple[str, ...]]:
    """Subjects in as many tables as the width asks for, the held-out real samples in each."""
    fakes, scale = report.subjects, measured(report)[len(report.subjects) :]
    each = max(1, (width - NAME) // (PADDING + _widest(report.figures)) - len(scale))
    return [(*fakes[start : start + each], *scale) for start in range(0, len(fakes), each)] or [scale]


def _figures(report: Report, subjects: tuple[str, ...], arrows: dict[bool | None, str]) -> Table:
    table, n = _table(), counts(figure.n for figure in report.figures)
    table.add_column("", overflow="fold")
    widest = _widest(report.figures)
    for subject in subjects:
        table.add_column(Text(subject), justify="right", overflow="fold", min_width=widest)
    for features in dict.fromkeys(figure.features for figure in report.figures):
        figures = [
            figure for figure in report.figures if figure.features == features and figure.subject in subjects
        ]
        table.add_section()
        table.add_row(Text(f"[{features}]" if features else "without features", style="italic"))
        for name, row in by_name(figures).items():
            shown = [_cell(row[subject], n) if subject in row else "" for subject in subjects]
            arrow = arrows[next(iter(row.values())).higher_is_better]
            shown_name = arrow + name.removesuffix(f"[{features}]") + FAILS * fails_checks(report, name)
            table.add_row(Text(shown_name), *map(Text, shown))
    return table


def fails_checks(report: Report, name: str) -> bool:
    """Whether a figure is of a metric that fails sanity checks."""
    metric = metrics_of(kind_of(report.kind)).get(base(name))
    return metric is not None and metric.fails > 0


def _cell(figure: Figure, n: str) -> str:
    """The value over its interval, and n where it is not that of all figures."""
    own = f"n = {figure.n:,}" if figure.n and counts([figure.n]) != n else ""
    return "\n".join(filter(None, (*with_interval(figure.value, figure.low, figure.high), own)))


def _widest(figures: tuple[Figure, ...]) -> int:
    return max((len(line) for figure in figures for line in _cell(figure, "").splitlines()), default=8)


def _differences(rows: list[Difference], width: int) -> Table:
    table = _table()
    table.add_column("", overflow="fold")
    table.add_column("difference", justify="right", overflow="fold")
    table.add_column("verdict", overflow="fold", max_width=max(20, width // 2 - NAME))
    for row in rows:
        table.add_row(
            Text(row.figure), Text(_apart(row)), Text(row.verdict, style="bold" if told(row) else "")
        )
    return table


def _apart(row: Difference) -> str:
    return "\n".join(filter(None, with_interval(row.difference, row.low, row.high)))


def _print_confusion(report: Report, subject: str, console: Console) -> None:
    """The matrix where it fits; else the labels that are read as others most often."""
    width = max(map(len, report.labels)) + sum(PADDING + max(len(label), 3) for label in report.labels)
    if width <= console.width:
        console.print(_confusion(report, subject))
        return
    counts_of = np.array(report.confusions[subject])
    np.fill_diagonal(counts_of, 0)
    order = np.argsort(counts_of, axis=None, kind="stable")[::-1][:MOST_CONFUSED]
    for row, read in zip(*np.unravel_index(order, counts_of.shape), strict=True):
        if counts_of[row, read]:
            line = f"{report.labels[row]} read as {report.labels[read]}: {counts_of[row, read]:,}"
            console.print(Text(line))
    console.print(Text("The whole matrix is in the page."))


def _confusion(report: Report, subject: str) -> Table:
    table = _table()
    table.add_column("", overflow="fold")
    for label in report.labels:
        table.add_column(Text(label), justify="right", overflow="fold")
    for label, row in zip(report.labels, report.confusions[subject], strict=True):
        cells = (
            Text(number(n), style="bold" if column == label else "")
            for column, n in zip(report.labels, row, strict=True)
        )
        table.add_row(Text(label), *cells)
    return table


def _by_label(report: Report) -> Table:
    """Of each label asked for, the share that the classifier reads as such: one column per set, real samples beside them."""
    shown = [subject for subject in measured(report) if subject in report.confusions]
    table = _table()
    table.add_column("", overflow="fold")
    for subject in shown:
        table.add_column(Text(subject), justify="right", overflow="fold")
    for place, label in enumerate(report.labels):
        rows = [report.confusions[subject][place] for subject in shown]
        table.add_row(
            Text(label), *(Text(f"{row[place] / sum(row):.3f}" if sum(row) else "") for row in rows)
        )
    return table


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False)
