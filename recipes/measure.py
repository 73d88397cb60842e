"""How good a run's images are: the figure that chooses its checkpoint, and the report at its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from evaluation.evaluate import measure
from evaluation.extractors.random_features import RandomFeatures
from evaluation.looking import FEWEST
from evaluation.metrics.frechet import frechet_distance
from evaluation.report import GENERATED, Report
from evaluation.samples import Samples
from evaluation.samples.sources import of_images
from evaluation.statistics import moments
from evaluation.work import Options
from multigan.errors import DataError
from multigan.image.data import ImageArrays
from multigan.image.modality import to_uint8, write_grid
from multigan.modality import Dataset, Splits
from multigan.sampling import TrainedGenerator, generate, latents
from recipes.evaluation import progress_bar, publish
from recipes.recipe import RecipeSettings

_VALIDATION_SEED, _EVALUATION_SEED = 1, 2  # beside the seed of a run's pictures


def validation_figure(trained: TrainedGenerator, train: Dataset, n: int, seed: int) -> Callable[[], float]:
    """A function that measures the generator as it is now: the Fréchet distance in fixed random features, lower is better.

    Between ``n`` fakes and as many training images of the same conditions; the held-out split stays untouched for the
    report (a checkpoint chosen on the split that is reported flatters).
    """
    chosen = _draw(train, n, seed)
    extractor = RandomFeatures(next(trained.network.parameters()).device)
    real = moments(extractor.features(np.asarray(_arrays(train).images[chosen % len(_arrays(train).images)])))

    def measure() -> float:
        fake = _fakes(trained, train, chosen, seed, _VALIDATION_SEED)
        return frechet_distance(real, moments(extractor.features(fake)))

    return measure


def refuse_too_few(train: Dataset) -> None:
    """A run ends with an evaluation: what cannot be evaluated is not trained first. Mirror images do not count."""
    found = len(_arrays(train).images)
    if found < FEWEST:
        raise DataError(
            f"There are {found} training images; a run needs {FEWEST} or more. Add images to the data."
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
    """
    train, held_out = _arrays(splits.train), _arrays(splits.held_out)
    device = next(trained.network.parameters()).device
    options = options or Options(n=recipe.evaluation.n, seed=recipe.seed, device=device)
    options = replace(options, mirrored=train.mirror)
    chosen = _draw(train, options.n, options.seed)
    pixels = _fakes(trained, train, chosen, options.seed, _EVALUATION_SEED)
    console.print("Evaluating: training (or recalling) the classifier, then measuring.")
    real = _samples(train, slice(len(train.images)), "training images of the run")
    fresh = _samples(held_out, slice(len(held_out.images)), "held-out images of the run")
    names = None if train.classes is None else [train.labels[number] for number in train.classes[chosen]]
    fake = of_images(
        pixels,
        labels=names,
        intensities=_intensities(train.conditions, chosen),
        source=str(trained.checkpoint),
    )
    enough = fresh if len(fresh) >= FEWEST else None
    with progress_bar(console) as progress:
        report, media = measure(real, {GENERATED: fake}, enough, options, progress=progress)
    media = replace(media, curves=_curves(run_folder or folder))
    run = {
        "recipe": recipe.name,
        "preset": recipe.preset,
        "checkpoint": trained.checkpoint.name,
        "truncation": 1.0,
    }
    publish(report, media, folder, {"run": run}, console)
    pairs = [image for pair in report.closest for image in (pixels[pair.fake], train.images[pair.train])]
    if pairs:
        write_grid(_as_samples(np.stack(pairs)), 8, folder / "closest.png")
    return report


def _samples(data: ImageArrays, rows: slice, source: str) -> Samples:
    labels = None if data.classes is None else [data.labels[number] for number in data.classes[rows]]
    intensities = _intensities(data.conditions, rows)
    return of_images(
        data.images, labels=labels, intensities=intensities, source=source, names=data.names[rows]
    )


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


def _arrays(data: Dataset) -> ImageArrays:
    assert isinstance(data, ImageArrays)  # what the image modality opens
    return data


def _draw(train: Dataset, n: int, seed: int) -> np.ndarray:
    """``n`` indices of training samples, each at most once: their conditions are what fakes are asked for."""
    return np.random.default_rng((seed, 0)).permutation(len(train))[:n]


def _fakes(
    trained: TrainedGenerator, train: Dataset, chosen: np.ndarray, seed: int, stream: int
) -> np.ndarray:
    """uint8 [N, H, W, 3] under the conditions of the chosen training samples, without truncation."""
    conditions = _arrays(train).conditions
    given = None if conditions is None else torch.from_numpy(conditions[chosen])
    words = np.random.SeedSequence((seed, stream)).generate_state(1)
    latent = latents(trained.network, int(words[0]), range(len(chosen)))
    return to_uint8(generate(trained.network, latent, given)).numpy()


def _intensities(conditions: np.ndarray | None, rows: slice | np.ndarray) -> np.ndarray | None:
    return None if conditions is None else conditions[rows].max(1)


def _as_samples(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
