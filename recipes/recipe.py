"""A recipe: YAML with presets -> fully resolved settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from multigan.config import merge, parse_overrides, read_yaml, settings
from multigan.errors import ConfigError
from multigan.registry import unknown_name

CATALOGUE = Path(__file__).parent / "catalogue"


@settings
class SamplingSettings:
    """What a run draws at its end. All but ``filter`` are of the samples and pictures, never of the evaluation."""

    per_label: int = 16
    intensity: float = 1.0
    truncation: float = 0.8
    temperature: float = 1.0
    """Of texts: below 1, the likely words more often."""
    top_p: float = 1.0
    """Of texts: only the likeliest words, of so much probability together."""
    filter: str = "default"
    """Of texts: the safety filter; none, or a lexicon's file. A module of your own is named to ``multigan sample`` alone: a
    recipe, which may be someone else's, runs no code."""

    def __post_init__(self) -> None:
        if not self.temperature > 0 or not 0 < self.top_p <= 1:
            raise ValueError(
                f"temperature is above 0 and top_p above 0 and at most 1, found {self.temperature} and {self.top_p}"
            )
        if ":" in self.filter:
            raise ValueError(
                f"filter is default, none or the file of a lexicon, found {self.filter!r}; a filter of your own code is "
                "given to `multigan sample --filter module:attribute`"
            )
        if self.per_label < 1 or not 0 <= self.intensity <= 1:
            raise ValueError(
                f"per_label is at least 1 and intensity in [0, 1], found {self.per_label} and {self.intensity}"
            )


@settings
class EvaluationSettings:
    """``n``: how many fakes are measured (at most as many as there are real training samples); ``validation``: how many
    real training samples, and fakes, the figure that chooses a checkpoint is taken from; 0: the newest is taken."""

    n: int = 2000
    validation: int = 1000

    def __post_init__(self) -> None:
        if self.n < 32 or (self.validation and self.validation < 32):
            raise ValueError(
                f"n and validation are at least 32 (or validation 0), found {self.n} and {self.validation}"
            )


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


def resolve(
    raw: Mapping[str, Any],
    source: str,
    *,
    preset: str | None,
    accelerated: bool,
    real_data: bool,
    sets: Sequence[str],
) -> dict[str, Any]:
    """Base, then the preset, then ``with_data`` where real data is given, then ``--set``, as one mapping without presets.

    Without a preset's name, ``default_preset`` chooses by machine: ``{cpu: NAME, gpu: NAME}``.
    """
    base = dict(raw)
    presets, defaults, with_data = (
        _mapping(base, key, source) for key in ("presets", "default_preset", "with_data")
    )
    if preset is None:
        preset = defaults.get("gpu" if accelerated else "cpu")
    if preset is not None:
        if preset not in presets:
            raise ConfigError(f"{source}: " + unknown_name("preset", preset, list(presets)))
        base = _laid_on(base, _mapping(presets, preset, source))
        base["preset"] = preset
    if real_data:
        base = _laid_on(base, with_data)
    return _laid_on(base, parse_overrides(sets))


def _laid_on(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``merge``; but settings of one architecture are none of another, so that naming another starts from its own."""
    held, asked = base.get("architecture"), over.get("architecture")
    if (
        isinstance(held, Mapping)
        and isinstance(asked, Mapping)
        and asked.get("name") not in (None, held.get("name"))
    ):
        base = {**base, "architecture": {}}
    return merge(base, over)


def _mapping(values: dict[str, Any], key: str, source: str) -> dict[str, Any]:
    """What ``values`` holds under ``key``, which is taken out; {} where there is nothing."""
    held = values.pop(key, None)
    if not isinstance(held, Mapping | None):
        raise ConfigError(f"{source}: {key} is {held!r} where a mapping, lines of key: value, is expected.")
    return dict(held or {})


def preset_names(raw: Mapping[str, Any], source: str) -> list[str]:
    """The presets of a recipe, by name."""
    return sorted(_mapping(dict(raw), "presets", source))


def read(name_or_file: str) -> tuple[dict[str, Any], str]:
    """The plain mapping of a recipe and the words that name it in messages."""
    path = find(name_or_file)
    return read_yaml(path), f"recipe {name_or_file}"


@settings
class RecipeSettings:
    """A resolved recipe: what it is called, what is trained (see ``RunSettings``), and what is made at the end."""

    name: str
    description: str = ""
    preset: str | None = None
    modality: str
    seed: int = 0
    device: str = "auto"
    data: dict[str, Any] = field(default_factory=dict)
    architecture: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
