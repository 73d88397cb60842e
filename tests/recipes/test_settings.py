"""What a recipe resolves to on the machine that it runs on."""

import pytest
import torch

from recipes.catalogue import names
from recipes.settings import load_recipe


@pytest.mark.parametrize(("units", "expected"), [({"amx_bf16": True}, "bfloat16"), ({}, "float32")])
def test_a_recipe_keeps_the_precision_that_auto_is_on_its_machine(monkeypatch, units, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units, raising=False)
    recipe = load_recipe("music-loops", sets=["device=cpu", "training.precision=auto"])
    assert recipe.training.precision == expected
    assert f"precision: {expected}" in recipe.to_yaml()


def test_no_recipe_mirrors_what_it_is_given_but_the_one_whose_result_is_mirrored_with_it():
    """A mirrored letter is another one or none; an enlarged mirror image is the mirror image of the enlarged one."""
    single = [name for name in names() if name not in ("augment-data", "family")]
    recipes = [load_recipe(name, sets=["device=cpu"], real_data=True) for name in single]
    having = [recipe for recipe in recipes if hasattr(recipe.data, "mirror")]
    assert len(having) >= 10
    assert {recipe.name for recipe in having if recipe.data.mirror} == {"super-resolution"}
