"""Recipes that installed packages offer by an entry point: the name of a recipe, and the package that holds its file."""

import pytest

from recipes.catalogue import find, installed, names
from tests.worlds.commands import invoke, ran


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """A package ``parcel`` with a file for each of these recipes, and a distribution that offers others too."""

    def make(offered, files):
        package, facts = tmp_path / "parcel", tmp_path / "parcel-1.0.dist-info"
        package.mkdir()
        facts.mkdir()
        (package / "__init__.py").write_text("raise RuntimeError('a recipe imports nothing')\n")
        for name, text in files.items():
            (package / f"{name}.yaml").write_text(text)
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n")
        lines = [f"{name} = {where}" for name, where in offered.items()]
        (facts / "entry_points.txt").write_text("\n".join(["[multigan.recipes]", *lines, ""]))
        monkeypatch.syspath_prepend(str(tmp_path))
        return package

    return make


def test_a_recipe_of_a_package_goes_by_its_name(offer, tmp_path):
    package = offer(
        {"small-ring": "parcel"}, {"small-ring": "base: ring\nname: small-ring\ndescription: A ring\n"}
    )
    assert find("small-ring") == package / "small-ring.yaml"
    assert installed() == {"small-ring": "parcel"}
    assert "small-ring" not in names()
    assert "small-ring" in ran("recipe", "list")
    assert "small-ring is valid" in ran("recipe", "validate", "small-ring")
    assert "base: ring" in ran("recipe", "show", "small-ring")
    ran("recipe", "copy", "small-ring", tmp_path / "own.yaml")
    assert "is valid" in ran("recipe", "validate", tmp_path / "own.yaml")
    assert "Did you mean 'small-ring'?" in invoke("recipe", "validate", "smal-ring").output


@pytest.mark.parametrize("where", ["parcel", "nowhere", "parcel.inner"])
def test_a_recipe_that_is_not_in_its_package_is_one_sentence(where, offer):
    offer({"lost": where}, {})
    line = f"The recipe 'lost' is to be a file lost.yaml in the package '{where}', and there is none"
    result = invoke("recipe", "validate", "lost")
    assert result.exit_code == 1
    assert line in result.output
    listed = ran("recipe", "list")  # it hides none of the others
    assert line in listed
    assert "emotive-images" in listed


def test_a_package_takes_no_name_of_multigans_own(offer):
    package = offer({"ring": "parcel"}, {"ring": "name: ring\n"})
    assert find("ring") != package / "ring.yaml"
    assert ran("recipe", "list").count("\nring ") == 1
