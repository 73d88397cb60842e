"""Folders, or a run, -> report.json, report.html and tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.catalogue import metrics_of
from evaluation.figures import GENERATED, HELD_OUT, Figure, Report
from evaluation.human import human_figures
from evaluation.kinds import Kind
from evaluation.options import Options
from evaluation.paired import evaluate_pairs
from evaluation.pipeline import evaluate_samples
from evaluation.report.conditions import Condition, refuse_unknown
from evaluation.samples import Samples
from evaluation.sources import open_folder
from multigan.errors import ConfigError, DataError
from multigan.outputs import publishing
from multigan.reading.files import named
from multigan.writing import write_text
from recipes.commands.evaluate import LETTERS
from recipes.console import console_of_files, label_counts, progress_bar, say, say_labels
from recipes.publish import publish, refuse_unwritable

HUMAN_FILES = ("human.json",)


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


def evaluate_folders(
    folders: Folders,
    options: Options,
    out: Path,
    *,
    full: bool = False,
    table: bool = False,
    paired: bool = False,
    conditions: Sequence[Condition] = (),
) -> Report:
    """Measure folders of samples; write the report to ``out`` and print it.

    As sets, or ``paired`` by their names. ``full`` prints all figures, ``table`` makes one table of all sets, called by
    their folders. ConfigError before anything is measured for ``conditions`` on figures that such samples cannot have.
    """
    refuse_unknown(conditions, figure_names(folders.kind, paired))
    refuse_unwritable(out)
    console = console_of_files()
    letters = LETTERS if len(folders.fakes) > 1 else (GENERATED,)
    names = names_of(folders.fakes) if table else letters
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
    publish(report, gallery, out, {}, console, full, table)
    return report


def figure_names(kind: Kind, paired: bool = False) -> set[str]:
    """What figures of samples of a kind, or of pairs of them, may be called, without their features."""
    if paired:
        return {metric.name for metric in kind.pair_metrics}
    special = (name for record in kind.extractors for name in record.figure_names.values())
    return {*metrics_of(kind), *kind.figure_names.values(), *special}


def names_of(places: Sequence[Path]) -> tuple[str, ...]:
    """What sets are called by: the names of their folders, or whole paths where these are not different or mean others.

    ConfigError where a place is given twice.
    """
    if len(set(places)) < len(places):
        again = next(place for place in places if places.count(place) > 1)
        raise ConfigError(f"{again} is given twice; give each set once.")
    names = [place.stem if place.is_file() else place.resolve().name for place in places]
    alike = [names.count(name) > 1 or name in ("", "real", HELD_OUT, GENERATED) for name in names]
    return tuple(
        str(place.resolve()) if other else name
        for place, name, other in zip(places, names, alike, strict=True)
    )


def evaluate_answers(path: Path, out: Path) -> tuple[Figure, ...]:
    """Measure people's answers; write ``human.json`` to ``out`` and print the figures."""
    refuse_unwritable(out, HUMAN_FILES)
    console = console_of_files()
    figures = human_figures(path)
    with publishing(out) as stage:
        content = {"answers": str(path), "figures": [asdict(figure) for figure in figures]}
        write_text(stage.folder / HUMAN_FILES[0], json.dumps(content, indent=2) + "\n")
    for figure in figures:
        of = f" ({figure.subject})" if figure.subject else ""
        ends = f"[{figure.low:.3f}, {figure.high:.3f}]"
        say(console, f"{figure.name}{of}: {figure.value:.3f} {ends}. {figure.reading} {figure.note}")
    say(console, f"The figures are in {out / HUMAN_FILES[0]}.")
    return figures


def _refuse_other_labels(
    run: Path, kind: str, data: Path | None, known: Sequence[str], present: Sequence[str]
) -> None:
    """DataError where the data have come to have other labels than those that the run learned."""
    if list(known) == list(present):
        return
    more, fewer = ([label for label in ours if label not in theirs]
                   for ours, theirs in ((present, known), (known, present)))  # fmt: skip
    changes = [
        f"{what} {named(labels)}" for what, labels in (("now also", more), ("no longer", fewer)) if labels
    ]
    raise DataError(
        f"{data} does not have the labels that {run} learned ({named(known) if known else 'none'}): {', '.join(changes)}. "
        f"Restore them, or measure samples of the run against what is there: multigan sample {run} --out SAMPLES, and "
        f"multigan evaluate --modality {kind} --real {data} --fake SAMPLES."
    )


def evaluate_run(
    run_folder: Path,
    out: Path | None,
    options: Mapping[str, Any],
    plugins: Sequence[str] = (),
    full: bool = False,
) -> Report:
    """Measure a run against its own data, as its recipe does at its end, with these of the ``Options``, its device among
    them; ``plugins`` are packages that its modality may be imported from. ``full`` prints all figures."""
    from multigan.runs import data_of, read_run
    from multigan.sampling import load_generator
    from recipes.kinds import kind_of_modality
    from recipes.measure import report_run
    from recipes.request import data_digest
    from recipes.settings import EvaluationSettings, saved_recipe

    console = console_of_files()
    trained = load_generator(run_folder, options["device"], plugins)
    kind = kind_of_modality(trained.modality)  # refused before anything is read
    refuse_unwritable(out or run_folder)
    recipe = saved_recipe(run_folder, plugins)
    # a run that comes from elsewhere does not switch a filter off
    recipe = replace(recipe, sampling=trained.sampling.settings())
    facts = read_run(run_folder)
    folder = data_of(run_folder)
    with progress_bar(console) as progress:  # in the run's own vocabulary, whatever has become of the data
        splits = trained.modality.open_data(trained.data, folder, progress)
    for note in splits.notes:
        say(console, f"Note: {note}")
    say_labels(console, splits)
    _refuse_other_labels(run_folder, kind.name, folder, trained.facts.labels, splits.train.labels)
    digest = data_digest(splits)
    if facts.get("data_digest", digest) != digest:
        say(
            console,
            f"Note: the data are not those that {run_folder} was trained on; they are what is measured against.",
        )
    whole = Options(**{"n": recipe.evaluation.n or EvaluationSettings().n, "seed": recipe.seed, **options})
    return report_run(
        trained, splits, recipe, out or run_folder, console, run_folder=run_folder, options=whole, full=full
    )
