"""Each fake beside the real sample of the same name, which it should be: super-resolution, restoration, translation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evaluation.deferred import resolved
from evaluation.evidence import Evidence, UnmeasuredError
from evaluation.extractors.protocol import Progress
from evaluation.features.subset import Subset
from evaluation.figures import HELD_OUT, Example, Figure, Gallery, Report
from evaluation.kinds import Kind, all_kinds, kind_of
from evaluation.metrics.record import PairMetric
from evaluation.options import FEWEST, Options
from evaluation.pipeline import circumstances
from evaluation.samples import Samples
from evaluation.statistics.comparison import compare
from evaluation.statistics.estimate import Estimate, left_out_means, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import ConfigError, DataError
from multigan.reading.files import named

N_SHOWN = 8


def evaluate_pairs(
    real: Samples, fakes: Mapping[str, Samples], options: Options, progress: Progress | None = None
) -> tuple[Report, Gallery]:
    """How near each fake comes to the real sample of the same name: means over pairs, with intervals.

    At most ``options.n`` pairs, drawn by its seed; the same ones of every set, so that sets are compared in pairs.
    ConfigError for kinds that have no such metrics; DataError where a name has no partner, contents differ in size, or
    more than ``options.max_bad`` of the pairs cannot be read.
    """
    kind = kind_of(real.kind)
    if not kind.pair_metrics:
        owners = " or ".join(other.noun for other in all_kinds() if other.pair_metrics)
        raise ConfigError(f"Pairs are of {owners}, and the samples are {kind.noun}: leave out --paired.")
    rows = _rows(real, fakes)
    order = np.random.default_rng([options.seed, 0]).permutation(len(real))[: options.n]
    warnings: list[str] = []
    metrics = _measurable(kind, options, real, warnings)
    values, good = _values(real, fakes, rows, order, metrics, options, warnings, progress)
    estimates = {
        (metric.name, subject): _mean(values[subject][:, place])
        for place, (metric, _) in enumerate(metrics)
        for subject in fakes
    }
    figures = tuple(
        Figure(
            metric.name, one.value, one.interval.low, one.interval.high, one.n, options.seed, metric.higher_is_better,
            "", f"Interval: {one.interval.method}. {metric.note}", subject, metric.reading,
        )
        for metric, _ in metrics
        for subject in fakes
        for one in [estimates[metric.name, subject]]
    )  # fmt: skip
    better = {metric.name: metric.higher_is_better for metric, _ in metrics}
    sets = {"real": real, **fakes}
    facts = {
        **circumstances(options),
        "sources": {name: samples.source for name, samples in sets.items()},
        "n": {name: len(samples) for name, samples in sets.items()},
        "n measured": len(good),
        "extractors": {model.name: {"digest": model.digest} for _, model in metrics if model is not None},
        "notes": [note for samples in sets.values() for note in samples.notes],
    }
    names = tuple(fakes)
    report = Report(
        kind, figures, compare(estimates, names, better), names, (), {}, (), tuple(warnings), facts
    )
    shown = {
        subject: tuple(Example(samples.read(row), samples.names[row]) for row in map(int, places))
        for subject, samples, places in (
            (HELD_OUT, real, good[:N_SHOWN]),
            *((name, samples, rows[name][good[:N_SHOWN]]) for name, samples in fakes.items()),
        )
    }
    return report, Gallery(shown)


def _rows(real: Samples, fakes: Mapping[str, Samples]) -> dict[str, np.ndarray]:
    """Of each set: the row [N] that has the name of each real sample. DataError where a name has no partner."""
    if len(real) < FEWEST:
        raise DataError(
            f"There are {len(real)} real samples; an evaluation needs {FEWEST} or more. Add some."
        )
    found = {}
    for subject, samples in fakes.items():
        place = {name: row for row, name in enumerate(samples.names)}
        alone = {
            f"of {real.source or 'the real samples'}": [name for name in real.names if name not in place],
            f"of {samples.source or subject}": sorted(set(place) - set(real.names)),
        }
        lacking = [f"{len(names)} {where} ({named(names)})" for where, names in alone.items() if names]
        if lacking:
            raise DataError(
                f"Pairs have the same file names, and some have no partner: {' and '.join(lacking)}. "
                "Rename or remove these, or leave out --paired."
            )
        found[subject] = np.array([place[name] for name in real.names])
    return found


def _measurable(
    kind: Kind, options: Options, real: Samples, warnings: list[str]
) -> list[tuple[PairMetric, Any]]:
    """The metrics whose models are there, each with its model; a warning for the others."""
    nothing = Subset(real, np.arange(0), {})
    evidence = Evidence("", nothing, nothing, nothing, None, options=options)
    metrics = []
    for metric in kind.pair_metrics:
        try:
            model = None if metric.model is None else evidence.model(kind.record(metric.model), metric.name)
            metrics.append((metric, model))
        except UnmeasuredError as reason:
            warnings.append(str(reason))
    return metrics


def _values(
    real: Samples, fakes: Mapping[str, Samples], rows: Mapping[str, np.ndarray], order: np.ndarray,
    metrics: list[tuple[PairMetric, Any]], options: Options, warnings: list[str], progress: Progress | None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:  # fmt: skip
    """Set -> [n, metrics] of each pair that can be read in every set, and the rows [n] of their real samples."""
    kind = kind_of(real.kind)
    values: dict[str, list[list[float]]] = {subject: [] for subject in fakes}
    good: list[int] = []
    bad: list[str] = []
    for done, row in enumerate(map(int, order)):
        if progress:
            progress("measuring pairs", done, len(order))
        try:
            target = real.read(row)
            contents = {name: samples.read(int(rows[name][row])) for name, samples in fakes.items()}
        except DataError as error:
            bad.append(f"{real.names[row]} ({error})")
            continue
        good.append(row)
        for subject, content in contents.items():
            try:
                if kind.check_pair is not None:
                    kind.check_pair(target, content)
                each = [float(resolved(metric.measure)(target, content, model)) for metric, model in metrics]
            except DataError as error:
                where = f"{real.names[row]} of {fakes[subject].source or subject}"
                raise DataError(
                    f"{where} is no pair of the real one: {str(error).rstrip('.')}. Resize it."
                ) from error
            values[subject].append(each)
    if progress:
        progress("measuring pairs", len(order), len(order))
    if len(bad) > options.max_bad * len(order):
        raise DataError(
            f"More than --max-bad ({100 * options.max_bad:g}%) of the pairs cannot be read: {named(bad)}. "
            "Mend or remove them, or raise --max-bad."
        )
    if len(good) < FEWEST:
        raise DataError(
            f"Only {len(good)} pairs can be read; an evaluation needs {FEWEST} or more. Add some."
        )
    if bad:
        warnings.append(f"{len(bad)} of the pairs could not be read and were skipped: {named(bad)}.")
    return {subject: np.array(each) for subject, each in values.items()}, np.array(good)


def _mean(values: np.ndarray) -> Estimate:
    value, without = float(values.mean()), left_out_means(values, n_groups_of(len(values)))
    return Estimate(value, without, jackknife(value, without), len(values))
