"""A family: recipes at equal processor time, what its page says of them, and that nothing of it is lost or run twice."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from multigan.config import read_yaml, to_yaml
from multigan.errors import ConfigError
from recipes.catalogue import find
from recipes.family.page import page, table_csv
from recipes.family.results import Run, by_member, verdicts
from recipes.family.runs import Outcome
from recipes.family.settings import Family, load_family, member_sets, members_of
from recipes.several.seeds import over_seeds
from tests.worlds.commands import invoke, ran
from tests.worlds.runs import DRAWN, SETTINGS

EACH = SETTINGS | DRAWN
FOLDER_SETTINGS = (
    "training.samples",
    "training.checkpoint_every",
    "training.preview_every",
    "training.log_every",
)


def nested(flat):
    whole = {}
    for key, value in flat.items():
        if key not in FOLDER_SETTINGS:
            part, *names = key.split(".")
            target = whole.setdefault(part, {}) if names else whole
            target[names[0] if names else part] = value
    return whole


@pytest.fixture
def family(tmp_path):
    """Two tiny recipes, one of which has a rate at which nothing stays finite."""
    (tmp_path / "wild.yaml").write_text(
        to_yaml(
            {
                "base": "emotive-images",
                "name": "wild",
                "training": {"optimisers": {"generator": {"name": "sgd", "lr": 1e30}}},
            }
        )
    )
    file = tmp_path / "two.yaml"
    members = ["emotive-images", str(tmp_path / "wild.yaml")]
    text = {"name": "two", "description": "Two", "members": members, "minutes": 0.01, "seeds": [3], "jobs": 2}
    file.write_text(to_yaml(text | {"each": nested(EACH)}))
    return file


# ---- from end to end ----


def test_each_member_runs_once_and_the_page_says_what_came_of_it(family, tmp_path):
    out = tmp_path / "out"
    output = ran("recipe", "run", family, "--out", out)
    tame, wild = sorted(json.loads((out / "family.json").read_text())["runs"], key=lambda run: run["member"])
    assert (tame["member"], tame["seed"], tame["failure"]) == ("emotive-images", 3, "")
    assert "is not finite" in wild["failure"]
    assert f"failed: {wild['failure']}" in output.replace("\n", " ")
    assert tame["processor_seconds"] > 1
    assert tame["peak_memory_bytes"] > 2**26
    page = (out / "report.html").read_text()
    assert "wild, seed 3, failed: The " in page
    assert 'href="emotive-images-seed-3/report.html"' in page
    assert page.count("<img") == 1
    assert "<script" not in page
    header, *rows = (out / "table.csv").read_text().splitlines()
    assert header.startswith(
        "member,seed,samples,training_minutes,processor_minutes,peak_memory_bytes,failure,FD["
    )
    rows.sort()
    assert [row.split(",")[0] for row in rows] == ["emotive-images", "wild"]
    recipe = read_yaml(out / "emotive-images-seed-3" / "recipe.yaml")
    assert recipe["seed"] == 3
    assert recipe["architecture"]["channel_base"] == 128
    assert int(rows[0].split(",")[2]) >= recipe["training"]["samples"]
    # what is known is not run again; what is not known is
    before = (out / "emotive-images-seed-3" / "report.json").stat().st_mtime_ns
    state = json.loads((out / "family.json").read_text())
    known = [run for run in state["runs"] if run["member"] == "emotive-images"]
    (out / "family.json").write_text(json.dumps(state | {"runs": known}))
    again = ran("recipe", "run", family, "--out", out, "--resume")
    assert "wild, seed 3" in again
    assert "emotive-images, seed" not in again
    assert (out / "emotive-images-seed-3" / "report.json").stat().st_mtime_ns == before
    assert len(json.loads((out / "family.json").read_text())["runs"]) == 2


def test_a_family_that_is_stopped_says_how_it_goes_on(family, tmp_path):
    out = tmp_path / "out"
    words = [sys.executable, "-m", "multigan", "recipe", "run", str(family), "--out", str(out)]
    sets = ["--set=minutes=10", "--set=seeds=[3,4,5]"]
    process = subprocess.Popen([*words, *sets], stdout=subprocess.PIPE, text=True)
    while not list(out.glob("*/metrics.jsonl")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate()
    assert process.returncode == 130
    assert "Stopped; everything is saved." in output
    assert "emotive-images, seed 5" not in output  # it never began
    assert f"--out {out} --resume" in output.replace("\n", " ").replace("  ", " ")
    assert list((out / "emotive-images-seed-3" / "checkpoints").iterdir())
    assert [run["member"] for run in json.loads((out / "family.json").read_text())["runs"]] == ["wild"] * 3


def test_a_dry_run_says_how_many_samples_each_member_affords(family):
    output = ran("recipe", "run", family, "--dry-run")
    assert "emotive-images: " in output
    assert "samples in 0.01 min of processor time" in output
    assert "In all 0.0 h of processor time for training" in output


# ---- what does not fit ----


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set=minutes=0"], "minutes is above 0, found 0"),
        (["--set=jobs=0"], "jobs is from 1 to 64, found 0"),
        (["--set=seeds=[1, 1]"], "seeds names one or more, each once"),
        (["--set=members=[]"], "members names one or more"),
        (["--set=members=[family]"], "family is a family itself; name its members"),
        (["--set=each.training.sample=3"], "sample"),
        (["--compare=."], "--compare is of a single run"),
        (["--resume"], "Name the folder of the family"),
        (["--resume", "--set=minutes=1"], "leave out --set, --preset and --data"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_runs(family, words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("recipe", "run", family, *words)
    assert result.exit_code == 1
    assert message in result.output
    assert not (tmp_path / "runs").exists()


def test_a_folder_with_something_in_it_is_left_alone(family, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").touch()
    result = invoke("recipe", "run", family, "--out", out)
    assert (result.exit_code, [path.name for path in out.iterdir()]) == (1, ["mine.txt"])
    assert "is not an empty folder" in result.output
    assert "holds no family" in invoke("recipe", "run", family, "--out", out, "--resume").output


def test_two_members_of_one_name_are_refused(family, tmp_path):
    (tmp_path / "again.yaml").write_text("base: emotive-images\nname: emotive-images\n")
    own = Family(name="two", members=("emotive-images", str(tmp_path / "again.yaml")))
    with pytest.raises(ConfigError, match="two members are recipes of one name"):
        members_of(own, False, ())


def test_members_of_several_modalities_are_refused():
    with pytest.raises(ConfigError, match=r"several modalities \(emotive-images of image, ring of points\)"):
        members_of(Family(name="two", members=("emotive-images", "ring")), False, ())


def test_the_shipped_family_is_one_and_lists_as_a_recipe():
    own = load_family("family")
    assert own.minutes == 10
    assert own.seeds == (0, 1, 2)
    assert load_family("family", "quick").seeds == (0,)
    assert f"{'family':<14}" in ran("recipe", "list")
    assert ran("recipe", "show", "family") == find("family").read_text()


def test_settings_of_each_reach_a_member_as_words():
    own = Family(
        name="f",
        members=("a",),
        each={"data": {"resolution": 32}, "report": [], "training": {"augmentation": {}}},
    )
    assert member_sets(own, 7) == ["seed=7", "data.resolution=32", "report=[]", "training.augmentation={}"]


# ---- what is said ----


def made(member, seed, **values):
    better = {"FD[x]": False, "recall[x]": True, "noise level": None, "MS-SSIM": False}
    figures = {name: {"value": value, "higher_is_better": better[name]} for name, value in values.items()}
    return Run(Outcome(member, seed), figures, {}, (), 1.0, 100, {})


RUNS = [
    made("a", 0, **{"FD[x]": 3.0, "recall[x]": 0.1}),
    made("b", 0, **{"FD[x]": 1.0, "recall[x]": 0.3}),
    made("c", 0, **{"FD[x]": 1.5, "recall[x]": 0.2}),
    made("a", 1, **{"FD[x]": 3.5, "recall[x]": 0.2}),
    made("b", 1, **{"FD[x]": 1.2, "recall[x]": 0.15}),
    made("c", 1, **{"FD[x]": 1.1, "recall[x]": 0.1}),
]


def test_the_interval_over_seeds_is_students():
    """Of 1, 2, 3: mean 2, deviation 1, t = 4.303 with 2 degrees of freedom, so +- 4.303 / sqrt(3)."""
    mean, low, high = over_seeds([1.0, 2.0, 3.0])
    assert (mean, high - mean, mean - low) == pytest.approx((2, 2.4841, 2.4841), abs=1e-3)
    assert over_seeds([4.0]) == (4.0, -float("inf"), float("inf"))


def test_the_interval_is_cut_where_a_figure_ends():
    """Of 0.9 and 1.0: +- 12.706 * 0.0707 / sqrt(2) = 0.635; what has no end is left whole."""
    assert over_seeds([0.9, 1.0], "recall[x]") == pytest.approx((0.95, 0.3147, 1.0), abs=1e-4)
    assert over_seeds([0.0, 0.1], "emotion accuracy")[1:] == pytest.approx((0.0, 0.6853), abs=1e-4)
    assert over_seeds([1.0, 2.0], "FD[x]")[1] == 0
    assert over_seeds([0.9, 1.0], "KD[x]")[2] == pytest.approx(1.5853, abs=1e-4)
    assert over_seeds([0.9, 1.0], "intensity correlation")[1:] == pytest.approx((0.3147, 1.0), abs=1e-4)


def test_members_are_ordered_by_their_mean_the_better_way_round():
    assert list(by_member(RUNS, "FD[x]")) == ["b", "c", "a"]
    assert list(by_member(RUNS, "recall[x]")) == ["b", "a", "c"]
    assert by_member(RUNS, "FD[x]")["c"] == [1.5, 1.1]


def test_a_member_leads_others_where_each_of_its_runs_does():
    failed = Run(Outcome("d", 1, "its loss is not finite"), {}, {}, (), 0.0, 0, {})
    assert verdicts([*RUNS, failed]) == [
        "b leads in FD[x] (1.1): each of its runs is better than any of a; the seeds do not tell it from c.",
        "b leads in recall[x] (0.225): the seeds do not tell it from a and c.",
        "d, seed 1, failed: its loss is not finite",
    ]


def test_one_run_each_tells_nothing_apart(tmp_path):
    assert verdicts(RUNS[:3]) == [
        "b has the best FD[x] (1), of one run each: chance may do as much.",
        "b has the best recall[x] (0.3), of one run each: chance may do as much.",
    ]
    one = page(Family(name="f", members=("a", "b", "c"), seeds=(0,)), RUNS[:3], tmp_path)
    assert "with the seed 0, and measured as every run is. A figure is that of one run, and how far" in one
    assert "Student" not in one
    assert "with the seeds 0, 1, 2, and" in page(Family(name="f", members=("a", "b", "c")), RUNS, tmp_path)


def test_nobody_leads_in_the_likeness_of_pairs():
    """The perceptron's specks vary most."""
    runs = [
        made(member, seed, **{"FD[x]": fd + seed, "MS-SSIM": value})
        for member, fd, value in (("a", 1.0, 0.4), ("b", 8.0, 0.1))
        for seed in (0, 1)
    ]
    assert [sentence.split(" (")[0] for sentence in verdicts(runs)] == ["a leads in FD[x]"]


def test_where_all_are_equal_nobody_leads():
    assert verdicts([made(member, 0, **{"recall[x]": 0.5}) for member in "abc"]) == []


def test_the_page_has_what_the_monitors_say_of_each_game(tmp_path):
    watched = replace(RUNS[0], verdicts=("the game cycles. The players come back.",))
    whole = page(Family(name="f", members=("a", "b", "c")), [watched, *RUNS[1:]], tmp_path)
    assert "a-seed-0</a><ul><li>the game cycles. The players come back.</li></ul></li>" in whole
    assert whole.count("</a><ul>") == 1


def test_a_cell_with_a_comma_is_one_cell():
    failed = Run(Outcome("d", 1, 'its loss, "so"'), {}, {}, (), 0.0, 0, {})
    assert table_csv([failed]).splitlines()[1] == 'd,1,0,0.0,0.0,0,"its loss, ""so"""'
