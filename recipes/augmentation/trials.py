"""One trial: few real samples, a generator trained on these alone, and classifiers with and without its samples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from multigan.modality import Splits, modality_of
from multigan.protocols import DescribedDataset
from multigan.reading.json import parse_json
from multigan.sampling import load_generator
from multigan.training.assemble import choose_device
from multigan.writing import make_folder, write_text
from recipes import run as single
from recipes.augmentation import few
from recipes.augmentation.arms import ARMS, Labelled, accuracy, generated_samples, taught
from recipes.augmentation.settings import (
    KIND,
    classifier_of,
    generator_recipe,
    generator_sets,
    saved_study,
)
from recipes.console import console_of_files, progress_bar, say
from recipes.plan import samples_of_a_step
from recipes.request import RunRequest
from recipes.settings import Recipe
from recipes.several.folders import data_of

RESULT = "accuracy.json"
_GENERATED_SEED = 3
"""Beside the seeds of a run's pictures and evaluation."""


@dataclass(frozen=True)
class Trial:
    """One of a study: n real samples per label, drawn by a seed."""

    n: int
    seed: int

    @property
    def folder(self) -> str:
        return f"n-{self.n}-seed-{self.seed}"


def open_data(recipe: Recipe, data: Path | None, console: Console, plugins: Sequence[str]) -> Splits:
    """All real samples: those that trials draw from, and those that classifiers are measured on."""
    with progress_bar(console) as progress:
        return modality_of(recipe.modality, plugins).open_data(recipe.data, data, progress)


def go(folder: Path, trial: Trial, plugins: Sequence[str] = ()) -> int:
    """Begin a trial of the study in ``folder``, or go on with it; the exit code (130 where it was interrupted)."""
    study, data, console = saved_study(folder), data_of(folder, KIND), console_of_files()
    recipe = generator_recipe(study, trial.seed, data is not None, plugins)
    record = classifier_of(recipe, plugins)
    splits = open_data(recipe, data, console, plugins)
    rows = few.choose(splits.train, trial.n, trial.seed)
    place = folder / trial.folder
    real_folder, run_folder = place / "real", place / "generator"
    if not (real_folder / few.TABLE).is_file():
        modality = modality_of(recipe.modality, plugins)
        make_folder(place)
        few.write_few(real_folder, splits, rows, trial.seed, modality, splits.data or recipe.data)
    sets = [
        *generator_sets(study, trial.seed),
        *few.COLUMNS,
        *_batch(recipe, splits.train, len(rows), plugins),
    ]
    code = _train(run_folder, study.of, sets, real_folder, plugins)
    if code:
        return code
    device = choose_device(recipe.device)
    trained = load_generator(run_folder, device, plugins)
    labels, real = splits.train.labels, _labelled(splits.train, rows)
    strengths = few.intensities_of(splits.train, rows)
    seed = int(np.random.SeedSequence((trial.seed, _GENERATED_SEED)).generate_state(1)[0])
    made = generated_samples(trained, labels, real.labels, strengths, study.generated, seed)
    held_out = _labelled(splits.held_out, held_out_rows(splits.held_out, study.held_out))
    figures = {}
    for arm in ARMS:
        classifier = taught(
            arm, record, real, made, len(labels), study.classifier_samples, trial.seed, device
        )
        figures[arm.name] = accuracy(classifier, held_out, len(labels))
        say(
            console, f"{arm.name}: {figures[arm.name]:.3f} of {len(held_out.labels):,} held-out samples read."
        )
    facts = {"generated": len(made.labels), "held_out": len(held_out.labels), "labels": list(labels)}
    write_text(place / RESULT, json.dumps({"accuracy": figures, **facts}, indent=2) + "\n")
    return 0


def _batch(recipe: Recipe, train: DescribedDataset, n: int, plugins: Sequence[str]) -> list[str]:
    """The setting of a batch, halved until a step takes no more than ``n`` samples; none where the recipe's does."""
    modality, batch = modality_of(recipe.modality, plugins), recipe.training.batch
    most = samples_of_a_step(modality, recipe, tuple(train.sample_shape), len(train.labels))
    while most > n and batch > 1:
        most, batch = most // 2, batch // 2
    return [f"training.batch={batch}"] if batch < recipe.training.batch else []


def held_out_rows(held_out: DescribedDataset, n: int) -> np.ndarray:
    """The same ``n`` samples, or all, for every trial."""
    return np.random.default_rng(0).permutation(held_out.n_originals)[:n]


def read_result(folder: Path, trial: Trial) -> dict[str, object]:
    """What a trial that has ended wrote."""
    return dict(parse_json((folder / trial.folder / RESULT).read_bytes()))


def _train(run_folder: Path, recipe: str, sets: Sequence[str], data: Path, plugins: Sequence[str]) -> int:
    """Train the generator, or what is left of it; the exit code."""
    resume = (run_folder / "run.json").is_file()
    if resume and (run_folder / "grid.png").is_file():
        return 0
    own = () if resume else tuple(sets)
    return single.start(
        RunRequest(recipe, own, data=data, out=run_folder, resume=resume, plugins=tuple(plugins))
    )


def _labelled(data: DescribedDataset, rows: np.ndarray) -> Labelled:
    assert data.classes is not None
    return Labelled([data.original(int(row)) for row in rows], data.classes[rows])
