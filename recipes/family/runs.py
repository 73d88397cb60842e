"""The runs of a family, one after the other, each a process of its own that survives nothing of the others."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from multigan.config import to_dict, to_yaml
from multigan.errors import ConfigError, TrainingError
from multigan.locks import locked
from multigan.modality import modality_of
from multigan.reading.json import parse_json
from multigan.writing import make_folder, write_text
from recipes.console import console_of_files, say
from recipes.family.settings import Family, load_family, member_sets, members_of, saved_family
from recipes.plan import timed
from recipes.request import RunRequest, numbered_folder
from recipes.settings import Recipe

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
    for name, recipe in members_of(family, request.data is not None, request.plugins).items():
        try:
            n = affordable(recipe, family.minutes, request.plugins)
            say(console, f"{name}: {n:,} samples in {family.minutes:g} min of processor time")
        except TrainingError as error:
            say(console, f"{name}: {error}")
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
    with locked(folder):
        say(console, f"{len(recipes)} recipes with {len(family.seeds)} seeds each, into {folder}.")
        for seed in family.seeds:
            for member, recipe in recipes.items():
                code = _run(family, member, recipe, seed, data, folder, request.plugins, console)
                if code == INTERRUPTED:
                    say(console, "Stopped; everything is saved. Go on with:")
                    words = ["multigan", "recipe", "run", request.recipe, "--out", str(folder), "--resume"]
                    words += [word for plugin in request.plugins for word in ("--plugin", plugin)]
                    say(console, f"  {shlex.join(words)}")
                    return INTERRUPTED
        write_page(family, outcomes(folder), folder)
    say(console, f"Look at {folder / 'report.html'}.")
    return 0


def _new(request: RunRequest) -> tuple[Family, Path | None, Path]:
    family = load_family(request.recipe, request.preset, request.sets)
    members_of(family, request.data is not None, request.plugins)  # refused before a folder is made
    if (
        request.out is not None
        and request.out.exists()
        and (not request.out.is_dir() or any(request.out.iterdir()))
    ):
        raise ConfigError(
            f"{request.out} is not an empty folder; choose another --out, or --resume what is there."
        )
    folder = request.out or numbered_folder(family.name)
    make_folder(folder)
    data = request.data.resolve() if request.data else None
    write_text(folder / "family.yaml", to_yaml(to_dict(family)))
    write_text(
        folder / "family.json", json.dumps({"data": str(data) if data else None, "runs": []}, indent=2) + "\n"
    )
    return family, data, folder


def _begun(request: RunRequest) -> tuple[Family, Path | None, Path]:
    if request.sets or request.preset or request.data:
        raise ConfigError(
            "A family goes on with the settings and data it began with; leave out --set, --preset and --data."
        )
    if request.out is None:
        raise ConfigError("Name the folder of the family that is to go on with --out.")
    family, state = saved_family(request.out), _state(request.out)
    return family, Path(state["data"]) if state["data"] else None, request.out


def affordable(recipe: Recipe, minutes: float, plugins: Sequence[str]) -> int:
    """How many samples the recipe's training sees in so many minutes of processor time on this machine as it is now."""
    modality = modality_of(recipe.modality, plugins)
    _, seconds = timed(modality, recipe, modality.sample_shape(recipe.data), clock=time.process_time)
    n = recipe.training.samples * minutes * 60 / sum(seconds.values())
    return max(int(n), recipe.training.batch)


def _run(
    family: Family,
    member: str,
    recipe: Recipe,
    seed: int,
    data: Path | None,
    folder: Path,
    plugins: Sequence[str],
    console: Console,
) -> int:
    """One run, begun or gone on with, unless its outcome is known; its exit code."""
    run = Outcome(recipe.name, seed)
    if any((each.member, each.seed) == (run.member, run.seed) for each in outcomes(folder)):
        return 0
    place, log = folder / run.folder, folder / f"{run.folder}.log"
    words = [sys.executable, "-m", "multigan", "recipe", "run", member, "--out", str(place)]
    words += [word for plugin in plugins for word in ("--plugin", plugin)]
    if (place / "run.json").is_file():
        words.append("--resume")
    else:
        try:
            n = affordable(recipe, family.minutes, plugins)
        except TrainingError as error:
            _note(folder, replace(run, failure=str(error)), console)
            return 0
        sets = [*member_sets(family, run.seed), *_lengths(n, recipe.training.batch)]
        words += [word for item in sets for word in ("--set", item)]
        words += ["--data", str(data)] if data else []
    say(console, f"{run.member}, seed {run.seed}: {log} tells how it goes.")
    code = _command(words, log)
    if code == INTERRUPTED or code < 0:
        return INTERRUPTED
    seconds, peak = _used(log)
    failure = "" if code == 0 else _last_error(log)
    _note(folder, replace(run, failure=failure, processor_seconds=seconds, peak_memory_bytes=peak), console)
    return 0


def _note(folder: Path, run: Outcome, console: Console) -> None:
    """Keep what became of a run, and say it."""
    state = _state(folder)
    state["runs"].append(asdict(run))
    write_text(folder / "family.json", json.dumps(state, indent=2) + "\n")
    took = f"done in {run.processor_seconds / 60:.1f} min of processor time."
    say(console, f"{run.member}, seed {run.seed}: " + (f"failed: {run.failure}" if run.failure else took))


def _lengths(n: int, batch: int) -> list[str]:
    """Settings of a training of ``n`` samples: checkpoints, pictures and lines of the log at shares of it."""
    every = max(n // _N_CURVE, batch)
    return [
        f"training.samples={n}",
        f"training.checkpoint_every={every}",
        f"training.preview_every={max(n // 2, batch)}",
        f"training.log_every={max(n // 64, batch)}",
    ]


def _command(words: Sequence[str], log: Path) -> int:
    """Run a command, what it says into ``log``; signals that ask this process to stop are passed on to it.

    The log ends with the processor time and the peak memory that it took.
    """
    with log.open("ab") as stream:
        # a session of its own: a key that stops this process would reach it twice
        child = subprocess.Popen(
            words, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, start_new_session=True
        )
        with _passing_on(child):
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        stream.write(f"{_USED}{usage.ru_utime + usage.ru_stime:.1f} {peak}\n".encode())
    return child.returncode


_USED = "Processor seconds and peak memory in bytes: "


def _used(log: Path) -> tuple[float, int]:
    """Processor seconds of all the commands of a log together, and the highest peak memory in bytes."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    used = [line.removeprefix(_USED).split() for line in lines if line.startswith(_USED)]
    return round(sum(float(seconds) for seconds, _ in used), 1), max(int(peak) for _, peak in used)


def _last_error(log: Path) -> str:
    """What the command said was wrong."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    return errors[-1] if errors else f"it ended without a word; see {log}"


@contextmanager
def _passing_on(child: subprocess.Popen[bytes]) -> Iterator[None]:
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        if before[number] != signal.SIG_IGN:
            signal.signal(number, lambda number, frame: child.send_signal(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _state(folder: Path) -> dict[str, Any]:
    path = folder / "family.json"
    try:
        return parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}); restore it, or begin anew in another folder."
        ) from error


def outcomes(folder: Path) -> list[Outcome]:
    """What became of the runs so far, in the order they ran."""
    return [Outcome(**run) for run in _state(folder)["runs"]]
