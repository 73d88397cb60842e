"""Folders, or a run, -> report.json, report.html and tables."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluation.evaluate import measure
from evaluation.extractors import Progress
from evaluation.report import GENERATED, Media, Report
from evaluation.report.html import write_html
from evaluation.report.json import to_json
from evaluation.report.table import print_tables
from evaluation.samples.folder import open_folder
from evaluation.work import Options
from multigan.checkpoint import write_text
from multigan.errors import ConfigError
from multigan.training.assemble import choose_device
from recipes.evaluate_command import LETTERS

_WIDTH_OF_FILES = 120


@dataclass(frozen=True, kw_only=True)
class FolderRequest:
    """What a person asked for on the command line."""

    modality: str
    real: Path
    fakes: tuple[Path, ...]
    held_out: Path | None
    metrics: tuple[str, ...] | None
    features: tuple[str, ...]
    weights: Path | None
    n: int
    seed: int
    labels_column: str | None
    text_column: str | None
    max_bad: float
    device: str
    out: Path


def evaluate_folders(request: FolderRequest) -> Report:
    """Measure folders of samples; write the report to ``out`` and print it."""
    refuse_unwritable(request.out)

    def opened(folder: Path) -> Any:
        return open_folder(
            folder, request.modality, labels_column=request.labels_column, text_column=request.text_column
        )

    several = len(request.fakes) > 1
    names = LETTERS if several else (GENERATED,)
    fakes = {name: opened(folder) for name, folder in zip(names, request.fakes, strict=False)}
    held_out = None if request.held_out is None else opened(request.held_out)
    options = Options(
        metrics=request.metrics, features=request.features, n=request.n, seed=request.seed,
        device=choose_device(request.device), weights=request.weights, max_bad=request.max_bad,
    )  # fmt: skip
    real, console = opened(request.real), console_of_files()
    for name, samples in (("real", real), *fakes.items()):
        console.print(f"{name}: {samples.source}, {len(samples):,} samples", markup=False, highlight=False)
        for note in samples.notes:
            console.print(f"Note: {note}", markup=False, highlight=False)
    with progress_bar(console) as progress:
        report, media = measure(real, fakes, held_out, options, progress=progress)
    publish(report, media, request.out, {}, console)
    return report


def evaluate_run(run_folder: Path, out: Path | None, device: str) -> Report:
    """Measure a run against its own data, as its recipe does at its end."""
    from multigan.config import load, read_yaml
    from multigan.modality import MODALITIES
    from multigan.sampling import load_generator, read_run
    from recipes.measure import report_run
    from recipes.recipe import RecipeSettings

    console = console_of_files()
    trained = load_generator(run_folder, choose_device(device))
    recipe = load(RecipeSettings, read_yaml(run_folder / "recipe.yaml"), str(run_folder / "recipe.yaml"))
    modality, folder = MODALITIES[recipe.modality], read_run(run_folder).get("data")
    data = load(modality.data_settings, recipe.data, f"{run_folder}: data")
    with progress_bar(console) as progress:
        splits = modality.open_data(data, Path(str(folder)) if folder else None, progress)
    return report_run(trained, splits, out or run_folder, recipe, console, run_folder=run_folder)


def publish(report: Report, media: Media, folder: Path, more: dict[str, Any], console: Console) -> None:
    """Write ``report.json`` and ``report.html`` to a folder, and print the tables."""
    command = shlex.join(["multigan", *sys.argv[1:]])
    report = replace(report, provenance={**report.provenance, "command": command})
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "report.json", json.dumps({**to_json(report), **more}, indent=2) + "\n")
    write_html(report, media, folder / "report.html")
    print_tables(report, console)
    console.print(
        f"The report is in {folder / 'report.html'} and {folder / 'report.json'}.",
        markup=False,
        highlight=False,
    )


def refuse_unwritable(folder: Path) -> None:
    """ConfigError before any work where the report could not be written after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".multigan"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"Cannot write to {folder}: {error.strerror}. Choose another --out.") from error


def console_of_files() -> Console:
    """A console whose lines are not wrapped, of a fixed width where the output is a file."""
    return Console(soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)


@contextmanager
def progress_bar(console: Console) -> Iterator[Progress]:
    """A bar for each thing that is under way, on a terminal only."""
    from rich.progress import Progress as Bars

    with Bars(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def shown(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield shown
