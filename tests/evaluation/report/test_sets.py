"""Many sets in one table: on a terminal, as CSV and as LaTeX."""

import csv
import io

import pytest
from rich.console import Console

from evaluation.figures import HELD_OUT, Figure, Report
from evaluation.kinds.image import IMAGE
from evaluation.report.sets import print_sets, sets_csv, sets_latex

NAMES = (*(f"model_{number}" for number in range(19)), "=cmd|'/c calc'!A0")


def report():
    figures = []
    for name, better in (("KD[f]", False), ("recall[f]", True), ("FD[f]", False)):
        for place, subject in enumerate((*NAMES, HELD_OUT)):
            value = 0.01 * place
            figures.append(
                Figure(name, value, value - 0.002, value + 0.002, 500, 0, better, "f", "", subject)
            )
    figures.append(Figure("emotion accuracy", 0.5, 0.5, 0.5, 500, 0, True, "", "", NAMES[0]))
    sources = {name: f"runs/{name}" for name in NAMES}
    return Report(IMAGE, tuple(figures), (), NAMES, (), {}, (), ("Few samples.",), {"sources": sources})


@pytest.mark.parametrize("width", [80, 120, 160])
def test_every_set_has_a_row_and_every_figure_a_column(width):
    stream = io.StringIO()
    print_sets(report(), Console(file=stream, width=width))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    for number, name in enumerate(NAMES):
        (row,) = [line for line in lines if line.startswith((f" {name} ", f"{name} "))]
        assert f"{0.01 * number:.4f}" in row
    heads = next(line for line in lines if "KD" in line)
    assert "↓ KD" in heads
    assert "FD" not in heads  # which does not lead
    assert "Warning: Few samples." in lines


def test_all_figures_on_request():
    stream = io.StringIO()
    print_sets(report(), Console(file=stream, width=160), full=True)
    assert "↓ FD" in stream.getvalue()


def test_csv_has_every_figure_with_its_interval():
    rows = list(csv.DictReader(io.StringIO(sets_csv(report()))))
    assert len(rows) == len(NAMES) + 1
    first, last = rows[0], rows[-1]
    assert (first["set"], first["source"]) == ("model_0", "runs/model_0")
    assert (first["emotion accuracy"], first["emotion accuracy n"]) == ("0.5", "500")
    assert (last["set"], last["emotion accuracy"], last["source"]) == (HELD_OUT, "", "")
    assert float(rows[3]["FD[f]"]) == pytest.approx(0.03)
    assert float(rows[3]["FD[f] low"]) == pytest.approx(0.028)
    assert float(rows[3]["FD[f] high"]) == pytest.approx(0.032)
    assert rows[-2]["set"].startswith("'=")  # which no spreadsheet computes


def test_latex_has_the_figures_that_lead_and_escapes_names():
    lines = sets_latex(report()).splitlines()
    assert lines[1] == r"\begin{tabular}{lrrr}"
    assert lines[3] == r"set & emotion accuracy $\uparrow$ & KD[f] $\downarrow$ & recall[f] $\uparrow$ \\"
    assert lines[5].startswith(r"model\_0 & $0.5$ & $")
    assert lines[6] == (
        r"model\_1 & -- & $0.0100$ {\small $[0.0080, 0.0120]$} & $0.0100$ {\small $[0.0080, 0.0120]$} \\"
    )
    assert lines[-2:] == [r"\bottomrule", r"\end{tabular}"]
    assert "FD[f]" in sets_latex(report(), full=True)
    assert len(lines) == 7 + len(NAMES) + 1
