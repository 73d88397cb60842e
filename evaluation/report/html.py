"""Report -> one HTML file that needs nothing else: no network, no script, readable on a phone and on paper."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from evaluation.exhibits.markup import Child, Html, element
from evaluation.figures import GENERATED, HELD_OUT, Difference, Figure, Gallery, Report
from evaluation.report import charts, equilibrium, exhibits
from evaluation.report.answers import answers, first_shown
from evaluation.report.wording import (
    BETTER,
    beside_fakes,
    by_name,
    cautions,
    counts,
    listed,
    measured,
    number,
    pairs_of,
    tally,
    told,
    with_interval,
    without_weights,
)
from multigan.writing import write_bytes

N_TONES = 6
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
"""The browser itself then refuses scripts and anything from a network, whatever a label may hold."""


def write_html(report: Report, gallery: Gallery, path: Path) -> None:
    """Write the page of a report; the gallery is what it shows beside the figures."""
    # a file name may hold bytes that are no text; they are shown as escapes
    write_bytes(path, page(report, gallery).encode("utf-8", "backslashreplace"))


def page(report: Report, gallery: Gallery) -> str:
    """The whole page; a section stands in it only where there is something to show."""
    parts = [(name, title, make(report, gallery)) for name, title, make in SECTIONS]
    sections = [(name, title, content) for name, title, content in parts if content]
    links = [element("li", element("a", title, href=f"#{name}")) for name, title, _ in sections]
    body = [
        element("section", element("h2", title, id=name), content, class_=name, aria_labelledby=name)
        for name, title, content in sections
    ]
    heading = element("h1", f"How good are the generated {report.kind.noun}?")
    kicker = element("p", "multigan evaluation", class_="kicker")
    top = element("header", kicker, heading, _grid(report, gallery), _answers(report), _summary(report))
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"Evaluation of {report.kind.noun}: {listed(report.subjects or (GENERATED,))}"),
        element("style", Html(resources.files("evaluation.report").joinpath("page.css").read_text("utf-8"))),
    ]
    contents = element("nav", element("ul", links), aria_label="Contents")
    main = element("main", top, contents, body)
    return (
        "<!doctype html>\n"
        + element("html", element("head", head), element("body", main), lang="en-GB")
        + "\n"
    )


def _answers(report: Report) -> Html | None:
    """The sentences, each after its verdict; what stands in brackets, the figures, a shade lighter."""
    items = [
        element(
            "li",
            element("b", answer.verdict, class_=f"mark {answer.verdict}"),
            element("span", [_evidence(part) for part in re.split(r"(\([^()]*\))", answer.sentence)]),
        )
        for answer in answers(report)
    ]
    return element("ul", items, class_="answers", aria_label="In plain words") if items else None


def _evidence(part: str) -> Child:
    return element("small", part) if part.startswith("(") else part


def _summary(report: Report) -> Html:
    n, things = counts(figure.n for figure in report.figures), report.kind.noun
    seeds = sorted({figure.seed for figure in report.figures})
    size = f", n = {n} on each side" if n else ""
    seed = f", seed {listed(str(seed) for seed in seeds)}" if seeds else ""
    names = [element("b", s, class_=_tone(report, s)) for s in report.subjects if s != GENERATED]
    between: list[Child] = [part for name in names for part in (name, ", ")][:-1]
    sets: list[Child] = [" (", between, ")"] if names else []
    words: list[Child] = [f"Generated {things}", sets, f" measured against real ones{size}{seed}. "]
    words.append("Every figure carries a 95% interval. ")
    if HELD_OUT in measured(report):
        words.append(f"Real {things} that were held out are measured in the same way and give the scale. ")
    return element("div", element("p", words, class_="summary"), _sources(report))


def _sources(report: Report) -> Html | None:
    """Which letter stands for which folder, and what else was measured."""
    sources = report.provenance.get("sources", {})
    names = (*(report.subjects if len(report.subjects) > 1 else ()), *beside_fakes(report))
    if not names or not isinstance(sources, dict):
        return None
    told = [(name, sources[name]) for name in names if sources.get(name)]
    items = [element("li", _coloured(report, name), ": ", element("span", source)) for name, source in told]
    return element("ul", items, class_="sources") if items else None


def _verdict(report: Report, row: Difference) -> Html:
    winner = next((s for s in (row.first, row.second) if row.verdict == f"{s} is better"), None)
    tone = _tone(report, winner) if winner else ("told" if told(row) else "untold")
    return element("td", element("span", row.verdict, class_=tone))


def _grid(report: Report, gallery: Gallery) -> Html | None:
    """What a run's page starts with."""
    if gallery.grid is None:
        return None
    words = "Samples drawn one after another, none picked" + (
        ": a row for each label" if report.labels else ""
    )
    shown = exhibits.grid(gallery.grid, words)
    return element("figure", shown, element("figcaption", f"{words}."), class_="of-run")


def _warnings(report: Report, gallery: Gallery) -> Child:
    items = [element("li", warning) for warning in cautions(report)]
    return element("ul", items) if items else None


def _metrics(report: Report, gallery: Gallery) -> Child:
    names = first_shown(report)
    rows = by_name(report.figures)
    cards = [_card(report, name, rows[name]) for name in names]
    return element("div", cards, class_="cards") if cards else None


def _more(report: Report, gallery: Gallery) -> Child:
    names = first_shown(report)
    groups: dict[str, list[Figure]] = {}
    for figure in report.figures:
        if figure.name not in names:
            groups.setdefault(figure.features, []).append(figure)
    if not groups:
        return None
    parts: list[Html] = []
    for features, figures in groups.items():
        title = element(
            "h3", *(["In features of ", element("code", features)] if features else ["Without features"])
        )
        cards = [_card(report, name, row) for name, row in by_name(figures).items()]
        parts += [title, element("div", cards, class_="cards")]
    n = len({figure.name for figures in groups.values() for figure in figures})
    return element("details", element("summary", f"Show {n} more"), parts, class_="more")


def _card(report: Report, name: str, row: dict[str, Figure]) -> Html:
    first = next(iter(row.values()))
    better = BETTER[first.higher_is_better]
    badge = element("span", f"{better} is better", class_="better") if better else None
    ordered = [row[subject] for subject in (*measured(report), *row) if subject in row]
    shown = list(dict.fromkeys(ordered))
    scale = charts.scale_of(value for f in shown for value in (f.value, f.low, f.high))
    axis = element(
        "tr", element("td"), element("td", charts.scale_labels(scale)), element("td"), class_="axis"
    )
    header = [_head("measured", "said"), _head("interval", "said"), _head("value and 95% interval", "said")]
    table = element(
        "table",
        element("caption", name, class_="said"),
        element("thead", element("tr", header)),
        element("tbody", [_measured(report, figure, scale) for figure in shown], axis),
    )
    heading = element("header", element("h4", _figure_name(name)), badge)
    reading = element("p", first.reading, class_="reading") if first.reading else None
    return element("article", heading, reading, table, _notes(shown), class_="card")


def _measured(report: Report, figure: Figure, scale: charts.Scale) -> Html:
    held_out = figure.subject == HELD_OUT
    value, interval = _typeset(figure.value, figure.low, figure.high)
    said = charts.described(figure.subject, figure.value, figure.low, figure.high)
    ends = figure.value, figure.low, figure.high
    plot = charts.whisker(said, ends, scale, charts.ticks(scale), hollow=held_out)
    n = element("small", f"n = {figure.n:,}") if figure.n else None
    numbers = element("td", element("b", value), element("small", interval or "exact"), class_="number")
    name = element("th", element("span", figure.subject), n, scope="row")
    return element(
        "tr", name, element("td", plot, class_="drawn"), numbers, class_=_tone(report, figure.subject)
    )


def _typeset(value: float, low: float, high: float) -> tuple[str, str]:
    """A value and its interval with real minus signs."""
    shown, interval = (part.replace("-", charts.MINUS) for part in with_interval(value, low, high))
    return shown, interval


def _notes(figures: list[Figure]) -> Html | None:
    by_note: dict[str, list[str]] = {}
    for figure in figures:
        if figure.note:
            by_note.setdefault(figure.note, []).append(figure.subject)
    if not by_note:
        return None
    lines = [
        element("p", element("b", f"{listed(subjects)}: ") if len(by_note) > 1 else None, note)
        for note, subjects in by_note.items()
    ]
    return element("details", element("summary", "How the interval was found"), lines)


def _comparison(report: Report, gallery: Gallery) -> Child:
    if not report.differences:
        return None
    pairs, names = pairs_of(report), first_shown(report)
    first_alone = len({(row.first, row.second) for row in report.differences}) > len(pairs)
    beside = f" Shown are the pairs with {report.subjects[0]}; report.json has all." if first_alone else ""
    lead = element(
        "p",
        "The first set's figure minus the second's, with its 95% interval, both against the same real samples. Where the "
        "interval leaves out zero there is a difference. Each interval holds for its row alone: of twenty comparisons "
        f"of equal sets about one looks different by chance. {tally(report.differences)}{beside}",
        class_="lead",
    )
    parts = [lead]
    for pair in pairs:
        own = [row for row in report.differences if (row.first, row.second) == pair]
        led = [row for row in own if row.figure in names]
        rest = [row for row in own if row.figure not in names]
        parts.append(element("h3", _coloured(report, pair[0]), " minus ", _coloured(report, pair[1])))
        if led:
            parts.append(_difference_table(report, led, f"{pair[0]} minus {pair[1]}"))
        if rest:
            table = _difference_table(report, rest, f"{pair[0]} minus {pair[1]}, more figures")
            summary = element("summary", f"Show {len(rest)} more")
            parts.append(element("details", summary, table, class_="more") if led else table)
    return parts


def _difference_table(report: Report, rows: list[Difference], caption: str) -> Html:
    """What a phone has no room for comes last, and is not shown there."""
    header = [_head("figure"), _head("verdict"), _head("difference, 95% interval", "number"),
              _head("around zero"), _head("n", "number")]  # fmt: skip
    return _table(caption, header, [_compared(report, row) for row in rows], "differences")


def _compared(report: Report, row: Difference) -> Html:
    shown = _typeset(row.difference, row.low, row.high)
    title = charts.described(
        f"{row.figure}, {row.first} minus {row.second}", row.difference, row.low, row.high
    )
    return element(
        "tr",
        element("th", _figure_name(row.figure), scope="row"),
        _verdict(report, row),
        element("td", element("b", shown[0]), " ", element("small", shown[1]), class_="number"),
        element("td", charts.difference_whisker(title, row.difference, row.low, row.high), class_="drawn"),
        element("td", f"{row.n:,}", class_="number"),
    )


def _samples(report: Report, gallery: Gallery) -> Child:
    return exhibits.samples(report, gallery, functools.partial(_tone, report))


def _together(report: Report, gallery: Gallery) -> Child:
    return exhibits.together(report, gallery, functools.partial(_tone, report))


def _neighbours(report: Report, gallery: Gallery) -> Child:
    return exhibits.pairs(report, gallery, functools.partial(_tone, report))


def _confusions(report: Report, gallery: Gallery) -> Child:
    if not report.confusions:
        return None
    lead = (
        "Rows are the labels asked for, columns those that the classifier read; a stronger colour is a larger share "
        "of its row."
    )
    shown = [s for s in (*report.subjects, HELD_OUT) if s in report.confusions]
    tables = [element("div", element("h3", s, class_=_tone(report, s)), _confusion(report, s)) for s in shown]
    return element("p", lead, class_="lead"), element("div", tables, class_="matrices")


def _confusion(report: Report, subject: str) -> Html:
    corner = element("td", element("span", "asked / read", class_="said"))
    header = [corner, *(element("th", element("span", label), scope="col") for label in report.labels)]
    rows = []
    for i, (label, row) in enumerate(zip(report.labels, report.confusions[subject], strict=True)):
        total = sum(row) or 1
        cells = [
            element("td", f"{n:,}", style=f"--share:{n / total:.2f}", class_="right" if i == j else None,
                    title=f"{label} read as {read}: {n:,} of {sum(row):,}")
            for j, (read, n) in enumerate(zip(report.labels, row, strict=True))
        ]  # fmt: skip
        right = element("td", f"{row[i] / total:.0%}", class_="share")
        rows.append(element("tr", element("th", label, scope="row"), cells, right))
    header.append(element("th", element("span", "right"), scope="col"))
    return _table(f"Confusion of {subject}", header, rows, "confusion")


def _maps(report: Report, gallery: Gallery) -> Child:
    parts: list[Html] = []
    for extractor, clouds in gallery.maps.items():
        real = clouds.get(HELD_OUT)
        if real is None:
            continue
        figures = []
        for subject, points in clouds.items():
            if subject != HELD_OUT:
                said = f"{subject} over real {report.kind.noun} in {extractor} features"
                plot = charts.scatter(said, real, points, list(clouds.values()))
                key = element("figcaption", _key(report, subject), _key(report, HELD_OUT, "real"))
                figures.append(element("figure", plot, key, class_=_tone(report, subject)))
        title = element("h3", "In features of ", element("code", extractor))
        parts += [title, element("div", figures, class_="plots")]
    lead = (
        f"Each dot is one of the {report.kind.noun}, placed by the two directions in which the real ones differ most. Real "
        "dots without generated ones near are not covered; a tight clump of generated ones is repetition. Two directions "
        "of many: a hint, the figures decide."
    )
    return (element("p", lead, class_="lead"), parts) if parts else None


def _key(report: Report, subject: str, shown: str | None = None) -> Html:
    return element("span", shown or subject, class_=f"key {_tone(report, subject)}")


def _curves(report: Report, gallery: Gallery) -> Child:
    figures = [
        element("figure", element("figcaption", name),
                charts.line(f"{name} over the samples seen in training", points, "samples seen"))
        for name, points in gallery.curves.items()
        if points
    ]  # fmt: skip
    return element("div", figures, class_="plots curves") if figures else None


def _provenance(report: Report, gallery: Gallery) -> Child:
    weights = without_weights(report)
    lead = element("p", weights, class_="lead") if weights else None
    facts = _facts(report.provenance) if report.provenance else None
    return (lead, facts) if lead or facts else None


def _facts(facts: dict[str, Any]) -> Html:
    rows = [
        element("div", element("dt", str(name).replace("_", " ")), element("dd", _fact(value)))
        for name, value in facts.items()
        if value not in ("", None, {}, [], ())
    ]
    return element("dl", rows)


def _fact(value: Any) -> Child:
    if isinstance(value, dict):
        return _facts(value)
    if isinstance(value, list | tuple):
        if any(isinstance(one, dict | list | tuple) for one in value):
            return element("ul", [element("li", _fact(one)) for one in value])
        return (
            ", ".join(map(str, value))
            if all(isinstance(one, int | float) for one in value)
            else _lines(value)
        )
    return number(value) if isinstance(value, float) else str(value)


def _lines(values: Iterable[Any]) -> Html:
    return element("ul", [element("li", str(one)) for one in values])


def _table(caption: str, header: list[Html], rows: list[Html], kind: str) -> Html:
    """A table in a box of its own, in which it scrolls where it is too wide; the keyboard reaches the box too."""
    table = element(
        "table",
        element("caption", caption, class_="said"),
        element("thead", element("tr", header)),
        element("tbody", rows),
        class_=kind,
    )
    return element("div", table, class_="wide", tabindex=0, role="region", aria_label=caption)


def _head(words: str, kind: str | None = None) -> Html:
    if kind == "said":
        return element("th", element("span", words, class_="said"), scope="col")
    return element("th", words, scope="col", class_=kind)


def _figure_name(name: str) -> list[Child]:
    """The metric, and its features a shade lighter."""
    metric, bracket, rest = name.partition("[")
    return [metric, element("span", bracket + rest, class_="features") if bracket else None]


def _coloured(report: Report, subject: str) -> Html:
    return element("span", subject, class_=_tone(report, subject))


def _tone(report: Report, subject: str) -> str:
    """The class that gives a subject its colour everywhere on the page."""
    if subject not in report.subjects:
        return "tone0"
    return f"tone{1 + report.subjects.index(subject) % N_TONES}"


Section = Callable[[Report, Gallery], Child]
SECTIONS: tuple[tuple[str, str, Section], ...] = (
    ("samples", "Samples beside real ones", _samples),
    ("together", "Whole sets beside each other", _together),
    ("metrics", "Figures that lead", _metrics),
    ("comparison", "Comparison", _comparison),
    ("neighbours", "Nearest training samples", _neighbours),
    ("confusions", "Which label comes through", _confusions),
    ("warnings", "Before you believe a figure", _warnings),
    ("more", "More figures", _more),
    ("maps", "Diversity and coverage", _maps),
    ("equilibrium", "Distance to equilibrium (local, estimated)", equilibrium.section),
    ("curves", "Training", _curves),
    ("provenance", "Where the figures come from", _provenance),
)
