"""Trainings in the background: begun, looked at, stopped, resumed, and what became of each."""

import json
import os
import signal
import sys
import time

import pytest

from multigan.errors import ConfigError
from recipes import trainings
from recipes.request import RunRequest
from tests.worlds.commands import error_of, holder, ran

SETTINGS = {
    "training.samples": "40M",  # so many that none ends before it is stopped, however busy the machine
    "training.batch": 32,
    "training.checkpoint_every": 3200,
    "training.preview_every": 200_000,
    "training.log_every": 320,
    "training.monitors": "[motion]",
    "training.monitor_every": 640,
    "evaluation.n": 0,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder, from which processes find this package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return tmp_path


def asked(**more):
    chosen = SETTINGS | {name.replace("__", "."): value for name, value in more.items()}
    return RunRequest("ring", tuple(f"{name}={value}" for name, value in chosen.items()))


def waited(folder, until):
    """The training once ``until`` says so; however long that takes, the test's own limit ends it."""
    while not until(one := trainings.training_of(folder)):
        time.sleep(0.1)
    return one


def test_a_training_is_begun_stopped_and_resumed(folder):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell has it for what it begins with &
    try:
        run = trainings.start(asked())
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        assert str(run) == "runs/ring"
        waited(run, lambda one: one.samples > 0)
        assert trainings.trainings()[0].runs
        with pytest.raises(ConfigError, match="in training already"):
            trainings.resume(run)
    finally:
        trainings.stop(run)
    stopped = waited(run, lambda one: not one.runs)
    assert stopped.state == "stopped"
    assert stopped.can_resume
    assert 0 < stopped.samples < stopped.total == 40_000_000
    assert json.loads((run / "training" / "record.json").read_text())["code"] == 130
    assert trainings.command_of(run).startswith("multigan recipe run ring --out runs/ring --set ")
    assert "Asked it" not in ran("training", "show", run)
    assert "stopped, " in ran("training", "list")
    trainings.resume(run, ["training.samples=40000320", f"training.batch={SETTINGS['training.batch']}"])
    again = waited(run, lambda one: one.state != "starting" and one.total == 40_000_320)
    if again.runs:
        trainings.stop(run)
    waited(run, lambda one: not one.runs)
    assert (
        trainings.training_of(run).samples >= stopped.samples - 320
    )  # the last line was before the checkpoint
    assert "Resuming runs/ring at" in (run / "training" / "log.txt").read_text()


def test_one_that_ends_by_itself_or_cannot_begin(folder):
    run = trainings.start(asked(training__samples=640))
    done = waited(run, lambda one: not one.runs)
    assert (done.state, done.samples, done.total) == ("finished", 640, 640)
    assert not done.can_resume
    assert "finished, 640 samples (100% of 640)" in done.in_words()
    (folder / "data").mkdir()
    for number in range(40):  # what only decoding tells
        (folder / "data" / f"{number}.png").write_bytes(b"no picture")
    failed = trainings.start(
        RunRequest("emotive-images", data=folder / "data", out=folder / "runs" / "failed")
    )
    one = waited(failed, lambda one: not one.runs)
    assert one.state == "failed"
    assert str(folder / "data") in one.why
    assert "failed before it trained: " in ran("training", "list")
    with pytest.raises(ConfigError, match="was never begun"):
        trainings.resume(failed)


def test_what_cannot_be_begun_is_refused_before_there_is_a_folder(folder):
    (folder / "empty").mkdir()
    for words, message in (
        (("start", "rings"), "There is no recipe named 'rings'"),
        (("start", "ring", "--set", "nonsense=1"), "There is no setting named 'nonsense'"),
        (("start", "family"), "family is made of many runs"),
        (("start", "emotive-images", "--data", "nowhere"), "There is no folder "),
        (("start", "emotive-images", "--data", "empty"), "No image in "),
        (("stop", "runs/ring"), "Nothing is in training in runs/ring"),
        (("show", "runs/ring"), "There is no folder runs/ring"),
    ):
        assert message in error_of("training", *words)
    assert not (folder / "runs").exists()
    assert "There is no run in runs." in ran("training", "list")


def test_a_run_of_a_terminal_is_told_of_too(folder):
    run = folder / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "run.json").write_text('{"training_samples": 100}')
    (run / "metrics.jsonl").write_text(
        '{"samples": 40, "samples_per_second": 7.5}\n{"samples": 50, "validation": 1.0}\n{"samples": 6'
    )
    with holder(run) as process:
        (one,) = trainings.trainings()
        assert (one.state, one.samples, one.total, one.samples_per_second) == ("training", 40, 100, 7.5)
        process.communicate(b"\n")
    assert trainings.training_of(run).state == "stopped"
    (run / "metrics.jsonl").write_text('{"samples": 100, "samples_per_second": 7.5}\n')
    assert trainings.training_of(run).state == "finished"


def test_one_whose_keeper_was_killed_is_broken_off(folder):
    place = folder / "runs" / "killed" / "training"
    place.mkdir(parents=True)
    (place / "record.json").write_text('{"words": ["multigan", "recipe", "run", "ring"]}')
    (place / ".lock").write_text("1\n")  # there is a process 1, and it has no lock of ours
    (one,) = trainings.trainings()
    assert (one.state, one.samples, one.total, one.said) == ("broken off", 0, None, "")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"training_samples": "many", "words": 3}', "\xff"])
def test_files_that_anybody_wrote_break_nothing(folder, content):
    run = folder / "runs" / "odd"
    (run / "training").mkdir(parents=True)
    for name in ("run.json", "metrics.jsonl", "training/record.json", "training/log.txt"):
        (run / name).write_text(content, encoding="latin-1")
    (one,) = trainings.trainings()
    assert (one.samples, one.total) == (0, None)
    assert trainings.command_of(run) == ""


def test_the_plan_is_that_of_a_dry_run(folder):
    plan = trainings.plan(asked(training__samples=640))
    assert plan.startswith("Plan on cpu")
    assert "samples to see  640 in 20 steps" in plan
    with pytest.raises(ConfigError, match="There is no preset named 'huge'"):
        trainings.plan(RunRequest("ring", preset="huge"))
    assert not (folder / "runs").exists()
