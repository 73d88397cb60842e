"""Hooks: what is logged and when, and that looking at a run or resuming it changes nothing."""

import errno
import io
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from multigan import checkpoint
from multigan.config import load
from multigan.display import Display
from multigan.errors import ConfigError, TrainingError
from multigan.objectives import Outcome
from multigan.training.assemble import assemble
from multigan.training.hooks import log, progress
from multigan.training.hooks.checkpoints import Checkpoints
from multigan.training.hooks.every import Every
from multigan.training.hooks.log import MetricsLog
from multigan.training.hooks.previews import Previews
from multigan.training.hooks.progress import ProgressBar
from multigan.training.settings import RunSettings
from tests.worlds.ring import RING, Ring


@dataclass
class Run:
    """What hooks see of a trainer: a step sees 10 samples, and update u of step s has loss [s, s + 2]."""

    run_folder: Path
    hooks: list[Any]
    total_samples: int = 100
    samples_seen: int = 0
    n_steps: int = 0
    interrupted: bool = False
    signals: dict[str, float] = field(default_factory=dict)

    def call(self, event, *arguments):
        for hook in self.hooks:
            if hasattr(hook, event):
                getattr(hook, event)(self, *arguments)

    def train(self, until=None):
        """Start, step to ``until`` samples and end, stopped early where that is not the total."""
        self.call("on_start")
        while self.samples_seen < (until or self.total_samples):
            loss = torch.tensor([self.n_steps, self.n_steps + 2.0])
            self.call("after_update", SimpleNamespace(name="generator"), Outcome(loss, {}))
            signals = {"real_logits": loss.bfloat16() * 2, "fake_logits": -loss}
            self.call("after_update", SimpleNamespace(name="discriminator"), Outcome(loss / 3, signals))
            self.n_steps += 1
            self.samples_seen += 10
            self.call("after_step")
        self.interrupted = self.samples_seen < self.total_samples
        self.call("on_end")
        return self

    def state_dict(self):
        parts = {hook.name: hook.state_dict() for hook in self.hooks if hasattr(hook, "state_dict")}
        return {"samples_seen": self.samples_seen, "step": self.n_steps, "hooks": parts}

    def load_state_dict(self, state):
        self.samples_seen, self.n_steps = state["samples_seen"], state["step"]
        for hook in self.hooks:
            if hook.name in state["hooks"]:
                hook.load_state_dict(state["hooks"][hook.name])


class Clock:
    """Time that passes by a tenth of a second at each look."""

    now = 1000.0

    def __call__(self):
        self.now += 0.1
        return self.now


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def values(folder):
    """Lines without what depends on the clock."""
    return [{key: line[key] for key in line if "seconds" not in key and key != "samples_per_second"}
            for line in lines(folder)]  # fmt: skip


def test_due_once_an_interval_at_the_same_counts_when_resumed():
    def counts(start, size):
        every = Every(25)
        every.start(start)
        return [samples for samples in range(start + size, 101, size) if every.due(samples)]

    assert counts(0, 10) == [30, 50, 80, 100]
    assert counts(60, 10) == [80, 100]
    assert counts(50, 10) == [80, 100]
    assert counts(0, 50) == [50, 100]


# ---- metrics ----


def test_metrics_are_the_means_since_the_last_line(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "time", SimpleNamespace(monotonic=Clock(), process_time=Clock()))
    run = Run(tmp_path, [MetricsLog(40)]).train()
    assert [line["samples"] for line in lines(tmp_path)] == [40, 80, 100]
    first, second, last = lines(tmp_path)
    # means of [s, s + 2] over s = 0..3, 4..7 and 8..9
    assert [line["generator/loss"] for line in (first, second, last)] == [2.5, 6.5, 9.5]
    assert first["discriminator/loss"] == pytest.approx(2.5 / 3)
    assert second["discriminator/real_logits"] == 13.0
    assert last["discriminator/fake_logits"] == -9.5
    assert [line["step"] for line in lines(tmp_path)] == [4, 8, 10]
    assert run.signals["generator/loss"] == 9.5
    # a tenth of a second from the start to the first line, and from each line to the next
    assert [line["seconds"] for line in (first, second, last)] == pytest.approx([0.1, 0.2, 0.3])
    assert [line["samples_per_second"] for line in (first, second, last)] == pytest.approx([400, 400, 200])


def test_metrics_ask_the_other_hooks(tmp_path):
    ada = SimpleNamespace(name="ada", signals=lambda: {"p": 0.25, "undefined": float("nan")})
    run = Run(tmp_path, [ada, MetricsLog(50)]).train()
    assert [line["ada/p"] for line in lines(tmp_path)] == [0.25, 0.25]
    assert lines(tmp_path)[0]["ada/undefined"] is None
    assert run.signals["ada/p"] == 0.25


def test_values_leave_the_device_only_when_a_line_is_written(tmp_path):
    class Watched(torch.Tensor):
        """A tensor that counts how often Python asks for its value."""

        read = 0

        @classmethod
        def __torch_function__(cls, function, types, arguments=(), keywords=None):
            if function in (torch.Tensor.tolist, torch.Tensor.item, torch.Tensor.__float__, torch.Tensor.cpu):
                cls.read += 1
            return super().__torch_function__(function, types, arguments, keywords)

    run = Run(tmp_path, [MetricsLog(20)])
    run.call("on_start")
    outcome = Outcome(torch.ones(2).as_subclass(Watched), {"logits": torch.ones(2).as_subclass(Watched)})
    for expected in (0, 1, 1, 2):
        run.call("after_update", SimpleNamespace(name="generator"), outcome)
        run.samples_seen += 10
        run.call("after_step")
        assert Watched.read == expected
    run.call("on_end")


@pytest.mark.parametrize("stop", [20, 30, 40, 70])
def test_metrics_of_a_stopped_and_resumed_run_are_those_of_an_uninterrupted_one(tmp_path, stop):
    Run(tmp_path / "straight", [MetricsLog(40)]).train()
    folder = tmp_path / "resumed"
    stopped = Run(folder, [MetricsLog(40)]).train(until=stop)
    checkpoint.save(folder / "c", stopped.state_dict())
    resumed = Run(folder, [MetricsLog(40)])
    resumed.load_state_dict(checkpoint.load(folder / "c"))
    resumed.train()
    assert values(folder) == values(tmp_path / "straight")
    for clock in ("seconds", "processor_seconds"):
        seconds = [line[clock] for line in lines(folder)]
        assert seconds == sorted(seconds)


def test_resuming_drops_the_lines_of_what_happens_again_and_a_half_written_one(tmp_path):
    Run(tmp_path, [MetricsLog(10)]).train(until=70)
    path = tmp_path / "metrics.jsonl"
    path.write_text(path.read_text() + '{"samples": 30, "generator/lo')
    resumed = Run(tmp_path, [MetricsLog(10)], samples_seen=40, n_steps=4)
    resumed.train()
    assert [line["samples"] for line in lines(tmp_path)] == list(range(10, 101, 10))
    assert [line["generator/loss"] for line in lines(tmp_path)] == list(range(1, 11))
    assert {item.name for item in tmp_path.iterdir()} == {"metrics.jsonl", "tensorboard"}


def test_tensorboard_shows_the_same_figures_once(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    Run(tmp_path, [MetricsLog(10)]).train(until=70)
    Run(tmp_path, [MetricsLog(10)], samples_seen=40, n_steps=4).train()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    shown = [(event.step, event.value) for event in events.Scalars("generator/loss")]
    assert shown == [(10 * n, n) for n in range(1, 11)]


def test_a_line_that_cannot_be_written_is_one_sentence(tmp_path):
    run = Run(tmp_path, [MetricsLog(10)])
    (tmp_path / "metrics.jsonl").symlink_to(tmp_path / "absent" / "file")
    with pytest.raises(
        TrainingError,
        match=r"Cannot write .*metrics\.jsonl: it is a symbolic link, and none is followed; mend that",
    ):
        run.train()


# ---- previews ----


def test_previews_at_the_start_each_interval_and_the_end(tmp_path):
    run = Run(tmp_path, [Previews(40, lambda path: path.write_text("picture"))]).train()
    names = sorted(path.name for path in (tmp_path / "previews").iterdir())
    assert names == ["000000000.png", "000000040.png", "000000080.png", "000000100.png"]
    assert run.samples_seen == 100


def test_looking_at_a_run_changes_nothing(tmp_path):
    """What is drawn while a run is looked at, from any global random state, is not missing in training."""

    def look(*path):
        return float(torch.rand(())) + np.random.rand() + random.random()

    def weights(name, hooks):
        raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron", "noise": 0.1}}
        raw["training"] = {"batch": 8, "samples": 64}
        trainer = assemble(
            RING, load(RunSettings, raw, "test"), Ring(256), tmp_path / name, lambda ema: hooks
        )
        trainer.run()
        return trainer.networks["generator"].state_dict()

    alone = weights("alone", [])
    watched = weights("watched", [Previews(8, look), Checkpoints(8, 1, validate=look)])
    assert all(torch.equal(alone[name], watched[name]) for name in alone)


# ---- checkpoints ----


def saved(folder):
    return [int(path.name) for path in checkpoint.checkpoint_folders(folder / "checkpoints")]


def test_checkpoints_at_each_interval_and_the_end(tmp_path):
    Run(tmp_path, [Checkpoints(30, keep_last=9)]).train()
    assert saved(tmp_path) == [30, 60, 90, 100]


def test_a_stopped_run_saves_once_without_the_wait_for_a_figure(tmp_path):
    asked = []
    hook = Checkpoints(30, keep_last=9, validate=lambda: asked.append(1) or 0.5)
    Run(tmp_path, [hook]).train(until=50)
    assert saved(tmp_path) == [30, 50]
    assert asked == [1]
    Run(tmp_path, [Checkpoints(30, keep_last=9)], total_samples=60).train()
    assert checkpoint.read_meta(tmp_path / "checkpoints" / "000000030")["figure"] is None


def test_a_run_that_is_stopped_in_the_step_of_a_checkpoint_owes_its_figure_and_chooses_as_an_undisturbed_one(
    tmp_path,
):
    """The best of an undisturbed run is the one in whose step the other run is stopped."""
    figures = {30: 3.0, 60: 1.0, 90: 2.0, 100: 4.0}

    def train(folder, until=None, begun=0):
        run = Run(folder, [])
        stop = SimpleNamespace(
            name="stop", after_step=lambda run: setattr(run, "interrupted", run.samples_seen == until)
        )
        run.hooks = [stop, Checkpoints(30, keep_last=1, validate=lambda: figures[run.samples_seen])]
        run.samples_seen = begun
        run.train(until)

    train(tmp_path / "undisturbed")
    train(tmp_path / "stopped", until=60)
    assert checkpoint.read_meta(tmp_path / "stopped/checkpoints/000000060")["figure"] is None
    train(tmp_path / "stopped", begun=60)
    for folder in (tmp_path / "undisturbed", tmp_path / "stopped"):
        assert saved(folder) == [60, 100]
        assert checkpoint.best(folder / "checkpoints").name == "000000060"
        metas = [checkpoint.read_meta(folder / "checkpoints" / name) for name in ("000000060", "000000100")]
        assert [meta["figure"] for meta in metas] == [1.0, 4.0]


@pytest.mark.parametrize("name", ["checkpoints", "previews"])
def test_no_folder_that_a_run_came_with_leads_elsewhere(tmp_path, name):
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "run"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / name).symlink_to(elsewhere)
    hook = (
        Checkpoints(30, keep_last=9)
        if name == "checkpoints"
        else Previews(30, lambda path: path.write_text("x"))
    )
    with pytest.raises(ConfigError, match=f"{name} is a symbolic link"):
        Run(folder, [hook]).train()
    assert list(elsewhere.iterdir()) == []


def test_a_display_that_is_gone_ends_no_training(tmp_path, capsys):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    console = Console(file=Display(Gone()), width=140)
    run = Run(tmp_path, [ProgressBar(console=console), Checkpoints(30, keep_last=9)])
    run.train()
    assert saved(tmp_path) == [30, 60, 90, 100]
    assert capsys.readouterr().err == ""


def test_the_last_few_and_the_best_by_the_validation_figure_stay(tmp_path):
    figures = iter([3.0, 1.0, 2.0, 2.5, 4.0])
    Run(tmp_path, [Checkpoints(20, 2, validate=lambda: next(figures))]).train()
    assert all(line["samples"] == 20 * n for n, line in enumerate(lines(tmp_path), 1))
    assert all(set(line) == {"samples", "checkpoints/figure"} for line in lines(tmp_path))
    assert saved(tmp_path) == [40, 80, 100]
    figures = iter([3.0, 1.0, 2.0, 2.5, 1.5])
    Run(tmp_path / "higher", [Checkpoints(20, 1, validate=lambda: next(figures), better="higher")]).train()
    assert saved(tmp_path / "higher") == [20, 100]


def test_a_checkpoint_holds_what_the_hooks_became_in_that_step(tmp_path):
    Run(tmp_path, [MetricsLog(20), Checkpoints(30, keep_last=9)]).train()
    state = checkpoint.load(tmp_path / "checkpoints" / "000000030")
    assert state["hooks"]["metrics"]["counts"]["generator/loss"] == 1
    assert state["hooks"]["metrics"]["totals"]["generator/loss"] == 3.0  # the mean of [2, 4]


# ---- progress ----


def shown(monkeypatch, clock=None, terminal=False, total=1000, until=None):
    monkeypatch.setattr(progress, "monotonic", clock or Clock())
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=140)
    bar = ProgressBar(console=console)
    run = Run(Path("unused"), [bar], total_samples=total)
    run.signals = {"discriminator/real_logits": 1.234, "ada/p": 0.1}
    run.train(until)
    return output.getvalue()


def test_without_a_terminal_there_is_a_plain_line_every_tenth(monkeypatch):
    text = shown(monkeypatch)
    assert "\x1b" not in text
    assert "\r" not in text
    rows = text.splitlines()
    assert [row.split("%")[0].strip() for row in rows] == [str(n) for n in range(10, 101, 10)]
    # 10 samples every 0.1 s: 100 samples/s, 900 left
    assert rows[0] == " 10%  100/1,000 samples  100/s  0:00:09 left  D(real) 1.23  ADA p 0.10"


def test_without_a_terminal_a_slow_run_shows_a_line_every_half_minute(monkeypatch):
    class Slow(Clock):
        def __call__(self):
            self.now += 16.0
            return self.now

    # nothing crosses a tenth of 100,000 samples
    rows = shown(monkeypatch, Slow(), total=100_000, until=100).splitlines()
    assert [row.split()[1] for row in rows] == [f"{n}/100,000" for n in (20, 40, 60, 80, 100, 100)]


def test_the_speed_is_that_of_the_last_half_minute(monkeypatch):
    class Slowing(Clock):
        """0.1 s a step for 50 steps, then 10 s a step."""

        looks = 0

        def __call__(self):
            self.looks += 1
            self.now += 0.1 if self.looks < 50 else 10.0
            return self.now

    assert "  1/s  " in shown(monkeypatch, Slowing()).splitlines()[-1]


def test_on_a_terminal_there_is_a_bar_and_the_cursor_comes_back(monkeypatch):
    text = shown(monkeypatch, terminal=True)
    assert "1,000/1,000 samples" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_an_error_in_training_leaves_the_terminal_in_order():
    output = io.StringIO()
    bar = ProgressBar(console=Console(file=output, force_terminal=True, width=100))
    run = Run(Path("unused"), [bar])

    def train():
        with bar:
            run.call("on_start")
            assert "\x1b[?25l" in output.getvalue()
            assert "\x1b[?25h" not in output.getvalue()
            raise TrainingError("the loss is not finite")

    with pytest.raises(TrainingError):
        train()
    assert "\x1b[?25h" in output.getvalue()
