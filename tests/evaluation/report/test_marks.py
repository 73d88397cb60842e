"""Metrics that fail the field's sanity checks say so wherever their figures are shown."""

import io
import json
from pathlib import Path

from rich.console import Console

from evaluation.catalogue import METRICS, metrics_of
from evaluation.figures import Figure, Report
from evaluation.gallery import Gallery
from evaluation.kinds import all_kinds
from evaluation.kinds.image import IMAGE
from evaluation.metrics.record import SANITY_CHECKS
from evaluation.report.html import page
from evaluation.report.table import FAILS_MEANS, print_tables

CHECKS = json.loads(
    (Path(__file__).parents[3] / "benchmarks/results/evaluation/sanity.json").read_text(encoding="utf-8")
)["checks"]


def report_of(*names):
    figures = [
        Figure(f"{name}[f]", 0.5, 0.4, 0.6, 100, 0, True, "f", "", "generated", METRICS[name].told)
        for name in names
    ]
    return Report(
        IMAGE,
        tuple(figures),
        (),
        ("generated",),
        (),
        {},
        (),
        (),
    )


def printed(report):
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_tables(report, console, full=True)
    return console.file.getvalue()


def test_the_numbers_are_those_that_were_measured():
    failed = {}
    for check in CHECKS.values():
        for name, passed in check["passed"].items():
            failed[name] = failed.get(name, 0) + (not passed)
    records = {name: metric for kind in all_kinds() for name, metric in metrics_of(kind).items()}
    assert {name: metric.fails for name, metric in records.items() if metric.fails} == failed
    assert len(CHECKS) == SANITY_CHECKS


def test_terminal_and_page_mark_them():
    report = report_of("recall")
    assert "recall *" in printed(report)
    assert FAILS_MEANS.strip() in " ".join(printed(report).split())
    fails = (
        f"It fails {METRICS['recall'].fails} of 15 sanity checks (arXiv:2505.22450): do not read it alone."
    )
    assert fails in page(report, Gallery())


def test_a_metric_that_was_not_put_to_them_has_no_mark():
    report = report_of("KD")
    assert "*" not in printed(report)
    assert "sanity" not in page(report, Gallery())
