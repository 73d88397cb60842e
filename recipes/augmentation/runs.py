"""The trials of a study, each a process of its own, and what became of them."""

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
from multigan.errors import ConfigError, DataError
from multigan.locks import locked
from multigan.modality import modality_of
from recipes.augmentation.few import choose
from recipes.augmentation.settings import (
    KIND,
    Study,
    classifier_of,
    generator_recipe,
    load_study,
    saved_study,
)
from recipes.augmentation.trials import Trial, open_data
from recipes.console import console_of_files, say
from recipes.plan import timed
from recipes.request import RunRequest
from recipes.several.children import Children, last_error, used
from recipes.several.folders import begin, keep, read_state, refuse_changes, resuming

INTERRUPTED = 130


@dataclass(frozen=True)
class Outcome:
    """What became of a trial."""

    n: int
    seed: int
    failure: str = ""
    """Why it has no result; "" where it has one."""
    processor_seconds: float = 0.0

    @property
    def trial(self) -> Trial:
        return Trial(self.n, self.seed)


def dry(request: RunRequest) -> None:
    """Print the settings, and what the generators would take."""
    study = load_study(request.recipe, request.preset, request.sets)
    recipe = generator_recipe(study, study.seeds[0], request.data is not None, request.plugins)
    classifier_of(recipe, request.plugins)
    console = console_of_files()
    console.print(to_yaml(to_dict(study)), highlight=False, markup=False, soft_wrap=True)
    modality, n_trials = modality_of(recipe.modality, request.plugins), len(study.counts) * len(study.seeds)
    _, seconds = timed(modality, recipe, modality.sample_shape(recipe.data), clock=time.process_time)
    each = sum(seconds.values()) / 60
    say(
        console,
        f"{n_trials} trials. Their generators see {recipe.training.samples:,} samples each: about {each:.1f} min of "
        f"processor time, {each * n_trials:.1f} in all, and the classifiers besides.",
    )


def start(request: RunRequest) -> int:
    """Run all trials that have no result yet, then write the page; the exit code (130 where it was stopped)."""
    from recipes.augmentation.page import write_page

    if request.compare is not None:
        raise ConfigError("--compare is of a single run; leave it out.")
    console = console_of_files()
    study, folder = _begun(request) if request.resume else _new(request, console)
    with locked(folder):
        known = {(each.n, each.seed) for each in outcomes(folder)}
        todo = [Trial(n, seed) for seed in study.seeds for n in study.counts if (n, seed) not in known]
        say(console, f"{len(todo)} trials of {study.of}, into {folder}.")
        if not _all(study, todo, folder, request.plugins, console):
            say(console, "Stopped; everything is saved. Go on with:")
            say(console, f"  {resuming(request, folder)}")
            return INTERRUPTED
        for sentence in write_page(study, outcomes(folder), folder, request.plugins):
            say(console, sentence)
    say(console, f"Look at {folder / 'report.html'}.")
    return 0


def _new(request: RunRequest, console: Console) -> tuple[Study, Path]:
    """Refused before a folder is made: a recipe that does not fit, and data with too few samples."""
    study = load_study(request.recipe, request.preset, request.sets)
    recipe = generator_recipe(study, study.seeds[0], request.data is not None, request.plugins)
    classifier_of(recipe, request.plugins)
    splits = open_data(recipe, request.data, console, request.plugins)
    choose(splits.train, max(study.counts), study.seeds[0])
    if splits.held_out.classes is None or len(splits.train.labels) < 2:
        raise DataError(
            "A classifier needs two labels or more; name their column (--set each.data.label=COLUMN)."
        )
    return study, begin(request, KIND, study, {"trials": []})


def _begun(request: RunRequest) -> tuple[Study, Path]:
    folder = refuse_changes(request, "A study")
    return saved_study(folder), folder


def _all(study: Study, todo: Sequence[Trial], folder: Path, plugins: Sequence[str], console: Console) -> bool:
    """Run them, ``study.jobs`` at a time; False where they were stopped."""
    children, keeping = Children(), threading.Lock()

    def one(trial: Trial) -> None:
        if children.stopping:
            return
        log = folder / f"{trial.folder}.log"
        say(console, f"{trial.n} per label, seed {trial.seed}: {log} tells how it goes.")
        code = children.run(_words(folder, trial, plugins), log, n_threads=1 if study.jobs > 1 else None)
        if code == INTERRUPTED or code < 0:
            children.stop()
            return
        seconds, _ = used(log)
        failure = "" if code == 0 else last_error(log)
        done = replace(Outcome(trial.n, trial.seed), failure=failure, processor_seconds=seconds)
        with keeping:
            keep(folder, KIND, trials=[asdict(each) for each in (*outcomes(folder), done)])
        took = f"done in {seconds / 60:.1f} min of processor time."
        said = f"failed: {failure}" if failure else took
        say(console, f"{trial.n} per label, seed {trial.seed}: {said}")

    with children.passing_signals_on(), ThreadPoolExecutor(study.jobs) as pool:
        for future in [pool.submit(one, trial) for trial in todo]:
            future.result()
    return not children.stopping


def _words(folder: Path, trial: Trial, plugins: Sequence[str]) -> list[str]:
    """The command of one trial, begun or gone on with."""
    words = [sys.executable, "-m", "multigan", "recipe", "trial", str(folder), str(trial.n), str(trial.seed)]
    return words + [word for plugin in plugins for word in ("--plugin", plugin)]


def outcomes(folder: Path) -> list[Outcome]:
    """What became of the trials so far, in the order they ran."""
    return [Outcome(**each) for each in read_state(folder, KIND)["trials"]]
