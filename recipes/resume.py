"""A run that goes on: its folder, its own recipe and data."""

from __future__ import annotations

import re
from pathlib import Path

from multigan.config import merge, parse_overrides, read_yaml
from multigan.errors import ConfigError
from multigan.runs import RunFacts, read_run
from recipes.renames import in_new_names
from recipes.settings import Resolved, RunRequest, check, read


def refuse_other_data(folder: Path, facts: RunFacts) -> None:
    """ConfigError where labels or vocabulary are not those that the run began with: its tokens would change meaning."""
    held = read_run(folder)
    settings = held.get("data_settings")
    before = [held.get("labels"), settings.get("tokenizer") if isinstance(settings, dict) else None]
    if before != [list(facts.labels), facts.data.get("tokenizer")]:
        raise ConfigError(
            f"The data are not those that {folder} was trained on: their labels or vocabulary differ. Resume with the same "
            "data and data settings, or start a new run."
        )


def to_resume(request: RunRequest) -> tuple[Path, Resolved, Path | None]:
    """The run's own recipe and data, with ``--set`` on top; its folder is ``--out`` or the newest run of the recipe."""
    if request.preset is not None:
        raise ConfigError(
            "A resumed run keeps its own recipe; leave out --preset (--set can still change a setting)."
        )
    folder = request.out
    if folder is None:
        name = read(request.recipe)[0].get("name", request.recipe)
        numbered = re.compile(re.escape(name) + r"(-\d+)?")
        runs = [
            path.parent for path in Path("runs").glob("*/run.json") if numbered.fullmatch(path.parent.name)
        ]
        if not runs:
            raise ConfigError(f"There is no run of {name} in ./runs to resume; name its folder with --out.")
        folder = max(runs, key=lambda path: (path / "run.json").stat().st_mtime)
    held = read_run(folder).get("data")
    saved, overrides, notes = read_yaml(folder / "recipe.yaml"), parse_overrides(request.sets), []
    # of the saved recipe nobody needs to be told: it is written anew
    saved = in_new_names(saved, saved.get("modality"), str(folder / "recipe.yaml"), [])
    plain = merge(saved, in_new_names(overrides, saved.get("modality"), "--set", notes))
    data_folder = request.data.resolve() if request.data else Path(str(held)) if held else None
    return folder, check(plain, str(folder / "recipe.yaml"), notes), data_folder
