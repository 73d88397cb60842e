"""Samples in, a report out: each extractor runs once, then every metric that the samples allow."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from evaluation.catalogue import Metric
from evaluation.comparison import compare
from evaluation.estimate import Estimate
from evaluation.extractors import Progress
from evaluation.gallery import gallery
from evaluation.judge import Judge
from evaluation.measures import MEASURES, UnmeasuredError, nearest_of
from evaluation.report import GENERATED, HELD_OUT, ClosestPair, Figure, Media, Report
from evaluation.samples import Samples
from evaluation.samples.sources import as_samples
from evaluation.work import Options, Work, jobs, look

N_CLOSEST = 16


def evaluate(
    real: Any,
    fake: Any,
    *,
    modality: str | None = None,
    held_out: Any = None,
    metrics: Sequence[str] | None = None,
    features: str | Sequence[str] | None = None,
    n: int = 10_000,
    seed: int = 0,
    device: torch.device | str = "cpu",
    weights: Path | str | None = None,
    max_bad: float = 0.01,
    cache: bool = True,
    mirrored: bool = False,
    judge: Judge | None = None,
    progress: Progress | None = None,
) -> Report:
    """How good generated samples are beside real ones, whoever made them.

    ``real`` and ``fake`` are folders, arrays, tensors, iterables of batches, or ``Samples`` (which may carry labels and
    intensities); a mapping of names to sources compares several sets of fakes in pairs. ``held_out`` real samples, which
    the generator never saw, show what real data score; without them one half of the real samples is measured against the
    other. ``metrics`` are names of ``evaluation.catalogue.METRICS`` (None: all that the samples allow), ``features`` names
    of ``evaluation.extractors.catalogue.EXTRACTORS`` (None: one that needs no download). At most ``n`` samples of a set,
    drawn by ``seed``, are measured, as many of each set; memorisation looks through all real samples, and with
    ``mirrored``, for a generator that saw mirror images, also for the mirror image of each fake. ``weights`` is a file or
    folder with an extractor's weights; more than ``max_bad`` of unreadable samples is an error. ``judge`` reads emotions
    in place of one trained on the real samples. DataError or ConfigError where something does not fit.
    """
    names = (features,) if isinstance(features, str) else tuple(features or ())
    options = Options(
        metrics=None if metrics is None else tuple(metrics), features=names, n=n, seed=seed, device=device,
        weights=None if weights is None else Path(weights), max_bad=max_bad, cache=cache, mirrored=mirrored,
    )  # fmt: skip
    reference = as_samples(real, modality)
    sets = fake if isinstance(fake, Mapping) else {GENERATED: fake}
    fakes = {name: as_samples(source, reference.modality) for name, source in sets.items()}
    fresh = None if held_out is None else as_samples(held_out, reference.modality)
    return measure(reference, fakes, fresh, options, judge, progress)[0]


def measure(
    real: Samples,
    fakes: Mapping[str, Samples],
    held_out: Samples | None,
    options: Options,
    judge: Judge | None = None,
    progress: Progress | None = None,
) -> tuple[Report, Media]:
    """``evaluate``, with the samples to show beside its figures."""
    work = look(real, fakes, held_out, options, judge, progress)
    estimates = _estimates(work, progress)
    figures = tuple(
        _figure(name, subject, *estimates[name, subject], options.seed)
        for name in dict.fromkeys(name for name, _ in estimates)
        for subject in (*fakes, HELD_OUT)
        if (name, subject) in estimates
    )
    better = {name: metric.higher_is_better for (name, _), (metric, _, _) in estimates.items()}
    differences = compare({key: found for key, (_, _, found) in estimates.items()}, tuple(fakes), better)
    closest = _closest(work)
    report = Report(
        real.modality, figures, differences, tuple(fakes), work.labels, work.confusions(), closest,
        tuple(work.warnings), _facts(work),
    )  # fmt: skip
    return report, gallery(work, closest)


def _estimates(work: Work, progress: Progress | None) -> dict[tuple[str, str], tuple[Metric, str, Estimate]]:
    """(name of a figure, subject) -> its metric, its features and what was found."""
    estimates = {}
    listed = list(jobs(work))
    for done, (entry, metrics, features, evidence) in enumerate(listed):
        if progress:
            progress("measuring", done, len(listed))
        try:
            found = MEASURES[entry](evidence)
        except UnmeasuredError as reason:
            if work.options.metrics is not None:
                raise
            work.warn(str(reason))
            continue
        for metric in metrics:
            if metric.name in found:
                name = metric.named(work.real.samples.modality, features)
                estimates[name, evidence.subject] = metric, features, found[metric.name]
    return estimates


def _figure(name: str, subject: str, metric: Metric, features: str, estimate: Estimate, seed: int) -> Figure:
    interval = estimate.interval
    note = f"Interval: {interval.method}. {estimate.note}".strip()
    return Figure(
        name, estimate.value, interval.low, interval.high, estimate.n, seed, metric.higher_is_better, features,
        note, subject, metric.reading,
    )  # fmt: skip


def _closest(work: Work) -> tuple[ClosestPair, ...]:
    """For each set of fakes the pairs of fake and training sample that lie closest."""
    if work.neighbours is None:
        return ()
    pairs = []
    for subject, seen in work.fakes.items():
        nearest = nearest_of(work.neighbours, subject, seen.features[work.default.name])
        for place in np.argsort(nearest.distance, kind="stable")[:N_CLOSEST]:
            fake, train = int(seen.rows[place]), int(work.training.rows[nearest.index[place]])
            names = seen.samples.names[fake], work.training.samples.names[train]
            pairs.append(ClosestPair(fake, train, float(nearest.distance[place]), subject, *names))
    return tuple(pairs)


def _facts(work: Work) -> dict[str, Any]:
    sets = {"real": work.training, **work.fakes, **({HELD_OUT: work.held_out} if work.held_out else {})}
    extractors = {held.name: held for held in (work.default, *work.extractors)}
    judge = {} if work.judge is None else {"judge": {"name": work.judge.name, "digest": work.judge.digest}}
    return {
        "multigan": version("multigan"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "seed": work.options.seed,
        "device": str(work.options.device),
        "sources": {name: seen.samples.source for name, seen in sets.items()},
        "n": {name: len(seen.samples) for name, seen in sets.items()},
        "n measured": len(work.real),
        "skipped": {name: len(bad) for name, bad in work.skipped.items()},
        "extractors": {
            name: {"digest": held.digest, "preprocessing": held.preprocessing}
            for name, held in extractors.items()
        },
        **judge,
        "notes": [note for seen in sets.values() for note in seen.samples.notes],
    }
