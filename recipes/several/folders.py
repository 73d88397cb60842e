"""The folder of several runs: what it was begun with, and what is known of the runs so far."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from multigan.config import to_dict, to_yaml
from multigan.errors import ConfigError
from multigan.reading.json import parse_json
from multigan.writing import make_folder, write_text
from recipes.request import RunRequest, numbered_folder


def begin(request: RunRequest, kind: str, settings: Any, state: dict[str, Any]) -> Path:
    """Make the folder, and write KIND.yaml with the settings and KIND.json with the data and the ``state`` there."""
    out = request.out
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} is not an empty folder; choose another --out, or --resume what is there.")
    folder = out or numbered_folder(settings.name)
    make_folder(folder)
    write_text(folder / f"{kind}.yaml", to_yaml(to_dict(settings)))
    data = str(request.data.resolve()) if request.data else None
    write_text(folder / f"{kind}.json", json.dumps({"data": data, **state}, indent=2) + "\n")
    return folder


def refuse_changes(request: RunRequest, what: str) -> Path:
    """The folder that is to go on; ConfigError where there is none, or something else is asked of it."""
    if request.sets or request.preset or request.data:
        raise ConfigError(
            f"{what} goes on with the settings and data it began with; leave out --set, --preset and --data."
        )
    if request.out is None:
        raise ConfigError(f"Name the folder of the {what.split()[-1]} that is to go on with --out.")
    return request.out


def read_state(folder: Path, kind: str) -> dict[str, Any]:
    """What KIND.json says; ConfigError where it cannot be read."""
    path = folder / f"{kind}.json"
    try:
        return parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}); restore it, or begin anew in another folder."
        ) from error


def keep(folder: Path, kind: str, **changes: object) -> None:
    """Change what KIND.json says."""
    state = {**read_state(folder, kind), **changes}
    write_text(folder / f"{kind}.json", json.dumps(state, indent=2) + "\n")


def data_of(folder: Path, kind: str) -> Path | None:
    """The person's own data that the runs are on; None for those that the package draws."""
    data = read_state(folder, kind)["data"]
    return Path(data) if data else None


def resuming(request: RunRequest, folder: Path) -> str:
    """The command that goes on."""
    words = ["multigan", "recipe", "run", request.recipe, "--out", str(folder), "--resume"]
    return shlex.join([*words, *(word for plugin in request.plugins for word in ("--plugin", plugin))])
