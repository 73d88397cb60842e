"""Dials that gradio lacks, as markup: emotions and their mix, the plane of valence and arousal, sliders by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources

from evaluation.exhibits.markup import Html, element
from multigan.blends import place_of, shares_at, shares_of
from multigan.emotions import EMOTIONS
from recipes.studio.words import StudioError, Words

MOST_LABELS = 64
"""Emotions with a button and a slider; the field takes any."""
_PLACES = {emotion.name: (emotion.valence, emotion.arousal) for emotion in EMOTIONS}
_SIDE = 200
_REACH = 82


def script() -> str:
    """What makes the markup below answer: it tells the studio what was moved or pressed, and draws nothing itself."""
    return resources.files("recipes.studio").joinpath("controls.js").read_text("utf-8")


def mixer(labels: Sequence[str], emotion: str, words: Words) -> Html:
    """A button for each emotion, and behind a fold a slider for each, that mix them."""
    if not labels:
        return element("p", words("unlabelled"), class_="quiet")
    shares = shares_of(labels, emotion)
    buttons = [
        element(
            "button",
            label,
            type="button",
            data_act="emotion",
            data_number=place,
            aria_pressed="true" if {*shares} == {label} else "false",
            class_="chip",
        )
        for place, label in enumerate(labels[:MOST_LABELS])
    ]
    bars = [
        bar(place, label, 0, 100, 1, round(100 * shares.get(label, 0)), "%")
        for place, label in enumerate(labels[:MOST_LABELS])
    ]
    return element(
        "div",
        element("div", buttons, class_="chips", role="group", aria_label=words("emotion")),
        element(
            "details",
            element("summary", words("blend")),
            element("div", bars, class_="bars", data_of="weights"),
            open=len(shares) > 1,
        ),
        class_="mixer",
    )


def bar(
    place: int, label: str, lowest: float, highest: float, step: float, value: float, unit: str = ""
) -> Html:
    """A slider with its name and its value."""
    return element(
        "label",
        element("span", label, class_="name"),
        element(
            "input", type="range", min=lowest, max=highest, step=step, value=f"{value:g}", data_number=place,
            data_unit=unit, aria_valuetext=f"{value:g}{unit}",
        ),
        element("output", f"{value:g}{unit}"),
        class_="bar",
    )  # fmt: skip


def bars_of(named: Mapping[str, float], lowest: float, highest: float, step: float) -> Html:
    """A slider for each name."""
    made = [
        bar(place, name, lowest, highest, step, value) for place, (name, value) in enumerate(named.items())
    ]
    return element("div", element("div", made, class_="bars", data_of="values"), class_="mixer")


def weights_as_mix(labels: Sequence[str], weights: Sequence[object]) -> str:
    """The mix that sliders from 0 to 100 are at; ConfigError for anything else."""
    numbers = [weight for weight in weights if isinstance(weight, int | float) and 0 <= weight <= 100]
    if len(numbers) != len(weights) or len(numbers) > len(labels):
        raise StudioError("mix_weights")
    chosen = {label: weight for label, weight in zip(labels, numbers, strict=False) if weight}
    if not chosen:
        raise StudioError("mix_empty")
    return (
        next(iter(chosen))
        if len(chosen) == 1
        else ",".join(f"{label}:{weight:g}" for label, weight in chosen.items())
    )


def has_plane(labels: Sequence[str]) -> bool:
    """Whether the places of three of the labels or more are known."""
    return sum(label in _PLACES for label in labels) >= 3


def plane(labels: Sequence[str], emotion: str, words: Words) -> Html:
    """The plane of valence and arousal: a map to press on, and two sliders for who presses nothing."""
    known = [label for label in labels if label in _PLACES]
    shares = shares_of(labels, emotion) if emotion else {}
    valence, arousal = (
        place_of(shares) if shares and all(label in _PLACES for label in shares) else (0.0, 0.0)
    )
    marks = [_mark(label, [_PLACES[other] for other in known if other != label]) for label in known]
    lines = [
        element("path", d=f"M{_SIDE / 2} 8V{_SIDE - 8}M8 {_SIDE / 2}H{_SIDE - 8}", class_="axes"),
        element("text", words("excited"), x=_SIDE / 2 + 4, y=14, class_="end"),
        element("text", words("quiet_end"), x=_SIDE / 2 + 4, y=_SIDE - 6, class_="end"),
        element("text", words("pleasant"), x=_SIDE - 6, y=_SIDE / 2 - 4, text_anchor="end", class_="end"),
        element("text", words("unpleasant"), x=6, y=_SIDE / 2 - 4, class_="end"),
    ]
    x, y = _point(valence, arousal)
    dot = element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=8, class_="point")
    drawing = element(
        "svg",
        lines,
        marks,
        dot,
        viewBox=f"0 0 {_SIDE} {_SIDE}",
        class_="plane",
        data_reach=_REACH,
        aria_hidden="true",
    )
    sliders = [
        bar(0, words("valence"), -1, 1, 0.01, round(valence, 2)),
        bar(1, words("arousal"), -1, 1, 0.01, round(arousal, 2)),
    ]
    return element("div", drawing, element("div", sliders, class_="bars", data_of="point"), class_="pad")


def mix_at(labels: Sequence[str], point: object) -> str:
    """The mix at a point [valence, arousal] that a page sends."""
    from multigan.blends import blend_name

    if not isinstance(point, list) or len(point) != 2:
        raise StudioError("point_pair")
    places = [value for value in point if isinstance(value, int | float) and -1 <= value <= 1]
    if len(places) != 2:
        raise StudioError("point_range")
    return blend_name(shares_at(labels, float(places[0]), float(places[1])))


def _mark(label: str, others: Sequence[tuple[float, float]]) -> Html:
    """An emotion's place, its name on the side that has room."""
    x, y = _point(*_PLACES[label])
    crowded = any(0 < _point(*other)[0] - x < 45 and abs(_point(*other)[1] - y) < 9 for other in others)
    anchor, step = ("end", -6) if crowded or x > _SIDE / 2 + 20 else ("start", 6)
    return element(
        "g",
        element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=3),
        element("text", label, x=f"{x + step:.1f}", y=f"{y + 3:.1f}", text_anchor=anchor),
        class_="mark",
    )


def _point(valence: float, arousal: float) -> tuple[float, float]:
    return _SIDE / 2 + _REACH * valence, _SIDE / 2 - _REACH * arousal


def line(command: str, words: Words) -> Html:
    """A command, with a button that copies it."""
    copy = element("button", words("copy"), type="button", data_act="copy", class_="copy")
    return element(
        "div",
        element("div", element("h3", words("command")), copy, class_="heading"),
        element("pre", element("code", command), tabindex=0, aria_label=words("command")),
        class_="command",
    )


def tiles(pictures: Mapping[int, Html], chosen: Sequence[int], words: Words, can_reject: bool = True) -> Html:
    """Samples, each with buttons that keep or reject it."""
    items = []
    for number, picture in pictures.items():
        keep = element(
            "button", element("span", "♥", aria_hidden="true"), type="button", data_act="keep", data_number=number,
            aria_pressed="true" if number in chosen else "false", aria_label=words("keep_one", number=number),
            title=words("keep"),
        )  # fmt: skip
        reject = element(
            "button", element("span", "✕", aria_hidden="true"), type="button", data_act="reject", data_number=number,
            aria_label=words("reject_one", number=number), title=words("reject"),
        )  # fmt: skip
        marks = element(
            "div", element("small", f"#{number}"), keep, reject if can_reject else None, class_="marks"
        )
        items.append(element("li", element("div", picture, class_="sample"), marks))
    return element("ul", items, class_="tiles")
