"""A recipe: YAML with presets -> fully resolved settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from multigan.config import load as load_settings
from multigan.config import merge, parse_overrides, settings, to_dict
from multigan.errors import ConfigError
from multigan.modality import MODALITIES, Modality, architecture_of, data_settings_of
from multigan.registry import unknown_name
from multigan.sampling import PLAIN
from multigan.sampling_settings import SamplingSettings
from multigan.training.assemble import check_names
from multigan.training.settings import RunSettings
from recipes.catalogue import mapping_of, read
from recipes.reports import REPORTS

_OF_EARLIER_VERSIONS = {"truncation": 1.0, "temperature": 1.0, "top_p": 1.0, "filter": "default"}
"""What the ``sampling`` of every recipe could say once, of any modality; these values ask for nothing."""


def asks_for_nothing(key: str, value: Any) -> bool:
    """Whether a setting of samples may be of another modality, since it changes nothing."""
    return key in _OF_EARLIER_VERSIONS and value == _OF_EARLIER_VERSIONS[key]


def sampling_class(modality: Modality) -> type:
    """The modality's settings of samples."""
    return (modality.sampling or PLAIN).settings


def sampling_options(modality: Modality, raw: Mapping[str, Any], source: str) -> SamplingSettings:
    """The settings of samples as the modality has them; what asks for nothing may be of another modality."""
    cls = sampling_class(modality)
    own = {item.name for item in fields(cls)}
    asked = {key: value for key, value in raw.items() if key in own or not asks_for_nothing(key, value)}
    return load_settings(cls, asked, source)


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
) -> dict[str, Any]:
    """Base, then the preset, then ``with_data`` where real data is given, then ``--set``, as one mapping without presets.

    Without a preset's name, ``default_preset`` chooses by machine: ``{cpu: NAME, gpu: NAME}``.
    """
    base = dict(raw)
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
    sampling: dict[str, Any] = field(default_factory=dict)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    report: tuple[str, ...] = ()
    """What ``report.json`` tells beyond the evaluation, by names in ``recipes.reports.REPORTS``."""


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
    sampling: SamplingSettings
    """The modality's own."""


def resolved(recipe: str, *, preset: str | None, sets: Sequence[str], real_data: bool) -> Resolved:
    """The recipe with its preset and changes, checked against the modality and the architecture; ConfigError otherwise."""
    import torch

    raw, source = read(recipe)
    asked = parse_overrides(sets).get("device", raw.get("device", "auto"))
    accelerated = torch.cuda.is_available() and asked in ("auto", "cuda")
    plain = resolve(raw, source, preset=preset, accelerated=accelerated, real_data=real_data, sets=sets)
    return check(plain, source)


def check(plain: dict[str, Any], source: str) -> Resolved:
    """Validate a mapping without presets, and fill in every default, so that a saved recipe never changes meaning."""
    recipe = load_settings(RecipeSettings, plain, source)
    modality = MODALITIES[recipe.modality]
    data = data_settings_of(modality, recipe.data, f"{source}: data")
    architecture, options = architecture_of(modality, recipe.architecture)
    keys = ("modality", "seed", "device", "training")
    run = load_settings(RunSettings, {key: plain[key] for key in keys if key in plain}, source)
    whole = {"name": architecture.name, **to_dict(options)}
    check_names(modality, run.training)
    for name in recipe.report:
        if name not in REPORTS:
            raise ConfigError(f"{source}: " + unknown_name("report", name, list(REPORTS)))
    if recipe.report and modality.kind is None:
        raise ConfigError(
            f"{source}: report names {recipe.report[0]}, but samples of the modality {modality.name!r} are not measured; "
            "leave report out."
        )
    sampling = sampling_options(modality, recipe.sampling, f"{source}: sampling")
    try:
        sampling.refuse_code()
    except ValueError as error:
        raise ConfigError(f"{source}: sampling.{error}.") from error
    run = replace(run, data=to_dict(data), architecture=whole)
    parts = {"data": run.data, "architecture": whole, "sampling": to_dict(sampling)}
    recipe = replace(recipe, **parts, training=to_dict(run.training))
    return Resolved(recipe, run, modality, data, sampling)
