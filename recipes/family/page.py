"""What came out of a family, on one page and as a table: figures over seeds, curves, pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from evaluation.exhibits.markup import Child, Html, element
from evaluation.report import charts, exhibits
from evaluation.report.html import POLICY
from evaluation.report.wording import number
from multigan.errors import DataError
from multigan.reading.image import read_image
from multigan.writing import write_bytes, write_text
from recipes.family.results import Run, by_member, members, over_seeds, read_run, shown, verdicts
from recipes.family.runs import Outcome
from recipes.family.settings import Family

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
    head = [
        element("th", name, scope="col")
        for name in ("", "samples", "training, min", "whole, min", "memory, GiB", *names)
    ]
    body = []
    for member, own in rows(runs):
        done = [run for run in own if run.figures]
        facts = [
            _range([run.samples for run in own]),
            _range([round(run.training_minutes, 1) for run in own]),
            _range([round(run.outcome.processor_seconds / 60, 1) for run in own]),
            _range([round(run.outcome.peak_memory_bytes / 2**30, 1) for run in own]),
        ]
        cells = [
            element(
                "td", _of_seeds([run.figures[name]["value"] for run in done if name in run.figures], name)
            )
            for name in names
        ]
        body.append(
            element("tr", element("th", member, scope="row"), [element("td", fact) for fact in facts], cells)
        )
    real = [_of_seeds([run.real[name] for run in runs if name in run.real][:1], name) for name in names]
    body.append(
        element(
            "tr",
            element("th", "held-out real", scope="row"),
            [element("td")] * 4,
            [element("td", each) for each in real],
        )
    )
    return element(
        "div",
        element("table", element("thead", element("tr", head)), element("tbody", body)),
        class_="wide",
        tabindex=0,
    )


def _range(values: Sequence[float]) -> str:
    if not values:
        return ""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _of_seeds(values: Sequence[float], name: str) -> Child:
    if not values:
        return None
    mean, low, high = over_seeds(values, name)
    interval = element("small", f" {number(low)} to {number(high)}") if math.isfinite(low) else None
    return [number(mean), interval]


# ---- the page ----


def page(family: Family, runs: Sequence[Run], folder: Path) -> str:
    """The whole page: verdicts, the table, curves, and a row of pictures for each member."""
    seeds = ", ".join(map(str, family.seeds))
    lead = (
        f"{family.description}. Each recipe was trained for {family.minutes:g} minutes of "
        f"processor time, with the seeds {seeds}, and measured as every run is. A figure is the mean over seeds with its "
        "95% interval by Student's t, cut where the figure ends: a share lies between 0 and 1."
    )
    sections: list[tuple[str, str, Child]] = [
        ("figures", "Figures", _table(runs)),
        ("curves", "Quality as training goes on", _curves(runs)),
        ("pictures", "Samples, drawn one after another, none picked", _pictures(runs, folder)),
        ("runs", "Runs, and verdicts on their games", _runs(runs)),
    ]
    style = resources.files("evaluation.report").joinpath("page.css").read_text("utf-8")
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"{family.name}: {len(family.members)} recipes side by side"),
        element("style", Html(style + _STYLE)),
    ]
    said = element("ul", [element("li", sentence) for sentence in verdicts(runs)], class_="plain")
    top = element(
        "header",
        element("p", "multigan", class_="kicker"),
        element("h1", family.name),
        element("p", lead, class_="summary"),
        said,
    )
    body = [
        element("section", element("h2", title, id=name), content, class_=name, aria_labelledby=name)
        for name, title, content in sections
        if content
    ]
    whole = element("html", element("head", head), element("body", element("main", top, body)), lang="en-GB")
    return f"<!doctype html>\n{whole}\n"


_STYLE = """
.wide { overflow-x: auto; }
.wide th, .wide td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
.wide td small { white-space: nowrap; display: block; }
.members { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.members img { width: 100%; height: auto; }
.lines { display: block; max-width: 46rem; }
.lines svg { width: 100%; height: auto; }
.lines .curve { stroke: var(--tone); }
.lines .dashed { stroke-dasharray: 5 3; }
"""


def _tone(everyone: Sequence[str], member: str) -> str:
    place = everyone.index(member)
    return f"tone{1 + place % _TONES}" + (" dashed" if place >= _TONES else "")


def _curves(runs: Sequence[Run]) -> Child:
    """The figure that chooses checkpoints over processor time: a line per run, a colour per member."""
    everyone = members(runs)
    lines = [(_tone(everyone, run.outcome.member), run.curve) for run in runs if len(run.curve) > 1]
    if not lines:
        return None
    title = "Distance to real training samples over processor minutes of training, a line per run"
    names = [element("span", member, class_=f"key {_tone(everyone, member)}") for member in everyone]
    note = "Fréchet distance to training samples, in the features that need no files; lower is better."
    chart = charts.lines(title, lines, "minutes of processor time")
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
