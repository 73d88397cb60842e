"""The recipes that come with the package, those of installed packages, and recipes in files: each laid on its base."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from multigan.config import merge, read_yaml
from multigan.errors import ConfigError
from multigan.registry import unknown_name

CATALOGUE = Path(__file__).parent
BASES = CATALOGUE / "bases"
"""What several recipes have in common; nothing to run, but a base to name."""

ENTRY_POINTS = "multigan.recipes"
"""The group of entry points by which an installed package offers recipes: NAME = PACKAGE, which holds NAME.yaml."""


def names(place: Path = CATALOGUE) -> list[str]:
    """The recipes that come with the package."""
    return sorted(path.stem for path in place.glob("*.yaml"))


def installed() -> dict[str, str]:
    """The recipes that installed packages offer: name -> the package that holds its file; nothing is imported."""
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def _of_package(name: str, package: str) -> Path:
    """The file NAME.yaml of a top-level package, which is looked for and not imported; ConfigError without one."""
    spec = None if "." in package else importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / f"{name}.yaml"
        if path.is_file():
            return path
    raise ConfigError(
        f"The recipe {name!r} is to be a file {name}.yaml in the package {package!r}, and there is none; install that "
        "package anew."
    )


def find(name_or_file: str, folder: Path | None = None) -> Path:
    """The file of a recipe by its name in the catalogue or in an installed package, or by a path from ``folder``.

    ConfigError where there is none.
    """
    for place in (CATALOGUE, BASES):
        if name_or_file in names(place):
            return place / f"{name_or_file}.yaml"
    path = Path(name_or_file) if folder is None else folder / name_or_file
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    offered = installed()
    if name_or_file in offered:
        return _of_package(name_or_file, offered[name_or_file])
    raise ConfigError(
        unknown_name("recipe", name_or_file, [*names(), *offered]) + " Or give the path of a YAML file."
    )


def read(name_or_file: str) -> tuple[dict[str, Any], str]:
    """The plain mapping of a recipe on its base, and the words that name it in messages."""
    source = f"recipe {name_or_file}"
    return _on_base(find(name_or_file), source, ()), source


def _on_base(path: Path, source: str, above: tuple[Path, ...]) -> dict[str, Any]:
    """A recipe's mapping on that of its base, which may have one too; ``above``: the files that led here."""
    own = read_yaml(path)
    base = own.pop("base", None)
    if base is None:
        return own
    if not isinstance(base, str):
        raise ConfigError(f"{source}: base is {base!r} where the name or the file of a recipe is expected.")
    try:
        below = find(base, path.parent).resolve()
    except ConfigError as error:
        raise ConfigError(f"{source}: base: {error}") from error
    chain = (*above, path.resolve())
    if below in chain:
        circle = " -> ".join(each.name for each in (*chain[chain.index(below) :], below))
        raise ConfigError(f"{source}: bases go in a circle ({circle}); leave one of them out.")
    return _laid_on_base(_on_base(below, source, chain), own, source)


def _laid_on_base(base: dict[str, Any], own: dict[str, Any], source: str) -> dict[str, Any]:
    """``merge``, each preset on the preset of that name; a preset that is null takes the base's away.

    What a recipe says itself has the last word over what its base says of real data.
    """
    own_presets = mapping_of(own, "presets", source)
    presets = mapping_of(base, "presets", source)
    for name in own_presets:
        if own_presets[name] is None:
            presets.pop(name, None)
        else:
            presets[name] = merge(mapping_of(presets, name, source), mapping_of(own_presets, name, source))
    with_data = merge(
        _unsaid(mapping_of(base, "with_data", source), own), mapping_of(own, "with_data", source)
    )
    nested = {"presets": presets, "with_data": with_data}
    plain = merge(*({key: part[key] for key in part if key not in nested} for part in (base, own)))
    return plain | {key: value for key, value in nested.items() if value}


def _unsaid(settings: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without those that ``own`` has too."""
    return {
        key: _unsaid(value, own[key]) if isinstance(value, Mapping) and key in own else value
        for key, value in settings.items()
        if key not in own or (isinstance(value, Mapping) and isinstance(own[key], Mapping))
    }


def mapping_of(values: Mapping[str, Any], key: str, source: str) -> dict[str, Any]:
    """What ``values`` has under ``key``; {} where there is nothing."""
    part = values.get(key)
    if not isinstance(part, Mapping | None):
        raise ConfigError(f"{source}: {key} is {part!r} where a mapping, lines of key: value, is expected.")
    return dict(part or {})


def preset_names(raw: Mapping[str, Any], source: str) -> list[str]:
    """The presets of a recipe, by name."""
    return sorted(mapping_of(raw, "presets", source))
