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

from evaluation.catalogue import load_extractor
from evaluation.extractors.protocol import features_of
from evaluation.figures import GENERATED, Report
from evaluation.kinds import kind_of
from evaluation.metrics.frechet import frechet_distance
from evaluation.options import FEWEST, Options
from evaluation.pipeline import evaluate_samples
from evaluation.samples import Samples
from evaluation.sources import of_media
from evaluation.statistics.moments import moments
from multigan.errors import ConfigError, DataError
from multigan.modality import DescribedDataset, Splits
from multigan.sampling import TrainedGenerator, generate, latents
from multigan.text.safety import NOTICE
from recipes.evaluation import progress_bar, publish
from recipes.recipe import RecipeSettings
from recipes.text_report import text_figures
from recipes.texts import Drawn, draw_texts, text_request

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
    if modality.measured_as is None or not n:
        return None
    chosen = _draw(train, n, seed)
    device = next(trained.network.parameters()).device
    kind = kind_of(modality.measured_as)
    extractor = load_extractor(kind.default_features, kind, device)
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
    console: Console,
    run_folder: Path | None = None,
    options: Options | None = None,
) -> Report:
    """Evaluate the run against its data; write the report and ``closest.png`` to ``folder``, and print the tables.

    ``options`` replace the number of samples and the seed of the recipe, and all metrics in features that need no files.
    ConfigError for a modality that the evaluation does not know.
    """
    modality, train, held_out = trained.modality, splits.train, splits.held_out
    if modality.measured_as is None:
        raise ConfigError(
            f"Samples of the modality {modality.name!r} are not measured: its measured_as is None."
        )
    device = next(trained.network.parameters()).device
    options = options or Options(n=recipe.evaluation.n, seed=recipe.seed, device=device)
    options = replace(options, mirrored=len(train) > train.n_originals)
    chosen = _draw(train, options.n, options.seed)
    made, chosen, drawn = _made(trained, train, chosen, options.seed, recipe.sampling.filter)
    console.print("Evaluating: training (or recalling) the classifier, then measuring.")
    fake = _of_fakes(trained, made, train, chosen)
    real = _of_data(modality.measured_as, train, "training samples of the run")
    fresh = _of_data(modality.measured_as, held_out, "held-out samples of the run")
    with progress_bar(console) as progress:
        enough = fresh if len(fresh) >= FEWEST else None
        report, gallery = evaluate_samples(real, {GENERATED: fake}, enough, options, progress=progress)
    gallery = replace(gallery, curves=_curves(run_folder or folder))
    if drawn is not None:
        own = text_figures(trained, drawn.texts, chosen, splits, options.seed)
        warnings = (*report.warnings, drawn.sentence, NOTICE)
        report = replace(report, figures=(*report.figures, *own), warnings=warnings)
    run: dict[str, object] = {
        "recipe": recipe.name,
        "preset": recipe.preset,
        "checkpoint": trained.checkpoint.name,
        "truncation": 1.0,
    }
    if drawn is not None:
        run |= {"temperature": 1.0, "top_p": 1.0, "filter": drawn.facts}
    publish(report, gallery, folder, {"run": run}, console)
    if report.closest:
        beside = [
            sample
            for pair in report.closest
            for sample in (made[pair.fake], train.batch([pair.train]).real[0])
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
    assert modality.measured_as is not None
    facts = {"labels": _labels(train, chosen), "intensities": _intensities(train, chosen)}
    names = [f"{modality.measured_as}-{row:05d}" for row in range(len(made))]
    read = modality.media(made, trained.data).__getitem__
    return of_media(modality.measured_as, names, read, source=str(trained.checkpoint), **facts)


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


def _made(
    trained: TrainedGenerator, train: DescribedDataset, chosen: np.ndarray, seed: int, filter_name: str
) -> tuple[Tensor, np.ndarray, Drawn | None]:
    """Fakes as sampling delivers them, and the training samples whose conditions they have; of texts, what was withheld."""
    texts = text_request(trained, 1.0, 1.0, filter_name)
    if texts is None:
        return _fakes(trained, train, chosen, seed, _EVALUATION_SEED), chosen, None
    drawn = draw_texts(trained, _given(train, chosen), _word(seed, _EVALUATION_SEED), len(chosen), texts)
    return drawn.tokens, chosen[list(drawn.rows)], drawn


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
