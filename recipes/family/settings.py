"""What a family is: which recipes run, how long, and with which seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from multigan.config import load, merge, parse_overrides, read_yaml, settings
from multigan.errors import ConfigError
from recipes.catalogue import preset_names, read
from recipes.settings import Recipe, check_name, load_recipe, resolve
from recipes.several.sets import sets_of


@settings
class Family:
    """Recipes that are run at equal processor time on the same data, each with every seed."""

    name: str
    description: str = ""
    preset: str | None = None
    members: tuple[str, ...]
    """Names or files of recipes of one modality."""
    minutes: float = 10.0
    """Processor time of each run's training; its length in samples follows from how fast this machine is."""
    seeds: tuple[int, ...] = (0, 1, 2)
    jobs: int = 1
    """Runs at a time; with more than one, each computes in one thread."""
    each: dict[str, Any] = field(default_factory=dict)
    """Settings of every member, on top of its own."""

    def __post_init__(self) -> None:
        check_name(self.name)
        for name in ("members", "seeds"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ValueError(f"{name} names one or more, each once, found {list(values)}")
        if min(self.seeds) < 0:
            raise ValueError(f"seeds are at least 0, found {list(self.seeds)}")
        if not 1 <= self.jobs <= 64:
            raise ValueError(f"jobs is from 1 to 64, found {self.jobs}")
        if not 0 < self.minutes < 1e6:
            raise ValueError(f"minutes is above 0, found {self.minutes}")


def is_family(raw: Mapping[str, Any]) -> bool:
    """Whether the mapping of a recipe file is that of a family."""
    return "members" in raw


def load_family(name_or_file: str, preset: str | None = None, sets: Sequence[str] = ()) -> Family:
    """The family of a name or file, with its preset and changes; ConfigError where anything does not fit."""
    raw, source = read(name_or_file)
    plain = resolve(raw, source, preset=preset, accelerated=False, real_data=False)
    return load(Family, merge(plain, parse_overrides(sets)), source)


def check_family(name_or_file: str, preset: str | None, sets: Sequence[str], plugins: Sequence[str]) -> None:
    """ConfigError where a preset of the family (of all, where none is named) or a member does not fit."""
    for name in [preset] if preset else [None, *preset_names(*read(name_or_file))]:
        for real_data in (False, True):
            members_of(load_family(name_or_file, name, sets), real_data, plugins)


def saved_family(folder: Path) -> Family:
    """The family of a folder in which one was begun."""
    path = folder / "family.yaml"
    if not path.is_file():
        raise ConfigError(f"{folder} holds no family of runs; name the folder of one with --out.")
    return load(Family, read_yaml(path), str(path))


def member_sets(family: Family, seed: int) -> list[str]:
    """What ``--set`` says to a member's recipe for one of its runs."""
    return [f"seed={seed}", *sets_of(family.each)]


def members_of(family: Family, real_data: bool, plugins: Sequence[str]) -> dict[str, Recipe]:
    """The recipe of each member, by the member; ConfigError where one does not fit, or where they do not go together."""
    sets = member_sets(family, family.seeds[0])
    recipes = {}
    for member in family.members:
        if is_family(read(member)[0]):
            raise ConfigError(f"{family.name}: {member} is a family itself; name its members.")
        recipes[member] = load_recipe(member, sets=sets, real_data=real_data, plugins=plugins)
    names = [recipe.name for recipe in recipes.values()]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"{family.name}: two members are recipes of one name ({', '.join(names)}), and the folders of their runs are "
            "named so; give each recipe a name of its own."
        )
    kinds = {recipe.modality: recipe.name for recipe in recipes.values()}
    if len(kinds) > 1:
        raise ConfigError(
            f"{family.name}: its members are of several modalities ("
            + ", ".join(f"{name} of {kind}" for kind, name in kinds.items())
            + "); name recipes of one."
        )
    return recipes
