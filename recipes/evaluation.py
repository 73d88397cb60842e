"""Folders, or a run, -> report.json, report.html and tables."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluation.extractors.protocol import Progress
from evaluation.figures import GENERATED, HELD_OUT, Gallery, Report
from evaluation.options import Options
from evaluation.pipeline import evaluate_samples
from evaluation.report.html import write_html
from evaluation.report.json import to_json
from evaluation.report.table import print_tables
from evaluation.samples import Samples
from evaluation.sources import open_folder
from multigan.checkpoint import write_text
from multigan.errors import ConfigError
from recipes.evaluate_command import LETTERS

_WIDTH_OF_FILES = 120


@dataclass(frozen=True)
class Folders:
    """Where samples are, and how their files are read."""

    modality: str
    real: Path
    fakes: tuple[Path, ...]
    held_out: Path | None = None
    labels_column: str | None = None
    text_column: str | None = None

    def open(self, path: Path) -> Samples:
        """The samples of one of the folders."""
        return open_folder(path, self.modality, self.labels_column, self.text_column)


def evaluate_folders(folders: Folders, options: Options, out: Path) -> Report:
    """Measure folders of samples; write the report to ``out`` and print it."""
    refuse_unwritable(out)
    console = console_of_files()
    names = LETTERS if len(folders.fakes) > 1 else (GENERATED,)
    real = folders.open(folders.real)
    fakes = {name: folders.open(path) for name, path in zip(names, folders.fakes, strict=False)}
    held_out = None if folders.held_out is None else folders.open(folders.held_out)
    sets = {"real": real, **fakes, **({} if held_out is None else {HELD_OUT: held_out})}
    for name, samples in sets.items():
        say(console, f"{name}: {samples.source}, {len(samples):,} samples")
        for note in samples.notes:
            say(console, f"Note: {note}")
    with progress_bar(console) as progress:
        report, gallery = evaluate_samples(real, fakes, held_out, options, progress=progress)
    publish(report, gallery, out, {}, console)
    return report


def evaluate_run(run_folder: Path, out: Path | None, asked: Mapping[str, Any]) -> Report:
    """Measure a run against its own data, as its recipe does at its end, with the ``Options`` that are asked for."""
    from multigan.config import load, read_yaml
    from multigan.modality import MODALITIES
    from multigan.sampling import load_generator, read_run
    from recipes.measure import report_run
    from recipes.recipe import RecipeSettings

    console = console_of_files()
    trained = load_generator(run_folder, asked["device"])
    refuse_unwritable(out or run_folder)
    recipe = load(RecipeSettings, read_yaml(run_folder / "recipe.yaml"), str(run_folder / "recipe.yaml"))
    # a run that comes from elsewhere does not switch the filter off
    recipe = replace(recipe, sampling=replace(recipe.sampling, filter="default"))
    modality, folder = MODALITIES[recipe.modality], read_run(run_folder).get("data")
    with progress_bar(console) as progress:  # in the run's own vocabulary, whatever has become of the data
        splits = modality.open_data(trained.data, Path(str(folder)) if folder else None, progress)
    for note in splits.notes:
        say(console, f"Note: {note}")
    options = Options(**{"n": recipe.evaluation.n, "seed": recipe.seed, **asked})
    return report_run(trained, splits, out or run_folder, recipe, console, run_folder, options)


def publish(report: Report, gallery: Gallery, folder: Path, more: dict[str, Any], console: Console) -> None:
    """Write ``report.json`` and ``report.html`` to a folder, and print the tables."""
    command = shlex.join(["multigan", *sys.argv[1:]])
    report = replace(report, provenance={**report.provenance, "command": command})
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "report.json", json.dumps({**to_json(report), **more}, indent=2) + "\n")
    write_html(report, gallery, folder / "report.html")
    print_tables(report, console)
    say(console, f"The report is in {folder / 'report.html'} and {folder / 'report.json'}.")


def say(console: Console, sentence: str) -> None:
    """Print a sentence as it is: a path may hold brackets."""
    console.print(sentence, markup=False, highlight=False)


def refuse_unwritable(folder: Path) -> None:
    """ConfigError before any work where the report could not be written after it; nothing is left behind."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror
        raise ConfigError(f"Cannot write to {folder}: {reason}. Choose another --out.") from error
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


def console_of_files() -> Console:
    """A console whose lines are not wrapped; where the output is a file it is as wide as COLUMNS says, or 120."""
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(soft_wrap=True, width=None if known else _WIDTH_OF_FILES)


@contextmanager
def progress_bar(console: Console) -> Iterator[Progress]:
    """A bar for each thing that is under way, on a terminal only."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    what = TextColumn("{task.description}", markup=False)  # a path may hold brackets
    columns = (what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def shown(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield shown
