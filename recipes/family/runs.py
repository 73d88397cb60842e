"""The runs of a family, one after the other, each a process of its own that survives nothing of the others."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from multigan.config import to_dict, to_yaml
from multigan.errors import ConfigError, TrainingError
from multigan.locks import locked
from multigan.modality import modality_of
from recipes.console import console_of_files, say
from recipes.family.settings import Family, load_family, member_sets, members_of, saved_family
from recipes.plan import timed
from recipes.request import RunRequest
from recipes.settings import Recipe
from recipes.several.children import Children, last_error, used
from recipes.several.folders import begin, data_of, keep, read_state, refuse_changes, resuming

INTERRUPTED = 130
_N_CURVE = 12
"""Checkpoints of each run, and so points of its curve."""


@dataclass(frozen=True)
class Outcome:
    """What became of one run."""

    member: str
    """The name of its recipe."""
    seed: int
    failure: str = ""
    """Why it has no report; "" where it has one."""
    processor_seconds: float = 0.0
    """Of the whole command: training, samples and evaluation."""
    peak_memory_bytes: int = 0

    @property
    def folder(self) -> str:
        return f"{self.member}-seed-{self.seed}"


def dry(request: RunRequest) -> None:
    """Print the settings and what each member would do."""
    family = load_family(request.recipe, request.preset, request.sets)
    console = console_of_files()
    console.print(to_yaml(to_dict(family)), highlight=False, markup=False, soft_wrap=True)
    recipes = members_of(family, request.data is not None, request.plugins)
    for recipe in recipes.values():
        try:
            n = affordable(family, recipe, request.plugins)
            say(console, f"{recipe.name}: {n:,} samples in {family.minutes:g} min of processor time")
        except TrainingError as error:
            say(console, f"{recipe.name}: {error}")
    hours = family.minutes * len(family.members) * len(family.seeds) / 60
    say(console, f"In all {hours:.1f} h of processor time for training, and the evaluations besides.")


def start(request: RunRequest) -> int:
    """Run all that has no report yet, then write the page; the exit code (130 where it was stopped)."""
    from recipes.family.page import write_page

    if request.compare is not None:
        raise ConfigError("--compare is of a single run; leave it out.")
    family, data, folder = _begun(request) if request.resume else _new(request)
    console = console_of_files()
    recipes = members_of(family, data is not None, request.plugins)
    n_seeds = f"{len(family.seeds)} seed{'s' * (len(family.seeds) > 1)} each"
    with locked(folder):
        say(console, f"{len(recipes)} recipes with {n_seeds}, into {folder}.")
        known = {(run.member, run.seed) for run in outcomes(folder)}
        todo = [
            (member, recipe, seed)
            for seed in family.seeds
            for member, recipe in recipes.items()
            if (recipe.name, seed) not in known
        ]
        if not _all(family, todo, data, folder, request.plugins, console):
            say(console, "Stopped; everything is saved. Go on with:")
            say(console, f"  {resuming(request, folder)}")
            return INTERRUPTED
        write_page(family, outcomes(folder), folder, request.plugins)
    say(console, f"Look at {folder / 'report.html'}.")
    return 0


def _new(request: RunRequest) -> tuple[Family, Path | None, Path]:
    family = load_family(request.recipe, request.preset, request.sets)
    members_of(family, request.data is not None, request.plugins)  # refused before a folder is made
    folder = begin(request, "family", family, {"samples": {}, "runs": []})
    return family, data_of(folder, "family"), folder


def _begun(request: RunRequest) -> tuple[Family, Path | None, Path]:
    folder = refuse_changes(request, "A family")
    family = saved_family(folder)
    return family, data_of(folder, "family"), folder


def affordable(family: Family, recipe: Recipe, plugins: Sequence[str]) -> int:
    """How many samples the recipe's training sees in the family's minutes of processor time, on this machine as it is now.

    TrainingError where a step of it fails.
    """
    import torch

    modality, n_threads = modality_of(recipe.modality, plugins), torch.get_num_threads()
    torch.set_num_threads(1 if family.jobs > 1 else n_threads)
    try:
        _, seconds = timed(modality, recipe, modality.sample_shape(recipe.data), clock=time.process_time)
    finally:
        torch.set_num_threads(n_threads)
    n = recipe.training.samples * family.minutes * 60 / sum(seconds.values())
    return max(int(n), recipe.training.batch)


def _all(
    family: Family,
    todo: Sequence[tuple[str, Recipe, int]],
    data: Path | None,
    folder: Path,
    plugins: Sequence[str],
    console: Console,
) -> bool:
    """Run them, ``family.jobs`` at a time; False where they were stopped.

    How long each recipe trains is found first, while nothing else runs here, and is the same for all of its seeds.
    """
    lengths: dict[str, int | TrainingError] = dict(read_state(folder, "family")["samples"])
    for recipe in {recipe.name: recipe for _, recipe, _ in todo if recipe.name not in lengths}.values():
        try:
            lengths[recipe.name] = affordable(family, recipe, plugins)
        except TrainingError as error:
            lengths[recipe.name] = error
    keep(folder, "family", samples={name: n for name, n in lengths.items() if isinstance(n, int)})
    children, keeping = Children(), threading.Lock()

    def one(member: str, recipe: Recipe, seed: int) -> None:
        run, length = Outcome(recipe.name, seed), lengths[recipe.name]
        if isinstance(length, TrainingError):
            done = replace(run, failure=str(length))
        elif children.stopping:
            return
        else:
            log = folder / f"{run.folder}.log"
            say(console, f"{run.member}, seed {run.seed}: {length:,} samples; {log} tells how it goes.")
            words = _words(family, member, recipe, run, length, data, folder / run.folder, plugins)
            code = children.run(words, log, n_threads=1 if family.jobs > 1 else None)
            if code == INTERRUPTED or code < 0:
                children.stop()
                return
            seconds, peak = used(log)
            failure = "" if code == 0 else last_error(log)
            done = replace(run, failure=failure, processor_seconds=seconds, peak_memory_bytes=peak)
        with keeping:
            keep(folder, "family", runs=[asdict(each) for each in (*outcomes(folder), done)])
        took = f"done in {done.processor_seconds / 60:.1f} min of processor time."
        say(
            console,
            f"{run.member}, seed {run.seed}: " + (f"failed: {done.failure}" if done.failure else took),
        )

    with children.passing_signals_on(), ThreadPoolExecutor(family.jobs) as pool:
        for future in [pool.submit(one, *item) for item in todo]:
            future.result()
    return not children.stopping


def _words(
    family: Family,
    member: str,
    recipe: Recipe,
    run: Outcome,
    n: int,
    data: Path | None,
    place: Path,
    plugins: Sequence[str],
) -> list[str]:
    """The command of one run, begun or gone on with."""
    words = [sys.executable, "-m", "multigan", "recipe", "run", member, "--out", str(place)]
    words += [word for plugin in plugins for word in ("--plugin", plugin)]
    if (place / "run.json").is_file():
        return [*words, "--resume"]
    sets = [*member_sets(family, run.seed), *_lengths(n, recipe.training.batch)]
    words += [word for item in sets for word in ("--set", item)]
    return [*words, "--data", str(data)] if data else words


def _lengths(n: int, batch: int) -> list[str]:
    """Settings of a training of ``n`` samples: checkpoints, pictures and lines of the log at shares of it."""
    every = max(n // _N_CURVE, batch)
    return [
        f"training.samples={n}",
        f"training.checkpoint_every={every}",
        f"training.preview_every={max(n // 2, batch)}",
        f"training.log_every={max(n // 64, batch)}",
    ]


def outcomes(folder: Path) -> list[Outcome]:
    """What became of the runs so far, in the order they ran."""
    return [Outcome(**run) for run in read_state(folder, "family")["runs"]]
