"""How good a run's images are: the figure that chooses its checkpoint, and the report at its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from evaluation.evaluate import FEWEST, evaluate_images
from evaluation.extractors.emotion_classifier import EmotionClassifier, cached_classifier
from evaluation.extractors.random_features import RandomFeatures
from evaluation.metrics.frechet import frechet_distance
from evaluation.report import Report
from evaluation.report.json import to_json
from evaluation.report.table import print_table
from evaluation.statistics import moments
from multigan.checkpoint import write_text
from multigan.errors import DataError
from multigan.image.cache import cache_root
from multigan.image.data import ImageArrays
from multigan.image.modality import to_uint8, write_grid
from multigan.modality import Dataset, Splits
from multigan.sampling import TrainedGenerator, generate, latents
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
    trained: TrainedGenerator, splits: Splits, folder: Path, recipe: RecipeSettings, console: Console
) -> Report:
    """Evaluate the run against its data; write ``report.json`` and ``closest.png``, and print the table."""
    train, held_out, seed = _arrays(splits.train), _arrays(splits.held_out), recipe.seed
    device = next(trained.network.parameters()).device
    chosen = _draw(train, recipe.evaluation.n, seed)
    fake = _fakes(trained, train, chosen, seed, _EVALUATION_SEED)
    n = len(train.images)
    console.print("Evaluating: training (or recalling) the classifier, then measuring.")
    report = evaluate_images(
        train.images,
        None if train.classes is None else train.classes[:n],
        held_out.images,
        held_out.classes,
        fake,
        None if train.classes is None else train.classes[chosen],
        labels=train.labels,
        real_train_intensities=_intensities(train.conditions, slice(n)),
        held_out_intensities=_intensities(held_out.conditions, slice(None)),
        fake_intensities=_intensities(train.conditions, chosen),
        classifier=_classifier(train, device),
        mirrored=train.mirror,
        seed=seed,
        device=device,
    )
    provenance = {
        "recipe": recipe.name,
        "preset": recipe.preset,
        "checkpoint": trained.checkpoint.name,
        "truncation": 1.0,
    }
    content: dict[str, Any] = {**to_json(report), "run": provenance}
    write_text(folder / "report.json", json.dumps(content, indent=2) + "\n")
    pairs = np.stack([np.stack((fake[pair.fake], train.images[pair.train])) for pair in report.closest])
    write_grid(_as_samples(pairs.reshape(-1, *fake.shape[1:])), 8, folder / "closest.png")
    print_table(report, console)
    return report


def _classifier(train: ImageArrays, device: torch.device) -> EmotionClassifier | None:
    if train.classes is None:
        return None
    folder, n = cache_root() / "classifiers", len(train.images)
    return cached_classifier(
        folder, train.digest, train.images, train.classes[:n], len(train.labels), device=device
    )


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
