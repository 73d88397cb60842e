"""Many sets of fakes in one table, a row a set: on a terminal, as CSV and as LaTeX."""

from __future__ import annotations

import csv
import io

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evaluation.figures import Figure, Report
from evaluation.report.answers import first_shown
from evaluation.report.table import INTERVALS, arrows_of, print_answers, print_end, restricted
from evaluation.report.wording import by_name, counts, measured, with_interval
from multigan.reading.formulas import no_formula

NAME, PADDING = 20, 2
"""Columns of a terminal: what names of sets get at least, and between two columns."""
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

Rows = dict[str, dict[str, Figure]]
"""Name of a figure -> set -> figure."""


def print_sets(report: Report, console: Console, full: bool = False) -> None:
    """The sentences, one table of all sets, in as many parts as the width asks for, and the warnings."""
    rows = _rows(report, full)
    console.print(Text(f"How good are the generated {report.kind.noun}?", style="bold"))
    print_answers(report, console)
    arrows = arrows_of(console)
    for names in _fitting(rows, console.width):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("", overflow="fold")
        for name in names:
            first = next(iter(rows[name].values()))
            metric, bracket, features = name.partition("[")
            heading = f"{arrows[first.higher_is_better].strip()} {metric}".strip()
            table.add_column(
                Text(f"{heading}\n{bracket}{features}".rstrip()), justify="right", overflow="fold"
            )
        for subject in measured(report):
            table.add_row(Text(subject), *(Text(_cell(rows[name].get(subject))) for name in names))
        console.print(table)
    n = counts(figure.n for row in rows.values() for figure in row.values())
    legend = f"{arrows[True]}higher is better, {arrows[False]}lower."
    console.print(Text(f"{INTERVALS} {legend} n = {n or 0} on each side."))
    print_end(report, console, full)


def sets_csv(report: Report) -> str:
    """All figures: a line a set, and of each figure its value, the ends of its interval and its n."""
    rows = by_name(report.figures)
    sources = report.provenance.get("sources", {})
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    ends = ("", " low", " high", " n")
    writer.writerow(["set", "source", *(f"{name}{end}" for name in rows for end in ends)])
    for subject in measured(report):
        cells: list[object] = [no_formula(subject), no_formula(str(sources.get(subject, "")))]
        for row in rows.values():
            figure = row.get(subject)
            cells += ("",) * 4 if figure is None else (figure.value, figure.low, figure.high, figure.n)
        writer.writerow(cells)
    return stream.getvalue()


def sets_latex(report: Report, full: bool = False) -> str:
    """The figures that lead (``full``: all) as a ``tabular`` with the rules of the package booktabs."""
    rows = _rows(report, full)
    arrows = {True: r" $\uparrow$", False: r" $\downarrow$", None: ""}
    heads = [_latex(name) + arrows[next(iter(row.values())).higher_is_better] for name, row in rows.items()]
    lines = [
        f"% {report.kind.noun}: values with 95% intervals; needs \\usepackage{{booktabs}}",
        rf"\begin{{tabular}}{{l{'r' * len(rows)}}}",
        r"\toprule",
        " & ".join(["set", *heads]) + r" \\",
        r"\midrule",
    ]
    for subject in measured(report):
        cells = [_latex_cell(row.get(subject)) for row in rows.values()]
        lines.append(" & ".join([_latex(subject), *cells]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _rows(report: Report, full: bool) -> Rows:
    shown = report if full else restricted(report, first_shown(report))
    return by_name(shown.figures)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return "\n".join(filter(None, with_interval(figure.value, figure.low, figure.high)))


def _fitting(rows: Rows, width: int) -> list[list[str]]:
    """Names of figures in as many parts as the width asks for."""
    parts: list[list[str]] = []
    left = 0
    for name, row in rows.items():
        metric, bracket, features = name.partition("[")
        lines = [
            f"^ {metric}",
            bracket + features,
            *(line for f in row.values() for line in _cell(f).split("\n")),
        ]
        takes = PADDING + max(map(len, lines))
        if not parts or takes > left:
            parts.append([])
            left = width - max(NAME, *(len(subject) for each in rows.values() for subject in each))
        parts[-1].append(name)
        left -= takes
    return parts


def _latex_cell(figure: Figure | None) -> str:
    if figure is None:
        return "--"
    value, interval = with_interval(figure.value, figure.low, figure.high)
    return f"${value}$" + (rf" {{\small ${interval}$}}" if interval else "")


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
