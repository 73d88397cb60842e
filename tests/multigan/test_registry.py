"""Registries: names to values, imported when first asked for, with a near match for a slip."""

import sys

import pytest

from multigan.errors import ConfigError
from multigan.registry import Registry, unknown_name


def test_values_listing_and_membership():
    table = Registry("loss", {"hinge": 1, "wasserstein": 2})
    assert table["hinge"] == 1
    assert list(table) == ["hinge", "wasserstein"]
    assert len(table) == 2
    assert "hinge" in table
    assert "hing" not in table


def test_an_entry_is_imported_when_it_is_first_asked_for(tmp_path, monkeypatch):
    (tmp_path / "lazy_entry.py").write_text("VALUE = object()\n")
    monkeypatch.syspath_prepend(tmp_path)
    table: Registry[object] = Registry("thing", {"lazy": "lazy_entry:VALUE"})
    assert list(table) == ["lazy"]
    assert "lazy" in table
    assert "lazy_entry" not in sys.modules
    value = table["lazy"]
    assert value is sys.modules["lazy_entry"].VALUE
    del sys.modules["lazy_entry"]
    assert table["lazy"] is value


def test_an_unknown_name_says_what_is_known_and_what_was_likely_meant():
    table = Registry("loss", {"wasserstein": 1, "hinge": 2})
    with pytest.raises(ConfigError) as caught:
        table["wassertein"]
    assert str(caught.value) == (
        "There is no loss named 'wassertein'. Did you mean 'wasserstein'? Known: hinge, wasserstein."
    )


def test_nothing_near_gets_no_guess():
    assert unknown_name("loss", "zzz", ["hinge"]) == "There is no loss named 'zzz'. Known: hinge."
    assert (
        unknown_name("loss", "zzz", [])
        == "There is no loss named 'zzz', and none by another name; leave it out."
    )


def test_an_entry_of_your_own():
    table = Registry("loss", {"hinge": 1})
    table.add("mine", 3)
    assert table["mine"] == 3
    with pytest.raises(ConfigError, match="The loss 'hinge' is already registered; choose another name"):
        table.add("hinge", 4)
    assert table["hinge"] == 1


def test_adding_does_not_change_the_table_that_it_was_made_from():
    literal = {"hinge": 1}
    Registry("loss", literal).add("mine", 2)
    assert literal == {"hinge": 1}
