"""Monitors never touch a run, keep to their budget, and leave their log as a resume needs it."""

import json

import pytest
import torch

from multigan.config import load
from multigan.errors import ConfigError
from multigan.losses import LOSSES
from multigan.modality import build_networks
from multigan.training.assemble import assemble, chosen_monitors
from multigan.training.hooks.log import MetricsLog
from multigan.training.monitors import hook as hooks
from multigan.training.monitors.hook import Monitors, read_records
from multigan.training.monitors.table import MONITORS
from multigan.training.monitors.watch import Monitor
from multigan.training.settings import RunSettings
from tests.multigan.training.test_resume import leaves
from tests.worlds.ring import RING, Ring

TRAINING = {
    "samples": 320, "batch": 32, "loss": "relativistic", "penalties": [{"name": "r1", "weight": 0.1, "every": 2}],
}  # fmt: skip
ARCHITECTURE = {"name": "perceptron", "width": 8, "noise": 0.1}


def assembled(folder, monitors=(), budget=None, n_held_out=600, **training):
    raw = {
        "modality": "ring",
        "device": "cpu",
        "architecture": ARCHITECTURE,
        "training": {**TRAINING, **training},
    }
    settings = load(RunSettings, raw, "test")

    def fresh():
        return build_networks(RING, ARCHITECTURE, (2,), ())

    watching = Monitors(monitors, 160, budget, Ring(n_held_out, seed=1), LOSSES["relativistic"], fresh)
    more = [watching] if monitors else []
    return assemble(RING, settings, Ring(600), folder, lambda ema: [MetricsLog(64), *more]), watching


def assert_same_bits(state, other):
    found, expected = leaves(state), leaves(other)
    assert found.keys() == expected.keys()
    tensors = [path for path, value in expected.items() if isinstance(value, torch.Tensor)]
    assert len(tensors) > 30
    assert [path for path in tensors if not torch.equal(found[path], expected[path])] == []
    assert all(found[path] == expected[path] for path in expected.keys() - set(tensors))


@pytest.mark.parametrize("play", ["alternating", "extragradient"])
def test_a_run_with_every_monitor_has_the_bits_of_one_without(tmp_path, play):
    plain, _ = assembled(tmp_path / "plain", play=play)
    plain.run()
    watched, _ = assembled(tmp_path / "watched", list(map(MONITORS.__getitem__, MONITORS)), play=play)
    watched.run()
    assert_same_bits(watched.state_dict(), plain.state_dict())
    records = read_records(tmp_path / "watched" / hooks.FILE)
    assert {record["monitor"] for record in records} == set(MONITORS)
    n = {name: sum(record["monitor"] == name for record in records) for name in MONITORS}
    assert set(n.values()) == {len({record["samples"] for record in records})}
    for record in records:
        assert record["seed"] == 0
        assert record["seconds"] >= 0
    for name in ("gap", "distance", "proximal", "overfitting"):
        assert all(isinstance(value, int | float | None) for r in records if r["monitor"] == name
                   for key, value in r.items() if key != "monitor")  # fmt: skip


@pytest.mark.parametrize("n_held_out", [1, 3, 15, 16])
def test_few_held_out_samples_are_not_measured(tmp_path, n_held_out):
    trainer, watching = assembled(tmp_path, list(map(MONITORS.__getitem__, MONITORS)), n_held_out=n_held_out)
    trainer.run()
    of_samples = {"overfitting", "coverage", "distance", "gap", "proximal"}
    assert set(watching.idle) == (of_samples if n_held_out < 16 else set())
    measured = {record["monitor"] for record in read_records(tmp_path / hooks.FILE)}
    assert measured == set(MONITORS) - set(watching.idle)


class Clock:
    """Time that passes only where somebody lets it."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


@pytest.mark.parametrize(("budget", "most"), [(0.05, 0.05), (0.5, 0.5)])
def test_monitors_keep_to_their_budget_of_time(tmp_path, monkeypatch, budget, most):
    clock = Clock()
    monkeypatch.setattr(hooks, "time", clock)

    def slow(game, watch):
        clock.now += 3.0
        return {"x": 1.0}

    trainer, watching = assembled(tmp_path, [Monitor("slow", slow, "", "", 3)], budget, samples=32 * 400)
    trainer.hooks.append(
        type("Tick", (), {"before_step": lambda self, t, s: setattr(clock, "now", clock.now + 1.0)})()
    )
    trainer.run()
    records = read_records(tmp_path / hooks.FILE)
    assert watching.seconds == 3.0 * len(records)
    assert all(record["share_of_time"] <= most for record in records)
    assert len(records) >= 0.7 * min(400 * budget / 3, 400 / 3)
    assert watching.share <= budget


def test_a_resumed_run_measures_anew_what_came_after_its_checkpoint(tmp_path):
    log = tmp_path / hooks.FILE
    lines = [{"samples": samples, "monitor": "one", "x": samples} for samples in (64, 128, 192)]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"samples": 25')
    trainer, _ = assembled(tmp_path, [Monitor("two", lambda game, watch: {"y": float("nan")}, "", "")])
    trainer.samples_seen = 128
    trainer.run()
    records = read_records(log)
    assert [record["samples"] for record in records if record["monitor"] == "one"] == [64, 128]
    assert [record["y"] for record in records if record["monitor"] == "two"] == [None] * 2


def test_what_a_monitor_does_to_its_copy_stays_there(tmp_path):
    def spoil(game, watch):
        for parameters in game.parameters.values():
            for parameter in parameters:
                with torch.no_grad():
                    parameter.zero_()
        torch.manual_seed(9)
        return {}

    plain, _ = assembled(tmp_path / "plain")
    plain.run()
    spoilt, _ = assembled(tmp_path / "spoilt", [Monitor("spoil", spoil, "", "")])
    spoilt.run()
    assert_same_bits(spoilt.state_dict(), plain.state_dict())


def test_names_of_monitors():
    def chosen(*names):
        raw = {"modality": "ring", "training": {"monitors": list(names)}}
        return [each.name for each in chosen_monitors(load(RunSettings, raw, "test").training)]

    assert chosen() == []
    assert chosen("all") == list(MONITORS)
    assert chosen("gap", "motion") == ["motion", "gap"]
    with pytest.raises(ConfigError, match=r"no monitor named 'motoin'\. Did you mean 'motion'"):
        chosen("motoin")
    with pytest.raises(ConfigError, match="each of monitors is given once"):
        chosen("gap", "gap")
    with pytest.raises(ConfigError, match="monitor_budget must be above 0"):
        load(RunSettings, {"modality": "ring", "training": {"monitor_budget": 0.0}}, "test")


@pytest.mark.parametrize("name", list(MONITORS))
def test_every_monitor_says_what_it_is_and_where_it_is_from(name):
    assert MONITORS[name].name == name
    assert "arXiv:" in MONITORS[name].paper
    assert MONITORS[name].what
