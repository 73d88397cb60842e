"""A person's pictures or sounds into the styles of a run: where the search begins, and how near what comes of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluation.catalogue import load_extractor
from evaluation.extractors.protocol import Progress, features_of
from evaluation.features.featurise import featurise
from multigan.directions import require_styles
from multigan.errors import ConfigError, DataError
from multigan.projecting import Inverted, Levels, Search, described, project, synthesised
from multigan.projections import Projection, label_means, style_shape
from multigan.protocols import DescribedDataset, Represents
from multigan.runs import data_of, has_data
from multigan.sampling import TrainedGenerator, as_file_name, condition_for, decoded
from recipes.kinds import kind_of_modality
from recipes.label_reader import LabelReader
from recipes.measure import real_samples

CANDIDATES = 512
"""Of styles that the search may begin at, for each label."""
INTENSITIES = tuple(step / 20 for step in range(5, 21))
"""That a sample is taken to have one of."""
_AT_ONCE = 16
_BLOCK = 256
_MOST_TRAINING = 50_000
_SEED = 0
_EXACT = "donot_use_mm_for_euclid_dist"


@dataclass(frozen=True)
class Near:
    """How far a sample is from another: ``values`` is the root mean square difference, of what the generator writes;
    ``features`` the Euclidean distance in the features that memorisation looks through."""

    values: float
    features: float


@dataclass(frozen=True)
class Result:
    """A person's sample [...], what the generator makes of the styles that it was projected to, and how near that is."""

    original: Tensor
    reconstruction: Tensor
    projection: Projection
    distance: Near
    nearest: Near | None
    """The training sample that is nearest by values, and the one that is nearest by features; None where not asked for."""


# ---- a person's files ----


def read_files(trained: TrainedGenerator, files: Sequence[Path]) -> Tensor:
    """[N, ...]: one sample of each file; ConfigError where a run reads no files, DataError for a file that is no sample."""
    read = trained.modality.read_sample
    if read is None:
        raise ConfigError(
            f"A run of the modality {trained.modality.name!r} reads no single files to project."
        )
    samples = []
    for path in files:
        if not path.exists():
            raise DataError(f"There is no file {path}; give pictures or sounds that exist.")
        try:
            samples.append(read(path, trained.data))
        except DataError as error:
            kind = kind_of_modality(trained.modality)
            raise DataError(
                f"{path} cannot be projected as one of the {kind.noun} that this run makes: {error}."
            ) from error
    return torch.stack(samples)


def names_of(files: Sequence[Path]) -> list[str]:
    """What the results of files are called: their names without the ending; with a number where these meet."""
    names: list[str] = []
    for path in files:
        name, number = as_file_name(path.stem), 2
        while name.lower() in (other.lower() for other in names):
            name, number = f"{as_file_name(path.stem)}-{number}", number + 1
        names.append(name)
    return names


# ---- projecting ----


def encoded(trained: TrainedGenerator, samples: Tensor) -> Tensor:
    """Samples [N, ...] on the generator's device, as it writes them."""
    network = trained.network
    samples = samples.to(next(network.parameters()).device)
    return network.representation.encode(samples) if isinstance(network, Represents) else samples


def levels_of(trained: TrainedGenerator) -> Levels | None:
    """The features that samples are compared by beside their values; None for what is encoded."""
    if trained.modality.levels is None or isinstance(trained.network, Represents):
        return None
    levels = trained.modality.levels(trained.facts.sample_shape)
    return (
        levels.to(next(trained.network.parameters()).device)
        if isinstance(levels, torch.nn.Module)
        else levels
    )


def projected(
    trained: TrainedGenerator,
    samples: Tensor,
    names: Sequence[str],
    labels: Sequence[str],
    search: Search,
    progress: Progress | None = None,
) -> list[tuple[Projection, Tensor]]:
    """The projection of each of the samples [N, ...] under its label, and the reconstruction [...]."""
    require_styles(trained.network)
    levels = levels_of(trained)
    results = []
    for first in range(0, len(samples), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        targets = encoded(trained, samples[rows])

        def told(step: int, first: int = first, n: int = len(targets)) -> None:
            if progress:
                progress("projecting", first * search.steps + n * step, len(samples) * search.steps)

        start, spread = begun(trained, targets, labels[rows], levels, search.seed)
        found = project(trained.network, targets, start, spread, search, levels, told)  # type: ignore[arg-type]
        with torch.no_grad():
            made = decoded(trained.network, synthesised(trained.network, found))
        for row in range(len(targets)):
            own, label = found.part(slice(row, row + 1)), labels[first + row]
            intensity = intensity_of(trained, own, label)
            projection = Projection(names[first + row], own, search.space, label, intensity)
            results.append((projection, made[row]))
    return results


@torch.no_grad()
def begun(
    trained: TrainedGenerator, targets: Tensor, labels: Sequence[str], levels: Levels | None, seed: int
) -> tuple[Tensor, float]:
    """Where the search for targets [N, ...] begins, [N, L, W], and the spread of styles.

    At the style, of means of the target's label and of ``CANDIDATES`` drawn under it, all at several intensities, that makes
    what is nearest to the target.
    """
    network, device = trained.network, targets.device
    n_layers, width = style_shape(trained)
    wanted = described(targets, levels)
    start = torch.zeros(len(targets), width, device=device)
    nearest = torch.full((len(targets),), torch.inf, device=device)
    lengths = []
    for label in dict.fromkeys(labels):
        styles = _candidates(trained, label, seed, device)
        lengths.append((styles - styles.mean(0)).square().sum(1))
        own = torch.tensor([row for row, other in enumerate(labels) if other == label], device=device)
        for block in styles.split(32):
            made = network.synthesis(block[:, None].expand(-1, n_layers, -1))  # type: ignore[operator]
            apart = torch.cdist(wanted[own], described(made, levels))
            best = apart.min(1)
            closer = best.values < nearest[own]
            start[own[closer]] = block[best.indices[closer]]
            nearest[own[closer]] = best.values[closer]
    return start[:, None].expand(-1, n_layers, -1).clone(), float(torch.cat(lengths).mean().sqrt())


def _candidates(trained: TrainedGenerator, label: str, seed: int, device: torch.device) -> Tensor:
    """[M, W]: styles drawn under a label ("" without labels), and the label's means."""
    network = trained.network
    latent = network.latent(CANDIDATES, torch.Generator().manual_seed(seed)).to(device)  # type: ignore[operator]
    if not label:
        drawn = network.mapping(latent, None)[:, 0]  # type: ignore[operator]
        return torch.cat([drawn.mean(0, keepdim=True), drawn])
    levels = torch.stack([condition_for(trained.facts.labels, label, level) for level in INTENSITIES]).to(
        device
    )
    conditions = levels[torch.arange(CANDIDATES) % len(levels)]
    drawn = network.mapping(latent, conditions)[:, 0]  # type: ignore[operator]
    return torch.cat([label_means(network, levels), drawn])


def intensity_of(trained: TrainedGenerator, inverted: Inverted, label: str) -> float:
    """The intensity whose mean style under the label is nearest to a projected style; 1 without labels."""
    if not label:
        return 1.0
    conditions = torch.stack([condition_for(trained.facts.labels, label, level) for level in INTENSITIES])
    means = label_means(trained.network, conditions)
    apart = (means - inverted.styles[0].mean(0).to(means.device)).square().sum(1)
    return INTENSITIES[int(apart.argmin())]


# ---- how near ----


def measured(
    trained: TrainedGenerator,
    samples: Tensor,
    pairs: Sequence[tuple[Projection, Tensor]],
    train: DescribedDataset | None,
    progress: Progress | None = None,
) -> list[Result]:
    """Projections and reconstructions of samples [N, ...] with their distances, beside those to the nearest training samples
    (``train``; None: not looked for)."""
    modality, device = trained.modality, next(trained.network.parameters()).device
    kind = kind_of_modality(modality)
    extractor = load_extractor(kind.default_features, kind, device)

    def featured(samples: Tensor) -> np.ndarray:
        return features_of(extractor, modality.media(samples, trained.data))

    made = torch.stack([reconstruction for _, reconstruction in pairs])
    targets, features = encoded(trained, samples), featured(samples)
    values = _rms(encoded(trained, made), targets)
    apart = np.linalg.norm(featured(made) - features, axis=1)
    nearest: Sequence[Near | None] = [None] * len(samples)
    if train is not None:
        rows = np.random.default_rng(_SEED).permutation(train.n_originals)[:_MOST_TRAINING]
        real = real_samples(modality.kind, train, "training samples of the run")
        theirs = featurise(real, rows, [extractor], progress=progress).features[extractor.name]
        by_features = (
            torch.cdist(torch.from_numpy(features), torch.from_numpy(np.array(theirs))).min(1).values
        )
        by_values = _nearest_values(trained, targets, train, rows, progress)
        nearest = [Near(float(one), float(other)) for one, other in zip(by_values, by_features, strict=True)]
    name = extractor.name
    results = []
    for row, (projection, reconstruction) in enumerate(pairs):
        distance = Near(float(values[row]), float(apart[row]))
        facts: dict[str, Any] = {"features": name, "distance": vars(distance)}
        if nearest[row] is not None:
            facts["nearest_training_sample"] = vars(nearest[row])
        own = replace(projection, facts={**projection.facts, **facts})
        results.append(Result(samples[row], reconstruction, own, distance, nearest[row]))
    return results


def _rms(first: Tensor, second: Tensor) -> Tensor:
    return (first - second).square().flatten(1).mean(1).sqrt()


def _nearest_values(
    trained: TrainedGenerator,
    targets: Tensor,
    train: DescribedDataset,
    rows: np.ndarray,
    progress: Progress | None,
) -> Tensor:
    """[N]: the least root mean square difference of each target from training samples, all as the generator writes them."""
    flat = targets.flatten(1)
    least = torch.full((len(flat),), torch.inf, device=flat.device)
    for first in range(0, len(rows), _BLOCK):
        real = encoded(trained, train.batch(rows[first : first + _BLOCK]).real).flatten(1)
        apart = torch.cdist(flat, real, compute_mode=_EXACT)
        least = torch.minimum(least, apart.min(1).values)
        if progress:
            progress("nearest training samples", min(first + _BLOCK, len(rows)), len(rows))
    return least / flat.shape[1] ** 0.5


def labels_read(
    trained: TrainedGenerator,
    run_folder: Path,
    samples: Tensor,
    emotion: str | None,
    progress: Progress | None,
) -> list[str]:
    """The label of each of the samples: the one that is given, or what the run's label reader reads; "" without labels."""
    known = trained.facts.labels
    if emotion is not None:
        if emotion not in known:
            condition_for(known, emotion, 1.0)  # which says what is wrong
            raise ConfigError(f"A sample has one emotion of {', '.join(known)}; {emotion!r} is a mix.")
        return [emotion] * len(samples)
    if len(known) < 2:
        return [known[0] if known else ""] * len(samples)
    kind = kind_of_modality(trained.modality)
    if kind.classifier is None or not has_data(run_folder):
        raise ConfigError(
            f"Nothing reads the labels of {run_folder}, which has no training samples that a reader could learn from: give "
            "--emotion."
        )
    reader = LabelReader(kind, run_folder, trained, progress)
    return [str(read) for read in reader.read(trained.modality.media(samples, trained.data))]


def training_data(
    trained: TrainedGenerator, run_folder: Path, progress: Progress | None
) -> DescribedDataset | None:
    """The training samples of a run; None of one that came from elsewhere without any."""
    if not has_data(run_folder):
        return None
    silent: Progress = progress or (lambda *told: None)
    return trained.modality.open_data(trained.data, data_of(run_folder), silent).train
