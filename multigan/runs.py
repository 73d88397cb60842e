"""A run folder's ``run.json``: what sampling must know of a run, and where its data are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multigan.errors import CheckpointError, ConfigError
from multigan.reading import regular
from multigan.reading.json import parse_json
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
    condition_tensor: tuple[int, ...] = ()
    """The shape of one sample's condition where that is a tensor, which no label names: ``labels`` is () then."""

    @property
    def condition_shape(self) -> tuple[int, ...]:
        """Of one sample's condition: a tensor's, (C,) of C labels, or ()."""
        return self.condition_tensor or ((len(self.labels),) if self.labels else ())

    def save(self, run_folder: Path, **more: object) -> None:
        facts = dict(self.__dict__)
        content = {**more, "data_settings": facts.pop("data"), **facts}
        write_text(run_folder / "run.json", json.dumps(content, indent=2) + "\n")

    @classmethod
    def read(cls, run_folder: Path) -> RunFacts:
        """What ``save`` wrote; CheckpointError where something of it is missing or of another form."""
        content: Any = read_run(run_folder)
        facts = {name: content.get(name) for name in ("modality", "architecture", "labels", "sample_shape")}
        facts["data_settings"] = content.get("data_settings", {})
        facts["condition_tensor"] = content.get("condition_tensor", [])  # runs of earlier versions have none
        wrong = next((name for name, value in facts.items() if not _FORMS[name](value)), None)
        if wrong is not None:
            raise CheckpointError(
                f"{run_folder / 'run.json'} lacks or misstates {wrong!r}; restore it or train again."
            )
        return cls(
            modality=content["modality"],
            architecture=content["architecture"],
            labels=tuple(content["labels"]),
            sample_shape=tuple(content["sample_shape"]),
            data=facts["data_settings"],
            condition_tensor=tuple(facts["condition_tensor"]),
        )


def _is_shape(value: Any) -> bool:
    sizes = value if isinstance(value, list) else [0]
    return all(type(size) is int and size > 0 for size in sizes) and math.prod(sizes) <= _MOST_VALUES


def _are_labels(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(item, str) for item in value)
        and len({*value}) == len(value)
    )


_MOST_VALUES = 2**28
"""Of one sample."""
_FORMS: dict[str, Callable[[Any], bool]] = {
    "modality": lambda value: isinstance(value, str),
    "architecture": lambda value: isinstance(value, dict) and isinstance(value.get("name"), str),
    "labels": _are_labels,
    "sample_shape": _is_shape,
    "condition_tensor": lambda value: value == [] or _is_shape(value),
    "data_settings": lambda value: isinstance(value, dict),
}


def read_run(run_folder: Path) -> dict[str, object]:
    """The content of a run folder's ``run.json``; CheckpointError where it is not a run folder."""
    path = run_folder / "run.json"
    try:
        content = parse_json(regular.content(path))
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
    if not isinstance(content, dict) or not isinstance(content.get("data"), str | None):
        raise CheckpointError(f"{path} does not describe a run; restore it or train again.")
    return content


def data_of(run_folder: Path) -> Path | None:
    """Where the data of a run lie; None where multigan draws them. ConfigError where the run came without its data."""
    if not has_data(run_folder):
        raise ConfigError(
            f"{run_folder} came without the data that it was trained on, and this looks at them: samples can be drawn from "
            "it, and measured with `multigan evaluate --real FOLDER --fake SAMPLES`."
        )
    folder = read_run(run_folder).get("data")
    return Path(str(folder)) if folder else None


def has_data(run_folder: Path) -> bool:
    """Whether the data of a run are known: not of one that came from elsewhere without them."""
    return not read_run(run_folder).get("data_elsewhere")
