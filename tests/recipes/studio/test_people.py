"""The tabs Train and Compare in a real browser: a training that is started and stopped, a blind test that is answered."""

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from multigan.errors import ConfigError
from recipes import trainings
from recipes.studio.runs import Studio
from recipes.studio.words import Words
from tests.worlds import browser
from tests.worlds.commands import holder
from tests.worlds.studio import served
from tests.worlds.untrained import untrained

pytest.importorskip("gradio")
sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = browser.find()
PATIENCE_MS = 600_000
"""A machine may have much else to do; the test's own limit ends what hangs."""
SOON_MS = 60_000
"""For what a page does by itself, without the studio."""


def studio_of(folder, **more):
    return Studio((), folder, torch.device("cpu"), **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def studio(folder):
    """A studio in an empty working folder."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with served(folder, ()) as found:
        yield found
        for one in trainings.trainings(folder / "runs"):
            if one.runs:  # of a test that failed
                trainings.stop(one.folder)


@pytest.fixture
def page(studio):
    """The studio in a page; what the browser complains of ends the test."""
    said = []
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(studio.address)
        yield page
        chromium.close()
    assert said == []


def waits(page, place, words):
    page.wait_for_function(f"document.querySelector('{place}')?.innerText.includes({words!r})")


def test_a_training_is_started_and_stopped(page, folder):
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("combobox", name="Recipe").click()
    page.get_by_role("option", name="ring", exact=True).click()
    page.get_by_role("button", name="Settings").click()
    sets = (
        "training.samples=40M",
        "training.batch=32",
        "training.log_every=320",
        "evaluation.n=0",
        "training.monitors=[]",
    )
    page.locator("#settings textarea").fill("\n".join(sets))
    page.get_by_role("button", name="Start training").click()
    waits(page, "#progress", "a second")
    page.get_by_role("button", name="Stop and save").click()
    waits(page, "#progress", "Stopped")
    assert (folder / "runs" / "ring" / "run.json").is_file()
    assert page.get_by_role("button", name="Resume").is_enabled()
    command = page.locator("#training-command code").inner_text()
    assert command.startswith("multigan training start ring --set training.samples=40M")


EVENTS = """
import json, sys, torch
from pathlib import Path
from recipes.studio import app
from recipes.studio.runs import Studio
from recipes.studio.words import Words

writers = {}
for event in app.page(Studio((), Path(sys.argv[1]), torch.device("cpu")), Words("en")).fns.values():
    if event.trigger_after is None and any(trigger not in (None, "load", "focus") for _, trigger in event.targets):
        for place in event.outputs:
            writers.setdefault(place._id, []).append((event.concurrency_id, event.concurrency_limit))
print(json.dumps(list(writers.values())))
"""


def test_events_that_write_the_same_are_answered_in_the_order_in_which_they_came(tmp_path):
    """An answer to what was asked before came last at times: a command without the settings that the page has."""
    command = [sys.executable, "-c", EVENTS, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_MS / 1000)
    together = [orders for orders in json.loads(told.stdout) if len(orders) > 1]
    assert len(together) > 20
    assert all(len({tuple(one) for one in orders}) == 1 and orders[0][1] == 1 for orders in together)


def test_a_page_waits_no_longer_where_what_it_waited_for_fails(page):
    page.get_by_role("tab", name="Train").click()
    page.locator("#data-folder textarea, #data-folder input").fill("nowhere")
    page.locator("#plan").click()
    page.wait_for_selector(".toast-body")
    page.locator("#planned").wait_for(state="hidden", timeout=SOON_MS)
    assert "nowhere" in page.locator(".toast-body").first.inner_text()
    page.get_by_role("tab", name="Compare").click()
    page.locator("#measure-fold button").click()
    page.locator("#measure-now").click()
    page.get_by_text("Give a folder of real samples").wait_for()
    page.wait_for_function("document.querySelector('#measured')?.innerText.trim() === ''", timeout=SOON_MS)
    assert "Measuring" not in page.locator("#measured").inner_text()


def pictures(place, tone):
    for label in ("joy", "calm"):
        (place / label).mkdir(parents=True)
        for number in range(4):
            Image.fromarray(np.full((16, 16, 3), tone + number, np.uint8)).save(
                place / label / f"{number}.png"
            )


def test_a_blind_test_is_prepared_answered_and_reported(page, folder):
    for tone, name in ((10, "ours"), (60, "theirs"), (120, "photographs")):
        pictures(folder / name, tone)
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("tab", name="Blind test").click()
    page.locator("#judged-folders textarea").fill("ours\ntheirs")
    page.locator("#judged-real textarea").fill("photographs")
    page.locator("#judged-kind input").click()
    page.get_by_role("option", name="images").click()
    page.locator("#n-trials input[type=number]").fill("1")
    page.locator("#prepare-now").click()
    waits(page, "#prepared", "3 trials are ready")
    page.locator("#rater textarea, #rater input").fill("ada")
    page.get_by_role("button", name="Begin or go on").click()
    for number in (1, 2, 3):
        waits(page, "#place", f"Trial {number} of 3")
        pictures_shown = page.frame_locator("#trial iframe").locator("img")
        pictures_shown.nth(1).wait_for(state="attached", timeout=SOON_MS)  # the frame loads after the words
        assert pictures_shown.count() == 2
        page.get_by_role("radio", name="The second (2)").check()
        page.get_by_role("button", name="Keep the answer and go on").click()
    waits(page, "#place", "All 3 trials are answered")
    with (folder / "judge" / "better" / "answers.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["better"] for row in rows] == [row["second"] for row in rows]
    assert {row["rater"] for row in rows} == {"ada"}
    page.get_by_role("button", name="What people said").click()
    page.locator("#show-results").click()
    waits(page, "#results", "human preference for ours over")


def test_whoever_comes_from_elsewhere_names_no_folder_and_no_setting(tmp_path):
    from recipes.studio import blind_test, train

    words, shared = Words("en"), studio_of(tmp_path / "runs", open_to_others=True)
    for given in (("ring", "", "/etc", ""), ("ring", "", "", "data.drawn=3")):
        with pytest.raises(ConfigError, match="this machine alone"):
            train._request(shared, *given)
    assert train._request(shared, "ring", "", "", "").recipe == "ring"
    with pytest.raises(ConfigError, match="this machine alone"):
        blind_test._prepare(shared, words)([], "better", 1, 0, "/etc", "", "image")


def test_a_folder_is_typed_letter_by_letter(tmp_path, monkeypatch):
    """The command follows each of them, also where a home is nobody's."""
    from recipes.studio import train

    monkeypatch.setenv("HOME", str(tmp_path))
    studio = studio_of(tmp_path / "runs")
    for typed, meant in (("~", tmp_path), ("~/a", tmp_path / "a"), ("~nobody-at-all", "~nobody-at-all")):
        assert str(train._request(studio, "ring", "", typed, "").data) == str(meant)
        assert f"--data {meant}" in train._command(studio, Words("en"), "ring", "", typed, "").replace(
            "&#x27;", ""
        ).replace("'", "")


def test_whoever_comes_from_elsewhere_begins_one_training_at_a_time(tmp_path):
    from recipes.studio import train

    shared, words = studio_of(tmp_path / "runs", open_to_others=True), Words("en")
    for name in ("one", "two"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text('{"training_samples": 100}')
    with holder(tmp_path / "runs" / "one") as process:
        for begin in (
            lambda: train._start(shared, words)("ring", "", "", ""),
            lambda: train._resume(shared)(str(tmp_path / "runs" / "two")),
        ):
            with pytest.raises(
                ConfigError, match="one is in training, and a studio that is served to others"
            ):
                begin()
        process.communicate(b"\n")
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["one", "two"]


def test_whoever_comes_from_elsewhere_prepares_a_test_of_runs(tmp_path, monkeypatch, session_cache):
    """Fields that a page does not show are sent as nothing at all."""
    from recipes.judging import blind
    from recipes.studio import blind_test

    monkeypatch.chdir(tmp_path)
    shared = studio_of(tmp_path / "runs", open_to_others=True)
    (tmp_path / "runs").mkdir()
    run = untrained("text", tmp_path / "runs" / "mine", labels=("joy", "sadness"))
    prepare = blind_test._prepare(shared, Words("en"))
    _, command, *_ = prepare([str(run)], "emotion", 2, 0, None, None, "")
    assert [len(blind.open_test(path).trials) for path in blind.all_in()] == [4]
    assert "--question emotion --n 2 --seed 0" in command
    with pytest.raises(ConfigError, match="Seed of the test is a whole number; found 'None'"):
        prepare([str(run)], "emotion", 2, None, None, None, "")


def test_what_cannot_be_measured_is_a_sentence_and_leaves_no_folder(tmp_path, monkeypatch):
    from recipes.studio import compare

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    measured = compare._measured(Words("en"))
    for real, fakes in ((None, None), ("photographs", ""), ("", "ours"), ("photographs", "a\nb\nc\nd\ne")):
        with pytest.raises(ConfigError, match="Give a folder of real samples, and 1 to 4"):
            measured(real, fakes, "image")
    with pytest.raises(ConfigError, match="photographs"):
        measured("photographs", "ours", "image")
    assert not list(tmp_path.rglob("report*"))
    assert not list((tmp_path / "evaluation").glob("*"))


@pytest.mark.parametrize("name", ["../../etc", "/etc", "runs/../..", "", "nothing", "judge/better"])
def test_a_page_names_nothing_but_what_is_offered(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    from recipes.studio import blind_test, train

    studio = studio_of(tmp_path / "runs")
    with pytest.raises(ConfigError, match="There is no training"):
        train._folder(studio, name)
    with pytest.raises(ConfigError, match="There is no recipe"):
        train._request(studio, name, "", "", "")
    with pytest.raises(ConfigError, match="Choose a test"):
        blind_test._test(name)


def test_a_page_is_sent_only_what_changed(tmp_path):
    import gradio as gr

    from recipes.studio import train

    run = tmp_path / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "run.json").write_text('{"training_samples": 100}')
    look = train._look(studio_of(tmp_path / "runs"), Words("en"))
    shown, _, stop, resume, timer, seen = look(str(run), None)
    assert "0 of 100 samples" in shown
    assert (stop["interactive"], resume["interactive"], timer.active) == (False, True, False)
    assert look(str(run), seen)[:2] == (gr.skip(), gr.skip())
    (run / "metrics.jsonl").write_text('{"samples": 50, "samples_per_second": 1.0}\n')
    assert "50 of 100 samples" in look(str(run), seen)[0]
    assert look(None, None)[5] is None
