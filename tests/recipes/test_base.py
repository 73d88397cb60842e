"""Recipes that stand on others: what a base gives, what is taken from it, and every mistake in one sentence."""

import pytest
import yaml

from multigan.errors import ConfigError
from recipes.catalogue import BASES, names, preset_names, read
from recipes.settings import load_recipe
from tests.worlds.commands import ran


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_lies_on_its_base(tmp_path):
    below = write(
        tmp_path / "below.yaml",
        """
name: below
description: what lies below
modality: image
data: {resolution: 64, drawn: 100}
architecture: {name: stylegan2, style_size: 32}
with_data: {data: {mirror: true}}
default_preset: {cpu: small, gpu: large}
presets:
  small: {training: {samples: 1000, batch: 8}}
  large: {training: {samples: 5000}}
  other: {architecture: {name: stylegan2, latent_size: 8}}
""",
    )
    above = write(
        tmp_path / "above.yaml",
        """
name: above
base: below.yaml
data: {drawn: 200}
with_data: {data: {held_out: 0.2}}
default_preset: {gpu: small}
presets:
  small: {training: {samples: 2000}}
  large: null
  other: {architecture: {name: wavelet-stylegan2}}
  more: {}
""",
    )
    raw, source = read(str(above))
    assert "base" not in raw
    assert (raw["name"], raw["description"]) == ("above", "what lies below")
    assert raw["data"] == {"resolution": 64, "drawn": 200}
    assert raw["with_data"] == {"data": {"mirror": True, "held_out": 0.2}}
    assert raw["default_preset"] == {"cpu": "small", "gpu": "small"}
    assert raw["presets"]["small"] == {"training": {"samples": 2000, "batch": 8}}
    # the settings of one architecture are none of another
    assert raw["presets"]["other"] == {"architecture": {"name": "wavelet-stylegan2"}}
    assert preset_names(raw, source) == ["more", "other", "small"]
    recipe = load_recipe(str(above), preset="small", real_data=True)
    assert (recipe.training.samples, recipe.training.batch, recipe.data.mirror) == (2000, 8, True)
    assert recipe.architecture["style_size"] == 32
    assert load_recipe(str(above), preset="other").architecture["style_size"] != 32
    with pytest.raises(ConfigError, match="no preset named 'large'"):
        load_recipe(str(above), preset="large")
    assert read(str(below))[0]["presets"]["large"] == {"training": {"samples": 5000}}


def test_what_a_person_chose_wins_over_what_a_recipe_says_of_real_data(tmp_path):
    below = """
name: below
modality: image
data: {resolution: 64, drawn: 100}
architecture: {name: stylegan2}
with_data: {data: {mirror: true, held_out: 0.2}, training: {augmentation: {name: diffaugment}}}
default_preset: {cpu: small, gpu: small}
presets: {small: {data: {held_out: 0.3}}}
"""
    write(tmp_path / "below.yaml", below)
    own = "name: own\nbase: below.yaml\ndata: {mirror: false}\ntraining: {augmentation: {name: none}}\n"
    own = str(write(tmp_path / "own.yaml", own))

    def chosen(recipe, **how):
        found = load_recipe(str(recipe), **how)
        return found.data.mirror, found.data.held_out, found.training.augmentation.name

    assert chosen(tmp_path / "below.yaml") == (False, 0.3, "none")
    assert chosen(tmp_path / "below.yaml", real_data=True) == (True, 0.2, "diffaugment")
    # a preset that was named, but not one that the machine chose
    assert chosen(tmp_path / "below.yaml", real_data=True, preset="small") == (True, 0.3, "diffaugment")
    assert chosen(own, real_data=True) == (False, 0.2, "none")
    assert chosen(own, real_data=True, sets=["data.mirror=true"]) == (True, 0.2, "none")


def test_a_base_is_a_name_from_anywhere_or_a_file_beside_the_recipe(tmp_path):
    mine = write(tmp_path / "mine.yaml", "name: mine\nbase: emotive-images\ndata: {drawn: 99}\n")
    recipe = load_recipe(str(mine))
    theirs = load_recipe("emotive-images")
    assert (recipe.name, recipe.data.drawn) == ("mine", 99)
    assert (recipe.architecture, recipe.training) == (theirs.architecture, theirs.training)
    (tmp_path / "below").mkdir()
    top = write(tmp_path / "below" / "top.yaml", "name: top\nbase: ../mine.yaml\n")
    assert load_recipe(str(top)).data.drawn == 99


def test_the_architecture_of_a_base_is_left_behind_with_its_settings(tmp_path):
    mine = write(tmp_path / "a.yaml", "name: a\nbase: emotive-audio\narchitecture: {name: wavegan}\n")
    assert load_recipe(str(mine)).architecture["name"] == "wavegan"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": "b.yaml", "b": "a.yaml"}, r"bases go in a circle \(a.yaml -> b.yaml -> a.yaml\)"),
        ({"a": "a.yaml"}, r"bases go in a circle \(a.yaml -> a.yaml\); leave one of them out"),
        ({"a": "b.yaml", "b": "c.yaml", "c": "b.yaml"}, r"in a circle \(b.yaml -> c.yaml -> b.yaml\)"),
        (
            {"a": "emotive-imags"},
            "base: There is no recipe named 'emotive-imags'. Did you mean 'emotive-images'",
        ),
        ({"a": "none.yaml"}, "Cannot read .*none.yaml"),
        ({"a": "[b]"}, r"base is \['b'\] where the name or the file of a recipe is expected"),
    ],
)
def test_mistakes_in_a_base_are_one_sentence(tmp_path, files, message):
    for name, base in files.items():
        write(tmp_path / f"{name}.yaml", f"name: {name}\nmodality: image\nbase: {base}\n")
    with pytest.raises(ConfigError, match=message):
        read(str(tmp_path / "a.yaml"))


def test_a_recipe_is_shown_as_written_or_on_its_base():
    written = yaml.safe_load(ran("recipe", "show", "music-loops"))
    assert written["base"] == "spectral-audio"
    assert "loss" not in written["training"]
    resolved = yaml.safe_load(ran("recipe", "show", "music-loops", "--resolved"))
    assert "base" not in resolved
    assert (resolved["name"], resolved["data"]["sounds"]) == ("music-loops", "loops")
    assert (resolved["training"]["samples"], resolved["training"]["loss"]) == ("130k", "relativistic")
    assert set(resolved["presets"]) == {"cpu-2s", "gpu-4s"}


def test_a_copy_keeps_a_named_base_and_swallows_one_in_a_file(tmp_path):
    ran("recipe", "copy", "music-loops", tmp_path / "mine.yaml")
    assert "base: spectral-audio" in (tmp_path / "mine.yaml").read_text()
    (tmp_path / "elsewhere").mkdir()
    top = write(tmp_path / "top.yaml", "name: top\nbase: mine.yaml\nseed: 5\n")
    ran("recipe", "copy", top, tmp_path / "elsewhere" / "top.yaml")
    copied = yaml.safe_load((tmp_path / "elsewhere" / "top.yaml").read_text())
    assert "base" not in copied
    assert (copied["name"], copied["seed"], copied["data"]["sounds"]) == ("top", 5, "loops")
    assert load_recipe(str(tmp_path / "elsewhere" / "top.yaml")) == load_recipe(str(top))


def test_bases_are_no_recipes_to_run_but_valid():
    assert not set(names()) & set(names(BASES))
    for name in names(BASES):
        assert "is valid" in ran("recipe", "validate", name)
    assert "spectral-audio" not in ran("recipe", "list")


@pytest.mark.parametrize("name", names())
def test_every_shipped_recipe_is_valid_in_every_preset(name):
    assert "is valid" in ran("recipe", "validate", name)
