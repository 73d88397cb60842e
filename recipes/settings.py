"""A recipe: YAML with presets -> settings whose every part has been checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, fields, replace
from functools import reduce
from pathlib import Path
from typing import Any

from evaluation.kinds import kind_of
from multigan.config import load, merge, parse_overrides, read_yaml, settings, to_dict, to_yaml
from multigan.errors import ConfigError
from multigan.modality import Modality, architecture_of, data_settings_of, modality_of
from multigan.precision import choose_precision
from multigan.registry import unknown_name
from multigan.sampling import sampling_of
from multigan.sampling_settings import SamplingSettings
from multigan.training.assemble import choose_device, whole_training
from multigan.training.settings import RunSettings, TrainingSettings
from recipes.catalogue import mapping_of, read
from recipes.renames import in_new_names
from recipes.reports import REPORTS


@settings
class EvaluationSettings:
    """``n``: how many fakes are measured (at most as many as there are real training samples; 0: none, and the run ends
    without a report); ``validation``: how many
    real training samples, and fakes, the figure that chooses a checkpoint is taken from; 0: the newest is taken."""

    n: int = 2000
    validation: int = 1000

    def __post_init__(self) -> None:
        if any(each and each < 32 for each in (self.n, self.validation)):
            raise ValueError(f"n and validation are at least 32, or 0, found {self.n} and {self.validation}")


@settings
class Recipe(RunSettings):
    """What is trained (see ``RunSettings``), what it is called, and what is made at the end.

    ``recipe_of`` makes one: ``data`` and ``sampling`` are then of the modality's own classes, and every default is filled
    in, so that a saved recipe never changes meaning.
    """

    data: Any = field(default_factory=dict)
    name: str
    description: str = ""
    preset: str | None = None
    sampling: Any = field(default_factory=dict)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    report: tuple[str, ...] = ()
    """What ``report.json`` tells beyond the evaluation, by names in ``recipes.reports.REPORTS``."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name(self.name)

    def to_yaml(self) -> str:
        """The text of a recipe file without presets."""
        plain = to_dict(self)
        return to_yaml({key: plain.pop(key) for key in ("name", "description", "preset")} | plain)


def check_name(name: str) -> None:
    """ValueError where the name of a recipe is not one of a folder: its runs are in runs/NAME."""
    odd = (
        not isinstance(name, str)
        or not name.isprintable()
        or name != name.strip()
        or len(name.encode()) > 100
    )
    if odd or not name or name[0] == "." or name[-1] == "." or set(name) & set('/\\:*?"<>|'):
        raise ValueError(
            f"name is {name!r}, and the runs of a recipe lie in a folder of its name: 1 to 100 printable characters, none "
            'of / \\ : * ? " < > |, no full stop or space at either end'
        )


def load_recipe(
    name_or_file: str,
    *,
    preset: str | None = None,
    sets: Sequence[str] = (),
    real_data: bool = False,
    plugins: Sequence[str] = (),
    notes: list[str] | None = None,
) -> Recipe:
    """The recipe of a name or file with its preset and changes; ConfigError where anything does not fit.

    ``notes`` gets what a person is told before anything else, such as older names of settings.
    """
    import torch

    raw, source = read(name_or_file)
    device = parse_overrides(sets).get("device", raw.get("device", "auto"))
    accelerated = torch.cuda.is_available() and device in ("auto", "cuda")
    notes = [] if notes is None else notes
    over = parse_overrides(sets)
    name = over.get("modality", raw.get("modality"))
    if isinstance(name, str):  # else it is refused where the whole is checked
        raw = in_new_names(raw, modality_of(name, plugins), source, notes)
    plain = resolve(raw, source, preset=preset, accelerated=accelerated, real_data=real_data)
    if isinstance(name, str):
        over = in_new_names(over, modality_of(name, plugins), "--set", notes, plain)
    return _for_this_machine(recipe_of(merge(plain, over), source, plugins))


def _for_this_machine(recipe: Recipe) -> Recipe:
    """The recipe with the precision that "auto" is here, so that a run goes on elsewhere as it began."""
    import torch

    device = choose_device("auto") if recipe.device == "auto" else torch.device(recipe.device)
    precision = choose_precision(recipe.training.precision, device)
    return replace(recipe, training=replace(recipe.training, precision=precision))


def resolve(
    raw: Mapping[str, Any],
    source: str,
    *,
    preset: str | None,
    accelerated: bool,
    real_data: bool,
) -> dict[str, Any]:
    """The recipe, then the preset, then ``with_data`` where real data is given: a mapping without presets.

    Without a preset's name, ``default_preset`` chooses by machine: ``{cpu: NAME, gpu: NAME}``. A preset that a person named
    has the last word over ``with_data``.
    """
    keys = ("presets", "default_preset", "with_data")
    presets, defaults, with_data = (mapping_of(raw, key, source) for key in keys)
    plain = {key: value for key, value in raw.items() if key not in keys}
    chosen = defaults.get("gpu" if accelerated else "cpu") if preset is None else preset
    layers = [with_data] if real_data else []
    if chosen is not None:
        if not isinstance(chosen, str) or chosen not in presets:
            raise ConfigError(f"{source}: " + unknown_name("preset", str(chosen), list(presets)))
        own = {**mapping_of(presets, chosen, source), "preset": chosen}
        layers.insert(0 if preset is None else len(layers), own)
    return reduce(merge, layers, plain)


def recipe_of(plain: Mapping[str, Any], source: str, plugins: Sequence[str] = ()) -> Recipe:
    """The recipe of a mapping without presets, checked against its modality and architecture; ConfigError otherwise.

    ``plugins`` are packages that the modality may be imported from.
    """
    plain = {**plain, **{key: mapping_of(plain, key, source) for key in ("data", "sampling")}}
    recipe = load(Recipe, plain, source)
    modality = modality_of(recipe.modality, plugins)
    architecture, options = architecture_of(modality, recipe.architecture)
    training = load(TrainingSettings, whole_training(modality, recipe.training), f"{source}: training")
    _check_report(recipe.report, modality, source)
    sampling = sampling_options(modality, recipe.sampling, f"{source}: sampling")
    try:
        sampling.refuse_in_recipe()
    except ValueError as error:
        raise ConfigError(f"{source}: sampling.{error}.") from error
    return replace(
        recipe,
        data=data_settings_of(modality, recipe.data, f"{source}: data"),
        architecture={"name": architecture.name, **to_dict(options)},
        training=training,
        sampling=sampling,
    )


def saved_recipe(
    run_folder: Path, plugins: Sequence[str] = (), sets: Sequence[str] = (), notes: list[str] | None = None
) -> Recipe:
    """The recipe that a run has kept, of whichever version, with ``sets`` on top; ``notes`` as for ``load_recipe``.

    Of older names in the saved one nobody is told: it is written anew.
    """
    path = run_folder / "recipe.yaml"
    plain, over = read_yaml(path), parse_overrides(sets)
    modality = modality_of(plain.get("modality", ""), plugins)
    plain = in_new_names(plain, modality, str(path), [])
    over = in_new_names(over, modality, "--set", [] if notes is None else notes, plain)
    return recipe_of(merge(plain, over), str(path), plugins)


def _check_report(report: Sequence[str], modality: Modality, source: str) -> None:
    for name in report:
        if name not in REPORTS:
            raise ConfigError(f"{source}: " + unknown_name("report", name, list(REPORTS)))
    if modality.kind is not None:
        kind_of(modality.kind)  # what cannot be measured is found now, not after training
    elif report:
        raise ConfigError(
            f"{source}: report names {report[0]}, but samples of the modality {modality.name!r} are not measured; leave "
            "report out."
        )


# ---- how samples are drawn ----

_OF_EARLIER_VERSIONS = {"truncation": 1.0, "temperature": 1.0, "top_p": 1.0, "filter": "default"}
"""What the ``sampling`` of every recipe could say once, of any modality; these values ask for nothing."""


def asks_for_nothing(key: str, value: Any) -> bool:
    """Whether a setting of samples may be of another modality, since it changes nothing."""
    return key in _OF_EARLIER_VERSIONS and value == _OF_EARLIER_VERSIONS[key]


def sampling_options(modality: Modality, raw: Mapping[str, Any], source: str) -> SamplingSettings:
    """The settings of samples as the modality has them; what asks for nothing may be of another modality."""
    cls = sampling_of(modality).settings
    own = {item.name for item in fields(cls)}
    kept = {key: value for key, value in raw.items() if key in own or not asks_for_nothing(key, value)}
    return load(cls, kept, source)
