"""The tab Steer: styles of other seeds, directions, and the steps from one sample to another or up in intensity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from evaluation.exhibits.markup import Html, element
from multigan.sampling_settings import LEVELS
from recipes.interpolation import MOST_STEPS
from recipes.studio import controls, steering
from recipes.studio.answers import Shown, one_of
from recipes.studio.dials import Dials, whole_number
from recipes.studio.generate import IN_ORDER, Parts, command_line
from recipes.studio.kept import Kept, tray, with_one
from recipes.studio.runs import Studio
from recipes.studio.saying import telling
from recipes.studio.words import StudioError, Words

_FIRST = "first"
"""What the lists of samples send for the first one shown on Generate; and for the ladder of intensities."""
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def tab(studio: Studio, words: Words, generated: Parts, entered: Any) -> None:
    """Components and events of the tab, inside the ``gr.Tab`` that ``app`` opens (``entered``)."""
    start = gr.Dropdown(
        [(words("first_shown"), _FIRST)],
        value=_FIRST,
        label=words("steered_from"),
        info=words("steered_from_told"),
        elem_id="steered-from",
    )
    style = _style(words)
    steps = _steps(words)
    _connect_style(studio, words, generated, start, style)
    _connect_steps(studio, words, generated, start, steps)

    @telling(words)
    def came(shown: Shown | None, kept: list[Kept], chosen: str) -> tuple[Any, ...]:
        return _entered(studio, words, shown, kept, chosen)

    found = [start, steps["towards"], steps["form"], style["bars"], style["told"], style["seeds"], style["page"],
             style["line"], style["steered"], style["strengths"]]  # fmt: skip
    for trigger in (entered.select, start.input):
        trigger(came, [generated.shown, generated.kept, start], found, **IN_ORDER, **_QUIET)


def _style(words: Words) -> dict[str, Any]:
    with gr.Accordion(words("style"), open=True, elem_id="style"), gr.Row(elem_classes="halves"):
        with gr.Column(scale=2, min_width=300):
            with gr.Column() as seeds:
                gr.HTML(element("p", words("style_told"), class_="quiet"))
                with gr.Row():
                    numbers = [
                        gr.Textbox("", label=words(level), elem_id=level, min_width=90, max_length=19)
                        for level in LEVELS
                    ]
            told = gr.HTML("", elem_id="style-told")
            bars = gr.HTML("", js_on_load=controls.script(), elem_id="directions")
        with gr.Column(scale=3, min_width=300):
            page = gr.HTML("", elem_id="steered")
            line = command_line("steer-command")
            keep = gr.Button(words("keep_steered"), elem_id="keep-steered")
    return {
        "told": told, "seeds": seeds, "numbers": numbers, "bars": bars, "page": page, "line": line, "keep": keep,
        "steered": gr.State(None), "strengths": gr.State({}),
    }  # fmt: skip


def _steps(words: Words) -> dict[str, Any]:
    with gr.Accordion(words("in_steps"), open=True, elem_id="in-steps"), gr.Row(elem_classes="halves"):
        with gr.Column(scale=2, min_width=300):
            towards = gr.Dropdown(
                [(words("own_ladder"), _FIRST)], value=_FIRST, label=words("towards"), elem_id="towards"
            )
            n = gr.Slider(2, MOST_STEPS, 10, step=1, label=words("steps"), elem_id="steps")
            form = gr.Radio([(words(".png"), ".png")], value=".png", label=words("form"), elem_id="form")
            make = gr.Button(words("make"), variant="primary", elem_id="make")
        with gr.Column(scale=3, min_width=300):
            page = gr.HTML("", elem_id="stepped")
            link = gr.HTML("", elem_id="steps-link")
            line = command_line("steps-command")
    return {"towards": towards, "n": n, "form": form, "make": make, "page": page, "link": link, "line": line}


def _start(studio: Studio, shown: Shown | None, kept: list[Kept], chosen: object) -> Dials:
    """The sample that a list names."""
    if chosen == _FIRST:
        if shown is None or not shown.drawn.tiles:
            raise StudioError("nothing_to_steer")
        return one_of(studio, shown, min(shown.drawn.tiles))
    place = int(chosen) if isinstance(chosen, str) and chosen.isascii() and chosen.isdecimal() else len(kept)
    if place >= len(kept):
        raise StudioError("nothing_to_steer")
    return kept[place].dials


def _entered(
    studio: Studio, words: Words, shown: Shown | None, kept: list[Kept], chosen: object
) -> tuple[Any, ...]:
    """The lists of samples as they are now, and the sample to steer in its own style."""
    named = [(one.called(words), str(place)) for place, one in enumerate(kept)]
    known = chosen if chosen in {_FIRST, *(value for _, value in named)} else _FIRST
    dials = _start(studio, shown, kept, known)
    trained = studio.open(dials.run)
    styled = steering.has_styles(trained)
    names, missing = steering.directions_of(trained, words) if styled else ({}, words("no_styles"))
    made = steering.steered(studio, words, dials, {}, {})
    heading = element("h3", words("directions"))
    bars = (
        element("div", heading, controls.bars_of(names, -steering.STRONGEST, steering.STRONGEST, 0.1))
        if names
        else ""
    )
    return (
        gr.update(choices=[(words("first_shown"), _FIRST), *named], value=known),
        gr.update(choices=[(words("own_ladder"), _FIRST), *named]),
        gr.update(
            choices=[(words(form), form) for form in steering.forms(trained)],
            value=steering.forms(trained)[-1],
        ),
        bars,
        element("p", missing, class_="quiet") if missing else "",
        gr.update(visible=styled),
        made.page,
        controls.line(made.command, words),
        made,
        {},
    )


def _connect_style(studio: Studio, words: Words, generated: Parts, start: Any, style: dict[str, Any]) -> None:
    read = [generated.shown, generated.kept, start, style["strengths"], *style["numbers"]]
    written = [style["page"], style["line"], style["steered"]]
    tells = telling(words)

    def made(
        shown: Shown | None, kept: list[Kept], chosen: object, strengths: Mapping[str, float], *seeds: Any
    ) -> tuple[Any, ...]:
        dials = _start(studio, shown, kept, chosen)
        levels = {level: _seed(text) for level, text in zip(LEVELS, seeds, strict=True)}
        now = steering.steered(studio, words, dials, levels, strengths)
        return now.page, controls.line(now.command, words), now

    @tells
    def mixed(*inputs: Any) -> tuple[Any, ...]:
        return made(*inputs)

    @tells
    def moved(
        event: gr.EventData, shown: Any, kept: Any, chosen: Any, strengths: Any, *seeds: Any
    ) -> tuple[Any, ...]:
        told = event._data if isinstance(event._data, dict) else {}
        dials = _start(studio, shown, kept, chosen)
        names, _ = steering.directions_of(studio.open(dials.run), words)
        strengths = _strengths(names, told.get("values"))
        return strengths, *made(shown, kept, chosen, strengths, *seeds)

    @tells
    def keep(now: steering.Steered | None, kept: list[Kept]) -> tuple[list[Kept], Html]:
        if now is None:
            raise StudioError("nothing_to_steer")
        if all(one.dials != now.dials for one in kept):
            kept = with_one(kept, now.dials, now.picture)
        return kept, tray(kept, words)

    for number in style["numbers"]:
        number.change(mixed, read, written, trigger_mode="always_last", **IN_ORDER, **_QUIET)
    style["bars"].input(
        moved, read, [style["strengths"], *written], trigger_mode="multiple", **IN_ORDER, **_QUIET
    )
    style["keep"].click(
        keep, [style["steered"], generated.kept], [generated.kept, generated.tray], **IN_ORDER, **_QUIET
    )


def _seed(text: object) -> int | None:
    """The seed in a field, None where that is empty."""
    written = str(text).strip()
    if not written:
        return None
    if not written.isascii() or not written.isdecimal() or int(written) >= 2**63:
        raise StudioError("seed_field", found=written[:40])
    return int(written)


def _strengths(names: Mapping[str, float], values: object) -> dict[str, float]:
    """What sliders are at, by the directions' names."""
    numbers = values if isinstance(values, list) else []
    fine = [one for one in numbers if isinstance(one, int | float) and abs(one) <= steering.STRONGEST]
    if len(fine) != len(names) or len(numbers) != len(names):
        raise StudioError("strength_range", most=steering.STRONGEST)
    return dict(zip(names, map(float, fine), strict=True))


def _connect_steps(studio: Studio, words: Words, generated: Parts, start: Any, steps: dict[str, Any]) -> None:
    @telling(words)
    def make(shown: Any, kept: Any, chosen: Any, towards: Any, n: Any, form: Any) -> tuple[Any, ...]:
        first = _start(studio, shown, kept, chosen)
        last = None if towards == _FIRST else _start(studio, shown, kept, towards)
        made = steering.stepped(studio, words, first, last, whole_number(n, "number_of_steps"), form)
        size = f"{len(made.content) / 1000:,.0f}"
        link = element(
            "a", words("download_link", name=made.name, size=size), href=studio.offers.offer(made.name, made.content),
            download=made.name,
        )  # fmt: skip
        return made.page, link, controls.line(made.command, words)

    steps["make"].click(
        make, [generated.shown, generated.kept, start, steps["towards"], steps["n"], steps["form"]],
        [steps["page"], steps["link"], steps["line"]], **IN_ORDER, api_visibility="private",
    )  # fmt: skip
