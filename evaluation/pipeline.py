"""Samples in, a report out: each extractor runs once, then every metric that the samples allow."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from evaluation.classifiers.label_classifier import LabelClassifier
from evaluation.evidence import UnmeasuredError
from evaluation.extractors.protocol import Progress
from evaluation.features.subset import Subset
from evaluation.figures import GENERATED, HELD_OUT, ClosestPair, Figure, Gallery, Report
from evaluation.gallery import gallery_of
from evaluation.metrics.record import INTENSITIES, LABELS, Metric
from evaluation.options import Options
from evaluation.plan.inputs import Inputs
from evaluation.plan.jobs import jobs_of
from evaluation.plan.prepare import prepare
from evaluation.samples import SampleKind, Samples
from evaluation.sources import as_samples
from evaluation.statistics.comparison import compare
from evaluation.statistics.estimate import Estimate
from evaluation.statistics.intervals import INDEPENDENT, wilson_effective
from multigan.errors import DataError

N_CLOSEST = 16


def evaluate(
    real: Any,
    fake: Any,
    *,
    modality: str | SampleKind | None = None,
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
    classifier: LabelClassifier | None = None,
    progress: Progress | None = None,
) -> Report:
    """How good generated samples are beside real ones, whoever made them.

    ``real`` and ``fake`` are folders, arrays, tensors, iterables of batches (audio with ``rate_hz``), or ``Samples``, which
    may carry labels and intensities (``evaluation.as_samples`` makes them); a mapping of names to sources
    compares several sets of fakes in pairs. ``modality`` is a name in ``evaluation.kinds.KINDS``, a ``Kind``, or
    "package.module:ATTRIBUTE" of one; None is told from data in memory. ``held_out`` real samples, which the generator
    never saw, show what real data score; without them some of the real samples are measured beside others. ``metrics`` are
    names of ``evaluation.catalogue.METRICS`` or of the kind's own ("all": all that the samples allow; None: those of them
    that are measured by default), ``features`` names of the kind's extractors (None: one that needs no files and, where no
    metrics are named either, the small pretrained ones whose files are there). At most ``n`` samples of a set, drawn by
    ``seed``, are measured, as many of each set; memorisation looks through all real samples, and with ``mirrored``, for a
    generator that saw mirror images, also for the mirror image of each sample. ``weights`` is a file or folder with an
    extractor's weights; more than ``max_bad`` of unreadable samples is an error. ``oracle`` is the file of the network that
    wrote the real sequences (``evaluation.extractors.oracle``). ``classifier`` reads labels in place of one trained on the
    real samples. DataError or ConfigError where something does not fit.
    """
    options = Options(
        metrics=None if metrics is None else _listed(metrics), features=_listed(features), n=n, seed=seed, device=device,
        weights=None if weights is None else Path(weights), max_bad=max_bad, cache=cache, mirrored=mirrored,
        oracle=None if oracle is None else Path(oracle),
    )  # fmt: skip
    reference = _opened(real, modality, rate_hz)
    sets = fake if isinstance(fake, Mapping) else {GENERATED: fake}
    fakes = {name: _opened(source, reference.kind, rate_hz) for name, source in sets.items()}
    fresh = None if held_out is None else _opened(held_out, reference.kind, rate_hz)
    return _report(prepare(reference, fakes, fresh, options, classifier, progress), progress)


def evaluate_samples(
    real: Samples,
    fakes: Mapping[str, Samples],
    held_out: Samples | None,
    options: Options,
    classifier: LabelClassifier | None = None,
    progress: Progress | None = None,
    treated: Mapping[str, Samples] | None = None,
) -> tuple[Report, Gallery]:
    """``evaluate``, with the samples to show beside its figures.

    ``treated``: held-out real samples after some treatment, by its name. They are measured as fakes are, but for copies, and
    show how good fakes that went through it can be; nothing is said of them.
    """
    inputs = prepare(real, fakes, held_out, options, classifier, progress, treated or {})
    report = _report(inputs, progress)
    return report, gallery_of(inputs, report.closest)


def _listed(names: str | Sequence[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def _opened(source: Any, modality: str | SampleKind | None, rate_hz: int | None) -> Samples:
    """Files and ``Samples`` have their own rate; ``rate_hz`` is of arrays."""
    own = isinstance(source, (str, Path, Samples))
    return as_samples(source, modality, rate_hz=None if own else rate_hz)


@dataclass(frozen=True, eq=False)
class _Measured:
    """What a figure is made of."""

    metric: Metric
    features: str
    estimate: Estimate


_Table = dict[tuple[str, str], _Measured]
"""(name of a figure, subject) -> what it is made of."""


def _report(inputs: Inputs, progress: Progress | None) -> Report:
    table = _measured(inputs, progress)
    fakes = tuple(inputs.fakes)
    figures = tuple(
        _figure(name, subject, table[name, subject], inputs.options.seed)
        for name in dict.fromkeys(name for name, _ in table)
        for subject in (*fakes, *inputs.treated, HELD_OUT)
        if (name, subject) in table
    )
    if not figures:
        raise DataError(" ".join(["There is nothing to report.", *inputs.warnings]))
    _warn_of_sizes(inputs, table)
    closest = _closest(inputs)
    better = {name: one.metric.higher_is_better for (name, _), one in table.items()}
    differences = compare({key: one.estimate for key, one in table.items()}, fakes, better)
    return Report(
        inputs.request.kind, figures, differences, fakes, inputs.labels, inputs.confusions(), closest,
        tuple(inputs.warnings), _facts(inputs),
    )  # fmt: skip


def _measured(inputs: Inputs, progress: Progress | None) -> _Table:
    table: _Table = {}
    unmeasured, kind = set[str](), inputs.request.kind
    jobs = list(jobs_of(inputs))
    for done, job in enumerate(jobs):
        if progress:
            progress("measuring", done, len(jobs))
        subject = job.evidence.subject
        try:
            estimates = job.metrics[0].estimates(job.evidence)
        except UnmeasuredError as reason:
            if inputs.options.names_metrics and subject in inputs.fakes:
                raise
            inputs.warn(str(reason))
            continue
        except DataError as reason:  # too few samples for this metric, while others can do with them
            names = ", ".join(kind.figure_name(metric, job.features) for metric in job.metrics)
            of_real = subject not in inputs.fakes
            told = names in unmeasured or subject in inputs.treated
            if not (of_real and told):  # real samples for scale are no more than the fakes
                why = reason if of_real else f"{reason}{_said_of_n(inputs)}"
                inputs.warn(f"{names}{' of real samples' if of_real else ''} was not measured. {why}")
            unmeasured.add(names)
            continue
        for metric in job.metrics:
            if metric.name in estimates:
                name = kind.figure_name(metric, job.features)
                estimate = _of_dependent(estimates[metric.name], job.evidence.fake)
                table[name, subject] = _Measured(metric, job.features, estimate)
    if progress:
        progress("measuring", len(jobs), len(jobs))
    _warn_of_unmeasured(inputs, table)
    return table


def _said_of_n(inputs: Inputs) -> str:
    """A sentence where n, and not the samples that there are, says how many are looked at; "" elsewhere."""
    n, there = inputs.options.n, min(len(each.samples) for each in (inputs.real, *inputs.fakes.values()))
    if n >= there:
        return ""
    return f" --n {n} takes {n:,} of the {there:,} that are there; a larger one takes more."


def _of_dependent(estimate: Estimate, subset: Subset) -> Estimate:
    """An estimate whose interval takes samples as independent, with the effective n of near-copies where there are some."""
    if subset.clusters is None or estimate.interval.method != INDEPENDENT:
        return estimate
    return replace(estimate, interval=wilson_effective(estimate.value, estimate.n, estimate.left_out))


def _warn_of_sizes(inputs: Inputs, table: _Table) -> None:
    """Name the figures that depend on n and that real samples have at another n than the fakes, or all at too small an n."""
    n, first = len(inputs.real), next(iter(inputs.fakes))
    other: dict[int, list[str]] = {}
    for (name, subject), one in table.items():
        beside, n_own = table.get((name, first)), one.estimate.n
        depends = one.metric.looks_at.depends_on_n
        if subject == HELD_OUT and depends and beside is not None and n_own < beside.estimate.n:
            other.setdefault(n_own, []).append(name)
    most = max(one.estimate.n for one in table.values())
    for subject, subset in inputs.treated.items():
        if len(subset) < most:
            inputs.warn(
                f"{subject!r} is {subset.samples.source}. It has n = {len(subset):,}, the rest up to {most:,}, and "
                f"distances hang on n: for equal n measure with --n {len(subset)}."
            )
    for fewer, names in other.items():
        inputs.warn(
            f"Real samples are measured at n = {fewer:,} and the fakes at more in {', '.join(names)}: do not compare those "
            f"across columns. For equal n give --held-out, or --n {fewer}."
        )
    for metric in dict.fromkeys(one.metric for one in table.values()):
        if n < metric.wants:
            inputs.warn(
                f"{metric.name} wants about {metric.wants:,} {inputs.request.kind.noun} a side; with {n:,} compare it "
                "within this report only."
            )


def _warn_of_unmeasured(inputs: Inputs, table: _Table) -> None:
    """Say of each metric that was asked for by name and for which the samples lack something, what that is."""
    request = inputs.request
    measured = {(one.metric.name, subject) for (_, subject), one in table.items()}
    for metric in request.metrics if inputs.options.names_metrics else ():
        lacking = metric.looks_at.lacking
        if request.would_classify and not request.classifies and metric.looks_at in (LABELS, INTENSITIES):
            continue  # what is lacking is a classifier, of which there is a warning already
        if lacking and not any((metric.name, subject) in measured for subject in inputs.fakes):
            inputs.warn(f"{metric.name} was not measured: {lacking}.")


def _figure(name: str, subject: str, measured: _Measured, seed: int) -> Figure:
    metric, estimate, interval = measured.metric, measured.estimate, measured.estimate.interval
    note = f"Interval: {interval.method}. {estimate.note}".strip()
    return Figure(
        name, estimate.value, interval.low, interval.high, estimate.n, seed, metric.higher_is_better, measured.features,
        note, subject, metric.told,
    )  # fmt: skip


def _closest(inputs: Inputs) -> tuple[ClosestPair, ...]:
    """For each set of fakes the pairs of fake and training sample that lie closest."""
    if inputs.neighbours is None:
        return ()
    pairs, training = [], inputs.training
    for subject, subset in inputs.fakes.items():
        nearest = inputs.neighbours.nearest(subject, subset.features[inputs.default.name])
        n_copies = int((nearest.distance == 0).sum())
        if n_copies:
            inputs.warn(
                f"{n_copies:,} of {len(subset):,} {subject} samples are at no distance from a real one: copies."
            )
        for place in np.argsort(nearest.distance, kind="stable")[:N_CLOSEST]:
            fake, train = int(subset.rows[place]), int(training.rows[nearest.index[place]])
            names = subset.samples.names[fake], training.samples.names[train]
            pairs.append(ClosestPair(fake, train, float(nearest.distance[place]), subject, *names))
    return tuple(pairs)


def circumstances(options: Options) -> dict[str, Any]:
    """Versions, the seed and the device: what figures may hang on."""
    return {
        "multigan": version("multigan"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "seed": options.seed,
        "device": str(options.device),
    }


def _facts(inputs: Inputs) -> dict[str, Any]:
    held_out = {} if inputs.held_out is None else {HELD_OUT: inputs.held_out}
    sets = {"real": inputs.training, **inputs.fakes, **inputs.treated, **held_out}
    classifiers = () if inputs.classifier is None else (inputs.classifier,)
    own = (one.extractor for one in classifiers if one.extractor is not None)
    every = (inputs.default, *inputs.extractors, *inputs.more, *own, *inputs.models.values())
    extractors = {extractor.name: extractor for extractor in every}
    return {
        **circumstances(inputs.options),
        "sources": {name: subset.samples.source for name, subset in sets.items()},
        "n": {name: len(subset.samples) for name, subset in sets.items()},
        "n measured": len(inputs.real),
        "skipped": {name: len(bad) for name, bad in inputs.skipped.items()},
        "extractors": {
            name: {"digest": extractor.digest, "preprocessing": extractor.preprocessing}
            for name, extractor in extractors.items()
        },
        "judges": {one.name: {"digest": one.digest, "features": one.features} for one in classifiers},
        "notes": [note for subset in sets.values() for note in subset.samples.notes],
    }
