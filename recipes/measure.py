"""How good a run's samples are: the figure that chooses its checkpoint, and the report at its end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from evaluation.catalogue import load_extractor
from evaluation.extractors.protocol import features_of
from evaluation.figures import GENERATED, Gallery, Report
from evaluation.metrics.frechet import frechet_distance
from evaluation.options import FEWEST, Options
from evaluation.pipeline import evaluate_samples
from evaluation.samples import Samples as MeasuredSamples
from evaluation.sources import of_media
from evaluation.statistics.moments import moments
from multigan.errors import DataError
from multigan.modality import Samples, Splits
from multigan.outputs import publishing
from multigan.protocols import DescribedDataset, Represents
from multigan.reading.image import read_image
from multigan.reading.json import parse_json
from multigan.reading.utf8 import flaw_of
from multigan.sampling import TrainedGenerator, generate, latents
from recipes.conditions import conditions_of, measured_side
from recipes.console import progress_bar, say
from recipes.diagnosis import equilibrium_of
from recipes.kinds import kind_of_modality
from recipes.publish import publish
from recipes.reports import REPORTS
from recipes.reports.records import THERE_AND_BACK, Evidence
from recipes.settings import Recipe

_VALIDATION_SEED, _EVALUATION_SEED = 1, 2  # beside the seed of a run's pictures
_OF_THERE_AND_BACK = (
    "held-out samples, encoded and decoded as generated ones are: what this representation could reach"
)
_DECODED_VALUES = 2**23
"""Of so many values together are the held-out samples that are sent there and back: sounds of 8.7 minutes at 16 kHz."""


def validation_figure(
    trained: TrainedGenerator, train: DescribedDataset, n: int, seed: int
) -> Callable[[], float] | None:
    """A function that measures the generator as it is now: the Fréchet distance in the features that need no files.

    Lower is better. Between ``n`` fakes and as many training samples of the same conditions; the held-out split stays
    untouched for the report (a checkpoint chosen on the split that is reported flatters). None for n = 0 and for a modality
    that the evaluation does not know.
    """
    modality, data = trained.modality, trained.data
    if modality.kind is None or not n:
        return None
    rows = _rows(train, n, seed)
    device = next(trained.network.parameters()).device
    kind = kind_of_modality(modality)
    extractor = load_extractor(kind.default_features, kind, device)
    originals = [train.original(int(row) % train.n_originals) for row in rows]
    real = moments(features_of(extractor, originals))

    def figure() -> float:
        latent = latents(trained.network, _word(seed, _VALIDATION_SEED), range(len(rows)))
        fakes = generate(trained.network, latent, conditions_of(train, rows))
        return frechet_distance(real, moments(features_of(extractor, modality.media(fakes, data))))

    return figure


def refuse_too_few(splits: Splits) -> None:
    """A run ends with an evaluation: what cannot be evaluated is not trained first. Mirror images do not count."""
    if splits.train.n_originals < FEWEST:
        raise DataError(
            f"There are {splits.train.n_originals} training samples; a run needs {FEWEST} or more. Add samples to the data."
        )
    measured = measured_side(splits)
    if measured.n_originals < FEWEST:
        raise DataError(
            f"There are {measured.n_originals} held-out samples, and a run whose condition is a sample is measured on "
            f"{FEWEST} of them or more. Hold out more (data.held_out), or add samples to the data."
        )


def refuse_unwritable_labels(labels: Sequence[str]) -> None:
    """DataError for a label that no report could hold: it would be found out after the whole training."""
    for label in labels:
        flaw = flaw_of(label)
        if flaw:
            raise DataError(
                f"The label {label!r} cannot be used: {flaw}. Rename its folder, or mend its table."
            )


def report_run(
    trained: TrainedGenerator,
    splits: Splits,
    recipe: Recipe,
    folder: Path,
    console: Console,
    *,
    run_folder: Path | None = None,
    options: Options | None = None,
    full: bool = False,
) -> Report:
    """Evaluate a run against its data; write the report and ``closest.png`` to ``folder``, and print the tables.

    ``run_folder``: where the run lies, if not in ``folder``. ``options`` replace the number of samples and the seed of the
    recipe, and all metrics in features that need no files. ``full`` prints all figures. ConfigError for a modality that
    the evaluation does not know.
    """
    modality, train = trained.modality, splits.train
    kind_of_modality(modality)  # refused before anything is drawn
    device = next(trained.network.parameters()).device
    options = options or Options(n=recipe.evaluation.n, seed=recipe.seed, device=device)
    options = replace(options, mirrored=len(train) > train.n_originals)
    asked = measured_side(splits)
    rows = _rows(asked, options.n, options.seed)
    seed = _word(options.seed, _EVALUATION_SEED)
    fakes = trained.sampling.draw(
        trained, conditions_of(asked, rows), seed, len(rows), recipe.sampling.measured()
    )
    rows = rows[list(fakes.rows)]
    console.print("Evaluating: training (or recalling) the classifier, then measuring.")
    back = there_and_back(trained, splits.held_out, options)
    report, gallery = _measured(trained, splits, fakes, rows, options, console, back)
    gallery = replace(
        gallery,
        curves=curves_of(run_folder or folder),
        grid=_grid(run_folder or folder),
        equilibrium=equilibrium_of(run_folder or folder, recipe, modality),
    )
    n = recipe.evaluation.n or options.n
    evidence = Evidence(trained, splits, fakes, rows, run_folder or folder, folder, n, options.seed, back)
    findings = [REPORTS[name].make(evidence) for name in recipe.report]
    figures = [figure for each in findings for figure in each.figures]
    warnings = (*report.warnings, *fakes.warnings)
    report = replace(report, figures=(*report.figures, *figures), warnings=warnings)
    publish(report, gallery, folder, {"run": _run_facts(trained, recipe, fakes)}, console, full)
    for line in (line for each in findings for line in each.lines):
        say(console, line)
    if report.closest:
        pairs = [(fakes.tensor[pair.fake], train.batch([pair.train]).real[0]) for pair in report.closest]
        beside = torch.stack([sample for pair in pairs for sample in pair])
        with publishing(folder) as stage:
            modality.preview(beside, 8, stage.folder / "closest.png", trained.data)
    return report


def _measured(
    trained: TrainedGenerator,
    splits: Splits,
    fakes: Samples,
    rows: np.ndarray,
    options: Options,
    console: Console,
    back: MeasuredSamples | None,
) -> tuple[Report, Gallery]:
    """The evaluation of fakes under the conditions of some samples of ``measured_side``, by their rows."""
    modality, train, held_out = trained.modality, splits.train, splits.held_out
    names = [f"{modality.name}-{row:05d}" for row in range(len(rows))]
    asked = measured_side(splits)
    media, conditions = modality.media(fakes.tensor, trained.data), conditions_of(asked, rows)
    read = (media if conditions is None else modality.under(media, conditions)).__getitem__
    generated = _samples(modality.kind, asked, names, read, rows, str(trained.checkpoint))
    real, fresh = (
        real_samples(modality.kind, data, source)
        for data, source in (
            (train, "training samples of the run"),
            (held_out, "held-out samples of the run"),
        )
    )
    with progress_bar(console) as progress:
        enough = fresh if len(fresh) >= FEWEST else None
        treated = {} if back is None else {THERE_AND_BACK: back}
        return evaluate_samples(
            real, {GENERATED: generated}, enough, options, progress=progress, treated=treated
        )


@torch.no_grad()
def there_and_back(
    trained: TrainedGenerator, held_out: DescribedDataset, options: Options
) -> MeasuredSamples | None:
    """Held-out samples encoded and decoded; None for a generator that makes samples as they are, and for too few."""
    network, modality = trained.network, trained.modality
    if not isinstance(network, Represents) or held_out.n_originals < FEWEST:
        return None
    most = max(FEWEST, _DECODED_VALUES // math.prod(held_out.sample_shape))
    rows = _rows(held_out, min(options.n, most, held_out.n_originals), options.seed)
    device, coder = next(network.parameters()).device, network.representation
    parts = [held_out.batch(rows[start : start + 32]).real.to(device) for start in range(0, len(rows), 32)]
    decoded = torch.cat([coder.decode(coder.encode(part)).cpu() for part in parts])
    names = [held_out.names[row] for row in rows]
    read = modality.media(decoded, trained.data).__getitem__
    return _samples(modality.kind, held_out, names, read, rows, _OF_THERE_AND_BACK)


def real_samples(kind: Any, data: DescribedDataset, source: str) -> MeasuredSamples:
    """What a run was given, its mirror images left out."""
    return _samples(kind, data, data.names, data.original, np.arange(data.n_originals), source)


def _samples(
    kind: Any,
    data: DescribedDataset,
    names: Sequence[str],
    read: Callable[[int], object],
    rows: np.ndarray,
    source: str,
) -> MeasuredSamples:
    """Samples as the evaluation takes them, each with the label and intensity of a row of the data."""
    labels = None if data.classes is None else [data.labels[number] for number in data.classes[rows]]
    intensities = None if data.conditions is None else data.conditions[rows].reshape(len(rows), -1).max(1)
    return of_media(kind, names[: len(rows)], read, source=source, labels=labels, intensities=intensities)


def _run_facts(trained: TrainedGenerator, recipe: Recipe, fakes: Samples) -> dict[str, object]:
    """What ``report.json`` says of the run; samples are never truncated for the evaluation."""
    return {
        "recipe": recipe.name,
        "preset": recipe.preset,
        "checkpoint": trained.checkpoint.name,
        "truncation": 1.0,
        **fakes.facts,
    }


def _grid(run_folder: Path) -> np.ndarray | None:
    """The picture of a run's samples; None where it is not there or cannot be read."""
    try:
        return read_image(run_folder / "grid.png")
    except (DataError, OSError):
        return None


def curves_of(run_folder: Path) -> dict[str, tuple[tuple[float, float], ...]]:
    """The curves of a run's metrics.jsonl: name -> (samples seen, value)."""
    curves: dict[str, list[tuple[float, float]]] = {}
    log = run_folder / "metrics.jsonl"
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            values = parse_json(line)
            samples = float(values.pop("samples"))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # of a run that was killed while it wrote
        for name, value in values.items():
            if name not in ("step", "seconds", "processor_seconds") and isinstance(value, int | float):
                curves.setdefault(name, []).append((samples, value))
    return {name: tuple(points) for name, points in curves.items()}


def _rows(data: DescribedDataset, n: int, seed: int) -> np.ndarray:
    """``n`` indices of samples, each at most once: their conditions are what fakes are asked for."""
    return np.random.default_rng((seed, 0)).permutation(len(data))[:n]


def _word(seed: int, stream: int) -> int:
    return int(np.random.SeedSequence((seed, stream)).generate_state(1)[0])
