"""A starting package for a modality: the files of ``recipes.starter`` under a name of one's own."""

from __future__ import annotations

import importlib.util
import keyword
import os
import re
import sys
from pathlib import Path

from multigan.errors import ConfigError
from multigan.modality import MODALITIES, installed
from multigan.writing import make_folder, write_text
from recipes import catalogue

TEMPLATE = Path(__file__).parent / "starter"
_WORD = "starter"
_BESIDE = ("pyproject.toml", f"test_{_WORD}.py")
"""Files beside the package; all others are in it."""


def write_package(name: str, folder: Path) -> Path:
    """Write the package of a modality ``name`` to a ``folder`` that is not there yet, and return it.

    ConfigError for a name that no package and no modality can have, and where something lies at ``folder``.
    """
    _check_word(name)
    if os.path.lexists(folder):
        raise ConfigError(
            f"{folder} exists already, and nothing is overwritten; choose another --out, or move it away."
        )
    _refuse_known(name)
    make_folder(folder / name)
    for source in sorted(path for path in TEMPLATE.iterdir() if path.is_file()):
        beside = source.name in _BESIDE
        target = (folder if beside else folder / name) / _renamed(source.name, name)
        write_text(target, _renamed(source.read_text(encoding="utf-8"), name))
    return folder


def _check_word(name: str) -> None:
    if not re.fullmatch("[a-z][a-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot name a package: a name is a word of 1 to 40 small letters, digits and _ that begins with a "
            "letter and is no word of Python's own; choose another."
        )


def _refuse_known(name: str) -> None:
    recipes = {*catalogue.names(), *catalogue.names(catalogue.BASES), *catalogue.installed()}
    if name in {*MODALITIES, *installed(), *recipes}:
        raise ConfigError(
            f"{name!r} is a modality or a recipe of multigan or of an installed package; choose another name."
        )
    spec = importlib.util.find_spec(name)  # a folder of that name alone is no module
    if name in sys.stdlib_module_names or (spec is not None and spec.origin is not None):
        raise ConfigError(f"{name!r} is a module that Python finds already; choose another name.")


def _renamed(text: str, name: str) -> str:
    """The template's name in code, classes (StarterData) and constants (STARTER) -> the package's."""
    title = "".join(part.capitalize() for part in name.split("_"))
    text = text.replace(f"recipes.{_WORD}", name).replace(_WORD.upper(), name.upper())
    return text.replace(_WORD.capitalize(), title).replace(_WORD, name)
