"""The recipes that come with the package, and recipes in files: plain mappings, as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multigan.config import read_yaml
from multigan.errors import ConfigError
from multigan.registry import unknown_name

CATALOGUE = Path(__file__).parent


def names() -> list[str]:
    """The recipes that come with the package."""
    return sorted(path.stem for path in CATALOGUE.glob("*.yaml"))


def find(name_or_file: str) -> Path:
    """The file of a recipe by its name in the catalogue, or by a path; ConfigError where there is neither."""
    if name_or_file in names():
        return CATALOGUE / f"{name_or_file}.yaml"
    path = Path(name_or_file)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    raise ConfigError(unknown_name("recipe", name_or_file, names()) + " Or give the path of a YAML file.")


def mapping_of(values: dict[str, Any], key: str, source: str) -> dict[str, Any]:
    """What ``values`` holds under ``key``, which is taken out; {} where there is nothing."""
    held = values.pop(key, None)
    if not isinstance(held, Mapping | None):
        raise ConfigError(f"{source}: {key} is {held!r} where a mapping, lines of key: value, is expected.")
    return dict(held or {})


def preset_names(raw: Mapping[str, Any], source: str) -> list[str]:
    """The presets of a recipe, by name."""
    return sorted(mapping_of(dict(raw), "presets", source))


def read(name_or_file: str) -> tuple[dict[str, Any], str]:
    """The plain mapping of a recipe and the words that name it in messages."""
    path = find(name_or_file)
    return read_yaml(path), f"recipe {name_or_file}"
