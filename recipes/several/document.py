"""A page of several runs, in the style of a report: what it says in words, then sections."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from evaluation.exhibits.markup import Child, Html, element
from evaluation.report.html import POLICY
from evaluation.report.wording import number

STYLE = """
.wide { overflow-x: auto; }
.wide th, .wide td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
.wide td small { white-space: nowrap; display: block; }
.members { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.members img { width: 100%; height: auto; }
.lines { display: block; max-width: 46rem; }
.lines svg { width: 100%; height: auto; }
.lines .curve { stroke: var(--tone); }
.lines .dashed { stroke-dasharray: 5 3; }
.lines .key.dashed::before { background: none; border: 2px dotted var(--tone); box-sizing: border-box; }
"""


def document(
    name: str,
    title: str,
    lead: str,
    sentences: Sequence[str],
    sections: Sequence[tuple[str, str, Child]],
    style: str = "",
) -> str:
    """The whole page; ``sections`` are (id, title, content), and those without content are left out."""
    own = resources.files("evaluation.report").joinpath("page.css").read_text("utf-8")
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"{name}: {title}"),
        element("style", Html(own + STYLE + style)),
    ]
    said = element("ul", [element("li", sentence) for sentence in sentences], class_="plain")
    top = element(
        "header",
        element("p", "multigan", class_="kicker"),
        element("h1", name),
        element("p", lead, class_="summary"),
        said,
    )
    body = [
        element("section", element("h2", title, id=id_), content, class_=id_, aria_labelledby=id_)
        for id_, title, content in sections
        if content
    ]
    whole = element("html", element("head", head), element("body", element("main", top, body)), lang="en-GB")
    return f"<!doctype html>\n{whole}\n"


def table(head: Sequence[Child], rows: Sequence[Sequence[Child]]) -> Html:
    """A table that may be wider than the page; the first cell of a row names it."""
    first = element("tr", [element("th", name, scope="col") for name in head])
    body = [
        element("tr", element("th", name, scope="row"), [element("td", cell) for cell in cells])
        for name, *cells in rows
    ]
    return element(
        "div",
        element("table", element("thead", first), element("tbody", body)),
        class_="wide",
        tabindex=0,
    )


def with_reach(value: float, low: float, high: float) -> Child:
    """A figure and its interval, where it has a finite one."""
    finite = abs(low) < float("inf") and abs(high) < float("inf")
    return [number(value), element("small", f" {number(low)} to {number(high)}") if finite else None]
