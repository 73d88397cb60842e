"""A recipe: YAML with presets -> fully resolved settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from multigan.config import load as load_settings
from multigan.config import merge, parse_overrides, settings, to_dict
from multigan.errors import ConfigError
from multigan.modality import MODALITIES, Modality, architecture_of
from multigan.registry import unknown_name
from multigan.training.assemble import check_names
from multigan.training.settings import RunSettings
from recipes.catalogue import mapping_of, read
from recipes.renames import in_new_names


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


def resolve(
    raw: Mapping[str, Any],
    source: str,
    *,
    preset: str | None,
    accelerated: bool,
    real_data: bool,
    sets: Sequence[str],
    notes: list[str],
) -> dict[str, Any]:
    """Base, then the preset, then ``with_data`` where real data is given, then ``--set``, as one mapping without presets.

    Without a preset's name, ``default_preset`` chooses by machine: ``{cpu: NAME, gpu: NAME}``. ``notes`` gets what is to be
    known of older names of settings.
    """
    overrides = parse_overrides(sets)
    modality = overrides.get("modality", raw.get("modality"))
    base = in_new_names(raw, modality, source, notes)
    presets, defaults, with_data = (
        mapping_of(base, key, source) for key in ("presets", "default_preset", "with_data")
    )
    if preset is None:
        preset = defaults.get("gpu" if accelerated else "cpu")
    if preset is not None:
        if preset not in presets:
            raise ConfigError(f"{source}: " + unknown_name("preset", preset, list(presets)))
        base = _laid_on(base, mapping_of(presets, preset, source))
        base["preset"] = preset
    if real_data:
        base = _laid_on(base, with_data)
    return _laid_on(base, in_new_names(overrides, modality, "--set", notes))


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


@dataclass(frozen=True)
class RunRequest:
    """What a person asked for on the command line."""

    recipe: str
    sets: tuple[str, ...] = ()
    preset: str | None = None
    data: Path | None = None
    out: Path | None = None
    resume: bool = False


@dataclass(frozen=True)
class Resolved:
    """A recipe whose every part has been checked."""

    recipe: RecipeSettings
    run: RunSettings
    modality: Modality
    data: Any
    """The modality's own data settings."""
    notes: tuple[str, ...] = ()
    """What a person is told before anything else, such as older names of settings."""


def resolved(recipe: str, *, preset: str | None, sets: Sequence[str], real_data: bool) -> Resolved:
    """The recipe with its preset and changes, checked against the modality and the architecture; ConfigError otherwise."""
    import torch

    raw, source = read(recipe)
    asked = parse_overrides(sets).get("device", raw.get("device", "auto"))
    accelerated = torch.cuda.is_available() and asked in ("auto", "cuda")
    notes: list[str] = []
    how = {"preset": preset, "accelerated": accelerated, "real_data": real_data, "sets": sets}
    return check(resolve(raw, source, **how, notes=notes), source, notes)


def check(plain: dict[str, Any], source: str, notes: Sequence[str] = ()) -> Resolved:
    """Validate a mapping without presets, and fill in every default, so that a saved recipe never changes meaning."""
    recipe = load_settings(RecipeSettings, plain, source)
    modality = MODALITIES[recipe.modality]
    data = load_settings(modality.data_settings, recipe.data, f"{source}: data")
    architecture, options = architecture_of(modality, recipe.architecture)
    keys = ("modality", "seed", "device", "training")
    run = load_settings(RunSettings, {key: plain[key] for key in keys if key in plain}, source)
    whole = {"name": architecture.name, **to_dict(options)}
    check_names(modality, run.training)
    run = replace(run, data=to_dict(data), architecture=whole)
    recipe = replace(recipe, data=run.data, architecture=whole, training=to_dict(run.training))
    return Resolved(recipe, run, modality, data, tuple(notes))
