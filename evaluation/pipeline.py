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
from evaluation.classifiers.label_classifier import Judge
from evaluation.extractors.protocol import Progress
from evaluation.figures import GENERATED, HELD_OUT, ClosestPair, Figure, Media, Report
from evaluation.gallery import gallery
from evaluation.measures import MEASURES, UnmeasuredError, nearest_of
from evaluation.metrics.mauve import ENOUGH
from evaluation.plan.jobs import jobs
from evaluation.plan.options import Options
from evaluation.plan.sets import Work, look
from evaluation.samples import Samples
from evaluation.samples.sources import as_samples
from evaluation.statistics.comparison import compare
from evaluation.statistics.estimate import Estimate
from multigan.errors import DataError

N_CLOSEST = 16
LACKING = {
    "labels": "it needs labels of the fakes, and real samples of two labels or more",
    "intensities": "it needs labels of real samples and fakes, and fakes of several intensities",
    "probabilities": "none of the features give class probabilities",
}
"""What a metric looks at -> what there is not, where it gives nothing."""


def evaluate(
    real: Any,
    fake: Any,
    *,
    modality: str | None = None,
    rate_hz: int | None = None,
    held_out: Any = None,
    metrics: str | Sequence[str] | None = None,
    features: str | Sequence[str] | None = None,
    n: int = 10_000,
    seed: int = 0,
    device: torch.device | str = "cpu",
    weights: Path | str | None = None,
    max_bad: float = 0.01,
    cache: bool = True,
    mirrored: bool = False,
    oracle: Path | str | None = None,
    judge: Judge | None = None,
    progress: Progress | None = None,
) -> Report:
    """How good generated samples are beside real ones, whoever made them.

    ``real`` and ``fake`` are folders, arrays, tensors, iterables of batches (audio with ``rate_hz``), or ``Samples``, which
    may carry labels and intensities (``evaluation.samples.sources.as_samples`` makes them); a mapping of names to sources
    compares several sets of fakes in pairs. ``held_out`` real samples, which the generator never saw, show what real data
    score; without them some of the real samples are measured beside others. ``metrics`` are names of
    ``evaluation.catalogue.METRICS`` (None: all that the samples allow), ``features`` names of
    ``evaluation.extractors.catalogue.EXTRACTORS`` (None: one that needs no download). At most ``n`` samples of a set,
    drawn by ``seed``, are measured, as many of each set; memorisation looks through all real samples, and with
    ``mirrored``, for a generator that saw mirror images, also for the mirror image of each sample. ``weights`` is a file or
    folder with an extractor's weights; more than ``max_bad`` of unreadable samples is an error. ``oracle`` is the
    file of the network that wrote the real sequences (``evaluation.extractors.oracle``). ``judge`` reads emotions in place
    of one trained on the real samples. DataError or ConfigError where something does not fit.
    """
    options = Options(
        metrics=None if metrics is None else _listed(metrics), features=_listed(features), n=n, seed=seed, device=device,
        weights=None if weights is None else Path(weights), max_bad=max_bad, cache=cache, mirrored=mirrored,
        oracle=None if oracle is None else Path(oracle),
    )  # fmt: skip
    reference = _opened(real, modality, rate_hz)
    sets = fake if isinstance(fake, Mapping) else {GENERATED: fake}
    fakes = {name: _opened(source, reference.modality, rate_hz) for name, source in sets.items()}
    fresh = None if held_out is None else _opened(held_out, reference.modality, rate_hz)
    return _report(look(reference, fakes, fresh, options, judge, progress), progress)


def _listed(names: str | Sequence[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def _opened(source: Any, modality: str | None, rate_hz: int | None) -> Samples:
    """Files and ``Samples`` have their own rate; ``rate_hz`` is of arrays."""
    own = isinstance(source, (str, Path, Samples))
    return as_samples(source, modality, rate_hz=None if own else rate_hz)


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
    report = _report(work, progress)
    return report, gallery(work, report.closest)


def _report(work: Work, progress: Progress | None) -> Report:
    estimates = _estimates(work, progress)
    fakes = tuple(work.fakes)
    figures = tuple(
        _figure(name, subject, *estimates[name, subject], work.options.seed)
        for name in dict.fromkeys(name for name, _ in estimates)
        for subject in (*fakes, HELD_OUT)
        if (name, subject) in estimates
    )
    if not figures:
        raise DataError(" ".join(["There is nothing to report.", *work.warnings]))
    _warn_of_sizes(work, estimates)
    closest = _closest(work)
    better = {name: metric.higher_is_better for (name, _), (metric, _, _) in estimates.items()}
    differences = compare({key: found for key, (_, _, found) in estimates.items()}, fakes, better)
    return Report(
        work.real.samples.modality, figures, differences, fakes, work.labels, work.confusions(), closest,
        tuple(work.warnings), _facts(work),
    )  # fmt: skip


def _estimates(work: Work, progress: Progress | None) -> dict[tuple[str, str], tuple[Metric, str, Estimate]]:
    """(name of a figure, subject) -> its metric, its features and what was found."""
    estimates, unmeasured = {}, set[str]()
    listed = list(jobs(work))
    for done, (entry, metrics, features, evidence) in enumerate(listed):
        if progress:
            progress("measuring", done, len(listed))
        try:
            found = MEASURES[entry](evidence)
        except UnmeasuredError as reason:
            if work.options.metrics is not None and evidence.subject != HELD_OUT:
                raise
            work.warn(str(reason))
            continue
        except DataError as reason:  # too few samples for this metric, while others can do with them
            names = ", ".join(metric.named(work.real.samples.modality, features) for metric in metrics)
            of_real = evidence.subject == HELD_OUT
            if not (of_real and names in unmeasured):  # real samples for scale are no more than the fakes
                work.warn(f"{names}{' of real samples' if of_real else ''} was not measured. {reason}")
            unmeasured.add(names)
            continue
        for metric in metrics:
            if metric.name in found:
                name = metric.named(work.real.samples.modality, features)
                estimates[name, evidence.subject] = metric, features, found[metric.name]
    if progress:
        progress("measuring", len(listed), len(listed))
    _warn_of_unmeasured(work, estimates)
    return estimates


def _warn_of_sizes(work: Work, estimates: Mapping[tuple[str, str], tuple[Metric, str, Estimate]]) -> None:
    """Name the figures that real samples have at another n than the fakes, though they depend on it."""
    n, first = len(work.real), next(iter(work.fakes))
    other: dict[int, list[str]] = {}
    for (name, subject), (metric, _, found) in estimates.items():
        beside = estimates.get((name, first))
        depends = metric.looks_at in ("features", "probabilities", "samples")
        if subject == HELD_OUT and depends and beside is not None and found.n < beside[2].n:
            other.setdefault(found.n, []).append(name)
    for fewer, names in other.items():
        work.warn(
            f"Real samples are measured at n = {fewer:,} and the fakes at more in {', '.join(names)}: do not compare those "
            f"across columns. For equal n give --held-out, or --n {fewer}."
        )
    if any(metric.measured_by == "mauve" for metric, _, _ in estimates.values()) and n < ENOUGH:
        work.warn(
            f"MAUVE wants about {ENOUGH:,} texts a side; with {n:,} compare it within this report only."
        )


def _warn_of_unmeasured(
    work: Work, estimates: Mapping[tuple[str, str], tuple[Metric, str, Estimate]]
) -> None:
    """Say of each metric that was asked for by name and for which the samples lack something, what that is."""
    measured = {(metric.name, subject) for (_, subject), (metric, _, _) in estimates.items()}
    for metric in work.metrics if work.options.metrics is not None else ():
        if metric.looks_at in LACKING and not any(
            (metric.name, subject) in measured for subject in work.fakes
        ):
            work.warn(f"{metric.name} was not measured: {LACKING[metric.looks_at]}.")


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
        n_copies = int((nearest.distance == 0).sum())
        if n_copies:
            work.warn(
                f"{n_copies:,} of {len(seen):,} {subject} samples are at no distance from a real one: copies."
            )
        for place in np.argsort(nearest.distance, kind="stable")[:N_CLOSEST]:
            fake, train = int(seen.rows[place]), int(work.training.rows[nearest.index[place]])
            names = seen.samples.names[fake], work.training.samples.names[train]
            pairs.append(ClosestPair(fake, train, float(nearest.distance[place]), subject, *names))
    return tuple(pairs)


def _facts(work: Work) -> dict[str, Any]:
    sets = {"real": work.training, **work.fakes, **({HELD_OUT: work.held_out} if work.held_out else {})}
    judges = () if work.judge is None else (work.judge,)
    own = (judge.extractor for judge in judges if judge.extractor is not None)
    every = (work.default, *work.extractors, *work.more, *own, *work.models.values())
    extractors = {held.name: held for held in every}
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
        "judges": {judge.name: {"digest": judge.digest, "features": judge.features} for judge in judges},
        "notes": [note for seen in sets.values() for note in seen.samples.notes],
    }
