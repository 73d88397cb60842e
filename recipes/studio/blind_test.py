"""The blind test of the tab Compare: prepared, answered, and what people said."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from evaluation.exhibits.markup import element
from evaluation.human import human_figures
from evaluation.kinds import KINDS
from multigan.reading import regular
from recipes.judging import blind
from recipes.judging.design import BETTER, QUESTIONS
from recipes.judging.sets import MOST, Asked
from recipes.studio import controls
from recipes.studio.choices import anew
from recipes.studio.dials import whole_number
from recipes.studio.generate import command_line
from recipes.studio.notes import in_language
from recipes.studio.runs import Studio
from recipes.studio.saying import in_order, telling
from recipes.studio.tables import framed, what_people_said
from recipes.studio.words import StudioError, Words

HEIGHTS = {"audio": "11rem", "text": "14rem"}
"""Of what is shown, by what it is."""
_HEIGHT = "26rem"
_LONGEST = 4_000


def tab(studio: Studio, words: Words) -> None:
    """Components and events."""
    gr.Markdown(words("blind_told"))
    with gr.Accordion(words("prepare"), open=not blind.all_in(), elem_id="prepare-fold") as fold:
        asked, prepare = _prepare_parts(studio, words)
    prepared, prepare_command = gr.HTML(elem_id="prepared"), command_line("prepare-command")
    test = gr.Dropdown(_tests(), label=words("test"), elem_id="test")
    rater = gr.Textbox(label=words("rater"), info=words("rater_told"), max_length=60, elem_id="rater")
    begin = gr.Button(words("begin"), variant="primary", elem_id="begin")
    place, shown = gr.HTML(elem_id="place"), gr.HTML(elem_id="trial")
    choice = gr.Radio([], label=words("question"), visible=False, elem_id="choice")
    keep = gr.Button(words("keep_answer"), visible=False, elem_id="keep-answer")
    now = gr.State(None)  # (test, rater, item) of what is shown
    with gr.Accordion(words("results"), open=False, elem_id="results-fold"):
        gr.Markdown(words("results_reveal"))
        show = gr.Button(words("show_results"), elem_id="show-results")
        said, said_command = gr.HTML(elem_id="results"), command_line("results-command")

    told, shows = telling(words), [place, shown, choice, keep, now]
    waits = prepare.click(lambda: words("preparing"), None, prepared)
    waits.then(told(_prepare(studio, words)), asked, [prepared, prepare_command, test, fold])
    begin.click(told(_next(words)), [test, rater], shows, show_progress="hidden", **in_order("answer"))
    keep.click(told(_keep(words)), [now, choice], shows, show_progress="hidden", **in_order("answer"))
    show.click(told(_results(words)), test, [said, said_command])
    anew(test, _tests)


def kind_choices(words: Words) -> list[tuple[str, str]]:
    """What samples of folders may be."""
    return [(words(f"kind_{name}"), name) for name in KINDS]


def _prepare_parts(studio: Studio, words: Words) -> tuple[list[Any], Any]:
    """What a test is made of, in the order in which ``_prepare`` gets it, and the button."""
    own = not studio.open_to_others
    runs = gr.Dropdown(
        list(studio.runs()),
        multiselect=True,
        max_choices=MOST,
        label=words("runs_to_judge"),
        elem_id="judged",
    )
    questions = [(words(f"question_{name}"), name) for name in QUESTIONS]
    question = gr.Radio(questions, value=BETTER, label=words("question"), elem_id="question")
    n = gr.Slider(1, 100, 12, step=1, label=words("n_trials"), elem_id="n-trials")
    seed = gr.Number(
        0, minimum=0, maximum=2**53 - 1, precision=0, label=words("test_seed"), elem_id="test-seed"
    )
    folders = gr.Textbox(
        label=words("folders_to_judge"), lines=2, max_length=_LONGEST, visible=own, elem_id="judged-folders"
    )
    real = gr.Textbox(
        label=words("real_or_held_out"), max_length=_LONGEST, visible=own, elem_id="judged-real"
    )
    kinds = [(words("of_the_run"), ""), *kind_choices(words)]
    kind = gr.Dropdown(kinds, value="", label=words("kind"), visible=own, elem_id="judged-kind")
    return [runs, question, n, seed, folders, real, kind], gr.Button(
        words("prepare_now"), elem_id="prepare-now"
    )


def _tests() -> list[str]:
    return [str(path) for path in blind.all_in()]


def _test(name: str | None) -> blind.BlindTest:
    """The test that a page names: one of those there are; ConfigError for any other name."""
    folder = next((path for path in blind.all_in() if str(path) == name), None)
    if folder is None:
        raise StudioError("no_test")
    return blind.open_test(folder)


def _prepare(studio: Studio, words: Words) -> Callable[..., Any]:
    def prepare(
        runs: list[str], question: str, n: object, seed: object, folders: str, real: str, kind: str
    ) -> Any:
        named = [line.strip() for line in (folders or "").splitlines() if line.strip()]
        real = (real or "").strip()  # None of a field that is not shown
        each, drawn_by = whole_number(n, "n_trials"), whole_number(seed, "test_seed")
        if studio.open_to_others and (named or real or kind):
            raise StudioError("only_here")
        places = (*(studio.path_of(name) for name in runs or ()), *map(Path, named))
        asked = Asked(
            places, Path(real) if real else None, kind or None, 1.0, drawn_by, studio.device,
            tuple(studio.plugins),
        )  # fmt: skip
        test = blind.make(asked, question, each, None, lambda what, done, total: None)
        said = ["multigan", "judge", "prepare", *(runs or ()), *named]
        said += ["--question", question, "--n", str(each)]
        said += ["--seed", str(drawn_by), *(["--real", real] if real else [])]
        said += ["--modality", kind] if kind else []
        made = words("prepared", folder=escape(str(test.folder)), n=len(test.trials))
        line = controls.line(shlex.join(said), words)
        return made, line, gr.update(choices=_tests(), value=str(test.folder)), gr.update(open=False)

    return prepare


def _next(words: Words) -> Callable[..., Any]:
    return lambda name, rater: _shown(_test(name), blind.check_rater(rater or ""), words)


def _keep(words: Words) -> Callable[..., Any]:
    def keep(now: tuple[str, str, str] | None, choice: str | None) -> Any:
        if now is None:
            raise StudioError("no_test")
        if not choice:
            raise StudioError("choose_answer")
        name, rater, item = now
        test = _test(name)
        if item not in blind.answered(test, rater):  # else two pages are at it: go on with what is left
            blind.answer(test, rater, item, choice)
        return _shown(test, rater, words)

    return keep


def _shown(test: blind.BlindTest, rater: str, words: Words) -> Any:
    """The next trial of a rater: where that is, what is shown, what can be answered; or that all is done."""
    trial, n = blind.next_trial(test, rater), len(test.trials)
    if trial is None:
        done = element("p", words("all_answered", n=n), role="status")
        return done, "", gr.update(visible=False), gr.update(visible=False), None
    number = len(blind.answered(test, rater)) + 1
    notes = [element("p", in_language(note, words), class_="note") for note in test.notes]
    place = element(
        "div", notes, element("p", element("b", words("trial_of", number=number, n=n)), role="status")
    )
    page = regular.content(test.page(trial.item)).decode("utf-8", "replace")
    frame = framed(page, words("trial_shown"), HEIGHTS.get(test.kind, _HEIGHT))
    if test.question == BETTER:
        given = [
            (words(key), value) for key, value in (("first", "1"), ("second", "2"), ("neither", blind.TIE))
        ]
    else:
        given = [(label, label) for label in test.labels]
    asked = words(f"question_{test.question}")
    choice = gr.update(choices=given, value=None, label=asked, visible=True)
    return place, frame, choice, gr.update(visible=True), (str(test.folder), rater, trial.item)


def _results(words: Words) -> Callable[..., Any]:
    def results(name: str | None) -> Any:
        table = _test(name).folder / blind.ANSWERS
        said = shlex.join(["multigan", "evaluate", "--human", str(table)])
        return what_people_said(human_figures(table), words), controls.line(said, words)

    return results
