"""What a recipe resolves to on the machine that it runs on."""

import pytest
import torch

from recipes.settings import load_recipe


@pytest.mark.parametrize(("units", "expected"), [({"amx_bf16": True}, "bfloat16"), ({}, "float32")])
def test_a_recipe_keeps_the_precision_that_auto_is_on_its_machine(monkeypatch, units, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units, raising=False)
    recipe = load_recipe("music-loops", sets=["device=cpu", "training.precision=auto"])
    assert recipe.training.precision == expected
    assert f"precision: {expected}" in recipe.to_yaml()
