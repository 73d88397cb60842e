"""A trial as a page that tells nothing of where its samples come from, and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

from evaluation.exhibits.markup import Html, element
from evaluation.figures import Example
from evaluation.kinds import Kind
from evaluation.report.html import POLICY

_BYTES = 4_000_000
"""What the sounds of one trial may take, before base64."""
STYLE = """
main { padding: .75rem; max-width: none; margin: 0; }
.trial { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); }
.trial:has(> figure > img) { grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); }
.trial > figure { max-width: 22rem; }
.trial h2 { margin: 0 0 .5rem; font-size: 1.25rem; }
/* all at one size: the number of pixels, the length and the rate would tell a set from another */
.trial > figure > img { width: 100%; height: auto; }
/* sounds are heard and not looked at */
.clip img, .trial figcaption, .trial footer { display: none; }
"""


def trial_page(kind: Kind, samples: Sequence[Any]) -> str:
    """One sample, or two under the headings 1 and 2."""
    show, _ = kind.exhibit.show(samples, _BYTES)
    alone = len(samples) == 1
    figures = [
        element(
            "figure",
            None if alone else element("h2", f"{number}"),
            show(Example(sample), kind.singular if alone else f"{kind.singular} {number}"),
        )
        for number, sample in enumerate(samples, 1)
    ]
    style = resources.files("evaluation.report").joinpath("page.css").read_text("utf-8") + STYLE
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", "Blind test"),
        element("style", Html(style)),
    ]
    body = element("main", element("div", figures, class_="trial"))
    return (
        "<!doctype html>\n"
        + element("html", element("head", head), element("body", body), lang="en-GB")
        + "\n"
    )
