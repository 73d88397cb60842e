"""The tab Train: a recipe, a folder and a preset; a run as a process of its own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from evaluation.exhibits.markup import Html, element
from recipes import trainings
from recipes.hub.fetch import is_fetched
from recipes.request import RunRequest
from recipes.studio import controls, progress
from recipes.studio.generate import command_line
from recipes.studio.runs import Studio
from recipes.studio.saying import in_order, telling
from recipes.studio.words import StudioError, Words
from recipes.trainings import Training

_EVERY_S = 3.0
"""So often a page looks at a training that runs."""
_RECIPE = "emotive-images"
_LONGEST = 4_000
_MOST = 200
"""Trainings that are offered, the newest of all."""


def tab(studio: Studio, words: Words, entered: Any) -> None:
    """Components and events of the tab, inside the ``gr.Tab`` that ``app`` opens (``entered``)."""
    told = telling(words)
    with gr.Row(elem_classes="halves"):
        with gr.Column(scale=2, min_width=300):
            asked = _asked(studio, words)
            with gr.Row():
                plan = gr.Button(words("plan"), elem_id="plan")
                start = gr.Button(words("start"), variant="primary", elem_id="start")
            planned = gr.Textbox(
                label=words("planned"), lines=6, interactive=False, visible=False, elem_id="planned"
            )
            command = command_line("training-command")
        with gr.Column(scale=3, min_width=300):
            names = _names(studio)
            which = gr.Dropdown(
                names, value=names[0] if names else None, label=words("training_choice"),
                info=words("training_choice_told"), elem_id="training",
            )  # fmt: skip
            with gr.Row():
                stop = gr.Button(words("stop"), interactive=False, elem_id="stop")
                resume = gr.Button(words("resume"), interactive=False, elem_id="resume")
            shown = gr.HTML(element("p", words("no_training")), elem_id="progress")
            with gr.Accordion(words("more_curves"), open=False, elem_id="more-curves"):
                others = gr.HTML()
    seen, timer = gr.State(None), gr.Timer(_EVERY_S, active=False)
    looked = [shown, others, stop, resume, timer, seen]
    look = told(_look(studio, words))
    quiet: dict[str, Any] = {"show_progress": "hidden", **in_order("training")}

    asked[0].change(told(_presets(words)), asked[0], asked[1], show_progress="hidden")
    for one in asked:
        one.change(
            told(partial(_command, studio, words)),
            asked,
            command,
            show_progress="hidden",
            **in_order("command"),
        )
    waits = plan.click(lambda: gr.update(value=words("plan_waits"), visible=True), None, planned)
    counted = waits.then(told(_plan(studio)), asked, planned)
    counted.failure(lambda: gr.update(value="", visible=False), None, planned)
    start.click(told(_start(studio, words)), asked, which, **in_order("training")).then(
        look, [which, seen], looked, **quiet
    )
    which.input(look, [which, gr.State(None)], looked, **quiet)
    timer.tick(look, [which, seen], looked, **quiet)
    stop.click(told(_stop(studio, words)), which, None).then(look, [which, seen], looked, **quiet)
    resume.click(told(_resume(studio)), which, None).then(look, [which, seen], looked, **quiet)
    entered.select(partial(_chosen, studio), which, which, **quiet).then(look, [which, seen], looked, **quiet)


def _asked(studio: Studio, words: Words) -> list[Any]:
    """Recipe, preset, folder and settings, in the order in which events get them."""
    from recipes.catalogue import names

    recipes = [name for name in names() if _is_one_run(name)]
    recipe = gr.Dropdown(recipes, value=_RECIPE, label=words("recipe"), elem_id="recipe")
    preset = gr.Dropdown(_preset_choices(_RECIPE, words), value="", label=words("preset"), elem_id="preset")
    own = not studio.open_to_others
    folder = gr.Textbox(
        label=words("data_folder"), info=words("data_folder_told" if own else "only_here"), interactive=own,
        max_length=_LONGEST, elem_id="data-folder",
    )  # fmt: skip
    with gr.Accordion(words("settings"), open=False, elem_id="settings-fold"):
        settings = gr.Textbox(
            label=words("settings"), info=words("settings_told" if own else "only_here"), lines=3, interactive=own,
            max_length=_LONGEST, elem_id="settings",
        )  # fmt: skip
    return [recipe, preset, folder, settings]


def _is_one_run(name: str) -> bool:
    from recipes.augmentation.settings import is_study
    from recipes.catalogue import read
    from recipes.family.settings import is_family

    raw, _ = read(name)
    return not (is_family(raw) or is_study(raw))


def _preset_choices(recipe: str, words: Words) -> list[tuple[str, str]]:
    from recipes.catalogue import preset_names, read

    return [(words("by_machine"), ""), *((name, name) for name in preset_names(*read(_known(recipe))))]


def _known(recipe: str) -> str:
    """A recipe of the catalogue; a page names no file."""
    from recipes.catalogue import names

    if recipe not in names():
        raise StudioError("no_recipe_named", name=str(recipe)[:80])
    return recipe


def _presets(words: Words) -> Callable[[str], Any]:
    return lambda recipe: gr.update(choices=_preset_choices(recipe, words), value="")


def _request(studio: Studio, recipe: str, preset: str, folder: str, settings: str) -> RunRequest:
    """What a page asks to be trained; ConfigError for a folder or settings from another machine."""
    sets = tuple(filter(None, map(str.strip, (settings or "").splitlines())))
    place = (folder or "").strip()
    if studio.open_to_others and (sets or place):
        raise StudioError("only_here")
    # typed letter by letter: a home that is nobody's stays as it is written, and is no folder in the end
    data = Path(os.path.expanduser(place)) if place else None
    return RunRequest(_known(recipe), sets, preset or None, data, plugins=tuple(studio.plugins))


def _command(studio: Studio, words: Words, recipe: str, preset: str, folder: str, settings: str) -> Html:
    """``multigan training start`` with the same."""
    request = _request(studio, recipe, preset, folder, settings)
    said = ["multigan", "training", "start", request.recipe, *trainings.options_of(request)]
    return controls.line(shlex.join(said), words)


def _plan(studio: Studio) -> Callable[..., Any]:
    return lambda *given: gr.update(value=trainings.plan(_request(studio, *given)), visible=True)


def _start(studio: Studio, words: Words) -> Callable[..., Any]:
    def start(*given: str) -> Any:
        gr.Info(words("begins"), title="")
        with _beginning(studio):
            folder = trainings.start(_request(studio, *given), studio.folder)
        return gr.update(choices=_names(studio), value=str(folder))

    return start


def _stop(studio: Studio, words: Words) -> Callable[[str], None]:
    def stop(name: str) -> None:
        trainings.stop(_folder(studio, name))
        gr.Info(words("stopping"), title="")

    return stop


def _resume(studio: Studio) -> Callable[[str], None]:
    def resume(name: str) -> None:
        with _beginning(studio):
            trainings.resume(_folder(studio, name), plugins=studio.plugins)

    return resume


@contextmanager
def _beginning(studio: Studio) -> Iterator[None]:
    """ConfigError where others reach the studio and one is in training: nobody who finds the page fills this machine."""
    with studio.training:
        if studio.open_to_others:
            one = next((one for one in _all(studio) if one.runs), None)
            if one is not None:
                raise StudioError("one_at_a_time", folder=one.folder)
        yield


def _all(studio: Studio) -> list[Training]:
    inside = trainings.trainings(studio.folder)[:_MOST]
    known = {one.folder for one in inside}
    others = (path for path in studio.named if path not in known and not is_fetched(path))
    return [*inside, *(trainings.training_of(path) for path in others)]


def _names(studio: Studio) -> list[str]:
    return [str(one.folder) for one in _all(studio)]


def _chosen(studio: Studio, name: str | None) -> Any:
    """The trainings that there are now, and of these the one that was chosen, else the newest."""
    names = _names(studio)
    return gr.update(choices=names, value=name if name in names else next(iter(names), None))


def _folder(studio: Studio, name: str) -> Path:
    """The folder of a training that a page names; ConfigError for any other name."""
    folder = next((one.folder for one in _all(studio) if str(one.folder) == name), None)
    if folder is None:
        raise StudioError("no_training_named", name=str(name)[:80])
    return folder


def _look(studio: Studio, words: Words) -> Callable[[str | None, Any], Any]:
    def look(name: str | None, seen: Any) -> Any:
        """The panel where it would differ from what the page shows, and which buttons there are."""
        if not name:
            off = gr.update(interactive=False)
            return gr.skip(), gr.skip(), off, off, gr.Timer(active=False), None
        one = trainings.training_of(_folder(studio, name))
        now = repr((name, progress.stamp(one)))
        shown, others = gr.skip(), gr.skip()
        if now != seen:
            shown, others = progress.panel(one, words, studio.plugins), progress.other_curves(one, words)
        buttons = gr.update(interactive=one.runs), gr.update(interactive=one.can_resume)
        return shown, others, *buttons, gr.Timer(active=one.runs), now

    return look
