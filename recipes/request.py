"""What a person asks to be run, and what that comes to: a recipe, its modality, its data and its folder."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from multigan.errors import ConfigError
from multigan.modality import Modality, modality_of
from multigan.runs import RunFacts, read_run
from recipes.catalogue import read
from recipes.settings import Recipe, load_recipe, saved_recipe


@dataclass(frozen=True)
class RunRequest:
    """The words of ``multigan recipe run``."""

    recipe: str
    sets: tuple[str, ...] = ()
    preset: str | None = None
    data: Path | None = None
    out: Path | None = None
    resume: bool = False
    plugins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A recipe that is to be run, or to go on."""

    recipe: Recipe
    modality: Modality
    data_folder: Path | None
    """Of real data; None: the embedded data."""
    folder: Path | None
    """None: the first free one of the recipe's name, once it is known that the run can begin."""
    resumed: bool = False
    notes: tuple[str, ...] = ()
    """What a person is told first, such as older names of settings."""


def new_run(request: RunRequest) -> Run:
    """The run of a recipe; ConfigError where the recipe does not fit, or its folder is taken."""
    notes: list[str] = []
    recipe = load_recipe(
        request.recipe,
        preset=request.preset,
        sets=request.sets,
        real_data=request.data is not None,
        plugins=request.plugins,
        notes=notes,
    )
    _refuse_taken(request.out)
    modality = modality_of(recipe.modality, request.plugins)
    data_folder = request.data.resolve() if request.data else None
    return Run(recipe, modality, data_folder, request.out, notes=tuple(notes))


def resumed_run(request: RunRequest) -> Run:
    """The run's own recipe and data, with ``--set`` on top; its folder is ``--out`` or the newest run of the recipe."""
    if request.preset is not None:
        raise ConfigError(
            "A resumed run keeps its own recipe; leave out --preset (--set can still change a setting)."
        )
    folder = request.out or _newest_run(request.recipe)
    before = read_run(folder).get("data")
    notes: list[str] = []
    recipe = saved_recipe(folder, request.plugins, request.sets, notes)
    data_folder = request.data.resolve() if request.data else Path(str(before)) if before else None
    modality = modality_of(recipe.modality, request.plugins)
    return Run(recipe, modality, data_folder, folder, resumed=True, notes=tuple(notes))


def refuse_other_data(folder: Path, facts: RunFacts) -> None:
    """ConfigError where labels or vocabulary are not those that the run began with: its tokens would change meaning."""
    before = read_run(folder)
    data = before.get("data_settings")
    tokenizer = data.get("tokenizer") if isinstance(data, dict) else None
    if [before.get("labels"), tokenizer] != [list(facts.labels), facts.data.get("tokenizer")]:
        raise ConfigError(
            f"The data are not those that {folder} was trained on: their labels or vocabulary differ. Resume with the same "
            "data and data settings, or start a new run."
        )


def numbered_folder(name: str) -> Path:
    """The first free of runs/NAME, runs/NAME-2, ...: made at once, so that no other run takes it too."""
    root = Path("runs")
    numbered = (root / name, *(root / f"{name}-{number}" for number in range(2, 10_000)))
    try:
        for folder in numbered:
            with contextlib.suppress(FileExistsError):
                folder.mkdir(parents=True)
                return folder
    except OSError as error:
        raise ConfigError(
            f"Cannot write to {root}: {error.strerror}. Choose another folder with --out."
        ) from error
    raise ConfigError(f"{root} holds too many runs of {name}; remove some, or name a folder with --out.")


def _newest_run(recipe: str) -> Path:
    """The folder of the run of a recipe that was written to last."""
    name = read(recipe)[0].get("name", recipe)
    numbered = re.compile(re.escape(name) + r"(-\d+)?")
    runs = [path.parent for path in Path("runs").glob("*/run.json") if numbered.fullmatch(path.parent.name)]
    if not runs:
        raise ConfigError(f"There is no run of {name} in ./runs to resume; name its folder with --out.")
    return max(runs, key=lambda path: (path / "run.json").stat().st_mtime)


def _refuse_taken(out: Path | None) -> None:
    if out is None:
        return
    if (out / "run.json").exists():
        raise ConfigError(f"{out} holds a run already; add --resume to continue it, or choose another --out.")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file; --out takes a folder.")
