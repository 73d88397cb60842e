"""What the files of a family's runs tell, and what that comes to in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.figures import GENERATED, HELD_OUT
from evaluation.report.wording import number
from multigan.config import read_yaml
from multigan.modality import modality_of
from multigan.reading.json import parse_json
from multigan.training.hooks.checkpoints import FIGURE
from recipes.diagnosis import equilibrium_of
from recipes.family.runs import Outcome
from recipes.settings import saved_recipe
from recipes.several.seeds import listed

_SHOWN = (
    "FD",
    "FAD",
    "KD",
    "precision",
    "recall",
    "coverage",
    "emotion accuracy",
    "intensity correlation",
    "noise level",
    "MS-SSIM",
    "copies",
)
"""Metrics of the table, where the reports have them; the first distance there orders the members."""
_NOT_WON = ("MS-SSIM",)
"""Lower is more varied, and specks vary most: nobody leads in it."""


@dataclass(frozen=True)
class Run:
    """One run and what its files tell."""

    outcome: Outcome
    figures: Mapping[str, Mapping[str, Any]]
    """Name -> the figure of generated samples; none where it failed."""
    real: Mapping[str, float]
    """Name -> the figure of held-out real samples."""
    curve: tuple[tuple[float, float], ...]
    """(processor minutes of training, the figure that chooses checkpoints)."""
    training_minutes: float
    samples: int
    recipe: Mapping[str, Any]
    verdicts: tuple[str, ...] = ()
    """What its monitors say of its game, where it had any."""


def read_run(outcome: Outcome, folder: Path, plugins: Sequence[str] = ()) -> Run:
    """What the files of a run tell; nothing where they are not there."""
    place = folder / outcome.folder
    report = parse_json((place / "report.json").read_bytes()) if not outcome.failure else {"figures": []}
    of = {
        subject: {
            each["name"]: each
            for each in report["figures"]
            if each["subject"] == subject and each["value"] is not None
        }
        for subject in (GENERATED, HELD_OUT)
    }
    lines = _lines(place / "metrics.jsonl")
    clock = [
        (line["samples"], line["processor_seconds"] / 60) for line in lines if "processor_seconds" in line
    ]
    curve = [
        (float(np.interp(line["samples"], [n for n, _ in clock], [at for _, at in clock])), line[FIGURE])
        for line in lines
        if clock and line.get(FIGURE) is not None
    ]
    recipe = read_yaml(place / "recipe.yaml") if (place / "recipe.yaml").is_file() else {}
    real = {name: each["value"] for name, each in of[HELD_OUT].items()}
    last = clock[-1] if clock else (0, 0.0)
    said = _verdicts(place, plugins) if recipe else ()
    return Run(outcome, of[GENERATED], real, tuple(curve), last[1], int(last[0]), recipe, said)


def _verdicts(place: Path, plugins: Sequence[str]) -> tuple[str, ...]:
    recipe = saved_recipe(place, plugins)
    own = equilibrium_of(place, recipe, modality_of(recipe.modality, plugins))
    return () if own is None else tuple(f"{each.name}. {each.sentence}" for each in own.advice)


def _lines(path: Path) -> list[dict[str, Any]]:
    found = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            found.append(dict(parse_json(line)))
        except (ValueError, TypeError):
            continue  # of a run that was killed while it wrote
    return found


def shown(runs: Iterable[Run]) -> list[str]:
    """The figures of the table, in its order: those of ``_SHOWN`` in whichever features they were measured."""
    names = dict.fromkeys(name for run in runs for name in run.figures)
    return [
        name
        for metric in _SHOWN
        for name in names
        if re.fullmatch(re.escape(metric) + r"(\[[^\]]*\])?", name)
    ]


def members(runs: Iterable[Run]) -> list[str]:
    """The members that have run, each once."""
    return list(dict.fromkeys(run.outcome.member for run in runs))


def by_member(runs: Sequence[Run], name: str) -> dict[str, list[float]]:
    """Member -> a figure of each of its runs that have it, best mean first (as listed where neither way is better)."""
    values = {
        member: [
            run.figures[name]["value"] for run in runs if run.outcome.member == member and name in run.figures
        ]
        for member in members(runs)
    }
    values = {member: each for member, each in values.items() if each}
    better = next((run.figures[name]["higher_is_better"] for run in runs if name in run.figures), None)
    if better is None:
        return values
    return dict(sorted(values.items(), key=lambda item: float(np.mean(item[1])) * (-1 if better else 1)))


def verdicts(runs: Sequence[Run]) -> list[str]:
    """In words: which member leads in each figure, from which ones the seeds tell it apart, and what failed.

    Members of one run each are told apart by nothing, and the sentence says so.
    """
    sentences = []
    for name in shown(runs):
        values = by_member(runs, name)
        if name.partition("[")[0] in _NOT_WON:
            continue
        better = next(run.figures[name]["higher_is_better"] for run in runs if name in run.figures)
        if better is None or len(values) < 2:
            continue
        (best, own), *others = values.items()
        if all(each == own for _, each in others):
            continue  # such as copies, of which nobody makes any
        if all(len(each) == 1 for each in values.values()):
            sentences.append(
                f"{best} has the best {name} ({number(own[0])}), of one run each: chance may do as much."
            )
            continue
        behind = [
            member for member, each in others if (min(own) > max(each) if better else max(own) < min(each))
        ]
        alike = [member for member, _ in others if member not in behind]
        told = f"each of its runs is better than any of {listed(behind)}" if behind else ""
        untold = f"the seeds do not tell it from {listed(alike)}" if alike else ""
        sentences.append(
            f"{best} leads in {name} ({number(float(np.mean(own)))}): "
            + "; ".join(filter(None, (told, untold)))
            + "."
        )
    for run in runs:
        if run.outcome.failure:
            sentences.append(f"{run.outcome.member}, seed {run.outcome.seed}, failed: {run.outcome.failure}")
    return sentences
