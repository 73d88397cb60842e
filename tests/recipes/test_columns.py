"""Recipes and ``--set`` that say what a table means, under the names of now and of before; remedies that can be typed."""

import json
import re
import shlex
from pathlib import Path

import pytest
import torch

from multigan.config import to_yaml
from multigan.errors import ConfigError
from multigan.modality import MODALITIES
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator
from recipes.catalogue import read
from recipes.request import RunRequest, new_run, resumed_run
from recipes.settings import recipe_of
from tests.worlds.commands import invoke
from tests.worlds.runs import arguments

COLUMNS_ARE_CALLED = "data.label_columns is called data.label now; the older name is still understood."
SPLIT_IS_CALLED = "data.held_out_where is called data.split now; the older name is still understood."


def whole_of(recipe, *sets, real_data=False):
    return new_run(RunRequest(str(recipe), sets=sets, data=Path("any") if real_data else None))


def of_before(folder, name="soundscapes"):
    """The recipe of the catalogue as a person copied it before settings had other names, with a preset of their own."""
    raw, _ = read(name)
    data = dict(raw["data"])
    raw["data"] = data | {"label_columns": data.pop("label"), "held_out_where": data.pop("split")}
    raw["presets"]["own"] = {"data": {"label_columns": ["class"]}}
    raw["with_data"]["data"] = {"held_out_where": "fold=3"}
    path = folder / "own.yaml"
    path.write_text(to_yaml(raw))
    return path


def test_the_recipes_of_the_catalogue_have_the_names_of_now():
    whole = whole_of("soundscapes")
    assert (whole.recipe.data.label, whole.recipe.data.split, whole.notes) == (
        ["mood", "emotion", "label", "class"],
        "fold=5",
        (),
    )
    assert whole_of("spoken-digits").recipe.data.split == "split=test"


def test_a_recipe_of_before_means_the_same_and_says_what_is_called_otherwise(tmp_path):
    path, now = of_before(tmp_path), whole_of("soundscapes")
    whole = whole_of(path)
    assert whole.recipe.data == now.recipe.data
    assert whole.notes == (COLUMNS_ARE_CALLED, SPLIT_IS_CALLED)
    assert "label_columns" not in whole.recipe.to_yaml()
    own = new_run(RunRequest(str(path), preset="own"))
    assert (own.recipe.data.label, own.recipe.data.split) == (["class"], "fold=5")
    assert whole_of(path, real_data=True).recipe.data.split == "fold=3"


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("data.label=x", "x"),
        ("data.label_columns=[x]", ["x"]),
        ("data.label=none", "none"),
        ("data.label=null", None),
    ],
)
def test_what_is_set_replaces_the_recipe_under_whichever_name(tmp_path, item, value):
    assert whole_of("soundscapes", item).recipe.data.label == value
    assert whole_of(of_before(tmp_path), item).recipe.data.label == value
    assert (COLUMNS_ARE_CALLED in whole_of("soundscapes", item).notes) == ("label_columns" in item)


def test_under_two_names_at_once_is_one_sentence():
    with pytest.raises(
        ConfigError,
        match=r"^--set: data\.held_out_where and data\.split are one setting, .* under that name\.$",
    ):
        whole_of("soundscapes", "data.held_out_where=a=1", "data.split=a=2")


def test_validating_and_running_say_the_note_once(tmp_path):
    result = invoke("recipe", "validate", of_before(tmp_path))
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[:2] == [f"Note: {COLUMNS_ARE_CALLED}", f"Note: {SPLIT_IS_CALLED}"]
    result = invoke(
        "recipe", "run", of_before(tmp_path), "--data", tmp_path / "gone", "--out", tmp_path / "out"
    )
    assert result.exit_code == 1
    assert result.output.count(f"Note: {COLUMNS_ARE_CALLED}") == 1
    assert not (tmp_path / "out").exists()


def test_a_dry_run_says_the_note_and_shows_the_name_of_now():
    result = invoke(*arguments(data__labels_column="none"), "--dry-run")
    assert result.exit_code == 0, result.output
    note, *rest = result.output.splitlines()
    assert note == "Note: data.labels_column is called data.label now; the older name is still understood."
    assert "  label: none" in rest


# --- runs that began before


def test_a_run_of_before_is_resumed_and_what_is_set_replaces_its_settings(tmp_path):
    saved = whole_of("soundscapes").recipe.to_yaml().replace("  label:", "  label_columns:")
    saved = saved.replace("  split: fold=5", "  held_out_where: fold=5")
    assert "label_columns" in saved
    assert "held_out_where" in saved
    (tmp_path / "recipe.yaml").write_text(saved)
    (tmp_path / "run.json").write_text(json.dumps({"data": None}))
    whole = resumed_run(RunRequest("soundscapes", out=tmp_path))
    assert whole.recipe.data == whole_of("soundscapes").recipe.data
    assert whole.notes == ()  # nobody wrote that file by hand
    request = RunRequest("soundscapes", sets=("data.split=fold=4", "data.label_columns=[x]"), out=tmp_path)
    whole = resumed_run(request)
    assert (whole.recipe.data.split, whole.recipe.data.label) == ("fold=4", ["x"])
    assert whole.notes == (COLUMNS_ARE_CALLED,)


@pytest.mark.parametrize(
    ("modality", "old", "now"),
    [
        ("image", {"labels_column": "mood"}, {"label": "mood"}),
        (
            "audio",
            {"label_columns": ["mood"], "held_out_where": None},
            {"label": ["mood"], "split": None},
        ),
        ("text", {"text_column": "0", "label_column": None}, {"text": "0", "label": None}),
    ],
)
def test_a_generator_of_before_keeps_its_data_settings(modality, old, now):
    facts = RunFacts(modality, {}, (), (), old)
    data = TrainedGenerator(torch.nn.Identity(), MODALITIES[modality], facts, Path("x")).data
    assert {name: getattr(data, name) for name in now} == now


def test_a_modality_that_is_not_there_is_refused_as_before():
    with pytest.raises(ConfigError, match="no modality named 'smell'"):
        recipe_of({"name": "x", "modality": "smell"}, "x")
    with pytest.raises(ConfigError, match="no modality named 'smell'"):
        whole_of("soundscapes", "modality=smell", "data.label_columns=[x]")


# --- remedies


def refused(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    return result.output.splitlines()[-1]


def test_the_remedies_for_a_column_that_is_not_clear_can_be_typed(tmp_path):
    table = tmp_path / "a.tsv"
    table.write_text("".join(f"so {i} it is\tit is {i} too\n" for i in range(8)))
    run = ["recipe", "run", "emotive-text", "--data", table, "--out", tmp_path / "out"]
    message = refused(*run)
    assert "which column holds the text is not clear" in message
    by_name, by_number = re.findall(r"\((--set data\.text=.*?)\)", message)
    assert "the training data has" in refused(
        *run, *shlex.split(by_number)
    )  # all is well but for their number
    table.write_text("one\tother\n" + table.read_text())
    assert "the training data has" in refused(*run, *shlex.split(by_name.replace("NAME", "other")))


def test_the_remedy_for_an_intensity_can_be_typed(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("text,label,intensity\n" + "".join(f"so it is {i},x,fierce\n" for i in range(8)))
    run = ["recipe", "run", "emotive-text", "--data", table, "--out", tmp_path / "out"]
    message = refused(*run)
    assert "the intensity is 'fierce'" in message
    for remedy in re.findall(r"\((--set data\.intensity\S*=(?:\".*?\"|none))\)", message):
        assert "intensity" not in refused(*run, *shlex.split(remedy))
