"""Folders, or a run, -> report.json, report.html and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.figures import GENERATED, HELD_OUT, Report
from evaluation.kinds import Kind
from evaluation.options import Options
from evaluation.paired import evaluate_pairs
from evaluation.pipeline import evaluate_samples
from evaluation.samples import Samples
from evaluation.sources import open_folder
from recipes.commands.evaluate import LETTERS
from recipes.console import console_of_files, label_counts, progress_bar, say, say_labels
from recipes.publish import publish, refuse_unwritable


@dataclass(frozen=True)
class Folders:
    """Where samples are, and how their files are read."""

    kind: Kind
    real: Path
    fakes: tuple[Path, ...]
    held_out: Path | None = None
    labels_column: str | None = None
    text_column: str | None = None
    links: str | None = None

    def open(self, path: Path) -> Samples:
        """The samples of one of the folders."""
        return open_folder(path, self.kind, self.labels_column, self.text_column, self.links)


def evaluate_folders(folders: Folders, options: Options, out: Path, paired: bool = False) -> Report:
    """Measure folders of samples, as sets or ``paired`` by their names; write the report to ``out`` and print it."""
    refuse_unwritable(out)
    console = console_of_files()
    names = LETTERS if len(folders.fakes) > 1 else (GENERATED,)
    real = folders.open(folders.real)
    fakes = {name: folders.open(path) for name, path in zip(names, folders.fakes, strict=False)}
    held_out = None if folders.held_out is None else folders.open(folders.held_out)
    sets = {"real": real, **fakes, **({} if held_out is None else {HELD_OUT: held_out})}
    for name, samples in sets.items():
        say(console, f"{name}: {samples.source}, {len(samples):,} samples, {label_counts(samples.labels)}")
        for note in samples.notes:
            say(console, f"Note: {note}")
    with progress_bar(console) as progress:
        if paired:
            report, gallery = evaluate_pairs(real, fakes, options, progress)
        else:
            report, gallery = evaluate_samples(real, fakes, held_out, options, progress=progress)
    publish(report, gallery, out, {}, console)
    return report


def evaluate_run(
    run_folder: Path, out: Path | None, options: Mapping[str, Any], plugins: Sequence[str] = ()
) -> Report:
    """Measure a run against its own data, as its recipe does at its end, with these of the ``Options``, its device among
    them; ``plugins`` are packages that its modality may be imported from."""
    from multigan.runs import read_run
    from multigan.sampling import load_generator
    from recipes.kinds import kind_of_modality
    from recipes.measure import report_run
    from recipes.request import data_digest
    from recipes.settings import saved_recipe

    console = console_of_files()
    trained = load_generator(run_folder, options["device"], plugins)
    kind_of_modality(trained.modality)  # refused before anything is read
    refuse_unwritable(out or run_folder)
    recipe = saved_recipe(run_folder, plugins)
    # a run that comes from elsewhere does not switch a filter off
    recipe = replace(recipe, sampling=trained.sampling.settings())
    facts = read_run(run_folder)
    folder = facts.get("data")
    with progress_bar(console) as progress:  # in the run's own vocabulary, whatever has become of the data
        splits = trained.modality.open_data(trained.data, Path(str(folder)) if folder else None, progress)
    for note in splits.notes:
        say(console, f"Note: {note}")
    say_labels(console, splits)
    digest = data_digest(splits)
    if facts.get("data_digest", digest) != digest:
        say(
            console,
            f"Note: the data are not those that {run_folder} was trained on; they are what is measured against.",
        )
    whole = Options(**{"n": recipe.evaluation.n, "seed": recipe.seed, **options})
    return report_run(
        trained, splits, recipe, out or run_folder, console, run_folder=run_folder, options=whole
    )
