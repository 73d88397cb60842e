"""Tables as a page shows them: of reports side by side, and of what people said."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.exhibits.markup import Child, Html, element
from evaluation.figures import Figure
from evaluation.report.wording import with_interval
from recipes.comparing import Column, direction, in_words, names_shown, notes, real_column
from recipes.studio.words import Words

STYLE = """
.figures { overflow-x: auto; }
.figures table { border-collapse: collapse; width: 100%; border: 0; }
.figures :is(th, td) { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; border: 0;
  border-bottom: 1px solid var(--border-color-primary); min-width: 4.5rem; }
.figures thead th { overflow-wrap: break-word; }
.figures small { color: var(--body-text-color-subdued); font-weight: 400; display: block; }
"""


def side_by_side(columns: Sequence[Column], full: bool, words: Words) -> Html:
    """A row for each figure, a column for each set, and one for held-out real samples."""
    real = real_column(columns)
    rows: list[list[Child]] = []
    for name in names_shown(columns, full):
        better = direction(columns, name)
        head: Child = [name, element("small", words(better)) if better else None]
        rows.append(
            [head, *(column.cell(name) for column in columns), *([in_words(real.get(name))] if real else [])]
        )
    heads = [
        words("figure"),
        *(column.name for column in columns),
        *([words("held_out_real")] if real else []),
    ]
    said = element("ul", [element("li", words("in_english", said=note)) for note in notes(columns)])
    return element("div", _table(words("reports"), heads, rows), said)


def what_people_said(figures: Sequence[Figure], words: Words) -> Html:
    """A row for each figure of answers, with its interval and how to read it."""
    rows: list[list[Child]] = []
    for one in figures:
        of: Child = element("small", one.subject) if one.subject else None
        value, interval = with_interval(one.value, one.low, one.high)
        rows.append(
            [[one.name, of], value, interval, f"{one.n:,}", [one.reading, element("small", one.note)]]
        )
    heads = [words(key) for key in ("figure", "value", "interval", "answers_n", "how_to_read")]
    return _table(words("results"), heads, rows)


def _table(caption: str, heads: Sequence[Child], rows: Sequence[Sequence[Child]]) -> Html:
    """The first cell of a row names it; what is too wide scrolls in a box that the keyboard reaches."""
    first = element("tr", [element("th", head, scope="col") for head in heads])
    body = [
        element("tr", element("th", name, scope="row"), [element("td", cell) for cell in cells])
        for name, *cells in rows
    ]
    table = element("table", element("thead", first), element("tbody", body))
    box = element("div", table, class_="figures", tabindex=0, role="region", aria_label=caption)
    return element("div", element("style", Html(STYLE)), box)


def framed(page: str, title: str, height: str) -> Html:
    """A page inside this one, in a frame that runs nothing and reaches nothing, whoever wrote it."""
    style = (
        f"width: 100%; height: {height}; border: 1px solid var(--border-color-primary); border-radius: 8px;"
    )
    return element("iframe", srcdoc=page, title=title, sandbox=True, style=style)
