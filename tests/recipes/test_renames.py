"""Older names that give half of a setting: the other half is the recipe's, its preset's or the run's, not a default."""

import pytest

from recipes.request import RunRequest, resumed_run
from recipes.settings import load_recipe, saved_recipe

RECIPE = """
name: mine
modality: image
architecture: {name: stylegan2}
training:
  optimisers: {generator: {betas: [0.1, 0.9]}, discriminator: {betas: [0.1, 0.9]}}
presets:
  own: {training: {optimisers: {generator: {betas: [0.3, 0.8]}}}}
  old: {training: {beta2: 0.7}}
with_data: {training: {beta1: 0.2}}
"""


def betas(recipe):
    return [recipe.training.optimisers[name]["betas"] for name in ("generator", "discriminator")]


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(RECIPE)
    return file


@pytest.mark.parametrize(
    ("preset", "real_data", "sets", "expected"),
    [
        (None, False, ["training.beta1=0.5"], [0.5, 0.9]),
        (None, False, ["training.beta2=0.5"], [0.1, 0.5]),
        ("own", False, ["training.beta2=0.5"], [0.3, 0.5]),
        ("old", False, [], [0.1, 0.7]),
        (None, True, [], [0.2, 0.9]),
        (None, True, ["training.beta2=0.5"], [0.2, 0.5]),
        (None, False, ["training.beta1=0.5", "training.beta2=0.6"], [0.5, 0.6]),
    ],
)
def test_one_beta_leaves_the_other_as_it_is(path, preset, real_data, sets, expected):
    recipe = load_recipe(str(path), preset=preset, sets=sets, real_data=real_data)
    assert betas(recipe) == [expected, expected]


def test_one_beta_of_a_resumed_run_too(path, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    (tmp_path / "run" / "recipe.yaml").write_text(load_recipe(str(path)).to_yaml())
    run = resumed_run(RunRequest(str(path), ("training.beta1=0.5",), out=tmp_path / "run", resume=True))
    assert betas(run.recipe) == [[0.5, 0.9], [0.5, 0.9]]
    assert run.notes[0].startswith("training.beta1 is now training.optimisers.generator.betas")


def test_one_beta_of_sequences_is_that_of_all_their_optimisers():
    optimisers = load_recipe("emotive-text", sets=["training.beta1=0.5"]).training.optimisers
    assert optimisers.keys() == {"likelihood", "generator", "discriminator"}
    assert all(own["betas"] == [0.5, 0.99] for own in optimisers.values())


def test_a_run_keeps_a_recipe_of_older_names_that_is_still_understood(tmp_path):
    """``evaluate --run`` and a resume read it alike; of names that the run wrote itself nobody is told."""
    (tmp_path / "recipe.yaml").write_text(
        "name: before\nmodality: image\narchitecture: {name: stylegan2}\n"
        "training: {generator_lr: 0.01, regularisers: [{name: r1, weight: 1.0, every: 8}]}\n"
    )
    notes = []
    recipe = saved_recipe(tmp_path, sets=["training.discriminator_lr=0.02"], notes=notes)
    assert recipe.training.optimisers["generator"]["lr"] == 0.01
    assert recipe.training.optimisers["discriminator"]["lr"] == 0.02
    assert recipe.training.penalties[0].name == "r1"
    assert [note.split(" is now ")[0] for note in notes] == ["training.discriminator_lr"]
