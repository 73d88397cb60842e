"""Augmentation by generated samples: what a trial is given, that nothing else leaks in, and what is said of the figures."""

import csv
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from multigan.config import to_yaml
from multigan.errors import DataError
from multigan.modality import Splits, modality_of
from multigan.runs import read_run
from recipes.augmentation.arms import ALL, ARMS, CLASSICAL, GENERATED, REAL, Labelled, half_and_half
from recipes.augmentation.few import TABLE, choose, write_few
from recipes.augmentation.page import page
from recipes.augmentation.results import Result, accuracy_of, as_json, gain_of, sentences, sign_of
from recipes.augmentation.runs import Outcome
from recipes.augmentation.settings import Study, generator_recipe, load_study
from recipes.augmentation.trials import Trial, _batch, open_data
from recipes.console import console_of_files
from tests.recipes.test_sounds import DRAWN as DRAWN_SOUNDS
from tests.recipes.test_sounds import SMALL as SMALL_SOUNDS
from tests.recipes.test_sounds import SPECTRAL
from tests.recipes.test_texts import SMALL as SMALL_TEXTS
from tests.worlds.commands import invoke, ran
from tests.worlds.runs import DRAWN, SETTINGS

SMALL_IMAGES = SETTINGS | DRAWN | {"training.samples": 64}
OF = {
    "emotive-images": SMALL_IMAGES,
    "emotive-audio": SMALL_SOUNDS | DRAWN_SOUNDS | SPECTRAL | {"training.samples": 16},
    "emotive-text": SMALL_TEXTS,
}
OWN = ("seed", "evaluation.n")


def words(of, **chosen):
    """A study of two trials at their smallest."""
    settings = {"of": of, "counts": "[2]", "seeds": "[3]", "jobs": 1, "generated": 3, "held_out": 40}
    whole = settings | {"classifier_samples": 256} | chosen
    each = {f"each.{name}": value for name, value in OF[of].items() if name not in OWN}
    return [
        "recipe",
        "run",
        "augment-data",
        *(f"--set={key}={value}" for key, value in (whole | each).items()),
    ]


def rows_of(folder):
    with (folder / TABLE).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


# ---- from end to end ----


@pytest.mark.parametrize("of", OF)
def test_a_study_runs_for_each_kind_of_samples_and_its_generator_sees_the_few_alone(of, tmp_path):
    out = tmp_path / "out"
    output = ran(*words(of), "--out", out)
    trial = out / "n-2-seed-3"
    table = rows_of(trial / "real")
    known = {row["label"] for row in table}
    per_label = {
        label: sum(row["label"] == label for row in table if row["split"] == "train") for label in known
    }
    assert set(per_label.values()) == {2}
    assert [row["split"] for row in table].count("held-out") == 1
    # the generator's run was given that folder, and trained on as many samples as its table has for training
    facts = read_run(trial / "generator")
    assert facts["data"] == str(trial / "real")
    log = (out / "n-2-seed-3.log").read_text()
    assert f"Training samples: {2 * len(known)}, {len(known)} labels" in log
    assert not (trial / "generator" / "report.json").exists()
    report = json.loads((out / "report.json").read_text())
    assert [set(each["accuracy"]) for each in report["trials"]] == [{arm.name for arm in ARMS}]
    assert all(0 <= value <= 1 for value in report["trials"][0]["accuracy"].values())
    assert report["accuracy"][0]["low"] is None  # of one seed
    assert "With one seed nothing can be told" in output
    whole = (out / "report.html").read_text()
    assert "<script" not in whole
    assert whole.count("<polyline") == len(ARMS)


def test_a_study_goes_on_with_the_trials_that_have_no_result(tmp_path):
    out = tmp_path / "out"
    ran(*words("emotive-text"), "--out", out)
    state = json.loads((out / "augmentation.json").read_text())
    assert [(each["n"], each["seed"], each["failure"]) for each in state["trials"]] == [(2, 3, "")]
    assert "0 trials of emotive-text" in ran("recipe", "run", "augment-data", "--out", out, "--resume")
    (out / "augmentation.json").write_text(json.dumps(state | {"trials": []}))
    checkpoints = out / "n-2-seed-3" / "generator" / "checkpoints"
    before = [path.stat().st_mtime_ns for path in checkpoints.iterdir()]
    assert "1 trials of emotive-text" in ran("recipe", "run", "augment-data", "--out", out, "--resume")
    assert [path.stat().st_mtime_ns for path in checkpoints.iterdir()] == before


# ---- no leak ----


@pytest.fixture(scope="module")
def drawn():
    """(recipe, splits) of a few drawn faces."""
    each = {"data": {"resolution": 16, "drawn": 64, "drawn_held_out": 24}}
    recipe = generator_recipe(Study(name="s", of="emotive-images", each=each), 0, False, ())
    return recipe, open_data(recipe, None, console_of_files(quiet=True), ())


def test_the_few_are_drawn_per_label_and_the_fewer_are_among_the_more(drawn):
    train = drawn[1].train
    three, five = choose(train, 3, 7), choose(train, 5, 7)
    assert np.bincount(train.classes[five]).tolist() == [5] * len(train.labels)
    assert set(three) <= set(five)
    assert set(three) != set(choose(train, 3, 8))


def test_the_folder_holds_the_few_as_they_are_and_opens_as_the_same_samples(drawn, tmp_path):
    recipe, splits = drawn
    rows = choose(splits.train, 2, 0)
    modality = modality_of("image")
    write_few(tmp_path / "real", splits, rows, 0, modality, recipe.data)
    study = Study(
        name="s",
        of="emotive-images",
        each={
            "data": {
                "resolution": 16,
                "mirror": False,
                "label": "label",
                "intensity": "intensity",
                "split": "split=held-out",
            }
        },
    )
    own = open_data(generator_recipe(study, 0, True, ()), tmp_path / "real", console_of_files(quiet=True), ())
    assert isinstance(own, Splits)
    key = {own.train.original(place).tobytes() for place in range(len(own.train))}
    assert key == {splits.train.original(int(row)).tobytes() for row in rows}
    assert len(own.train) == len(rows)
    order = [own.train.names.index(f"train-{place:05d}.png") for place in range(len(rows))]
    assert own.train.conditions[order] == pytest.approx(splits.train.conditions[rows], abs=1e-6)


def test_too_few_samples_of_a_label_are_refused_before_anything_runs(drawn, tmp_path):
    with pytest.raises(DataError, match="has 8 training samples, and 9 are asked for"):
        choose(drawn[1].train, 9, 0)
    result = invoke(*words("emotive-images", counts="[2,100]"), "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "training samples, and 100 are asked for; lower counts" in result.output
    assert not (tmp_path / "out").exists()


def test_half_of_what_a_classifier_sees_is_generated():
    real, made = Labelled(["a", "b"], np.array([0, 1])), Labelled([1, 2, 3, 4, 5], np.array([0, 0, 1, 1, 1]))
    both = half_and_half(real, made)
    assert both.samples == ["a", "b", "a", "b", "a", 1, 2, 3, 4, 5]
    assert both.labels.tolist() == [0, 1, 0, 1, 0, 0, 0, 1, 1, 1]
    other = half_and_half(made, real)
    assert [other.samples.count(each) for each in (1, "a")] == [1, 3]


@pytest.mark.parametrize("n", [5, 150, 199, 200, 300])
def test_labels_keep_their_shares_where_few_samples_are_repeated(n):
    """Of 4 labels, n real samples and 200 generated ones each: as many of both, each label within one of a fourth."""
    real, made = (Labelled(list(range(4 * m)), np.repeat(np.arange(4), m)) for m in (n, 200))
    both = half_and_half(real, made)
    halves = both.labels[: max(n, 200) * 4], both.labels[max(n, 200) * 4 :]
    for half in halves:
        assert np.abs(np.bincount(half, minlength=4) - max(n, 200)).max() <= 1
    assert (
        max(np.bincount(both.samples[: len(halves[0])])) - min(np.bincount(both.samples[: len(halves[0])]))
        <= 1
    )


@pytest.mark.parametrize(
    ("n", "said"), [(64, []), (32, []), (31, ["training.batch=4"]), (9, ["training.batch=2"])]
)
def test_a_batch_is_halved_until_the_few_make_a_step(n, said, drawn):
    """A step of this schedule takes 4 batches of 8."""
    recipe, splits = drawn
    schedule = {"name": "adversarial", "discriminator_repeat": 4}
    training = replace(recipe.training, batch=8, schedule=schedule)
    assert _batch(replace(recipe, training=training), splits.train, n, ()) == said


# ---- what does not fit ----


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"counts": "[]"}, "counts are one or more numbers from 2 on"),
        ({"counts": "[1]"}, "counts are one or more numbers from 2 on"),
        ({"seeds": "[1,1]"}, "each once"),
        ({"jobs": 0}, "jobs is from 1 to 64, found 0"),
        ({"generated": 0}, "generated is at least 1, found 0"),
        ({"each.training.sample": 3}, "sample"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_runs(chosen, message, tmp_path):
    result = invoke(*words("emotive-images", **chosen), "--out", tmp_path / "out")
    assert (result.exit_code, (tmp_path / "out").exists()) == (1, False)
    assert message in result.output


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ("family", "is a recipe of several runs"),
        ("augment-data", "is a recipe of several runs"),
        ("ring", "no classifier of these can be trained"),
    ],
)
def test_a_generator_whose_samples_no_classifier_reads_is_refused(of, message, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(to_yaml({"name": "mine", "of": of}))
    result = invoke("recipe", "validate", file)
    assert result.exit_code == 1
    assert message in result.output


def test_the_shipped_study_and_its_presets_are_valid():
    assert "is valid, and so is the recipe of its generators" in ran("recipe", "validate", "augment-data")
    own = load_study("augment-data")
    assert (own.counts, len(own.seeds)) == ((5, 20, 100), 5)
    assert "15 trials" in ran("recipe", "run", "augment-data", "--dry-run")


def test_settings_of_one_generator_are_not_those_of_another():
    assert load_study("augment-data").each["data"] == {"resolution": 16}
    assert load_study("augment-data", sets=["of=dcgan", "each.seed=3"]).each["data"] == {"resolution": 16}
    assert load_study("augment-data", sets=["of=emotive-text", "each.data.drawn=64"]).each == {
        "data": {"drawn": 64}
    }


# ---- what is said ----


def made(n, seed, real, classical, generated, everything):
    values = (real, classical, generated, everything)
    return Result(n, seed, {arm.name: value for arm, value in zip(ARMS, values, strict=True)})


RESULTS = [
    *(
        made(5, seed, 0.4 + noise, 0.6, 0.5 + 1.1 * noise, 0.6 + noise)
        for seed, noise in enumerate((0, 0.02, 0.04))
    ),
    *(made(20, seed, 0.8, 0.9, 0.7 + noise, 0.9) for seed, noise in enumerate((0, 0.01, 0.02))),
]


def test_a_gain_is_paired_by_seeds():
    """The differences are 0.1, 0.102 and 0.104: deviation 0.002, t = 4.303, so 0.102 +- 4.303 * 0.002 / sqrt(3)."""
    gain = gain_of(RESULTS, 5, GENERATED, REAL)
    assert gain == pytest.approx((0.102, 0.102 - 0.004969, 0.102 + 0.004969), abs=1e-5)
    assert sign_of(gain) == 1
    assert sign_of(gain_of(RESULTS, 20, GENERATED, REAL)) == -1
    assert sign_of(gain_of(RESULTS, 20, ALL, CLASSICAL)) == 0


def test_the_words_say_from_how_many_on_it_stops_helping_and_where_it_harms():
    first, second, *each = sentences(RESULTS)
    assert first == (
        "Beside real samples alone, generated samples help with 5 real ones per label, and are not seen to from 20 on; "
        "with 20 they harm."
    )
    assert second == (
        "Beside real samples with classical augmentation, generated samples are not seen to help at any number of "
        "real samples here."
    )
    assert each[0].startswith(
        "With 5 real samples per label: real alone reads 0.420, real + generated 0.522 (+0.102, +0.097 to +0.107: they help)"
    )
    assert "real alone reads 0.800, real + generated 0.710 (-0.090, -0.115 to -0.065: they harm)" in each[1]
    assert "all three 0.900 (+0.000, +0.000 to +0.000: no difference can be told)" in each[1]


def test_the_words_for_help_everywhere_and_at_odd_places():
    always = [made(n, seed, 0.5, 0.6, 0.7 + seed / 100, 0.8 + seed / 100) for n in (5, 9) for seed in (0, 1)]
    assert sentences(always)[0].endswith("generated samples help at every number of real samples here.")
    odd = [made(5, seed, 0.5, 0.6, 0.5, 0.6) for seed in (0, 1)] + always[2:]
    assert sentences(odd)[0].endswith("help with 9 real ones per label, and not with the other numbers.")
    assert sentences([]) == ["No trial came to an end."]


def test_no_interval_of_an_accuracy_goes_beyond_1():
    """Of 0.9 and 1 the mean is 0.95 and Student's interval +- 0.64."""
    results = [made(5, seed, value, 0.5, 0.5, 0.5) for seed, value in enumerate((0.9, 1.0))]
    assert accuracy_of(results, 5, REAL) == pytest.approx((0.95, 0.95 - 12.7062 * 0.05, 1.0), abs=1e-3)


def test_json_holds_every_arm_gain_and_trial():
    told = as_json(RESULTS)
    assert [len(told[key]) for key in ("accuracy", "gains", "trials")] == [8, 8, 6]
    assert told["gains"][0]["mean"] == pytest.approx(0.102)
    assert not any(
        isinstance(value, float) and not math.isfinite(value) for value in told["gains"][0].values()
    )


def test_the_page_shows_failures_and_the_plot(tmp_path):
    (tmp_path / "augmentation.json").write_text('{"data": null, "trials": []}')
    study = Study(name="s", of="emotive-images", description="Whether <it> helps")
    outcomes = [*(Outcome(each.n, each.seed) for each in RESULTS), Outcome(100, 0, "its loss is not finite")]
    told = [{"held_out": 30}] * len(RESULTS)
    whole = page(study, RESULTS, outcomes, told, tmp_path, ())
    assert "100 per label, seed 0, failed: its loss is not finite" in whole
    assert "Whether &lt;it&gt; helps" in whole
    assert whole.count("<polyline") == len(ARMS) + 2 * len(ARMS)
    assert "30 held-out images" in whole
    assert "the mean over 3 seeds with" in whole
    fewer = page(study, RESULTS[1:], outcomes[1:], told[1:], tmp_path, ())
    assert "the mean over 2 and 3 seeds (of 5 and 20 real samples) with" in fewer
    assert Trial(100, 0).folder == "n-100-seed-0"
