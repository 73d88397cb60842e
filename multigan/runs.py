"""A run folder's ``run.json``: what sampling must know of a run, and where its data are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multigan.errors import CheckpointError
from multigan.writing import write_text


@dataclass(frozen=True)
class RunFacts:
    """What sampling must know of a run; kept in ``run.json``."""

    modality: str
    architecture: dict[str, object]
    labels: tuple[str, ...]
    sample_shape: tuple[int, ...]
    data: dict[str, object] = field(default_factory=dict)
    """The modality's own data settings, such as the rate of sounds."""

    def save(self, run_folder: Path, **more: object) -> None:
        facts = dict(self.__dict__)
        content = {**more, "data_settings": facts.pop("data"), **facts}
        write_text(run_folder / "run.json", json.dumps(content, indent=2) + "\n")

    @classmethod
    def read(cls, run_folder: Path) -> RunFacts:
        """What ``save`` wrote; CheckpointError where something of it is missing or of another form."""
        content: Any = read_run(run_folder)
        try:
            return cls(
                modality=str(content["modality"]),
                architecture=dict(content["architecture"]),
                labels=tuple(content["labels"]),
                sample_shape=tuple(content["sample_shape"]),
                data=dict(content.get("data_settings", {})),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{run_folder / 'run.json'} lacks or misstates {error}; restore it or train again."
            ) from error


def read_run(run_folder: Path) -> dict[str, object]:
    """The content of a run folder's ``run.json``; CheckpointError where it is not a run folder."""
    path = run_folder / "run.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if not run_folder.exists():
            raise CheckpointError(
                f"There is no folder {run_folder}; give one that `multigan recipe run` wrote to."
            ) from error
        raise CheckpointError(
            f"{run_folder} is not a run folder: it has no run.json. Give the folder that `multigan recipe run` wrote to."
        ) from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read ({error}); restore it or train again.") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} does not describe a run; restore it or train again.")
    return content
