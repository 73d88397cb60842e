"""What the tab Generate answers: dials in, samples of the page out; nothing here knows of gradio's components."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.exhibits.markup import Html, element
from multigan.errors import MultiganError
from multigan.protocols import StyleGenerator
from multigan.sampling import TrainedGenerator
from recipes.asked import asked_for
from recipes.studio import controls
from recipes.studio.dials import MOST_SHOWN, Dials, by_number, checked, command, whole_number, words_of
from recipes.studio.kept import Kept, emotion_in_words, with_one
from recipes.studio.notes import in_language
from recipes.studio.runs import Studio
from recipes.studio.show import Drawn, drawn
from recipes.studio.words import StudioError, Words

DEFAULTS: Mapping[str, Any] = {
    "variation": 1.0, "truncation": 1.0, "temperature": 1.0, "top_p": 1.0, "duration_s": 0.0, "loop": False,
    "curve": "0..1..0",
}  # fmt: skip
"""Dial -> where it stands at first, which asks for nothing."""


@dataclass(frozen=True)
class Shown:
    """What a page shows now."""

    dials: Dials
    drawn: Drawn
    rejected: tuple[int, ...] = ()


def dials_of_run(trained: TrainedGenerator) -> tuple[str, ...]:
    """Which of ``DEFAULTS`` a run has."""
    own = trained.sampling.settings.__dataclass_fields__
    styled = isinstance(trained.network, StyleGenerator)
    return tuple(
        name
        for name in DEFAULTS
        if name in own and (name != "truncation" or styled) and (name != "variation" or by_number(trained))
    )


def emotion_of_run(labels: Sequence[str], emotion: str) -> str:
    """The emotion or mix where a run of these labels has it, else the first of the labels; "" without labels."""
    with contextlib.suppress(MultiganError):
        return asked_for(tuple(labels), (emotion.strip(),), None, None)[0]
    return labels[0] if labels else ""


def asked(
    trained: TrainedGenerator,
    run: str,
    emotion: object,
    intensity: object,
    seed: object,
    n: object,
    settings: Mapping[str, object],
    rejected: Sequence[int] = (),
) -> Dials:
    """Dials from what a page sends; ConfigError for what no dial can say."""
    count = whole_number(n, "how_many_made")
    if not 1 <= count <= MOST_SHOWN:
        raise StudioError("too_many", most=MOST_SHOWN, n=count)
    if isinstance(intensity, bool) or not isinstance(intensity, int | float) or not 0 <= intensity <= 1:
        raise StudioError("intensity_range", found=str(intensity)[:40])
    own = dials_of_run(trained)
    chosen = {name: value for name, value in settings.items() if name in own and value != DEFAULTS[name]}
    chosen = {name: float(value) if type(value) is int else value for name, value in chosen.items()}
    labels = trained.facts.labels
    written = (str(emotion).strip() or labels[0]) if labels else ""
    return Dials(
        run, written, float(intensity), whole_number(seed, "a_seed"), first_numbers(count, rejected), chosen
    )


def first_numbers(n: int, rejected: Sequence[int]) -> tuple[int, ...]:
    """The first ``n`` numbers without those that a person rejected."""
    out = {*rejected}
    return tuple([number for number in range(n + len(out)) if number not in out][:n])


def draw(studio: Studio, words: Words, dials: Dials, rejected: Sequence[int] = ()) -> Shown:
    """What the page shows for the dials."""
    trained = studio.open(dials.run)
    dials, options = checked(trained, dials)
    with studio.drawing:
        made = drawn(trained, dials, options, words("sample", what=in_words(dials, words)), words)
    return Shown(dials, made, tuple(rejected))


def in_words(dials: Dials, words: Words) -> str:
    """What was asked for, for a person."""
    if not dials.emotion:
        return words("what_was_asked_unlabelled", seed=dials.seed)
    return words(
        "what_was_asked", emotion=emotion_in_words(dials.emotion), intensity=dials.intensity, seed=dials.seed
    )


def said(shown: Shown, words: Words) -> Html:
    """What was asked for, what a filter did, and the notice."""
    told = [in_language(note, words) for note in shown.drawn.notes]
    notes = [element("p", note, class_="note") for note in told]
    return element("div", element("p", in_words(shown.dials, words), class_="asked"), notes, role="status")


def grid(shown: Shown, kept: Sequence[Kept], words: Words) -> Html:
    """The samples, those that are kept marked."""
    group = replace(shown.dials, numbers=()).group
    chosen = [number for one in kept if one.dials.group == group for number in one.dials.numbers]
    return controls.tiles(shown.drawn.tiles, chosen, words)


def line(studio: Studio, shown: Shown) -> str:
    """The command that makes what is shown."""
    trained, path = studio.open(shown.dials.run), studio.path_of(shown.dials.run)
    return command(words_of(trained, shown.dials, path))


def one_of(studio: Studio, shown: Shown, number: int) -> Dials:
    """A sample of what is shown; ConfigError for one that is not."""
    if number not in shown.drawn.tiles:
        raise StudioError("not_shown", number=number)
    if not by_number(studio.open(shown.dials.run)):
        return shown.dials
    return replace(shown.dials, numbers=(number,))


def kept_or_not(studio: Studio, shown: Shown, kept: Sequence[Kept], number: int) -> list[Kept]:
    """The kept samples with one of those shown, or without it where it is kept already."""
    return with_one(kept, one_of(studio, shown, number), shown.drawn.tiles[number])


def all_kept(studio: Studio, shown: Shown, kept: Sequence[Kept]) -> list[Kept]:
    """The kept samples with all of those shown."""
    there = {one.dials.group + one.dials.numbers for one in kept}
    for number in shown.drawn.tiles:
        dials = one_of(studio, shown, number)
        if dials.group + dials.numbers not in there:
            kept = with_one(kept, dials, shown.drawn.tiles[number])
    return list(kept)
