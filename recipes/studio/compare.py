"""The tab Compare: reports side by side, and which of two is better."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr

from multigan.errors import ConfigError
from multigan.reading import regular
from recipes.comparing import MOST, REPORT, columns_of
from recipes.request import numbered_folder
from recipes.several.children import output_of
from recipes.studio import blind_test, controls
from recipes.studio.choices import anew
from recipes.studio.generate import command_line
from recipes.studio.runs import Studio
from recipes.studio.saying import telling
from recipes.studio.tables import framed, side_by_side
from recipes.studio.words import StudioError, Words

EVALUATIONS = Path("evaluation")
_LONGEST = 4_000


def tab(studio: Studio, words: Words) -> None:
    """Components and events of the tab, inside the ``gr.Tab`` that ``app`` opens."""
    with gr.Tabs():
        with gr.Tab(words("reports"), id="reports"):
            _reports(studio, words)
        with gr.Tab(words("blind"), id="blind"):
            blind_test.tab(studio, words)


def _reports(studio: Studio, words: Words) -> None:
    told = telling(words)
    runs = gr.Dropdown(
        _with_report(studio),
        multiselect=True,
        max_choices=MOST,
        label=words("runs_with_report"),
        elem_id="compared",
    )
    with gr.Row():
        full = gr.Checkbox(label=words("all_figures"), elem_id="all-figures")
        show = gr.Button(words("show_reports"), variant="primary", elem_id="show-reports")
    table, command = gr.HTML(elem_id="side-by-side"), command_line("compare-command")
    show.click(told(_side_by_side(studio, words)), [runs, full], [table, command])
    if not studio.open_to_others:
        with gr.Accordion(words("measure"), open=False, elem_id="measure-fold"):
            _measure(words)
    anew(runs, lambda: _with_report(studio))


def _with_report(studio: Studio) -> list[str]:
    return [name for name, path in studio.runs().items() if (path / REPORT).is_file()]


def _side_by_side(studio: Studio, words: Words) -> Callable[..., Any]:
    def answer(names: list[str], full: bool) -> Any:
        columns = columns_of([studio.path_of(name) for name in names or ()])
        said = shlex.join(["multigan", "compare", *names, *(["--verbose"] if full else [])])
        return side_by_side(columns, bool(full), words), controls.line(said, words)

    return answer


def _measure(words: Words) -> None:
    """Folders from anywhere on this machine, by ``multigan evaluate`` as a process of its own."""
    told = telling(words)
    real = gr.Textbox(label=words("real_folder"), max_length=_LONGEST, elem_id="real-folder")
    fakes = gr.Textbox(label=words("fake_folders"), lines=2, max_length=_LONGEST, elem_id="fake-folders")
    kinds = blind_test.kind_choices(words)
    kind = gr.Radio(kinds, value=kinds[0][1], label=words("kind"), elem_id="kind")
    button = gr.Button(words("measure_now"), elem_id="measure-now")
    command, report = command_line("measure-command"), gr.HTML(elem_id="measured")
    waits = button.click(lambda: words("measuring"), None, report)
    measured = waits.then(told(_measured(words)), [real, fakes, kind], [report, command])
    measured.failure(lambda: "", None, report)


def _measured(words: Words) -> Callable[..., Any]:
    def answer(real: str, fakes: str, kind: str) -> Any:
        places = [line.strip() for line in (fakes or "").splitlines() if line.strip()]
        real = (real or "").strip()
        if not real or not 1 <= len(places) <= MOST:
            raise StudioError("measure_what", most=MOST)
        out = numbered_folder("studio", EVALUATIONS)
        options = [word for place in places for word in ("--fake", place)]
        said = ["evaluate", "--real", real, *options, "--modality", kind, "--out", str(out)]
        try:
            output_of(said)
        except ConfigError:
            with suppress(OSError):  # only where it is empty
                out.rmdir()
            raise
        page = regular.content(out / "report.html").decode("utf-8", "replace")
        return framed(page, words("report_page"), "80vh"), controls.line(
            shlex.join(["multigan", *said]), words
        )

    return answer
