"""Errors that nobody foresaw: one line, which blames whoever wrote what failed."""

from unittest.mock import Mock

import numpy as np
import pytest

from multigan.arrays import ArrayDataset
from tests.worlds.commands import error_of, invoke


def fails(monkeypatch, path, module):
    """Let a command call a function of ``module`` that fails, on line 2 of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("def find(name):\n    raise RuntimeError('lost')\n")
    names = {"__name__": module}
    exec(compile(path.read_text(), str(path), "exec"), names)
    monkeypatch.setattr("recipes.catalogue.find", names["find"])


def test_what_nobody_foresaw_is_one_line_too(monkeypatch):
    monkeypatch.setattr("recipes.catalogue.find", Mock(side_effect=RuntimeError("the\nworld ended")))
    line = error_of("recipe", "show", "emotive-images")
    assert "something unexpected went wrong (RuntimeError: the world ended)" in line
    monkeypatch.setenv("MULTIGAN_DEBUG", "1")
    result = invoke("recipe", "show", "emotive-images")
    assert isinstance(result.exception, RuntimeError)


def test_an_error_in_code_that_is_not_multigans_names_its_line(monkeypatch):
    def find(name):
        raise RuntimeError("lost")

    monkeypatch.setattr("recipes.catalogue.find", find)
    line = error_of("recipe", "show", "emotive-images")
    place = f"Line {find.__code__.co_firstlineno + 1} of {__file__}"
    assert line.startswith(f"Error: {place} fails (RuntimeError: lost); mend it. MULTIGAN_DEBUG=1 shows")


def test_an_error_of_multigans_that_other_code_led_to_is_not_blamed_on_that(monkeypatch):
    def find(name):
        return ArrayDataset(np.zeros((2, 3)), labels=("joy",))

    monkeypatch.setattr("recipes.catalogue.find", find)
    line = error_of("recipe", "show", "emotive-images")
    place = f"line {find.__code__.co_firstlineno + 1} of {__file__}"
    assert "something unexpected went wrong (ValueError: labels and classes are given together" in line
    assert f"in what {place} calls. Mend that line or, where it is right, please report this" in line


@pytest.mark.parametrize(
    ("place", "module"),
    [
        ("target/lent.py", "lent"),  # beside target/lent-1.0.dist-info
        ("cache/c1.py", "torch._inductor.runtime.compile_tasks.c1"),  # what torch.compile writes and runs
        ("lib/site-packages/lent/inside.py", "lent.inside"),
    ],
)
def test_nobody_is_asked_to_mend_an_installed_package(monkeypatch, tmp_path, place, module):
    (tmp_path / "target" / "lent-1.0.dist-info").mkdir(parents=True)
    fails(monkeypatch, tmp_path / place, module)
    line = error_of("recipe", "show", "emotive-images")
    assert line.startswith("Error: something unexpected went wrong (RuntimeError: lost). Please report it")


def test_a_person_is_asked_to_mend_a_modality_that_pip_installed(monkeypatch, tmp_path):
    path = tmp_path / "site-packages" / "lent" / "inside.py"
    fails(monkeypatch, path, "lent.inside")
    monkeypatch.setattr("multigan.modality.installed", lambda: {"palettes": "lent.things:PALETTES"})
    assert error_of("recipe", "show", "emotive-images").startswith(
        f"Error: Line 2 of {path} fails (RuntimeError"
    )
