"""Trainings as processes of their own, which outlive the page or the command that began them, and what became of each."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multigan.errors import ConfigError
from multigan.locks import at_work, locked
from multigan.reading import regular
from multigan.reading.json import parse_json
from multigan.runs import read_run
from multigan.writing import make_folder, write_text
from recipes.several.children import Children, last_error, output_of

if TYPE_CHECKING:
    from recipes.request import RunRequest  # torch: what keeps a training does without

PLACE = "training"
"""The folder, in that of a run, of what was asked and said."""
LOG, RECORD = "log.txt", "record.json"
READY = "ready"
"""What the process that keeps a training says once it has begun."""
STOPPED = (130, -signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGTERM)
"""Exit codes of a training that was asked to stop."""
_LAST_LINE = 400


@dataclass(frozen=True)
class Training:
    """A run, as far as its files and processes tell."""

    folder: Path
    state: str
    """"starting", "training", "finishing" (samples and report), "finished", "stopped", "failed", or "broken off": killed."""
    samples: int
    total: int | None
    """Samples that it is to see; None: the run does not tell."""
    samples_per_second: float
    why: str = ""
    """Of a failed one: what it said was wrong."""
    said: str = ""
    """The last line of its log."""

    @property
    def runs(self) -> bool:
        return self.state in ("starting", "training", "finishing")

    @property
    def can_resume(self) -> bool:
        return self.state in ("stopped", "failed", "broken off") and (self.folder / "run.json").is_file()

    def in_words(self) -> str:
        """One line."""
        share = f" ({self.samples / self.total:.0%} of {self.total:,})" if self.total else ""
        speed = f", {self.samples_per_second:,.0f} samples/s" if self.state == "training" else ""
        why = f": {self.why}" if self.why else ""
        if self.state == "failed" and self.total is None and not self.samples:
            return f"failed before it trained{why}"
        return f"{self.state}, {self.samples:,} samples{share}{speed}{why}"


def start(request: RunRequest, root: Path = Path("runs")) -> Path:
    """Begin the training of a recipe; its folder, by default the first free one in ``root``.

    ConfigError or DataError where recipe, settings, folder or data do not fit, as far as that shows before a sample is
    decoded; nothing is written then.
    """
    from recipes.augmentation.settings import is_study
    from recipes.catalogue import read
    from recipes.family.settings import is_family
    from recipes.request import new_run, numbered_folder
    from recipes.run import look_at

    raw, _ = read(request.recipe)
    if is_family(raw) or is_study(raw):
        raise ConfigError(
            f"{request.recipe} is made of many runs; start it in a terminal: multigan recipe run {request.recipe}."
        )
    run = new_run(request)
    look_at(run)
    folder = request.out or numbered_folder(run.recipe.name, root)
    _begin(folder, [request.recipe, "--out", str(folder), *options_of(request)])
    return folder


def options_of(request: RunRequest) -> list[str]:
    """Preset, data, settings and plugins of a request as a command has them."""
    words = [] if request.preset is None else ["--preset", request.preset]
    words += [] if request.data is None else ["--data", str(request.data)]
    return [*words, *_each("--set", request.sets), *_each("--plugin", request.plugins)]


def resume(folder: Path, sets: Sequence[str] = (), plugins: Sequence[str] = ()) -> None:
    """Go on with a training that was stopped, from its last checkpoint; ConfigError where there is nothing to go on with."""
    if training_of(folder).runs:
        raise ConfigError(f"{folder} is in training already.")
    if not (folder / "run.json").is_file():
        raise ConfigError(f"{folder} was never begun, so that there is nothing to resume; start it anew.")
    recipe = read_run(folder).get("recipe")
    kept = folder / "recipe.yaml"
    words = [recipe if isinstance(recipe, str) and _is_known(recipe) else str(kept), "--out", str(folder)]
    _begin(folder, [*words, "--resume", *_each("--set", sets), *_each("--plugin", plugins)])


def _is_known(recipe: str) -> bool:
    from recipes.catalogue import installed, names

    return recipe in (*names(), *installed())


def _each(option: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _begin(folder: Path, words: Sequence[str]) -> None:
    """Start what keeps the training, and wait until that has begun."""
    make_folder(folder / PLACE, within=folder if folder.exists() else None)
    command = [sys.executable, "-m", "multigan", "training", "keep", str(folder), "--", *words]
    # a session of its own: neither a key nor a terminal that closes reaches it
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as stream:
        first = stream.readline().decode(errors="replace").strip()
    threading.Thread(
        target=process.wait, daemon=True
    ).start()  # or it would stay as a zombie once it has ended
    if first != READY:
        raise ConfigError(first.removeprefix("Error: ") or f"The training in {folder} ended before it began.")


def keep(folder: Path, words: Sequence[str]) -> int:
    """Run ``multigan recipe run`` with these words, and record what became of it; the exit code.

    A signal is passed on: the training saves what it has and ends.
    """
    place = folder / PLACE
    log = place / LOG
    with locked(place):
        children = Children()
        with children.passing_signals_on():
            write_text(log, "")
            begun = {"words": ["multigan", "recipe", "run", *words], "begun": _now()}
            write_text(place / RECORD, json.dumps(begun, indent=2) + "\n")
            print(READY, flush=True)
            code = children.run([sys.executable, "-m", "multigan", "recipe", "run", *words], log)
        write_text(place / RECORD, json.dumps({**begun, "ended": _now(), "code": code}, indent=2) + "\n")
    return code


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def stop(folder: Path) -> None:
    """Ask a training to save a checkpoint and end; ConfigError where nothing runs in the folder.

    By SIGTERM: what a shell script began in the background ignores SIGINT, and so does all that it begins.
    """
    process = at_work(folder / PLACE) or at_work(folder)
    if process is None:
        raise ConfigError(f"Nothing is in training in {folder}.")
    with suppress(ProcessLookupError):
        try:
            os.kill(process, signal.SIGTERM)
        except PermissionError as error:
            raise ConfigError(
                f"Process {process} trains in {folder}, and it is not yours to stop."
            ) from error


def trainings(root: Path = Path("runs")) -> list[Training]:
    """All runs and trainings in the folders of ``root``, the newest first."""
    folders = [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    known = [path for path in folders if (path / "run.json").is_file() or (path / PLACE / RECORD).is_file()]
    return [training_of(folder) for folder in sorted(known, key=_changed, reverse=True)]


def _changed(folder: Path) -> float:
    times = [
        path.stat().st_mtime for path in (folder / "run.json", folder / PLACE / RECORD) if path.is_file()
    ]
    return max(times, default=0.0)


def training_of(folder: Path) -> Training:
    """What became of the training in a folder so far."""
    log = folder / PLACE / LOG
    line, run, record = _last_values(folder), _mapping(folder / "run.json"), _mapping(folder / PLACE / RECORD)
    samples, total = _count(line.get("samples")) or 0, _count(run.get("training_samples"))
    state = _state(folder, record.get("code"), "words" in record, samples, total, bool(run))
    speed = line.get("samples_per_second")
    why = last_error(log) if state == "failed" and log.is_file() else ""
    return Training(
        folder,
        state,
        samples,
        total,
        float(speed) if isinstance(speed, int | float) else 0.0,
        why,
        _last_line(log),
    )


def _state(folder: Path, code: object, recorded: bool, samples: int, total: int | None, begun: bool) -> str:
    ended = total is not None and samples >= total
    if at_work(folder / PLACE) or at_work(folder):
        return "starting" if not begun else "finishing" if ended else "training"
    if code == 0 or (not recorded and (ended or (folder / "report.json").is_file())):
        return "finished"
    if isinstance(code, int):
        return "stopped" if code in STOPPED else "failed"
    return "broken off" if recorded else "stopped"


def _last_values(folder: Path) -> dict[str, Any]:
    """The last line of the run's ``metrics.jsonl`` that tells its speed; {} before there is one."""
    with suppress(OSError):
        for line in reversed(regular.content(folder / "metrics.jsonl").splitlines()):
            with suppress(ValueError, TypeError):
                values = dict(parse_json(line))
                if "samples_per_second" in values:
                    return values
    return {}


def _mapping(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        content = parse_json(regular.content(path))
        return content if isinstance(content, dict) else {}
    return {}


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _last_line(log: Path) -> str:
    with suppress(OSError):
        lines = regular.content(log).decode("utf-8", "replace").splitlines()
        said = [line.strip() for line in lines if line.strip() and not line.startswith("Processor seconds")]
        return said[-1][:_LAST_LINE] if said else ""
    return ""


def command_of(folder: Path) -> str:
    """The command that a training was begun with; "" where nobody recorded one."""
    words = _mapping(folder / PLACE / RECORD).get("words")
    return shlex.join(map(str, words)) if isinstance(words, list) else ""


def plan(request: RunRequest) -> str:
    """What ``multigan recipe run --dry-run`` says of time and memory, in a process of its own: it is measured there.

    ConfigError with what it says is wrong.
    """
    said = output_of(["recipe", "run", request.recipe, *options_of(request), "--dry-run"])
    lines = said.splitlines()
    begins = next((number for number, line in enumerate(lines) if line.startswith("Plan on ")), 0)
    notes = [line for line in lines[:begins] if line.startswith("Note: ")]
    return "\n".join([*notes, *lines[begins:]])
