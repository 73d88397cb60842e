"""What came out of a family, on one page and as a table: figures over seeds, curves, pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from evaluation.exhibits.markup import Child, Html, element
from evaluation.report import charts, exhibits
from multigan.errors import DataError
from multigan.reading.image import read_image
from multigan.writing import write_bytes, write_text
from recipes.family.results import Run, by_member, members, read_run, shown, verdicts
from recipes.family.runs import Outcome
from recipes.family.settings import Family
from recipes.several.document import document, table, with_reach
from recipes.several.seeds import over_seeds

_TONES = 6


def write_page(
    family: Family, outcomes: Sequence[Outcome], folder: Path, plugins: Sequence[str] = ()
) -> None:
    """Write ``report.html`` and ``table.csv`` of all runs that ended."""
    runs = [read_run(outcome, folder, plugins) for outcome in outcomes]
    write_bytes(folder / "report.html", page(family, runs, folder).encode("utf-8", "backslashreplace"))
    write_text(folder / "table.csv", table_csv(runs))


# ---- the table ----


def rows(runs: Sequence[Run]) -> list[tuple[str, list[Run]]]:
    """Member -> its runs, in the order of the page: by the first figure, those without any last."""
    names = shown(runs)
    order = [*(by_member(runs, names[0]) if names else ()), *members(runs)]
    return [
        (member, [run for run in runs if run.outcome.member == member]) for member in dict.fromkeys(order)
    ]


def table_csv(runs: Sequence[Run]) -> str:
    """One line per run, its figures in full."""
    names = shown(runs)
    head = [
        "member",
        "seed",
        "samples",
        "training_minutes",
        "processor_minutes",
        "peak_memory_bytes",
        "failure",
        *names,
    ]
    lines: list[list[object]] = [[*head]]
    for run in runs:
        own = run.outcome
        facts = [
            own.member,
            own.seed,
            run.samples,
            round(run.training_minutes, 2),
            round(own.processor_seconds / 60, 2),
        ]
        values = [run.figures[name]["value"] if name in run.figures else "" for name in names]
        lines.append([*facts, own.peak_memory_bytes, own.failure, *values])
    return "".join(",".join(_cell(value) for value in line) + "\n" for line in lines)


def _cell(value: object) -> str:
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def _table(runs: Sequence[Run]) -> Html:
    names = shown(runs)
    head = ("", "samples", "training, min", "whole, min", "memory, GiB", *names)
    body: list[list[Child]] = []
    for member, own in rows(runs):
        done = [run for run in own if run.figures]
        facts = [
            _range([run.samples for run in own]),
            _range([round(run.training_minutes, 1) for run in own]),
            _range([round(run.outcome.processor_seconds / 60, 1) for run in own]),
            _range([round(run.outcome.peak_memory_bytes / 2**30, 1) for run in own]),
        ]
        cells = [
            _of_seeds([run.figures[name]["value"] for run in done if name in run.figures], name)
            for name in names
        ]
        body.append([member, *facts, *cells])
    real = [_of_seeds([run.real[name] for run in runs if name in run.real][:1], name) for name in names]
    body.append(["held-out real", *[None] * 4, *real])
    return table(head, body)


def _range(values: Sequence[float]) -> str:
    if not values:
        return ""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _of_seeds(values: Sequence[float], name: str) -> Child:
    if not values:
        return None
    return with_reach(*over_seeds(values, name))


# ---- the page ----


def page(family: Family, runs: Sequence[Run], folder: Path) -> str:
    """The whole page: verdicts, the table, curves, and a row of pictures for each member."""
    several = len(family.seeds) > 1
    seeds = ("seeds " if several else "seed ") + ", ".join(map(str, family.seeds))
    figures = (
        "A figure is the mean over seeds with its 95% interval by Student's t, cut where the figure ends: a share lies "
        "between 0 and 1."
        if several
        else "A figure is that of one run, and how far another seed would be from it is not known."
    )
    lead = (
        f"{family.description}. Each recipe was trained for {family.minutes:g} minutes of "
        f"processor time, with the {seeds}, and measured as every run is. {figures}"
    )
    sections: list[tuple[str, str, Child]] = [
        ("figures", "Figures", _table(runs)),
        ("curves", "Quality as training goes on", _curves(runs)),
        ("pictures", "Samples, drawn one after another, none picked", _pictures(runs, folder)),
        ("runs", "Runs, and verdicts on their games", _runs(runs)),
    ]
    return document(
        family.name, f"{len(family.members)} recipes side by side", lead, verdicts(runs), sections
    )


def _tone(everyone: Sequence[str], member: str) -> str:
    place = everyone.index(member)
    return f"tone{1 + place % _TONES}" + (" dashed" if place >= _TONES else "")


def _curves(runs: Sequence[Run]) -> Child:
    """The figure that chooses checkpoints over processor time: a line per run, a colour per member."""
    everyone = members(runs)
    curves = [(run.outcome.member, [(x, y) for x, y in run.curve if y > 0]) for run in runs]
    lines = [
        (_tone(everyone, member), [(x, math.log10(y)) for x, y in curve])
        for member, curve in curves
        if len(curve) > 1
    ]
    if not lines:
        return None
    marks = charts.logarithmic(y for _, curve in curves for _, y in curve)
    title = (
        "Distance to real training samples, its logarithm, over processor minutes of training, a line per run"
    )
    names = [element("span", member, class_=f"key {_tone(everyone, member)}") for member in everyone]
    note = "Fréchet distance to training samples, in the features that need no files; lower is better."
    chart = charts.lines(title, lines, "minutes of processor time", up_marks=marks)
    return [
        element("p", note, class_="lead"),
        element("figure", chart, element("figcaption", names), class_="plots lines"),
    ]


def _pictures(runs: Sequence[Run], folder: Path) -> Child:
    parts = []
    for member, own in rows(runs):
        for run in own[:1]:
            try:
                pixels = read_image(folder / run.outcome.folder / "grid.png")
            except (DataError, OSError):
                continue
            words = f"{member}, seed {run.outcome.seed}"
            about = run.recipe.get("description", "")
            parts.append(
                element(
                    "figure",
                    element("figcaption", element("b", words), f": {about}"),
                    exhibits.grid(pixels, words),
                )
            )
    return element("div", parts, class_="members") if parts else None


def _runs(runs: Sequence[Run]) -> Child:
    """A link to each run's page, and what its monitors say of its game."""
    items = [
        element(
            "li",
            element("a", run.outcome.folder, href=f"{run.outcome.folder}/report.html")
            if run.figures
            else f"{run.outcome.folder}: no report",
            element("ul", [element("li", said) for said in run.verdicts]) if run.verdicts else None,
        )
        for run in runs
    ]
    return element("ul", items)
