"""A run that is watched: what it says while it trains, afterwards, and on its page; and one that is not."""

import json

import pytest

from multigan.errors import ConfigError
from multigan.training.monitors.table import MONITORS
from recipes.diagnosis import MEASURES
from recipes.settings import load_recipe
from tests.recipes.test_ring import arguments
from tests.worlds.commands import invoke, ran

WATCHED = (
    "--set=training.monitors=[motion, overfitting, coverage, distance, path, spectrum]",
    "--set=training.monitor_budget=null", "--set=training.monitor_every=160",
)  # fmt: skip


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """The folder of a run whose generator rests, and what it said."""
    folder = tmp_path_factory.mktemp("watched") / "run"
    rest = "--set=training.optimisers.generator.lr=1.0e-30"
    return folder, ran(*arguments(), *WATCHED, rest, "--out", folder)


def test_verdicts_are_said_while_it_trains_once_each(broken):
    folder, output = broken
    said = [line for line in output.splitlines() if "a player stands still" in line]
    assert len(said) == 1
    assert "The generator does not move" in said[0]
    assert "--set 'training.optimisers.generator.lr=0.001'" in said[0]
    assert "of the time of training (no limit)." in output
    records = [json.loads(line) for line in (folder / "monitors.jsonl").read_text().splitlines()]
    assert {record["monitor"] for record in records} == {
        "motion",
        "overfitting",
        "coverage",
        "distance",
        "path",
        "spectrum",
    }
    assert max(record["samples"] for record in records) == 640


def test_diagnose_says_the_distance_and_the_verdicts(broken):
    output = ran("diagnose", broken[0])
    lines = output.splitlines()
    assert lines[0] == "Distance to equilibrium (local, estimated):"
    (jsd,) = (line for line in lines if "Jensen-Shannon divergence, nats: " in line)
    assert "200 steps, n = 100, seed 0, at 640 samples" in jsd
    assert "[" in jsd
    assert "Verdicts:" in lines
    assert any(line.startswith("  a player stands still (at ") for line in lines)
    assert "Source: float32's precision." in output


def test_the_page_has_a_section_with_verdicts_and_plots(broken):
    page = (broken[0] / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="equilibrium">Distance to equilibrium (local, estimated)</h2>' in page
    section = page[page.index('id="equilibrium"') : page.index('id="curves"')]
    assert "A player stands still. " in section
    assert "seed 0" in section
    assert section.count("<svg") >= 8
    assert 'class="whisker"' in section


def test_a_run_that_was_not_watched_has_no_section_and_says_what_to_set(tmp_path):
    ran(*arguments(), "--set=training.monitors=[]", "--out", tmp_path / "run")
    assert 'id="equilibrium"' not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    result = invoke("diagnose", tmp_path / "run")
    assert result.exit_code == 1
    assert "has no measurements of its game (no monitors.jsonl, or an empty one); train with" in result.output
    assert "--set 'training.monitors=[all]', or some of motion, overfitting" in result.output


def test_a_folder_that_is_no_run(tmp_path):
    result = invoke("diagnose", tmp_path)
    assert result.exit_code == 1
    assert "is not a run folder" in result.output


def test_a_monitor_that_there_is_not_is_refused_before_anything():
    with pytest.raises(ConfigError, match="Did you mean 'motion'"):
        load_recipe("ring", sets=["training.monitors=[motoin]"])
    assert load_recipe("ring").training.monitor_budget == 0.15
    assert load_recipe("emotive-images").training.monitors == []
    assert load_recipe("emotive-images").training.monitor_budget == 0.05


def test_what_is_shown_is_what_monitors_measure():
    assert {measure.monitor for measure in MEASURES} == set(MONITORS)
