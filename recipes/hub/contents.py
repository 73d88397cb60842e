"""What of a run is pushed: nothing of a person's own data, and no path of their machine."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from multigan import __version__
from multigan.errors import ConfigError
from multigan.exporting import write_weights
from multigan.reading import regular
from multigan.reading.columns import TextColumns
from multigan.reading.json import parse_json
from multigan.runs import read_run
from multigan.sampling import TrainedGenerator, conditions_for
from recipes.hub.fetch import WEIGHTS

MOST_SAMPLES = 32
MOST_LABELS = 16
REPORT, PICTURE, SAMPLES = "report.json", "samples.png", "samples"
_FILE_LIKE = re.compile(r"[/\\]|\.[A-Za-z]\w*\b")
"""A path, or the name of a file."""
_PATH_LIKE = re.compile(r"""(?:^|[\s'"`(=])(?:~?/|~?\\|[A-Za-z]:[/\\])\S""")
"""A path from the root of a machine, or from a person's home."""
_KEPT = (
    "format_version",
    "modality",
    "answers",
    "figures",
    "differences",
    "subjects",
    "labels",
    "confusions",
    "run",
)
_PROVENANCE = ("multigan", "python", "torch", "numpy", "seed", "n", "n measured")


@dataclass(frozen=True)
class Contents:
    """Files by their names in the repository, and what a card tells of them."""

    files: Mapping[str, bytes]
    report: Mapping[str, Any] | None
    """None: the run has none, or one of another checkpoint."""
    is_drawn: bool
    """Whether the run was trained on data that multigan itself draws."""
    recipe: str
    notices: tuple[str, ...]
    """What has to be read beside the samples."""


def contents_of(trained: TrainedGenerator, run_folder: Path, seed: int) -> Contents:
    """``run.json``, the averaged weights, the report without what is private, and samples of each label.

    ConfigError where one of the files would tell of this machine.
    """
    facts = read_run(run_folder)
    is_drawn = "data" in facts and facts["data"] is None
    public = replace(trained, facts=replace(trained.facts, data=_data_settings(trained, is_drawn)))
    recipe = str(facts.get("recipe", ""))
    report = _report(run_folder, trained, is_drawn)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more = {"recipe": recipe, "multigan": __version__, "data": None}
        public.facts.save(folder, **more, **({} if is_drawn else {"data_elsewhere": True}))
        write_weights(public, folder / WEIGHTS)
        files = {} if report is None else {REPORT: (json.dumps(report, indent=2) + "\n").encode()}
        notices = _write_samples(trained, folder, seed)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if not path.name.startswith("."):
                files[path.relative_to(folder).as_posix()] = path.read_bytes()
    refuse_private(files, run_folder, facts.get("data"))
    return Contents(files, report, is_drawn, recipe, notices)


def _data_settings(trained: TrainedGenerator, is_drawn: bool) -> dict[str, object]:
    """Those that samples need: which columns and files a person's data had is left out."""
    default = type(trained.data)
    of_files = set() if is_drawn else {field.name for field in fields(TextColumns)}
    standing = {field.name: field.default for field in fields(default)}
    return {
        name: standing[name] if name in standing and (name in of_files or _is_path(value)) else value
        for name, value in trained.facts.data.items()
    }


def _is_path(value: object) -> bool:
    """Whether a setting names a file or folder of this machine."""
    if not isinstance(value, str) or not 0 < len(value) < 4096 or not re.search(r"[/\\~]", value):
        return False
    return os.path.isabs(value) or os.path.exists(os.path.expanduser(value))


def _report(run_folder: Path, trained: TrainedGenerator, is_drawn: bool) -> dict[str, Any] | None:
    """The run's report of this very checkpoint; None where there is none."""
    try:
        report = parse_json(regular.content(run_folder / REPORT))
        if report["run"]["checkpoint"] != trained.checkpoint.name:
            return None
        kept = {name: report[name] for name in _KEPT}
        provenance = {name: value for name, value in report["provenance"].items() if name in _PROVENANCE}
        extractors = {
            name: facts if is_drawn else {"preprocessing": facts.get("preprocessing")}
            for name, facts in report["provenance"]["extractors"].items()
        }
        private = _PATH_LIKE if is_drawn else _FILE_LIKE
        warnings = [one for one in report["warnings"] if not private.search(one)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return {
        **kept,
        "closest": [],
        "warnings": warnings,
        "provenance": {**provenance, "extractors": extractors},
    }


def _write_samples(trained: TrainedGenerator, folder: Path, seed: int) -> tuple[str, ...]:
    """Samples of each label as files and as one picture; none where a sample is made of another one."""
    if trained.facts.condition_tensor:
        return ()
    sampling, labels = trained.sampling, trained.facts.labels[:MOST_LABELS]
    n = max(1, MOST_SAMPLES // max(1, len(labels)))
    options = replace(sampling.settings(), per_label=n)
    sampling.write(trained, options, labels, seed, folder / SAMPLES)
    drawn = [
        sampling.draw(trained, conditions_for(trained, label, [1.0] * n), seed, n, options)
        for label in labels or ("",)
    ]
    columns = n if labels else 4
    sampling.page(trained, torch.cat([one.tensor for one in drawn]), columns, folder / PICTURE, options)
    return tuple(dict.fromkeys(warning for one in drawn for warning in one.warnings))


def refuse_private(files: Mapping[str, bytes], run_folder: Path, data: object) -> None:
    """ConfigError where a file holds a path of this machine: a last look, since what is pushed cannot be taken back."""
    folders = {Path.home(), Path.cwd(), run_folder.absolute(), run_folder.resolve()}
    if isinstance(data, str):
        folders |= {Path(data).absolute(), Path(data).resolve()}
    for folder in folders:
        plain = (
            str(folder) if len(folder.parts) > 2 else f"{folder}{os.sep}"
        )  # "/home" alone may be part of a word
        words = [word.encode() for word in (plain, json.dumps(plain)[1:-1])]
        named = [name for name, content in files.items() if any(word in content for word in words)]
        if named and len(folder.parts) > 1:
            raise ConfigError(
                f"{named[0]} would tell the path {folder} of this machine, so that nothing was pushed; take the path out of "
                "the run's labels and settings."
            )
