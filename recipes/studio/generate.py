"""The tab Generate: dials, samples that follow them, and those that are kept."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from evaluation.exhibits.markup import Html, element
from multigan.errors import MultiganError
from recipes.studio import answers, controls
from recipes.studio.answers import DEFAULTS, Shown
from recipes.studio.dials import MOST_SHOWN, whole_number
from recipes.studio.kept import Kept, tray, zipped
from recipes.studio.runs import Studio
from recipes.studio.saying import in_order, telling
from recipes.studio.words import StudioError, Words

_SHOWN = 12
_TRIED = 8
_CURVES = ("0..1..0", "0..1", "1..0", "1..1")
_PRESS = "() => { const link = document.querySelector('#link a'); if (link) link.click(); }"


@dataclass
class Parts:
    """The components that events read and write."""

    run: Any
    mixer: Any
    plane: Any
    plane_fold: Any
    emotion: Any
    intensity: Any
    seed: Any
    another: Any
    n: Any
    settings: dict[str, Any]
    grid: Any
    said: Any
    command: Any
    shown: Any
    """State: what is shown, a ``Shown``."""
    kept: Any
    """State: a list of ``Kept``."""
    tray: Any
    keep_all: Any
    keep_none: Any
    download: Any
    link: Any

    @property
    def asked(self) -> list[Any]:
        """What a change of the samples reads, in the order of ``_samples``."""
        return [
            self.shown,
            self.kept,
            self.run,
            self.emotion,
            self.intensity,
            self.seed,
            self.n,
            *self.settings.values(),
        ]

    @property
    def answered(self) -> list[Any]:
        """What it writes."""
        return [self.grid, self.said, self.command, self.shown]


def tab(studio: Studio, words: Words) -> Parts:
    """Components and events of the tab, inside the ``gr.Tab`` that ``app`` opens."""
    with gr.Row(elem_classes="halves"):
        with gr.Column(scale=2, min_width=300, elem_classes="dials"):
            dials = _dials(studio, words)
        with gr.Column(scale=3, min_width=300):
            parts = Parts(**dials, **_results(words))
    _connect_dials(studio, words, parts)
    _connect_kept(studio, words, parts)
    return parts


def _dials(studio: Studio, words: Words) -> dict[str, Any]:
    names, script = list(studio.runs()), controls.script()
    run = gr.Dropdown(names, value=names[0] if names else None, label=words("run"), elem_id="run")
    mixer = gr.HTML("", js_on_load=script, elem_id="mixer")
    intensity = gr.Slider(0, 1, 1, step=0.01, label=words("intensity"), elem_id="intensity")
    with gr.Row(elem_classes="seed"):
        seed = gr.Number(
            0,
            minimum=0,
            maximum=2**53 - 1,
            precision=0,
            label=words("seed"),
            elem_id="seed",
            scale=3,
            min_width=120,
        )
        another = gr.Button(words("another_seed"), elem_id="another-seed", scale=2, min_width=120)
    with gr.Accordion(words("plane"), open=False, elem_id="plane-fold") as plane_fold:
        plane = gr.HTML("", js_on_load=script, elem_id="plane")
    with gr.Accordion(words("more_dials"), open=False, elem_id="more-dials"):
        n = gr.Slider(1, MOST_SHOWN, _SHOWN, step=1, label=words("n"), elem_id="n")
        settings = _setting_dials(words)
        emotion = gr.Textbox("", label=words("emotion_field"), elem_id="emotion", max_length=2_000)
    return {
        "run": run, "mixer": mixer, "plane": plane, "plane_fold": plane_fold, "emotion": emotion, "intensity": intensity,
        "seed": seed, "another": another, "n": n, "settings": settings,
    }  # fmt: skip


def _setting_dials(words: Words) -> dict[str, Any]:
    """A dial for each of ``DEFAULTS``: those that a run has not are hidden."""

    def slider(name: str, low: float, high: float) -> Any:
        return gr.Slider(
            low,
            high,
            DEFAULTS[name],
            step=0.05,
            label=words(name),
            info=words(f"{name}_told"),
            elem_id=_id(name),
        )

    return {
        "variation": slider("variation", 0, 1),
        "truncation": slider("truncation", 0, 1.5),
        "temperature": slider("temperature", 0.1, 2),
        "top_p": slider("top_p", 0.05, 1),
        "duration_s": gr.Slider(0, 20, 0, step=0.5, label=words("duration_s"), elem_id=_id("duration_s")),
        "loop": gr.Checkbox(False, label=words("loop"), elem_id="loop"),
        "curve": gr.Dropdown(list(_CURVES), value=_CURVES[0], label=words("curve"), elem_id="curve"),
    }


def _id(name: str) -> str:
    return name.replace("_", "-")


def _results(words: Words) -> dict[str, Any]:
    script = controls.script()
    said = gr.HTML("", elem_id="said")
    grid = gr.HTML("", js_on_load=script, elem_id="grid")
    line = command_line("command")
    gr.HTML(element("h2", words("kept")))
    kept_tray = gr.HTML(tray((), words), js_on_load=script, elem_id="tray")
    with gr.Row():
        keep_all = gr.Button(words("keep_all"), elem_id="keep-all", min_width=120)
        keep_none = gr.Button(words("keep_none"), elem_id="keep-none", min_width=120)
        download = gr.Button(words("download"), variant="primary", elem_id="download", min_width=120)
    link = gr.HTML("", elem_id="link")
    return {
        "grid": grid, "said": said, "command": line, "shown": gr.State(None, time_to_live=_LIVES_S), "tray": kept_tray,
        "kept": gr.State([], time_to_live=_LIVES_S), "keep_all": keep_all, "keep_none": keep_none,
        "download": download, "link": link,
    }  # fmt: skip


_LIVES_S = 12 * 3600
IN_ORDER = in_order("draw")


def command_line(elem_id: str) -> gr.HTML:
    """Where the command stands that makes what is shown, as ``controls.line`` writes it."""
    return gr.HTML("", js_on_load=controls.script(), elem_id=elem_id)


# ---- events: what is moved, and what the page then shows ----


def _samples(
    studio: Studio, words: Words, shown: Shown | None, kept: list[Kept], run: str, emotion: str, *rest: Any
) -> tuple[Any, ...]:
    """The samples that the dials ask for, as ``Parts.answered``; those that were rejected stay out of the same seed."""
    intensity, seed, n, *values = rest
    trained = studio.open(run)
    settings = dict(zip(DEFAULTS, values, strict=True))
    dials = answers.asked(trained, run, emotion, intensity, seed, n, settings)
    alike = shown is not None and (shown.dials.run, shown.dials.seed) == (dials.run, dials.seed)
    rejected = shown.rejected if alike and shown is not None else ()
    dials = answers.asked(trained, run, emotion, intensity, seed, n, settings, rejected)
    return _answered(studio, words, answers.draw(studio, words, dials, rejected), kept)


def _answered(studio: Studio, words: Words, now: Shown, kept: list[Kept]) -> tuple[Any, ...]:
    command = controls.line(answers.line(studio, now), words)
    return answers.grid(now, kept, words), answers.said(now, words), command, now


def _connect_dials(studio: Studio, words: Words, parts: Parts) -> None:
    tells = telling(words)

    @tells
    def moved(*inputs: Any) -> tuple[Any, ...]:
        return _samples(studio, words, *inputs)

    @tells
    def chosen(shown: Shown | None, kept: list[Kept], run: str, emotion: str, *rest: Any) -> tuple[Any, ...]:
        return _run_chosen(studio, words, shown, kept, run, emotion, rest)

    @tells
    def mixed(event: gr.EventData, *inputs: Any) -> tuple[Any, ...]:
        labels, emotion = _labels(studio, inputs), _emotion_of(studio, event, inputs)
        plane = controls.plane(labels, emotion, words) if controls.has_plane(labels) else ""
        return emotion, plane, *_samples(studio, words, *inputs[:3], emotion, *inputs[4:])

    @tells
    def pointed(event: gr.EventData, *inputs: Any) -> tuple[Any, ...]:
        labels, emotion = _labels(studio, inputs), _emotion_of(studio, event, inputs)
        return (
            emotion,
            controls.mixer(labels, emotion, words),
            *_samples(studio, words, *inputs[:3], emotion, *inputs[4:]),
        )

    @tells
    def written(*inputs: Any) -> tuple[Any, ...]:
        made = _samples(studio, words, *inputs)
        labels, emotion = _labels(studio, inputs), made[-1].dials.emotion
        plane = controls.plane(labels, emotion, words) if controls.has_plane(labels) else ""
        return controls.mixer(labels, emotion, words), plane, *made

    def on(
        trigger: Callable[..., Any], answer: Callable[..., Any], *more: Any, mode: str = "always_last"
    ) -> None:
        trigger(
            answer, parts.asked, [*more, *parts.answered], trigger_mode=mode, show_progress="hidden",
            api_visibility="private", **IN_ORDER,
        )  # fmt: skip

    for dial in (parts.intensity, parts.seed, parts.n, *parts.settings.values()):
        on(dial.change, moved)
    on(parts.mixer.select, mixed, parts.emotion, parts.plane, mode="multiple")
    on(parts.mixer.input, mixed, parts.emotion, parts.plane, mode="multiple")
    on(parts.plane.input, pointed, parts.emotion, parts.mixer, mode="multiple")
    on(parts.emotion.submit, written, parts.mixer, parts.plane)
    on(parts.run.input, chosen, *_of_run(parts))
    parts.another.click(lambda: secrets.randbelow(1_000_000), None, parts.seed, api_visibility="private")
    parts.run.focus(
        lambda: gr.update(choices=list(studio.runs())),
        None,
        parts.run,
        show_progress="hidden",
        api_visibility="private",
    )


def _of_run(parts: Parts) -> list[Any]:
    """What another run changes beside the samples."""
    return [parts.emotion, parts.mixer, parts.plane, parts.plane_fold, *parts.settings.values()]


def _run_chosen(
    studio: Studio, words: Words, shown: Shown | None, kept: list[Kept], run: str, emotion: str, rest: Any
) -> tuple[Any, ...]:
    """The dials of a run, and its first samples: of the emotion of the run before, where this one has it too."""
    trained = studio.open(run)
    labels = trained.facts.labels
    emotion = answers.emotion_of_run(labels, emotion)
    own = answers.dials_of_run(trained)
    planed = controls.has_plane(labels)
    return (
        emotion,
        controls.mixer(labels, emotion, words),
        controls.plane(labels, emotion, words) if planed else "",
        gr.update(visible=planed),
        *(gr.update(visible=name in own) for name in DEFAULTS),
        *_samples(studio, words, shown, kept, run, emotion, *rest),
    )


def _labels(studio: Studio, inputs: Any) -> tuple[str, ...]:
    return studio.facts(inputs[2]).labels


def _emotion_of(studio: Studio, event: gr.EventData, inputs: Any) -> str:
    """The label or mix that a button, sliders or a point ask for; ConfigError for an event that no page sends."""
    labels, told = _labels(studio, inputs), event._data if isinstance(event._data, dict) else {}
    if told.get("act") == "emotion":
        place = whole_number(told.get("number"), "place_of_emotion")
        if not 0 <= place < len(labels):
            raise StudioError("no_emotion_there", n=len(labels), place=place)
        return labels[place]
    values = told.get("values")
    if told.get("of") == "point":
        return controls.mix_at(labels, values)
    return controls.weights_as_mix(labels, values if isinstance(values, list) else [])


def _connect_kept(studio: Studio, words: Words, parts: Parts) -> None:
    tells = telling(words)

    @tells
    def pressed(event: gr.EventData, *inputs: Any) -> tuple[Any, ...]:
        shown, kept = inputs[:2]
        told = event._data if isinstance(event._data, dict) else {}
        number = whole_number(told.get("number"), "number_of_sample")
        if shown is None:
            raise StudioError("no_samples")
        if told.get("act") == "reject":
            answers.one_of(studio, shown, number)
            rejected = (*shown.rejected, number)
            dials = replace(shown.dials, numbers=answers.first_numbers(len(shown.dials.numbers), rejected))
            made = _answered(studio, words, answers.draw(studio, words, dials, rejected), kept)
            return kept, gr.skip(), *made
        kept = answers.kept_or_not(studio, shown, kept, number)
        return kept, tray(kept, words), *(gr.skip() for _ in parts.answered)

    @tells
    def removed(event: gr.EventData, shown: Shown | None, kept: list[Kept]) -> tuple[Any, ...]:
        told = event._data if isinstance(event._data, dict) else {}
        place = whole_number(told.get("number"), "place_of_sample")
        return _tray_and_grid([one for i, one in enumerate(kept) if i != place], shown)

    @tells
    def every(shown: Shown | None, kept: list[Kept]) -> tuple[Any, ...]:
        return _tray_and_grid(kept if shown is None else answers.all_kept(studio, shown, kept), shown)

    @tells
    def none(shown: Shown | None, kept: list[Kept]) -> tuple[Any, ...]:
        return _tray_and_grid([], shown)

    @tells
    def packed(kept: list[Kept]) -> Html:
        content = zipped(studio, kept)
        size = f"{len(content) / 1000:,.0f}"
        return element(
            "a", words("download_link", name="samples.zip", size=size), href=studio.offers.offer("samples.zip", content),
            download="samples.zip",
        )  # fmt: skip

    def _tray_and_grid(kept: list[Kept], shown: Shown | None) -> tuple[Any, ...]:
        return kept, tray(kept, words), "" if shown is None else answers.grid(shown, kept, words)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    each = quiet | {"trigger_mode": "multiple"} | IN_ORDER
    parts.grid.select(pressed, parts.asked, [parts.kept, parts.tray, *parts.answered], **each)
    kept = [parts.kept, parts.tray, parts.grid]
    parts.tray.select(removed, [parts.shown, parts.kept], kept, **each)
    parts.keep_all.click(every, [parts.shown, parts.kept], kept, **quiet, **IN_ORDER)
    parts.keep_none.click(none, [parts.shown, parts.kept], kept, **quiet, **IN_ORDER)
    parts.download.click(packed, parts.kept, parts.link, **quiet).success(None, js=_PRESS)


def first_good(studio: Studio, names: Sequence[str]) -> str:
    """The first run that can be read: one of another version among them keeps no page from opening."""
    for name in names[:_TRIED]:
        with contextlib.suppress(MultiganError):
            if not studio.open(name).facts.condition_tensor:
                return name
    return names[0]


def open_page(studio: Studio, words: Words, parts: Parts, blocks: gr.Blocks) -> None:
    """What a page shows when it is opened: the first run."""

    @telling(words)
    def opened(
        shown: Shown | None, kept: list[Kept], run: str | None, emotion: str, *rest: Any
    ) -> tuple[Any, ...]:
        names = list(studio.runs())
        if not names:
            raise StudioError("no_runs")
        run = first_good(studio, [*([run] if run in names else []), *names])
        return gr.update(choices=names, value=run), *_run_chosen(
            studio, words, shown, kept, run, emotion, rest
        )

    blocks.load(
        opened, parts.asked, [parts.run, *_of_run(parts), *parts.answered], show_progress="hidden",
        api_visibility="private", **IN_ORDER,
    )  # fmt: skip
