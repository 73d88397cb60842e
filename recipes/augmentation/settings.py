"""What a study of augmentation is: whose generator, how few real samples, and what the classifier is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from evaluation.kinds import ClassifierRecord
from multigan.config import load, merge, parse_overrides, read_yaml, settings
from multigan.errors import ConfigError
from multigan.modality import modality_of
from recipes.catalogue import preset_names, read
from recipes.kinds import kind_of_modality
from recipes.settings import Recipe, check_name, load_recipe, resolve
from recipes.several.sets import sets_of

KIND = "augmentation"
"""How the files of a study are called."""


@settings
class Study:
    """A classifier is trained on ``counts`` real samples per label, alone and with more made of them, for every seed."""

    name: str
    description: str = ""
    preset: str | None = None
    of: str
    """The name or file of the recipe whose generator is trained on the few real samples."""
    counts: tuple[int, ...] = (5, 20, 100)
    """Real samples per label."""
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Each draws other real samples, and begins another generator and other classifiers."""
    jobs: int = 1
    """Trials at a time; with more than one, each computes in one thread."""
    generated: int = 200
    """Samples per label that the classifier is given of the generator."""
    classifier_samples: int = 19_200
    """How many samples each classifier sees in training, all counted."""
    held_out: int = 1_000
    """Real samples at most that the classifiers are measured on; no generator and no classifier sees them before."""
    each: dict[str, Any] = field(default_factory=dict)
    """Settings of that recipe, on top of its own."""

    def __post_init__(self) -> None:
        check_name(self.name)
        for name, least in (("counts", 2), ("seeds", 0)):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values) or min(values) < least:
                raise ValueError(
                    f"{name} are one or more numbers from {least} on, each once, found {list(values)}"
                )
        if not 1 <= self.jobs <= 64:
            raise ValueError(f"jobs is from 1 to 64, found {self.jobs}")
        for name, least in (("generated", 1), ("classifier_samples", 64), ("held_out", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is at least {least}, found {getattr(self, name)}")


def is_study(raw: Mapping[str, Any]) -> bool:
    """Whether the mapping of a recipe file is that of a study."""
    return "of" in raw


def load_study(name_or_file: str, preset: str | None = None, sets: Sequence[str] = ()) -> Study:
    """The study of a name or file, with its preset and changes; ConfigError where anything does not fit.

    What its file says of ``each`` is of the recipe that it names there: where ``sets`` name another one, it is left out.
    """
    raw, source = read(name_or_file)
    plain = resolve(raw, source, preset=preset, accelerated=False, real_data=False)
    over = parse_overrides(sets)
    if over.get("of", plain.get("of")) != plain.get("of"):
        plain = {key: value for key, value in plain.items() if key != "each"}
    return load(Study, merge(plain, over), source)


def check_study(name_or_file: str, preset: str | None, sets: Sequence[str], plugins: Sequence[str]) -> None:
    """ConfigError where a preset of the study (any, where none is named) or its generator's recipe does not fit."""
    for name in [preset] if preset else [None, *preset_names(*read(name_or_file))]:
        study = load_study(name_or_file, name, sets)
        for real_data in (False, True):
            classifier_of(generator_recipe(study, study.seeds[0], real_data, plugins), plugins)


def saved_study(folder: Path) -> Study:
    """The study of a folder in which one was begun."""
    path = folder / f"{KIND}.yaml"
    if not path.is_file():
        raise ConfigError(f"{folder} holds no study of augmentation; name the folder of one with --out.")
    return load(Study, read_yaml(path), str(path))


def generator_sets(study: Study, seed: int) -> list[str]:
    """What ``--set`` says to the generator's recipe; it ends without a report of its own."""
    return [*sets_of(study.each), f"seed={seed}", "evaluation.n=0"]


def generator_recipe(study: Study, seed: int, real_data: bool, plugins: Sequence[str]) -> Recipe:
    """The recipe of the study's generators, which also says how all the real samples are read."""
    if {"of", "members"} & set(read(study.of)[0]):
        raise ConfigError(f"{study.name}: {study.of} is a recipe of several runs; name one of a single run.")
    return load_recipe(study.of, sets=generator_sets(study, seed), real_data=real_data, plugins=plugins)


def classifier_of(recipe: Recipe, plugins: Sequence[str]) -> ClassifierRecord:
    """What can be taught to read labels of the recipe's samples; ConfigError where nothing can."""
    modality = modality_of(recipe.modality, plugins)
    record = kind_of_modality(modality).classifier
    if record is None or record.teach is None:
        raise ConfigError(
            f"{recipe.name} makes samples of the modality {modality.name!r}, and no classifier of these can be trained; "
            "name a recipe of images, sounds or texts (of)."
        )
    return record
