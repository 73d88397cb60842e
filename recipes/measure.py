"""How good a run's samples are: the figure that chooses its checkpoint, and the report at its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from evaluation.evaluate import measure
from evaluation.extractors import features_of
from evaluation.extractors.catalogue import load_extractor
from evaluation.looking import FEWEST
from evaluation.metrics.frechet import frechet_distance
from evaluation.report import GENERATED, Report
from evaluation.samples import Samples
from evaluation.samples.sources import of_media
from evaluation.statistics import moments
from evaluation.work import DEFAULT_FEATURES, Options
from multigan.errors import ConfigError, DataError
from multigan.modality import Splits
from multigan.protocols import DescribedDataset
from multigan.sampling import TrainedGenerator, generate, latents
from multigan.sampling_settings import SamplingSettings
from recipes.console import progress_bar, say
from recipes.publish import publish
from recipes.reports import REPORTS
from recipes.reports.records import Evidence
from recipes.settings import RecipeSettings

_VALIDATION_SEED, _EVALUATION_SEED = 1, 2  # beside the seed of a run's pictures


def validation_figure(
    trained: TrainedGenerator, train: DescribedDataset, n: int, seed: int
) -> Callable[[], float] | None:
    """A function that measures the generator as it is now: the Fréchet distance in the features that need no files.

    Lower is better. Between ``n`` fakes and as many training samples of the same conditions; the held-out split stays
    untouched for the report (a checkpoint chosen on the split that is reported flatters). None for n = 0 and for a modality
    that the evaluation does not know.
    """
    modality, settings = trained.modality, trained.data
    if modality.kind is None or not n:
        return None
    chosen = _draw(train, n, seed)
    device = next(trained.network.parameters()).device
    extractor = load_extractor(DEFAULT_FEATURES[modality.kind], modality.kind, device)
    originals = [train.original(int(row) % train.n_originals) for row in chosen]
    real = moments(features_of(extractor, originals))

    def figure() -> float:
        fakes = modality.media(_fakes(trained, train, chosen, seed, _VALIDATION_SEED), settings)
        return frechet_distance(real, moments(features_of(extractor, fakes)))

    return figure


def refuse_too_few(train: DescribedDataset) -> None:
    """A run ends with an evaluation: what cannot be evaluated is not trained first. Mirror images do not count."""
    if train.n_originals < FEWEST:
        raise DataError(
            f"There are {train.n_originals} training samples; a run needs {FEWEST} or more. Add samples to the data."
        )


def report_run(
    trained: TrainedGenerator,
    splits: Splits,
    folder: Path,
    recipe: RecipeSettings,
    sampling: SamplingSettings,
    console: Console,
    run_folder: Path | None = None,
    options: Options | None = None,
) -> Report:
    """Evaluate the run against its data; write the report and ``closest.png`` to ``folder``, and print the tables.

    ``options`` replace the number of samples and the seed of the recipe, and all metrics in features that need no files.
    ConfigError for a modality that the evaluation does not know.
    """
    modality, train, held_out = trained.modality, splits.train, splits.held_out
    if modality.kind is None:
        raise ConfigError(f"Samples of the modality {modality.name!r} are not measured: its kind is None.")
    device = next(trained.network.parameters()).device
    options = options or Options(n=recipe.evaluation.n, seed=recipe.seed, device=device)
    options = replace(options, mirrored=len(train) > train.n_originals)
    chosen = _draw(train, options.n, options.seed)
    fakes = trained.sampling.draw(
        trained,
        _given(train, chosen),
        _word(options.seed, _EVALUATION_SEED),
        len(chosen),
        sampling.measured(),
    )
    chosen = chosen[list(fakes.rows)]
    console.print("Evaluating: training (or recalling) the classifier, then measuring.")
    fake = _of_fakes(trained, fakes.tensor, train, chosen)
    real = _of_data(modality.kind, train, "training samples of the run")
    fresh = _of_data(modality.kind, held_out, "held-out samples of the run")
    with progress_bar(console) as progress:
        enough = fresh if len(fresh) >= FEWEST else None
        report, media = measure(real, {GENERATED: fake}, enough, options, progress=progress)
    run_folder = run_folder or folder
    media = replace(media, curves=_curves(run_folder))
    evidence = Evidence(trained, splits, fakes, chosen, run_folder, folder, recipe.evaluation.n, options.seed)
    findings = [REPORTS[name].make(evidence) for name in recipe.report]
    figures = (figure for each in findings for figure in each.figures)
    report = replace(
        report, figures=(*report.figures, *figures), warnings=(*report.warnings, *fakes.warnings)
    )
    run: dict[str, object] = {
        "recipe": recipe.name,
        "preset": recipe.preset,
        "checkpoint": trained.checkpoint.name,
        "truncation": 1.0,
        **fakes.facts,
    }
    publish(report, media, folder, {"run": run}, console)
    for line in (line for each in findings for line in each.lines):
        say(console, line)
    if report.closest:
        beside = [
            sample
            for pair in report.closest
            for sample in (fakes.tensor[pair.fake], train.batch([pair.train]).real[0])
        ]
        modality.preview(torch.stack(beside), 8, folder / "closest.png", trained.data)
    return report


def _of_data(modality: str, data: DescribedDataset, source: str) -> Samples:
    rows = np.arange(data.n_originals)
    facts = {"labels": _labels(data, rows), "intensities": _intensities(data, rows)}
    return of_media(modality, data.names[: len(rows)], data.original, source=source, **facts)


def _of_fakes(
    trained: TrainedGenerator, made: Tensor, train: DescribedDataset, chosen: np.ndarray
) -> Samples:
    modality = trained.modality
    assert modality.kind is not None
    facts = {"labels": _labels(train, chosen), "intensities": _intensities(train, chosen)}
    names = [f"{modality.kind}-{row:05d}" for row in range(len(made))]
    read = modality.media(made, trained.data).__getitem__
    return of_media(modality.kind, names, read, source=str(trained.checkpoint), **facts)


def _labels(data: DescribedDataset, rows: np.ndarray) -> list[str] | None:
    return None if data.classes is None else [data.labels[number] for number in data.classes[rows]]


def _intensities(data: DescribedDataset, rows: np.ndarray) -> np.ndarray | None:
    return None if data.conditions is None else data.conditions[rows].max(1)


def _curves(run_folder: Path) -> dict[str, tuple[tuple[float, float], ...]]:
    """The curves of a run's metrics.jsonl: name -> (samples seen, value)."""
    curves: dict[str, list[tuple[float, float]]] = {}
    log = run_folder / "metrics.jsonl"
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else ():
        held = json.loads(line)
        for name, value in held.items():
            if name not in ("samples", "step", "seconds") and isinstance(value, int | float):
                curves.setdefault(name, []).append((float(held["samples"]), value))
    return {name: tuple(points) for name, points in curves.items()}


def _draw(train: DescribedDataset, n: int, seed: int) -> np.ndarray:
    """``n`` indices of training samples, each at most once: their conditions are what fakes are asked for."""
    return np.random.default_rng((seed, 0)).permutation(len(train))[:n]


def _fakes(
    trained: TrainedGenerator, train: DescribedDataset, chosen: np.ndarray, seed: int, stream: int
) -> Tensor:
    """Samples [N, ...] under the conditions of the chosen training samples, without truncation."""
    drawn = latents(trained.network, _word(seed, stream), range(len(chosen)))
    return generate(trained.network, drawn, _given(train, chosen))


def _given(train: DescribedDataset, chosen: np.ndarray) -> Tensor | None:
    return None if train.conditions is None else torch.from_numpy(train.conditions[chosen])


def _word(seed: int, stream: int) -> int:
    return int(np.random.SeedSequence((seed, stream)).generate_state(1)[0])
